"""Chinese words for what the audit keeps as keys. Rooms register theirs when they are imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.fields import Field, by_key
from registry.stored import Stored, stored_text


@dataclass(frozen=True, slots=True)
class _Words:
    label: str
    fields: Mapping[str, str]
    actions: Mapping[str, str]


_TYPES: dict[str, _Words] = {}
_SPECS: dict[str, Mapping[str, Field]] = {}


def register(
    object_type: str, type_label: str, fields: Mapping[str, str], actions: Mapping[str, str]
) -> None:
    """Give an object type its name, its field labels by key and its action labels by key.

    Raises ValueError when another room has taken the type: two meanings under one key would
    make old entries unreadable.
    """
    words = _Words(type_label, dict(fields), dict(actions))
    if _TYPES.setdefault(object_type, words) != words:
        raise ValueError(f"audit object type {object_type!r} is registered twice")


def register_fields(object_type: str, fields: Sequence[Field]) -> None:
    """Say how the values of a type are kept, for entries that hold them as they are kept."""
    _SPECS[object_type] = by_key(fields)


def texts_of(object_type: str, made: Mapping[str, Stored | None]) -> dict[str, list[str | None]]:
    """Kept values as an entry tells them: field key -> [None, text]."""
    specs = _SPECS[object_type]
    return {
        key: [None, stored_text(specs[key], value)] for key, value in made.items() if key in specs
    }


def type_label(object_type: str) -> str:
    words = _TYPES.get(object_type)
    return words.label if words else object_type


def field_label(object_type: str, key: str) -> str:
    words = _TYPES.get(object_type)
    return words.fields.get(key, key) if words else key


def action_label(object_type: str, action: str) -> str:
    words = _TYPES.get(object_type)
    return words.actions.get(action, action) if words else action


def type_choices() -> list[tuple[str, str]]:
    """(key, label) of every object type, for a filter."""
    return sorted(((key, words.label) for key, words in _TYPES.items()), key=lambda pair: pair[1])


def action_choices() -> list[tuple[str, str]]:
    """(key, label) of every action; one that reads differently by type carries all its labels."""
    found: dict[str, list[str]] = {}
    for words in _TYPES.values():
        for action, label in words.actions.items():
            labels = found.setdefault(action, [])
            if label not in labels:
                labels.append(label)
    return sorted((action, "、".join(labels)) for action, labels in found.items())
