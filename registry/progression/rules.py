"""The clauses of rule sets in words, and a draft that somebody has sent. Shipped files are read
once, since they do not change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from registry.assessments.catalogue import FACTS
from registry.assessments.register import compiled_for
from registry.assessments.services import Asked
from registry.errors import Invalid, NotFound
from registry.policy import drafts, titles
from registry.policy.clauses import TitleRules
from registry.policy.describing import Line, describe
from registry.policy.rulesets import RuleSetError
from registry.recognitions.catalogue import Title

Lines = Mapping[str, Line]
MOST_BYTES = drafts.MOST_BYTES


@lru_cache
def rules_of(rule_set: str) -> TitleRules:
    """Raises NotFound."""
    if rule_set not in titles.rule_set_ids():
        raise NotFound
    return titles.load_title_rules(rule_set, FACTS)


def lines_of(rules: TitleRules) -> Lines:
    """The criteria by key."""
    return {line.key: line for line in describe(rules, FACTS).lines if not line.depth}


@lru_cache
def shipped_lines(rule_set: str) -> Lines:
    """Nothing for a rule set that is not there any more."""
    return lines_of(rules_of(rule_set)) if rule_set in titles.rule_set_ids() else {}


@lru_cache
def choices() -> tuple[tuple[str, str], ...]:
    """(id, id with its title) of every rule set of a title."""
    return tuple(
        (one, f"{one}（{Title(rules_of(one).subject).short_label}）")
        for one in titles.rule_set_ids()
    )


def labels(lines: Lines, keys: Iterable[str]) -> list[str]:
    """What clauses are called; one that is not there any more by its key."""
    return [lines[key].label if key in lines else key for key in keys]


def requirements(lines: Lines, keys: Iterable[str]) -> list[str]:
    """Each with what it asks: 研发费用占比：≥ 3%"""
    return [
        f"{lines[key].label}：{lines[key].requirement}" if key in lines else key for key in keys
    ]


def read_draft(content: bytes, asked: Asked) -> TitleRules:
    """The rule set that an overlay makes of its base. Raises Invalid, saying what is wrong."""
    if not content.strip():
        raise Invalid("请选择草案文件（.yaml）。")
    if len(content) > MOST_BYTES:
        raise Invalid(f"草案文件不能超过 {MOST_BYTES // 1024} KB。")
    try:
        rules = drafts.read_draft(content, FACTS)
        compiled_for(rules, asked)
    except RuleSetError as error:
        place = " ".join(str(error).split())[:300]
        raise Invalid(f"草案文件不符合标准文件的写法，请改正后重新上传。问题在：{place}") from error
    return rules
