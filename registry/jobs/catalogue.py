"""Which kinds of long work there are. Rooms register theirs when their module is imported.

    @handler("export_enterprises", "导出企业库", Permission.EXPORT)
    def export_enterprises(run: Run) -> Result: ...

A handler may be run again after a worker was killed, so it does all its writing through
`run.session`, which is committed with the end of the job or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from registry.jobs.run import Run
from registry.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a job ended with: a sentence, and the page it leads to (`endpoint` and its values)."""

    message: str = ""
    endpoint: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)


Work = Callable[[Run], Result | None]


@dataclass(frozen=True, slots=True)
class Handler:
    kind: str
    label: str
    """What the work is called, in the list and in the audit."""
    permission: Permission
    """What the person must still be allowed when the work begins and when it is committed."""
    work: Work


_HANDLERS: dict[str, Handler] = {}


def handler(kind: str, label: str, permission: Permission) -> Callable[[Work], Work]:
    """Register a function under `kind`. Raises ValueError when another one has it."""

    def register(work: Work) -> Work:
        if kind in _HANDLERS:
            raise ValueError(f"job kind {kind!r} is registered twice")
        _HANDLERS[kind] = Handler(kind, label, permission, work)
        return work

    return register


def find_handler(kind: str) -> Handler | None:
    return _HANDLERS.get(kind)


def kind_label(kind: str) -> str:
    """The name of a kind; of one that is no longer there, its key."""
    found = _HANDLERS.get(kind)
    return found.label if found else kind
