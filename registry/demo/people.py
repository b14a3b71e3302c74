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
from registry.demo.places import PROVINCE, Place
from registry.permissions import Actor, Level, Role
from registry.regions.models import Region
from registry.regions.queries import get_region

SUFFIXES = {Role.ENTRY: "luru", Role.REVIEW: "shenhe", Role.VIEW: "chakan"}
DESKS: Sequence[tuple[str, str, Role]] = [
    (f"{name}-{SUFFIXES[Role(role)]}", code, Role(role))
    for name, code, roles in words.DATA["people"]["desks"]
    for role in roles
]
"""(login, region, role). Every city needs a reviewer: only its own can confirm."""

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

    actors: Sequence[Actor]

    def nearest(self, role: Role, *places: Place) -> Actor:
        """Who has that role nearest to the places and may act in all of them."""
        return max(self._covering(role, places), key=lambda actor: len(actor.scope.path))

    def at(self, level: Level, role: Role, *places: Place) -> Actor:
        return next(actor for actor in self._covering(role, places) if actor.level is level)

    def find(self, level: Level, role: Role, place: Place) -> Actor | None:
        found = self._covering(role, [place])
        return next((actor for actor in found if actor.level is level), None)

    def _covering(self, role: Role, places: Sequence[Place]) -> list[Actor]:
        return [
            actor
            for actor in self.actors
            if actor.role is role and all(actor.scope.covers(place.unit.path) for place in places)
        ]


def create(session: Session, settings: Settings) -> tuple[Staff, list[DemoPerson]]:
    """Make the accounts, each with a random password of its own that need not be changed."""
    actors: list[Actor] = []
    people: list[DemoPerson] = []
    for login, code, role in [
        *DESKS,
        *((login, PROVINCE, role) for login, _, role in services.INITIAL),
    ]:
        region = get_region(session, code)
        draft = _draft(settings, login, region)
        names = passwords.pinyin_words(draft.name, region.short_name, region.name[:-1])
        password = passwords.one_time_password({login, *names})
        account, _ = services.create_account(session, None, draft, password=password)
        services.grant_role(session, None, account.id, role)
        actors.append(make_actor(account, role))
        unit = f"{region.name}　" if role in SUFFIXES else ""
        people.append(DemoPerson(unit + role.label, login, password))
    _others(session, settings)
    return Staff(actors), people


def _others(session: Session, settings: Settings) -> None:
    """Work for the administrators: a role to grant, and an account that is shut."""
    for login, code in (WAITING, GONE):
        draft = _draft(settings, login, get_region(session, code))
        account, _ = services.create_account(session, None, draft)
        if login == GONE[0]:
            services.grant_role(session, None, account.id, Role.ENTRY)
            services.disable_account(session, None, account.id)


def _draft(settings: Settings, login: str, region: Region) -> AccountDraft:
    bureau = f"{region.short_name}工业和信息化局"
    return AccountDraft(
        login=login,
        name=words.person(stream("person", login)),
        department=settings.unit_name if region.code == PROVINCE else bureau,
        region_code=region.code,
    )


def logins() -> list[str]:
    """Every login the demo prints."""
    return [login for login, _, _ in (*DESKS, *services.INITIAL)]
