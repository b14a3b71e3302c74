"""Registering, correcting and deleting evidence, and saying that a list is complete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.evidence.catalogue import KINDS
from registry.evidence.models import EvidenceItem
from registry.evidence.queries import list_items, whole_lists
from registry.evidence.services import EvidenceDraft, confirm_whole, delete, review, save
from registry.fields import Value
from registry.permissions import Actor, Role
from tests.conftest import OTHER_COUNTY

Make = Callable[..., int]
Person = Callable[..., Actor]


@pytest.fixture
def firm(make_enterprise: Make) -> int:
    return make_enterprise(name="兰州精密制造有限公司")


def _patent(firm: int, **changes: Value | None) -> EvidenceDraft:
    values: dict[str, Value | None] = {
        "kind": "invention",
        "number": "ZL 2023 1 0000001.X",
        "name": "一种机床",
        "granted_on": date(2024, 5, 1),
    }
    kind = KINDS["intellectual_property"]
    return EvidenceDraft(kind=kind, enterprise_id=firm, values={**values, **changes})


def _only(session: Session) -> EvidenceItem:
    session.expire_all()
    return session.scalars(select(EvidenceItem)).one()


def test_an_item_is_found_again_by_its_identity(
    session: Session, make_actor: Person, firm: int
) -> None:
    actor = make_actor()
    assert save(session, actor, [_patent(firm)]).created == 1
    assert save(session, actor, [_patent(firm, number="zl2023 10000001.x")]).changed == 1
    assert save(session, actor, [_patent(firm, number="zl2023 10000001.x")]).unchanged == 1
    assert save(session, actor, [_patent(firm, number="ZL2")]).created == 1
    assert len(list_items(session, actor.scope, firm, "intellectual_property")) == 2


def test_what_is_kept_is_exact_and_told_in_the_audit(
    session: Session, make_actor: Person, firm: int
) -> None:
    values: dict[str, Value | None] = {
        "investor": "某基金",
        "amount": Decimal("1200.5"),
        "paid_on": date(2025, 3, 1),
    }
    draft = EvidenceDraft(kind=KINDS["equity_financing"], enterprise_id=firm, values=values)
    save(session, make_actor(), [draft])
    item = _only(session)
    assert item.content == {"investor": "某基金", "amount": 1_200_500_000, "paid_on": "2025-03-01"}
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.object_label == "兰州精密制造有限公司 · 股权融资 · 某基金 2025-03-01"
    assert entry.changes["amount"] == [None, "1200.5"]


def test_a_firm_has_one_record_of_a_single_kind(
    session: Session, make_actor: Person, firm: int
) -> None:
    kind = KINDS["compliance"]
    said: tuple[dict[str, Value | None], ...] = (
        {"had_tax_evasion": False},
        {"had_violation": True},
    )
    for values in said:
        save(session, make_actor(), [EvidenceDraft(kind=kind, enterprise_id=firm, values=values)])
    assert _only(session).content == {"had_tax_evasion": False, "had_violation": True}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": None}, "证书号未填"),
        ({"own": True, "transferred_on": date(2024, 1, 1)}, "没有转让取得日期"),
        ({"holder_rank": 0}, "应从 1 起"),
    ],
)
def test_wrong_items_are_refused(
    session: Session, make_actor: Person, firm: int, changes: dict[str, Value], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        save(session, make_actor(), [_patent(firm, **changes)])
    assert session.scalar(select(EvidenceItem)) is None


def test_a_patent_older_than_its_firm_is_asked_about(
    session: Session, make_actor: Person, make_enterprise: Make
) -> None:
    young = make_enterprise(founded_on=date(2024, 6, 1))
    (issues,) = review(session, make_actor(), [_patent(young)])
    assert [(issue.code, issue.blocking) for issue in issues] == [
        ("granted_before_founding", False)
    ]


def test_an_item_cannot_be_renamed_into_another(
    session: Session, make_actor: Person, firm: int
) -> None:
    actor = make_actor()
    save(session, actor, [_patent(firm), _patent(firm, number="ZL2")])
    first = list_items(session, actor.scope, firm, "intellectual_property")[0]
    twin = next(
        one
        for one in list_items(session, actor.scope, firm, "intellectual_property")
        if one.id != first.id
    )
    draft = _patent(firm, number=twin.content["number"])
    with pytest.raises(Invalid, match="已登记"):
        save(session, actor, [replace(draft, item_id=first.id)])


def test_a_stale_page_and_a_double_click_are_refused(
    session: Session, make_actor: Person, firm: int
) -> None:
    actor = make_actor()
    save(session, actor, [_patent(firm)])
    item = _only(session)
    for seen, error in ((0, Invalid), (item.version + 1, Conflict)):
        draft = replace(_patent(firm, name="改名"), seen_version=seen)
        with pytest.raises(error):
            save(session, actor, [draft])


def test_other_regions_and_wrong_roles_write_nothing(
    session: Session, make_actor: Person, make_enterprise: Make, firm: int
) -> None:
    elsewhere = make_enterprise(region_code=OTHER_COUNTY)
    with pytest.raises(NotFound):
        save(session, make_actor(), [_patent(elsewhere)])
    judged = EvidenceDraft(
        kind=KINDS["judgements"], enterprise_id=firm, values={"is_key_link": True}
    )
    with pytest.raises(Forbidden):
        save(session, make_actor(), [judged])
    with pytest.raises(Forbidden):
        save(session, make_actor(role=Role.REVIEW), [_patent(firm)])
    assert save(session, make_actor(role=Role.REVIEW), [judged]).created == 1


def test_deleting_needs_the_version_seen(session: Session, make_actor: Person, firm: int) -> None:
    actor = make_actor()
    save(session, actor, [_patent(firm)])
    item = _only(session)
    with pytest.raises(Conflict):
        delete(session, actor, item.id, seen_version=9, reason="误录")
    delete(session, actor, item.id, seen_version=item.version, reason="误录")
    assert not list_items(session, actor.scope, firm, "intellectual_property")


def test_a_list_is_called_complete_and_open_again(
    session: Session, make_actor: Person, firm: int
) -> None:
    actor, kind = make_actor(), KINDS["awards"]
    for is_whole in (True, True, False, True):
        confirm_whole(session, actor, firm, kind, is_whole=is_whole)
        session.expire_all()
        assert (kind.key in whole_lists(session, firm)) is is_whole
    with pytest.raises(Invalid, match="不是清单"):
        confirm_whole(session, actor, firm, KINDS["product"], is_whole=True)
