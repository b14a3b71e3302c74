"""Two rule sets side by side: what is new, what is gone, what has changed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from registry.policy.describing import Cited, Description, IndicatorLine, Line, Setting
from registry.policy.wording import number

T = TypeVar("T", bound=Cited)


class Fate(StrEnum):
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"

    @property
    def label(self) -> str:
        return {"new": "新增", "gone": "取消", "changed": "调整"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one rule set says and what the other; nothing where it does not ask."""

    fate: Fate
    key: str
    label: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    old_clause: str
    new_clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    clauses: tuple[Change, ...]
    indicators: tuple[Change, ...]
    parameters: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.clauses or self.indicators or self.parameters)


def difference(old: Description, new: Description) -> Difference:
    """By the keys of clauses, indicators and parameters: what has changed and what is new in the
    order of the new rule set, then what is gone."""
    return Difference(
        clauses=tuple(_changes(old.lines, new.lines, _said_of_clause)),
        indicators=tuple(_changes(_table(old), _table(new), _said_of_indicator)),
        parameters=tuple(_changes(old.parameters, new.parameters, _said_of_setting)),
    )


def _table(description: Description) -> list[Cited]:
    """The indicators, each followed by the clauses that give its points."""
    return [one for indicator in description.indicators for one in (indicator, *indicator.parts)]


def _changes(
    old: Sequence[T], new: Sequence[T], said: Callable[[T], tuple[str, ...]]
) -> Iterator[Change]:
    before, after = ({one.key: one for one in all_} for all_ in (old, new))
    for key in [key for key in after if key in before]:
        was, one = before[key], after[key]
        if said(was) != said(one):
            yield _change(Fate.CHANGED, one, *_apart(said(was), said(one)), was.clause, one.clause)
    for one in (after[key] for key in after if key not in before):
        yield _change(Fate.NEW, one, (), _alone(one, said(one)), "", one.clause)
    for was in (before[key] for key in before if key not in after):
        yield _change(Fate.GONE, was, _alone(was, said(was)), (), was.clause, "")


def _change(
    fate: Fate, one: Cited, old: tuple[str, ...], new: tuple[str, ...], was: str, now: str
) -> Change:
    return Change(
        fate=fate, key=one.key, label=one.label, old=old, new=new, old_clause=was, new_clause=now
    )


def _alone(one: Cited, said: tuple[str, ...]) -> tuple[str, ...]:
    """Without what the label says already."""
    return tuple(
        words for words in said if not words.startswith("按") or words[1:] not in one.label
    )


def _apart(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first thing said, and of the rest what the other does not say."""
    return (
        (old[0], *(words for words in old[1:] if words not in new)),
        (new[0], *(words for words in new[1:] if words not in old)),
    )


def _said_of_clause(line: Line) -> tuple[str, ...]:
    place = " › ".join(line.within)
    told = (line.band, line.basis and f"按{line.basis}", line.asked, place and f"属于“{place}”")
    return (line.requirement, *(words for words in told if words))


def _said_of_indicator(one: Cited) -> tuple[str, ...]:
    if isinstance(one, Line):
        return _said_of_clause(one)
    if isinstance(one, IndicatorLine):
        steps = (f"{words}：{number(points)} 分" for words, points in one.steps)
        return (f"{one.group}，最高 {one.maximum} 分", one.basis, *steps)
    return ()


def _said_of_setting(setting: Setting) -> tuple[str, ...]:
    return (setting.value,)
