"""A job runs once, commits with its end or not at all, and its person stays in charge."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.accounts.models import Account
from registry.audit.models import AuditEntry
from registry.db import commit, open_session, transaction
from registry.jobs import runner, services, worker
from registry.jobs.catalogue import find_handler, handler
from registry.jobs.models import Job, JobStatus
from registry.jobs.runner import Workplace
from registry.permissions import Actor, Permission, Role
from tests.jobs import handlers
from tests.jobs.conftest import is_made, read, running, until

AddJob = Callable[..., int]


def test_the_work_is_committed_with_its_end(place: Workplace, add_job: AddJob) -> None:
    job_id = add_job(steps=5)
    assert runner.run(place, job_id) is JobStatus.DONE
    job = read(place, job_id)
    assert is_made(place)
    assert (job.done_count, job.total_count, job.attempts) == (5, 5, 1)
    assert job.message.startswith("数到 5")
    assert job.result == {"endpoint": "worklist.home", "values": {}}
    assert job.finished_at is not None
    assert runner.run(place, job_id) is JobStatus.DONE
    assert read(place, job_id).attempts == 1


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [(handlers.BROKEN, "系统出错，数据没有改动。"), (handlers.REFUSED, "第 3 行的信用代码有误。")],
)
def test_a_failure_is_told_in_a_sentence(
    place: Workplace, add_job: AddJob, kind: str, sentence: str
) -> None:
    job_id = add_job(kind)
    assert runner.run(place, job_id) is JobStatus.FAILED
    assert read(place, job_id).message.startswith(sentence)
    assert not is_made(place)


def test_a_kind_of_another_version_fails(
    place: Workplace, add_job: AddJob, session: Session
) -> None:
    job_id = add_job()
    session.execute(update(Job).values(kind="gone"))
    session.commit()
    assert runner.run(place, job_id) is JobStatus.FAILED
    assert "没有这种任务" in read(place, job_id).message


def test_an_unknown_kind_cannot_be_added(add_job: AddJob) -> None:
    with pytest.raises(ValueError, match="no handler"):
        add_job("unheard_of")


def test_two_handlers_cannot_share_a_kind() -> None:
    with pytest.raises(ValueError, match="twice"):
        handler(handlers.COUNT, "再数", Permission.IMPORT)(handlers.gated)
    found = find_handler(handlers.COUNT)
    assert found is not None
    assert found.label == "数数"


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": None}, {"role": Role.VIEW}])
def test_who_may_no_longer_do_it_gets_nothing_done(
    place: Workplace, add_job: AddJob, session: Session, change: dict[str, object]
) -> None:
    job_id = add_job()
    session.execute(update(Account).values(change))
    session.commit()
    assert runner.run(place, job_id) is JobStatus.FAILED
    assert "任务没有执行" in read(place, job_id).message
    assert not is_made(place)


def test_who_is_shut_out_meanwhile_gets_nothing_done(
    place: Workplace, add_job: AddJob, session: Session
) -> None:
    job_id = add_job(handlers.GATED)
    with running(place, job_id):
        assert handlers.REACHED.wait(10)
        session.execute(update(Account).values(is_active=False))
        session.commit()
    assert read(place, job_id).status is JobStatus.FAILED
    assert not is_made(place)


def test_two_workers_do_not_run_the_same_job(place: Workplace, add_job: AddJob) -> None:
    job_id = add_job(steps=3, pause=0.1)
    other = Workplace(place.settings, place.engine)
    threads = [threading.Thread(target=runner.run, args=(at, job_id)) for at in (place, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    other.queue.huey.storage.close()
    job = read(place, job_id)
    assert (job.status, job.attempts) == (JobStatus.DONE, 1)


def test_an_attempt_that_lost_its_job_commits_nothing(place: Workplace, add_job: AddJob) -> None:
    job_id = add_job(handlers.GATED)
    with running(place, job_id):
        assert handlers.REACHED.wait(10)
        with transaction(place.engine) as session:
            assert services.give_back(session, job_id, 1)
            assert services.claim(session, job_id) == 2
    job = read(place, job_id)
    assert (job.status, job.attempts) == (JobStatus.RUNNING, 2)
    assert not is_made(place)


def test_a_job_is_tried_three_times(place: Workplace, add_job: AddJob) -> None:
    job_id = add_job()
    for attempt in (1, 2, 3):
        worker.sweep(place)
        assert place.queue.waiting() == {job_id}
        with transaction(place.engine) as session:
            assert services.claim(session, job_id) == attempt
        worker.sweep(place)
        assert read(place, job_id).status is JobStatus.RUNNING, "it was heard of just now"
        _make_silent(place)
        worker.sweep(place)
    job = read(place, job_id)
    assert job.status is JobStatus.FAILED
    assert job.message.startswith("处理中断了 3 次，没有完成")
    assert runner.run(place, job_id) is JobStatus.FAILED


def test_a_cancelled_job_whose_worker_died_stays_cancelled(
    place: Workplace, add_job: AddJob, make_actor: Callable[..., Actor]
) -> None:
    actor = make_actor(Role.ENTRY)
    job_id = add_job(actor=actor)
    with transaction(place.engine) as session:
        services.claim(session, job_id)
        services.cancel(session, actor, job_id)
    _make_silent(place)
    worker.sweep(place)
    assert read(place, job_id).status is JobStatus.CANCELLED


def test_a_sign_of_life_keeps_the_sweep_away(place: Workplace, add_job: AddJob) -> None:
    job_id = add_job()
    with transaction(place.engine) as session:
        services.claim(session, job_id)
    _make_silent(place)
    place.queue.beat(job_id, 1, 2)
    worker.sweep(place)
    assert read(place, job_id).status is JobStatus.RUNNING


def test_a_queue_that_is_away_loses_nothing(place: Workplace, add_job: AddJob) -> None:
    away = replace(place.settings, queue_url="postgresql://nobody@127.0.0.1:9/none")
    job_id = add_job()
    Workplace(away, place.engine).put(job_id)
    assert place.queue.waiting() == set()
    worker.sweep(place)
    worker.sweep(place)
    assert len(place.queue.huey.pending()) == 1
    assert Workplace(away, place.engine).last_sign(job_id) is None


def test_a_job_runs_while_the_queue_is_away(place: Workplace, add_job: AddJob) -> None:
    away = replace(place.settings, queue_url="postgresql://nobody@127.0.0.1:9/none")
    assert runner.run(Workplace(away, place.engine), add_job()) is JobStatus.DONE


def test_the_queue_is_told_after_the_commit(
    place: Workplace, make_actor: Callable[..., Actor]
) -> None:
    actor = make_actor(Role.ENTRY)
    with open_session(place.engine) as session:
        job = services.enqueue(session, actor, handlers.COUNT, "甲")
        assert place.queue.waiting() == set()
        assert commit(session) == [(services.PUT, job.id)]
        assert commit(session) == []


def test_an_actor_of_a_job_is_named_in_the_audit(
    place: Workplace, add_job: AddJob, make_actor: Callable[..., Actor]
) -> None:
    actor = make_actor(Role.ENTRY)
    job_id = add_job(actor=actor)
    with transaction(place.engine) as session:
        services.cancel(session, actor, job_id)
    with open_session(place.engine, read_only=True) as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.object_id, entry.login) == ("cancel_job", str(job_id), actor.login)
    assert entry.object_label == "数数，年度指标.xlsx"


def test_a_busy_database_is_waited_for(place: Workplace, add_job: AddJob, session: Session) -> None:
    """On SQLite another transaction writes for longer than the job looks; on PostgreSQL none waits."""
    job_id = add_job(handlers.GATED)
    with running(place, job_id):
        assert handlers.REACHED.wait(10)
        session.execute(update(Account).values(department="二处"))
        handlers.GATE.set()
        time.sleep(1.5)
        session.commit()
    assert read(place, job_id).status is JobStatus.DONE


def test_files_go_after_their_days(place: Workplace, add_job: AddJob, tmp_path: Path) -> None:
    job_id = add_job(handlers.FILE)
    assert runner.run(place, job_id) is JobStatus.DONE
    folder = place.settings.instance / "job-files"
    assert len(list(folder.iterdir())) == 1
    worker.sweep(place)
    assert len(list(folder.iterdir())) == 1
    worker.sweep(Workplace(replace(place.settings, job_file_days=-1), place.engine))
    assert list(folder.iterdir()) == []


def test_a_failed_job_leaves_no_file(place: Workplace, add_job: AddJob) -> None:
    assert runner.run(place, add_job(handlers.FILE, fail=True)) is JobStatus.FAILED
    assert list((place.settings.instance / "job-files").iterdir()) == []


def test_signs_of_life_are_removed_with_the_end(place: Workplace, add_job: AddJob) -> None:
    job_id = add_job(steps=4, pause=0.3)
    with running(place, job_id):
        until(lambda: place.last_sign(job_id))
    assert place.last_sign(job_id) is None
    assert not place.queue.cancel_asked(job_id)


def _make_silent(place: Workplace) -> None:
    long_ago = clock.now() - timedelta(minutes=10)
    with transaction(place.engine) as session:
        session.execute(update(Job).values(heartbeat_at=long_ago, started_at=long_ago))
