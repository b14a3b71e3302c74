"""The facts that rule sets may name: yearly figures and evidence from their catalogues, and what
the registry knows by itself. Sources: policy §1.5, §8.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registry.evidence.catalogue import KINDS, LEVELS, EvidenceKind
from registry.fields import NUMERIC, Field, Kind
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.policy.facts import DecidedBy, FactSpec, Shape

_ASKED = NUMERIC | {Kind.CHOICE, Kind.FLAG, Kind.DATE}
"""Kinds of fields that a rule can decide by; a name or a number of a certificate says nothing."""


def _single(key: str, label: str, unit: str = "", **words: str) -> FactSpec:
    return FactSpec(key=key, label=label, shape=Shape.SINGLE, unit=unit, words=words)


def _of_field(spec: Field, shape: Shape, decided_by: DecidedBy = DecidedBy.FIRM) -> FactSpec:
    return FactSpec(
        key=spec.key,
        label=spec.label,
        shape=shape,
        unit=spec.unit,
        decided_by=decided_by,
        words=dict(spec.choices),
    )


def _asked(fields: Iterable[Field]) -> list[Field]:
    return [spec for spec in fields if spec.kind in _ASKED]


def _list(kind: EvidenceKind) -> FactSpec:
    attributes = [_of_field(spec, Shape.SINGLE) for spec in _asked(kind.fields)]
    attributes += DERIVED.get(kind.key, ())
    return FactSpec(
        key=kind.key,
        label=kind.label,
        shape=Shape.ITEMS,
        attributes={one.key: one for one in attributes},
    )


DERIVED: Mapping[str, tuple[FactSpec, ...]] = {
    "intellectual_property": (_single("class", "类别", **{"1": "Ⅰ类", "2": "Ⅱ类"}),),
    "honours": (_single("is_valid", "在有效期内"),),
}
"""Attributes of items that follow from what is entered."""

_KNOWN = (
    _single("size_class", "企业规模", large="大型", medium="中型", small="小型", micro="微型"),
    _single("holds_tech_sme", "有效的科技型中小企业"),
    _single("holds_innovative_sme", "有效的创新型中小企业"),
    _single("holds_srdi_sme", "有效的专精特新中小企业"),
    _single("holds_little_giant", "有效的专精特新“小巨人”企业"),
    _single("is_single_champion", "已是制造业单项冠军"),
    _single("institution_level", "研发机构最高级别", **dict(LEVELS), none="未建立"),
)
_PLATFORM = tuple(
    FactSpec(
        key=key, label=label, shape=Shape.SINGLE, unit="分", decided_by=DecidedBy.PLATFORM
    )
    for key, label in (
        ("platform_score", "当年专精特新发展评价得分"),
        ("platform_score_before", "上年专精特新发展评价得分"),
    )
)  # fmt: skip


def _facts() -> Iterable[FactSpec]:
    for spec in FIGURES:
        if spec.kind in NUMERIC:
            yield _of_field(spec, Shape.YEARLY)
    for kind in KINDS.values():
        decided_by = DecidedBy.PERSON if kind.by_reviewers else DecidedBy.FIRM
        if kind.is_list:
            yield _list(kind)
        elif kind.is_single:
            yield from (_of_field(spec, Shape.SINGLE, decided_by) for spec in _asked(kind.fields))
        elif kind.key != "platform":
            yield from (_of_field(spec, Shape.YEARLY) for spec in _asked(kind.fields))
    yield from _KNOWN
    yield from _PLATFORM


FACTS: Mapping[str, FactSpec] = {spec.key: spec for spec in _facts()}
