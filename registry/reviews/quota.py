"""名额: the last decision of ours on a case takes a place; beyond the quota it says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from registry.applications.queries import get_application, get_round
from registry.applications.workflow import Action, State
from registry.errors import Conflict, Invalid
from registry.permissions import Actor, Level
from registry.reviews.queries import places_taken

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
        quota = get_round(session, round_id, lock=True).quota
        taken = places_taken(session, round_id)
        if quota is not None and taken + count > quota:
            beyond[round_id] = f"名额共 {quota} 个，已用 {taken} 个"
    if beyond and len(seen) > 1:
        raise Conflict(f"{next(iter(beyond.values()))}，所选 {len(seen)} 家超出名额，均未办理。")
    if beyond and not opinion.strip():
        raise Invalid(REASON_MISSING, {"opinion": REASON_MISSING})
    return {one.id: beyond[one.round_id] for one in limited if one.round_id in beyond}
