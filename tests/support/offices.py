"""A clerk with workbooks, who uploads, looks and confirms as the pages and the command line do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.imports import services, telling
from registry.imports.findings import RowAction, Severity
from registry.imports.kinds import KINDS
from registry.imports.models import ImportBatch, ImportRow
from registry.imports.planning import Options
from registry.imports.services import Upload
from registry.permissions import Actor
from tests.support import workbooks


@dataclass
class Found:
    """What a workbook came to."""

    session: Session
    batch: ImportBatch

    @property
    def rows(self) -> list[ImportRow]:
        statement = select(ImportRow).where(ImportRow.batch_id == self.batch.id)
        return list(self.session.scalars(statement.order_by(ImportRow.id)))

    @property
    def report(self) -> telling.Report:
        return telling.report_of(self.session, self.batch)

    def of(self, severity: Severity) -> list[Mapping[str, Any]]:
        return self.report.of(severity)

    @property
    def errors(self) -> list[tuple[int | None, str | None, str]]:
        return [(one["row"], one["column"], one["code"]) for one in self.of(Severity.ERROR)]

    def codes(self, severity: Severity) -> set[str]:
        return {one["code"] for one in self.of(severity)}

    def count(self, action: RowAction) -> int:
        return self.report.counts[action]


class Office:
    def __init__(self, session: Session, settings: Settings, actor: Actor, folder: Path) -> None:
        self.session, self.settings, self.actor, self.folder = session, settings, actor, folder

    def examine(self, kind: str, *rows: Sequence[object], **options: Any) -> Found:
        """Upload a workbook of these rows and look at what it comes to."""
        return self.examine_file(kind, self.workbook(kind, *rows), **options)

    def workbook(self, name: str, *rows: Sequence[object]) -> Path:
        return workbooks.write(self.folder / f"{name}.xlsx", *rows)

    def receive(self, kind: str, path: Path, **options: Any) -> ImportBatch:
        """Upload without reading."""
        return services.receive(
            self.session, self.actor, self.settings, self._upload(kind, path, options)
        )

    def examine_file(self, kind: str, path: Path, **options: Any) -> Found:
        upload = self._upload(kind, path, options)
        return Found(self.session, services.stage(self.session, self.actor, self.settings, upload))

    def _upload(self, kind: str, path: Path, options: dict[str, Any]) -> Upload:
        return Upload(path=path, filename=path.name, kind=KINDS[kind], options=Options(**options))

    def write(self, kind: str, *rows: Sequence[object], **options: Any) -> Found:
        return self.confirm(self.examine(kind, *rows, **options))

    def confirm(self, found: Found, *, partly: bool = False) -> Found:
        services.confirm(self.session, self.actor, found.batch.id, partly=partly)
        self.session.commit()
        return found
