"""What a reviewer is shown beside a case: system checks, figures that jump, experts, places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import services as applications
from registry.applications.models import Application
from registry.applications.queries import get_application, list_steps
from registry.applications.workflow import Action, State
from registry.config import Settings
from registry.errors import Conflict, Invalid
from registry.evidence import proofs
from registry.fields import Value
from registry.permissions import Actor, Role
from registry.policy.findings import Verdict
from registry.recognitions.catalogue import Title
from registry.reviews import appraisals, checks, jumps, quota, services, telling
from registry.reviews.services import Appraisal, Decision
from tests.applications.conftest import MakeCase, MakeRound, hold_title_below, make_case, make_round
from tests.conftest import PROVINCE
from tests.support.evidence import make_item, make_proof

__all__ = ["make_case", "make_round"]


@pytest.fixture
def official(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor(Role.REVIEW, PROVINCE)


def verdicts(session: Session, actor: Actor, case: Application) -> dict[str, checks.Check]:
    session.rollback()
    session.expunge_all()
    whole = get_application(session, actor.scope, case.id)
    found = {one.label: one for one in checks.of_case(session, actor, whole)}
    session.rollback()
    return found


def test_what_keeps_a_firm_from_being_recommended(
    session: Session,
    official: Actor,
    make_enterprise: Callable[..., int],
    make_recognition: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    firm = make_enterprise()
    case = make_case(make_round(title=Title.LITTLE_GIANT), firm, State.PROVINCE)
    labels = ("单项冠军", "控制关系", "同集团产品", "异常和失信名单")
    unknown = verdicts(session, official, case)
    assert [unknown[one].verdict for one in labels] == [Verdict.MET, *[Verdict.TO_VERIFY] * 3]
    assert "股权结构" in unknown["控制关系"].note
    today = clock.today()
    make_recognition(
        firm, title=Title.SINGLE_CHAMPION, valid_from=today, valid_to=today + timedelta(days=9)
    )
    entered: dict[str, Value | None] = {
        "is_listed_abnormal": True,
        "is_listed_dishonest": False,
        "is_controlled_with_little_giant": True,
        "has_sibling_with_same_product": False,
    }
    make_item(session, firm, entered, "compliance")
    found = verdicts(session, official, case)
    assert [found[one].word for one in labels] == ["不符合", "不符合", "符合", "不符合"]
    assert "经营异常名录" in found["异常和失信名单"].note
    assert "严重失信" not in found["异常和失信名单"].note
    # Other titles exclude nobody for these.
    other = make_case(make_round(name="另"), firm, State.PROVINCE)
    assert not {"单项冠军", "控制关系"} & set(verdicts(session, official, other))


def test_beyond_the_quota_a_reason_is_asked_for_and_kept(
    session: Session,
    official: Actor,
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_ = make_round(quota=1)
    cases = [make_case(round_, make_enterprise(), State.PROVINCE) for _ in range(2)]
    seen = [(one.id, one.version) for one in cases]
    passed = Decision(action=Action.PASS)
    services.decide(session, official, seen[:1], passed)
    session.commit()
    check = verdicts(session, official, cases[1])["名额"]
    assert (check.passes, check.note[:15]) == (False, "共 1 个，已用 1 个，没有")
    with pytest.raises(Invalid, match="写明理由"):
        services.decide(session, official, seen[1:], passed)
    session.rollback()
    why = Decision(action=Action.PASS, opinion="厅务会议同意增加")
    services.decide(session, official, seen[1:], why)
    session.commit()
    said = telling.timeline(list_steps(session, cases[1].id))[-1][3]
    assert "超出名额办理：共 1 个，已用 1 个" in said


def test_two_cases_do_not_share_the_last_place(
    session: Session,
    official: Actor,
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_ = make_round(quota=1)
    cases = [make_case(round_, make_enterprise(), State.PROVINCE) for _ in range(2)]
    seen = [(one.id, one.version) for one in cases]
    with pytest.raises(Conflict, match="名额还有 1 个，选了 2 家"):
        quota.said_beyond(session, official, seen, Action.PASS, "同意")


def test_an_expert_with_a_conflict_is_heard_but_not_counted(
    session: Session,
    official: Actor,
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    case = make_case(make_round(), make_enterprise(), State.PROVINCE)

    def appraise(**given: Any) -> Application:
        usual: dict[str, Any] = {
            "organisation": "",
            "score": 80,
            "opinion": "可以",
            "conflict": "",
        }
        found = Appraisal(**(usual | given))
        return services.appraise(session, official, case.id, found, seen_version=case.version)

    appraise(expert="钱教授")
    appraise(expert="孙教授", score=91, conflict="无。")
    appraise(expert="李教授", score=10, conflict="持有股份")
    for expert in ("钱 教授", official.name):
        with pytest.raises(Invalid) as refused:
            appraise(expert=expert)
        assert list(refused.value.fields) == ["expert"]
    steps = list_steps(session, case.id)
    found = appraisals.of_turn(steps, case.turn)
    assert [one.counts for one in found] == [True, True, False]
    assert appraisals.mean(found) == 85.5
    assert "评分不计入平均分" in telling.timeline(steps)[-1][3]
    # Handed in again, it is appraised again.
    assert appraisals.refusal("钱教授", steps, case.turn + 1, official.name) == ""


def test_figures_that_jump_are_listed_with_the_year_before() -> None:
    cells = {
        "2025年度指标": {"营业收入（万元）": "9000", "研发费用（万元）": "300"},
        "2024年度指标": {"营业收入（万元）": "1000", "研发费用（万元）": "290"},
        "2022年度指标": {"营业收入（万元）": "1"},
        "基本信息": {"营业收入（万元）": "1"},
    }
    (found,) = jumps.of_cells(cells)
    assert (found.year, found.label, found.before, found.after) == (
        2025,
        "营业收入（万元）",
        "1000",
        "9000",
    )
    assert "超过 3 倍" in found.remark


def test_a_file_that_was_exchanged_after_it_was_handed_in_is_a_change(
    session: Session,
    settings: Settings,
    official: Actor,
    make_actor: Callable[..., Actor],
    make_enterprise: Callable[..., int],
    make_recognition: Callable[..., int],
    make_round: MakeRound,
) -> None:
    firm, clerk = make_enterprise(leading_product="阀门"), make_actor(Role.ENTRY)
    hold_title_below(make_recognition, firm)
    _, proof = make_proof(session, settings, firm)
    case = applications.open_application(session, clerk, make_round().id, firm)
    applications.submit(session, clerk, case.id, seen_version=case.version)
    session.commit()
    assert verdicts(session, official, case)["提交后的改动"].passes
    proofs.detach(session, clerk, settings, proof, "换一份")
    session.commit()
    assert not verdicts(session, official, case)["提交后的改动"].passes
