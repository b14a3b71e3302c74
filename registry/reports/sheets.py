"""The sheets of the summary: titles and ratios by unit, rosters, and what explains them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from registry.fields import Kind
from registry.indicators.sums import NEW_PRODUCT_RATIO, RD_RATIO, RD_STAT_RATIO, RatioResult, Sums
from registry.recognitions.catalogue import Title
from registry.recognitions.statistics import TitleCounts
from registry.reports import recommendation
from registry.reports.options import zh_day
from registry.reports.queries import Summary
from registry.spreadsheets.native_charts import Bars, ChartSpec
from registry.spreadsheets.papers import Paper, PaperColumn, TablePaper, TextPaper
from registry.targets.models import Target

MONEY = "#,##0.00"
RATIO = "0.00%"
POINTS = "+0.00;-0.00;0.00"
DASH = "—"
_PLACES = Decimal("0.00000001")
_BAR = "8DB7E4"
_COLOURS = {
    Title.INNOVATIVE_SME: "7FB0DE",
    Title.TECH_SME: "9AA5B5",
    Title.SRDI_SME: "3F83C9",
    Title.LITTLE_GIANT: "1B4F91",
    Title.SINGLE_CHAMPION: "B07A1E",
}
_MANY = (Title.INNOVATIVE_SME, Title.TECH_SME, Title.SRDI_SME)
_FEW = (Title.LITTLE_GIANT, Title.SINGLE_CHAMPION)
_UNIT = "地区"
_SUM_NOTE = (
    "占比为各企业分子之和除以分母之和，只计两项都填报的企业，“有数据”为参与计算的企业数；"
    "未填不作零，不是各地或各企业占比的平均。"
)


def papers(summary: Summary, made_at: datetime, made_by: str) -> list[Paper]:
    """Every sheet, in order; `made_at` as it should read, `made_by` unit and name."""
    tables = [
        titles_paper(summary),
        research_paper(summary),
        new_product_paper(summary),
        *(roster_paper(summary, title) for title in Title),
        recommendation.paper(summary),
    ]
    return [cover_paper(summary, tables, made_at, made_by), *tables]


def outline(summary: Summary, candidates: int) -> list[tuple[str, str, int]]:
    """(sheet, what it shows, rows) of an overview, for the page that offers the workbook."""
    units = len(summary.units)
    return [
        ("说明", "范围、口径、目标与来源", 0),
        (_titles_name(summary), "各地持有五种称号的企业数，附图", units),
        ("研发投入", "R&D经费、研发费用与营业收入之比，附图", units),
        ("新产品", "新产品销售收入与营业收入之比，附图", units),
        *((_roster_name(title), "批次、文号、有效期", summary.titles.of(title)) for title in Title),
        (recommendation.NAME, "建议版式，未核实；系统没有的列留空", candidates),
    ]


def cover_paper(
    summary: Summary, tables: Sequence[TablePaper], made_at: datetime, made_by: str
) -> TextPaper:
    """说明: what the workbook is, on which basis, and where the targets come from."""
    options, sums = summary.options, summary.sums
    return TextPaper(
        title="说明",
        heading=f"{summary.region.name}{options.year}年度优质中小企业梯度培育情况汇总",
        facts=(
            ("范围", summary.region.full_name),
            ("数据年度", f"{options.year}年度（会计年度）"),
            ("称号截至", f"{zh_day(summary.day)}，以当日有效的称号为准"),
            ("数据截至", f"{made_at:%Y-%m-%d %H:%M}，即本表生成的时间"),
            ("填报状态", options.basis.label),
            ("企业范围", f"{options.population_label}；称号和名单为全部企业"),
            ("填报情况", f"应报 {sums.eligible:,} 家，已报 {sums.reported:,} 家"),
            ("金额单位", "万元"),
            ("制表", made_by),
        ),
        sections=(
            ("工作表", [_contents(table) for table in tables]),
            ("口径", _definitions(summary)),
            ("目标与来源", _target_lines(summary)),
        ),
    )


def titles_paper(summary: Summary) -> TablePaper:
    """Firms that hold each title, by unit."""
    columns = [
        PaperColumn(header=_UNIT, width=18),
        *(_count(f"{title.short_label}（家）", 17) for title in Title),
        _count("合计（项）", 15),
    ]
    return TablePaper(
        title=_titles_name(summary),
        heading=f"{summary.region.name}优质中小企业称号数量",
        subheading=f"截至{zh_day(summary.day)}",
        columns=columns,
        rows=[[row.name, *_title_cells(row.titles)] for row in summary.units],
        total=["合计", *_title_cells(summary.titles)],
        notes=[
            "一家企业可同时持有多种称号，分别计入各列；“合计”为称号项数，不是企业数。",
            *_count_targets(summary),
        ],
        charts=[
            _title_chart("创新型、科技型、专精特新企业数量", _MANY),
            _title_chart("小巨人、单项冠军企业数量", _FEW),
        ],
        one_page=True,
    )


def research_paper(summary: Summary) -> TablePaper:
    """R&D 经费 and 研发费用 beside revenue, by unit; the first against the target."""
    notes = ["两种口径不是同一个数：目标只对统计口径的R&D经费，研发费用占比列出供参考，口径不同。"]
    if summary.options.everybody:
        notes.append("目标所说的是规上企业，本表为全部企业，比较时请注意。")
    if not summary.sums.ratio(RD_STAT_RATIO).used:
        notes.append("本年度没有企业填报R&D经费内部支出，不能与目标比较。")
    return _ratio_paper(
        summary,
        "研发投入",
        "研发投入占营业收入比重",
        "R&D经费占营业收入比重（统计口径）",
        [
            (RD_STAT_RATIO, "R&D经费\n（万元）", "R&D经费内部支出（统计口径）"),
            (RD_RATIO, "研发费用\n（万元）", "研发费用（归集口径）"),
        ],
        notes,
    )


def new_product_paper(summary: Summary) -> TablePaper:
    """New-product sales beside revenue, by unit, against the target."""
    name = "新产品销售收入占营业收入比重"
    ratios = [(NEW_PRODUCT_RATIO, "新产品销售收入\n（万元）", "")]
    return _ratio_paper(summary, "新产品", name, name, ratios, [])


def _ratio_paper(
    summary: Summary,
    title: str,
    heading: str,
    chart: str,
    ratios: Sequence[tuple[str, str, str]],
    notes: Sequence[str],
) -> TablePaper:
    """Ratios by unit: (key, numerator, group) of each, the first of them against its target."""
    target = summary.targets.get(ratios[0][0])
    columns = [
        PaperColumn(header=_UNIT, width=15),
        *_reported_columns(),
        _money("营业收入\n（万元）"),
    ]
    for place, (_, numerator, group) in enumerate(ratios):
        columns += _ratio_columns(numerator, group)
        columns += _target_columns(group) if place == 0 else []

    def cells(name: str, sums: Sums) -> list[object]:
        found = [sums.ratio(key) for key, _, _ in ratios]
        row = [name, sums.eligible, sums.reported, sums.revenue_or_none]
        row += [*_ratio_cells(found[0]), *_target_cells(found[0], target)]
        return [*row, *(cell for more in found[1:] for cell in _ratio_cells(more))]

    return TablePaper(
        title=title,
        heading=f"{summary.region.name}{summary.options.year}年度{heading}",
        subheading=_basis_line(summary),
        columns=columns,
        rows=[cells(row.name, row.sums) for row in summary.units],
        total=cells("合计", summary.sums),
        notes=[_SUM_NOTE, *notes, _target_line(summary, target)],
        charts=[_ratio_chart(chart, 6, 8 if target else None)],
        one_page=True,
    )


def roster_paper(summary: Summary, title: Title) -> TablePaper:
    """Who holds a title, without anything personal."""
    columns = [
        PaperColumn(header="序号", width=7, kind=Kind.COUNT, centred=True),
        PaperColumn(header="企业名称", width=38),
        PaperColumn(header="统一社会信用代码", width=22, centred=True),
        PaperColumn(header="所在市州", width=18),
        PaperColumn(header="县区", width=18),
        PaperColumn(header="批次", width=16),
        PaperColumn(header="文号", width=26),
        PaperColumn(header="有效期起", width=13, kind=Kind.DATE, centred=True),
        PaperColumn(header="有效期止", width=13, kind=Kind.DATE, centred=True),
    ]
    rows: list[list[object]] = []
    for number, held in enumerate(summary.rosters[title], start=1):
        firm, paper = held.enterprise, [held.batch, held.document_no]
        place = summary.places[firm.region_code].parts
        rows.append([number, firm.name, firm.uscc, *place, *paper, held.valid_from, held.valid_to])
    if title is Title.SINGLE_CHAMPION:
        columns.insert(2, PaperColumn(header="产品", width=20))
        for row, held in zip(rows, summary.rosters[title], strict=True):
            row.insert(2, held.product)
    return TablePaper(
        title=_roster_name(title),
        heading=f"{summary.region.name}{title.label}名单",
        subheading=f"截至{zh_day(summary.day)}有效，共 {len(rows):,} 家",
        columns=columns,
        rows=rows,
    )


def _titles_name(summary: Summary) -> str:
    return "称号（按市州）" if summary.region.level == 1 else "称号（按地区）"


def _roster_name(title: Title) -> str:
    return f"名单（{title.short_label}）"


def _count(header: str, width: float) -> PaperColumn:
    return PaperColumn(header=header, width=width, kind=Kind.COUNT, missing=DASH)


def _money(header: str, group: str = "") -> PaperColumn:
    return PaperColumn(
        header=header, width=16, kind=Kind.MONEY, number_format=MONEY, group=group, missing=DASH
    )


def _percent(header: str, group: str) -> PaperColumn:
    return PaperColumn(
        header=header, width=10, kind=Kind.PERCENT, number_format=RATIO, group=group, missing=DASH
    )


def _reported_columns() -> list[PaperColumn]:
    return [_count("应报\n（家）", 9), _count("已报\n（家）", 9)]


def _ratio_columns(numerator: str, group: str) -> list[PaperColumn]:
    used = PaperColumn(header="有数据\n（家）", width=10, kind=Kind.COUNT, group=group)
    return [
        _money(numerator, group),
        _money("对应营业收入\n（万元）", group),
        _percent("占比", group),
        used,
    ]


def _target_columns(group: str) -> list[PaperColumn]:
    points = PaperColumn(
        header="与目标相差\n（百分点）",
        width=12,
        kind=Kind.QUANTITY,
        number_format=POINTS,
        group=group,
        missing=DASH,
    )
    return [_percent("目标", group), points]


def _title_cells(counts: TitleCounts) -> list[int]:
    return [*(counts.of(title) for title in Title), counts.total]


def _ratio_cells(found: RatioResult) -> list[object]:
    """Numerator, denominator, ratio and firms; nothing where nobody reports both."""
    if not found.used:
        return [None, None, None, 0]
    return [found.numerator, found.denominator, _cut(found.value), found.used]


def _target_cells(found: RatioResult, target: Target | None) -> list[object]:
    if target is None:
        return [None, None]
    gap = None if found.value is None else _cut((found.value - target.value) * 100)
    return [target.value, gap]


def _cut(value: Decimal | None) -> Decimal | None:
    """A quotient where it does not end."""
    return None if value is None else value.quantize(_PLACES)


def _title_chart(name: str, titles: Sequence[Title]) -> ChartSpec:
    order = list(Title)
    return ChartSpec(
        title=name,
        series=[
            Bars(order.index(title) + 1, title.short_label, _COLOURS[title]) for title in titles
        ],
    )


def _ratio_chart(name: str, column: int, target: int | None) -> ChartSpec:
    return ChartSpec(
        title=name, series=[Bars(column, "占比", _BAR)], target=target, number_format="0.0%"
    )


def _basis_line(summary: Summary) -> str:
    options = summary.options
    return f"{options.year}年度，{options.population_label}，{options.basis.label}；金额单位：万元"


def _contents(table: TablePaper) -> str:
    return f"{table.title}：{table.heading}，{len(table.rows):,} 行"


def _definitions(summary: Summary) -> list[str]:
    population = "" if summary.options.everybody else "、登记为规上"
    return [
        f"应报企业：在库{population}的企业，以及已离库但有本年度填报的企业；企业按现在的所在地计。",
        _SUM_NOTE,
        "R&D经费内部支出为统计口径，以千元填报，本表换算为万元；研发费用为财税〔2015〕119号或国科发火〔2016〕195号归集口径，两者不是同一个数。",
        "合并报表企业与其子公司同时填报时会重复计算，以企业所填报表口径为准。",
        "收入为零或负数的企业仍计入合计，但单个企业不计算占比。",
        "对外公开时，不足 3 家企业的单元格应当隐去。",
    ]


def _target_lines(summary: Summary) -> list[str]:
    lines = [
        f"{target.year}年目标：{target.label}{target.statement}。来源：{target.source}"
        f"{'' if target.is_checked else '（未核对原文）'}。"
        for target in summary.targets.values()
        if target.is_computed
    ]
    return lines or [f"{summary.options.year}年度没有设定目标。"]


def _target_line(summary: Summary, target: Target | None) -> str:
    if target is None:
        return f"{summary.options.year}年目标：未设定。"
    mark = "" if target.is_checked else "（未核对原文）"
    return f"{target.year}年目标：{target.statement}{mark}，来源：{target.source}。"


def _count_targets(summary: Summary) -> list[str]:
    """The province's targets for counts; they say nothing about a single city."""
    if summary.region.level > 1:
        return []
    found = [
        f"{title.short_label} {target.value_text}{'' if target.is_checked else '（未核对原文）'}"
        for title in Title
        if (target := summary.targets.get(f"count_{title.value}")) is not None
    ]
    return [f"{summary.options.year}年目标：{'，'.join(found) or '未设定'}。"]
