"""Workbooks that people take out: a short one is the answer to the request, a long one a job.

    @workbooks.offered("annual", "导出年度指标")
    def annual(session: Session, actor: Actor, words: Words) -> Export: ...

The words are those of the address, and what a job keeps: whose firms they mean is looked up again
when the file is made, for the person as they are then. GET changes nothing, so a long workbook is
only announced, and begun by a POST to the same address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry import db, downloads, web
from registry.audit.exports import ExportResult, write_export
from registry.jobs import services
from registry.jobs.catalogue import Result, handler
from registry.jobs.run import Run
from registry.permissions import Actor, Permission

LONG = 5_000
"""Rows that are written while the person waits, in a second or two."""

Words = Mapping[str, str]


class Workbook(Protocol):
    """What a workbook will hold, looked up but not yet written."""

    @property
    def label(self) -> str: ...
    @property
    def file_name(self) -> str: ...
    @property
    def total(self) -> int: ...
    def write(
        self, target: Path | BinaryIO, progress: Callable[[int, int], None] = ...
    ) -> ExportResult: ...


LookUp = Callable[[Session, Actor, Words], Workbook]
"""Raises Forbidden and NotFound for what the person may not have."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A workbook that can be asked for, by a request or by a job of the kind `export_…`."""

    kind: str
    label: str
    look_up: LookUp

    def hand_over(self) -> ResponseReturnValue:
        """The answer to a request whose words ask for the workbook.

        It is in the audit before it is handed over; a long one is announced by GET, begun by POST.
        """
        if request.method == "POST":
            return self._begin()
        words = request.args.to_dict()
        book = self.look_up(web.db_session(), web.current_actor(), words)
        if book.total > LONG:
            days = web.settings().job_file_days
            return render_template(
                "jobs/long_workbook.html",
                label=self.label,
                content=_content(book),
                words=words,
                days=days,
                long=LONG,
            )
        return at_once(book)

    def _begin(self) -> ResponseReturnValue:
        words = {name: text for name, text in request.form.items() if name != "csrf_token"}
        actor = web.current_actor()
        # Counting is no reason to hold the one write lock of SQLite.
        with db.open_session(web.context().engine, read_only=True) as looking:
            book = self.look_up(looking, actor, words)
        job = services.enqueue(web.db_session(), actor, self.kind, _content(book), words=words)
        return redirect(url_for("jobs.show", job_id=job.id))

    def make(self, run: Run) -> Result:
        """Write the file of a job; its entry in the audit is committed with the end of the job."""
        with run.reading() as looking:
            book = self.look_up(looking, run.actor, run.args["words"])
            result = book.write(run.make_file(book.file_name), run.progress)
        write_export(run.session, run.actor, result)
        return Result(message=f"已生成 {result.file_name}，共 {result.rows:,} 行。")


def offered(kind: str, label: str) -> Callable[[LookUp], Offer]:
    """Make an offer of a look-up, and let jobs of the kind `export_…` write what it finds."""

    def register(look_up: LookUp) -> Offer:
        offer = Offer(f"export_{kind}", label, look_up)
        handler(offer.kind, label, Permission.EXPORT)(offer.make)
        return offer

    return register


def at_once(book: Workbook) -> ResponseReturnValue:
    """A workbook as the answer to the request, in the audit before it is handed over."""
    file, result = downloads.written(lambda target: _write(book, target))
    return downloads.workbook(file, result.file_name)


def _content(book: Workbook) -> str:
    """What a file holds, for the person."""
    return f"{book.label.replace('_', ' ')}，{book.total:,} 行"


def _write(book: Workbook, target: BinaryIO) -> ExportResult:
    result = book.write(target)
    keep = partial(write_export, actor=web.current_actor(), result=result)
    db.record(web.context().engine, keep)
    return result
