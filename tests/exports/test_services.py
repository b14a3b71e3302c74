"""What stands in exported workbooks, and that they come back unchanged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.exports import ExportResult
from registry.config import Settings
from registry.enterprises import catalogue as enterprises
from registry.errors import Forbidden, NotFound
from registry.exports import layout, services
from registry.imports.findings import RowAction
from registry.indicators.catalogue import FIELDS
from registry.indicators.derived import DERIVED, compute_all
from registry.permissions import Actor, Role, Scope
from registry.recognitions.queries import RecognitionFilter
from registry.registers.filtering import EnterpriseFilter
from registry.stored import from_stored
from tests.conftest import CITY, COUNTY, PROVINCE
from tests.exports.conftest import FORMULA_NAME, read_table
from tests.support.offices import Office

MakeActor = Callable[..., Actor]
EXPORTED = ("enterprises", "annual", "recognitions")
TODAY = date(2025, 6, 30)
EVERY_TITLE = RecognitionFilter(day=TODAY)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "out.xlsx"


def export_everything(session: Session, actor: Actor, kind: str, book: Path) -> ExportResult:
    if kind == "enterprises":
        return services.export_enterprises(session, actor, EnterpriseFilter(), contact=True).write(
            book
        )
    if kind == "annual":
        return services.export_annual(session, actor, EnterpriseFilter()).write(book)
    return services.export_recognitions(session, actor, EVERY_TITLE).write(book)


def test_firms_of_the_scope_only(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    result = services.export_enterprises(
        session, make_actor(Role.VIEW, COUNTY), EnterpriseFilter()
    ).write(book)
    table = read_table(book)
    assert result.rows == len(table.rows) == 3
    assert "天水远方有限公司" not in table.column("企业名称")
    province = make_actor(Role.VIEW, PROVINCE)
    assert services.export_enterprises(session, province, EnterpriseFilter()).write(book).rows == 4


def test_cells_have_native_types_and_units(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    services.export_enterprises(session, make_actor(), EnterpriseFilter()).write(book)
    table = read_table(book)
    row = next(row for row in table.rows if row["企业名称"] == "兰州齐全机床有限公司")
    assert row["注册资本（万元）"] == 2000.123456
    assert row["成立日期"].date() == date(2012, 5, 18)
    assert row["所属区县"] == "甘肃省兰州市城关区"
    assert row["所属行业"] == "3421"
    assert row["主导产品代码"] == "0342101"
    assert row["是否规上"] == "是"
    assert row["产业链角色"] == "链主"
    assert row["企业状态"] == "在库"
    assert row["称号"] == "专精特新、小巨人"
    gone = next(row for row in table.rows if row["企业名称"] == "旧厂有限公司")
    assert (gone["企业状态"], gone["称号"]) == ("已注销", None)
    assert table.sheet.freeze_panes == "C3"


def test_a_text_that_looks_like_a_formula_stays_text(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    actor = make_actor()
    for kind in EXPORTED:
        export_everything(session, actor, kind, book)
        table = read_table(book)
        assert FORMULA_NAME in table.column("企业名称")
        cells = [cell for row in table.sheet.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
        assert not [cell.coordinate for cell in cells if cell.hyperlink]


def test_contacts_only_for_those_who_may_and_ask(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    headers = {enterprises.BY_KEY[key].header for key in enterprises.CONTACT_KEYS}
    clerk, viewer = make_actor(Role.ENTRY, COUNTY), make_actor(Role.VIEW, COUNTY)
    services.export_enterprises(session, clerk, EnterpriseFilter()).write(book)
    assert not headers & set(read_table(book).headers)
    result = services.export_enterprises(session, clerk, EnterpriseFilter(), contact=True).write(
        book
    )
    table = read_table(book)
    assert result.has_contacts
    assert "13800002601" in table.column("联系电话")
    assert "含联系方式" in table.cover
    with pytest.raises(Forbidden):
        services.export_enterprises(session, viewer, EnterpriseFilter(), contact=True)


def test_the_cover_says_who_when_what(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    actor = make_actor(Role.VIEW, PROVINCE)
    wanted = EnterpriseFilter.from_args({"region": CITY, "title": "srdi_sme", "q": "机床"})
    services.export_enterprises(session, actor, wanted).write(book)
    cover = read_table(book).cover
    for words in (
        "企业名单，共 1 行",
        "范围：甘肃省兰州市",
        "专精特新中小企业",
        "查找“机床”",
        "万元",
        actor.name,
        str(clock.today()),
    ):
        assert words in cover


def test_a_region_outside_is_not_found(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    actor = make_actor()
    elsewhere = EnterpriseFilter(region="620502")
    with pytest.raises(NotFound):
        services.export_enterprises(session, actor, elsewhere)
    with pytest.raises(NotFound):
        services.export_annual(session, actor, elsewhere)
    with pytest.raises(NotFound):
        services.export_recognitions(session, actor, EVERY_TITLE, scope=Scope("620000/620500/"))


def test_yearly_figures_with_what_is_computed(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    wanted = EnterpriseFilter(year=2024)
    result = services.export_annual(session, make_actor(), wanted).write(book)
    table = read_table(book)
    assert result.rows == 2
    assert result.file_name.startswith("年度指标_2024年度_")
    row = next(row for row in table.rows if row["企业名称"] == "兰州齐全机床有限公司")
    assert row["年度"] == 2024
    assert row["营业收入（万元）"] == 10000.000001
    assert row["R&D经费内部支出（千元）"] == 2505
    assert row["国内细分市场占有率（%）"] == 0.12345678
    assert row["研发费用占比"] == pytest.approx(0.03, abs=1e-8)
    assert row["营业收入增长率"] == pytest.approx(0.25, abs=1e-8)
    assert row["净利润增长率"] is None
    assert row["填报状态"] == "已审核"
    assert (row["所属市州"], row["县区"]) == ("兰州市", "城关区")
    at = table.headers.index("研发费用占比") + 1
    formats = {table.sheet.cell(row=number, column=at).number_format for number in (3, 4)}
    assert "0.00%" in formats


def test_every_computed_figure_stands_under_its_name() -> None:
    """Also those that look at the year before."""
    figures = [[(place + 1) * 10**6] for place in range(len(FIELDS))]
    keys = [spec.key for spec in FIELDS]
    previous = [[7 * 10**6] for _ in layout.PREVIOUS_KEYS]
    state: list[list[object]] = [["draft"], [None], [None], [""], [COUNTY]]
    (row,) = layout.annual_rows(
        [layout.AnnualBlock([["x"], ["x"], [2024]], figures, previous, state)]
    )
    columns = [column.header.split("（")[0] for column in layout.annual_columns({})]
    shown = dict(zip(columns, row, strict=True))
    now = {
        spec.key: from_stored(spec, column[0]) for spec, column in zip(FIELDS, figures, strict=True)
    }
    before = {key: from_stored(FIELDS[keys.index(key)], 7 * 10**6) for key in layout.PREVIOUS_KEYS}
    for item in DERIVED:
        value = compute_all(now, before)[item.key]
        assert value is not None
        assert shown[item.label] == round(value * 10**8), item.key


def test_reports_are_narrowed_by_state_and_firm(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    actor = make_actor(Role.VIEW, PROVINCE)

    def rows(**args: str) -> int:
        wanted = EnterpriseFilter.from_args(args)
        return services.export_annual(session, actor, wanted).write(book).rows

    assert rows() == 4
    assert rows(report="counted") == 3
    assert rows(report="draft") == 1
    assert rows(above_scale="yes") == 2
    assert rows(year="2024", title="single_champion") == 1
    assert rows(region=CITY, year="2023") == 1


def test_titles_with_how_they_ended(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    actor = make_actor(Role.VIEW, PROVINCE)
    result = services.export_recognitions(session, actor, EVERY_TITLE).write(book)
    table = read_table(book)
    assert result.rows == 5
    ended = next(row for row in table.rows if row["称号"] == "创新型中小企业")
    assert (ended["终止方式"], ended["称号状态"]) == ("撤销", "已终止")
    assert ended["终止日期"].date() == date(2025, 3, 1)
    champion = next(row for row in table.rows if row["称号"] == "制造业单项冠军企业")
    assert (champion["产品"], champion["所属市州"], champion["县区"]) == (
        "轴承",
        "天水市",
        "秦州区",
    )


@pytest.mark.parametrize("kind", EXPORTED)
def test_an_export_imports_with_nothing_changed(
    session: Session,
    make_actor: MakeActor,
    settings: Settings,
    firms: dict[str, int],
    book: Path,
    kind: str,
) -> None:
    actor = make_actor(Role.ENTRY, PROVINCE)
    result = export_everything(session, actor, kind, book)
    found = Office(session, settings, actor, book.parent).examine_file(kind, book)
    assert found.errors == []
    assert found.count(RowAction.UNCHANGED) == len(found.rows) == result.rows


def test_progress_is_told(
    session: Session, make_actor: MakeActor, firms: dict[str, int], book: Path
) -> None:
    told: list[tuple[int, int]] = []
    export = services.export_enterprises(session, make_actor(), EnterpriseFilter())
    assert export.total == 3
    export.write(book, lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)
