"""Loading of `rulesets/<id>.yaml`: strict, so that a slip of the pen cannot become a rule.

Refused are duplicate keys, unknown or missing keys, floats (a bound is a whole number), values
of another type, bounds out of order, and an industry claimed twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml

T = TypeVar("T")

FOLDER = Path(__file__).parent / "rulesets"
_INDUSTRY = re.compile(r"[A-T]|\d{2,4}")
_INDUSTRY_RANGE = re.compile(r"(\d{2})-(\d{2})")

SIZE_2011 = "SIZE-2011"
SIZE_FACTS = frozenset({"employees", "revenue", "assets"})


class RuleSetError(ValueError):
    """A rule file that must not be used; the message names the place."""


class Evidence(StrEnum):
    """How well a value is vouched for (policy §0.1)."""

    OFFICIAL = "official"
    COPY = "copy"
    SECONDARY = "secondary"
    UNCHECKED = "unchecked"

    @property
    def label(self) -> str:
        return _EVIDENCE_LABELS[self]


_EVIDENCE_LABELS = {
    Evidence.OFFICIAL: "官方原文",
    Evidence.COPY: "官方文本副本",
    Evidence.SECONDARY: "转载互证",
    Evidence.UNCHECKED: "未核实",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The instrument a rule set comes from. `revision` is that of its file, of an overlay its own;
    `digest` the SHA-256 of the file as it was read."""

    id: str
    revision: int
    title: str
    instrument: str
    number: str
    issued_on: date
    effective_from: date
    effective_to: date | None
    dates_evidence: Evidence
    links: tuple[str, ...]
    evidence: Evidence
    digest: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lowest figure of each class, in persons or 万元; below `small` is micro."""

    small: Decimal
    medium: Decimal
    large: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRow:
    """The bounds of one industry; none for one that the instrument leaves out.

    `industries`: sections (letters) and code prefixes.
    """

    key: str = ""
    name: str
    clause: str
    evidence: Evidence
    industries: frozenset[str]
    bounds: tuple[tuple[str, Bounds], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRuleSet:
    citation: Citation
    rows: tuple[SizeRow, ...]
    not_covered: tuple[SizeRow, ...]


@lru_cache
def load_size_ruleset(rule_set_id: str = SIZE_2011) -> SizeRuleSet:
    """The shipped rule set of that id. Raises RuleSetError for a damaged file."""
    text = (FOLDER / f"{rule_set_id}.yaml").read_text(encoding="utf-8")
    ruleset = read_size_ruleset(text)
    if ruleset.citation.id != rule_set_id:
        raise RuleSetError(f"{rule_set_id}.yaml: id is {ruleset.citation.id}")
    return ruleset


def read_size_ruleset(text: str) -> SizeRuleSet:
    """A size rule set from the text of its file. Raises RuleSetError."""
    top = Block("file", read_yaml(text))
    if top.text("kind") != "size":
        raise RuleSetError("file: kind is not size")
    citation = citation_of(top, hashlib.sha256(text.encode()).hexdigest())
    not_covered = tuple(_named_row(block) for block in top.blocks("not_covered"))
    rows = tuple(_size_row(block) for block in top.blocks("rows"))
    top.close()
    _refuse_overlap(top.where, [row.industries for row in (*rows, *not_covered)])
    return SizeRuleSet(citation=citation, rows=rows, not_covered=not_covered)


class _StrictLoader(yaml.SafeLoader):
    """YAML without the surprises: no key twice, no floats."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise RuleSetError(f"line {node.start_mark.line + 1}: key twice: {key}")
        return super().construct_mapping(node, deep=deep)


def _refuse_float(_loader: _StrictLoader, node: yaml.ScalarNode) -> None:
    raise RuleSetError(f"line {node.start_mark.line + 1}: not a whole number: {node.value}")


_StrictLoader.add_constructor("tag:yaml.org,2002:float", _refuse_float)


def read_yaml(text: str) -> object:
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506  a SafeLoader, made stricter
    except yaml.YAMLError as error:
        raise RuleSetError(f"not YAML: {error}") from error


class Block:
    """A mapping of the file that is emptied key by key; what is left over is an unknown key."""

    def __init__(self, where: str, value: object) -> None:
        if not isinstance(value, dict):
            raise RuleSetError(f"{where}: not a mapping")
        self.where = where
        self._left: dict[object, object] = dict(value)

    def text(self, key: str) -> str:
        return self._take(key, str)

    def whole(self, key: str) -> int:
        value = self._take(key, int)
        if isinstance(value, bool):
            raise RuleSetError(f"{self.where}.{key}: not a number")
        return value

    def text_if_any(self, key: str) -> str:
        return self.text(key) if key in self._left else ""

    def whole_if_any(self, key: str) -> int | None:
        return self.whole(key) if key in self._left else None

    def day(self, key: str) -> date:
        return self._take(key, date)

    def day_if_any(self, key: str) -> date | None:
        return self.day(key) if key in self._left else None

    def evidence(self, key: str) -> Evidence:
        word = self.text(key)
        try:
            return Evidence(word)
        except ValueError as error:
            raise RuleSetError(f"{self.where}.{key}: no grade of evidence: {word}") from error

    def texts(self, key: str) -> tuple[str, ...]:
        items = self._take(key, list)
        for item in items:
            if not isinstance(item, str):
                raise RuleSetError(f"{self.where}.{key}: not a text: {item}")
        return tuple(items)

    def blocks(self, key: str) -> list[Block]:
        items = self._take(key, list)
        return [Block(f"{self.where}.{key}[{place}]", item) for place, item in enumerate(items)]

    def block(self, key: str) -> Block:
        return Block(f"{self.where}.{key}", self._take(key, dict))

    def each(self, read: Callable[[Block], T]) -> tuple[tuple[str, T], ...]:
        """Every remaining key, each holding a block that `read` understands."""
        return tuple((str(key), read(self.block(str(key)))) for key in list(self._left))

    def close(self) -> None:
        if self._left:
            raise RuleSetError(f"{self.where}: unknown key: {', '.join(map(str, self._left))}")

    def _take(self, key: str, kind: type[T]) -> T:
        if key not in self._left:
            raise RuleSetError(f"{self.where}.{key}: missing")
        value = self._left.pop(key)
        if not isinstance(value, kind):
            raise RuleSetError(f"{self.where}.{key}: not a {kind.__name__}")
        return value


def take_revision(top: Block) -> int:
    """Which revision a file is; without one it is the first. Why matters to `published`."""
    top.text_if_any("reason")
    return top.whole_if_any("revision") or 1


def citation_of(top: Block, digest: str) -> Citation:
    return Citation(
        id=top.text("id"),
        revision=take_revision(top),
        title=top.text("title"),
        instrument=top.text("instrument"),
        number=top.text("number"),
        issued_on=top.day("issued_on"),
        effective_from=top.day("effective_from"),
        effective_to=top.day_if_any("effective_to"),
        dates_evidence=top.evidence("dates_evidence"),
        links=top.texts("links"),
        evidence=top.evidence("evidence"),
        digest=digest,
    )


def _size_row(block: Block) -> SizeRow:
    bounds = block.block("bounds").each(_bounds)
    unknown = {key for key, _ in bounds} - SIZE_FACTS
    if unknown or not bounds:
        raise RuleSetError(f"{block.where}.bounds: unknown indicator: {', '.join(unknown)}")
    return _named_row(block, key=block.text("key"), bounds=bounds)


def _named_row(
    block: Block, *, key: str = "", bounds: tuple[tuple[str, Bounds], ...] = ()
) -> SizeRow:
    row = SizeRow(
        key=key,
        name=block.text("name"),
        clause=block.text("clause"),
        evidence=block.evidence("evidence"),
        industries=_industries(block),
        bounds=bounds,
    )
    block.close()
    return row


def _refuse_overlap(where: str, claims: list[frozenset[str]]) -> None:
    """No code may fall into two rows; sections may, which means that they are split."""
    codes = [code for claim in claims for code in claim if code.isdigit()]
    for code in codes:
        if sum(code.startswith(other) for other in codes) > 1:
            raise RuleSetError(f"{where}: industry claimed twice: {code}")


def _bounds(block: Block) -> Bounds:
    small, medium, large = (block.whole(key) for key in ("small", "medium", "large"))
    block.close()
    if not 0 < small < medium < large:
        raise RuleSetError(f"{block.where}: bounds out of order")
    return Bounds(Decimal(small), Decimal(medium), Decimal(large))


def _industries(block: Block) -> frozenset[str]:
    codes: set[str] = set()
    for word in block.texts("industries"):
        span = _INDUSTRY_RANGE.fullmatch(word)
        if span is not None:
            codes |= {f"{number:02d}" for number in range(int(span[1]), int(span[2]) + 1)}
        elif _INDUSTRY.fullmatch(word):
            codes.add(word)
        else:
            raise RuleSetError(f"{block.where}.industries: no industry: {word}")
    return frozenset(codes)
