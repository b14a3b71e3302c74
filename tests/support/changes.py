"""Reported changes and a request for transfer, for whoever looks."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from registry import clock
from registry.changes import services, transfers
from registry.changes.catalogue import ChangeKind
from registry.changes.services import ReportDraft
from registry.changes.transfers import TransferDraft
from registry.changes.workflow import State
from registry.permissions import Role
from tests.support import people, records

_FIRM = 890
"""The number of a firm that nobody else makes."""
NEIGHBOUR = "620103"


def make_changes(session: Session, region_code: str, firm: int) -> tuple[int, int, int]:
    """(a report that waits for the county, one that was returned, a request to move a firm to the
    neighbouring county)."""
    clerk = people.make_actor(session, Role.ENTRY, region_code)
    on = clock.today() - timedelta(days=9)
    waiting, returned = (
        services.report(
            session, clerk, firm, ReportDraft(kind=kind, changed_on=on, content="有变化")
        )
        for kind in (ChangeKind.RENAMED, ChangeKind.OTHER)
    )
    returned.state = State.RETURNED
    records.make_enterprise(session, _FIRM, {"region_code": region_code})
    draft = TransferDraft(uscc=records.credit_code(_FIRM), target_code=NEIGHBOUR, reason="整体搬迁")
    made = transfers.ask(session, clerk, draft)
    session.commit()
    return waiting.id, returned.id, made.id
