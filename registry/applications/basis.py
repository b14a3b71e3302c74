"""By which standard a round goes, and who may apply for it. Pure: from the files of the policy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from registry.assessments.catalogue import FACTS
from registry.policy import rounds, titles
from registry.policy.clauses import Among, AnyOf, Clause, RoundKind
from registry.recognitions.catalogue import Title

_HOLDS = "holds_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The rule set a round goes by with its name, or the reason why there is none.

    `applicants`: the firms that may apply, in words. `is_usual`: what the table of rounds says.
    """

    rule_set: str
    name: str
    reason: str
    applicants: str
    is_usual: bool


def basis_of(title: Title, kind: RoundKind, year: int, rule_set: str = "") -> Basis:
    """`rule_set`: chosen instead of the usual one."""
    usual = rounds.resolve(title.value, kind, year)
    chosen = rule_set or usual.rule_set
    return Basis(
        rule_set=chosen,
        name=titles.load_title_rules(chosen, FACTS).citation.title if chosen else "",
        reason="" if chosen else usual.reason,
        applicants=_applicants(title, kind, year, chosen),
        is_usual=chosen == usual.rule_set,
    )


@dataclass(frozen=True, slots=True)
class Below:
    """One of `titles` is asked for; `source`: the instrument and clause that ask."""

    titles: tuple[Title, ...]
    source: str

    @property
    def words(self) -> str:
        return "或".join(one.label for one in self.titles)


@lru_cache
def titles_below(rule_set: str, kind: RoundKind) -> tuple[Below, ...]:
    """The titles that a rule set asks a firm to hold: of each group one, of all groups."""
    rules = titles.load_title_rules(rule_set, FACTS)
    groups = [(clause, _held(clause)) for clause in rules.criteria if kind in clause.kinds]
    title = rules.citation.title
    return tuple(Below(group, f"《{title}》{clause.clause}") for clause, group in groups if group)


def _held(clause: Clause) -> tuple[Title, ...]:
    """The titles one of which the clause asks for; none of a clause that can be met otherwise."""
    test = clause.test
    if isinstance(test, Among) and test.fact.startswith(_HOLDS) and test.is_true:
        return (Title(test.fact.removeprefix(_HOLDS)),)
    if isinstance(test, AnyOf):
        found = [_held(part) for part in test.parts]
        return tuple(title for group in found for title in group) if all(found) else ()
    return ()


def _applicants(title: Title, kind: RoundKind, year: int, rule_set: str) -> str:
    if kind is RoundKind.RENEWAL:
        said = [f"持有{title.label}称号，有效期止于 {year - 1} 年或以后"]
    else:
        said = [f"未持有有效的{title.label}称号"]
    if not rule_set:
        return f"{said[0]}；标准未配置，是否要求下一级称号以通知为准"
    said += [f"持有有效的{one.words}称号" for one in titles_below(rule_set, kind)]
    return "；".join(said)
