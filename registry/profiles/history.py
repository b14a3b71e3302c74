"""变更历史 of a firm: the entries of its audit as a person reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from registry.audit import labels
from registry.audit.models import AuditEntry
from registry.audit.queries import Change, HistoryEntry
from registry.enterprises.catalogue import CONTACT_KEYS
from registry.enterprises.catalogue import OBJECT_TYPE as ENTERPRISE
from registry.enterprises.contact import masked
from registry.permissions import Role

TOGETHER = timedelta(minutes=30)
"""Changes of one person to one object within this time were one sitting: drafts save themselves."""
_CODES = ("region_code", "industry_code")


@dataclass(frozen=True, slots=True)
class _Sitting:
    """Consecutive changes of one person to one object."""

    last: AuditEntry
    first: AuditEntry
    changes: Mapping[str, Sequence[str | None]]
    notes: Sequence[str]

    def continues(self, earlier: AuditEntry) -> bool:
        return (
            self.first.action == "update"
            and earlier.action in {"update", "create"}
            and earlier.object_type == self.first.object_type
            and earlier.object_id == self.first.object_id
            and earlier.account_id == self.first.account_id
            and earlier.batch_id == self.first.batch_id
            and self.first.at - earlier.at <= TOGETHER
        )

    def joined(self, earlier: AuditEntry) -> _Sitting:
        """With an earlier entry: its values before, the later ones after."""
        changes = dict(earlier.told)
        for key, (before, after) in self.changes.items():
            changes[key] = [earlier.told.get(key, [before])[0], after]
        kept = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
        return replace(self, first=earlier, changes=kept, notes=[earlier.note, *self.notes])


def codes_in(entries: Iterable[AuditEntry]) -> tuple[list[str], list[str]]:
    """The region and the industry codes that stand in the entries."""
    regions, industries = (
        sorted({code for entry in entries for code in entry.told.get(key, []) if code})
        for key in _CODES
    )
    return regions, industries


def readable(
    entries: Sequence[AuditEntry], names: Mapping[str, str], *, contact_in_full: bool
) -> list[HistoryEntry]:
    """The entries, newest first, with names for codes and contact hidden unless it was asked for.

    What one person changed of one object in one sitting stands as one entry.
    """
    sittings: list[_Sitting] = []
    for entry in entries:
        if sittings and sittings[-1].continues(entry):
            sittings[-1] = sittings[-1].joined(entry)
        else:
            sittings.append(_Sitting(entry, entry, entry.told, [entry.note]))
    return [_entry(one, names, contact_in_full) for one in sittings]


def _entry(one: _Sitting, names: Mapping[str, str], contact_in_full: bool) -> HistoryEntry:
    kind = one.last.object_type
    return HistoryEntry(
        at=one.last.at,
        name=one.last.actor_name,
        role=Role(one.last.role).label if one.last.role else "",
        region=one.last.region_name,
        action=_title(one.last, one.first.action),
        changes=[
            Change(
                label=labels.field_label(kind, key),
                before=_shown(kind, key, pair[0], names, contact_in_full),
                after=_shown(kind, key, pair[1], names, contact_in_full),
            )
            for key, pair in one.changes.items()
        ],
        note="；".join(dict.fromkeys(note for note in one.notes if note)),
        batch_id=one.last.batch_id,
    )


def _title(entry: AuditEntry, action: str) -> str:
    """修改 for the firm itself; 2025年度指标 提交 and 专精特新中小企业 登记 for what hangs on it."""
    word = labels.action_label(entry.object_type, action)
    if entry.object_type == ENTERPRISE:
        return word
    about = entry.object_label.rsplit(" ", 1)[-1]
    return f"{labels.type_label(entry.object_type)}（{about}）{word}"


def _shown(
    kind: str, key: str, text: str | None, names: Mapping[str, str], contact_in_full: bool
) -> str | None:
    if text is None:
        return None
    if kind == ENTERPRISE and key in CONTACT_KEYS and not contact_in_full:
        return masked(key, text)
    return names.get(text, text) if key in _CODES else text
