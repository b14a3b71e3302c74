"""A small installation of three offices, served at whatever time the journey has come to."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, update

from registry import clock, config, reference
from registry.accounts import services as accounts
from registry.accounts.models import Account
from registry.accounts.services import AccountDraft
from registry.config import Settings
from registry.db import make_engine, transaction
from registry.enterprises import services as enterprises
from registry.enterprises.queries import find_by_uscc
from registry.enterprises.services import EnterpriseDraft
from registry.fields import Value
from registry.indicators import services as indicators
from registry.indicators.services import ReportDraft
from registry.migrating import upgrade
from registry.permissions import Role
from registry.recognitions import services as recognitions
from registry.recognitions.services import RecognitionDraft
from tools.journeys import clockwork
from tools.journeys.person import Person
from tools.journeys.watching import Watch
from tools.screens import site

COUNTY, CITY, PROVINCE = "620102", "620100", "620000"
CLERK, FIRST, SECOND, OF_CITY, OF_PROVINCE = "luru", "shenhe-1", "shenhe-2", "shi", "sheng"
PEOPLE = {
    CLERK: ("赵录入", COUNTY, Role.ENTRY),
    FIRST: ("钱初审", COUNTY, Role.REVIEW),
    SECOND: ("孙初审", COUNTY, Role.REVIEW),
    OF_CITY: ("李市审", CITY, Role.REVIEW),
    OF_PROVINCE: ("周省审", PROVINCE, Role.REVIEW),
}
"""login -> name, region, role. The county has two reviewers, who get in each other's way."""
Values = Mapping[str, Value | None]
Figures = Mapping[int, Values]


@dataclass(slots=True)
class Stage:
    """`passwords` by login; `url` is where it is served at the moment."""

    settings: Settings
    engine: Engine
    folder: Path
    watch: Watch
    passwords: dict[str, str] = field(default_factory=dict)
    url: str = ""

    @contextmanager
    def at(self, moment: str) -> Iterator[None]:
        """The site at this time; everybody has kept changing their password until then."""
        with clockwork.at(moment), transaction(self.engine) as session:
            session.execute(update(Account).values(password_changed_at=clock.now()))
        command = [sys.executable, "-m", "tools.journeys.clockwork", moment, "serve", "--no-worker"]
        with site.served(self.settings, self.folder / "server.log", command) as url:
            self.url = url
            yield

    def person(self, login: str) -> Person:
        """Somebody signed in, at their worklist, in a browser of their own."""
        page = self.watch.context().new_page()
        page.goto(f"{self.url}/sign-in")
        page.fill("#login", login)
        page.fill("#password", self.passwords[login])
        page.click("main .btn-primary")
        page.wait_for_url(f"{self.url}/")
        return Person(PEOPLE[login][0], page, self.watch.shoot)

    def register(self, uscc: str, values: Values, figures: Figures, since: str) -> int:
        """A firm of the county with its figures by year; its id. `since`: when it was entered."""
        with clockwork.at(since), transaction(self.engine) as session:
            clerk = accounts.actor_for(session, CLERK)
            given = {"region_code": COUNTY, "industry_code": "3443", **values}
            enterprises.save(session, clerk, [EnterpriseDraft(uscc=uscc, values=given)])
            firm = find_by_uscc(session, clerk.scope, uscc)
            if firm is None:
                raise RuntimeError(f"{uscc} was not registered")
            reports = [
                ReportDraft(enterprise_id=firm.id, year=year, values=row, submit=True)
                for year, row in sorted(figures.items())
            ]
            indicators.save(session, clerk, reports)
            return firm.id

    def hold(self, firm: int, values: Values, since: str) -> None:
        """A title that the firm got before the journey begins."""
        with clockwork.at(since), transaction(self.engine) as session:
            clerk = accounts.actor_for(session, CLERK)
            recognitions.save(session, clerk, [RecognitionDraft(enterprise_id=firm, values=values)])


@contextmanager
def installed(folder: Path, since: str, watch: Watch) -> Iterator[Stage]:
    """A fresh installation with the offices' people in it, made at a time."""
    settings = config.from_environment({"REGISTRY_INSTANCE": str(folder / "instance")})
    engine = make_engine(settings.database_url)
    stage = Stage(settings, engine, folder, watch)
    with clockwork.at(since):
        upgrade(settings)
        with transaction(engine) as session:
            reference.load(session, settings)
            for login, (name, region, role) in PEOPLE.items():
                draft = AccountDraft(login=login, name=name, region_code=region)
                word = f"Yanlian-{login}-2026"
                account, _ = accounts.create_account(session, None, draft, password=word)
                accounts.grant_role(session, None, account.id, role)
                stage.passwords[login] = word
    yield stage
    engine.dispose()
