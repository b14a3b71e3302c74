"""Native Excel charts over the columns of a printed table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.worksheet.worksheet import Worksheet

_FACE = "微软雅黑"
_INK = "1D2129"
_GRID = "DFE3EA"
_TARGET = "B42318"
_TARGET_WIDTH = 19_050
"""One and a half points, in the unit of drawings."""


@dataclass(frozen=True, slots=True)
class Bars:
    """One series: the index of its column, its name in the legend, and its colour."""

    column: int
    name: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSpec:
    """Bars for every row of a table, named by its first column.

    `target` is the index of a column drawn as a dashed line. `height` is in rows of 15 points.
    """

    title: str
    series: Sequence[Bars]
    target: int | None = None
    target_name: str = "目标"
    number_format: str = "#,##0"
    height: int = 14


def add_chart(
    sheet: Worksheet,
    spec: ChartSpec,
    rows: tuple[int, int],
    corner: tuple[int, int],
    opposite: tuple[int, int],
) -> None:
    """Put a chart of the first to the last of `rows` between two corners, (column, row) from 0.

    Held by cells on both sides it keeps to the table, whatever a program makes of column widths.
    """
    chart: Any = _bars(sheet, spec, rows)
    if spec.target is not None:
        chart += _target(sheet, spec, rows)
    chart.anchor = TwoCellAnchor(editAs="oneCell", _from=_marker(*corner), to=_marker(*opposite))
    sheet.add_chart(chart)


def _marker(column: int, row: int) -> AnchorMarker:
    return AnchorMarker(col=column, row=row)


def _bars(sheet: Worksheet, spec: ChartSpec, rows: tuple[int, int]) -> BarChart:
    chart = BarChart()
    chart.type = "col"
    chart.gapWidth = 60
    alone = len(spec.series) == 1
    for bars in spec.series:
        series = Series(_cells(sheet, bars.column, rows), title=bars.name)
        series.graphicalProperties = GraphicalProperties(solidFill=bars.colour)
        series.graphicalProperties.line.noFill = True
        if alone:
            series.dLbls = _labels(spec.number_format)
        chart.series.append(series)
    chart.set_categories(_cells(sheet, 0, rows))
    chart.title = _title(spec.title)
    _frame(chart, spec.number_format)
    if alone and spec.target is None:
        chart.legend = None
    return chart


def _frame(chart: BarChart, number_format: str) -> None:
    """Axes, grid and legend, quiet beside the bars."""
    chart.legend.position = "b"
    chart.legend.txPr = _text(900)
    across, up = chart.x_axis, chart.y_axis
    for axis in (across, up):
        # Without this word newer programs draw no axis at all.
        axis.delete = False
        axis.txPr = _text(900)
    across.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=_GRID))
    up.number_format = number_format
    up.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill=_GRID)))
    up.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    up.scaling.min = 0


def _target(sheet: Worksheet, spec: ChartSpec, rows: tuple[int, int]) -> LineChart:
    chart = LineChart()
    series = Series(_cells(sheet, spec.target or 0, rows), title=spec.target_name)
    series.marker.symbol = "none"
    series.smooth = False
    line = LineProperties(solidFill=_TARGET, prstDash="dash", w=_TARGET_WIDTH)
    series.graphicalProperties = GraphicalProperties(ln=line)
    chart.series.append(series)
    return chart


def _cells(sheet: Worksheet, column: int, rows: tuple[int, int]) -> Reference:
    first, last = rows
    return Reference(sheet, min_col=column + 1, min_row=first, max_row=last)


def _labels(number_format: str) -> DataLabelList:
    labels = DataLabelList(numFmt=number_format, dLblPos="inBase", showVal=True)
    labels.showSerName = labels.showCatName = labels.showLegendKey = labels.showPercent = False
    labels.txPr = _text(800)
    return labels


def _title(words: str) -> Title:
    rich = _text(1200, bold=True)
    rich.paragraphs[0].r = [RegularTextRun(rPr=_font(1200, bold=True), t=words)]
    return Title(tx=Text(rich=rich), overlay=False)


def _text(size: int, *, bold: bool = False) -> RichText:
    look = ParagraphProperties(defRPr=_font(size, bold=bold))
    return RichText(bodyPr=RichTextProperties(), p=[Paragraph(pPr=look)])


def _font(size: int, *, bold: bool) -> CharacterProperties:
    """`size` in hundredths of a point."""
    face = Font(typeface=_FACE)
    return CharacterProperties(sz=size, b=bold, solidFill=_INK, latin=face, ea=face)
