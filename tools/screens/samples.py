"""Sample addresses: for each endpoint that needs an id, or is worth seeing in several states.

An endpoint without arguments that is not named here is opened as it is. One with arguments must be
named, or the run fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from registry import clock
from registry.accounts.models import Account
from registry.applications.models import Application, Round
from registry.applications.queries import list_rounds
from registry.applications.rounds import may_set
from registry.applications.stepping import authority_of
from registry.applications.timetable import Phase, phase_of
from registry.applications.workflow import STAGES, Authority, State
from registry.applications.workflow import awaited_by as cases_awaited
from registry.bulletins.queries import list_own, newest
from registry.changes.models import MajorChange
from registry.changes.queries import list_transfers
from registry.changes.workflow import ENDED as CHANGE_ENDED
from registry.changes.workflow import State as ChangeState
from registry.changes.workflow import awaited_by as changes_awaited
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope
from registry.evidence.catalogue import KINDS as KINDS_OF_EVIDENCE
from registry.evidence.models import EvidenceItem
from registry.evidence.services import needed_permission
from registry.exports.blanks import BLANKS
from registry.imports.kinds import KINDS
from registry.indicators.models import AnnualReport
from registry.indicators.workflow import EDITABLE, ReportStatus, awaited_by
from registry.jobs.models import Job, JobStatus
from registry.notices.models import Announcement, Grant, NoticeEntry, Objection, PublicNotice
from registry.notices.queries import rounds_with_passed
from registry.notices.services import may_publish
from registry.paging import Window
from registry.permissions import Actor, Level, Permission
from registry.policy.clauses import RoundKind
from registry.profiles.forms import COLUMNS
from registry.recognitions.lifecycle import may_revoke
from registry.recognitions.models import Recognition
from registry.recognitions.queries import Standing
from registry.regions.queries import list_units
from registry.reviews.exemptions import may_exempt
from registry.reviews.models import Exemption
from registry.targets.models import Target

NOTHING = "查无此企业"
Values = Mapping[str, object]
Samples = Mapping[str, Values]
"""What tells this state from the others, '' for the usual one -> arguments of the address."""


class Desk:
    """What there is for one person to open."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session, self.actor = session, actor
        self.year = clock.last_complete_year()

    def firm(self, *conditions: ColumnElement[bool]) -> int | None:
        """The firm with the most behind it."""
        reports = select(func.count()).where(AnnualReport.enterprise_id == Enterprise.id)
        titles = select(func.count()).where(Recognition.enterprise_id == Enterprise.id)
        weight = reports.scalar_subquery() + titles.scalar_subquery()
        return self.session.scalar(
            select(Enterprise.id)
            .where(in_scope(self.actor.scope), *conditions)
            .order_by(weight.desc(), Enterprise.id)
            .limit(1)
        )

    def report(self, *conditions: ColumnElement[bool]) -> AnnualReport | None:
        """The latest report."""
        return self.session.scalar(
            select(AnnualReport)
            .join(Enterprise, Enterprise.id == AnnualReport.enterprise_id)
            .where(in_scope(self.actor.scope), *conditions)
            .order_by(AnnualReport.year.desc(), AnnualReport.id)
            .limit(1)
        )

    def evidence(self, kind: str = "intellectual_property") -> EvidenceItem | None:
        """An item of the firm with the most of the kind."""
        items = aliased(EvidenceItem)
        weight = select(func.count()).where(
            items.enterprise_id == EvidenceItem.enterprise_id, items.kind == kind
        )
        return self.session.scalar(
            select(EvidenceItem)
            .join(EvidenceItem.enterprise)
            .where(in_scope(self.actor.scope), EvidenceItem.kind == kind)
            .order_by(weight.scalar_subquery().desc(), EvidenceItem.id)
            .limit(1)
        )

    def recognition(self, *conditions: ColumnElement[bool]) -> int | None:
        """The latest title."""
        return self.session.scalar(
            select(Recognition.id)
            .join(Enterprise, Enterprise.id == Recognition.enterprise_id)
            .where(in_scope(self.actor.scope), *conditions)
            .order_by(Recognition.valid_from.desc(), Recognition.id)
            .limit(1)
        )

    def case(self, *states: State) -> int | None:
        """The application handed in most often among those in one of the states."""
        return self.session.scalar(
            select(Application.id)
            .join(Enterprise, Enterprise.id == Application.enterprise_id)
            .where(in_scope(self.actor.scope), Application.state.in_(states))
            .order_by(Application.turn.desc(), Application.id)
            .limit(1)
        )

    def round(self, phase: Phase) -> Round | None:
        """The newest that is at a phase."""
        now = clock.now()
        return next((one for one in list_rounds(self.session) if phase_of(one, now) is phase), None)

    def unit(self) -> str:
        """A region below one's own, or one's own where there is none."""
        units = list_units(self.session, self.actor.scope)
        return units[1].code if len(units) > 1 else units[0].code

    def smallest_unit(self) -> str:
        """A region that firms can belong to."""
        units = list_units(self.session, self.actor.scope)
        above = {unit.parent_code for unit in units}
        return next(unit.code for unit in units if unit.code not in above)


_ACTIVE = Enterprise.status == EnterpriseStatus.ACTIVE
_UNREPORTED = ~select(AnnualReport.id).where(AnnualReport.enterprise_id == Enterprise.id).exists()


def _firm_page(desk: Desk) -> Samples:
    full = desk.firm(_ACTIVE)
    tabs = {
        tab: {"enterprise_id": full, "tab": tab}
        for tab in ("annual", "titles", "applications", "history", "basic")
    }
    return {
        "": {"enterprise_id": full},
        **tabs,
        **_evidence_tabs(desk),
        "unreported": {"enterprise_id": desk.firm(_ACTIVE, _UNREPORTED)},
        "ended": {"enterprise_id": desk.firm(~_ACTIVE)},
    }


def _evidence_tabs(desk: Desk) -> Samples:
    item = desk.evidence()
    if item is None:
        return {}
    tab = {"enterprise_id": item.enterprise_id, "tab": "evidence"}
    kinds = ("intellectual_property", "institutions", "contests", "compliance")
    return {"evidence": tab, **{f"evidence-{kind}": {**tab, "kind": kind} for kind in kinds}}


def _evidence_items(desk: Desk) -> Samples:
    kinds = ("intellectual_property", "certifications", "judgements")
    found = {kind: desk.evidence(kind) for kind in kinds}
    return {kind: {"item_id": item.id} for kind, item in found.items() if item}


def _bulletin(desk: Desk) -> Samples:
    found = newest(desk.session, desk.actor, clock.today(), 1)
    return {"": {"bulletin_id": found[0].id}} if found else {}


def _own_bulletin(desk: Desk) -> Samples:
    found = list_own(desk.session, desk.actor, Window()).rows
    return {"": {"bulletin_id": found[0].id}} if found else {}


def _own_evidence(desk: Desk) -> Samples:
    """What this person may change."""
    may_judge = desk.actor.may(Permission.EVIDENCE_JUDGE)
    item = desk.evidence("judgements" if may_judge else "intellectual_property")
    if item is None or not desk.actor.may(needed_permission(item.of_kind)):
        return {}
    return {"": {"item_id": item.id}}


def _new_evidence(desk: Desk) -> Samples:
    kinds = ("equity_financing", "compliance", "judgements")
    may = [kind for kind in kinds if desk.actor.may(needed_permission(KINDS_OF_EVIDENCE[kind]))]
    without = ~select(EvidenceItem.id).where(EvidenceItem.enterprise_id == Enterprise.id).exists()
    firm = desk.firm(_ACTIVE, without)
    return {kind: {"enterprise_id": firm, "kind": kind} for kind in may}


def _clauses(desk: Desk) -> Samples:
    firm = {"enterprise_id": desk.firm(_ACTIVE)}
    rounds = {
        "score": {"title": "srdi_sme", "kind": "new", "year": 2025},
        "routes": {"title": "innovative_sme", "kind": "new", "year": 2026},
        "bands": {"title": "little_giant", "kind": "renewal", "year": 2026},
        "no-basis": {"title": "little_giant", "kind": "renewal", "year": 2027},
        "unmet": {"title": "little_giant", "kind": "new", "year": 2026, "show": "unmet"},
    }
    return {
        "": firm,
        **{name: firm | words for name, words in rounds.items()},
        "unreported": {"enterprise_id": desk.firm(_ACTIVE, _UNREPORTED)},
    }


def _what_ifs(desk: Desk) -> Samples:
    firm = {"enterprise_id": desk.firm(_ACTIVE)}
    asked = firm | {"title": "little_giant", "kind": "new", "year": 2026}
    tried = {"rd_expense-2025": 90000, "more-class_1": 4, "is_reputable": "是"}
    return {"": asked, "tried": asked | tried}


def _firms(desk: Desk) -> Samples:
    return {
        "": {},
        "empty": {"q": NOTHING},
        "one": {
            "q": desk.session.scalar(select(Enterprise.uscc).where(Enterprise.id == desk.firm()))
        },
        "filtered": {"region": desk.unit(), "title": "srdi_sme", "above_scale": "yes"},
        "every-column": {"col": [column.key for column in COLUMNS], "rows": "compact"},
        "long": {"size": 100, "status": "all"},
    }


def _active_firm(desk: Desk) -> Samples:
    return {"": {"enterprise_id": desk.firm(_ACTIVE)}}


def _report_pages(desk: Desk) -> Samples:
    found: dict[str, AnnualReport | None] = {}
    if desk.actor.may(Permission.ANNUAL_REVIEW):
        found["waiting"] = desk.report(AnnualReport.status.in_(awaited_by(desk.actor)))
    for status in ReportStatus:
        found[status.value] = desk.report(AnnualReport.status == status)
    return {name: {"report_id": report.id} for name, report in found.items() if report}


def _editable_report(desk: Desk) -> Samples:
    report = desk.report(AnnualReport.status.in_(EDITABLE))
    return {"": {"report_id": report.id}} if report else {}


def _report_forms(desk: Desk) -> Samples:
    found = {
        status.value: desk.report(AnnualReport.status == status, _ACTIVE) for status in EDITABLE
    }
    forms = {
        name: {"enterprise_id": report.enterprise_id, "year": report.year}
        for name, report in found.items()
        if report
    }
    reported = select(AnnualReport.id).where(
        AnnualReport.enterprise_id == Enterprise.id, AnnualReport.year == desk.year
    )
    return {
        **forms,
        "new": {"enterprise_id": desk.firm(_ACTIVE, ~reported.exists()), "year": desk.year},
    }


def _reports(desk: Desk) -> Samples:
    return {
        "": {},
        "empty": {"q": NOTHING},
        "missing": {"missing": 1},
        "returned": {"status": ReportStatus.RETURNED.value, "year": ""},
        **({"queue": {"queue": 1}} if desk.actor.may(Permission.ANNUAL_REVIEW) else {}),
    }


def _recognition_pages(desk: Desk) -> Samples:
    today = clock.today()
    kept = Recognition.end_kind.is_(None)
    return {
        "": {"recognition_id": desk.recognition(kept, Recognition.valid_to >= today)},
        "expired": {"recognition_id": desk.recognition(kept, Recognition.valid_to < today)},
        "ended": {"recognition_id": desk.recognition(~kept)},
    }


def _current_recognition(desk: Desk) -> Samples:
    return {"": {"recognition_id": desk.recognition(Recognition.end_kind.is_(None))}}


def _accounts(desk: Desk) -> Samples:
    words = {"": "lanzhou-luru", "waiting": "yuzhong-luru", "disabled": "minqin-luru"}
    ids = {
        name: desk.session.scalar(select(Account.id).where(Account.login == login))
        for name, login in words.items()
    }
    return {
        name: {"account_id": found}
        for name, found in (ids | {"own": desk.actor.account_id}).items()
    }


def _origins(desk: Desk) -> Samples:
    report, title = desk.report(), desk.recognition()
    return {
        "": {"object_type": "enterprise", "object_id": desk.firm()},
        "report": {"object_type": "annual_report", "object_id": report and report.id},
        "title": {"object_type": "recognition", "object_id": title},
    }


def _jobs(desk: Desk) -> Samples:
    found = {
        status.value: desk.session.scalar(
            select(func.max(Job.id)).where(
                Job.account_id == desk.actor.account_id, Job.status == status
            )
        )
        for status in JobStatus
    }
    return {name: {"job_id": job_id} for name, job_id in found.items() if job_id}


def _notices(desk: Desk) -> Samples:
    """One in each state that it can be in."""
    today = clock.today()
    left = select(NoticeEntry.id).where(
        NoticeEntry.notice_id == PublicNotice.id, NoticeEntry.ended.is_(None)
    )
    states = {
        "": (left.exists(), PublicNotice.last_on >= today),
        "over": (left.exists(), PublicNotice.last_on < today),
        "done": (~left.exists(),),
    }
    newest = select(func.max(PublicNotice.id))
    found = {
        name: desk.session.scalar(newest.where(*conditions)) for name, conditions in states.items()
    }
    return {name: {"notice_id": notice} for name, notice in found.items() if notice}


def _notice(desk: Desk) -> Samples:
    return dict(list(_notices(desk).items())[:1])


def _notice_to_announce(desk: Desk) -> Samples:
    over = _notices(desk).get("over")
    return {"": over} if over and may_publish(desk.actor) else {}


def _rounds_to_publish(authority: Authority) -> Callable[[Desk], Samples]:
    def find(desk: Desk) -> Samples:
        waiting = rounds_with_passed(desk.session, desk.actor.scope)
        rounds = [one for one, _ in waiting if authority_of(one.title) is authority]
        return {"": {"round_id": rounds[0].id}} if rounds and may_publish(desk.actor) else {}

    return find


def _round_to_close(desk: Desk) -> Samples:
    """A 复核 that is over."""
    now = clock.now()
    over = (
        one
        for one in list_rounds(desk.session)
        if one.kind is RoundKind.RENEWAL and phase_of(one, now) is Phase.CLOSED
    )
    found = next(over, None)
    return {"": {"round_id": found.id}} if found and may_set(desk.actor) else {}


def _entry_on_notice(desk: Desk) -> Samples:
    entry = desk.session.scalar(select(func.max(NoticeEntry.id)).where(NoticeEntry.ended.is_(None)))
    return {"": {"entry_id": entry}} if entry and may_publish(desk.actor) else {}


def _objections(desk: Desk) -> Samples:
    statement = (
        select(func.max(Objection.id))
        .join(NoticeEntry, NoticeEntry.id == Objection.entry_id)
        .join(Enterprise, Enterprise.id == NoticeEntry.enterprise_id)
        .where(in_scope(desk.actor.scope))
    )
    states = {"": Objection.result.is_(None), "handled": Objection.result.isnot(None)}
    found = {name: desk.session.scalar(statement.where(one)) for name, one in states.items()}
    return {name: {"objection_id": one} for name, one in found.items() if one}


def _announcements(desk: Desk) -> Samples:
    made = desk.session.scalar(select(func.max(Announcement.id)))
    return {"": {"announcement_id": made}} if made else {}


def _target_form(desk: Desk) -> Samples:
    if desk.actor.level is not Level.PROVINCE:
        return {}
    return {"": {"target_id": desk.session.scalar(select(Target.id).order_by(Target.id).limit(1))}}


def _rounds(desk: Desk) -> Samples:
    phases = {"": Phase.FILLING, "closed": Phase.CLOSED, "upcoming": Phase.UPCOMING}
    found = {state: desk.round(phase) for state, phase in phases.items()}
    return {state: {"round_id": one.id} for state, one in found.items() if one}


def _round_pages(desk: Desk) -> Samples:
    found = _rounds(desk)
    return {**found, "unit": {**found[""], "region": desk.unit()}}


def _round_forms(desk: Desk) -> Samples:
    return _rounds(desk) if may_set(desk.actor) else {}


def _cases(desk: Desk) -> Samples:
    """One in every state there is; the usual one waits for a review."""
    usual = desk.case(*STAGES)
    found = {state.value: desk.case(state) for state in State}
    pages = {name: {"application_id": id_} for name, id_ in found.items() if id_ is not None}
    return ({"": {"application_id": usual}} if usual is not None else {}) | pages


def _handed_in(desk: Desk) -> Samples:
    case = desk.case(*STAGES, State.PASSED)
    return {"": {"application_id": case}} if case is not None else {}


def _case_papers(desk: Desk) -> Samples:
    draft = desk.case(State.FILLING)
    drafts = {"draft": {"application_id": draft}} if draft is not None else {}
    return {**_handed_in(desk), **drafts}


def _copies(desk: Desk) -> Samples:
    return {name: {**found, "turn": 1} for name, found in _handed_in(desk).items()}


def _chains(desk: Desk) -> Samples:
    """A title that was announced here, and one that was entered."""
    announced = select(Grant.recognition_id).where(Grant.recognition_id.isnot(None))
    found = {
        "": desk.recognition(Recognition.id.in_(announced)),
        "by-hand": desk.recognition(Recognition.id.not_in(announced)),
    }
    return {name: {"recognition_id": id_} for name, id_ in found.items() if id_ is not None}


def _case_to_fill(desk: Desk) -> Samples:
    filling, returned = desk.case(State.FILLING), desk.case(State.RETURNED)
    found = {"": filling, "returned": returned}
    return {name: {"application_id": id_} for name, id_ in found.items() if id_ is not None}


def _exemptions(desk: Desk) -> Samples:
    """One in every state there is."""
    statement = select(Exemption.state, func.min(Exemption.id)).join(Exemption.application)
    statement = statement.join(Enterprise, Enterprise.id == Application.enterprise_id)
    found = desk.session.execute(
        statement.where(in_scope(desk.actor.scope)).group_by(Exemption.state)
    )
    pages = {state.value: {"exemption_id": id_} for state, id_ in found}
    return ({"": next(iter(pages.values()))} if pages else {}) | pages


def _case_to_review(desk: Desk) -> Samples:
    waiting = desk.case(*cases_awaited(desk.actor))
    return {"": {"application_id": waiting}} if waiting is not None else {}


def _changes(desk: Desk, *states: ChangeState) -> Samples:
    found = desk.session.scalar(
        select(func.min(MajorChange.id))
        .join(Enterprise, Enterprise.id == MajorChange.enterprise_id)
        .where(in_scope(desk.actor.scope), MajorChange.state.in_(states))
    )
    return {"": {"change_id": found}} if found else {}


def _change_pages(desk: Desk) -> Samples:
    """What waits for this person, and one that has come to each end."""
    waiting = _changes(desk, *changes_awaited(desk.actor)) or _changes(desk, *ChangeState)
    ends = {state.value: _changes(desk, state).get("") for state in CHANGE_ENDED}
    return {**waiting, **{name: change for name, change in ends.items() if change}}


def _transfers(desk: Desk) -> Samples:
    found = list_transfers(desk.session, desk.actor, Window()).rows
    return {
        ("" if not n else one.asked_by.value): {"transfer_id": one.id}
        for n, one in enumerate(found)
    }


def _boards(desk: Desk) -> Samples:
    return {
        "": {},
        "unit": {"region": desk.unit()},
        "earlier": {
            "year": desk.year - 2,
            "metric": "rd",
            "population": "all",
            "industry": "section",
        },
        "confirmed": {"basis": "confirmed", "metric": "new_product"},
        "no-data": {"year": desk.year + 1},
    }


SAMPLES: Mapping[str, Callable[[Desk], Samples]] = {
    "accounts.edit": _accounts,
    "accounts.grant": _accounts,
    "accounts.grants": lambda _: {"": {}, "empty": {"q": NOTHING}},
    "accounts.list_accounts": lambda _: {"": {}, "empty": {"q": NOTHING}},
    "applications.apply": _active_firm,
    "applications.edit": _case_to_fill,
    "applications.list_applications": lambda _: {
        "": {},
        "queue": {"queue": 1},
        "empty": {"q": NOTHING},
    },
    "applications.submit": _case_to_fill,
    "applications.create_round": lambda desk: {"": {}} if may_set(desk.actor) else {},
    "applications.edit_round": _round_forms,
    "applications.extend_round": _round_forms,
    "applications.round_calendar": lambda desk: {"": {}, "next": {"year": desk.year + 2}},
    "applications.show_round": _round_pages,
    "assessments.keep": _active_firm,
    "assessments.what_if": _what_ifs,
    "audit.list_entries": lambda _: {
        "": {},
        "empty": {"login": NOTHING},
        "refused": {"outcome": "refused"},
    },
    "audit.sign_ins": lambda _: {"": {}, "empty": {"login": NOTHING}},
    "bulletins.edit": _own_bulletin,
    "bulletins.list_bulletins": lambda desk: {
        "": {},
        **({"own": {"own": 1}} if desk.actor.may(Permission.BULLETIN_EDIT) else {}),
    },
    "bulletins.show": _bulletin,
    "changes.ask": lambda _: {"": {}},
    "changes.correct": lambda desk: _changes(desk, ChangeState.RETURNED),
    "changes.list_changes": lambda _: {"": {}, "all": {"show": "all"}, "empty": {"q": NOTHING}},
    "changes.list_transfers": lambda _: {"": {}, "all": {"show": "all"}},
    "changes.report": _active_firm,
    "changes.show": _change_pages,
    "changes.show_transfer": _transfers,
    "dashboards.compare": lambda desk: {
        "": {},
        "counties": {"level": "county", "metric": "rd"},
        "no-data": {"year": desk.year + 1, "metric": "new_product"},
    },
    "dashboards.show": _boards,
    "enterprises.delete": _active_firm,
    "enterprises.edit": _active_firm,
    "enterprises.end": _active_firm,
    "enterprises.reinstate": lambda desk: {"": {"enterprise_id": desk.firm(~_ACTIVE)}},
    "evidence.create": _new_evidence,
    "evidence.edit": _own_evidence,
    "evidence.show": _evidence_items,
    "exports.blank": lambda _: {kind: {"kind": kind} for kind in BLANKS},
    "imports.origins": _origins,
    "imports.upload": lambda _: {kind: {"kind": kind} for kind in KINDS},
    "indicators.check": _editable_report,
    "indicators.delete": _editable_report,
    "indicators.edit": _report_forms,
    "indicators.list_reports": _reports,
    "indicators.show": _report_pages,
    "jobs.show": _jobs,
    "notices.announce": _notice_to_announce,
    "notices.announce_ministry": _rounds_to_publish(Authority.MINISTRY),
    "notices.announcement_paper": _announcements,
    "notices.create": _rounds_to_publish(Authority.PROVINCE),
    "notices.paper": _notice,
    "notices.record_objection": _entry_on_notice,
    "notices.show": _notices,
    "notices.show_announcement": _announcements,
    "notices.show_objection": _objections,
    "policies.compare": lambda _: {
        "": {"a": "LG-2022", "b": "LG-2026"},
        "score": {"a": "INNO-2022", "b": "SRDI-2022"},
        "same": {"a": "SRDI-2022", "b": "SRDI-2022+Gansu"},
        "unchosen": {},
    },
    "policies.show": lambda _: {
        "": {"rule_set": "SRDI-2022"},
        "bands": {"rule_set": "LG-2022+2025notice"},
        "size": {"rule_set": "SIZE-2011"},
    },
    "profiles.application_paper": _case_papers,
    "profiles.firm_paper": _active_firm,
    "profiles.frozen_copy": _copies,
    "profiles.list_enterprises": _firms,
    "profiles.opinions_paper": _handed_in,
    "profiles.show": _firm_page,
    "progression.list_candidates": lambda desk: {
        "": {},
        "near": {"title": "innovative_sme", "gaps": "1"},
        "unit": {"region": desk.unit(), "below": "1"},
        "empty": {"q": NOTHING},
    },
    "progression.policy_change": lambda _: {
        "": {"a": "SRDI-2022", "b": "SRDI-2026"},
        "same": {"a": "SRDI-2022", "b": "SRDI-2022"},
        "unchosen": {"title": "little_giant"},
    },
    "profiles.show_clauses": _clauses,
    "profiles.title_chain": _chains,
    "recognitions.create": _active_firm,
    "recognitions.edit": _current_recognition,
    "recognitions.end": _current_recognition,
    "recognitions.revoke": lambda desk: (
        _current_recognition(desk) if may_revoke(desk.actor) else {}
    ),
    "recognitions.list_bans": lambda _: {"": {}, "empty": {"q": NOTHING}},
    "recognitions.expiring": lambda _: {
        "": {},
        "empty": {"q": NOTHING},
        "overdue": {"standing": Standing.OVERDUE.value},
    },
    "recognitions.list_recognitions": lambda _: {
        "": {},
        "empty": {"q": NOTHING},
        "ended": {"standing": Standing.ENDED.value},
    },
    "recognitions.show": _recognition_pages,
    "exemptions.create": lambda desk: _case_to_review(desk) if may_exempt(desk.actor) else {},
    "exemptions.list_exemptions": lambda _: {"": {}, "empty": {"q": NOTHING}},
    "exemptions.show": _exemptions,
    "renewals.close": _round_to_close,
    "renewals.list_due": lambda _: {
        "": {},
        "empty": {"q": NOTHING},
        "next-year": {"year": clock.today().year + 1, "title": "little_giant"},
    },
    "reviews.appraise": lambda desk: (
        _case_to_review(desk) if desk.actor.level is Level.PROVINCE else {}
    ),
    "reviews.inspect": _case_to_review,
    "reviews.review": _case_to_review,
    "reviews.show": _cases,
    "targets.create": lambda desk: {"": {}} if desk.actor.level is Level.PROVINCE else {},
    "targets.edit": _target_form,
}

BY_ACT = frozenset({"assessments.show", "imports.show"})
"""Shown only after something was done; `acts` does it."""

NO_PAGES = frozenset(
    {
        "static",
        "bootstrap.static",
        "evidence.fetch",
        "exports.annual",
        "exports.blank",
        "exports.enterprises",
        "exports.recognitions",
        "imports.annotated",
        "imports.original",
        "industries.search",
        "jobs.download",
        "jobs.progress",
        "notices.announcement_workbook",
        "notices.workbook",
        "reviews.fetch",
        "applications.export_applications",
        "progression.export_candidates",
        "progression.export_moves",
        "regions.search",
        "renewals.export_due",
        "reports.summary",
        "worklist.health",
        "worklist.watermark",
    }
)
"""Answers that are no page: files, pictures and what scripts ask for."""
