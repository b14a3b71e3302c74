"""The rung of a firm is a view over its recognitions on a date, never a column. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from registry.recognitions.catalogue import LADDER, State, Title
from registry.recognitions.models import Recognition

WARN_DAYS = 180
"""The last half year of a validity is counted in days (policy §10: warn 6 months before)."""


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One rung as the `ladder` macro draws it; `state` is done, cur, next or none."""

    key: str
    label: str
    state: str
    line1: str = ""
    line2: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    steps: Sequence[LadderStep]
    note: str
    """Where the firm stands, in a sentence."""


def ladder(
    recognitions: Sequence[Recognition],
    day: date,
    link: Callable[[int], str] | None = None,
) -> Ladder:
    """The four rungs of a firm on `day`.

    The current rung is the highest title held; 科技型 counts as the lowest rung where there is no
    创新型. `link` makes the address of a recognition from its id.
    """
    latest = {title: _latest(recognitions, title, day) for title in Title}
    base = Title.INNOVATIVE_SME
    if not _held(latest[base], day) and _held(latest[Title.TECH_SME], day):
        base = Title.TECH_SME
    rungs = (base, *LADDER[1:])
    current = max((n for n, title in enumerate(rungs) if _held(latest[title], day)), default=-1)
    steps = []
    for number, title in enumerate(rungs):
        found = latest[title]
        line1, line2 = _lines(found, day)
        if number == 0 and base is Title.INNOVATIVE_SME and _held(latest[Title.TECH_SME], day):
            line2 = line2 or "同时是科技型中小企业"
        steps.append(
            LadderStep(
                key=LADDER[number].value,
                label=title.label,
                state=_state(number, current, found),
                line1=line1 or ("下一级" if number == current + 1 else ""),
                line2=line2,
                href=link(found.id) if link and found else "",
            )
        )
    return Ladder(steps, _note(rungs, current))


def _latest(recognitions: Sequence[Recognition], title: Title, day: date) -> Recognition | None:
    """The one held on `day`, else the last one begun before it."""
    begun = [row for row in recognitions if row.title is title and row.valid_from <= day]
    return max(begun, key=lambda row: (_held(row, day), row.valid_from), default=None)


def _held(recognition: Recognition | None, day: date) -> bool:
    return recognition is not None and recognition.state_on(day).holds


def _state(number: int, current: int, found: Recognition | None) -> str:
    if number == current:
        return "cur"
    if number < current:
        return "done" if found else "none"
    return "next" if number == current + 1 else "none"


def _lines(found: Recognition | None, day: date) -> tuple[str, str]:
    if found is None:
        return "", ""
    given = found.announced_on or found.valid_from
    return f"{_month(given)}认定", _fate(found, day)


def _fate(found: Recognition, day: date) -> str:
    state = found.state_on(day)
    if state is State.VALID:
        end, left = found.valid_to, found.days_left(day)
        text = f"有效期至{end.year}年{end.month}月{end.day}日"
        return f"{text}，剩 {left} 天" if left <= WARN_DAYS else text
    if state is State.RENEWING:
        end = found.valid_to
        return f"{end.year}年{end.month}月{end.day}日到期，{state.label}"
    if state is State.EXPIRED:
        return f"{_month(found.valid_to)}到期"
    if found.ended_on is not None and found.end_kind is not None and found.ended_on <= day:
        return f"{_month(found.ended_on)}{found.end_kind.label}"
    return f"企业{found.enterprise.status.label}"


def _month(day: date) -> str:
    return f"{day.year}年{day.month}月"


def _note(rungs: Sequence[Title], current: int) -> str:
    if current < 0:
        return f"目前没有有效称号，第一级为{rungs[0].label}"
    if current == len(rungs) - 1:
        return "已是最高级"
    return f"当前第 {current + 1} 级，下一级为{rungs[current + 1].label}"
