"""The board: who posts, who reads, and what is gone when it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry
from registry.bulletins import queries, services
from registry.bulletins.models import Bulletin
from registry.bulletins.services import BulletinDraft
from registry.errors import Conflict, Forbidden, Invalid
from registry.permissions import Actor, Role
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.support.people import Browser

MakeActor = Callable[..., Actor]
ClientAs = Callable[..., Browser]
SENT = {"title": "省级通知", "text": "第一段\n第二段", "role": "all", "is_pinned": "y"}


def post(session: Session, actor: Actor, title: str, **given: object) -> Bulletin:
    made = services.post(session, actor, BulletinDraft(title=title, text="请知悉。", **given))  # type: ignore[arg-type]  # words of the draft
    session.commit()
    return made


def test_people_see_their_own_unit_and_those_above(session: Session, make_actor: MakeActor) -> None:
    for region in (PROVINCE, CITY, COUNTY, "620103", "620500", OTHER_COUNTY):
        post(session, make_actor(Role.REVIEW, region), region)
    post(session, make_actor(Role.REVIEW, CITY), "录入", role=Role.ENTRY)

    def seen(role: Role, region: str) -> list[str]:
        found = queries.newest(session, make_actor(role, region), clock.today(), 20)
        return sorted(one.title for one in found)

    assert seen(Role.VIEW, PROVINCE) == [PROVINCE]
    assert seen(Role.REVIEW, CITY) == [PROVINCE, CITY]
    assert seen(Role.REVIEW, COUNTY) == [PROVINCE, CITY, COUNTY]
    assert seen(Role.ENTRY, COUNTY) == [PROVINCE, CITY, COUNTY, "录入"]
    assert seen(Role.ENTRY, OTHER_COUNTY) == [PROVINCE, "620500", OTHER_COUNTY]


def test_the_pinned_first_and_nothing_that_is_over(session: Session, make_actor: MakeActor) -> None:
    author, today = make_actor(Role.REVIEW, CITY), clock.today()
    post(session, author, "置顶", is_pinned=True, valid_until=today)
    post(session, author, "新的")
    gone = post(session, author, "撤下的")
    services.withdraw(session, author, gone.id, seen_version=gone.version, reason="写错了日期")
    reader = make_actor(Role.ENTRY, COUNTY)
    assert [one.title for one in queries.newest(session, reader, today, 3)] == ["置顶", "新的"]
    tomorrow = today + timedelta(days=1)
    assert [one.title for one in queries.newest(session, reader, tomorrow, 3)] == ["新的"]


def test_what_a_bulletin_may_not_be(session: Session, make_actor: MakeActor) -> None:
    author = make_actor(Role.REVIEW, CITY)
    yesterday = clock.today() - timedelta(days=1)
    for draft in (
        BulletinDraft(title=" ", text="文"),
        BulletinDraft(title="题", text=" \n"),
        BulletinDraft(title="题" * 101, text="文"),
        BulletinDraft(title="题", text="文", role=Role.AUDIT_ADMIN),
        BulletinDraft(title="题", text="文", valid_until=yesterday),
    ):
        with pytest.raises(Invalid):
            services.post(session, author, draft)
    with pytest.raises(Forbidden):
        services.post(session, make_actor(Role.ENTRY, CITY), BulletinDraft(title="题", text="文"))
    made = post(session, author, "题")
    with pytest.raises(Invalid, match="请填写原因"):
        services.withdraw(session, author, made.id, seen_version=made.version, reason=" ")
    services.change(
        session, author, made.id, BulletinDraft(title="新题", text="文"), seen_version=1
    )
    with pytest.raises(Conflict, match="修改"):
        services.change(
            session, author, made.id, BulletinDraft(title="又", text="文"), seen_version=1
        )


def test_from_posting_to_withdrawing(session: Session, client_as: ClientAs) -> None:
    office, county = client_as(Role.REVIEW, PROVINCE), client_as(Role.ENTRY, COUNTY)
    assert office.post("/bulletins/new", data=SENT | {"text": ""}).status_code == 422
    address = office.post("/bulletins/new", data=SENT).headers["Location"]
    assert "省级通知" in county.get("/").text
    assert "省级通知" in county.get("/bulletins").text
    page = county.get(address).text
    assert "<p>第一段</p><p>第二段</p>" in page
    assert "撤下" not in page
    city = client_as(Role.REVIEW, CITY)
    assert city.post(f"{address}/edit", data=SENT | {"version": "1"}).status_code == 404
    assert city.post(f"{address}/withdraw", data={"reason": "x", "version": "1"}).status_code == 404
    assert county.post(f"{address}/edit", data=SENT).status_code == 403
    changed = SENT | {"title": "改过的通知", "version": "1"}
    assert office.post(f"{address}/edit", data=changed).status_code == 302
    assert office.post(f"{address}/edit", data=changed).status_code == 409
    assert office.post(f"{address}/withdraw", data={"version": "2"}).status_code == 422
    gone = {"version": "2", "reason": "文件已废止"}
    assert office.post(f"{address}/withdraw", data=gone).status_code == 302
    assert county.get(address).status_code == 404
    assert "文件已废止" in office.get(address).text
    assert "改过的通知" in office.get("/bulletins?own=1").text
    entries = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "bulletin"))
    assert [entry.action for entry in entries] == ["create", "update", "withdraw"]
