"""Filling an empty database with an invented province, through the rooms' own services."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry import clock
from registry.assessments import register
from registry.config import Settings
from registry.demo import bulletins, changes, evidence, notices, people, rounds, writing
from registry.demo.firms import invent_firms
from registry.demo.people import DemoPerson
from registry.demo.places import PROVINCE, list_places
from registry.demo.reports import invent_reports
from registry.demo.titles import invent_titles
from registry.demo.writing import Progress
from registry.errors import Invalid
from registry.installation.models import DEMO, InstallationFact
from registry.permissions import Scope
from registry.worklist import reminding

YEARS = 4
MARK = "演示数据：企业、人员、指标、称号、佐证和文号均为虚构"


def load(session: Session, settings: Settings, progress: Progress) -> list[DemoPerson]:
    """Invent about 600 firms with four years of figures, their titles and some evidence, rounds
    of applications, bulletins and reminders, evaluate them, and mark the database.

    The session's database must hold the reference data and nothing else. Everything but the
    passwords is the same each time on the same day. Raises Invalid for another province.
    """
    if settings.province_code != PROVINCE:
        raise Invalid("演示数据只有甘肃省的，请把 REGISTRY_PROVINCE 设为 620000 后再装入")
    today, last_year = clock.today(), clock.last_complete_year()
    years = range(last_year - YEARS + 1, last_year + 1)
    session.add(InstallationFact(key=DEMO, value=MARK, at=clock.now()))
    staff, printed = people.create(session, settings)
    firms = invent_firms(list_places(session), today, years)
    reports = invent_reports(firms, today, years)
    awards = invent_titles(firms, today)
    ids = writing.write_firms(session, staff, firms, progress)
    writing.write_reports(session, staff, reports, ids, progress)
    writing.write_titles(session, staff, awards, ids, progress)
    items = evidence.invent_evidence(firms, awards, today, last_year)
    evidence.write_evidence(session, settings, staff, items, ids)
    writing.end_firms(session, staff, firms, ids)
    writing.date_back(session, firms, reports, ids, years[0])
    session.flush()
    # The dating went past the objects this session holds.
    session.expire_all()
    rounds.write_rounds(session, settings, staff, firms, ids)
    notices.write_notices(session, staff)
    changes.write_changes(session, staff, firms, ids)
    bulletins.write_bulletins(session, staff)
    reminding.remind(session, Scope(f"{PROVINCE}/"))
    register.evaluate_all(session, Scope(f"{PROVINCE}/"), today.year)
    return printed
