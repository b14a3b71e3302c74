"""A long list becomes a job: announced, begun, and fetched by nobody else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry.accounts.models import Account
from registry.audit.models import AuditEntry
from registry.bench.installation import add_firms
from registry.config import Settings
from registry.db import open_session
from registry.jobs.models import Job
from registry.jobs.workbooks import LONG
from registry.permissions import Role
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.exports.conftest import read_table
from tests.support.people import Browser

ClientAs = Callable[..., Browser]
ADDRESS = "/export/enterprises"


@pytest.fixture
def many(settings: Settings, make_enterprise: Callable[..., int]) -> None:
    """One firm more than are handed over at once in 城关区, and another in 秦州区."""
    add_firms(settings, LONG + 1)
    make_enterprise(name="天水远方有限公司", region_code=OTHER_COUNTY, contact_name="李四")


def jobs(engine: Engine) -> list[Job]:
    with open_session(engine, read_only=True) as looking:
        return list(looking.scalars(select(Job)))


def entries(engine: Engine) -> list[AuditEntry]:
    with open_session(engine, read_only=True) as looking:
        query = select(AuditEntry).where(AuditEntry.object_type == "export")
        return list(looking.scalars(query))


@pytest.mark.usefixtures("many")
def test_a_long_list_is_announced_and_then_made_whole(engine: Engine, client_as: ClientAs) -> None:
    client = client_as(Role.VIEW, CITY)
    page = client.get(f"{ADDRESS}?status=active").text
    assert f"企业名单，{LONG + 1:,} 行" in page
    assert f"超过 {LONG:,} 行，在后台生成" in page
    assert '<input type="hidden" name="status" value="active">' in page
    assert (jobs(engine), entries(engine)) == ([], [])

    begun = client.post(ADDRESS, data={"status": "active"})
    (job,) = jobs(engine)
    assert begun.location == f"/jobs/{job.id}"
    assert (job.done_count, job.total_count) == (LONG + 1, LONG + 1)
    page = client.get(begun.location).text
    assert f"企业名单，{LONG + 1:,} 行" in page
    assert f'href="/jobs/{job.id}/file">下载文件' in page

    answer = client.get(f"/jobs/{job.id}/file", buffered=True)
    name = unquote(answer.headers["Content-Disposition"].split("UTF-8''")[1])
    assert name.startswith("企业名单_20")
    table = read_table(answer.data)
    assert len(set(table.column("统一社会信用代码"))) == LONG + 1
    assert f"共 {LONG + 1} 行" in table.cover
    assert "天水远方有限公司" not in table.column("企业名称")
    (entry,) = entries(engine)
    assert (entry.action, entry.object_id, entry.actor_name) == ("export", "enterprises", "查看员")
    assert hashlib.sha256(answer.data).hexdigest() in entry.note


@pytest.mark.usefixtures("many")
def test_nobody_else_can_fetch_the_file(engine: Engine, client_as: ClientAs) -> None:
    owner = client_as(Role.ENTRY, COUNTY)
    owner.post(ADDRESS, data={"contact": "1"})
    (job,) = jobs(engine)
    for role, region in ((Role.ENTRY, COUNTY), (Role.REVIEW, PROVINCE)):
        assert client_as(role, region).get(f"/jobs/{job.id}/file").status_code == 404
    assert owner.get(f"/jobs/{job.id}/file", buffered=True).status_code == 200


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    "changed", [{"role": Role.VIEW}, {"region_code": OTHER_COUNTY}], ids=["role", "region"]
)
def test_who_has_another_role_or_region_by_now_gets_nothing(
    engine: Engine, session: Session, client_as: ClientAs, changed: dict[str, object]
) -> None:
    owner = client_as(Role.ENTRY, COUNTY)
    owner.post(ADDRESS, data={"contact": "1"})
    (job,) = jobs(engine)
    account = session.get_one(Account, owner.account_id)
    for key, value in changed.items():
        setattr(account, key, value)
    session.commit()
    assert "账号的角色或地区变了" in owner.get(f"/jobs/{job.id}/file").text
    assert "下载文件" not in owner.get(f"/jobs/{job.id}").text


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("role", "words", "status"),
    [(Role.VIEW, {"contact": "1"}, 403), (Role.ENTRY, {"region": OTHER_COUNTY}, 404)],
)
def test_what_may_not_be_had_is_not_begun(
    engine: Engine, client_as: ClientAs, role: Role, words: dict[str, str], status: int
) -> None:
    assert client_as(role, COUNTY).post(ADDRESS, data=words).status_code == status
    assert (jobs(engine), entries(engine)) == ([], [])


@pytest.mark.usefixtures("many")
def test_a_short_part_of_a_long_list_comes_at_once(client_as: ClientAs) -> None:
    answer = client_as(Role.VIEW, PROVINCE).get(f"{ADDRESS}?region={OTHER_COUNTY}")
    assert read_table(answer.data).column("企业名称") == ["天水远方有限公司"]


@pytest.mark.parametrize(
    ("kind", "words", "column", "shown"),
    [
        ("annual", {"year": "2024", "status": "draft"}, "填报状态", {"草稿"}),
        ("recognitions", {"standing": "ended"}, "称号状态", {"已终止"}),
    ],
)
def test_a_job_means_the_same_by_its_words(
    engine: Engine,
    client_as: ClientAs,
    firms: dict[str, int],
    kind: str,
    words: dict[str, str],
    column: str,
    shown: set[str],
) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    client.post(f"/export/{kind}", data=words)
    (job,) = jobs(engine)
    table = read_table(client.get(f"/jobs/{job.id}/file", buffered=True).data)
    assert set(table.column(column)) == shown
