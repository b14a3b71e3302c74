"""Loading 行政区划 into the database, as often as wanted: what is there is brought up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from registry.config import Settings
from registry.db import Loaded, load_rows
from registry.regions.files import read_divisions, read_former, read_zones
from registry.regions.models import Region, RegionKind
from registry.regions.names import initials, short_name

_KINDS = {1: RegionKind.PROVINCE, 2: RegionKind.CITY, 3: RegionKind.COUNTY}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    code: str
    name: str
    short_name: str
    parent_code: str
    level: int
    kind: RegionKind
    zone_kind: str = ""
    full_name: str = ""


def load(session: Session, settings: Settings) -> Loaded:
    """The whole country to county, and the zones of the province, inserted or updated.

    A zone named in `settings.separate_units` hangs under the province at city level, any other
    under its city at county level; running it again after that setting changed moves them.
    Rows that are no longer in the files stay, since firms may refer to them.
    """
    nodes = [*_divisions(), *_zones(settings)]
    return load_rows(session, Region, list(_rows(nodes)))


def _divisions() -> Iterator[_Node]:
    full_names: dict[str, str] = {}
    for row in read_divisions():
        above = full_names.get(row.parent_code, "")
        # 北京市 under 北京市 and 省直辖县级行政区划 under 河南省 add nothing to an address.
        full_names[row.code] = above if row.name == above else above + row.name
        shown = full_names[row.code]
        if row.is_placeholder:
            full_names[row.code] = above
        yield _Node(
            code=row.code,
            name=row.name,
            full_name=shown,
            short_name=short_name(row.name, row.level),
            parent_code=row.parent_code,
            level=row.level,
            kind=_KINDS[row.level],
        )


def _zones(settings: Settings) -> Iterator[_Node]:
    cities = {row.code: row.name for row in read_divisions() if row.level <= 2}
    province = settings.province_code
    for row in read_zones():
        if row.city_code[:2] != province[:2]:
            continue
        node = _Node(
            code=row.code,
            name=row.name,
            full_name=cities[province] + cities[row.city_code] + row.name,
            short_name=row.short_name,
            parent_code=row.city_code,
            level=3,
            kind=RegionKind.ZONE,
            zone_kind=row.kind,
        )
        if row.code in settings.separate_units:
            node = replace(node, parent_code=province, level=2)
        yield node


def _rows(nodes: list[_Node]) -> Iterator[dict[str, Any]]:
    """Table rows, parents before children, zones after the divisions beside them."""
    children: dict[str, list[_Node]] = defaultdict(list)
    for node in nodes:
        children[node.parent_code].append(node)
    former = _former_names()
    position = 0
    waiting = [(node, "") for node in reversed(children[""])]
    while waiting:
        node, above = waiting.pop()
        path = f"{above}{node.code}/"
        position += 1
        yield {
            "code": node.code,
            "name": node.name,
            "full_name": node.full_name,
            "short_name": node.short_name,
            "initials": initials(node.name),
            "parent_code": node.parent_code or None,
            "path": path,
            "level": node.level,
            "kind": node.kind,
            "zone_kind": node.zone_kind,
            "former_names": former.get(node.code, ""),
            "position": position,
        }
        waiting += [(child, path) for child in reversed(children[node.code])]


def _former_names() -> dict[str, str]:
    names: dict[str, list[str]] = defaultdict(list)
    for row in read_former():
        if row.old_name:
            names[row.code].append(row.old_name)
    return {code: "、".join(words) for code, words in names.items()}
