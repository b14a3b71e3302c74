"""One loaded demo for the whole folder: it takes some seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.db import make_engine, open_session, transaction
from registry.demo import services
from registry.demo.people import DemoPerson
from registry.demo.places import Place, list_places
from tests.support import databases


@dataclass
class Loaded:
    settings: Settings
    session: Session
    people: list[DemoPerson]
    places: list[Place]
    progress: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def demo(
    new_database: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    """The demo as `registry demo` leaves it, and a session to read it with."""
    folder = tmp_path_factory.mktemp("demo")
    settings = databases.settings_for(new_database(folder), folder / "instance")
    engine = make_engine(settings.database_url)
    steps: dict[str, list[tuple[int, int]]] = {}

    def progress(label: str, total: int, done: int) -> None:
        steps.setdefault(label, []).append((total, done))

    with transaction(engine) as session:
        people = services.load(session, settings, progress)
    with open_session(engine, read_only=True) as session:
        yield Loaded(settings, session, people, list_places(session), steps)
    engine.dispose()
