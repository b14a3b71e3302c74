"""A title that a round has granted: what desks below the province can still do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict, Forbidden, Invalid
from registry.fields import Value
from registry.notices import announcing
from registry.permissions import Actor, Role
from registry.recognitions import lifecycle
from registry.recognitions import services as recognitions
from registry.recognitions.catalogue import EndKind
from registry.recognitions.lifecycle import Ending
from registry.recognitions.models import Recognition
from registry.recognitions.services import RecognitionDraft
from tests.applications.conftest import MakeRound
from tests.conftest import CITY, COUNTY, PROVINCE
from tests.notices.conftest import MakeNotice, MakePassed, day_after, document
from tests.support.people import Browser


@pytest.fixture
def granted(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> Recognition:
    with time_machine.travel("2026-03-09 10:00+08:00", tick=False):
        notice = make_notice(make_passed(make_round(), COUNTY))
    with time_machine.travel(f"{day_after(notice)}T10:00:00+08:00", tick=False):
        given = document()
        announcing.announce(session, province, notice.id, given, seen_version=notice.version)
        session.commit()
    return session.scalars(select(Recognition)).one()


def change(session: Session, actor: Actor, granted: Recognition, key: str, value: Value) -> None:
    draft = RecognitionDraft(
        enterprise_id=granted.enterprise_id,
        recognition_id=granted.id,
        values={key: value},
        note="更正",
    )
    recognitions.save(session, actor, [draft])


@pytest.mark.parametrize("region", [COUNTY, CITY])
def test_desks_below_the_province_add_its_certificate_and_change_nothing_else(
    session: Session, make_actor: Callable[..., Actor], granted: Recognition, region: str
) -> None:
    desk = make_actor(Role.ENTRY, region)
    later = date(2035, 1, 1)
    with pytest.raises(Invalid, match="公告认定") as refused:
        change(session, desk, granted, "valid_to", later)
    assert list(refused.value.fields) == ["valid_to"]
    session.rollback()
    change(session, desk, granted, "certificate_no", "甘专精特新 0001")
    session.commit()
    session.refresh(granted)
    assert (granted.certificate_no, granted.valid_to != later) == ("甘专精特新 0001", True)


def test_only_the_province_corrects_and_ends_it_and_nobody_deletes_it(
    session: Session, make_actor: Callable[..., Actor], granted: Recognition
) -> None:
    county, province = make_actor(Role.ENTRY, COUNTY), make_actor(Role.ENTRY, PROVINCE)
    given_up = Ending(kind=EndKind.WITHDRAWN, ended_on=clock.today(), reason="企业书面放弃")
    with pytest.raises(Forbidden, match="公告认定"):
        lifecycle.end(session, county, granted.id, given_up, seen_version=1)
    for desk in (county, province):
        with pytest.raises(Conflict, match="不能删除"):
            lifecycle.delete(session, desk, granted.id, seen_version=1, reason="误录")
    change(session, province, granted, "batch", "第九批")
    session.commit()
    session.refresh(granted)
    lifecycle.end(session, province, granted.id, given_up, seen_version=granted.version)
    session.commit()
    with pytest.raises(Forbidden, match="公告认定"):
        lifecycle.reinstate(
            session, county, granted.id, seen_version=granted.version, reason="误办"
        )


def test_a_county_is_told_on_the_page_what_it_may_not_do(
    client_as: Callable[..., Browser], granted: Recognition
) -> None:
    client = client_as(Role.ENTRY, COUNTY)
    page = client.get(f"/recognitions/{granted.id}").get_data(as_text=True)
    assert "公告认定" in page
    assert f"/recognitions/{granted.id}/edit" in page
    assert f"/recognitions/{granted.id}/end" not in page
    assert f"/recognitions/{granted.id}/delete" not in page
    assert client.get(f"/recognitions/{granted.id}/end").status_code == 403
    form = client.get(f"/recognitions/{granted.id}/edit").get_data(as_text=True)
    assert "有误请报省级更正" in form
