"""Firms with evidence, as the rooms themselves write it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from registry.evidence.catalogue import KINDS
from registry.evidence.services import EvidenceDraft, confirm_whole, save
from registry.fields import Value
from registry.permissions import Actor, Role
from tests.conftest import PROVINCE

Show = Callable[..., None]


@pytest.fixture
def show(session: Session, make_actor: Callable[..., Actor]) -> Show:
    """show(firm, kind, **values): one item of evidence; show(firm, kind, is_whole=True)."""

    def make(firm: int, key: str, *, is_whole: bool = False, **values: Value) -> None:
        kind = KINDS[key]
        role = Role.REVIEW if kind.by_reviewers else Role.ENTRY
        actor = make_actor(role, PROVINCE)
        if values:
            save(session, actor, [EvidenceDraft(kind=kind, enterprise_id=firm, values=values)])
        if is_whole:
            confirm_whole(session, actor, firm, kind, is_whole=True)
        session.commit()

    return make
