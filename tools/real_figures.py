"""`python -m tools.real_figures`: published figures of listed firms through four rule sets.

Makes a facts file of each firm and year, in the form of the base of a casebook, and prints how
often each verdict comes out, by clause.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import RoundKind
from registry.policy.engine import assess
from registry.policy.findings import Assessment, Verdict
from tests.policy import casebook

FIGURES = Path(__file__).parent.parent / "tests/policy/real/gansu_listed_2019_2021.csv"
RULE_SETS = ("LG-2022", "LG-2026", "SRDI-2022", "SRDI-2026")
_YUAN = {
    "revenue": "营业收入(元)",
    "rd_expense": "研发费用(元)",
    "net_profit": "净利润(元)",
    "total_assets": "资产总计(元)",
    "total_liabilities": "负债合计(元)",
}
_PEOPLE = {"employees_total": "员工总数", "rd_staff": "研发人员"}
_YEARS = 3
Row = Mapping[str, str]


def rows_of(path: Path = FIGURES) -> list[Row]:
    """A firm-year each, as published."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def nodes_of(rows: Sequence[Row]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content of the facts file of each: its year and those before that are published."""
    for row in rows:
        firm, year = row["企业名称"], int(row["年度"])
        yearly: dict[str, dict[int, str]] = {}
        for one in rows:
            if one["企业名称"] == firm and 0 <= year - int(one["年度"]) < _YEARS:
                for key, figure in _figures(one).items():
                    yearly.setdefault(key, {})[int(one["年度"])] = f"{figure:f}"
        yield (
            f"{firm}-{year}",
            {
                "year": year,
                "as_of": date(year + 1, 5, 20),
                "first_year": None,
                "single": {},
                "yearly": yearly,
                "items": {},
            },
        )


def _figures(row: Row) -> dict[str, Decimal]:
    """万元 and persons. No research staff at all is a field that nobody filled in."""
    found = {key: Decimal(row[name]) / 10_000 for key, name in _YUAN.items() if row[name]}
    found |= {key: Decimal(row[name]) for key, name in _PEOPLE.items() if row[name]}
    if not found.get("rd_staff"):
        found.pop("rd_staff", None)
    return found


def assessments_of(rule_set: str, nodes: Sequence[Mapping[str, Any]]) -> list[Assessment]:
    rules = casebook.rules_of(rule_set)
    return [assess(rules, casebook.facts_of(node), RoundKind.NEW, FACTS) for node in nodes]


def report(nodes: Sequence[Mapping[str, Any]]) -> str:
    """How often each verdict comes out, under each rule set and of each clause that is looked at."""
    lines: list[str] = []
    for rule_set in RULE_SETS:
        lines.append(f"{rule_set:24}" + "".join(f"{one.value:>10}" for one in Verdict))
        counts: dict[str, Counter[Verdict]] = {"(all)": Counter()}
        for assessment in assessments_of(rule_set, nodes):
            counts["(all)"][assessment.verdict] += 1
            for finding in casebook.findings_in(assessment.findings):
                counts.setdefault(finding.clause.key, Counter())[finding.verdict] += 1
        for key, count in counts.items():
            lines.append(f"  {key:22}" + "".join(f"{count[one]:>10}" for one in Verdict))
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=Path, default=FIGURES)
    parser.add_argument("--write", type=Path, help="folder for the facts files")
    arguments = parser.parse_args()
    nodes = dict(nodes_of(rows_of(arguments.figures)))
    if arguments.write is not None:
        arguments.write.mkdir(parents=True, exist_ok=True)
        for name, node in nodes.items():
            text = yaml.safe_dump(node, allow_unicode=True, sort_keys=False)
            (arguments.write / f"{name}.yaml").write_text(text, encoding="utf-8")
    print(report(list(nodes.values())), end="")


if __name__ == "__main__":
    main()
