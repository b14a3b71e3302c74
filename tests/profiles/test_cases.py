"""What is kept of cases and titles: frozen copies, the way to a title, and what is printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries, services
from registry.applications.models import Application, Copy
from registry.applications.stepping import take
from registry.applications.workflow import Action
from registry.audit.models import AuditEntry
from registry.config import Settings
from registry.evidence import proofs
from registry.notices import announcing, objections
from registry.notices import services as notices
from registry.notices.announcing import AnnouncementDraft
from registry.notices.catalogue import Result
from registry.notices.objections import ObjectionDraft
from registry.notices.queries import list_entries
from registry.notices.services import NoticeDraft
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.models import Recognition
from tests.applications.conftest import MakeRound, hold_title_below, make_round
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.support import evidence

__all__ = ["make_round"]

Make = Callable[..., int]
MakeActor = Callable[..., Actor]
Browser = Callable[..., FlaskClient]


@dataclass(frozen=True)
class Office:
    """Who works on the one case, and the steps of it."""

    session: Session
    clerk: Actor
    reviewers: list[Actor]
    case: Application

    def submit(self, note: str = "") -> None:
        if note:
            services.save(
                self.session,
                self.clerk,
                self.case.id,
                seen_version=self.case.version,
                product="阀门",
                note=note,
            )
        services.submit(self.session, self.clerk, self.case.id, seen_version=self.case.version)
        self.session.commit()

    def step(self, who: int, action: Action, opinion: str) -> None:
        take(
            self.session,
            self.reviewers[who],
            self.case.id,
            action,
            seen_version=self.case.version,
            opinion=opinion,
        )
        self.session.commit()


@pytest.fixture
def proof(session: Session, settings: Settings, firm: int) -> int:
    return evidence.make_proof(session, settings, firm)[1]


@pytest.fixture
def firm(make_enterprise: Make, make_report: Make, make_recognition: Make) -> int:
    found = make_enterprise(
        name="甘肃样板阀门有限公司",
        leading_product="阀门",
        contact_name="王小明",
        contact_phone="13812342601",
    )
    hold_title_below(make_recognition, found)
    make_report(found, 2025, revenue=3000, rd_expense=150)
    make_report(found, 2024, revenue=2500, rd_expense=100)
    return found


@pytest.fixture
def office(session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int) -> Office:
    """The firm has begun an application."""
    clerk = make_actor(Role.ENTRY)
    reviewers = [make_actor(Role.REVIEW, unit) for unit in (COUNTY, CITY, PROVINCE)]
    round_ = make_round(document_no="甘工信函〔2026〕7号")
    case = services.open_application(session, clerk, round_.id, firm)
    session.commit()
    return Office(session, clerk, reviewers, case)


def text(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return answer.text


def passed(office: Office) -> None:
    """Handed in, returned, corrected, and passed by every level."""
    office.submit()
    office.step(0, Action.RETURN, "请补充说明")
    office.submit(note="已补充")
    for who, unit in enumerate("县市省"):
        office.step(who, Action.PASS, f"{unit}级同意")


def announced(office: Office) -> Recognition:
    """The case on a notice, with an objection that did not hold, and announced."""
    session, official = office.session, office.reviewers[2]
    draft = NoticeDraft(name="名单公示", text="", first_on=clock.today(), working_days=5)
    chosen = [(office.case.id, office.case.version)]
    notice = notices.publish(session, official, office.case.round_id, draft, chosen)
    (entry,) = list_entries(session, official.scope, notice.id)
    said = objections.record(
        session, official, entry.id, ObjectionDraft(received_on=clock.today(), content="产品不符")
    )
    session.commit()
    objections.handle(
        session,
        official,
        said.id,
        result=Result.DISMISSED,
        handling="经核实不属实",
        seen_version=said.version,
    )
    session.commit()
    document = AnnouncementDraft(
        document_no="甘工信发〔2026〕88号",
        announced_on=notice.last_on + timedelta(days=1),
        batch="第八批",
        valid_from=notice.last_on + timedelta(days=1),
    )
    with time_machine.travel(f"{document.announced_on}T09:00:00+08:00"):
        announcing.announce(session, official, notice.id, document, seen_version=notice.version)
        session.commit()
    return session.scalars(select(Recognition).where(Recognition.title == Title.SRDI_SME)).one()


def test_a_frozen_copy_stands_whatever_comes_after(
    session: Session,
    settings: Settings,
    office: Office,
    firm: int,
    proof: int,
    client_as: Browser,
) -> None:
    passed(office)
    viewer = client_as(Role.VIEW)
    address = f"/applications/{office.case.id}/copies"
    first, second = (text(viewer, f"{address}/{turn}") for turn in (1, 2))
    assert ("请补充说明" in first, "请补充说明" in second) == (True, False)
    assert ("省级同意" in first, "省级同意" in second) == (False, True)
    assert "与第 1 次提交相比" in second
    assert "已补充" in second
    assert "与留存时一致" in second
    sha256 = session.scalars(select(Copy.proofs).limit(1)).one()[0]["sha256"]
    session.rollback()
    assert sha256 in first
    assert f"/proofs/{proof}" in first
    proofs.detach(session, office.clerk, settings, proof, "误传")
    session.commit()
    gone = text(viewer, f"{address}/1")
    assert f"/proofs/{proof}" not in gone
    assert "提交之后已删除" in gone
    text(viewer, f"{address}/3", status=404)
    text(client_as(Role.VIEW, OTHER_COUNTY), f"{address}/1", status=404)
    listed = text(viewer, f"/enterprises/{firm}?tab=applications")
    for word in ("第 2 次", "县级同意", "退回补正", "SRDI-2026"):
        assert word in listed


def test_a_title_tells_its_way_from_the_round_to_its_end(
    session: Session, office: Office, make_recognition: Make, firm: int, client_as: Browser
) -> None:
    passed(office)
    title = announced(office)
    viewer = client_as(Role.VIEW)
    assert "认定经过" in text(viewer, f"/recognitions/{title.id}")
    told = text(viewer, f"/recognitions/{title.id}/chain")
    in_order = (
        "专精特新申报",
        "甘工信函〔2026〕7号",
        f"/applications/{office.case.id}/copies/2",
        "请补充说明",
        "省级同意",
        "名单公示",
        "经核实不属实",
        "甘工信发〔2026〕88号",
        "没有复核、变更或终止",
    )
    places = [told.index(word) for word in in_order]
    assert places == sorted(places)
    assert "甘工信发〔2026〕88号" in text(viewer, f"/enterprises/{firm}?tab=applications")
    later = make_recognition(
        firm, title=Title.SRDI_SME, valid_from=date(2030, 1, 1), valid_to=date(2032, 12, 31)
    )
    title = session.scalars(select(Recognition).where(Recognition.id == title.id)).one()
    title.end_kind, title.ended_on = EndKind.SUPERSEDED, date(2029, 12, 31)
    session.commit()
    told = text(viewer, f"/recognitions/{title.id}/chain")
    assert "收到异议" in told
    assert "产品不符" not in told
    assert "产品不符" in text(client_as(Role.REVIEW), f"/recognitions/{title.id}/chain")
    assert "复核通过重新起算" in told
    assert f"/recognitions/{later}/chain" in told
    by_hand = text(viewer, f"/recognitions/{later}/chain")
    assert "手工登记或导入" in by_hand
    assert "1. 申报批次" not in by_hand
    text(client_as(Role.VIEW, OTHER_COUNTY), f"/recognitions/{title.id}/chain", status=404)


def test_the_papers_of_a_case(
    session: Session, office: Office, firm: int, proof: int, client_as: Browser
) -> None:
    viewer, address = client_as(Role.VIEW), f"/applications/{office.case.id}"
    draft = text(viewer, f"{address}/form")
    assert "草稿" in draft
    text(viewer, f"{address}/opinions", status=409)
    passed(office)
    session.execute(select(Copy))
    session.rollback()
    form = text(viewer, f"{address}/form")
    for word in ("第 2 次提交", "2025年度", "2024年度", "ZL202310000001X", "证书.pdf", "公章"):
        assert word in form
    assert "草稿" not in form
    assert "第 1 次提交" in text(viewer, f"{address}/form?turn=1")
    text(viewer, f"{address}/form?turn=9", status=404)
    opinions = text(viewer, f"{address}/opinions")
    for word in ("县级同意", "市级同意", "省级同意", "城关区", "请补充说明", "公章"):
        assert word in opinions


def test_levels_that_there_are_not_are_skipped_on_paper(
    session: Session,
    make_actor: MakeActor,
    make_enterprise: Make,
    make_recognition: Make,
    make_round: MakeRound,
    client_as: Browser,
) -> None:
    firm = make_enterprise(region_code="620200", leading_product="泵")
    hold_title_below(make_recognition, firm)
    clerk = make_actor(Role.ENTRY, "620200")
    case = services.open_application(session, clerk, make_round().id, firm)
    services.submit(session, clerk, case.id, seen_version=case.version)
    session.commit()
    paper = text(client_as(Role.VIEW, PROVINCE), f"/applications/{case.id}/opinions")
    assert paper.count("该地没有这一级，跳过") == 1


def test_contact_is_printed_in_full_only_for_who_may_and_is_kept(
    session: Session, office: Office, firm: int, client_as: Browser
) -> None:
    office.submit()
    papers = (f"/applications/{office.case.id}/form", f"/enterprises/{firm}/paper")
    viewer, clerk = client_as(Role.VIEW), client_as(Role.ENTRY)
    for address in papers:
        assert "13812342601" not in text(clerk, address)
        assert viewer.post(f"{address}/full").status_code == 403
        shown = clerk.post(f"{address}/full", data={"turn": "1"})
        assert "13812342601" in shown.text
    looks = select(AuditEntry).where(AuditEntry.action == "reveal_contact")
    assert len(session.scalars(looks).all()) == len(papers)
    file = text(viewer, papers[1])
    for word in ("2025年度", "专精特新申报", "名称和所属区县沿革", "阀门"):
        assert word in file


def test_new_and_renewal_of_2026_each_by_its_own_standard_side_by_side(
    session: Session,
    make_actor: MakeActor,
    make_enterprise: Make,
    make_recognition: Make,
    make_round: MakeRound,
    client_as: Browser,
) -> None:
    clerk, viewer = make_actor(Role.ENTRY), client_as(Role.VIEW)
    for kind, year, standard in (
        (RoundKind.RENEWAL, 2026, "LG-2022"),
        (RoundKind.NEW, 2026, "LG-2026"),
        (RoundKind.RENEWAL, 2027, ""),
    ):
        firm = make_enterprise(leading_product="泵")
        hold_title_below(make_recognition, firm, Title.SRDI_SME)
        if kind is RoundKind.RENEWAL:
            held = {"valid_from": date(2024, 1, 1), "valid_to": date(year, 12, 31)}
            make_recognition(firm, title=Title.LITTLE_GIANT, **held)
        round_ = make_round(
            name=f"小巨人{kind.value}{year}", title=Title.LITTLE_GIANT, kind=kind, year=year
        )
        assert round_.rule_set == standard
        case = services.open_application(session, clerk, round_.id, firm)
        services.submit(session, clerk, case.id, seen_version=case.version)
        session.commit()
        pages = [f"/applications/{case.id}", f"/applications/{case.id}/copies/1"]
        copy = queries.get_copy(session, case.id, 1)
        session.rollback()
        for shown in (text(viewer, address) for address in pages):
            by = re.findall(r'标准 <a href="[^"]*">([^<]+)</a>', shown)
            assert by == ([standard] if standard else [])
            assert standard or "未配置依据" in shown
        assert (copy.assessment_id is None) == (not standard)
