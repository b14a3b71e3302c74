"""The rule files: what is shipped, and what a slip of the pen does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from registry.policy.rulesets import Evidence, RuleSetError, load_size_ruleset, read_size_ruleset

MINIMAL = """\
id: TEST
kind: size
title: 标准
instrument: 通知
number: 〔2011〕1号
issued_on: 2011-06-18
effective_from: 2011-06-18
dates_evidence: unchecked
links: []
evidence: copy
not_covered: []
rows:
  - key: industry
    name: 工业
    clause: 第四条
    evidence: copy
    industries: [C, 13-43]
    bounds:
      employees: {small: 20, medium: 300, large: 1000}
"""


def test_the_shipped_rule_set_says_where_it_comes_from() -> None:
    citation = load_size_ruleset().citation
    assert citation.id == "SIZE-2011"
    assert citation.number == "工信部联企业〔2011〕300号"
    assert citation.effective_from == date(2011, 6, 18)
    assert citation.effective_to is None
    assert citation.revision == 1, "a file that says none is the first"
    assert (citation.evidence, citation.dates_evidence) == (
        Evidence.SECONDARY,
        Evidence.UNCHECKED,
    )
    assert len(citation.digest) == 64


def test_every_row_has_its_clause_and_grade() -> None:
    rows = load_size_ruleset().rows
    assert len(rows) == 16
    assert len({row.clause for row in rows}) == 16
    unchecked = [row.key for row in rows if row.evidence is Evidence.UNCHECKED]
    assert unchecked == ["other"]


def test_every_division_of_the_standard_belongs_somewhere_once() -> None:
    ruleset = load_size_ruleset()
    claims = [row.industries for row in ruleset.rows]
    claims += [gap.industries for gap in ruleset.not_covered]
    for division in range(1, 98):
        code = f"{division:02d}"
        owners = [claim for claim in claims if code in claim]
        assert len(owners) == (0 if code == "70" else 1), code
    for group in ("701", "702", "703", "704", "709"):
        assert sum(group in claim for claim in claims) == 1
    assert set("ABCDEFGHIJKLMNOPQRST") <= set().union(*claims)


def test_a_plain_file_is_read() -> None:
    row = read_size_ruleset(MINIMAL).rows[0]
    assert row.bounds[0][1].medium == Decimal(300)
    assert {"C", "13", "43"} <= row.industries


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("small: 20", "small: 20, small: 30", "key twice: small"),
        ("number:", "title: 又一个\nnumber:", "key twice: title"),
        ("small: 20", "small: 20.5", "not a whole number"),
        ("small: 20", "small: true", "not a number"),
        ("small: 20", 'small: "20"', "not a int"),
        ("small: 20, ", "", "small: missing"),
        ("small: 20", "small: 20, tiny: 1", "unknown key: tiny"),
        ("links: []", "links: []\nnote: x", "unknown key: note"),
        ("small: 20", "small: 400", "out of order"),
        ("employees:", "profit:", "unknown indicator: profit"),
        ("evidence: copy\nnot", "evidence: certain\nnot", "no grade of evidence"),
        ("issued_on: 2011-06-18", "issued_on: 2011年", "not a date"),
        ("13-43", "131-43", "no industry"),
        ("[C, 13-43]", '[C, 13-43, "131"]', "claimed twice: 131"),
        ("kind: size", "kind: score", "kind is not size"),
        ("links: []", "links: [1]", "not a text"),
        ("id: TEST", "- id", "not YAML"),
        (MINIMAL, "[]", "not a mapping"),
    ],
)
def test_a_slip_of_the_pen_is_refused(old: str, new: str, complaint: str) -> None:
    assert old in MINIMAL
    with pytest.raises(RuleSetError, match=complaint):
        read_size_ruleset(MINIMAL.replace(old, new, 1))
