"""Reading a workbook, keeping what was understood, and writing it once a person confirms."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Event
from registry.bulk import without_collecting
from registry.changes import queries as _  # noqa: F401  tells which firms stay, and which renewals fail
from registry.config import Settings
from registry.enterprises.services import Saved
from registry.errors import Conflict, Invalid, UnusableFile
from registry.imports import applying, originals, queries, written
from registry.imports.findings import Finding, RowAction, Severity
from registry.imports.kinds import KINDS, ImportKind
from registry.imports.mending import put_edits
from registry.imports.models import OPEN, BatchStatus, ImportBatch
from registry.imports.planners import options_of, planner_for
from registry.imports.planning import Options, PlannedRow
from registry.imports.queries import get_batch
from registry.imports.reading import Book, reading
from registry.imports.staging import Spool
from registry.permissions import Actor
from registry.spreadsheets.refusals import Limits
from registry.spreadsheets.tables import Chunk

OBJECT_TYPE = "import_batch"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
KEPT_FOR = timedelta(days=30)
READABLE = frozenset(
    {BatchStatus.READING, BatchStatus.MAPPING, BatchStatus.STAGED, BatchStatus.REFUSED}
)
Progress = Callable[[int, int | None], None]
labels.register(
    OBJECT_TYPE,
    "导入批次",
    {"new": "新增", "changed": "变更", "unchanged": "未变", "errors": "错误"},
    {
        "import_stage": "上传检查",
        "import_apply": "确认写入",
        "import_discard": "放弃导入",
        "import_undo": "撤销导入",
        "import_fetch": "下载原文件",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A workbook and what the person chose for it."""

    path: Path
    filename: str
    kind: ImportKind
    options: Options
    token: str | None = None


def receive(session: Session, actor: Actor, settings: Settings, upload: Upload) -> ImportBatch:
    """Keep a workbook to be read. The same form sent again gives the batch it made before."""
    upload.kind.require(actor)
    before = _made_before(session, actor, upload)
    if before is not None:
        return before
    forget_old(session, settings)
    batch = _batch(actor, upload)
    try:
        with session.begin_nested():
            session.add(batch)
    except IntegrityError:
        before = _made_before(session, actor, upload)
        if before is None:
            raise
        # The same form, sent twice at once.
        return before
    originals.keep(settings, upload.path, batch.sha256)
    _audit(session, actor, batch, "import_stage")
    return batch


def _made_before(session: Session, actor: Actor, upload: Upload) -> ImportBatch | None:
    if not upload.token:
        return None
    return queries.find_by_token(session, actor.account_id, upload.token)


def forget_old(session: Session, settings: Settings) -> None:
    """Let go of rows that waited a month for somebody, and of workbooks kept for their time."""
    oldest = clock.now() - KEPT_FOR
    for batch in queries.list_forgotten(session, oldest):
        written.drop_open_rows(session, batch.id)
        partly = batch.status is BatchStatus.PARTLY
        batch.status = BatchStatus.APPLIED if partly else BatchStatus.DISCARDED
    originals.remove_old(settings)


def stage(session: Session, actor: Actor, settings: Settings, upload: Upload) -> ImportBatch:
    """Receive and read a workbook at once. Raises UnusableFile."""
    batch = receive(session, actor, settings, upload)
    read(session, actor, settings, batch.id)
    if batch.status is BatchStatus.REFUSED:
        found = batch.findings[0]
        raise UnusableFile(found["code"], found["message"])
    return batch


def read(
    session: Session, actor: Actor, settings: Settings, batch_id: int, *, asks: bool = False
) -> ImportBatch:
    """`understand` and `keep` in one transaction, for workbooks that take a second."""
    with understand(session, actor, settings, batch_id, asks=asks) as understood:
        return keep(session, actor, batch_id, understood)


@dataclass(slots=True)
class Understood:
    """What reading a workbook came to, for the batch as it was in `version`."""

    version: int
    spool: Spool
    status: BatchStatus = BatchStatus.READING
    findings: list[dict[str, Any]] = field(default_factory=list)
    layouts: list[dict[str, Any]] = field(default_factory=list)
    late: list[PlannedRow] = field(default_factory=list)
    """Rows of which more is said than the spool knows."""


@contextmanager
def understand(
    session: Session,
    actor: Actor,
    settings: Settings,
    batch_id: int,
    *,
    asks: bool = False,
    progress: Progress = lambda done, total: None,
) -> Iterator[Understood]:
    """Read and check the workbook of a batch, with what was mended in it before; writes nothing.

    `asks`: leave the batch to be mapped when a column is missing or only guessed, instead of going
    on. A workbook that cannot be used at all leaves the batch refused, with the sentence.
    """
    batch = get_batch(session, actor.scope, batch_id)
    KINDS[batch.kind].require(actor)
    if batch.status not in READABLE:
        raise Conflict(f"这一批{batch.status.label}，不能重新读取。")
    with (
        TemporaryDirectory(prefix="registry-import-") as folder,
        closing(Spool(Path(folder))) as spool,
    ):
        understood = Understood(batch.version, spool)
        try:
            _plan(session, actor, settings, batch, understood, asks, progress)
        except UnusableFile as refusal:
            found = Finding(severity=Severity.ERROR, code=refusal.code, message=refusal.message)
            understood.status, understood.findings = BatchStatus.REFUSED, [found.as_json()]
            understood.layouts = []
        yield understood


def keep(session: Session, actor: Actor, batch_id: int, understood: Understood) -> ImportBatch:
    """Keep what was understood for the person to look at. Raises Conflict when the batch moved."""
    batch = get_batch(session, actor.scope, batch_id, lock=True)
    if batch.version != understood.version:
        raise Conflict("这一批刚被处理过，请刷新后再看。")
    written.drop_open_rows(session, batch.id)
    batch.status, batch.findings = understood.status, understood.findings
    batch.layouts = understood.layouts
    if batch.status is BatchStatus.STAGED:
        understood.spool.put(session, understood.late)
        understood.spool.tally.put(batch)
    session.flush()
    return batch


def _plan(
    session: Session,
    actor: Actor,
    settings: Settings,
    batch: ImportBatch,
    understood: Understood,
    asks: bool,
    progress: Progress,
) -> None:
    tally = understood.spool.tally
    with _opened(session, settings, batch) as (book, chunks), without_collecting():
        understood.layouts = [asdict(sheet) for sheet in book.sheets]
        understood.findings = [found.as_json() for found in book.findings]
        if not _is_clear(batch, book, asks=asks):
            understood.status = BatchStatus.MAPPING
            return
        planner = planner_for(session, actor, settings, KINDS[batch.kind], options_of(batch))
        for chunk in planner.prepare(chunks):
            rows = planner.plan(chunk)
            if batch.leaves_hidden:
                rows = [row for row in rows if not row.hidden]
            understood.spool.add(batch.id, rows)
            progress(sum(tally[action] for action in RowAction), None)
        understood.late = planner.finish()
        understood.findings = [found.as_json() for found in book.findings]
        tally.count_all(understood.findings)
        understood.status = BatchStatus.STAGED


def _is_clear(batch: ImportBatch, book: Book, *, asks: bool) -> bool:
    """Whether the columns are known; False when a person has to say what they are."""
    kind = KINDS[batch.kind]
    missing = [spec for spec in kind.required_fields if not book.has(spec.key)]
    empty = not any(book.has(spec.key) for spec in kind.contents)
    if missing and not asks:
        names = "、".join(f"“{spec.label}”" for spec in missing)
        raise UnusableFile("missing_column", f"缺少必需的列{names}，请补上后重新上传")
    if empty and not asks:
        raise UnusableFile(
            "no_contents", f"没有认出{kind.label}的任何一列，请对照模板改好表头后重新上传"
        )
    return not asks or not (missing or empty or (book.wants_a_look and not batch.mapped))


@contextmanager
def _opened(
    session: Session, settings: Settings, batch: ImportBatch
) -> Iterator[tuple[Book, Iterator[Chunk]]]:
    """What a batch's workbook is, and its rows with what was mended in them before."""
    path = originals.path_of(settings, batch.sha256)
    if not path.is_file():
        raise UnusableFile("original_gone", "原文件已超过保存期限，请重新上传")
    memory = queries.memories(session, batch.region_code, batch.kind)
    headers = {text: meaning for (key, text), meaning in memory.items() if not key}
    words = {(key, text): meaning for (key, text), meaning in memory.items() if key}
    kind = KINDS[batch.kind]
    edits = queries.edits_of(session, batch.id)
    limits = Limits(file_bytes=settings.upload_limit)
    with reading(path, kind, limits, headers, leaves_hidden=batch.leaves_hidden) as (book, chunks):
        yield book, put_edits(chunks, kind, edits, words)


def choose(
    session: Session, actor: Actor, batch_id: int, options: Options, *, mapped: bool = False
) -> ImportBatch:
    """Note other options for a batch that is not written; it is to be read once more."""
    batch = get_batch(session, actor.scope, batch_id, lock=True)
    KINDS[batch.kind].require(actor)
    if batch.status not in READABLE:
        raise Conflict(f"这一批{batch.status.label}，不能再改选项。")
    batch.year, batch.submits, batch.note = options.year, options.submits, options.note
    batch.empty, batch.leaves_hidden = options.empty, options.leaves_hidden
    batch.mapped = batch.mapped or mapped
    batch.status = BatchStatus.READING
    session.flush()
    return batch


def confirm(
    session: Session,
    actor: Actor,
    batch_id: int,
    *,
    note: str = "",
    partly: bool = False,
    seen_version: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Saved:
    """Write a staged batch: all of its rows, or with `partly` the good ones, the rest kept.

    `seen_version`: the version of the batch that the person saw, None when nobody looked. Raises
    Conflict when the batch was handled already or has changed since, or naming the rows when what
    is stored has changed since the preview; Invalid when a column is in doubt, or when there are
    errors left and the rest was to be written as well.
    """
    batch = get_batch(session, actor.scope, batch_id, lock=True)
    KINDS[batch.kind].require(actor)
    if batch.status not in OPEN:
        raise Conflict(f"这一批{batch.status.label}，没有重复写入。")
    if seen_version not in {None, batch.version}:
        raise Conflict("这一批在打开页面之后又有改动，没有写入。请刷新核对后再确认。")
    wrong = file_errors(batch)
    if wrong:
        raise Invalid(f"{wrong[0]['message']}。没有写入，请改正后重新上传，或在“核对列”中改选。")
    if batch.error_rows and not partly:
        raise Invalid("还有错误未改正，没有写入。可先改正，或选择只写入没有错误的行。")
    batch.note = note or batch.note
    saved = applying.write(session, actor, batch, progress)
    batch.written_count += saved.created + saved.changed
    batch.applied_at = clock.now()
    batch.status = BatchStatus.PARTLY if batch.error_rows else BatchStatus.APPLIED
    batch.kept_until = clock.now() + KEPT_FOR if batch.error_rows else None
    _audit(session, actor, batch, "import_apply")
    session.flush()
    return saved


def file_errors(batch: ImportBatch) -> list[dict[str, Any]]:
    """What is wrong with the file or a whole column: no row of it can be trusted."""
    return [item for item in batch.findings if item["severity"] == Severity.ERROR.value]


def discard(session: Session, actor: Actor, batch_id: int) -> ImportBatch:
    """Give up what is not written of a batch."""
    batch = get_batch(session, actor.scope, batch_id, lock=True)
    KINDS[batch.kind].require(actor)
    if batch.status not in OPEN:
        raise Conflict(f"这一批{batch.status.label}，不能放弃。")
    partly = batch.status is BatchStatus.PARTLY
    batch.status = BatchStatus.APPLIED if partly else BatchStatus.DISCARDED
    written.drop_open_rows(session, batch.id)
    _audit(session, actor, batch, "import_discard")
    session.flush()
    return batch


def _batch(actor: Actor, upload: Upload) -> ImportBatch:
    options = upload.options
    return ImportBatch(
        kind=upload.kind.key,
        status=BatchStatus.READING,
        filename=_UNPRINTABLE.sub("", upload.filename)[:200],
        file_bytes=upload.path.stat().st_size,
        sha256=_sha256(upload.path),
        token=upload.token,
        year=options.year,
        round_id=options.round_id,
        submits=options.submits,
        empty=options.empty,
        leaves_hidden=options.leaves_hidden,
        note=options.note,
        account_id=actor.account_id,
        account_name=actor.name,
        region_code=actor.region_code,
        created_at=clock.now(),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def note_fetched(session: Session, actor: Actor, batch: ImportBatch) -> None:
    """Keep who has fetched a workbook as it was sent: it may hold personal data."""
    event = Event(
        action="import_fetch",
        object_type=OBJECT_TYPE,
        object_id=batch.id,
        object_label=batch.filename,
        batch_id=batch.id,
    )
    audit_services.write(session, actor, event)


def _audit(session: Session, actor: Actor, batch: ImportBatch, action: str) -> None:
    audit_services.write(
        session,
        actor,
        Event(
            action=action,
            object_type=OBJECT_TYPE,
            object_id=batch.id,
            object_label=batch.filename,
            changes={
                "new": [None, str(batch.new_count)],
                "changed": [None, str(batch.changed_count)],
                "unchanged": [None, str(batch.unchanged_count)],
                "errors": [None, str(batch.error_count)],
            },
            note=batch.note,
            batch_id=batch.id,
        ),
    )
