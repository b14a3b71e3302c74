"""New yearly figures by the ten thousand: what `services.save` does for one, without the detour.

Values stay as `registry.stored` has them from the workbook to the table and the audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.services import Made, write_made
from registry.bulk import insert_tuples, moment_text, reserve_ids
from registry.errors import Conflict, NotFound
from registry.indicators.catalogue import FIELDS, OBJECT_TYPE
from registry.indicators.models import AnnualReport
from registry.indicators.services import RACED, firm_names, object_label
from registry.indicators.workflow import ReportStatus
from registry.permissions import Actor
from registry.stored import Stored

_STATE = (
    "id", "enterprise_id", "year", "status", "note", "return_reason", "submitted_by_name",
    "city_confirmed_by", "confirmed_by", "version", "created_at", "updated_at",
)  # fmt: skip
_KEYS = tuple(spec.key for spec in FIELDS)


@dataclass(frozen=True, slots=True)
class NewReport:
    """The figures of a firm and year that has none. `kept` is `figures` as JSON."""

    enterprise_id: int
    year: int
    figures: Mapping[str, Stored | None]
    kept: str
    note: str = ""


def create_many(
    session: Session, actor: Actor, reports: Sequence[NewReport], *, batch_id: int
) -> int:
    """Insert drafts that were checked when they were staged; returns how many.

    Raises NotFound for a firm out of scope, Conflict for one that has ended or for a report that
    somebody else has made meanwhile.
    """
    names = firm_names(session, actor, {report.enterprise_id for report in reports})
    if any(report.enterprise_id not in names for report in reports):
        raise NotFound
    ids = reserve_ids(session, AnnualReport, len(reports))
    try:
        with session.begin_nested():
            rows = _rows(moment_text(session, clock.now()), ids, reports)
            insert_tuples(session, AnnualReport, (*_STATE, *_KEYS), rows)
    except IntegrityError as error:
        raise Conflict(RACED) from error
    made = (
        Made(
            id_,
            object_label(names[report.enterprise_id], report.year),
            report.enterprise_id,
            report.kept,
            report.note,
        )
        for id_, report in zip(ids, reports, strict=True)
    )
    write_made(session, actor, OBJECT_TYPE, made, batch_id)
    return len(reports)


def _rows(now: str, ids: Sequence[int], reports: Sequence[NewReport]) -> Iterator[tuple[Any, ...]]:
    draft = ReportStatus.DRAFT.value
    for id_, report in zip(ids, reports, strict=True):
        yield (
            id_, report.enterprise_id, report.year, draft, report.note, "", "", "", "", 1, now, now,
            *map(report.figures.get, _KEYS),
        )  # fmt: skip
