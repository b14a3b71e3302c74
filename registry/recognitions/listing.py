"""From the address of a list to what it shows; the lists and their exports read it alike."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.errors import NotFound
from registry.permissions import Scope
from registry.recognitions.forms import RecognitionQuery
from registry.recognitions.queries import RecognitionFilter
from registry.regions.models import Region
from registry.regions.names import short_name
from registry.regions.queries import find_by_words

_PROVINCE = re.compile(r"^.+?(?:省|自治区)")


@dataclass(frozen=True, slots=True)
class Listing:
    """`scope` is already narrowed to the region asked for, `region_name` is empty without one."""

    form: RecognitionQuery
    scope: Scope
    wanted: RecognitionFilter
    sort: str
    region_name: str = ""


def read_listing(session: Session, scope: Scope, args: MultiDict[str, str]) -> Listing:
    """What `args` (of a request, or `MultiDict` of options) ask for within `scope`.

    Raises NotFound for a region that does not exist or lies outside.
    """
    form = RecognitionQuery(args)
    words, name = form.asked_region, ""
    if words:
        reading = find_by_words(session, words, scope)
        if reading.unit is None:
            raise NotFound(f"{reading.problem}。")
        scope, name = Scope(reading.unit.path), reading.unit.name
    return Listing(form, scope, form.filter(), form.asked_sort, name)


def place(region: Region) -> str:
    """A region in a narrow column: 甘肃省临夏回族自治州康乐县 -> 临夏 康乐县, 兰州市 -> 兰州."""
    above = _PROVINCE.sub("", region.full_name.removesuffix(region.name))
    if region.level < 3 or not above:
        return region.short_name
    return f"{short_name(above, 2)} {region.short_name}"
