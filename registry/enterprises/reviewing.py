"""What a firm to be saved would be told before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.enterprises import checks
from registry.enterprises.catalogue import CONTACT_KEYS, FIELDS
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import find_by_uscc, list_similar, stored_by_uscc, values_of
from registry.enterprises.services import ELSEWHERE
from registry.fields import Field, Issue, Value
from registry.permissions import Actor

CHECK_DIGIT = "uscc_check_digit"


@dataclass(frozen=True, slots=True)
class Review:
    """`registered` is the firm in scope that bears the code, `similar` those of the same name."""

    errors: Sequence[Issue]
    warnings: Sequence[Issue]
    similar: Sequence[Enterprise]
    registered: Enterprise | None = None

    @property
    def wants_reason(self) -> bool:
        """The check digit is wrong, which is confirmed by a reason of its own."""
        return any(issue.code == CHECK_DIGIT for issue in self.warnings)

    @property
    def doubts(self) -> list[Issue]:
        """The warnings that a tick confirms."""
        return [issue for issue in self.warnings if issue.code != CHECK_DIGIT]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else has set to another value than the page shows."""

    field: Field
    stored: Value | None
    posted: Value | None


def review_new(session: Session, actor: Actor, values: Mapping[str, Value | None]) -> Review:
    """Everything against registering a firm with these values."""
    issues = checks.check(values)
    errors = [issue for issue in issues if issue.blocking]
    uscc = str(values.get("uscc") or "")
    registered = find_by_uscc(session, actor.scope, uscc)
    if registered is None and stored_by_uscc(session, [uscc]):
        errors.append(Issue("elsewhere", ELSEWHERE, "uscc"))
    elif registered is not None:
        errors.append(Issue("registered", f"该信用代码已登记：{registered.name}", "uscc"))
    return Review(
        errors,
        [issue for issue in issues if not issue.blocking],
        _similar(session, actor, values, registered),
        registered,
    )


def review_change(
    session: Session, actor: Actor, firm: Enterprise, values: Mapping[str, Value | None]
) -> Review:
    """Everything against changing the firm; what was doubtful before is not asked again."""
    before = values_of(firm)
    known = {issue.code for issue in checks.check(before)}
    issues = checks.check({**before, **values})
    renamed = values.get("name") != firm.name
    return Review(
        [issue for issue in issues if issue.blocking],
        [issue for issue in issues if not issue.blocking and issue.code not in known],
        _similar(session, actor, values, firm) if renamed else [],
    )


def differences(firm: Enterprise, values: Mapping[str, Value | None]) -> list[Difference]:
    """Where the firm as stored differs from what was posted; contact is left out."""
    stored = values_of(firm)
    return [
        Difference(spec, stored[spec.key], values[spec.key])
        for spec in FIELDS
        if spec.key in values
        and spec.key not in CONTACT_KEYS
        and values[spec.key] != stored[spec.key]
    ]


def _similar(
    session: Session, actor: Actor, values: Mapping[str, Value | None], own: Enterprise | None
) -> list[Enterprise]:
    name = values.get("name")
    if not isinstance(name, str):
        return []
    return list_similar(session, actor.scope, name, exclude_id=own.id if own else None)
