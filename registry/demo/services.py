"""Filling an empty database with an invented province, through the rooms' own services."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from registry import clock
from registry.config import Settings
from registry.demo import dating, people, writing
from registry.demo.firms import invent_firms
from registry.demo.people import PROVINCE, DemoPerson
from registry.demo.places import Place
from registry.demo.reports import invent_reports
from registry.demo.titles import invent_titles
from registry.errors import Invalid
from registry.installation.models import DEMO, InstallationFact
from registry.permissions import Scope
from registry.regions.models import RegionKind
from registry.regions.queries import list_units

YEARS = 4
MARK = "演示数据：企业、人员、指标、称号和文号均为虚构"
Progress = Callable[[str, int, int], None]
"""progress(label, total, done), for a bar on the console."""


def load(session: Session, settings: Settings, progress: Progress) -> list[DemoPerson]:
    """Invent about 600 firms with four years of figures and their titles, and mark the database.

    The session's database must hold the reference data and nothing else. Everything but the
    passwords is the same each time on the same day. Raises Invalid for another province.
    """
    if settings.province_code != PROVINCE:
        raise Invalid("演示数据只有甘肃省的，请把 REGISTRY_PROVINCE 设为 620000 后再装入")
    today, last_year = clock.today(), clock.last_complete_year()
    years = range(last_year - YEARS + 1, last_year + 1)
    session.add(InstallationFact(key=DEMO, value=MARK, at=clock.now()))
    staff, printed = people.create(session, settings)
    firms = invent_firms(places(session), today, years)
    reports = invent_reports(firms, today, years)
    awards = invent_titles(firms, today)
    ids = writing.write_firms(session, staff, firms, progress)
    writing.write_reports(session, staff, reports, ids, progress)
    writing.write_titles(session, staff, awards, ids, progress)
    writing.end_firms(session, staff, firms, ids)
    dating.date_firms(session, firms, ids, years[0])
    dating.date_reports(session, reports, ids)
    dating.date_titles(session, awards, ids, years[0])
    session.flush()
    # The dating went past the objects this session holds.
    session.expire_all()
    return printed


def places(session: Session) -> list[Place]:
    """Every unit with nothing below it: the counties, 嘉峪关, 兰州新区 and the zones."""
    units = list_units(session, Scope(f"{PROVINCE}/"))
    by_code = {unit.code: unit for unit in units}
    above = {unit.parent_code for unit in units}
    made = []
    for unit in units:
        if unit.code in above:
            continue
        city = by_code[unit.path.split("/")[1]]
        made.append(
            Place(
                code=unit.code,
                name=unit.name,
                full_name=unit.full_name,
                short_name=unit.short_name,
                path=unit.path,
                is_zone=unit.kind is RegionKind.ZONE,
                city_code=city.code,
                city_name=city.short_name,
            )
        )
    return made
