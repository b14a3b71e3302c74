"""Where a figure came from: its last change, and for an imported one the file, sheet and row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.enterprises.catalogue import FIELDS as FIRM_FIELDS
from registry.enterprises.catalogue import OBJECT_TYPE as FIRM
from registry.enterprises.queries import get_enterprise, values_of
from registry.errors import NotFound
from registry.evidence.catalogue import KINDS as EVIDENCE
from registry.evidence.queries import get_item
from registry.fields import as_text
from registry.imports import queries
from registry.imports.models import ImportBatch, ImportRow, RowState
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.indicators.catalogue import OBJECT_TYPE as REPORT
from registry.indicators.models import figures_of
from registry.indicators.queries import get_report
from registry.permissions import Actor, Scope
from registry.recognitions.catalogue import FIELDS as TITLE_FIELDS
from registry.recognitions.queries import get_recognition
from registry.recognitions.services import OBJECT_TYPE as RECOGNITION
from registry.stored import values_from

LONGEST_HISTORY = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Who put a value there and when; `row` when it came out of a workbook that the reader may
    see, `is_imported` also when it is of another office."""

    at: datetime
    actor_name: str
    region_name: str
    is_imported: bool = False
    batch: ImportBatch | None = None
    row: ImportRow | None = None


def origins_of(
    session: Session, scope: Scope, object_type: str, object_id: int
) -> dict[str, Origin]:
    """Field key -> where the present value of an object, already loaded in scope, comes from.

    What a batch wrote that was taken back again counts as not written.
    """
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_type == object_type, AuditEntry.object_id == str(object_id))
        .order_by(AuditEntry.id.desc())
        .limit(LONGEST_HISTORY)
    ).all()
    batches = {one.batch_id for one in entries if one.batch_id is not None}
    rows = session.execute(
        select(ImportRow, ImportBatch)
        .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
        .where(ImportBatch.id.in_(batches), ImportRow.object_id == object_id)
    )
    placed = {batch.id: (row, batch) for row, batch in rows}
    visible = set(session.scalars(queries.ids_in_scope(scope, batches)))
    found: dict[str, Origin] = {}
    for entry in entries:
        row, batch = placed.get(entry.batch_id or 0, (None, None))
        if row is not None and row.state is RowState.UNDONE:
            continue
        if entry.batch_id not in visible:
            row = batch = None
        is_imported = entry.batch_id is not None
        origin = Origin(entry.at, entry.actor_name, entry.region_name, is_imported, batch, row)
        for key in entry.told:
            found.setdefault(key, origin)
    return found


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an object and where it comes from; None for what nobody has ever entered."""

    label: str
    text: str
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Thing:
    """A firm, a report, a title or an item of evidence, with the origin of all that is known."""

    title: str
    enterprise_id: int
    values: list[Value]


def thing(session: Session, actor: Actor, object_type: str, object_id: int) -> Thing:
    """Raises NotFound for another type, and for an object out of scope."""
    if object_type == FIRM:
        firm = get_enterprise(session, actor.scope, object_id)
        title, firm_id, fields = firm.name, firm.id, FIRM_FIELDS
        values = values_of(firm)
    elif object_type == REPORT:
        report = get_report(session, actor.scope, object_id)
        title, firm_id = f"{report.enterprise.name} {report.year}年度", report.enterprise_id
        fields, values = FIGURES, figures_of(report)
    elif object_type == RECOGNITION:
        held = get_recognition(session, actor.scope, object_id)
        title, firm_id = f"{held.enterprise.name} {held.title.label}", held.enterprise_id
        fields, values = TITLE_FIELDS, {spec.key: getattr(held, spec.key) for spec in TITLE_FIELDS}
    elif object_type in EVIDENCE:
        item = get_item(session, actor.scope, object_id)
        if item.kind != object_type:
            raise NotFound
        title, firm_id = f"{item.enterprise.name} {item.label}", item.enterprise_id
        fields, values = item.of_kind.fields, values_from(item.of_kind.fields, item.content)
    else:
        raise NotFound
    origins = origins_of(session, actor.scope, object_type, object_id)
    return Thing(
        title,
        firm_id,
        [
            Value(spec.header, as_text(spec, values.get(spec.key)), origins.get(spec.key))
            for spec in fields
            if not spec.sensitive and (values.get(spec.key) is not None or spec.key in origins)
        ],
    )
