"""The demo's accounts: one for each role and level, and those who review in every city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.accounts import passwords, services
from registry.accounts.actors import make_actor
from registry.accounts.services import AccountDraft
from registry.config import Settings
from registry.demo import words
from registry.demo.chance import stream
from registry.demo.places import NEW_AREA_CODE, Place
from registry.permissions import Actor, Level, Role
from registry.regions.models import Region
from registry.regions.queries import get_region

ENTRY, REVIEW, VIEW = Role.ENTRY, Role.REVIEW, Role.VIEW
SUFFIXES = {ENTRY: "luru", REVIEW: "shenhe", VIEW: "chakan"}
PROVINCE = "620000"
DESKS: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("sheng", PROVINCE, (ENTRY, REVIEW, VIEW)),
    ("lanzhou", "620100", (ENTRY, REVIEW, VIEW)),
    ("chengguan", "620102", (ENTRY, REVIEW, VIEW)),
    ("tianshui", "620500", (ENTRY, REVIEW)),
    ("qinzhou", "620502", (ENTRY,)),
    ("jiayuguan", "620200", (ENTRY, REVIEW)),
    ("xinqu", NEW_AREA_CODE, (ENTRY, REVIEW)),
    ("jinchang", "620300", (REVIEW,)),
    ("baiyin", "620400", (REVIEW,)),
    ("wuwei", "620600", (REVIEW,)),
    ("zhangye", "620700", (REVIEW,)),
    ("pingliang", "620800", (REVIEW,)),
    ("jiuquan", "620900", (REVIEW,)),
    ("qingyang", "621000", (REVIEW,)),
    ("dingxi", "621100", (REVIEW,)),
    ("longnan", "621200", (REVIEW,)),
    ("linxia", "622900", (REVIEW,)),
    ("gannan", "623000", (REVIEW,)),
)
"""(first part of the login, region, roles). Every city needs a reviewer: only its own can confirm."""

WAITING, GONE = ("yuzhong-luru", "620123"), ("minqin-luru", "620621")
"""An account that waits for its role, and one that was disabled."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Who can sign in to the demo, for printing."""

    description: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class Staff:
    """The people in whose names the demo is written."""

    actors: tuple[Actor, ...]

    def clerk(self, *places: Place) -> Actor:
        """The clerk nearest to the places who may write in all of them."""
        return max(self._covering(ENTRY, *places), key=lambda actor: len(actor.scope.path))

    def city_reviewer(self, place: Place) -> Actor:
        return next(a for a in self._covering(REVIEW, place) if a.level is Level.CITY)

    def nearest_reviewer(self, place: Place) -> Actor:
        """Who returns a submitted report: the county where it has a reviewer, else the city."""
        return max(self._covering(REVIEW, place), key=lambda actor: len(actor.scope.path))

    @property
    def province_clerk(self) -> Actor:
        return self._at_province(ENTRY)

    @property
    def province_reviewer(self) -> Actor:
        return self._at_province(REVIEW)

    def _at_province(self, role: Role) -> Actor:
        return next(a for a in self.actors if a.role is role and a.level is Level.PROVINCE)

    def _covering(self, role: Role, *places: Place) -> list[Actor]:
        return [
            actor
            for actor in self.actors
            if actor.role is role and all(actor.scope.covers(place.path) for place in places)
        ]


def create(session: Session, settings: Settings) -> tuple[Staff, list[DemoPerson]]:
    """Make the accounts, each with a random password of its own that need not be changed."""
    actors: list[Actor] = []
    people: list[DemoPerson] = []
    for desk, code, roles in DESKS:
        region = get_region(session, code)
        for role in roles:
            login = f"{desk}-{SUFFIXES[role]}"
            actor, password = _hire(session, settings, login, region, role)
            actors.append(actor)
            people.append(DemoPerson(f"{region.name}　{role.label}", login, password))
    province = get_region(session, PROVINCE)
    for login, _, role in services.INITIAL:
        _, password = _hire(session, settings, login, province, role)
        people.append(DemoPerson(role.label, login, password))
    _others(session, settings)
    return Staff(tuple(actors)), people


def _hire(
    session: Session, settings: Settings, login: str, region: Region, role: Role
) -> tuple[Actor, str]:
    draft = _draft(settings, login, region)
    names = passwords.pinyin_words(draft.name, region.short_name, region.name[:-1])
    password = passwords.one_time_password({login, *names})
    account, _ = services.create_account(session, None, draft, password=password)
    services.grant_role(session, None, account.id, role)
    return make_actor(account, role), password


def _others(session: Session, settings: Settings) -> None:
    """Work for the administrators: a role to grant, and an account that is shut."""
    for login, code in (WAITING, GONE):
        account, _ = services.create_account(
            session, None, _draft(settings, login, get_region(session, code))
        )
        if login == GONE[0]:
            services.grant_role(session, None, account.id, ENTRY)
            services.disable_account(session, None, account.id)


def _draft(settings: Settings, login: str, region: Region) -> AccountDraft:
    bureau = f"{region.short_name}工业和信息化局"
    return AccountDraft(
        login=login,
        name=words.person(stream("person", login)),
        department=settings.unit_name if region.code == PROVINCE else bureau,
        region_code=region.code,
    )


def logins() -> Sequence[str]:
    """Every login the demo prints."""
    desks = [f"{desk}-{SUFFIXES[role]}" for desk, _, roles in DESKS for role in roles]
    return [*desks, *(login for login, _, _ in services.INITIAL)]
