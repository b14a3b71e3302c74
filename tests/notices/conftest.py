"""Cases that have passed, and the steps of a notice with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Application, Round
from registry.applications.workflow import State
from registry.notices import services
from registry.notices.announcing import AnnouncementDraft
from registry.notices.models import NoticeEntry, PublicNotice
from registry.notices.queries import list_entries
from registry.notices.services import NoticeDraft
from registry.permissions import Actor, Role
from tests.applications.conftest import MakeCase, make_case, make_round
from tests.conftest import PROVINCE

__all__ = ["make_case", "make_round"]

MakePassed = Callable[..., list[Application]]
MakeNotice = Callable[..., PublicNotice]


@pytest.fixture
def province(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor(Role.REVIEW, PROVINCE)


@pytest.fixture
def make_passed(make_case: MakeCase, make_enterprise: Callable[..., int]) -> MakePassed:
    """make_passed(round, *regions) -> a case that has passed for a firm in each, committed."""

    def make(round_: Round, *regions: str) -> list[Application]:
        return [
            make_case(round_, make_enterprise(region_code=region), State.PASSED)
            for region in regions
        ]

    return make


@pytest.fixture
def make_notice(session: Session, province: Actor) -> MakeNotice:
    """make_notice(cases, working_days=…, …) -> a notice of them that begins today, committed."""

    def make(cases: Sequence[Application], **given: Any) -> PublicNotice:
        notice = services.publish(session, province, cases[0].round_id, draft(**given), seen(cases))
        session.commit()
        return notice

    return make


def seen(cases: Sequence[Application]) -> list[tuple[int, int]]:
    return [(case.id, case.version) for case in cases]


def draft(**given: Any) -> NoticeDraft:
    usual: dict[str, Any] = {
        "name": "专精特新企业名单公示",
        "text": "现予公示。",
        "first_on": clock.today(),
        "working_days": 5,
    }
    return NoticeDraft(**(usual | given))


def document(**given: Any) -> AnnouncementDraft:
    usual: dict[str, Any] = {
        "document_no": "甘工信发〔2026〕88号",
        "announced_on": clock.today(),
        "batch": "第八批",
        "valid_from": clock.today(),
    }
    return AnnouncementDraft(**(usual | given))


def entries_of(session: Session, actor: Actor, notice: PublicNotice) -> list[NoticeEntry]:
    return list(list_entries(session, actor.scope, notice.id))


def day_after(notice: PublicNotice) -> date:
    return notice.last_on + timedelta(days=1)
