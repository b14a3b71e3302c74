"""What a reader of a chart would notice: right classes, right lengths, links, and no markup leaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from xml.etree.ElementTree import Element, fromstring

import pytest
from markupsafe import Markup

from registry.charts import (
    Bar,
    Point,
    Segment,
    StackedRow,
    Tile,
    bars,
    stacked_bars,
    tile_map,
    trend,
)

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("1")</script>'


def percent(value: Decimal) -> str:
    return f"{value * 100:.1f}%"


def parse(svg: Markup) -> Element:
    root = fromstring(str(svg))
    assert isinstance(root, Element)
    return root


def words(svg: Markup) -> list[str]:
    return [each.text or "" for each in parse(svg).iter(f"{SVG}text")]


def links(svg: Markup) -> list[str]:
    return [each.attrib["href"] for each in parse(svg).iter(f"{SVG}a")]


def shapes(svg: Markup, part: str) -> list[Element]:
    return [each for each in parse(svg).iter() if part in each.get("class", "").split()]


def tiles(values: Sequence[int | None]) -> list[Tile]:
    return [
        Tile(
            label=f"市{index}",
            column=index % 4,
            row=index // 4,
            value=None if value is None else Decimal(value),
            display="" if value is None else f"{value:,}",
            href=f"/enterprises?city={index}",
        )
        for index, value in enumerate(values)
    ]


def points(values: Sequence[str | None], href: str = "/rows") -> list[Point]:
    return [
        Point(
            label=f"{2021 + index}年",
            value=None if value is None else Decimal(value),
            display="" if value is None else percent(Decimal(value)),
            href=href,
        )
        for index, value in enumerate(values)
    ]


def row(label: str, value: str | None, href: str = "/rows") -> Bar:
    number = None if value is None else Decimal(value)
    return Bar(
        label=label,
        value=number,
        display="" if number is None else percent(number),
        href=href,
        note="3/4 家",
    )


def every_chart(text: str) -> list[Markup]:
    """Each kind of chart with `text` wherever a caller may put words."""
    one = Decimal(1)
    point = Point(label=text, value=one, display=text, href=text, note=text)
    segment = Segment(key="srdi_sme", value=one, display=text, href=text)
    return [
        tile_map(
            [
                Tile(label=text, column=0, row=0, value=one, display=text, href=text, note=text),
                Tile(label=text, column=1, row=0, value=None, display=text),
            ],
            title=text,
            unit=text,
            show=lambda _: text,
        ),
        stacked_bars(
            [StackedRow(label=text, segments=[segment], display=text, href=text)],
            title=text,
            legend=[("srdi_sme", text)],
        ),
        bars(
            [Bar(label=text, value=one, display=text, href=text, note=text)],
            title=text,
            target=Decimal(2),
            target_label=text,
        ),
        trend([point], title=text, show=lambda _: text, target=one, target_label=text, name=text),
        trend(
            [point],
            title=text,
            show=lambda _: text,
            amounts=[point],
            amounts_name=text,
            show_amount=lambda _: text,
        ),
    ]


@pytest.mark.parametrize("svg", every_chart(HOSTILE))
def test_every_word_is_escaped(svg: Markup) -> None:
    assert "<script" not in svg
    assert HOSTILE in "".join(parse(svg).itertext())


@pytest.mark.parametrize("svg", every_chart("兰州"))
def test_strict_policy_has_nothing_to_refuse(svg: Markup) -> None:
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script", svg)


@pytest.mark.parametrize("svg", every_chart("兰州"))
def test_a_chart_is_named_and_drawn_at_its_own_size(svg: Markup) -> None:
    root = parse(svg)
    assert root.get("role") == "group"
    assert root.get("aria-label") == "兰州"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


def test_a_chart_without_links_is_a_picture() -> None:
    assert parse(trend(points(["0.1"], href=""), title="占比", show=percent)).get("role") == "img"


def test_tiles_fall_into_five_classes_of_equal_count() -> None:
    svg = tile_map(tiles(range(10, 20)), title="企业", unit="家")
    drawn = [each.get("class", "") for each in parse(svg).iter(f"{SVG}rect")]
    counts = [sum(f"chart__tile--{shade}" in each for each in drawn) for shade in range(5)]
    assert counts == [3, 3, 3, 3, 3]  # two tiles and one legend box each


def test_the_legend_names_the_real_limits() -> None:
    values = [5, 6, 7, 9, 30, 31, 40, 55, 300, 1012]
    svg = tile_map(tiles(values), title="企业", unit="家", show="{:,}".format)
    assert words(svg)[-5:] == ["5—6", "7—9", "30—31", "40—55", "300—1,012 家"]


def test_equal_values_share_a_class() -> None:
    svg = tile_map(tiles([3, 3, 3, 3, 3, 8]), title="企业")
    assert words(svg)[-2:] == ["3", "8"]
    shades = [rect.get("class") for link in parse(svg).iter(f"{SVG}a") for rect in link]
    assert len({shade for shade in shades if shade and "chart__tile--" in shade}) == 2


def test_a_tile_without_data_is_no_zero() -> None:
    svg = tile_map(tiles([0, None, 12]), title="企业")
    assert words(svg)[:6] == ["市0", "0", "市1", "—", "市2", "12"]
    assert "无数据" in words(svg)
    assert "市1：无数据" in [each.text for each in parse(svg).iter(f"{SVG}title")]


def test_every_tile_links_to_its_rows() -> None:
    assert links(tile_map(tiles([1, 2]), title="企业")) == [
        "/enterprises?city=0",
        "/enterprises?city=1",
    ]


def test_stacked_lengths_follow_the_values() -> None:
    rows = [
        StackedRow(
            label="兰州",
            segments=[
                Segment(key="innovative_sme", value=Decimal(30), display="30 家", href="/a"),
                Segment(key="srdi_sme", value=Decimal(0), display="0 家", href="/b"),
                Segment(key="little_giant", value=Decimal(10), display="10 家", href="/c"),
            ],
            display="40",
            href="/lanzhou",
        )
    ]
    svg = stacked_bars(
        rows,
        title="结构",
        legend=[("innovative_sme", "创新型"), ("srdi_sme", "专精特新"), ("little_giant", "小巨人")],
    )
    wide = float(shapes(svg, "chart__part--innovative_sme")[1].attrib["width"]) + 1
    narrow = float(shapes(svg, "chart__part--little_giant")[1].attrib["width"]) + 1
    assert wide / narrow == pytest.approx(3, abs=0.02)
    assert links(svg) == ["/lanzhou", "/a", "/c"]
    assert "兰州：小巨人 10 家" in [each.text for each in parse(svg).iter(f"{SVG}title")]


def test_a_bar_below_the_target_differs_and_says_so() -> None:
    svg = bars(
        [row("兰州", "0.02"), row("定西", "0.01")],
        title="研发占比",
        target=Decimal("0.015"),
        target_label="目标 1.5%",
    )
    assert len(shapes(svg, "chart__bar--short")) == 1
    assert [each.get("aria-label") for each in parse(svg).iter(f"{SVG}a")] == [
        "兰州：2.0%，3/4 家",
        "定西：1.0%，3/4 家，低于目标",
    ]
    assert "目标 1.5%" in words(svg)


def test_the_target_line_stands_at_the_target() -> None:
    svg = bars(
        [row("兰州", "0.03")], title="研发占比", target=Decimal("0.015"), target_label="目标"
    )
    bar = shapes(svg, "chart__bar")[0]
    middle = float(bar.attrib["x"]) + float(bar.attrib["width"]) / 2
    line = re.match(r"M([\d.]+) ", shapes(svg, "chart__target")[0].attrib["d"])
    assert line is not None
    assert float(line[1]) == pytest.approx(middle, abs=0.2)


def test_a_bar_without_data_has_no_length() -> None:
    svg = bars([row("兰州", "0.03"), row("金昌", None)], title="研发占比")
    assert len(shapes(svg, "chart__bar")) == 1
    assert "无数据" in words(svg)


def test_a_negative_bar_goes_left_of_zero() -> None:
    svg = bars([row("兰州", "0.1"), row("金昌", "-0.1")], title="增长")
    up, down = shapes(svg, "chart__bar")
    zero = float(up.attrib["x"])
    assert float(down.attrib["x"]) + float(down.attrib["width"]) == pytest.approx(zero, abs=0.2)


def test_the_line_breaks_at_a_year_without_data() -> None:
    svg = trend(points(["0.03", "0.04", None, "0.05", "0.05"]), title="占比", show=percent)
    runs = [each.attrib["points"].split() for each in shapes(svg, "chart__line")]
    assert [len(run) for run in runs if run] == [2, 2]
    assert words(svg).count("无数据") == 1


def test_values_are_labelled_and_years_linked() -> None:
    svg = trend(points(["0.031", "0.048"]), title="占比", show=percent)
    assert {"3.1%", "4.8%", "2021年", "2022年"} <= set(words(svg))
    assert links(svg) == ["/rows", "/rows"]


def test_the_axis_includes_zero_the_target_and_negative_values() -> None:
    svg = trend(
        points(["-0.10", "0.20"]),
        title="增长",
        show=percent,
        target=Decimal("0.35"),
        target_label="目标 35%",
    )
    ticks = [float(word[:-1]) for word in words(svg) if re.fullmatch(r"-?[\d.]+%", word)]
    assert min(ticks) <= -10
    assert 0 in ticks
    assert max(ticks) >= 35


def test_values_that_are_all_zero_can_be_drawn() -> None:
    assert "0.0%" in words(trend(points(["0", "0"]), title="占比", show=percent))
    assert "0.0%" in words(bars([row("兰州", "0")], title="占比"))


def test_amounts_stand_behind_the_line_on_their_own_axis() -> None:
    amounts = [
        Point(label="2021年", value=Decimal(6812), display="6,812", href="/money"),
        Point(label="2022年", value=Decimal(7945), display="7,945"),
    ]
    svg = trend(
        points(["0.031", "0.036"], href=""),
        title="营收与研发",
        show=percent,
        amounts=amounts,
        amounts_name="营业收入（万元）",
        show_amount="{:,.0f}".format,
    )
    assert {"6,812", "7,945", "营业收入（万元）", "10,000"} <= set(words(svg))
    assert links(svg) == ["/money"]


def test_charts_without_rows_say_so() -> None:
    for svg in (
        trend([], title="占比", show=percent),
        bars([], title="占比"),
        stacked_bars([], title="结构", legend=[]),
    ):
        assert words(svg) == ["无数据"]


def test_coordinates_are_plain_numbers() -> None:
    svg = trend(points(["0.0000001", "1E+3"]), title="占比", show=percent)
    for each in parse(svg).iter():
        for name in ("x", "y", "cx", "cy", "width", "height"):
            assert "E" not in each.get(name, "")
