"""查询导出: the register, the yearly figures and the titles as workbooks, blank ones, and 指标字典."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from registry import clock, config, downloads, web
from registry.enterprises import catalogue as enterprise_catalogue
from registry.exports import blanks, long_work
from registry.exports.forms import AnnualOptions, EnterpriseOptions, RecognitionOptions
from registry.indicators import catalogue as annual_catalogue
from registry.indicators.derived import DERIVED
from registry.indicators.queries import list_years
from registry.jobs import workbooks
from registry.permissions import Permission
from registry.recognitions import catalogue as title_catalogue

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
        blanks=list(blanks.BLANKS.values()),
        long=workbooks.LONG,
    )


@bp.route("/export/enterprises", methods=["GET", "POST"])
@web.requires(Permission.EXPORT)
def enterprises() -> ResponseReturnValue:
    return long_work.enterprises.hand_over()


@bp.route("/export/annual", methods=["GET", "POST"])
@web.requires(Permission.EXPORT)
def annual() -> ResponseReturnValue:
    return long_work.annual.hand_over()


@bp.route("/export/recognitions", methods=["GET", "POST"])
@web.requires(Permission.EXPORT)
def recognitions() -> ResponseReturnValue:
    return long_work.recognitions.hand_over()


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
