"""From the text of a rule file to `TitleRules`. The schema has said that the shape is right; here
it is said what it means, and refused what no schema can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NoReturn

from registry.policy.clauses import (
    AllOf,
    Among,
    AnyOf,
    Band,
    Bands,
    BestOf,
    ByBand,
    ByWord,
    Clause,
    Compare,
    Comparing,
    Condition,
    FirstMet,
    Indicator,
    Local,
    Measure,
    Measuring,
    Parameter,
    Per,
    RoundKind,
    Scored,
    Scoring,
    Selection,
    SumMet,
    Tally,
    Test,
    Threshold,
)
from registry.policy.facts import FactSpec, Shape
from registry.policy.rulesets import Evidence, RuleSetError

Node = Mapping[str, Any]
_HUNDRED = Decimal(100)
_SHAPES = {
    Measuring.FULL_YEARS: {Shape.SINGLE},
    Measuring.FACT: {Shape.SINGLE, Shape.YEARLY},
}


class Reader:
    """Reads the nodes of one file. Every fact that is named must be in the catalogue, every
    parameter and selection that is declared must be used."""

    def __init__(self, where: str, catalogue: Mapping[str, FactSpec], top: Node) -> None:
        self.where = where
        self.catalogue = catalogue
        self.parameters = {one["key"]: self._parameter(one) for one in top.get("parameters", ())}
        self.selections = {
            key: self._selection(key, node) for key, node in top.get("selections", {}).items()
        }
        self.groups = frozenset(top.get("groups", {}))
        self._unused = {*self.parameters, *self.selections}
        self._keys: set[str] = set()

    def close(self) -> None:
        if self._unused:
            self._refuse(f"never used: {', '.join(sorted(self._unused))}")

    def clause(self, node: Node) -> Clause:
        return Clause(
            key=self._new_key(node["key"]),
            label=node["label"],
            clause=node["clause"],
            evidence=Evidence(node["evidence"]),
            test=self._test(node),
            kinds=frozenset(RoundKind(kind) for kind in node.get("kinds", RoundKind)),
        )

    def indicator(self, node: Node) -> Indicator:
        scoring = self._scoring(node["points"])
        return Indicator(
            key=self._new_key(node["key"]),
            label=node["label"],
            group=node["group"],
            maximum=Decimal(node["maximum"]),
            clause=node["clause"],
            evidence=Evidence(node["evidence"]),
            scoring=scoring,
        )

    def _new_key(self, key: str) -> str:
        if key in self._keys:
            self._refuse(f"key twice: {key}")
        self._keys.add(key)
        return key

    def _test(self, node: Node) -> Test:
        for name, build in _TESTS.items():
            if name in node:
                return build(self, node[name])
        return self._compare(node)

    def _compare(self, node: Node) -> Compare:
        measure = self._measure(node)
        comparing = next(one for one in Comparing if one in node)
        return Compare(
            measure=measure,
            comparing=comparing,
            threshold=self._threshold(node[comparing], measure.unit),
            each_of_last=node.get("each_of_last", 1),
            any_of_last=node.get("any_of_last", 1),
        )

    def _all(self, nodes: Sequence[Node]) -> AllOf:
        return AllOf(parts=tuple(self.clause(node) for node in nodes))

    def _any(self, nodes: Sequence[Node]) -> AnyOf:
        return AnyOf(parts=tuple(self.clause(node) for node in nodes))

    def _among(self, node: Node) -> Among:
        words = frozenset(node.get("words", ()))
        self._fact(node["fact"], {Shape.SINGLE}, words)
        return Among(fact=node["fact"], words=words, is_true=node.get("is_true", True))

    def _by_band(self, node: Node) -> ByBand:
        measure = self._measure(node)
        bands = tuple(
            Band(
                lower=self._number(band["from"], measure.unit) if "from" in band else None,
                clause=self.clause(band["then"]),
            )
            for band in node["bands"]
        )
        lowers = [band.lower for band in bands]
        known = [lower for lower in lowers[:-1] if lower is not None]
        if lowers[-1] is not None or len(known) != len(bands) - 1:
            self._refuse("the last band, and no other, is without a lower bound")
        self._descending(known)
        return ByBand(measure=measure, bands=bands)

    def _scored(self, node: Node) -> Scored:
        groups = {key: Decimal(value) for key, value in node.get("groups", {}).items()}
        unknown = set(groups) - self.groups
        if unknown:
            self._refuse(f"no such group: {', '.join(sorted(unknown))}")
        return Scored(minimum=self._threshold(node["at_least"], "分"), groups=groups)

    def _scoring(self, node: Node) -> Scoring:
        (name,) = node
        return _SCORINGS[name](self, node[name])

    def _bands(self, node: Node) -> Bands:
        measure = self._measure(node)
        comparing = next(one for one in (Comparing.AT_LEAST, Comparing.AT_MOST) if one in node)
        steps = tuple(
            (self._number(step, measure.unit), Decimal(points)) for step, points in node[comparing]
        )
        self._descending([points for _, points in steps])
        bounds = [step for step, _ in steps]
        self._descending(bounds if comparing is Comparing.AT_LEAST else bounds[::-1])
        return Bands(measure=measure, comparing=comparing, steps=steps)

    def _best_of(self, nodes: Sequence[Node]) -> BestOf:
        return BestOf(parts=tuple(self._bands(node) for node in nodes))

    def _by_word(self, node: Node) -> ByWord:
        points = {word: Decimal(value) for word, value in node["words"].items()}
        spec = self._fact(node["fact"], {Shape.SINGLE}, frozenset(points))
        if set(points) != set(spec.words):
            self._refuse(f"{spec.key}: no points for {', '.join(set(spec.words) - set(points))}")
        return ByWord(fact=node["fact"], points=points)

    def _first_met(self, nodes: Sequence[Node]) -> FirstMet:
        options = tuple((Decimal(node["points"]), self.clause(node["when"])) for node in nodes)
        self._descending([points for points, _ in options])
        return FirstMet(options=options)

    def _sum_met(self, nodes: Sequence[Node]) -> SumMet:
        return SumMet(
            options=tuple((Decimal(node["points"]), self.clause(node["when"])) for node in nodes)
        )

    def _tally(self, node: Node) -> Tally:
        return Tally(
            parts=tuple(self.clause(part) for part in node["of"]),
            points=tuple(Decimal(one) for one in node["points"]),
        )

    def _per(self, node: Node) -> Per:
        measure = self._measure(node)
        return Per(
            measure=measure,
            every=self._number(node["every"], measure.unit),
            points=Decimal(node["points"]),
        )

    def _local(self, _node: object) -> Local:
        return Local()

    def _measure(self, node: Node) -> Measure:
        kind = next(one for one in Measuring if one in node)
        said, unit = node[kind], node["unit"]
        if kind in {Measuring.COUNT, Measuring.AMOUNT}:
            if said not in self.selections:
                self._refuse(f"no selection: {said}")
            self._unused.discard(said)
            return Measure(kind=kind, unit=unit, selection=self.selections[said])
        facts = tuple(said) if isinstance(said, list) else (said,)
        shapes = [self._fact(key, _SHAPES.get(kind, {Shape.YEARLY})).shape for key in facts]
        return Measure(
            kind=kind,
            unit=unit,
            facts=facts,
            years=node.get("over_last", 1),
            is_single=Shape.SINGLE in shapes,
        )

    def _fact(self, key: str, shapes: set[Shape], words: frozenset[str] = frozenset()) -> FactSpec:
        spec = self.catalogue.get(key)
        if spec is None or spec.shape not in shapes:
            self._refuse(f"no such fact: {key}")
        unknown = words - set(spec.words)
        if unknown:
            self._refuse(f"{key}: no such word: {', '.join(unknown)}")
        return spec

    def _selection(self, key: str, node: Node) -> Selection:
        items = node["of"]
        spec = self._fact(items, {Shape.ITEMS})
        alternatives = node["where_any"] if "where_any" in node else [node.get("where", {})]
        return Selection(
            key=key,
            label=node["label"],
            items=items,
            alternatives=tuple(
                {name: self._condition(spec, name, one) for name, one in alternative.items()}
                for alternative in alternatives
            ),
        )

    def _condition(self, spec: FactSpec, name: str, said: Any) -> Condition:
        attribute = spec.attributes.get(name)
        if attribute is None:
            self._refuse(f"{spec.key}: no such attribute: {name}")
        if isinstance(said, bool):
            return Condition(is_true=said)
        if isinstance(said, list):
            unknown = set(said) - set(attribute.words)
            if unknown:
                self._refuse(f"{spec.key}.{name}: no such word: {', '.join(unknown)}")
            return Condition(among=frozenset(said))
        return Condition(
            at_least=self._number(said["at_least"], "") if "at_least" in said else None,
            at_most=self._number(said["at_most"], "") if "at_most" in said else None,
            within_years=said.get("within_years"),
            older_than_years=said.get("older_than_years"),
            for_years=said.get("for_years"),
            accounting_years=said.get("accounting_years"),
            or_never=said.get("or_never", False),
        )

    def _threshold(self, said: Any, unit: str) -> Threshold:
        if not isinstance(said, Mapping):
            return Threshold(value=self._number(said, unit))
        key = said["parameter"]
        if key not in self.parameters:
            self._refuse(f"no such parameter: {key}")
        self._unused.discard(key)
        return Threshold(value=self.parameters[key].value, parameter=key)

    def _parameter(self, node: Node) -> Parameter:
        return Parameter(
            key=node["key"],
            label=node["label"],
            value=self._number(node["value"], node["unit"]),
            unit=node["unit"],
            clause=node["clause"],
            evidence=Evidence(node["evidence"]),
        )

    def _number(self, said: int | str, unit: str) -> Decimal:
        return Decimal(said) / _HUNDRED if unit == "%" else Decimal(said)

    def _descending(self, numbers: Sequence[Decimal]) -> None:
        if list(numbers) != sorted(set(numbers), reverse=True):
            self._refuse("steps out of order")

    def _refuse(self, why: str) -> NoReturn:
        raise RuleSetError(f"{self.where}: {why}")


_TESTS: Mapping[str, Callable[[Reader, Any], Test]] = {
    "all": Reader._all,
    "any": Reader._any,
    "is": Reader._among,
    "by_band": Reader._by_band,
    "scored": Reader._scored,
}
_SCORINGS: Mapping[str, Callable[[Reader, Any], Scoring]] = {
    "bands": Reader._bands,
    "best_of": Reader._best_of,
    "by_word": Reader._by_word,
    "first_met": Reader._first_met,
    "sum_met": Reader._sum_met,
    "tally": Reader._tally,
    "per": Reader._per,
    "local": Reader._local,
}
