"""Who holds a higher title need not apply for the one below, where the province says so.

Source: policy §1.1 (practice of another province, B-) and §9.2. It is an option of the installation,
on by default, and is told, not enforced: a firm may keep the lower title, and the standards of 2026
ask a 小巨人 for its 专精特新. Champions are recognised under measures of their own and spare nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from registry import clock
from registry.recognitions.catalogue import LADDER, Title
from registry.recognitions.models import Recognition

OPTION = "higher_title_spares_lower"
"""Execution option of the engine, from the setting of the same name."""
_RUNGS = LADDER[: LADDER.index(Title.LITTLE_GIANT) + 1]


def spared(session: Session, title: Title, held: Iterable[Recognition]) -> str:
    """Why a firm that holds these need not apply for a title, as a sentence without its end; empty
    where it has to."""
    if title not in _RUNGS or not session.get_bind().get_execution_options().get(OPTION, True):
        return ""
    above, today = _RUNGS[_RUNGS.index(title) + 1 :], clock.today()
    higher = [one for one in held if one.title in above and one.state_on(today).holds]
    if not higher:
        return ""
    top = max(higher, key=lambda one: _RUNGS.index(one.title))
    return f"持有有效的{top.title.label}称号，至 {top.valid_to}，可不申报"
