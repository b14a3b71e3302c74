"""How values look on a page: the template filters, one function for each kind of figure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from flask import Flask

from registry import clock
from registry.fields import Field, Kind, Value, as_text, in_unit

NOTHING = "—"
MINUS = "−"


def money(value: Decimal | None, places: int = 2) -> str:
    """万元 with thousands separators; None is a dash, zero is a zero."""
    return NOTHING if value is None else _grouped(value, places)


def in_yi(value: Decimal | None, places: int = 2) -> str:
    """万元 shown in 亿元."""
    return NOTHING if value is None else _grouped(value / 10_000, places)


def percent(value: Decimal | None, places: int = 2) -> str:
    """A 0-1 ratio as 3.20%."""
    return NOTHING if value is None else _grouped(value * 100, places) + "%"


def signed_percent(value: Decimal | None, places: int = 1) -> str:
    """Growth: +12.0%, −3.4%."""
    return NOTHING if value is None else _signed(value * 100, places) + "%"


def points(value: Decimal | None, places: int = 2) -> str:
    """The difference of two ratios in 个百分点."""
    return NOTHING if value is None else _signed(value * 100, places) + " 个百分点"


def integer(value: int | Decimal | None) -> str:
    return NOTHING if value is None else _grouped(Decimal(value), 0)


def day(value: date | None) -> str:
    return NOTHING if value is None else value.isoformat()


def zh_day(value: date | None) -> str:
    return NOTHING if value is None else f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime | None) -> str:
    return NOTHING if value is None else clock.local(value).strftime("%Y-%m-%d %H:%M")


def masked_phone(value: str | None) -> str:
    """First three and last four digits: 138****2601."""
    if not value:
        return NOTHING
    return value[:3] + "****" + value[-4:] if len(value) >= 9 else value[:1] + "****"


def masked_name(value: str | None) -> str:
    """The family name only: 王**."""
    return NOTHING if not value else value[0] + "*" * max(1, len(value) - 1)


def value(spec: Field, raw: Value | None, places: int = 2) -> str:
    """Any catalogue value as it reads on a page, without its unit."""
    if raw is None or raw == "":
        return NOTHING
    shown = in_unit(spec, raw)
    if isinstance(shown, Decimal):
        return _grouped(shown, places)
    if spec.kind is Kind.COUNT and isinstance(raw, int):
        return _grouped(Decimal(raw), 0)
    return as_text(spec, raw)


def _signed(number: Decimal, places: int) -> str:
    """With a plus in front of what is still above zero when rounded."""
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return ("+" if rounded > 0 else "") + _grouped(number, places)


def _grouped(number: Decimal, places: int) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(rounded):,}"
    return MINUS + text if rounded < 0 else text


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        money=money,
        in_yi=in_yi,
        percent=percent,
        signed_percent=signed_percent,
        points=points,
        integer=integer,
        date=day,
        zh_date=zh_day,
        datetime=moment,
        masked_phone=masked_phone,
        masked_name=masked_name,
    )
    app.jinja_env.globals.update(field_value=value)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
