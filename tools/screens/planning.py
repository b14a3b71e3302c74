"""From the routes of the application to a list of visits for each person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from registry.accounts.services import actor_for
from registry.app import create_app
from registry.db import open_session
from registry.permissions import Actor, Permission
from registry.web import PERMISSION_MARK, PUBLIC, RegistryFlask
from tools.screens import workbooks
from tools.screens.acts import ACTS
from tools.screens.samples import BY_ACT, NO_PAGES, SAMPLES, Desk, Values
from tools.screens.site import Site
from tools.screens.visits import VISITORS, Visit, Visitor

PAPERS = frozenset(
    {
        "dashboards.compare",
        "dashboards.show",
        "exports.dictionary",
        "indicators.list_reports",
        "indicators.show",
        "policies.show",
        "profiles.list_enterprises",
        "profiles.show",
        "progression.list_candidates",
        "profiles.show_clauses",
        "recognitions.list_recognitions",
        "recognitions.show",
        "targets.list_targets",
    }
)
REFUSED = 403
_NEWCOMER_MAY = "accounts.change_password"


class Plan:
    """Every visit of everybody, and which endpoints it leaves out."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.app = create_app(site.settings)
        self.rules = [
            rule for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())
        ]
        self.visits: dict[str, Sequence[Visit]] = {}
        with open_session(site.engine, read_only=True) as session:
            for visitor in VISITORS:
                self.visits[visitor.folder] = list(self._visits(session, visitor, folder))
        self._urls = self.app.url_map.bind("127.0.0.1")

    def gaps(self) -> list[str]:
        """Endpoints that nobody visits. A new page cannot go unseen."""
        seen = {
            visit.endpoint
            for visits in self.visits.values()
            for visit in visits
            if visit.status != REFUSED
        }
        return [
            f"no sample address for endpoint {rule.endpoint} ({rule.rule}): "
            "name it in tools/screens/samples.py"
            for rule in self.rules
            if rule.endpoint not in seen | NO_PAGES
        ]

    def endpoint_of(self, path: str, method: str) -> str:
        """What answered at `path`, '' for nothing of ours."""
        try:
            endpoint, _ = self._urls.match(path, method=method)
        except HTTPException:
            return ""
        return str(endpoint)

    def _visits(self, session: Session, visitor: Visitor, folder: Path) -> Iterator[Visit]:
        if not visitor.login:
            yield from self._pages(visitor, None, PUBLIC)
            yield Visit(endpoint="accounts.sign_in", path="/enterprises", name="sent-to-sign-in")
            yield Visit(endpoint="", path="/no-such-page", name="not-found", status=404)
            return
        actor = actor_for(session, visitor.login)
        if visitor.is_new:
            found = self._pages(visitor, Desk(session, actor), Permission.SELF)
            yield from (visit for visit in found if visit.endpoint == _NEWCOMER_MAY)
            return
        desk = Desk(session, actor)
        if actor.may(Permission.IMPORT):
            workbooks.write_all(folder / visitor.folder, desk)
        for permission in Permission:
            if actor.may(permission):
                yield from self._pages(visitor, desk, permission)
        yield from self._refusals(actor)

    def _pages(self, visitor: Visitor, desk: Desk | None, permission: str) -> Iterator[Visit]:
        for rule in self.rules:
            view = self.app.view_functions[rule.endpoint]
            if rule.endpoint in NO_PAGES or getattr(view, PERMISSION_MARK, None) != permission:
                continue
            states = {
                state: Visit(
                    endpoint=rule.endpoint,
                    path=_address(self.app, rule.endpoint, values),
                    name="-".join(filter(None, (rule.endpoint, state))),
                )
                for state, values in self._samples(rule, desk)
            }
            for usual in islice(states.values(), 1):
                yield replace(usual, is_paper=visitor.prints and rule.endpoint in PAPERS)
            if visitor.is_thorough:
                yield from islice(states.values(), 1, None)
                yield from _steps(rule.endpoint, states, desk)

    def _samples(self, rule: Rule, desk: Desk | None) -> Iterator[tuple[str, Values]]:
        """The states there are something to show of; none when ids are needed and not named."""
        if desk is not None and rule.endpoint in SAMPLES:
            for state, values in SAMPLES[rule.endpoint](desk).items():
                if None not in values.values():
                    yield state, values
        elif not rule.arguments and rule.endpoint not in BY_ACT:
            yield "", {}

    def _refusals(self, actor: Actor) -> Iterator[Visit]:
        """A page that does not exist, and one that is not for this person."""
        yield Visit(endpoint="", path="/no-such-page", name="not-found", status=404)
        for rule in self.rules:
            permission = getattr(self.app.view_functions[rule.endpoint], PERMISSION_MARK, None)
            if rule.arguments or not isinstance(permission, Permission) or actor.may(permission):
                continue
            yield Visit(endpoint=rule.endpoint, path=rule.rule, name="forbidden", status=REFUSED)
            return


def _steps(endpoint: str, states: Mapping[str, Visit], desk: Desk | None) -> Iterator[Visit]:
    """What this person can do on the page."""
    for step in ACTS.get(endpoint, ()):
        if step.state not in states:
            continue
        if step.needs is None or (desk is not None and desk.actor.may(step.needs)):
            yield replace(
                states[step.state],
                endpoint=step.landing or endpoint,
                name=f"{endpoint}-{step.name}",
                status=step.status,
                act=step.act,
            )


def _address(app: RegistryFlask, endpoint: str, values: Values) -> str:
    arguments: dict[str, Any] = dict(values)
    with app.test_request_context():
        return app.url_for(endpoint, **arguments)
