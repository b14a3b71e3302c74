"""The exports by the words of an address, for requests and for jobs."""

from __future__ import annotations

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.exports import services
from registry.jobs import workbooks
from registry.jobs.sheets import Export
from registry.jobs.workbooks import Words
from registry.permissions import Actor
from registry.recognitions.listing import read_listing
from registry.registers.filtering import EnterpriseFilter, Reporting


@workbooks.offered("enterprises", "导出企业名单")
def enterprises(session: Session, actor: Actor, words: Words) -> Export:
    """The firms of the list's filter; `contact=1` with their contacts."""
    wanted = EnterpriseFilter.from_args(words)
    contact = words.get("contact", "") in {"1", "y"}
    return services.export_enterprises(session, actor, wanted, contact=contact)


@workbooks.offered("annual", "导出年度指标")
def annual(session: Session, actor: Actor, words: Words) -> Export:
    """The yearly figures of the firms of the filter; `year` one year, without it all.

    The list of reports calls the state of a report `status`; the words differ from those of firms.
    """
    if words.get("status") in set(Reporting):
        words = {**words, "report": words["status"]}
    return services.export_annual(session, actor, EnterpriseFilter.from_args(words))


@workbooks.offered("recognitions", "导出称号名单")
def recognitions(session: Session, actor: Actor, words: Words) -> Export:
    """The titles that the list of the same words shows."""
    listing = read_listing(session, actor.scope, MultiDict(words))
    return services.export_recognitions(
        session, actor, listing.wanted, scope=listing.scope, sort=listing.sort
    )
