"""推荐汇总表 (policy §8.4): a proposed layout, filled as far as the registry knows. Pure."""

from __future__ import annotations

from decimal import Decimal

from registry.fields import Kind
from registry.indicators.derived import quotient
from registry.reports.options import zh_day
from registry.reports.queries import Candidate, Summary
from registry.spreadsheets.papers import PaperColumn, TablePaper

NAME = "推荐汇总表"
TITLE = "推荐汇总表（版式未核实）"
LEFT_BLANK = ("Ⅰ类数量", "质量评价得分", "是否首次", "推荐意见")
CONTACTS = ("联系人", "电话")
_PLACES = Decimal("0.00000001")


def paper(summary: Summary) -> TablePaper:
    """Candidates for the year after the figures; contacts only when they were asked for."""
    options = summary.options
    contact = options.contact
    return TablePaper(
        title=NAME,
        heading=f"{summary.region.name}{options.year + 1}年度专精特新“小巨人”企业{TITLE}",
        subheading=(
            f"称号截至{zh_day(summary.day)}；{options.year}年度数据，{options.basis.label}；"
            "金额单位：万元。版式为建议稿，报送前以当年通知所附表样为准。"
        ),
        columns=_columns(options.year, contact=contact),
        rows=[
            _cells(number, candidate, summary, contact=contact)
            for number, candidate in enumerate(summary.candidates, start=1)
        ],
        notes=_notes(options.year, contact=contact),
    )


def _columns(year: int, *, contact: bool) -> list[PaperColumn]:
    money, percent, count = Kind.MONEY, Kind.PERCENT, Kind.COUNT
    return [
        PaperColumn(header="序号", width=6, kind=count, centred=True),
        PaperColumn(header="推荐单位", width=14),
        PaperColumn(header="企业名称", width=30),
        PaperColumn(header="统一社会信用代码", width=21, centred=True),
        PaperColumn(header="注册地\n（市、县）", width=18),
        PaperColumn(header="所属行业\n（4位）", width=9, centred=True),
        PaperColumn(header="主导产品", width=15),
        PaperColumn(header="产品代码", width=11, centred=True),
        PaperColumn(header="细分市场\n年限（年）", width=9, kind=count),
        _number(f"{year}年\n营业收入\n（万元）", 13, money, "#,##0.00"),
        _number("主营\n占比", 8, percent, "0.00%"),
        _number(f"{year}年\n研发费用\n（万元）", 11, money, "#,##0.00"),
        _number(f"{year - 1}年\n研发费用\n（万元）", 11, money, "#,##0.00"),
        PaperColumn(header="Ⅰ类数量\n（项）", width=8, kind=count),
        _number("市场\n占有率", 8, percent, "0.00%"),
        PaperColumn(header="质量评价\n得分", width=8, kind=count),
        PaperColumn(header="申请或\n复核", width=7, centred=True),
        PaperColumn(header="是否\n首次", width=6, centred=True),
        *((PaperColumn(header=CONTACTS[0], width=10),) if contact else ()),
        *((PaperColumn(header=CONTACTS[1], width=15, centred=True),) if contact else ()),
        PaperColumn(header="推荐意见", width=14),
    ]


def _number(header: str, width: float, kind: Kind, number_format: str) -> PaperColumn:
    return PaperColumn(header=header, width=width, kind=kind, number_format=number_format)


def _cells(number: int, firm: Candidate, summary: Summary, *, contact: bool) -> list[object]:
    place = summary.places[firm.region_code]
    return [
        number,
        place.city or place.full_name,
        firm.name,
        firm.uscc,
        place.joined,
        firm.industry_code,
        firm.leading_product,
        firm.product_code,
        _years_in_niche(firm, summary.options.year),
        firm.revenue,
        _share(firm),
        firm.rd_expense,
        firm.rd_expense_before,
        None,
        firm.market_share,
        None,
        "复核" if firm.is_renewal else "申请",
        None,
        *((firm.contact_name, firm.contact_phone) if contact else ()),
        None,
    ]


def _years_in_niche(firm: Candidate, year: int) -> int | None:
    """Whole years at the end of the data year, counted from that business, not the company."""
    return None if firm.niche_since is None else max(0, year - firm.niche_since)


def _share(firm: Candidate) -> Decimal | None:
    ratio = quotient(firm.main_revenue, firm.revenue)
    return None if ratio is None else ratio.quantize(_PLACES)


def _notes(year: int, *, contact: bool) -> list[str]:
    lines = [
        "未见部委正式表样，本表各列按历年申报材料拟定。",
        f"列入范围：持有专精特新称号、尚无小巨人和单项冠军称号的企业（申请），以及小巨人有效期在{year + 1}年"
        "届满的企业（复核）。列入不代表符合条件，请推荐单位核定后删减。",
        f"{'、'.join(LEFT_BLANK)}系统没有收录，留空由推荐单位填写；推荐单位暂按所在市州填列。",
        "细分市场年限为数据年度减起始年份；市场占有率为企业自报的国内细分市场占有率。",
    ]
    if not contact:
        lines.append(
            f"{'、'.join(CONTACTS)}两列未列入，需要时由有权限的人员选择“含联系方式”后导出。"
        )
    return lines
