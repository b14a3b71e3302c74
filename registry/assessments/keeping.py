"""Facts and findings as JSON, for assessments that are kept. Pure.

Numbers and days carry what they are: `{"n": "12.5"}`, `{"d": "2025-03-01"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from registry.policy.facts import Facts, FactValue, Item, ItemList, Known
from registry.policy.rows import Explanation, Row


def facts_as_json(facts: Facts) -> dict[str, Any]:
    return {
        "year": facts.year,
        "as_of": facts.as_of.isoformat(),
        "first_year": facts.first_year,
        "single": {key: _known(one) for key, one in facts.single.items()},
        "yearly": {
            key: {str(year): _known(one) for year, one in years.items()}
            for key, years in facts.yearly.items()
        },
        "items": {
            name: {
                "whole": listed.is_whole,
                "items": [
                    {"source": item.source, "attributes": _attributes(item)}
                    for item in listed.items
                ],
            }
            for name, listed in facts.items.items()
        },
    }


def facts_from_json(kept: Mapping[str, Any]) -> Facts:
    """Raises KeyError for what `facts_as_json` has not written."""
    return Facts(
        year=kept["year"],
        as_of=date.fromisoformat(kept["as_of"]),
        first_year=kept["first_year"],
        single={key: _known_from(one) for key, one in kept["single"].items()},
        yearly={
            key: {int(year): _known_from(one) for year, one in years.items()}
            for key, years in kept["yearly"].items()
        },
        items={
            name: ItemList(
                items=tuple(
                    Item(
                        attributes={k: _value_from(v) for k, v in item["attributes"].items()},
                        source=item["source"],
                    )
                    for item in listed["items"]
                ),
                is_whole=listed["whole"],
            )
            for name, listed in kept["items"].items()
        },
    )


def findings_as_json(explanation: Explanation) -> list[dict[str, Any]]:
    """What was said of each clause, in the words of that day."""
    return [_row(row) for row in explanation.rows]


def _row(row: Row) -> dict[str, Any]:
    table = row.table
    return {
        "depth": row.depth,
        "key": row.key,
        "label": row.label,
        "requirement": row.requirement,
        "band": row.band,
        "values": [[one.year, one.words] for one in row.values],
        "verdict": row.verdict.value if row.verdict is not None else None,
        "gap": row.gap,
        "missing": list(row.missing),
        "clause": row.clause,
        "evidence": row.evidence.value,
        "points": table
        and {
            "total": table.total,
            "minimum": table.minimum,
            "rows": [[one.key, one.label, one.points, one.maximum] for one in table.rows],
        },
    }


def _attributes(item: Item) -> dict[str, Any]:
    return {key: _value(value) for key, value in item.attributes.items()}


def _known(known: Known) -> dict[str, Any]:
    return {"value": _value(known.value), "source": known.source, "state": known.state}


def _known_from(kept: Mapping[str, Any]) -> Known:
    return Known(value=_value_from(kept["value"]), source=kept["source"], state=kept["state"])


def _value(value: FactValue) -> Any:
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return {"d": value.isoformat()} if isinstance(value, date) else value


def _value_from(kept: Any) -> FactValue:
    if not isinstance(kept, dict):
        found: FactValue = kept
        return found
    return Decimal(kept["n"]) if "n" in kept else date.fromisoformat(kept["d"])
