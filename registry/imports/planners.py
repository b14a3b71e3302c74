"""Which planner a kind of import has."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.config import Settings
from registry.imports.annual_rows import AnnualPlanner
from registry.imports.application_rows import ApplicationPlanner
from registry.imports.enterprise_rows import EnterprisePlanner
from registry.imports.evidence_rows import EvidencePlanner
from registry.imports.kinds import ANNUAL, APPLICATIONS, ENTERPRISES, RECOGNITIONS, ImportKind
from registry.imports.models import ImportBatch
from registry.imports.planning import Options, Planner
from registry.imports.recognition_rows import RecognitionPlanner
from registry.permissions import Actor


def planner_for(
    session: Session, actor: Actor, settings: Settings, kind: ImportKind, options: Options
) -> Planner:
    if kind is ENTERPRISES:
        return EnterprisePlanner(session, actor, options, province=settings.province_code)
    if kind is ANNUAL:
        return AnnualPlanner(session, actor, options)
    if kind is RECOGNITIONS:
        return RecognitionPlanner(session, actor, options)
    if kind is APPLICATIONS:
        return ApplicationPlanner(session, actor, options)
    return EvidencePlanner(session, actor, options, kind=kind)


def options_of(batch: ImportBatch) -> Options:
    """What was chosen for a batch."""
    return Options(
        year=batch.year,
        round_id=batch.round_id,
        submits=batch.submits,
        note=batch.note,
        empty=batch.empty,
        leaves_hidden=batch.leaves_hidden,
    )
