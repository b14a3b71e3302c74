"""名额: the last decision of ours on a case takes a place; beyond the quota it says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from registry.applications.queries import get_application, get_round
from registry.applications.workflow import Action, State
from registry.errors import Conflict, Invalid
from registry.permissions import Actor, Level
from registry.reviews.checks import places_left, taken_words
from registry.words import is_said

_TAKING = frozenset({Action.PASS, Action.RECOMMEND})
REASON_MISSING = "名额已用完，超出名额的须在审核意见中写明理由"


def said_beyond(
    session: Session, actor: Actor, seen: Sequence[tuple[int, int]], action: Action, opinion: str
) -> Mapping[int, str]:
    """Case -> how its round stands, for the cases that go beyond their round's quota.

    The cases and then their rounds are locked, so that two people do not both take the last place.
    Raises Invalid for one case without an opinion, Conflict for several.
    """
    if action not in _TAKING or actor.level is not Level.PROVINCE:
        return {}
    ids = sorted(application_id for application_id, _ in seen)
    cases = [get_application(session, actor.scope, one, lock=True) for one in ids]
    limited = [one for one in cases if one.state is State.PROVINCE and one.round.quota is not None]
    wanted = Counter(one.round_id for one in limited)
    beyond: dict[int, str] = {}
    for round_id, count in sorted(wanted.items()):
        round_ = get_round(session, round_id, lock=True)
        left = places_left(session, [round_]).get(round_id, count)
        if left < count and len(seen) > 1:
            raise Conflict(f"名额还有 {left} 个，选了 {count} 家，所选 {len(seen)} 家均未办理。")
        if left < count:
            beyond[round_id] = taken_words(round_, left)
    if beyond and not is_said(opinion):
        raise Invalid(REASON_MISSING, {"opinion": REASON_MISSING})
    return {one.id: beyond[one.round_id] for one in limited if one.round_id in beyond}
