"""A fresh installation with the demo in it, served on a free port, for the length of one run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import Engine

from registry import config, reference
from registry.accounts import services as accounts
from registry.accounts.services import AccountDraft
from registry.config import Settings
from registry.db import make_engine, transaction
from registry.demo import services as demo
from registry.migrating import upgrade
from registry.permissions import Role
from tools.screens.visits import VISITORS

START_SECONDS = 60
NEWCOMER = next(visitor.login for visitor in VISITORS if visitor.is_new)


@dataclass(frozen=True, slots=True)
class Site:
    """Where it is served, what is in it, and who may sign in: login -> password."""

    url: str
    settings: Settings
    engine: Engine
    passwords: dict[str, str]


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Make the installation in `folder` and serve it until the block is left."""
    settings = config.from_environment({"REGISTRY_INSTANCE": str(folder / "instance")})
    engine = make_engine(settings.database_url)
    passwords = _fill(settings, engine)
    serve = [sys.executable, "-m", "registry.cli", "serve"]
    with served(settings, folder / "server.log", serve) as url:
        yield Site(url, settings, engine, passwords)
    engine.dispose()


@contextmanager
def served(settings: Settings, log: Path, command: Sequence[str]) -> Iterator[str]:
    """Serve an installation by a command, which gets a free port to listen on; yields where."""
    port = _free_port()
    with log.open("ab") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)],
            env=_environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, server, log)
        yield url
    finally:
        if server.poll() is not None:
            print(f"the server stopped by itself:\n{_end_of(log)}", file=sys.stderr)
        server.terminate()
        server.wait(timeout=30)


def _fill(settings: Settings, engine: Engine) -> dict[str, str]:
    upgrade(settings)
    with transaction(engine) as session:
        reference.load(session, settings)
        people = demo.load(session, settings, lambda _label, _total, _done: None)
        draft = AccountDraft(
            login=NEWCOMER, name="新来", department="", region_code=settings.province_code
        )
        account, password = accounts.create_account(session, None, draft)
        accounts.grant_role(session, None, account.id, Role.VIEW)
    return {person.login: person.password for person in people} | {NEWCOMER: password}


def _environment(settings: Settings) -> dict[str, str]:
    """Ours without any other installation's settings in it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("REGISTRY_")}
    return kept | {"REGISTRY_INSTANCE": str(settings.instance)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urlopen(f"{url}/healthz", timeout=5):  # noqa: S310  our own server
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not start:\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]
