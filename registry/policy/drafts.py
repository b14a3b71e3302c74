"""An overlay that somebody has sent: read as strictly as a shipped one, and with more suspicion."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from registry.policy import titles
from registry.policy.clauses import TitleRules
from registry.policy.facts import FactSpec
from registry.policy.rulesets import RuleSetError

MOST_BYTES = 64 * 1024
_DEEPEST = 40
"""How far a file may nest; the shipped ones reach a third of that."""
_WHERE = "draft"


def read_draft(content: bytes, catalogue: Mapping[str, FactSpec]) -> TitleRules:
    """What the overlay makes of its shipped base. Raises RuleSetError naming the place."""
    if len(content) > MOST_BYTES:
        raise RuleSetError(f"{_WHERE}: more than {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
        _refuse_bombs(text)
        return titles.read_overlay(text, _WHERE, catalogue)
    except yaml.YAMLError as error:
        raise RuleSetError(f"not YAML: {error}") from error
    except (ValueError, TypeError, KeyError) as error:
        # What YAML itself stumbles over: a 13th month, bytes that are no text, a key that is a list.
        raise RuleSetError(f"{_WHERE}: {error}") from error


def _refuse_bombs(text: str) -> None:
    """An alias repeats what it stands for, and so do aliases of aliases."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise RuleSetError(f"{_WHERE}: alias *{event.anchor}: aliases are not read")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise RuleSetError(f"{_WHERE}: nested more than {_DEEPEST} deep")
