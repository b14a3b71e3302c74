"""The files behind proofs: kept, handed out, removed, and what a request that failed leaves."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.config import Settings
from registry.errors import Conflict, Forbidden, Invalid, NotFound, UnusableFile
from registry.evidence import keeping, proofs
from registry.evidence.file_kinds import PDF
from registry.evidence.models import Proof
from registry.permissions import Actor, Role
from tests.conftest import OTHER_COUNTY
from tests.support.evidence import make_item, pdf, png

Make = Callable[..., int]
Person = Callable[..., Actor]


@pytest.fixture
def item(session: Session, make_enterprise: Make) -> int:
    return make_item(session, make_enterprise())


def _attach(
    session: Session,
    actor: Actor,
    settings: Settings,
    item: int,
    content: bytes,
    name: str = "甲.pdf",
) -> Proof:
    return proofs.attach(session, actor, settings, item, io.BytesIO(content), name)


def _files(settings: Settings) -> list[Path]:
    folder = settings.instance / proofs.FOLDER
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix == ""]


def _marks(settings: Settings) -> list[Path]:
    return list((settings.instance / proofs.FOLDER / keeping.MARKS).glob("*"))


def _last_entry(session: Session) -> AuditEntry:
    return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


def test_a_file_is_kept_under_a_random_name(
    session: Session, settings: Settings, make_actor: Person, item: int
) -> None:
    proof = _attach(session, make_actor(), settings, item, pdf(), "证书 扫描件.pdf")
    (path,) = _files(settings)
    assert path.name == proof.stored_name
    assert "证书" not in str(path)
    assert path.stat().st_mode & 0o077 == 0
    assert (proof.filename, proof.media_type, proof.size) == (
        "证书 扫描件.pdf",
        "application/pdf",
        len(pdf()),
    )
    with proofs.open_file(settings, proof) as file:
        assert file.read() == pdf()
    entry = _last_entry(session)
    assert (entry.action, entry.object_id, entry.object_type) == (
        "attach",
        str(item),
        "intellectual_property",
    )
    assert entry.changes == {"proof": [None, "证书 扫描件.pdf"]}


def test_what_is_refused_leaves_no_file(
    session: Session, settings: Settings, make_actor: Person, item: int
) -> None:
    actor = make_actor()
    with pytest.raises(UnusableFile, match="只接受"):
        _attach(session, actor, settings, item, b"MZ nothing"[2:])
    with pytest.raises(UnusableFile, match="超过 10 MB"):
        _attach(session, actor, settings, item, b"%PDF-" + b"0" * settings.proof_limit)
    assert _files(settings) == _marks(settings) == []


def test_the_same_file_twice_is_said(
    session: Session, settings: Settings, make_actor: Person, item: int
) -> None:
    actor = make_actor()
    _attach(session, actor, settings, item, pdf(), "一.pdf")
    with pytest.raises(Invalid, match=r"已经上传过（一\.pdf）"):
        _attach(session, actor, settings, item, pdf(), "二.pdf")
    _attach(session, actor, settings, item, png(), "二.png")
    assert len(_files(settings)) == 2


def test_an_item_has_room_for_so_many_files(
    session: Session, settings: Settings, make_actor: Person, item: int
) -> None:
    actor = make_actor()
    for number in range(proofs.MOST):
        _attach(session, actor, settings, item, pdf(b"%%%d" % number))
    with pytest.raises(Conflict, match="最多 20 个文件"):
        _attach(session, actor, settings, item, pdf())


def test_others_attach_nothing(
    session: Session, settings: Settings, make_actor: Person, item: int, make_enterprise: Make
) -> None:
    with pytest.raises(NotFound):
        _attach(session, make_actor(region_code=OTHER_COUNTY), settings, item, pdf())
    with pytest.raises(Forbidden):
        _attach(session, make_actor(Role.REVIEW), settings, item, pdf())
    judged = make_item(session, make_enterprise(), {"is_key_link": True}, "judgements")
    with pytest.raises(Forbidden):
        _attach(session, make_actor(), settings, judged, pdf())
    _attach(session, make_actor(Role.REVIEW), settings, judged, pdf())


def test_a_rolled_back_file_is_never_served_and_goes_later(
    session: Session, settings: Settings, make_actor: Person, item: int
) -> None:
    actor = make_actor()
    lost = _attach(session, actor, settings, item, pdf()).id
    session.rollback()
    assert session.get(Proof, lost) is None
    proofs.settle(session, settings)
    assert len(_files(settings)) == 1  # another request might still be writing its row
    _grow_old(_marks(settings))
    proofs.settle(session, settings)
    assert _files(settings) == _marks(settings) == []


def test_a_committed_file_stays(
    session: Session, settings: Settings, make_actor: Person, item: int
) -> None:
    _attach(session, make_actor(), settings, item, pdf())
    session.commit()
    _grow_old(_marks(settings))
    proofs.settle(session, settings)
    assert len(_files(settings)) == 1
    assert _marks(settings) == []


def test_a_deleted_proof_takes_its_file_with_it(
    session: Session, settings: Settings, make_actor: Person, item: int
) -> None:
    actor = make_actor()
    proof = _attach(session, actor, settings, item, pdf())
    session.commit()
    with pytest.raises(Invalid, match="原因"):
        proofs.detach(session, actor, settings, proof.id, " ")
    proofs.detach(session, actor, settings, proof.id, "传错了")
    entry = _last_entry(session)
    assert (entry.action, entry.note, entry.changes) == (
        "detach",
        "传错了",
        {"proof": ["甲.pdf", None]},
    )
    session.rollback()
    proofs.settle(session, settings)
    assert len(_files(settings)) == 1  # the deletion did not come about
    proofs.detach(session, actor, settings, proof.id, "传错了")
    session.commit()
    proofs.settle(session, settings)
    assert _files(settings) == []


def test_a_lost_or_changed_file_is_said(
    session: Session, settings: Settings, make_actor: Person, item: int
) -> None:
    proof = _attach(session, make_actor(), settings, item, pdf())
    (path,) = _files(settings)
    path.write_bytes(pdf(b"other"))
    with pytest.raises(Conflict, match="与上传时不一致"):
        proofs.open_file(settings, proof)
    path.unlink()
    with pytest.raises(NotFound, match="找不到了"):
        proofs.open_file(settings, proof)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("证书.PDF", "证书.PDF"),
        ("C:\\fakepath\\证书.pdf", "证书.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("证书.exe", "证书.exe.pdf"),
        ("证书\u202efdp.exe", "证书fdp.exe.pdf"),
        ('a"b\r\nX: y.pdf', "abX y.pdf"),
        ("", "佐证文件.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_names_are_safe_and_say_what_the_file_is(sent: str, kept: str) -> None:
    assert keeping.plain_name(sent, PDF) == kept


def _grow_old(marks: list[Path]) -> None:
    for mark in marks:
        os.utime(mark, (time.time() - 7200, time.time() - 7200))
