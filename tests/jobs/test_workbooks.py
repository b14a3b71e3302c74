"""A workbook that is being written: how far it is, and what is left when it is given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.exports import ExportResult
from registry.audit.models import AuditEntry
from registry.db import open_session
from registry.jobs import workbooks
from registry.jobs.files import FOLDER
from registry.jobs.models import JobStatus
from registry.jobs.runner import Workplace
from registry.jobs.workbooks import Words
from registry.permissions import Actor, Role
from tests.jobs import handlers
from tests.jobs.conftest import read, running, until
from tests.support import people
from tests.support.people import Browser


@dataclass
class Halting:
    """A workbook of three rows whose writer waits for GATE after the second."""

    label: str = "名单"
    file_name: str = "名单.xlsx"
    total: int = 3

    def write(
        self,
        target: Path | BinaryIO,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> ExportResult:
        assert isinstance(target, Path)
        target.write_bytes(b"half a workbook")
        progress(2, self.total)
        handlers.REACHED.set()
        handlers.GATE.wait(20)
        progress(3, self.total)
        return ExportResult(
            kind="halting", label=self.label, file_name=self.file_name, rows=3, sha256="0"
        )


@workbooks.offered("halting", "导出名单")
def halting(_session: Session, _actor: Actor, _words: Words) -> Halting:
    return Halting()


@pytest.fixture
def client(client_as: Callable[..., Browser]) -> Browser:
    return client_as(Role.VIEW)


@pytest.fixture
def job_id(client: Browser, add_job: Callable[..., int], session: Session) -> int:
    actor = people.actor_of(session, client.account_id)
    return add_job(halting.kind, actor=actor, words={})


def kept(place: Workplace) -> list[str]:
    """The files of jobs."""
    return [path.name for path in (place.settings.instance / FOLDER).iterdir()]


def entries(place: Workplace) -> list[str]:
    with open_session(place.engine, read_only=True) as looking:
        query = select(AuditEntry.object_label).where(AuditEntry.object_type == "export")
        return list(looking.scalars(query))


def test_progress_counts_rows_and_the_entry_is_made_once(
    place: Workplace, client: Browser, job_id: int
) -> None:
    with running(place, job_id):
        until(lambda: client.get(f"/jobs/{job_id}/progress").get_json()["done"])
        assert client.get(f"/jobs/{job_id}/progress").get_json()["progress"] == "2 / 3"
        assert client.get(f"/jobs/{job_id}/file").status_code == 404
        assert entries(place) == []
    assert read(place, job_id).status is JobStatus.DONE
    assert client.get(f"/jobs/{job_id}/file", buffered=True).data == b"half a workbook"
    assert entries(place) == ["名单，3 行"]


def test_what_is_given_up_leaves_no_file_and_no_entry(
    place: Workplace, client: Browser, job_id: int
) -> None:
    with running(place, job_id):
        until(handlers.REACHED.is_set)
        assert len(kept(place)) == 1
        assert client.post(f"/jobs/{job_id}/cancel").status_code == 302
    assert read(place, job_id).status is JobStatus.CANCELLED
    assert kept(place) == []
    assert client.get(f"/jobs/{job_id}/file").status_code == 404
    assert entries(place) == []
