"""数据导入: upload, say what the columns are, look, mend, confirm, take back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from registry import clock, downloads, links
from registry.applications.queries import list_open_rounds
from registry.db import record
from registry.errors import NotFound
from registry.fields import by_key
from registry.imports import (
    mending,
    originals,
    provenance,
    queries,
    returning,
    services,
    shown,
    written,
)
from registry.imports.findings import RowAction
from registry.imports.forms import ConfirmForm, MapForm, OptionsForm, UploadForm
from registry.imports.kinds import ANNUAL, APPLICATIONS, KINDS, ImportKind
from registry.imports.long_work import carry_on
from registry.imports.models import OPEN, BatchStatus, ImportBatch, ImportRow
from registry.imports.planners import options_of
from registry.imports.planning import EMPTY_POLICIES, Options
from registry.imports.queries import RowFilter
from registry.imports.services import Upload
from registry.imports.undoing import UNDOABLE
from registry.permissions import Permission
from registry.web import context, current_actor, db_session, requires, settings

bp = Blueprint("imports", __name__)
_REMARKS = frozenset({"old_template", "hidden"})
"""Codes of what is to be known of a file before its rows are looked at."""


@bp.get("/import")
@requires(Permission.IMPORT)
def list_batches() -> ResponseReturnValue:
    """Earlier imports of this unit and those below, and where to start a new one."""
    return render_template(
        "imports/list_batches.html",
        page=queries.list_batches(db_session(), current_actor().scope, links.asked_window()),
        kinds=KINDS,
        offered=[kind for kind in KINDS.values() if current_actor().may(kind.permission)],
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.route("/import/<kind>", methods=["GET", "POST"])
@requires(Permission.IMPORT)
def upload(kind: str) -> ResponseReturnValue:
    """Take a workbook and read it. Nothing is written to the register yet."""
    chosen = _kind(kind)
    chosen.require(current_actor())
    form = UploadForm(data={"token": secrets.token_urlsafe(24)})
    if chosen is ANNUAL:
        form.offer_years()
    else:
        del form.year
        del form.submit_reports
    if chosen is APPLICATIONS:
        form.offer_rounds((one.id, one.name) for one in list_open_rounds(db_session(), clock.now()))
    else:
        del form.round_id
    if form.validate_on_submit():
        batch = _receive(chosen, form)
        if batch.status is BatchStatus.READING:
            return carry_on(batch, "read")
        return redirect(url_for("imports.show", batch_id=batch.id))
    page = render_template("imports/upload.html", form=form, kind=chosen)
    return page, 422 if request.method == "POST" else 200


@bp.get("/import/batches/<int:batch_id>")
@requires(Permission.IMPORT)
def show(batch_id: int) -> ResponseReturnValue:
    """A batch as it stands: its columns to be said, its preview, or what became of it."""
    batch = _batch(batch_id)
    if batch.status is BatchStatus.MAPPING or request.args.get("columns"):
        return _mapping_page(batch)
    return _show_page(batch, ConfirmForm(data=_confirming(batch)))


@bp.post("/import/batches/<int:batch_id>/columns")
@requires(Permission.IMPORT)
def map_columns(batch_id: int) -> ResponseReturnValue:
    """Keep what a person says of the headers, for this file and the next ones of the office."""
    session, actor = db_session(), current_actor()
    batch = _batch(batch_id)
    mapping = MapForm.meanings(request.form, batch.layouts, _kind(batch.kind))
    for text, meaning in mapping.items():
        mending.remember_word(session, actor, batch, "", text, meaning)
    services.choose(session, actor, batch_id, options_of(batch), mapped=True)
    return carry_on(batch, "read")


@bp.post("/import/batches/<int:batch_id>/options")
@requires(Permission.IMPORT)
def choose(batch_id: int) -> ResponseReturnValue:
    """Read the workbook once more under other options; what was mended stays."""
    session, actor = db_session(), current_actor()
    batch = _batch(batch_id)
    form = OptionsForm()
    options = Options(
        year=batch.year,
        submits=bool(form.submit_reports.data) and batch.kind == ANNUAL.key,
        note=batch.note,
        empty=form.empty.data if form.empty.data in EMPTY_POLICIES else "keep",
        leaves_hidden=bool(form.leaves_hidden.data),
    )
    services.choose(session, actor, batch_id, options)
    return carry_on(batch, "read")


@bp.post("/import/batches/<int:batch_id>/cells/<int:row_id>")
@requires(Permission.IMPORT)
def mend(batch_id: int, row_id: int) -> ResponseReturnValue:
    """Put a text into one cell and judge its row anew."""
    text = request.form.get("repair") or request.form.get("text", "")
    one = mending.Mend(row_id, request.form.get("key", ""), text)
    judged = mending.mend(db_session(), current_actor(), settings(), batch_id, [one])
    if request.accept_mimetypes.best == "application/json":
        batch = _batch(batch_id)
        return _mended(batch, judged, row_id)
    return redirect(
        url_for(
            "imports.show",
            batch_id=batch_id,
            show=request.args.get("show"),
            page=request.args.get("page"),
            _anchor=f"row-{row_id}",
        )
    )


@bp.post("/import/batches/<int:batch_id>/repair")
@requires(Permission.IMPORT)
def repair(batch_id: int) -> ResponseReturnValue:
    """The same repair for many cells."""
    asked = mending.Repair(
        key=request.form.get("key", ""),
        code=request.form.get("code", ""),
        written=request.form.get("written"),
        text=request.form.get("text", ""),
        remember=bool(request.form.get("remember")),
    )
    count = mending.repair_all(db_session(), current_actor(), settings(), batch_id, asked)
    flash(f"已修改 {count} 个单元格。", "success")
    return redirect(url_for("imports.show", batch_id=batch_id))


@bp.post("/import/batches/<int:batch_id>/confirm")
@requires(Permission.IMPORT)
def confirm(batch_id: int) -> ResponseReturnValue:
    """Write the batch: all of it, or on purpose the good rows only."""
    batch = _batch(batch_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _show_page(batch, form), 422
    note = (form.note.data or "").strip()
    return carry_on(
        batch, "write", note=note, partly=bool(form.partly.data), seen_version=form.seen_version
    )


@bp.post("/import/batches/<int:batch_id>/discard")
@requires(Permission.IMPORT)
def discard(batch_id: int) -> ResponseReturnValue:
    """Give up what is not written."""
    batch = services.discard(db_session(), current_actor(), batch_id)
    flash("已放弃，未写入的行不再保留。", "success")
    return redirect(url_for("imports.show", batch_id=batch.id))


@bp.post("/import/batches/<int:batch_id>/undo")
@requires(Permission.IMPORT)
def undo(batch_id: int) -> ResponseReturnValue:
    """Take back what a batch wrote; what somebody has changed since stays."""
    batch = _batch(batch_id)
    return carry_on(batch, "undo")


@bp.get("/import/batches/<int:batch_id>/annotated.xlsx")
@requires(Permission.IMPORT)
def annotated(batch_id: int) -> ResponseReturnValue:
    """The person's own workbook with what is wrong marked in it; the fetching is kept."""
    batch = _batch(batch_id)
    with TemporaryDirectory(prefix="registry-import-") as folder:
        target = Path(folder) / "annotated.xlsx"
        marked = returning.write_annotated(db_session(), current_actor(), settings(), batch, target)
        content = BytesIO(target.read_bytes())
    _note_fetched(batch)
    stem = Path(batch.filename).stem
    return downloads.workbook(content, f"{stem}（{'批注' if marked else '错误清单'}）.xlsx")


@bp.get("/import/batches/<int:batch_id>/original.xlsx")
@requires(Permission.IMPORT)
def original(batch_id: int) -> ResponseReturnValue:
    """The workbook as it was sent; the fetching is kept in the audit."""
    batch = _batch(batch_id)
    path = originals.path_of(settings(), batch.sha256)
    if not path.is_file():
        raise NotFound("原文件已超过保存期限，不能下载。")
    _note_fetched(batch)
    return downloads.workbook(path.open("rb"), batch.filename)


@bp.get("/import/origins/<object_type>/<int:object_id>")
@requires(Permission.ENTERPRISE_VIEW)
def origins(object_type: str, object_id: int) -> ResponseReturnValue:
    """Where each value of a firm, a report, a title or an item of evidence comes from."""
    found = provenance.thing(db_session(), current_actor(), object_type, object_id)
    return render_template("imports/origins.html", thing=found)


def _note_fetched(batch: ImportBatch) -> None:
    actor = current_actor()
    record(context().engine, lambda session: services.note_fetched(session, actor, batch))


def _kind(key: str) -> ImportKind:
    found = KINDS.get(key)
    if found is None:
        raise NotFound
    return found


def _batch(batch_id: int) -> ImportBatch:
    """A batch within the person's region, of a kind that they may import."""
    batch = queries.get_batch(db_session(), current_actor().scope, batch_id)
    _kind(batch.kind).require(current_actor())
    return batch


def _receive(kind: ImportKind, form: UploadForm) -> ImportBatch:
    file: FileStorage = form.file.data
    options = Options(
        year=form.chosen_year if kind is ANNUAL else None,
        round_id=form.chosen_round if kind is APPLICATIONS else None,
        submits=bool(form.submit_reports.data) if kind is ANNUAL else False,
    )
    with TemporaryDirectory(prefix="registry-import-") as folder:
        path = Path(folder) / "upload.xlsx"
        file.save(path)
        return services.receive(
            db_session(),
            current_actor(),
            settings(),
            Upload(
                path=path,
                filename=Path(file.filename or "").name,
                kind=kind,
                options=options,
                token=form.token.data or None,
            ),
        )


def _mapping_page(batch: ImportBatch) -> str:
    kind = _kind(batch.kind)
    known = {column["key"] for sheet in batch.layouts for column in sheet["columns"]}
    return render_template(
        "imports/columns.html",
        batch=batch,
        kind=kind,
        specs=by_key(kind.fields),
        missing=[spec for spec in kind.required_fields if spec.key not in known],
        is_empty=not any(spec.key in known for spec in kind.contents),
        may_change=batch.status in services.READABLE - {BatchStatus.READING},
        name_of=MapForm.name,
    )


def _mended(batch: ImportBatch, rows: Sequence[ImportRow], row_id: int) -> ResponseReturnValue:
    """The rows as they are now, one of which was mended, and the parts of the page that count."""
    counted = _counted(batch)
    confirm_form = ConfirmForm(formdata=None, data=_confirming(batch))
    return {
        "rows": [
            render_template(
                "imports/_row.html",
                one=one,
                batch=batch,
                is_mended=one.row.id == row_id,
                **counted,
            )
            for one in shown.show_rows(db_session(), batch, rows, by_key(_kind(batch.kind).fields))
        ],
        "counts": render_template("imports/_counts.html", batch=batch, **counted),
        "tabs": render_template("imports/_tabs.html", batch=batch, **counted),
        "bar": render_template("imports/_bar.html", batch=batch, form=confirm_form, **counted),
        "left": batch.error_count,
        "version": batch.version,
    }


def _confirming(batch: ImportBatch) -> dict[str, object]:
    return {"version": batch.version, "note": batch.note}


def _counted(batch: ImportBatch) -> dict[str, object]:
    """What the counting parts of a batch's page need."""
    return {
        "shown": _shown(batch),
        "is_open": batch.status in OPEN,
        "counts": shown.counts(db_session(), batch),
        "file_errors": services.file_errors(batch),
        "ignored": [item for item in batch.findings if item["code"] == "ignored_column"],
    }


def _show_page(batch: ImportBatch, form: ConfirmForm) -> str:
    session, kind = db_session(), _kind(batch.kind)
    chosen = _shown(batch)
    wanted = RowFilter(
        action=RowAction(chosen) if chosen in set(RowAction) else None,
        warnings=chosen == "warning",
        hidden=chosen == "hidden",
        kept=chosen == "kept",
    )
    specs = by_key(kind.fields)
    is_open = batch.status in OPEN
    page = queries.list_rows(session, batch.id, wanted, links.asked_window())
    return render_template(
        "imports/show.html",
        batch=batch,
        kind=kind,
        form=form,
        options=OptionsForm(data=_chosen(batch)),
        undoable=batch.status in UNDOABLE,
        groups=mending.groups(session, batch, specs) if is_open else [],
        same=queries.find_same(session, batch) if is_open else None,
        kept=written.kept_rows(session, batch) if batch.undone_at else [],
        taken=shown.taken_back(session, batch) if batch.undone_at else None,
        job=shown.latest_job(session, current_actor(), batch),
        remarks=[item for item in batch.findings if item["code"] in _REMARKS],
        page=page,
        rows=shown.show_rows(session, batch, page.rows, specs),
        specs=specs,
        options_of=shown.options_of,
        **_counted(batch),
        page_url=links.page_url,
        size_url=links.size_url,
    )


def _chosen(batch: ImportBatch) -> dict[str, object]:
    return {
        "empty": batch.empty,
        "leaves_hidden": batch.leaves_hidden,
        "submit_reports": batch.submits,
    }


def _shown(batch: ImportBatch) -> str:
    """Which rows the preview opens with: the errors, else everything."""
    asked = request.args.get("show", "")
    if asked in {*RowAction, "warning", "hidden", "kept", "all"}:
        return asked
    return "error" if batch.error_rows and batch.status in OPEN else "all"
