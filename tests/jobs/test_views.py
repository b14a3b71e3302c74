"""任务中心: progress seen from outside, cancelling, files, and nobody else's jobs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.config import Settings
from registry.db import open_session
from registry.jobs import runner, services
from registry.jobs.models import Job, JobStatus
from registry.jobs.runner import Workplace
from registry.permissions import Actor, Permission, Role
from registry.web import RegistryFlask, current_actor, db_session, requires
from tests.jobs import handlers
from tests.jobs.conftest import is_made, read, running, until
from tests.support import people
from tests.support.people import Browser

ClientAs = Callable[..., Browser]


@pytest.fixture
def client(client_as: ClientAs) -> Browser:
    return client_as(Role.ENTRY)


@pytest.fixture
def add_own(client: Browser, add_job: Callable[..., int], session: Session) -> Callable[..., int]:
    """add_own(kind, **args) -> the id of a job of the person behind `client`."""
    actor = people.actor_of(session, client.account_id)

    def add(kind: str = handlers.COUNT, **args: object) -> int:
        return add_job(kind, actor=actor, **args)

    return add


def test_progress_is_seen_while_the_job_writes(
    place: Workplace, client: Browser, add_own: Callable[..., int]
) -> None:
    job_id = add_own(steps=40, pause=0.05)
    waiting = client.get(f"/jobs/{job_id}/progress").get_json()
    assert (waiting["status"], waiting["label"], waiting["ended"]) == ("queued", "排队中", False)

    def told() -> dict[str, object]:
        answer: dict[str, object] = client.get(f"/jobs/{job_id}/progress").get_json()
        return answer

    with running(place, job_id):
        until(lambda: told()["done"])
        first = told()
        assert first["status"] == "running"
        assert first["total"] == 40
        assert "/ 40" in str(first["progress"])
        until(lambda: told()["done"] != first["done"])
        page = client.get(f"/jobs/{job_id}").text
        assert '<progress aria-label="数数的进度" max="40" value="' in page
        assert "js/jobs.js" in page
        assert f'href="/jobs/{job_id}">刷新' in page
        menu = client.get("/jobs").text
        assert '任务中心</span><b class="count">' in menu
    done = told()
    assert (done["status"], done["done"], done["ended"], done["url"]) == ("done", 40, True, "/")
    assert "查看结果" in client.get(f"/jobs/{job_id}").text
    assert '任务中心</span><b class="count">' not in client.get("/jobs").text


def test_a_running_job_stops_when_its_person_cancels(
    place: Workplace, client: Browser, add_own: Callable[..., int]
) -> None:
    job_id = add_own(steps=400, pause=0.05)
    with running(place, job_id) as thread:
        until(lambda: place.last_sign(job_id))
        assert client.post(f"/jobs/{job_id}/cancel").status_code == 302
        thread.join(5)
        assert not thread.is_alive()
    assert read(place, job_id).status is JobStatus.CANCELLED
    assert not is_made(place)
    assert "已取消" in client.get(f"/jobs/{job_id}").text


def test_a_waiting_job_is_cancelled_at_once(
    place: Workplace, client: Browser, add_own: Callable[..., int]
) -> None:
    job_id = add_own()
    page = client.post(f"/jobs/{job_id}/cancel", follow_redirects=True)
    assert "任务已取消，数据没有改动。" in page.text
    assert runner.run(place, job_id) is JobStatus.CANCELLED
    assert not is_made(place)


def test_what_is_over_cannot_be_cancelled(
    place: Workplace, client: Browser, add_own: Callable[..., int]
) -> None:
    job_id = add_own()
    runner.run(place, job_id)
    assert client.post(f"/jobs/{job_id}/cancel").status_code == 409
    assert read(place, job_id).status is JobStatus.DONE


def test_jobs_of_others_are_not_there(
    place: Workplace,
    add_own: Callable[..., int],
    client_as: ClientAs,
    client: Browser,
) -> None:
    job_id = add_own(handlers.FILE)
    runner.run(place, job_id)
    for other in (client_as(Role.ENTRY), client_as(Role.REVIEW, "620000")):
        for path in ("", "/progress", "/file"):
            assert other.get(f"/jobs/{job_id}{path}").status_code == 404
        assert other.post(f"/jobs/{job_id}/cancel").status_code == 404
        assert "年度指标.xlsx" not in other.get("/jobs").text
    assert "年度指标.xlsx" in client.get("/jobs").text
    admin = client_as(Role.SYSTEM_ADMIN, "620000")
    assert admin.get("/jobs").status_code == 403
    assert "任务中心" not in admin.get("/").text


def test_a_file_is_handed_to_its_owner_until_it_is_old(
    place: Workplace, client: Browser, add_own: Callable[..., int]
) -> None:
    job_id = add_own(handlers.FILE)
    assert client.get(f"/jobs/{job_id}/file").status_code == 404
    runner.run(place, job_id)
    assert f'href="/jobs/{job_id}/file">下载<' in client.get("/jobs").text
    answer = client.get(f"/jobs/{job_id}/file", buffered=True)
    assert answer.data.startswith(b"rows of ")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    for path in (place.settings.instance / "job-files").iterdir():
        path.unlink()
    assert "文件已过保存期" in client.get(f"/jobs/{job_id}").text
    assert client.get(f"/jobs/{job_id}/file").status_code == 404


def test_a_refusal_is_shown(place: Workplace, client: Browser, add_own: Callable[..., int]) -> None:
    job_id = add_own(handlers.REFUSED)
    runner.run(place, job_id)
    page = client.get(f"/jobs/{job_id}").text
    assert "第 3 行的信用代码有误。" in page
    assert "失败" in page


def test_a_page_that_is_gone_is_no_link(
    place: Workplace, client: Browser, add_own: Callable[..., int], session: Session
) -> None:
    job_id = add_own()
    runner.run(place, job_id)
    session.get_one(Job, job_id).result = {"endpoint": "gone.away", "values": {}}
    session.commit()
    assert "查看结果" not in client.get(f"/jobs/{job_id}").text


def test_without_jobs_the_page_says_so(client: Browser) -> None:
    assert "还没有任务" in client.get("/jobs").text


@pytest.mark.parametrize(("status", "kept"), [(201, True), (422, False)])
def test_a_request_starts_a_job_with_its_commit(
    settings: Settings, session: Session, status: int, kept: bool
) -> None:
    """In tests it runs at once, in the same process."""
    app = _with_start(create_app(settings), status)
    client = people.signed_in_client(app, session, Role.ENTRY, "620102")
    assert client.post("/start", follow_redirects=False).status_code == status
    place: Workplace = app.extensions["registry.jobs"]
    with open_session(place.engine, read_only=True) as looking:
        jobs = looking.scalars(select(Job)).all()
    assert [job.status for job in jobs] == ([JobStatus.DONE] if kept else [])
    assert is_made(place) is kept
    place.engine.dispose()


def test_a_request_tells_the_workers(app: RegistryFlask, session: Session) -> None:
    client = people.signed_in_client(_with_start(app, 201), session, Role.ENTRY, "620102")
    client.post("/start")
    place: Workplace = app.extensions["registry.jobs"]
    assert len(place.queue.waiting()) == 1
    assert not is_made(place)


def _with_start(app: RegistryFlask, status: int) -> RegistryFlask:
    @requires(Permission.IMPORT)
    def start() -> ResponseReturnValue:
        actor: Actor = current_actor()
        services.enqueue(db_session(), actor, handlers.COUNT, "甲")
        return "", status

    app.add_url_rule("/start", "start", start, methods=["POST"])
    app.config.update(WTF_CSRF_ENABLED=False)
    return app
