"""New yearly figures by the ten thousand: what `services.save` does for one, inside the database.

The figures were checked when they were staged, and are kept there as JSON of whole numbers and text
(`registry.stored`): the database takes them over as they are, into the table and into the audit.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    FromClause,
    Select,
    String,
    case,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.services import put_made
from registry.bulk import table_of
from registry.db import Moment
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope
from registry.errors import Conflict, NotFound
from registry.indicators.catalogue import FIELDS, OBJECT_TYPE
from registry.indicators.models import AnnualReport
from registry.indicators.workflow import ReportStatus
from registry.permissions import Actor

_KEYS = tuple(spec.key for spec in FIELDS)


def create_staged(
    session: Session, actor: Actor, staged: FromClause, *, note: str, batch_id: int
) -> int:
    """Insert a draft for each staged row; returns how many.

    `staged` has the columns object_id (what the report gets), enterprise_id, year, cells (JSON) and
    has_warning; `note` goes with the rows that have one. Raises NotFound for a firm out of scope,
    Conflict for one that has ended, IntegrityError for a report that is there already.
    """
    session.flush()
    _refuse_firms(session, actor, staged)
    statement = _insertion(session, staged, note)
    counted = session.execute(statement, execution_options={"preserve_rowcount": True})
    firm = table_of(Enterprise)
    made = select(
        sql_cast(staged.c.object_id, String),
        func.substr(firm.c.name + " " + sql_cast(staged.c.year, String) + "年度", 1, 200),
        staged.c.enterprise_id,
        staged.c.cells,
        _note(staged, note),
    ).join(firm, firm.c.id == staged.c.enterprise_id)
    put_made(session, actor, OBJECT_TYPE, batch_id, made)
    return cast("CursorResult[Any]", counted).rowcount


def _refuse_firms(session: Session, actor: Actor, staged: FromClause) -> None:
    is_ours = in_scope(actor.scope)
    is_gone = Enterprise.id.is_(None)
    firms = (
        select(Enterprise.name, Enterprise.status, is_ours)
        .select_from(staged)
        .outerjoin(Enterprise, Enterprise.id == staged.c.enterprise_id)
        .where(or_(is_gone, not_(is_ours), Enterprise.status != EnterpriseStatus.ACTIVE))
    )
    found = session.execute(firms.limit(1)).first()
    if found is None:
        return
    name, status, ours = found
    if not ours:
        raise NotFound
    raise Conflict(f"{name}{status.label}，不能填报年度指标。")


def _insertion(session: Session, staged: FromClause, note: str) -> Any:
    now = literal(clock.now(), Moment)
    empty = literal("")
    state: dict[str, Any] = {
        "id": staged.c.object_id,
        "enterprise_id": staged.c.enterprise_id,
        "year": staged.c.year,
        "status": literal(ReportStatus.DRAFT.value),
        "note": _note(staged, note),
        "return_reason": empty,
        "submitted_by_name": empty,
        "city_confirmed_by": empty,
        "confirmed_by": empty,
        "version": literal(1),
        "created_at": now,
        "updated_at": now,
    }
    source = _figures(session, staged, list(state.values()))
    return insert(table_of(AnnualReport)).from_select(
        [*state, *_KEYS], source, include_defaults=False
    )


def _note(staged: FromClause, note: str) -> ColumnElement[str]:
    return case((staged.c.has_warning, literal(note)), else_=literal(""))


def _figures(session: Session, staged: FromClause, state: list[Any]) -> Select[Any]:
    """The columns of the state, then each figure out of the JSON."""
    if session.get_bind().dialect.name == "sqlite":
        return select(*state, *(func.json_extract(staged.c.cells, f"$.{key}") for key in _KEYS))
    table = AnnualReport.__tablename__
    record = func.json_populate_record(literal_column(f"null::{table}"), staged.c.cells)
    figures = record.table_valued(*_KEYS, name="figures").lateral()
    return (
        select(*state, *(figures.c[key] for key in _KEYS))
        .select_from(staged)
        .join(figures, literal(value=True))
    )
