"""How the region of a firm reads in a narrow column. Pure."""

from __future__ import annotations

import re

from registry.regions.models import Region
from registry.regions.names import short_name

_PROVINCE = re.compile(r"^.+?(?:省|自治区)")


def place(region: Region) -> str:
    """甘肃省临夏回族自治州康乐县 -> 临夏 康乐县, 兰州市 -> 兰州."""
    above = _PROVINCE.sub("", region.full_name.removesuffix(region.name))
    if region.level < 3 or not above:
        return region.short_name
    return f"{short_name(above, 2)} {region.short_name}"
