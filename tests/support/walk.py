"""What the walk over every route needs: the list of routes, a world with something in it, addresses.

Run as a program it writes `tests/routes.txt` anew.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from registry import clock
from registry.app import create_app
from registry.applications.models import Application, Copy
from registry.applications.rounds import RoundDraft, save_round
from registry.applications.workflow import State
from registry.assessments.services import Asked, keep
from registry.bulletins.services import BulletinDraft, post
from registry.config import Settings
from registry.db import Base
from registry.enterprises.models import EnterpriseStatus
from registry.indicators.workflow import ReportStatus
from registry.jobs import files
from registry.jobs.models import Job, JobStatus
from registry.permissions import ROLE_PERMISSIONS, Actor, Permission, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from registry.reviews.inspections import Inspection, Sent, inspect
from registry.reviews.models import Exemption, InspectionFile
from registry.targets.models import Target
from registry.web import PERMISSION_MARK, RegistryFlask
from tests.support import changes, databases, evidence, notices, people, records
from tests.support.offices import Office

FILE = Path(__file__).resolve().parent.parent / "routes.txt"
STATIC = frozenset({"static", "bootstrap.static"})
REGIONAL = frozenset(
    {
        "enterprise_id",
        "report_id",
        "recognition_id",
        "item_id",
        "proof_id",
        "assessment_id",
        "application_id",
        "batch_id",
        "account_id",
        "object_id",
        "entry_id",
        "objection_id",
        "exemption_id",
        "file_id",
        "change_id",
        "transfer_id",
    }
)
DECIDING = frozenset({"indicators.review", "reviews.decide"})
"""Endpoints that name what they are about in their body."""
BY_PERSON = "job_id"
"""What belongs to a person and not to a region: the walk makes one for whoever asks."""
LOGS = frozenset({"audit_entries", "login_sessions", "sign_in_attempts"})
COUNTY = "620102"
PROVINCE = "620000"


@dataclass(frozen=True, slots=True)
class World:
    """Ids that exist, by the names the addresses give them; some endpoints need another one."""

    ids: Mapping[str, object]
    instead: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    bodies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __or__(self, other: World) -> World:
        return World(
            {**self.ids, **other.ids},
            {**self.instead, **other.instead},
            {**self.bodies, **other.bodies},
        )

    def arguments(self, endpoint: str) -> dict[str, object]:
        return {**self.ids, **self.instead.get(endpoint, {})}


ANY = World(
    {
        **dict.fromkeys(REGIONAL, 1),
        "target_id": 1,
        "round_id": 1,
        "row_id": 1,
        "object_type": "annual_report",
        "object_id": 1,
        "session_id": 1,
        BY_PERSON: 1,
        "kind": "annual",
        "turn": 1,
        "year": 2025,
        "rule_set": "LG-2026",
        "notice_id": 1,
        "announcement_id": 1,
        "bulletin_id": 1,
    }
)


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    rule: str
    endpoint: str
    permission: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def names(self) -> list[str]:
        """The arguments in the address: `<int:enterprise_id>` is enterprise_id."""
        parts = [part for part in self.rule.split("/") if part.startswith("<")]
        return [part.strip("<>").split(":")[-1] for part in parts]

    @property
    def is_about_something(self) -> bool:
        """Whether it names a thing that belongs to a region, in its address or its body."""
        return bool(REGIONAL & set(self.names)) or self.endpoint in DECIDING

    def address(self, world: World) -> str:
        """Fails on an argument that the world has no sample for."""
        arguments = world.arguments(self.endpoint)
        address = self.rule
        for name in self.names:
            if name not in arguments:
                raise AssertionError(f"no sample for <{name}> in {self}")
            address = address.replace(f"<int:{name}>", str(arguments[name]))
            address = address.replace(f"<{name}>", str(arguments[name]))
        return address

    def body(self, world: World) -> Mapping[str, str]:
        return world.bodies.get(self.endpoint, {}) if self.method == "POST" else {}


def routes_of(app: RegistryFlask) -> list[Route]:
    """The routes as they are, sorted."""
    routes = [
        Route(method, rule.rule, rule.endpoint, _permission(app, rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in STATIC
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(routes, key=lambda route: (route.rule, route.method))


def first_role(permission: Permission) -> Role:
    """A role that has the permission."""
    return next(role for role in Role if permission in ROLE_PERMISSIONS[role])


def read_routes() -> list[Route]:
    """The routes as they were last agreed to."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [Route(*line.split()) for line in lines]


def _permission(app: RegistryFlask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], PERMISSION_MARK, "UNMARKED"))


def build(session: Session, settings: Settings) -> World:
    """A county with a firm, reports in every state that a step needs, titles, people, cases, and
    batches of an import."""
    return build_without_batches(session, settings) | build_batches(session, settings)


def build_without_batches(session: Session, settings: Settings) -> World:
    """The same without batches, whose workbooks take as long as all the rest."""
    firm = records.make_enterprise(session, 1, {"name": "兰州甲机械有限公司"})
    ended = records.make_enterprise(
        session,
        2,
        {
            "status": EnterpriseStatus.DEREGISTERED,
            "ended_on": date(2025, 5, 1),
            "end_reason": "注销",
        },
    )
    spare = records.make_enterprise(session, 3, {})
    draft = records.make_report(session, firm, 2025, {"status": ReportStatus.DRAFT, "revenue": 100})
    submitted = records.make_report(session, firm, 2024, {"revenue": 90})
    confirmed = records.make_report(
        session, firm, 2023, {"status": ReportStatus.CITY_CONFIRMED, "revenue": 80}
    )
    held = records.make_recognition(session, firm, {})
    over = records.make_recognition(
        session,
        firm,
        {
            "title": "innovative_sme",
            "end_kind": "revoked",
            "ended_on": date(2025, 3, 1),
            "end_reason": "数据造假",
        },
    )
    account = people.make_account(session, Role.VIEW, COUNTY)
    item, proof = evidence.make_proof(session, settings, firm)
    clerk = people.make_actor(session, Role.ENTRY, COUNTY)
    asked = Asked(title=Title.LITTLE_GIANT, kind=RoundKind.NEW, year=2026)
    kept = keep(session, clerk, firm, asked, reason="备查")
    target = session.scalars(select(Target.id).limit(1)).one()
    made_public, ministry_round = notices.make_public(session, COUNTY)
    round_id = _round(session)
    confirming = _round(session, "专精特新复核", RoundKind.RENEWAL, days_ago=90)
    filling = _case(session, round_id, firm, State.FILLING)
    waiting = _case(session, round_id, records.make_enterprise(session, 4, {}), State.COUNTY)
    ready = records.make_enterprise(session, 5, {})
    below = {"title": "innovative_sme", "valid_to": clock.today() + timedelta(days=90)}
    records.make_recognition(session, ready, below)
    change, returned, transfer = changes.make_changes(session, COUNTY, firm)
    session.commit()
    seen = {"version": "1"}
    return World(
        ids={
            "enterprise_id": firm,
            "report_id": submitted,
            "recognition_id": held,
            "item_id": item,
            "proof_id": proof,
            "assessment_id": kept.id,
            "object_type": "annual_report",
            "object_id": submitted,
            "account_id": account,
            BY_PERSON: _job(session, people.make_actor(session, Role.VIEW, COUNTY), ""),
            "target_id": target,
            "round_id": round_id,
            "application_id": waiting,
            "exemption_id": _exemption(session, waiting),
            "file_id": _visit(session, settings, round_id),
            "turn": 1,
            "kind": "annual",
            "year": 2025,
            "rule_set": "LG-2026",
            "bulletin_id": _bulletin(session),
            "change_id": change,
            "transfer_id": transfer,
            **made_public,
        },
        instead={
            "notices.announce_ministry": {"round_id": ministry_round},
            "renewals.close": {"round_id": confirming},
            "applications.end_left": {"round_id": confirming},
            "changes.correct": {"change_id": returned},
            "enterprises.reinstate": {"enterprise_id": ended},
            "enterprises.delete": {"enterprise_id": spare},
            "indicators.check": {"report_id": draft},
            "indicators.submit": {"report_id": draft},
            "indicators.delete": {"report_id": draft},
            "recognitions.reinstate": {"recognition_id": over},
            "applications.apply": {"enterprise_id": ready},
            "recognitions.unrevoke": {"recognition_id": over},
            "applications.edit": {"application_id": filling},
            "applications.submit": {"application_id": filling},
            "applications.withdraw": {"application_id": filling},
            "evidence.create": {"kind": "awards"},
            "evidence.confirm_whole": {"kind": "awards"},
        },
        bodies={
            "assessments.keep": {"reason": "备查"},
            "indicators.review": {"ids": f"{confirmed}:1", "action": "confirm"},
            "reviews.decide": {"ids": f"{waiting}:1", "choice": "pass:city"},
            "applications.apply": {"round_id": str(round_id)},
            "applications.submit": seen,
            "applications.recall": seen,
            "applications.withdraw": seen | {"reason": "放弃"},
            "exemptions.confirm": seen,
            "exemptions.refuse": seen | {"reason": "不同意"},
            "exemptions.withdraw": seen | {"reason": "撤销"},
            "enterprises.edit": seen,
            "indicators.edit": seen,
            "recognitions.edit": seen,
            "evidence.edit": seen,
            "targets.edit": seen,
            "bulletins.edit": seen,
            "bulletins.withdraw": seen | {"reason": "有误"},
            "indicators.submit": seen,
            "indicators.withdraw": seen,
        },
    )


def _round(
    session: Session,
    name: str = "专精特新申报",
    kind: RoundKind = RoundKind.NEW,
    days_ago: int = 1,
) -> int:
    """An application round of forty days that opened so many days ago."""
    start = clock.now() - timedelta(days=days_ago)
    draft = RoundDraft(
        name=name,
        title=Title.SRDI_SME,
        kind=kind,
        year=2026,
        opens_at=start,
        filling_until=start + timedelta(days=10),
        county_until=start + timedelta(days=20),
        city_until=start + timedelta(days=30),
        province_until=start + timedelta(days=40),
    )
    round_ = save_round(session, people.make_actor(session, Role.REVIEW, PROVINCE), draft)
    session.commit()
    return round_.id


def _bulletin(session: Session) -> int:
    """A bulletin of the province: its own to change, and everybody's to read."""
    draft = BulletinDraft(title="通知", text="请按时办理。")
    made = post(session, people.make_actor(session, Role.REVIEW, PROVINCE), draft)
    session.commit()
    return made.id


def _case(session: Session, round_id: int, firm: int, state: State) -> int:
    """An application of a firm in a state."""
    author, now = people.make_actor(session, Role.ENTRY, COUNTY), clock.now()
    case = Application(
        round_id=round_id,
        enterprise_id=firm,
        state=state,
        turn=0 if state is State.FILLING else 1,
        product="阀门",
        created_by=author.account_id,
        created_by_name=author.name,
        waits_since=now,
        created_at=now,
        updated_at=now,
    )
    session.add(case)
    session.flush()
    if case.turn:
        copy = Copy(
            application_id=case.id,
            turn=1,
            cells={},
            proofs=[],
            made_at=now,
            account_id=author.account_id,
            account_name=author.name,
        )
        session.add(copy)
    session.commit()
    return case.id


def _exemption(session: Session, application_id: int) -> int:
    """One that waits for a second person."""
    author, now = people.make_actor(session, Role.REVIEW, PROVINCE), clock.now()
    exemption = Exemption(
        application_id=application_id,
        rule_set="SRDI-2026",
        clause="revenue",
        label="上年度营业收入",
        reason="新增融资",
        ends_on=clock.today() + timedelta(days=30),
        asked_by=author.account_id,
        asked_by_name=author.name,
        asked_at=now,
        updated_at=now,
    )
    session.add(exemption)
    session.commit()
    return exemption.id


def _visit(session: Session, settings: Settings, round_id: int) -> int:
    """A photograph of an inspection of a firm of its own."""
    firm = records.make_enterprise(session, 7, {})
    case = _case(session, round_id, firm, State.COUNTY)
    found = Inspection(on=clock.today(), people="王五", record="有设备", passed=True)
    photo = Sent(io.BytesIO(evidence.png()), "车间.png")
    reviewer = people.make_actor(session, Role.REVIEW, COUNTY)
    inspect(session, reviewer, settings, case, found, [photo], seen_version=1)
    session.commit()
    return session.scalars(select(InspectionFile.id)).one()


def build_batches(session: Session, settings: Settings) -> World:
    """A batch with a row to be mended, and one that was written."""
    actor = people.make_actor(session, Role.ENTRY, COUNTY)
    headers = ("统一社会信用代码", "年度", "营业收入")
    code = records.credit_code(1)
    with tempfile.TemporaryDirectory() as folder:
        office = Office(session, settings, actor, Path(folder))
        staged = office.examine("annual", headers, (code, 2022, "很多"), (code, 2021, 5))
        written = office.write("annual", headers, (code, 2020, 7))
    return World(
        ids={"batch_id": staged.batch.id, "row_id": staged.rows[0].id},
        instead={"imports.undo": {"batch_id": written.batch.id}},
        bodies={
            "imports.confirm": {"version": str(staged.batch.version)},
            "imports.discard": {"version": "1"},
            "imports.mend": {"key": "revenue", "text": "12"},
            "imports.repair": {"key": "revenue", "code": "cell", "written": "很多", "text": "9"},
        },
    )


def own_job(session: Session, client: people.Browser, route: Route) -> int:
    """A job of the person behind `client`, in the state that the route is about."""
    actor = people.actor_of(session, client.account_id)
    return _job(session, actor, route.endpoint, client.settings)


def _job(session: Session, actor: Actor, endpoint: str, settings: Settings | None = None) -> int:
    job = Job(
        kind="walk",
        label="走查",
        account_id=actor.account_id,
        account_name=actor.name,
        region_code=actor.region_code,
        created_at=clock.now(),
    )
    if endpoint == "jobs.download" and settings is not None:
        job.status, job.finished_at = JobStatus.DONE, clock.now()
        file = {"token": files.new_token(), "name": "走查.xlsx"}
        job.result = {"file": file | {"role": actor.role.value, "region": actor.region_code}}
        files.path_of(settings, job.result["file"]["token"]).write_bytes(b"walk")
    session.add(job)
    session.commit()
    return job.id


def digest(session: Session) -> str:
    """A fingerprint of every row of business data; logs and sessions apart."""
    session.rollback()
    whole = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        if table.name in LOGS | databases.REFERENCE_TABLES or table.name == "accounts":
            continue
        for row in session.execute(table.select().order_by(*table.primary_key.columns)):
            whole.update(repr(tuple(row)).encode())
    session.rollback()
    return whole.hexdigest()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app(databases.settings_for(f"sqlite:///{folder / 'routes.db'}", folder))
        lines = [
            f"{route.method} {route.rule} {route.endpoint} {route.permission}"
            for route in routes_of(app)
        ]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
