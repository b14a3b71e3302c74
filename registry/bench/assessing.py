"""A whole register by one rule set: facts read, every clause decided, findings counted and stored.

The floor selects the same columns of the same rows, JSON read into Python, and leaves them there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import String, select, type_coerce

from registry import clock
from registry.assessments import register
from registry.assessments.services import Asked
from registry.bench import installation, running
from registry.bench.running import Measured
from registry.bulk import insert_tuples, moment_text, stored_column, table_of
from registry.config import Settings
from registry.db import commit, make_engine, open_session, transaction
from registry.enterprises.models import Enterprise
from registry.evidence.models import EvidenceItem
from registry.indicators.catalogue import BY_KEY
from registry.indicators.models import AnnualReport
from registry.policy.clauses import RoundKind
from registry.progression import moving
from registry.progression.rules import rules_of
from registry.recognitions.catalogue import Title

YEARS = (2023, 2024, 2025)
_ASKED = Asked(title=Title.SRDI_SME, kind=RoundKind.NEW, year=2026)
_CHANGED = ("SRDI-2022", "SRDI-2026")
_FIGURES = (
    "employees_total", "rd_staff", "revenue", "main_revenue", "net_profit", "total_assets",
    "total_liabilities", "rd_expense", "market_share_domestic",
)  # fmt: skip
_REPORT = (
    "enterprise_id", "year", "status", "note", "return_reason", "submitted_by_name",
    "city_confirmed_by", "confirmed_by", "version", "created_at", "updated_at", *_FIGURES,
)  # fmt: skip
_ITEM = (
    "enterprise_id", "kind", "item_key", "label", "content", "version", "created_at", "updated_at",
)  # fmt: skip
_ANSWERS = (
    "is_listed_abnormal", "is_listed_dishonest", "has_prohibited_product", "had_major_accident",
    "had_tax_evasion", "had_violation",
)  # fmt: skip


def measure_change(url: str | None, rows: int, say: Callable[[str], None]) -> Measured:
    """Compare measuring a change of policy over so many firms with reading what is stored."""
    with _filled(url, rows, say) as settings:
        return running.compare(change, floor, settings, say=say)


def measure(url: str | None, rows: int, say: Callable[[str], None]) -> Measured:
    """Compare evaluating so many firms with reading what is stored of them."""
    with _filled(url, rows, say) as settings:
        return running.compare(work, floor, settings, say=say)


@contextmanager
def _filled(url: str | None, rows: int, say: Callable[[str], None]) -> Iterator[Settings]:
    with installation.fresh(url) as settings:
        say(f"准备 {rows:,} 家企业、三年指标和佐证")
        installation.add_firms(settings, rows)
        _add_reports(settings, rows)
        _add_evidence(settings, rows)
        yield settings


def work(settings: Settings, _number: int) -> None:
    engine = make_engine(settings.database_url)
    with open_session(engine) as session:
        scope = installation.actor(session).scope
        running.start()
        register.evaluate(session, scope, _ASKED)
        commit(session)
    engine.dispose()


def change(settings: Settings, _number: int) -> None:
    engine = make_engine(settings.database_url)
    old, new = (rules_of(one) for one in _CHANGED)
    with open_session(engine, read_only=True) as session:
        scope = installation.actor(session).scope
        running.start()
        moving.measure(session, scope, _ASKED, old, new, most=200)
    engine.dispose()


def floor(settings: Settings, _number: int) -> None:
    engine = make_engine(settings.database_url)
    firm, report, item = (table_of(one).c for one in (Enterprise, AnnualReport, EvidenceItem))
    figures = [stored_column(AnnualReport, BY_KEY[key]) for key in _FIGURES]
    statements = (
        select(firm.id, firm.founded_on, firm.industry_code, firm.niche_since),
        select(report.enterprise_id, report.year, type_coerce(report.status, String), *figures),
        select(item.enterprise_id, item.kind, item.content),
    )
    with open_session(engine) as session:
        running.start()
        for statement in statements:
            for _ in session.execute(statement.execution_options(yield_per=5_000)).partitions():
                pass
    engine.dispose()


def _add_reports(settings: Settings, firms: int) -> None:
    engine = make_engine(settings.database_url)
    with transaction(engine) as session:
        now = moment_text(session, clock.now())
        insert_tuples(session, AnnualReport, _REPORT, _reports(firms, now))
    engine.dispose()


def _reports(firms: int, now: str) -> Iterator[tuple[Any, ...]]:
    dice = random.Random(1)  # noqa: S311  made-up figures
    for firm in range(1, firms + 1):
        size = dice.choice((300, 900, 1_500, 6_000, 20_000)) * 1_000_000
        for year in YEARS:
            revenue = int(size * dice.uniform(0.9, 1.3))
            known = (
                120, dice.choice((6, 20, None)), revenue, int(revenue * 0.8), revenue // 10,
                revenue * 2, int(revenue * dice.uniform(0.5, 1.8)),
                int(revenue * dice.uniform(0.01, 0.08)), dice.choice((12_000_000, None)),
            )  # fmt: skip
            state = (firm, year, "draft", "", "", "", "", "", 1, now, now)
            yield (*state, *known)


def _add_evidence(settings: Settings, firms: int) -> None:
    engine = make_engine(settings.database_url)
    with transaction(engine) as session:
        now = moment_text(session, clock.now())
        insert_tuples(session, EvidenceItem, _ITEM, _evidence(firms, now))
    engine.dispose()


def _evidence(firms: int, now: str) -> Iterator[tuple[Any, ...]]:
    dice = random.Random(2)  # noqa: S311  made-up evidence
    for firm in range(1, firms + 1):
        for kind, key, content in _items(dice):
            text_ = orjson.dumps(content).decode()
            yield firm, kind, key, f"{kind} {key}", text_, 1, now, now


def _items(dice: random.Random) -> Iterator[tuple[str, str, dict[str, object]]]:
    for number in range(dice.randrange(5)):
        kind = dice.choice(("invention", "utility_model", "software_copyright"))
        yield (
            "intellectual_property",
            f"{kind}|zl{number}",
            {
                "kind": kind, "number": f"ZL{number}", "name": "一种机床", "own": True,
                "related": True, "in_use": dice.random() < 0.9, "granted_on": "2023-05-01",
            },
        )  # fmt: skip
    level = dice.choice(("provincial", "city", "below_city"))
    yield "institutions", "中心", {"name": "中心", "level": level, "own": True}
    yield "certifications", "9001", {"kind": "quality_management", "number": "9001"}
    yield "product", "", {"niche_since": "2015-03-01", "product_industry": "other"}
    yield "compliance", "", {"is_legal_person": True, **dict.fromkeys(_ANSWERS, False)}
