"""小巨人: a round of 2023 with the ministry's result, its 复核 in 2026, and the 复核 of 2027 that no
document has a standard for (policy §0.2.3, §0.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from playwright.sync_api import expect

from tools.journeys.person import Person
from tools.journeys.stage import CLERK, FIRST, OF_CITY, OF_PROVINCE, Figures, Stage, Values

SINCE = "2023-02-01T09:00"
APPLYING, RESULT = "2023-04-20T09:00", "2023-07-14T09:00"
RENEWING, RENEWED = "2026-04-20T09:00", "2026-07-14T09:00"
WITHOUT = "2027-03-15T09:00"
FIRM, CODE = "甘肃陇中精密轴承有限公司", "91620102000000003F"
FIGURES: Values = {
    "employees_total": 180,
    "rd_staff": 60,
    "revenue": Decimal(9000),
    "main_revenue": Decimal(8600),
    "total_assets": Decimal(12000),
    "total_liabilities": Decimal(4000),
    "rd_expense": Decimal(700),
}


@dataclass(slots=True)
class Walk:
    stage: Stage

    def walk(self) -> None:
        given: Values = {
            "name": FIRM,
            "leading_product": "轴承",
            "industry_code": "3451",
            "niche_since": 2008,
        }
        years: Figures = {2022: FIGURES, 2021: {**FIGURES, "main_revenue": Decimal(7500)}}
        firm = self.stage.register(CODE, given, years, SINCE)
        self._held(firm, date(2022, 12, 20), date(2025, 12, 19), SINCE)
        with self.stage.at(APPLYING):
            self._round("2023年小巨人企业认定", "new", "2023", "LG-2022")
            self._apply("LG-2022")
        with self.stage.at(RESULT):
            self._announce("演示文号〔2023〕1号", "第五批", "2023-07-14", "2026-07-13")
        self._held(firm, date(2025, 12, 20), date(2028, 12, 19), RENEWING)
        with self.stage.at(RENEWING):
            self._side_by_side()
            self._round("2026年小巨人企业复核", "renewal", "2026", "LG-2022")
            self._apply("LG-2022")
        with self.stage.at(RENEWED):
            official = self._announce(
                "演示文号〔2026〕2号", "第五批复核", "2026-07-14", "2029-07-13"
            )
            official.follow("称号")
            official.sees("复核通过重新起算")
            official.take("titles")
        with self.stage.at(WITHOUT):
            self._round("2027年小巨人企业复核", "renewal", "2027", "未配置依据")

    def _held(self, firm: int, first: date, last: date, since: str) -> None:
        """专精特新, which a 小巨人 has below it (policy §1.1 article 12)."""
        title: Values = {"title": "srdi_sme", "valid_from": first, "valid_to": last}
        self.stage.hold(firm, title, since)

    def _round(self, name: str, kind: str, year: str, basis: str) -> None:
        official = self.stage.person(OF_PROVINCE)
        self._form(official, {"name": name, "kind": kind, "year": year})
        self._goes_by(official, basis)
        official.type(
            {
                "opens_at": f"{year}-03-01T09:00",
                "filling_until": f"{year}-05-20T18:00",
                "county_until": f"{year}-05-30T18:00",
                "city_until": f"{year}-06-10T18:00",
                "province_until": f"{year}-06-30T18:00",
            }
        )
        official.take(f"form-{year}")
        official.press("保存批次")
        official.sees(f"已保存批次：{name}，{basis}。")
        self._goes_by(official, basis)
        official.take(f"round-{year}")
        self.stage.watch.say(f"{name}: {basis}")

    def _side_by_side(self) -> None:
        """In the same year a new application goes by the new standard."""
        official = self.stage.person(OF_PROVINCE)
        self._form(official, {"kind": "new", "year": "2026"})
        self._goes_by(official, "LG-2026")

    def _goes_by(self, official: Person, basis: str) -> None:
        facts = official.page.locator("main .facts", has_text="标准名称")
        expect(facts).to_contain_text(basis)

    def _form(self, official: Person, values: dict[str, str]) -> None:
        official.menu("申报批次")
        official.follow("新建批次")
        official.type({"title": "little_giant", **values})
        official.reload_by("更新依据")

    def _apply(self, basis: str) -> None:
        """The firm is entered and passed by the county and the city, the province recommends it."""
        clerk = self.stage.person(CLERK)
        clerk.menu("企业库")
        clerk.follow(FIRM)
        clerk.follow("申报")
        clerk.sees("可以申报", basis)
        clerk.press("开始申报")
        clerk.follow("核对并提交")
        clerk.press("提交")
        clerk.sees("已提交，县级审核。")
        for login, choice in (
            (FIRST, "审核通过"),
            (OF_CITY, "审核通过"),
            (OF_PROVINCE, "推荐至工信部"),
        ):
            self._decide(login, choice)
        self.stage.watch.say("handed in, passed twice and recommended to the ministry")

    def _decide(self, login: str, choice: str) -> None:
        reviewer = self.stage.person(login)
        reviewer.open_case(FIRM)
        reviewer.judge(choice)
        reviewer.hand_in()
        reviewer.sees(f"已办理“{choice}” 1 家")

    def _announce(self, document: str, batch: str, first: str, last: str) -> Person:
        """The ministry's result is recorded, and the title announced by its document."""
        official = self.stage.person(OF_PROVINCE)
        official.menu("申报")
        official.follow("全部")
        official.click(official.row("已推荐，待部委结果").locator(".cell-name a"))
        official.judge("登记部委通过")
        official.hand_in()
        official.sees("已办理“登记部委通过” 1 家")
        official.menu("公示公告")
        official.follow("按部委文件公告")
        official.type({"document_no": document, "batch": batch})
        official.press("核对")
        official.sees(f"{first} 至 {last}", FIRM)
        official.take(f"announcing-{first[:4]}")
        official.press("确认公告，认定 1 家")
        official.sees("已公告认定", document)
        official.follow(FIRM)
        step = official.page.locator(".ladder .ladder__step--little_giant")
        expect(step).to_contain_text(f"有效期至{_zh(last)}")
        official.take(f"ladder-{first[:4]}")
        self.stage.watch.say(f"announced: 小巨人 from {first} to {last}")
        return official


def _zh(day: str) -> str:
    year, month, of_month = (int(part) for part in day.split("-"))
    return f"{year}年{month}月{of_month}日"
