"""The register, the yearly figures and the titles as workbooks, for web, jobs and command line.

Each use case looks up what a workbook will hold; `write` makes it and says what is in it. The
caller keeps the entry (`audit.exports.write_export`) before handing the file over.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Forbidden, NotFound
from registry.exports import layout, queries
from registry.jobs.sheets import Export, made_by
from registry.permissions import Actor, Permission, Scope
from registry.recognitions.queries import RecognitionFilter, count_recognitions
from registry.regions.naming import place_names
from registry.regions.scoping import narrow_by_words
from registry.registers.filtering import EnterpriseFilter
from registry.registers.queries import count_enterprises, filter_words

NO_CONTACTS = "当前账号不能查看完整联系方式，请去掉“含联系方式”后重新导出。"


def export_enterprises(
    session: Session, actor: Actor, wanted: EnterpriseFilter, *, contact: bool = False
) -> Export:
    """The firms of the filter; contact columns only for those who may reveal them.

    Raises Forbidden for a person who asks for contacts and may not see them, NotFound for a
    region outside their scope.
    """
    if contact and not actor.may(Permission.CONTACT_REVEAL):
        raise Forbidden(NO_CONTACTS)
    scope, _ = narrow_by_words(session, actor.scope, wanted.region)
    today = clock.today()
    fields = layout.enterprise_fields(contact=contact)
    found = queries.enterprise_rows(session, scope, wanted, today, fields)
    return Export(
        kind="enterprises",
        label="企业名单",
        made_by=made_by(actor),
        where=queries.scope_name(session, scope),
        conditions=_conditions(session, wanted),
        columns=layout.enterprise_columns(fields, place_names(session, scope)),
        rows=((*cells, layout.title_words(titles)) for *cells, titles in found),
        total=count_enterprises(session, scope, wanted, today),
        has_contacts=contact,
    )


def export_annual(session: Session, actor: Actor, wanted: EnterpriseFilter) -> Export:
    """The yearly figures of the firms of the filter, of one year or of all.

    Behind the figures stand the derived ones and the state of the report. Raises NotFound for a
    region outside the person's scope.
    """
    scope, _ = narrow_by_words(session, actor.scope, wanted.region)
    today = clock.today()
    return Export(
        kind="annual",
        label=f"年度指标_{wanted.year}年度" if wanted.year else "年度指标",
        made_by=made_by(actor),
        where=queries.scope_name(session, scope),
        conditions=_annual_conditions(session, wanted),
        columns=layout.annual_columns(place_names(session, scope)),
        rows=layout.annual_rows(queries.annual_blocks(session, scope, wanted, today)),
        total=queries.count_annual_rows(session, scope, wanted, today),
        frozen_columns=3,
    )


def export_recognitions(
    session: Session,
    actor: Actor,
    wanted: RecognitionFilter,
    *,
    scope: Scope | None = None,
    sort: str = "region",
) -> Export:
    """The recognitions of the filter as seen from its day, with how they ended.

    `scope` is the part of the person's own that a list was narrowed to (`read_listing`). Raises
    NotFound when it lies outside.
    """
    scope = scope or actor.scope
    if not actor.scope.covers(scope.path):
        raise NotFound
    found = queries.recognition_rows(session, scope, wanted, sort)
    return Export(
        kind="recognitions",
        label="称号名单",
        made_by=made_by(actor),
        where=queries.scope_name(session, scope),
        conditions=_recognition_conditions(wanted),
        columns=layout.recognition_columns(place_names(session, scope)),
        rows=layout.recognition_rows(found, wanted.day),
        total=count_recognitions(session, scope, wanted),
    )


def _conditions(session: Session, wanted: EnterpriseFilter) -> list[str]:
    """The filter in words; the region is the scope, which is named apart."""
    return [words for key, words in filter_words(session, wanted) if key != "region"]


def _annual_conditions(session: Session, wanted: EnterpriseFilter) -> list[str]:
    others = [
        words for key, words in filter_words(session, wanted) if key not in {"region", "report"}
    ]
    year = [f"{wanted.year}年度"] if wanted.year else []
    return [*year, *([wanted.report.label] if wanted.report else []), *others]


def _recognition_conditions(wanted: RecognitionFilter) -> list[str]:
    found = (
        wanted.title.label if wanted.title else "",
        wanted.standing.label if wanted.standing else "",
        f"查找“{wanted.text}”" if wanted.text else "",
        f"批次或文号“{wanted.document}”" if wanted.document else "",
        f"截至 {wanted.day}",
    )
    return [words for words in found if words]
