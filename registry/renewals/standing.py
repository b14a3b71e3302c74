"""Where each due title stands: how far its 复核 is, and whether its firm may apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.applications import grounds
from registry.applications.models import Application
from registry.applications.services import banned_until
from registry.applications.updating import Updates, read_updates
from registry.permissions import Scope
from registry.recognitions.models import Recognition
from registry.recognitions.queries import list_of_enterprises
from registry.recognitions.sparing import spared
from registry.renewals import queries

NOT_APPLIED = "未申报"
OVER = "已办结"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """One title whose 复核 is due. `against`: what stands against applying, `cautions`: what has to
    be looked into before it is passed, each a sentence; `spared`: why the firm need not apply."""

    held: Recognition
    case: Application | None
    updates: Updates
    against: Sequence[str]
    cautions: Sequence[str]
    spared: str

    @property
    def progress(self) -> str:
        if self.case is not None:
            return self.case.state.label
        return OVER if self.held.is_ended else NOT_APPLIED

    @property
    def tone(self) -> str:
        return self.case.state.tone if self.case is not None else "none"

    @property
    def permitted(self) -> str:
        """Whether the firm may apply, in a word; empty where that no longer matters."""
        if self.held.is_ended:
            return ""
        if self.against:
            return "不可申请"
        if self.cautions:
            return "须核实"
        return "可不申请" if self.spared else "可以申请"

    @property
    def said(self) -> Sequence[str]:
        return [*self.against, *self.cautions, *([self.spared] if self.spared else [])]


def read_rows(
    session: Session, scope: Scope, titles: Sequence[Recognition], year: int
) -> list[DueRow]:
    """The rows of titles in scope, with as many statements for a hundred as for one."""
    firms = {one.enterprise_id for one in titles}
    cases = queries.cases_of(session, firms, year)
    every = list_of_enterprises(session, scope, firms)
    updates, cautions = read_updates(session, titles), grounds.cautions(session, titles)
    return [
        DueRow(
            held=one,
            case=cases.get((one.enterprise_id, one.title)),
            updates=updates[one.id],
            against=() if one.is_ended else _against(one, every.get(one.enterprise_id, [])),
            cautions=() if one.is_ended else cautions.get(one.id, ()),
            spared=""
            if one.is_ended
            else spared(session, one.title, every.get(one.enterprise_id, [])),
        )
        for one in titles
    ]


def _against(held: Recognition, every: list[Recognition]) -> list[str]:
    """As `applications.services.refusals` will say it, apart from what depends on the round."""
    found = []
    if not held.enterprise.is_active:
        found.append(f"企业{held.enterprise.status.label}")
    ban = banned_until(every)
    if ban is not None:
        found.append(f"称号曾被撤销或取消，{ban} 之前不得再申报")
    return found
