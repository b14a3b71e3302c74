"""Which two rule sets 政策变动测算 compares, read from the query words of an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry import clock
from registry.assessments.services import Asked
from registry.errors import Invalid
from registry.policy import rounds
from registry.policy.clauses import RoundKind, TitleRules
from registry.progression import rules
from registry.recognitions.catalogue import Title

FOR_ONE_TITLE = "两个标准须是同一称号的。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`old` and `new` are ids of rule sets, empty where none is chosen yet."""

    title: Title = Title.SRDI_SME
    kind: RoundKind = RoundKind.NEW
    old: str = ""
    new: str = ""
    region: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Choice:
        """Read `a b title kind region`. Without `a` and `b`, those of last year's round of the
        title and of this year's."""
        title, kind = args.get("title", ""), args.get("kind", "")
        wanted = Title(title) if title in set(Title) else Title.SRDI_SME
        old, new = args.get("a", ""), args.get("b", "")
        kind_ = RoundKind(kind) if kind in set(RoundKind) else RoundKind.NEW
        if not old and not new:
            year = clock.today().year
            old, new = (
                rounds.resolve(wanted.value, kind_, one).rule_set for one in (year - 1, year)
            )
        return cls(title=wanted, kind=kind_, old=old, new=new, region=args.get("region", "")[:100])

    @property
    def asked(self) -> Asked:
        return Asked(title=self.title, kind=self.kind, year=clock.today().year)

    def to_args(self) -> dict[str, str]:
        words = {
            "title": self.title.value, "kind": self.kind.value, "a": self.old, "b": self.new,
            "region": self.region,
        }  # fmt: skip
        return {key: word for key, word in words.items() if word}

    def rules(self) -> tuple[TitleRules, TitleRules]:
        """Raises NotFound for a rule set that is not there, Invalid for two of different titles."""
        return same_title(rules.rules_of(self.old), rules.rules_of(self.new))


def same_title(old: TitleRules, new: TitleRules) -> tuple[TitleRules, TitleRules]:
    if old.subject != new.subject:
        raise Invalid(FOR_ONE_TITLE)
    return old, new
