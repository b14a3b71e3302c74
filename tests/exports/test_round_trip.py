"""Whatever is stored: what is exported comes back as nothing new, nothing changed, nothing wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.enterprises.catalogue import FIELDS as FIRM
from registry.fields import Field, Kind, Value
from registry.imports.findings import RowAction
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.indicators.workflow import ReportStatus
from registry.permissions import Actor, Role
from tests.conftest import COUNTY
from tests.exports.test_services import export_everything
from tests.support.offices import Office

CASES = 200
BEGINNINGS = ("", "=", "+", "-", "@", "'", "=cmd|' /C calc'!A0", "00", "_x000D_", "㐀𠮷", "０１")
ENDINGS = ("", "（集团）", "　", "&amp;", "<b>", '"', "_x0041_", "1e5", "%", "甲" * 60, "\u200b")


def a_text(rolls: random.Random, spec: Field) -> str:
    text = f"{rolls.choice(BEGINNINGS)}第{rolls.randrange(10**6)}家{rolls.choice(ENDINGS)}"
    return text[: spec.max_length].strip()


def a_value(rolls: random.Random, spec: Field) -> Value | None:
    if not spec.required and rolls.random() < 0.25:
        return None
    sign = rolls.choice((1, -1)) if spec.negative else 1
    simple: dict[Kind, Callable[[], Value]] = {
        Kind.MONEY: lambda: sign * Decimal(rolls.randrange(10 ** rolls.randrange(1, 15))) / 10**6,
        Kind.QUANTITY: lambda: Decimal(rolls.randrange(10**10)) / 10**4,
        Kind.PERCENT: lambda: Decimal(rolls.randrange(10**8)) / 10**8,
        Kind.COUNT: lambda: rolls.randrange(1, 2_000_000),
        Kind.YEAR: lambda: rolls.randrange(1990, 2026),
        Kind.FLAG: lambda: rolls.random() < 0.5,
        Kind.DATE: lambda: date(1950, 1, 1) + timedelta(days=rolls.randrange(27_000)),
        Kind.CHOICE: lambda: rolls.choice(spec.choices)[0],
        Kind.REGION: lambda: COUNTY,
        Kind.INDUSTRY: lambda: "3421",
    }
    return simple.get(spec.kind, lambda: a_text(rolls, spec))()


def some_values(rolls: random.Random, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {spec.key: a_value(rolls, spec) for spec in fields if spec.key != "uscc"}


@pytest.mark.parametrize("kind", ["enterprises", "annual"])
def test_two_hundred_odd_firms_come_back_unchanged(
    session: Session,
    settings: Settings,
    make_actor: Callable[..., Actor],
    make_enterprise: Callable[..., int],
    make_report: Callable[..., int],
    tmp_path: Path,
    kind: str,
) -> None:
    rolls = random.Random(2026)  # noqa: S311  the same cases each time
    for _ in range(CASES):
        firm = make_enterprise(**some_values(rolls, FIRM) | {"region_code": COUNTY})
        if kind == "annual":
            figures = some_values(rolls, FIGURES)
            make_report(firm, 2025, status=ReportStatus.DRAFT, **figures)
    actor = make_actor(Role.ENTRY, COUNTY)
    book = tmp_path / "out.xlsx"
    assert export_everything(session, actor, kind, book).rows == CASES
    found = Office(session, settings, actor, tmp_path).examine_file(kind, book)
    assert found.errors == []
    assert (found.count(RowAction.NEW), found.count(RowAction.CHANGED)) == (0, 0)
    assert found.count(RowAction.UNCHANGED) == CASES
