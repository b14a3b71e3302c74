"""Figures beside their targets, and rows of tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.indicators.sums import NEW_PRODUCT_RATIO, RD_RATIO, RD_STAT_RATIO, RatioResult, Sums

INDUSTRIES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class TargetRatio:
    """The ratio that is compared with a target.

    `stands_in`: 研发费用 in the place of the statistical R&D 经费 that nobody reports. It is
    another figure, so everything made from it carries 口径不同.
    """

    ratio: RatioResult
    stands_in: bool = False

    @property
    def value(self) -> Decimal | None:
        return self.ratio.value

    def gap(self, target: Decimal | None) -> Decimal | None:
        """How far above (below: negative) the target, 0-1; None when either is missing."""
        return None if self.value is None or target is None else self.value - target


def rd_against_target(sums: Sums) -> TargetRatio:
    """R&D 经费 ÷ 营业收入 where reported, else 研发费用 ÷ 营业收入 under its mark (policy §11)."""
    statistical = sums.ratio(RD_STAT_RATIO)
    if statistical.used:
        return TargetRatio(statistical)
    accounting = sums.ratio(RD_RATIO)
    return TargetRatio(accounting, stands_in=accounting.used > 0)


def new_product_against_target(sums: Sums) -> TargetRatio:
    return TargetRatio(sums.ratio(NEW_PRODUCT_RATIO))


@dataclass(frozen=True, slots=True)
class IndustryRow:
    """An industry. An empty code: several together, or firms that no list shows alone (none
    registered, or a 门类 only, whose list holds its 大类 too)."""

    code: str
    name: str
    sums: Sums


def industry_rows(
    by_code: Mapping[str | None, Sums],
    names: Mapping[str, tuple[str, str]],
    *,
    by_section: bool,
    shown: int = INDUSTRIES_SHOWN,
) -> list[IndustryRow]:
    """The industries with the largest revenue, then the rest in one row; all of `by_code`.

    `names`: code of a 门类 or 大类 -> (name, letter of its 门类).
    """
    folded: dict[str, Sums] = {}
    for code, sums in by_code.items():
        key = _folded(code, names, by_section=by_section)
        folded[key] = folded.get(key, Sums()) + sums
    unknown = folded.pop("", None)
    rows = [
        IndustryRow(code if by_section or code.isdigit() else "", names[code][0], sums)
        for code, sums in sorted(
            folded.items(), key=lambda item: (-item[1].revenue, -item[1].eligible, item[0])
        )
    ]
    rest = rows[shown:]
    if rest:
        rows[shown:] = [IndustryRow("", f"其余 {len(rest)} 个行业", _together(rest))]
    if unknown is not None:
        rows.append(IndustryRow("", "未登记行业", unknown))
    return rows


def _together(rows: Sequence[IndustryRow]) -> Sums:
    return sum((row.sums for row in rows), Sums())


def _folded(code: str | None, names: Mapping[str, tuple[str, str]], *, by_section: bool) -> str:
    """门类 or 大类 of a code; one registered by its letter only stays there. Empty: none."""
    if not code:
        return ""
    division = code[:2] if code[0].isdigit() else code
    if division not in names:
        return ""
    return names[division][1] if by_section else division


def difference(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if now is None or before is None else now - before


def first_with_data(years: Iterable[int], sums: Mapping[int, Sums], key: str) -> int | None:
    """The earliest of `years` for which somebody reports a ratio."""
    return next((year for year in sorted(years) if sums[year].ratio(key).used), None)
