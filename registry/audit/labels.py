"""Chinese words for what the audit keeps as keys. Rooms register theirs when they are imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Words:
    label: str
    fields: Mapping[str, str]
    actions: Mapping[str, str]


_TYPES: dict[str, _Words] = {}


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
