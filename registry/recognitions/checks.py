"""What is wrong or doubtful about one recognition, alone and beside the firm's others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from registry.fields import Issue, Value
from registry.recognitions.catalogue import Title, default_valid_to

FAR_APART = timedelta(days=180)
ROUNDING = timedelta(days=31)
"""Certificates round the end of a validity to the day, or to the end of its month."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days a title is held: from `valid_from` to `valid_to`, or to the day before `ended_on`."""

    title: Title
    valid_from: date
    valid_to: date
    ended_on: date | None = None

    @property
    def last_day(self) -> date:
        if self.ended_on is None:
            return self.valid_to
        return min(self.valid_to, self.ended_on - timedelta(days=1))

    def overlaps(self, other: Period) -> bool:
        return (
            self.title is other.title
            and self.valid_from <= other.last_day
            and other.valid_from <= self.last_day
        )


def check(
    values: Mapping[str, Value | None],
    *,
    founded_on: date | None = None,
    is_active: bool = True,
    others: Sequence[Period] = (),
) -> list[Issue]:
    """Findings over one recognition's values, completed (`catalogue.completed`).

    `founded_on` and `is_active` are the firm's; `others` are its other recognitions.
    """
    issues = []
    if not values.get("title"):
        issues.append(Issue("title_missing", "请选择称号", "title"))
    if not values.get("valid_from"):
        issues.append(Issue("valid_from_missing", "请填写有效期起", "valid_from"))
    if not is_active:
        sentence = "该企业不在库，不能登记或修改称号。确需登记请先恢复在库"
        issues.append(Issue("firm_not_active", sentence))
    period = period_of(values)
    if period is not None:
        issues += [*_dates(period, values.get("announced_on"), founded_on)]
        issues += [*_product(period, values.get("product")), *_overlap(period, others)]
    return issues


def period_of(values: Mapping[str, Value | None]) -> Period | None:
    """The period the values describe, or None while title or dates are missing."""
    title, start, end = (values.get(key) for key in ("title", "valid_from", "valid_to"))
    if isinstance(title, str) and isinstance(start, date) and isinstance(end, date):
        ended = values.get("ended_on")
        return Period(Title(title), start, end, ended if isinstance(ended, date) else None)
    return None


def _dates(period: Period, announced: Value | None, founded_on: date | None) -> Iterator[Issue]:
    start, end = period.valid_from, period.valid_to
    usual = default_valid_to(period.title, start)
    # 科技型 ends when the year's list is renewed, so the first term is often shorter than a year.
    short = end < usual - ROUNDING and period.title is not Title.TECH_SME
    if end < start:
        yield Issue("valid_to_early", "有效期止早于有效期起，请核对", "valid_to")
    elif short or end > usual + ROUNDING:
        years = "一年" if period.title.validity_years == 1 else "三年"
        sentence = f"{period.title.short_label}有效期一般为{years}，按此应至 {usual}，请核对"
        yield Issue("validity_unusual", sentence, "valid_to", blocking=False)
    if isinstance(announced, date) and abs(announced - start) > FAR_APART:
        sentence = f"公告日期与有效期起相差 {abs(announced - start).days} 天，请核对"
        yield Issue("announced_far", sentence, "announced_on", blocking=False)
    if founded_on is not None and start < founded_on:
        sentence = f"有效期起早于企业成立日期 {founded_on}，请核对"
        yield Issue("before_founded", sentence, "valid_from", blocking=False)


def _product(period: Period, product: Value | None) -> Iterator[Issue]:
    if period.title is Title.SINGLE_CHAMPION and not product:
        sentence = "单项冠军证书写明产品，请填写产品名称"
        yield Issue("product_missing", sentence, "product", blocking=False)


def _overlap(period: Period, others: Sequence[Period]) -> Iterator[Issue]:
    for other in others:
        if period.overlaps(other):
            sentence = (
                f"与同一称号的另一有效期（{other.valid_from} 至 {other.last_day}）重叠。"
                "若为复核通过，请先将原称号办理终止"
            )
            yield Issue("overlap", sentence, "valid_from")
            return
