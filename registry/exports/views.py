"""查询导出: the register, the yearly figures and the titles as workbooks, blank ones, and 指标字典."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import BinaryIO

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from registry import clock, config, db, downloads, web
from registry.audit.exports import ExportResult, write_export
from registry.enterprises import catalogue as enterprise_catalogue
from registry.exports import blanks, services
from registry.exports.forms import AnnualOptions, EnterpriseOptions, RecognitionOptions
from registry.indicators import catalogue as annual_catalogue
from registry.indicators.derived import DERIVED
from registry.indicators.queries import list_years
from registry.permissions import Permission
from registry.recognitions import catalogue as title_catalogue
from registry.recognitions.listing import read_listing
from registry.registers.filtering import EnterpriseFilter, Reporting

bp = Blueprint("exports", __name__)


@bp.get("/export")
@web.requires(Permission.EXPORT)
def index() -> ResponseReturnValue:
    """What can be taken out, with the choices for each."""
    actor = web.current_actor()
    annual = AnnualOptions()
    annual.offer(list_years(web.db_session(), actor.scope), clock.last_complete_year())
    return render_template(
        "exports/index.html",
        enterprises=EnterpriseOptions(),
        annual=annual,
        recognitions=RecognitionOptions(),
        may_reveal=actor.may(Permission.CONTACT_REVEAL),
        blanks=blanks.BLANKS.values(),
    )


@bp.get("/export/enterprises")
@web.requires(Permission.EXPORT)
def enterprises() -> ResponseReturnValue:
    """The firms of the list's filter; `?contact=1` with their contacts."""
    wanted = EnterpriseFilter.from_args(request.args)
    contact = request.args.get("contact", "") in {"1", "y"}
    session, actor = web.db_session(), web.current_actor()
    return _hand_over(services.export_enterprises(session, actor, wanted, contact=contact))


@bp.get("/export/annual")
@web.requires(Permission.EXPORT)
def annual() -> ResponseReturnValue:
    """The yearly figures of the firms of the filter; `?year=` one year, without it all.

    The list of reports calls the state of a report `status`; the words differ from those of firms.
    """
    words = request.args.to_dict()
    if words.get("status") in set(Reporting):
        words["report"] = words["status"]
    wanted = EnterpriseFilter.from_args(words)
    return _hand_over(services.export_annual(web.db_session(), web.current_actor(), wanted))


@bp.get("/export/recognitions")
@web.requires(Permission.EXPORT)
def recognitions() -> ResponseReturnValue:
    """The titles that the list of the same address shows."""
    session, actor = web.db_session(), web.current_actor()
    listing = read_listing(session, actor.scope, request.args)
    return _hand_over(
        services.export_recognitions(
            session, actor, listing.wanted, scope=listing.scope, sort=listing.sort
        )
    )


@bp.get("/dictionary")
@web.requires(Permission.REFERENCE_VIEW)
def dictionary() -> ResponseReturnValue:
    """指标字典: what each figure and field is called, measured in, means and comes from."""
    return render_template(
        "exports/dictionary.html",
        enterprise_fields=enterprise_catalogue.FIELDS,
        fields=(annual_catalogue.YEAR, *annual_catalogue.FIELDS),
        derived=DERIVED,
        recognition_fields=(*title_catalogue.FIELDS, *title_catalogue.ENDING_FIELDS),
    )


@bp.get("/templates/<kind>")
@web.requires(Permission.REFERENCE_VIEW)
def blank(kind: str) -> ResponseReturnValue:
    """A blank workbook to fill in; another province's dropdowns are made for it."""
    found = blanks.find_blank(kind)
    province = web.settings().province_code
    if province == blanks.PROVINCE:
        shipped = config.DATA_ROOT / "import_templates" / f"{kind}.xlsx"
        return downloads.workbook(BytesIO(shipped.read_bytes()), found.file_name)
    file, _ = downloads.written(lambda target: blanks.write(kind, target, province))
    return downloads.workbook(file, found.file_name)


def _hand_over(export: services.Export) -> Response:
    """Write the file, keep the entry, and only then let it go."""

    def write(target: BinaryIO) -> ExportResult:
        result = export.write(target)
        keep = partial(write_export, actor=web.current_actor(), result=result)
        db.record(web.context().engine, keep)
        return result

    file, result = downloads.written(write)
    return downloads.workbook(file, result.file_name)
