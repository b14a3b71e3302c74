"""A case is decided on what was handed in and on what reviewers judge of it, and both are kept."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import services as applications
from registry.applications.queries import get_application, last_copy, list_steps
from registry.applications.workflow import Action, State
from registry.assessments.models import StoredAssessment
from registry.assessments.services import differences, replay
from registry.evidence.catalogue import KINDS
from registry.evidence.services import EvidenceDraft, save
from registry.permissions import Actor, Role
from registry.policy.findings import Verdict
from registry.recognitions.catalogue import Title
from registry.reviews import checks, standing
from registry.reviews.services import Decision, decide
from tests.applications.conftest import MakeRound, hold_title_below, make_round
from tests.conftest import PROVINCE

__all__ = ["make_round"]


def test_a_judgement_settles_what_waited_for_one_and_is_kept_with_the_decision(
    session: Session,
    make_enterprise: Callable[..., int],
    make_report: Callable[..., int],
    make_recognition: Callable[..., int],
    make_actor: Callable[..., Actor],
    make_round: MakeRound,
) -> None:
    firm = make_enterprise(leading_product="阀门")
    hold_title_below(make_recognition, firm, Title.SRDI_SME)
    make_report(firm, clock.today().year - 1, revenue=20_000, rd_expense=900)
    clerk, reviewer = make_actor(), make_actor(Role.REVIEW, PROVINCE)
    case = applications.open_application(
        session, clerk, make_round(title=Title.LITTLE_GIANT).id, firm
    )
    applications.submit(session, clerk, case.id, seen_version=case.version)
    case.state = State.PROVINCE
    session.commit()
    before = standing.of_case(session, reviewer.scope, case)
    assert before is not None
    assert before.rejudged is None
    waited = before.count(Verdict.TO_VERIFY)

    kind = KINDS["judgements"]
    said = {spec.key: True for spec in kind.fields if spec.key != "harms_public_interest"}
    said["harms_public_interest"] = False
    save(session, reviewer, [EvidenceDraft(kind=kind, enterprise_id=firm, values=said)])
    session.commit()
    session.expire_all()
    case = get_application(session, reviewer.scope, case.id)
    after = standing.of_case(session, reviewer.scope, case)
    assert after is not None
    assert after.count(Verdict.TO_VERIFY) < waited
    # The firm has changed nothing, and its figures count as they were handed in.
    found = {one.label: one for one in checks.of_case(session, reviewer, case)}
    assert found["提交后的改动"].passes
    assert f"待核验 {waited} 条" not in found["条款对照"].note

    reject = Decision(action=Action.REJECT, opinion="研发投入不足", parts=("年度数据",))
    decide(session, reviewer, [(case.id, case.version)], reject)
    session.commit()
    step = list_steps(session, case.id)[-1]
    kept = session.get_one(StoredAssessment, step.content["assessment_id"])
    copy = last_copy(session, case.id)
    assert copy is not None
    assert kept.id != copy.assessment_id
    assert kept.to_verify == after.count(Verdict.TO_VERIFY)

    changed = dict.fromkeys(said, False)
    save(session, reviewer, [EvidenceDraft(kind=kind, enterprise_id=firm, values=changed)])
    session.commit()
    assert differences(kept, replay(kept)) == []
