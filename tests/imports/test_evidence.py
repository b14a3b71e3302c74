"""Evidence from workbooks: every kind in, again, wrong, mended, taken back, and by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry
from registry.config import DATA_ROOT
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.errors import Conflict, Forbidden, NotFound
from registry.evidence.catalogue import FIRM_NAME, IMPORTABLE, EvidenceKind
from registry.evidence.models import EvidenceItem, Proof
from registry.evidence.services import EvidenceDraft, confirm_whole, save
from registry.fields import Field, Kind, Value
from registry.imports import mending, provenance, returning, services, shown, undoing, written
from registry.imports.findings import RowAction
from registry.imports.kinds import KINDS
from registry.imports.mending import Mend
from registry.imports.models import ImportBatch
from registry.permissions import ROLE_PERMISSIONS, Actor, Permission, Role
from registry.stored import Stored, to_stored
from tests.conftest import OTHER_COUNTY
from tests.support import workbooks
from tests.support.offices import Found, Office
from tests.support.people import Browser
from tests.support.records import credit_code

ONE, TWO = credit_code(1), credit_code(2)
RIGHTS = "intellectual_property"
HEADERS = ("统一社会信用代码", "企业名称", "种类", "证书号", "名称", "授权日期", "权利人排名")
PATENT = (ONE, "甲公司", "发明专利", "ZL1", "一种机床", "2024-05-01", 1)


@pytest.fixture(autouse=True)
def firms(make_enterprise: Callable[..., int]) -> list[int]:
    return [make_enterprise(name=name) for name in ("甲公司", "乙公司")]


def values(kind: EvidenceKind) -> dict[str, Value]:
    """Something for every field of a kind."""
    plain: dict[Kind, Value] = {
        Kind.DATE: date(2024, 5, 1),
        Kind.COUNT: 2,
        Kind.MONEY: Decimal("1200.5"),
        Kind.QUANTITY: Decimal("86.5"),
        Kind.FLAG: False,
        Kind.YEAR: 2024,
    }
    return {
        spec.key: spec.choices[0][0] if spec.choices else plain.get(spec.kind, f"某{spec.label}")
        for spec in kind.fields
    }


def cell(spec: Field, value: Value) -> Value:
    """As a person types it into the blank."""
    if spec.kind is Kind.FLAG:
        return "是" if value else "否"
    return spec.choice_label(str(value)) if spec.choices else value


def filled(kind: EvidenceKind, folder: Path, code: str = ONE) -> Path:
    """The shipped blank with one row."""
    book = load_workbook(DATA_ROOT / "import_templates" / f"{kind.key}.xlsx")
    sheet = book.worksheets[0]
    row: list[Value] = [code, "甲公司"]
    row += [cell(spec, values(kind)[spec.key]) for spec in kind.fields]
    for column, one in enumerate(row, start=1):
        sheet.cell(row=2, column=column, value=one)
    book.save(folder / "filled.xlsx")
    return folder / "filled.xlsx"


def items(session: Session) -> dict[tuple[str, str], dict[str, Stored]]:
    """(firm, label) -> content."""
    session.expire_all()
    rows = session.execute(
        select(Enterprise.name, EvidenceItem.label, EvidenceItem.content)
        .join(EvidenceItem, EvidenceItem.enterprise_id == Enterprise.id)
        .order_by(EvidenceItem.id)
    )
    return {(name, label): content for name, label, content in rows}


def counts(found: Found) -> tuple[int, ...]:
    return tuple(found.count(action) for action in RowAction)


def prove(session: Session, actor: Actor, item_id: int) -> None:
    """A file that proves an item, as far as the register knows."""
    session.add(
        Proof(
            item_id=item_id,
            stored_name="0123456789abcdef",
            filename="证书.pdf",
            media_type="application/pdf",
            size=1,
            sha256="0" * 64,
            uploaded_at=clock.now(),
            account_id=actor.account_id,
            account_name=actor.name,
        )
    )
    session.commit()


@pytest.mark.parametrize("key", list(IMPORTABLE))
def test_a_filled_blank_comes_in_once_and_goes_again(
    office: Office, session: Session, key: str
) -> None:
    kind = IMPORTABLE[key]
    path = filled(kind, office.folder)
    first = office.confirm(office.examine_file(key, path))
    assert (first.batch.findings, first.report.findings) == ([], [])
    assert counts(first) == (1, 0, 0, 0)
    kept = {spec.key: to_stored(spec, values(kind)[spec.key]) for spec in kind.fields}
    assert list(items(session).values()) == [kept]

    again = office.examine_file(key, path)
    assert counts(again) == (0, 0, 1, 0)
    done = undoing.undo(session, office.actor, first.batch.id)
    session.commit()
    assert (done.deleted, done.kept, items(session)) == (1, 0, {})


def test_reviewers_judgements_come_in_by_no_workbook() -> None:
    assert "judgements" not in KINDS
    assert {kind.label for kind in KINDS.values() if kind.group == "佐证"} == {
        kind.label for kind in IMPORTABLE.values()
    }


def test_what_is_wrong_is_told_with_its_cell(
    office: Office, session: Session, make_enterprise: Callable[..., int]
) -> None:
    make_enterprise(name="别处公司", region_code=OTHER_COUNTY)
    found = office.examine(
        RIGHTS,
        (*HEADERS, "自主研发", "转让取得日期"),
        (ONE, None, "发名专利", "ZL1", "甲", None, None, None, None),
        (ONE, None, "发明专利", None, None, None, None, None, None),
        (ONE, None, "发明专利", "ZL3", "丙", "去年", 0, None, None),
        (ONE, None, "发明专利", "ZL4", "丁", None, None, "是", "2024-01-01"),
        (credit_code(3), "别处公司", "发明专利", "ZL5", "戊", None, None, None, None),
        (None, "甲公司", "发明专利", "ZL6", "己", None, None, None, None),
    )
    assert found.errors == [
        (2, "C", "cell"),
        (3, "D", "number_missing"),
        (3, "E", "name_missing"),
        (4, "F", "cell"),
        (4, "G", "holder_rank_zero"),
        (5, "I", "own_and_transferred"),
        (6, "A", "unknown_firm"),
        (7, "A", "uscc_missing"),
    ]
    assert "别处公司" not in found.rows[4].findings[0]["message"]


def test_the_workbook_goes_back_with_what_is_wrong_marked(office: Office, session: Session) -> None:
    found = office.examine(RIGHTS, HEADERS, (*PATENT[:4], None, None, None))
    target = office.folder / "marked.xlsx"
    assert returning.write_annotated(session, office.actor, office.settings, found.batch, target)
    marked = load_workbook(target)["数据"]
    assert "名称未填" in str(marked["E2"].comment.text if marked["E2"].comment else "")


def test_a_record_without_a_word_and_a_year_that_is_none_are_refused(office: Office) -> None:
    found = office.examine(
        "product", ("信用代码", "企业名称", "产品属于新产品"), (ONE, "甲公司", None)
    )
    assert found.errors == [(2, None, "empty")]
    found = office.examine(
        "platform", ("信用代码", "年度", "得分"), (ONE, "明年", 80), (TWO, None, 80)
    )
    assert found.errors == [(2, "B", "cell"), (3, "B", "year_missing")]


def test_another_firms_name_is_asked_about(office: Office) -> None:
    found = office.examine(RIGHTS, HEADERS, (ONE, "丙公司", *PATENT[2:]))
    assert [(one["column"], one["code"]) for one in found.report.findings] == [
        ("B", "name_differs")
    ]


@pytest.mark.parametrize(
    ("key", "rows", "said"),
    [
        (RIGHTS, (HEADERS, PATENT, (*PATENT[:3], "zl 1", *PATENT[4:])), "同一种类、同一证书号"),
        ("brands", (("信用代码", "品牌名称"), (ONE, "甲牌"), (ONE, "甲 牌")), "同一品牌名称"),
        ("costs", (("信用代码", "年度", "成本费用总额"), (ONE, 2024, 5), (ONE, 2024, 6)), "年度"),
        ("product", (("信用代码", "是否新产品"), (ONE, "是"), (ONE, "否")), "一家企业填一行"),
    ],
)
def test_an_item_stands_once_in_a_workbook(
    office: Office, key: str, rows: tuple[tuple[object, ...], ...], said: str
) -> None:
    found = office.examine(key, *rows)
    assert found.errors == [(3, "A", "duplicate")]
    assert said in found.report.findings[-1]["message"]


def test_a_known_item_is_found_by_its_identity_and_only_differences_are_written(
    office: Office, session: Session
) -> None:
    office.write(RIGHTS, HEADERS, PATENT)
    found = office.examine(
        RIGHTS, ("统一社会信用代码", "种类", "证书号", "是否应用"), (ONE, "发明专利", "ZL1", "是")
    )
    assert counts(found) == (0, 1, 0, 0)
    assert (found.rows[0].before, found.rows[0].cells["in_use"]) == ({"in_use": None}, True)
    office.confirm(found)
    (content,) = items(session).values()
    assert (content["in_use"], content["name"], content["holder_rank"]) == (True, "一种机床", 1)


def test_what_must_be_there_cannot_be_emptied_and_the_rest_can(
    office: Office, session: Session
) -> None:
    office.write(RIGHTS, HEADERS, PATENT)
    found = office.examine(RIGHTS, HEADERS, (*PATENT[:4], "清空", None, "清空"), empty="keep")
    assert found.errors == [(2, "E", "required")]
    office.write(RIGHTS, HEADERS, (*PATENT[:5], None, "清空"))
    (content,) = items(session).values()
    assert (content["granted_on"], content.get("holder_rank")) == ("2024-05-01", None)


def test_an_ended_firm_takes_no_evidence(
    office: Office, session: Session, firms: list[int]
) -> None:
    office.write("brands", ("信用代码", "品牌名称"), (ONE, "甲牌"))
    firm = session.get_one(Enterprise, firms[0])
    firm.status, firm.ended_on = EnterpriseStatus.DEREGISTERED, date(2025, 1, 1)
    session.commit()
    headers = ("信用代码", "品牌名称", "自主")
    found = office.examine("brands", headers, (ONE, "甲牌", "是"), (ONE, "乙牌", None))
    assert found.errors == [(2, "A", "locked"), (3, "A", "not_active")]
    assert counts(office.examine("brands", headers, (ONE, "甲牌", None))) == (0, 0, 1, 0)


def test_a_workbook_of_ones_own_is_read_by_other_names_and_what_was_said_of_them(
    client_as: Callable[..., Browser], session: Session, tmp_path: Path
) -> None:
    browser = client_as()
    page = browser.get("/import").get_data(as_text=True)
    assert "/import/intellectual_property" in page
    assert "/templates/intellectual_property" in page

    def upload() -> str:
        book = workbooks.write(
            tmp_path / "专利台账.xlsx",
            ("信用代码", "单位", "专利类型", "专利号", "成果", "授权公告日", "经办人"),
            (ONE, "甲公司", "发明专利", "ZL9", "一种刀具", "2024.5.1", "张三"),
        )
        data = {"file": (BytesIO(book.read_bytes()), book.name)}
        return browser.post(f"/import/{RIGHTS}", data=data).location

    batch = upload()
    columns = {"column-数据-1": FIRM_NAME.key, "column-数据-4": "name"}
    assert browser.post(f"{batch}/columns", data=columns).status_code == 302
    shown_page = browser.get(batch).get_data(as_text=True)
    assert "发明专利 ZL9" in shown_page
    assert "一种刀具" in shown_page
    version = session.scalars(select(ImportBatch.version)).one()
    session.rollback()
    assert browser.post(f"{batch}/confirm", data={"version": version}).status_code == 302
    assert list(items(session)) == [("甲公司", "发明专利 ZL9")]
    session.rollback()
    assert "与库中一致" in browser.get(upload()).get_data(as_text=True)
    assert browser.post(f"{batch}/undo").status_code == 302
    assert items(session) == {}


def test_cells_are_mended_beside_rows_that_are_known_already(
    office: Office, session: Session
) -> None:
    office.write(RIGHTS, HEADERS, PATENT)
    found = office.examine(
        RIGHTS,
        HEADERS,
        PATENT,
        (ONE, "甲公司", "发明专利", "ZL2", None, None, None),
        (ONE, "甲公司", "发明专利", "ZL3", "丙", None, None),
    )
    specs = {spec.key: spec for spec in KINDS[RIGHTS].fields}
    (fault,) = shown.show_rows(session, found.batch, found.rows, specs)[1].faults
    assert (fault.spec.key, fault.text) == ("name", "")

    def mend(key: str, text: str) -> None:
        mends = [Mend(found.rows[1].id, key, text)]
        mending.mend(session, office.actor, office.settings, found.batch.id, mends)

    mend("name", "乙")
    assert found.errors == []
    for number in ("ZL 1", "zl3"):
        mend("number", number)
        assert [code for _, _, code in found.errors] == ["duplicate"]
    mend("number", "ZL2")
    assert counts(office.confirm(found)) == (2, 0, 1, 0)
    assert [label for _, label in items(session)] == [f"发明专利 ZL{n}" for n in (1, 2, 3)]


def test_what_was_written_in_parts_is_not_written_twice(office: Office, session: Session) -> None:
    headers = ("信用代码", "品牌名称", "自主")
    found = office.examine("brands", headers, (ONE, "甲牌", "是"), (ONE, "乙牌", "也许"))
    office.confirm(found, partly=True)
    wrong = found.rows[1].id
    mends = [Mend(wrong, "own", "否"), Mend(wrong, "name", "甲牌")]
    mending.mend(session, office.actor, office.settings, found.batch.id, mends)
    assert [code for _, _, code in found.errors] == ["duplicate"]
    mends = [Mend(wrong, "name", "乙牌")]
    mending.mend(session, office.actor, office.settings, found.batch.id, mends)
    office.confirm(found)
    assert list(items(session)) == [("甲公司", "甲牌"), ("甲公司", "乙牌")]


def test_a_preview_that_somebody_overtook_is_not_written(
    office: Office, session: Session, firms: list[int]
) -> None:
    headers = ("信用代码", "年度", "成本费用总额")
    office.write("costs", headers, (ONE, 2024, 5))
    found = office.examine("costs", headers, (ONE, 2024, 6), (TWO, 2024, 7), (TWO, 2023, 8))
    for firm, year in ((firms[0], 2024), (firms[1], 2023)):
        said: dict[str, Value | None] = {"year": year, "cost_and_expense": Decimal(9)}
        draft = EvidenceDraft(kind=IMPORTABLE["costs"], enterprise_id=firm, values=said)
        save(session, office.actor, [draft])
    with pytest.raises(Conflict, match="第 2、4 行"):
        services.confirm(session, office.actor, found.batch.id)
    session.rollback()


def test_undoing_leaves_what_is_proved_or_was_changed_since(
    office: Office, session: Session
) -> None:
    headers = ("信用代码", "品牌名称", "商标注册号")
    office.write("brands", headers, (TWO, "旧牌", "1"), (TWO, "老牌", "1"))
    before = items(session)
    found = office.write(
        "brands",
        headers,
        (ONE, "新牌", "2"),
        (ONE, "证牌", "2"),
        (ONE, "改牌", "2"),
        (TWO, "旧牌", "2"),
        (TWO, "老牌", "2"),
    )
    made = {row.row: row.object_id or 0 for row in found.rows}
    prove(session, office.actor, made[3])
    office.write("brands", headers, (ONE, "改牌", "3"), (TWO, "老牌", "3"))
    done = undoing.undo(session, office.actor, found.batch.id)
    session.commit()

    assert (done.deleted, done.restored, done.kept) == (1, 1, 3)
    assert [row.row for row in written.kept_rows(session, found.batch)] == [3, 4, 6]
    now = items(session)
    assert now["乙公司", "旧牌"] == before["乙公司", "旧牌"]
    assert {label: content["number"] for (_, label), content in now.items()} == {
        "旧牌": "1", "老牌": "3", "证牌": "2", "改牌": "3",
    }  # fmt: skip
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.note == f"撤销导入批次 {found.batch.id}")
    )
    assert {(entry.action, entry.object_label): entry.told for entry in entries} == {
        ("delete", "甲公司 · 自主品牌 · 新牌"): {"name": ["新牌", None], "number": ["2", None]},
        ("update", "乙公司 · 自主品牌 · 旧牌"): {"number": ["2", "1"]},
    }


@pytest.mark.parametrize("has", ["item", "whole list"])
def test_a_firm_that_has_evidence_by_now_stays(office: Office, session: Session, has: str) -> None:
    headers = ("信用代码", "企业名称", "所属区县")
    found = office.write("enterprises", headers, (credit_code(7), "新公司", "城关区"))
    firm = found.rows[0].object_id or 0
    if has == "item":
        office.write("brands", ("信用代码", "品牌名称"), (credit_code(7), "甲牌"))
    else:
        confirm_whole(session, office.actor, firm, IMPORTABLE["awards"], is_whole=True)
    done = undoing.undo(session, office.actor, found.batch.id)
    session.commit()
    assert (done.deleted, done.kept) == (0, 1)


def test_an_item_says_which_row_it_comes_from(
    office: Office, session: Session, client_as: Callable[..., Browser]
) -> None:
    office.write(RIGHTS, HEADERS, PATENT)
    item = session.scalars(select(EvidenceItem.id)).one()
    session.rollback()
    page = client_as(Role.VIEW).get(f"/import/origins/{RIGHTS}/{item}")
    assert "intellectual_property.xlsx，“数据”第 2 行" in page.get_data(as_text=True)
    with pytest.raises(NotFound):
        provenance.thing(session, office.actor, "awards", item)


def test_who_may_not_enter_evidence_does_not_import_it(
    office: Office,
    session: Session,
    make_actor: Callable[..., Actor],
    client_as: Callable[..., Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = office.write("brands", ("信用代码", "品牌名称"), (ONE, "甲牌"))
    path = office.workbook("brands", ("信用代码", "品牌名称"), (ONE, "乙牌"))
    may = ROLE_PERMISSIONS[Role.VIEW] | {Permission.IMPORT, Permission.ANNUAL_EDIT}
    monkeypatch.setitem(ROLE_PERMISSIONS, Role.VIEW, may)
    clerk, office.actor = office.actor, make_actor(Role.VIEW)
    with pytest.raises(Forbidden, match="登记佐证"):
        office.examine_file("brands", path)
    with pytest.raises(Forbidden):
        undoing.undo(session, office.actor, found.batch.id)
    office.actor = clerk
    staged = office.examine_file("brands", path)
    session.commit()
    with pytest.raises(Forbidden):
        services.confirm(session, make_actor(Role.VIEW), staged.batch.id)
    session.rollback()
    browser = client_as(Role.VIEW)
    page = browser.get("/import").get_data(as_text=True)
    assert ("导入年度指标" in page, "导入佐证" in page) == (True, False)
    batch = f"/import/batches/{staged.batch.id}"
    session.rollback()
    for address in ("/import/brands", batch, f"{batch}/annotated.xlsx", f"{batch}/original.xlsx"):
        assert browser.get(address).status_code == 403
    for step in ("confirm", "discard", "options"):
        assert browser.post(f"{batch}/{step}", data={"version": 1}).status_code == 403
    assert list(items(session)) == [("甲公司", "甲牌")]
