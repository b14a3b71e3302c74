"""The yearly update of a title: due by when, and what comes of missing it. Pure.

An update is the report of year Y-1, handed in by the due date of year Y, for every due date that
lies in the validity; the due date itself still counts. Sources, with their grades:

- 30 April, one miss loses 复核: 工信部企业〔2022〕63号 article 14 (A-, B).
- 31 May: 工信部企业〔2026〕2号 (B); two misses in one validity cancel the title: a provincial notice
  of 2026 that quotes it (B-).
- 31 May, not updated after a reminder loses 复核: 工信部政法〔2023〕138号 article 11 (B-).

A title goes by the standard it was recognised by until its own end (policy §0.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.policy import rounds
from registry.policy.clauses import RoundKind
from registry.policy.rulesets import Evidence

FIRST_MEASURES = date(2022, 8, 1)
"""工信部企业〔2022〕63号 in force (M+): what was recognised before went by other rules."""
NEW_MEASURES = date(2026, 4, 1)
"""工信部企业〔2026〕2号 in force (B): what was recognised before went by the rounds of 2025."""


class Loss(StrEnum):
    """What missed updates cost."""

    RENEWAL = "renewal"
    REMINDED = "reminded"
    TITLE = "title"

    @property
    def label(self) -> str:
        return _LOSSES[self]


_LOSSES = {
    Loss.RENEWAL: "有一次未按时更新，失去复核资格",
    Loss.REMINDED: "经提醒仍未更新，失去复核资格",
    Loss.TITLE: "一个有效期内两次未按时更新，取消认定",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRule:
    """The day of the year by which a standard wants the update, and what missing it costs."""

    month: int
    day: int
    loss: Loss
    clause: str
    evidence: Evidence

    @property
    def words(self) -> str:
        return f"每年{self.month}月{self.day}日前更新上年度数据；{self.loss.label}"

    def due_dates(self, valid_from: date, valid_to: date) -> Iterator[date]:
        """The due dates within a validity, its first and last day included."""
        for year in range(valid_from.year, valid_to.year + 1):
            due = date(year, self.month, self.day)
            if valid_from <= due <= valid_to:
                yield due


@dataclass(frozen=True, slots=True)
class UpdateBasis:
    """The rule of a title, or the reason why none is configured."""

    rule: UpdateRule | None
    reason: str = ""


_OF_2022 = UpdateRule(
    month=4,
    day=30,
    loss=Loss.RENEWAL,
    clause="工信部企业〔2022〕63号第十四条",
    evidence=Evidence.COPY,
)
_OF_2026 = UpdateRule(
    month=5,
    day=31,
    loss=Loss.TITLE,
    clause="工信部企业〔2026〕2号；两次未更新的后果见省级通知转引",
    evidence=Evidence.SECONDARY,
)
_OF_CHAMPIONS = UpdateRule(
    month=5,
    day=31,
    loss=Loss.REMINDED,
    clause="工信部政法〔2023〕138号第十一条",
    evidence=Evidence.SECONDARY,
)
_RULES: Mapping[str, UpdateRule] = {
    "INNO-2022": _OF_2022,
    "SRDI-2022": _OF_2022,
    "LG-2022": _OF_2022,
    "SRDI-2026": _OF_2026,
    "LG-2026": _OF_2026,
    "SC-2023": _OF_CHAMPIONS,
}
"""By rule set; an overlay goes by its base. 科技型 is updated with the science departments."""


def basis_of(title: str, recognised_on: date, *, is_renewal: bool) -> UpdateBasis:
    """By which rule a title is updated that was recognised on a day, anew or by 复核. Raises
    KeyError for a title without rules."""
    year = recognised_on.year
    if recognised_on < FIRST_MEASURES:
        year = min(year, FIRST_MEASURES.year - 1)
    elif recognised_on < NEW_MEASURES:
        year = min(year, NEW_MEASURES.year - 1)
    kind = RoundKind.RENEWAL if is_renewal else RoundKind.NEW
    found = rounds.resolve(title, kind, year)
    rule = _RULES.get(found.rule_set.split("+", maxsplit=1)[0])
    return UpdateBasis(rule, "" if rule else found.reason or "由其他部门办理更新")
