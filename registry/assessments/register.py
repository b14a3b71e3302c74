"""Whole registers evaluated, some thousand firms at a time: standings, and what a policy changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.assessments.catalogue import FACTS
from registry.assessments.facts import SCALE_OF, gather
from registry.assessments.models import Standing
from registry.assessments.services import Asked
from registry.bulk import insert_tuples, moment_text, without_collecting
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.permissions import Scope
from registry.policy import engine, titles
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.compiled import VERDICTS, Compiled, compile_rules
from registry.policy.compiled_measures import MET, MISSING, NOT_MET, TO_VERIFY
from registry.policy.findings import Verdict
from registry.recognitions.catalogue import Title

_COLUMNS = (
    "enterprise_id", "title", "year", "as_of", "rule_set", "digest", "engine", "verdict", "met",
    "not_met", "missing", "to_verify", "gaps", "failed", "lacking", "made_at",
)  # fmt: skip
Progress = Callable[[int], None]
_MOST_TOLD = 20_000
_LOCK = 20_260_004
"""Of standings, on PostgreSQL: who evaluates waits for who does already."""
_CODES = (MET, NOT_MET, MISSING, TO_VERIFY)
_VERDICTS = tuple(verdict.value for verdict in VERDICTS)
_RANKS = {Verdict.NOT_MET: 0, Verdict.MISSING: 1, Verdict.TO_VERIFY: 1, Verdict.MET: 2}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How many firms were evaluated by which rule set; by none, and why, without a basis."""

    firms: int
    rule_set: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A firm that stands otherwise by the new rules. `clauses`: the keys of those that decide,
    not met any more (of the new rules), or no longer in the way (of the old ones)."""

    firm: int
    before: Verdict
    after: Verdict
    clauses: tuple[str, ...]

    @property
    def gains(self) -> bool:
        return _RANKS[self.after] > _RANKS[self.before]


def compiled_for(rules: TitleRules, asked: Asked) -> Compiled:
    day = asked.day
    return compile_rules(rules, asked.kind, FACTS, scales=SCALE_OF, year=day.year, as_of=day.as_of)


def evaluate(
    session: Session, scope: Scope, asked: Asked, progress: Progress = lambda done: None
) -> Evaluated:
    """Put the standings of every active firm in scope to a title anew."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    _forget(session, scope, asked)
    round_ = asked.round
    if not round_.rule_set:
        return Evaluated(0, "", round_.reason)
    rules = titles.load_title_rules(round_.rule_set, FACTS)
    compiled = compiled_for(rules, asked)
    made = _Making(session, asked, rules, compiled.keys)
    done = 0
    with without_collecting():
        for firms in gather(session, scope, asked.day, facts=compiled.facts):
            rows = [made.row(one.firm, compiled.codes(one.plain)) for one in firms]
            insert_tuples(session, Standing, _COLUMNS, rows)
            done += len(firms)
            progress(done)
    return Evaluated(done, round_.rule_set)


def evaluate_all(
    session: Session,
    scope: Scope,
    year: int,
    wanted: Sequence[Title] = tuple(Title),
    progress: Progress = lambda done: None,
) -> dict[Title, Evaluated]:
    """The same for new rounds of several titles; `progress` counts the firms of all of them."""
    found: dict[Title, Evaluated] = {}
    for title in wanted:
        before = sum(one.firms for one in found.values())

        def told(firms: int, before: int = before) -> None:
            progress(before + firms)

        asked = Asked(title=title, kind=RoundKind.NEW, year=year)
        found[title] = evaluate(session, scope, asked, told)
    return found


def _forget(session: Session, scope: Scope, asked: Asked) -> None:
    ours = select(Enterprise.id).where(in_scope(scope))
    session.execute(
        delete(Standing).where(Standing.title == asked.title, Standing.enterprise_id.in_(ours))
    )


class _Making:
    """Rows of standings, as both databases take them in bulk."""

    def __init__(
        self, session: Session, asked: Asked, rules: TitleRules, keys: Sequence[str]
    ) -> None:
        digest, day = rules.citation.digest, asked.day
        self._keys = keys
        round_ = (asked.title.value, asked.year, day.as_of.isoformat())
        self._head = (*round_, rules.citation.id, digest, engine.VERSION)
        self._told: dict[bytes, tuple[Any, ...]] = {}
        self._made_at = moment_text(session, clock.now())

    def row(self, firm: int, codes: bytes) -> tuple[Any, ...]:
        told = self._told.get(codes)
        if told is None:
            told = self._tell(codes)
        return (firm, *self._head, *told, self._made_at)

    def _tell(self, codes: bytes) -> tuple[Any, ...]:
        """Firms that are alike by every clause are told alike."""
        counts = [codes.count(code) for code in _CODES]
        _, not_met, missing, _ = counts
        told = (
            _VERDICTS[min(codes)], *counts, not_met + missing,
            self._listed(codes, NOT_MET), self._listed(codes, MISSING),
        )  # fmt: skip
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        self._told[codes] = told
        return told

    def _listed(self, codes: bytes, wanted: int) -> str:
        keys = [key for key, code in zip(self._keys, codes, strict=True) if code == wanted]
        return orjson.dumps(keys).decode()


def compare(
    session: Session, scope: Scope, asked: Asked, old: TitleRules, new: TitleRules
) -> Iterator[list[tuple[int, Verdict, Verdict, Moved | None]]]:
    """Every active firm in scope by both rules, some thousand at a time: verdict by the old ones,
    by the new ones, and what decides when it stands otherwise."""
    before, after = compiled_for(old, asked), compiled_for(new, asked)
    for firms in gather(session, scope, asked.day, facts=before.facts | after.facts):
        yield [
            _compared(one.firm, before, before.codes(one.plain), after, after.codes(one.plain))
            for one in firms
        ]


def _compared(
    firm: int, before: Compiled, old: bytes, after: Compiled, new: bytes
) -> tuple[int, Verdict, Verdict, Moved | None]:
    was, is_now = VERDICTS[min(old)], VERDICTS[min(new)]
    if _RANKS[was] == _RANKS[is_now]:
        return firm, was, is_now, None
    gains = _RANKS[is_now] > _RANKS[was]
    keys, codes = (before.keys, old) if gains else (after.keys, new)
    worst = min(_RANKS[was], _RANKS[is_now])
    deciding = tuple(
        key for key, code in zip(keys, codes, strict=True) if _RANKS[VERDICTS[code]] == worst
    )
    return firm, was, is_now, Moved(firm, was, is_now, deciding)
