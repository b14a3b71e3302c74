"""Setting targets, and loading the shipped ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.errors import Conflict, Forbidden, Invalid
from registry.permissions import Actor, Role
from registry.policy.rulesets import Evidence
from registry.targets import loading
from registry.targets.catalogue import OTHER, Comparison
from registry.targets.models import Target
from registry.targets.queries import list_targets, targets_of_year
from registry.targets.services import TargetDraft, change, create, delete
from tests.conftest import CITY, COUNTY, PROVINCE

MakeActor = Callable[..., Actor]
DRAFT = TargetDraft(
    key="rd_stat_ratio",
    year=2030,
    value=Decimal("0.02"),
    source="测试文件〔2026〕1号",
    evidence=Evidence.OFFICIAL,
)


@pytest.fixture
def official(make_actor: MakeActor) -> Actor:
    return make_actor(Role.REVIEW, PROVINCE)


@pytest.fixture
def no_targets(session: Session) -> None:
    """The database of a test may carry the shipped ones already."""
    for target in session.scalars(select(Target)):
        session.delete(target)
    session.commit()


def _last_entry(session: Session) -> AuditEntry:
    return (
        session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first() or AuditEntry()
    )


@pytest.mark.usefixtures("no_targets")
def test_the_shipped_targets_of_2025(session: Session) -> None:
    assert loading.load(session) == 16
    targets = targets_of_year(session, 2025)
    rd = targets["rd_stat_ratio"]
    assert (rd.value, rd.value_text, rd.is_computed) == (Decimal("0.015"), "1.5%", True)
    assert "2022年12月19日" in rd.source
    assert not rd.is_checked
    assert targets["new_product_ratio"].value == Decimal("0.15")
    counts = [targets[f"count_{title}"] for title in ("innovative_sme", "srdi_sme", "little_giant")]
    assert [target.value_text for target in counts] == ["2,000 家", "700 家", "100 家"]
    energy = targets["energy_intensity"]
    assert (energy.statement, energy.is_computed) == ("下降 13.5%", False)


@pytest.mark.usefixtures("no_targets")
def test_loading_again_adds_nothing(session: Session) -> None:
    loading.load(session)
    assert loading.load(session) == 0


@pytest.mark.usefixtures("no_targets")
def test_loading_keeps_what_was_edited_and_deleted(session: Session, official: Actor) -> None:
    loading.load(session)
    session.commit()
    edited = targets_of_year(session, 2025)["rd_stat_ratio"]
    draft = replace(DRAFT, year=2025, value=Decimal("0.018"))
    change(session, official, edited.id, draft, seen_version=edited.version)
    gone = targets_of_year(session, 2025)["key_chains"]
    delete(session, official, gone.id, seen_version=gone.version, reason="不再使用")
    assert loading.load(session) == 0
    kept = targets_of_year(session, 2025)
    assert kept["rd_stat_ratio"].value == Decimal("0.018")
    assert "key_chains" not in kept


@pytest.mark.usefixtures("no_targets")
def test_a_year_without_a_target_has_none(session: Session) -> None:
    loading.load(session)
    assert targets_of_year(session, 2026) == targets_of_year(session, 2024) == {}


def test_setting_is_audited(session: Session, official: Actor) -> None:
    target = create(session, official, DRAFT)
    entry = _last_entry(session)
    assert (entry.action, entry.object_label) == ("create", target.name)
    assert entry.changes["value"] == [None, "2"]
    change(
        session,
        official,
        target.id,
        replace(DRAFT, value=Decimal("0.025")),
        seen_version=target.version,
    )
    assert _last_entry(session).changes == {"value": ["2", "2.5"]}


def test_an_equal_change_changes_nothing(session: Session, official: Actor) -> None:
    target = create(session, official, DRAFT)
    change(session, official, target.id, DRAFT, seen_version=1)
    session.flush()
    assert target.version == 1


def test_a_stale_page_is_refused(session: Session, official: Actor) -> None:
    target = create(session, official, DRAFT)
    other = replace(DRAFT, value=Decimal("0.03"))
    change(session, official, target.id, other, seen_version=1)
    with pytest.raises(Conflict):
        change(session, official, target.id, DRAFT, seen_version=1)
    with pytest.raises(Conflict):
        delete(session, official, target.id, seen_version=1, reason="重复")


def test_one_target_for_a_subject_and_year(session: Session, official: Actor) -> None:
    create(session, official, DRAFT)
    with pytest.raises(Invalid) as refused:
        create(session, official, DRAFT)
    assert "year" in refused.value.fields
    create(session, official, replace(DRAFT, year=2029))


def test_another_subject_needs_a_name_and_a_unit(session: Session, official: Actor) -> None:
    draft = replace(DRAFT, key=OTHER, comparison=Comparison.REDUCTION)
    with pytest.raises(Invalid) as refused:
        create(session, official, draft)
    assert set(refused.value.fields) == {"label", "unit"}
    target = create(session, official, replace(draft, label="单位面积能耗", unit="%"))
    assert (target.statement, target.is_computed) == ("下降 2%", False)
    assert list_targets(session)[0][1][-1] is target


@pytest.mark.parametrize(
    ("role", "region"),
    [(Role.REVIEW, CITY), (Role.REVIEW, COUNTY), (Role.ENTRY, PROVINCE), (Role.VIEW, PROVINCE)],
)
def test_only_the_province_reviewers_set_targets(
    session: Session, make_actor: MakeActor, role: Role, region: str
) -> None:
    actor = make_actor(role, region)
    with pytest.raises(Forbidden):
        create(session, actor, DRAFT)
