"""Where each unit of a province stands on its tile map (方块示意，不表示行政区域界线).

A province without a layout here shows no map; a unit that a layout does not name, or that does
not report apart (兰州新区 by a setting), is left out of the map and stands in the table.
"""

from __future__ import annotations

from collections.abc import Mapping

Cell = tuple[int, int]
"""Column and row, from 0."""

LAYOUTS: Mapping[str, Mapping[str, Cell]] = {
    "620000": {
        "620900": (0, 0),  # 酒泉
        "620200": (1, 0),  # 嘉峪关
        "620700": (2, 1),  # 张掖
        "620300": (3, 1),  # 金昌
        "620600": (3, 2),  # 武威
        "620171": (4, 2),  # 兰州新区
        "620400": (5, 2),  # 白银
        "621000": (6, 2),  # 庆阳
        "622900": (3, 3),  # 临夏
        "620100": (4, 3),  # 兰州
        "621100": (5, 3),  # 定西
        "620800": (6, 3),  # 平凉
        "623000": (3, 4),  # 甘南
        "620500": (5, 4),  # 天水
        "621200": (4, 5),  # 陇南
    },
}
