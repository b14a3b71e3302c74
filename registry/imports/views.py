"""数据导入: upload, look, confirm or give up."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from registry import links
from registry.errors import Conflict, Invalid, NotFound, UnusableFile
from registry.fields import by_key
from registry.imports import queries, services
from registry.imports.annual_rows import Options
from registry.imports.findings import RowAction, Severity
from registry.imports.forms import ConfirmForm, UploadForm
from registry.imports.kinds import ANNUAL, KINDS, ImportKind
from registry.imports.models import ImportBatch
from registry.imports.queries import RowFilter
from registry.imports.services import Upload
from registry.paging import Page
from registry.permissions import Permission
from registry.web import current_actor, db_session, requires, settings

bp = Blueprint("imports", __name__)


@bp.get("/import")
@requires(Permission.IMPORT)
def list_batches() -> ResponseReturnValue:
    """Earlier imports of this unit and those below, and where to start a new one."""
    session, scope = db_session(), current_actor().scope
    total = queries.count_batches(session, scope)
    window = links.asked_window().within(total)
    rows = queries.list_batches(session, scope, page=window.number, size=window.size)
    return render_template(
        "imports/list_batches.html",
        page=Page(rows, window.number, window.size, total),
        kinds=KINDS,
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.route("/import/<kind>", methods=["GET", "POST"])
@requires(Permission.IMPORT)
def upload(kind: str) -> ResponseReturnValue:
    """Take a workbook and show what it would do. Nothing is written yet."""
    chosen = _kind(kind)
    form = UploadForm()
    if chosen is ANNUAL:
        form.offer_years()
    else:
        del form.year
    refusal: UnusableFile | None = None
    if form.validate_on_submit():
        try:
            batch = _stage(chosen, form)
            return redirect(url_for("imports.show", batch_id=batch.id))
        except UnusableFile as error:
            refusal = error
    page = render_template("imports/upload.html", form=form, kind=chosen, refusal=refusal)
    return page, 422 if request.method == "POST" else 200


@bp.get("/import/batches/<int:batch_id>")
@requires(Permission.IMPORT)
def show(batch_id: int) -> ResponseReturnValue:
    """The preview of a batch: counts first, then its rows."""
    batch = queries.get_batch(db_session(), current_actor().scope, batch_id)
    return _show_page(batch, ConfirmForm(data={"version": batch.version, "note": batch.note}))


@bp.post("/import/batches/<int:batch_id>/confirm")
@requires(Permission.IMPORT)
def confirm(batch_id: int) -> ResponseReturnValue:
    """Write the whole batch, or nothing."""
    session, actor = db_session(), current_actor()
    batch = queries.get_batch(session, actor.scope, batch_id)
    form = ConfirmForm()
    if form.validate_on_submit():
        options = Options(batch.year, form.submit_reports.data, (form.note.data or "").strip())
        try:
            saved = services.confirm(
                session, actor, settings(), batch_id, kind=_kind(batch.kind), options=options
            )
        except (Invalid, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            flash(
                f"已写入：新增 {saved.created}，变更 {saved.changed}，未变 {batch.unchanged_count}。",
                "success",
            )
            return redirect(url_for("imports.show", batch_id=batch_id))
    return _show_page(batch, form), 422


@bp.post("/import/batches/<int:batch_id>/discard")
@requires(Permission.IMPORT)
def discard(batch_id: int) -> ResponseReturnValue:
    """Give a staged batch up."""
    batch = services.discard(db_session(), current_actor(), batch_id)
    flash("已放弃这一批，没有写入任何数据。", "success")
    return redirect(url_for("imports.upload", kind=batch.kind))


def _kind(key: str) -> ImportKind:
    found = KINDS.get(key)
    if found is None:
        raise NotFound
    return found


def _stage(kind: ImportKind, form: UploadForm) -> ImportBatch:
    file: FileStorage = form.file.data
    with TemporaryDirectory(prefix="registry-import-") as folder:
        path = Path(folder) / "upload.xlsx"
        file.save(path)
        batch, _ = services.stage(
            db_session(),
            current_actor(),
            settings(),
            Upload(
                path=path,
                filename=Path(file.filename or "").name,
                kind=kind,
                options=Options(form.chosen_year if kind is ANNUAL else None),
            ),
        )
    return batch


def _show_page(batch: ImportBatch, form: ConfirmForm) -> str:
    session = db_session()
    kind = _kind(batch.kind)
    shown = _shown(batch)
    warning_rows = queries.count_warning_rows(session, batch.id)
    totals = {
        "error": batch.error_rows,
        "new": batch.new_count,
        "changed": batch.changed_count,
        "unchanged": batch.unchanged_count,
        "warning": warning_rows,
    }
    total = totals.get(shown) or (0 if shown in totals else _row_count(batch))
    window = links.asked_window().within(total)
    wanted = RowFilter(
        action=RowAction(shown) if shown in set(RowAction) else None, warnings=shown == "warning"
    )
    rows = queries.list_rows(session, batch.id, wanted, page=window.number, size=window.size)
    return render_template(
        "imports/show.html",
        batch=batch,
        kind=kind,
        form=form,
        shown=shown,
        warning_rows=warning_rows,
        row_count=_row_count(batch),
        ignored=[item for item in batch.findings if item["code"] == "ignored_column"],
        header_errors=[item for item in batch.findings if item["severity"] == Severity.ERROR.value],
        page=Page(rows, window.number, window.size, total),
        specs=by_key(kind.fields),
        page_url=links.page_url,
        size_url=links.size_url,
    )


def _row_count(batch: ImportBatch) -> int:
    return batch.new_count + batch.changed_count + batch.unchanged_count + batch.error_rows


def _shown(batch: ImportBatch) -> str:
    """Which rows the preview opens with: the errors, else the changes, else everything."""
    asked = request.args.get("show", "")
    if asked in {*RowAction, "warning", "all"}:
        return asked
    return "error" if batch.error_rows else "all"
