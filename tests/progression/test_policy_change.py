"""政策变动测算: the same as firm by firm, with shipped rule sets and with drafts."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessments.catalogue import FACTS
from registry.assessments.services import Asked, assess_by, read_facts
from registry.audit.models import AuditEntry
from registry.permissions import Actor, Role
from registry.policy import titles
from registry.policy.clauses import RoundKind
from registry.policy.findings import Verdict
from registry.progression import moving
from registry.progression.rules import rules_of
from registry.recognitions.catalogue import Title
from tests.conftest import CITY, OTHER_COUNTY, PROVINCE
from tests.exports.conftest import read_table
from tests.support import walk
from tests.support.people import Browser

ClientAs = Callable[..., Browser]
PAIR = ("SRDI-2022", "SRDI-2026")
ADDRESS = "/progression/policy-change"
ASKED = Asked(title=Title.SRDI_SME, kind=RoundKind.NEW, year=2026)
DRAFT = """
id: LG-2026+draft
kind: overlay
base: LG-2026
title: 征求意见稿
instrument: 内部测算
number: 无
issued_on: 2026-01-01
effective_from: 2026-01-01
dates_evidence: unchecked
links: []
evidence: unchecked
"""


def draft_text() -> str:
    """A shipped overlay, as the office would begin a draft."""
    return titles.rule_text("LG-2022+2025notice").text


def measured(session: Session, actor: Actor, most: int | None = None) -> moving.PolicyChange:
    old, new = (rules_of(one) for one in PAIR)
    return moving.measure(session, actor.scope, ASKED, old, new, most=most)


def test_equal_to_each_firm_alone(
    session: Session, make_actor: Callable[..., Actor], firms: list[int]
) -> None:
    actor = make_actor(region_code=PROVINCE)
    change = measured(session, actor)
    written = [titles.rule_text(one) for one in PAIR]
    matrix: Counter[tuple[Verdict, Verdict]] = Counter()
    movers = {one.id: one for one in change.movers}
    for firm in random.Random(3).sample(firms, len(firms)):  # noqa: S311  any order will do
        facts = read_facts(session, actor.scope, firm, ASKED)
        was, is_now = (assess_by(one, facts, ASKED).assessment.verdict for one in written)
        matrix[was, is_now] += 1
        if firm in movers:
            assert (movers[firm].before, movers[firm].after) == (was, is_now)
    assert change.matrix == matrix
    assert change.firms == len(firms)
    assert change.moved == len(change.movers) == change.gaining + change.losing
    assert sum(change.cities.gains.values()) == change.gaining
    assert sum(change.counties.loses.values()) == change.losing
    assert change.movers, "the rule sets move some of these firms"


def test_only_the_first_are_kept_and_all_are_counted(
    session: Session, make_actor: Callable[..., Actor], firms: list[int]
) -> None:
    actor = make_actor(region_code=PROVINCE)
    whole, short = measured(session, actor), measured(session, actor, most=1)
    assert short.movers == whole.movers[:1]
    assert (short.moved, short.clauses) == (whole.moved, whole.clauses)
    facts = {key for key, _, _ in whole.clauses.rows()}
    labels = {one.label for id_ in PAIR for one in titles.load_title_rules(id_, FACTS).criteria}
    assert facts <= labels


def test_the_page_and_the_workbook_tell_the_same(
    session: Session, client_as: ClientAs, make_actor: Callable[..., Actor], firms: list[int]
) -> None:
    change = measured(session, make_actor(region_code=PROVINCE))
    session.commit()
    client = client_as(Role.VIEW, PROVINCE)
    asked = f"a={PAIR[0]}&b={PAIR[1]}&title=srdi_sme&kind=new"
    page = client.get(f"{ADDRESS}?{asked}").text
    shown = [int(firm) for firm in re.findall(r"/enterprises/(\d+)/clauses", page)]
    assert shown == [one.id for one in change.movers]
    table = read_table(client.get(f"{ADDRESS}/export?{asked}").data)
    assert table.column("企业名称") == [one.name for one in change.movers]
    assert table.column("起作用的条款") == ["；".join(one.why) for one in change.movers]
    session.rollback()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "export")).one()
    assert "SRDI-2022 → SRDI-2026" in entry.note


def test_nothing_runs_until_two_are_chosen(client_as: ClientAs, firms: list[int]) -> None:
    page = client_as(Role.VIEW, PROVINCE).get(ADDRESS).text
    assert "选择两个标准后点“测算”" in page
    assert '<option value="SRDI-2022"' in page


def test_two_titles_are_not_compared(client_as: ClientAs) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    answer = client.get(f"{ADDRESS}?a=SRDI-2026&b=LG-2026")
    assert (answer.status_code, "两个标准须是同一称号的" in answer.text) == (422, True)
    assert client.get(f"{ADDRESS}?a=SRDI-1999&b=LG-2026").status_code == 404
    assert client.get(f"{ADDRESS}/export?a=SRDI-2022").status_code == 422


def test_another_region_is_not_found(client_as: ClientAs, firms: list[int]) -> None:
    asked = f"a={PAIR[0]}&b={PAIR[1]}&region={OTHER_COUNTY}"
    client = client_as(Role.VIEW, CITY)
    for address in (ADDRESS, f"{ADDRESS}/export"):
        assert client.get(f"{address}?{asked}").status_code == 404


def test_a_draft_is_measured_exported_and_forgotten(
    session: Session, client_as: ClientAs, firms: list[int]
) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    before = walk.digest(session)
    answer = client.post(
        ADDRESS,
        data={"file": (_file(draft_text()), "草案.yaml"), "kind": "new"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 200
    assert "LG-2022 → LG-2022+2025notice" in answer.text
    assert walk.digest(session) == before
    book = client.post(f"{ADDRESS}/draft-export", data={"draft": draft_text(), "kind": "new"})
    table = read_table(book.data)
    assert "LG-2022 → LG-2022+2025notice" in table.cover
    shown = re.findall(r"/enterprises/(\d+)/clauses", answer.text)
    assert len(table.rows) == len(shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "只是一句话",
        "a: [1, 2",
        DRAFT.replace("base: LG-2026", "base: ../../../etc/passwd"),
        DRAFT.replace("base: LG-2026", "base: LG-1999"),
        DRAFT.replace("issued_on: 2026-01-01", "issued_on: 2026-13-01"),
        DRAFT.replace("evidence: unchecked", "evidence: 1.5"),
        DRAFT + "new_key: 1\n",
        "a: &x [1]\nb: [*x, *x]\n",
        "[" * 3000,
        "a: " + "9" * 70_000,
        "a: " + "9" * 6_000,
    ],
    ids=[
        "nothing", "text", "broken", "path", "no-base", "month", "float", "unknown-key", "alias",
        "deep", "long", "number",
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_draft_is_one_sentence(client_as: ClientAs, text: str) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    answer = client.post(
        ADDRESS, data={"file": (_file(text), "x.yaml")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    assert len(re.findall(r"notice--bad", answer.text)) == 1
    told = client.post(f"{ADDRESS}/draft-export", data={"draft": text})
    assert told.status_code == 422


def _file(text: str) -> BytesIO:
    return BytesIO(text.encode())
