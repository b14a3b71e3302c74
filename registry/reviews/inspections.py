"""实地核查: what was found on the spot, with the photographs or the report that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import looks, queries
from registry.applications.models import Application, Step
from registry.applications.stepping import take, tell
from registry.applications.workflow import Action
from registry.config import Settings
from registry.errors import Invalid, NotFound
from registry.evidence.file_kinds import JPEG, PDF, PNG
from registry.evidence.keeping import Store
from registry.permissions import Actor
from registry.reviews.models import InspectionFile

STORE = Store("proofs/inspections", InspectionFile.stored_name)
"""Below the folder of the proofs, so that whoever keeps copies of those has these as well."""
TAKEN = (JPEG, PNG, PDF)
MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """实地核查: who looked at what, when, and what came of it."""

    on: date
    people: str
    record: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent."""

    content: IO[bytes]
    filename: str


def inspect(
    session: Session,
    actor: Actor,
    settings: Settings,
    application_id: int,
    found: Inspection,
    files: Sequence[Sent] = (),
    *,
    seen_version: int,
) -> Application:
    """Record an inspection on the spot with its files. Raises Invalid for one without people or
    record, of a day to come or with too many files, UnusableFile for a file that is not taken."""
    problems: dict[str, str] = {}
    if not found.people.strip():
        problems["people"] = "请填写核查人员"
    if not found.record.strip():
        problems["record"] = "请填写核查情况"
    if found.on > clock.today():
        problems["on"] = "核查日期不能晚于今天"
    if len(files) > MOST:
        problems["files"] = f"一次核查最多 {MOST} 个文件，现为 {len(files)} 个，请挑选后上传"
    if problems:
        raise Invalid("；".join(problems.values()), problems)
    content = {
        "on": found.on.isoformat(),
        "people": found.people.strip(),
        "record": found.record.strip(),
        "passed": found.passed,
    }
    queries.get_application(session, actor.scope, application_id)
    # Before the case is locked: files take their time.
    kept = [STORE.take_in(session, settings, one.content, one.filename, TAKEN) for one in files]
    application = take(
        session, actor, application_id, Action.INSPECT, seen_version=seen_version, content=content
    )
    step = queries.list_steps(session, application.id)[-1]
    for file in kept:
        session.add(InspectionFile(step_id=step.id, **asdict(file)))
        tell(session, actor, application, "attach", {"file": [None, file.filename]})
    looks.note(session, actor, application)
    return application


def files_of(session: Session, application: Application) -> dict[int, list[InspectionFile]]:
    """The files of a case already loaded in scope, by step."""
    statement = (
        select(InspectionFile)
        .join(Step, Step.id == InspectionFile.step_id)
        .where(Step.application_id == application.id)
        .order_by(InspectionFile.id)
    )
    found: dict[int, list[InspectionFile]] = {}
    for file in session.scalars(statement):
        found.setdefault(file.step_id, []).append(file)
    return found


def get_file(session: Session, actor: Actor, file_id: int) -> tuple[InspectionFile, Application]:
    """A file with its case. Raises NotFound also when out of scope."""
    statement = (
        select(InspectionFile, Step.application_id)
        .join(Step, Step.id == InspectionFile.step_id)
        .where(InspectionFile.id == file_id)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound
    file, application_id = found
    return file, queries.get_application(session, actor.scope, application_id)


def note_fetched(
    session: Session, actor: Actor, application: Application, file: InspectionFile
) -> None:
    """Keep who fetched a file."""
    tell(session, actor, application, "fetch", {"file": [None, file.filename]})
