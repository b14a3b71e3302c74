"""A round from its opening to the title: two firms, one returned and corrected, one rejected."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from openpyxl import load_workbook
from playwright.sync_api import expect

from tools.journeys.person import Person
from tools.journeys.stage import (
    CLERK,
    FIRST,
    OF_CITY,
    OF_PROVINCE,
    PEOPLE,
    SECOND,
    Figures,
    Stage,
    Values,
)
from tools.journeys.watching import must

SINCE = "2026-08-03T09:00"
IN_SEPTEMBER = "2026-09-02T09:00"
NOTICE = "2026-09-24T09:30"
NOTICE_ENDS = "2026-10-08"
"""Five working days, with 中秋节 from the 25th to the 27th and 国庆节 from 1 to 7 October between."""
AFTER_NOTICE = "2026-10-09T09:00"
ROUND = "2026年创新型企业认定"
DATES = {
    "opens_at": "2026-09-01T09:00",
    "filling_until": "2026-09-08T18:00",
    "county_until": "2026-09-12T18:00",
    "city_until": "2026-09-16T18:00",
    "province_until": "2026-09-20T18:00",
}
VALVES, CABLES = "甘肃陇原阀门制造有限公司", "甘肃河西特种电缆有限公司"
CODES = {VALVES: "916201020000000019", CABLES: "91620102000000002C"}
MOST_CLICKS = 4
"""From the worklist to the decision on an ordinary case."""
WHY_BACK = "从事细分市场起始年份未填，请补充"
WHY_NOT = "主导产品收入占比与审计报告不符，不予认定"
DOCUMENT = "演示文号〔2026〕1号"
CONTACT, PHONE = "吴联系", "13900000000"


@dataclass(slots=True)
class Walk:
    stage: Stage

    def walk(self) -> None:
        self._register()
        with self.stage.at(IN_SEPTEMBER):
            self._open_round()
            self._apply()
            self._review_in_county()
            self._correct()
            self._race()
            self._review_in_city()
            self._decide()
        with self.stage.at(NOTICE):
            self._publish()
            self._object()
        with self.stage.at(AFTER_NOTICE):
            self._announce()

    def _register(self) -> None:
        """The first firm lacks the year since when it has been in its niche."""
        figures: Values = {
            "employees_total": 120,
            "rd_staff": 30,
            "revenue": Decimal(6000),
            "main_revenue": Decimal(5400),
            "total_assets": Decimal(8000),
            "total_liabilities": Decimal(3000),
            "rd_expense": Decimal(420),
        }
        known = {"leading_product": "工业产品", "contact_name": CONTACT, "contact_phone": PHONE}
        niche = {VALVES: None, CABLES: 2012}
        years: Figures = {2025: figures, 2024: {**figures, "main_revenue": Decimal(4500)}}
        for name, code in CODES.items():
            given = {**known, "name": name, "niche_since": niche[name]}
            self.stage.register(code, given, years, SINCE)

    def _open_round(self) -> None:
        official = self.stage.person(OF_PROVINCE)
        official.menu("申报批次")
        official.follow("新建批次")
        official.type({"name": ROUND, "title": "innovative_sme", "kind": "new", "year": "2026"})
        official.reload_by("更新依据")
        expect(official.page.locator("main .facts")).to_contain_text("INNO-2022")
        official.type(DATES)
        official.take("round-form")
        official.press("保存批次")
        official.sees(f"已保存批次：{ROUND}，INNO-2022", "填报中")
        official.take("round")
        self.stage.watch.say("the province opened a round")

    def _apply(self) -> None:
        clerk = self.stage.person(CLERK)
        for firm in (VALVES, CABLES):
            clerk.menu("企业库")
            clerk.follow(firm)
            clerk.follow("申报")
            clerk.sees(ROUND, "可以申报")
            clerk.press("开始申报")
            clerk.sees(f"已为{firm}新建申报", "申报各部分", "2025年度指标", "条款对照")
            clerk.take("tasks")
            clerk.follow("核对并提交")
            clerk.sees("将提交的内容", "INNO-2022")
            clerk.take("check-answers")
            clerk.press("提交")
            clerk.sees("已提交，县级审核。")
        clerk.menu("企业库")
        clerk.follow(VALVES)
        clerk.follow("申报")
        clerk.sees("县级审核", "尚未办结")
        self.stage.watch.say("the county entered two firms")

    def _review_in_county(self) -> None:
        reviewer = self.stage.person(FIRST)
        reviewer.open_case(VALVES)
        reviewer.sees("系统核对", "提交的内容")
        with self.stage.watch.expecting(422):
            reviewer.judge("退回填报单位补正", parts="基本信息")
            reviewer.hand_in()
            reviewer.sees("请填写原因")
        reviewer.take("no-reason")
        reviewer.open_case(VALVES)
        reviewer.judge("退回填报单位补正", parts="基本信息", opinion=WHY_BACK)
        reviewer.take("returning")
        reviewer.hand_in()
        reviewer.sees("已办理“退回补正” 1 家", CABLES)
        reviewer.take("next-case")
        self._pass(reviewer, CABLES, twice=True)
        self.stage.watch.say("the county returned one and passed the other, by a double click")

    def _correct(self) -> None:
        clerk = self.stage.person(CLERK)
        clerk.open_case(VALVES)
        clerk.sees(WHY_BACK, "基本信息")
        clerk.take("returned")
        clerk.follow("核对并提交")
        with self.stage.watch.expecting(422):
            clerk.press("提交")
            clerk.sees("没有任何改动")
        clerk.open_case(VALVES)
        clerk.follow("基本信息")
        clerk.type({"niche_since": "2015"})
        clerk.press("保存")
        clerk.open_case(VALVES)
        clerk.follow("核对并提交")
        clerk.sees("上次提交之后的改动", "从事细分市场起始年份")
        clerk.press("提交")
        clerk.sees("已提交，县级审核。")
        self.stage.watch.say("the entry desk corrected what was named and handed in again")

    def _race(self) -> None:
        """Two reviewers have the same case open; the second one hears of the first."""
        first, second = self.stage.person(FIRST), self.stage.person(SECOND)
        for reviewer in (first, second):
            reviewer.open_case(VALVES)
            reviewer.sees("1 处改动", "从事细分市场起始年份", "2015", WHY_BACK)
            reviewer.judge("审核通过")
        first.page.locator("dialog#review [data-close]").last.click()
        first.take("changes")
        self._pass(first, VALVES)
        with self.stage.watch.expecting(409):
            second.hand_in()
            second.sees(f"{first.name}已于", "办理“审核通过”", "没有重复办理")
        second.take("too-late")
        self._has_decided(second, VALVES, first.name)
        self.stage.watch.say(
            "of two reviewers of the same case one decided, the other was told who"
        )

    def _review_in_city(self) -> None:
        reviewer = self.stage.person(OF_CITY)
        for firm in (CABLES, VALVES):
            self._pass(reviewer, firm)
        self.stage.watch.say("the city passed both")

    def _decide(self) -> None:
        official = self.stage.person(OF_PROVINCE)
        official.open_case(CABLES)
        official.judge("不予通过", parts="2025年度指标", opinion=WHY_NOT)
        official.take("rejecting")
        official.hand_in()
        official.sees("已办理“不予通过” 1 家", VALVES)
        self._pass(official, VALVES)
        clerk = self.stage.person(CLERK)
        clerk.menu("申报")
        clerk.follow("全部")
        clerk.follow(CABLES)
        clerk.sees("不予通过", WHY_NOT)
        clerk.take("rejected")
        self.stage.watch.say("the province passed one and rejected one")

    def _publish(self) -> None:
        official = self.stage.person(OF_PROVINCE)
        official.menu("公示公告")
        official.follow("发布公示")
        official.sees(VALVES, f"从今天起 5 个工作日，公示至 {NOTICE_ENDS}")
        official.misses(CABLES)
        official.press("发布公示")
        official.sees(f"已发布公示，{NOTICE_ENDS} 结束", "公示中")
        expect(official.page.locator("main a", has_text="公告认定")).to_have_count(0)
        official.take("notice")
        self.stage.watch.say(f"the province made a notice, over the holidays until {NOTICE_ENDS}")

    def _object(self) -> None:
        official = self.stage.person(OF_PROVINCE)
        self._open_notice(official)
        official.follow("登记异议")
        official.type({"objector": "郑反映", "content": "营业收入与实际不符"})
        official.press("登记异议")
        official.sees(f"已登记对{VALVES}的异议", "异议核实中")
        official.take("objection")
        self.stage.watch.say("somebody objected")

    def _announce(self) -> None:
        official = self.stage.person(OF_PROVINCE)
        self._open_notice(official)
        official.sees("公示期满")
        official.follow("公告认定")
        official.sees("没有可以公告的企业")
        official.take("blocked")
        self._open_notice(official)
        official.click(official.page.get_by_label(f"处理对{VALVES}的异议"))
        official.type({"result": "dismissed", "handling": "经核实审计报告，反映不属实"})
        official.press("处理异议")
        official.sees("已处理异议", "不成立")
        official.follow("公告认定")
        official.type({"document_no": DOCUMENT})
        official.press("核对")
        official.sees("取得创新型中小企业称号", VALVES, "2026-10-09 至 2029-10-08")
        official.take("announcing")
        official.press("确认公告，认定 1 家")
        official.sees("已公告认定", DOCUMENT, VALVES)
        official.take("announcement")
        self._download(official)
        official.follow(VALVES)
        step = official.page.locator(".ladder .ladder__step--innovative_sme")
        expect(step).to_contain_text("有效期至2029年10月8日")
        official.take("ladder")
        self.stage.watch.say("the title was announced and stands on the ladder")

    def _download(self, official: Person) -> None:
        """The list as a workbook, which names the firm and nobody."""
        with official.page.expect_download() as caught:
            official.follow("导出名单")
        path = self.stage.folder / caught.value.suggested_filename
        caught.value.save_as(path)
        sheet = load_workbook(path)["名单"]
        rows = [[cell for cell in row if cell is not None] for row in sheet.values]
        must(["序号", "企业名称", "所在地"] in rows, f"no header in the list: {rows}")
        must([1, VALVES, "兰州市城关区"] in rows, f"not the firm of the list: {rows}")
        text = str(rows)
        for word in (
            CABLES,
            PHONE,
            "吴联系",
            CODES[VALVES],
            *(name for name, *_ in PEOPLE.values()),
        ):
            must(word not in text, f"the list for publication holds {word}")

    def _open_notice(self, official: Person) -> None:
        official.menu("公示公告")
        official.follow("2026年创新型中小企业拟认定企业名单公示")

    def _pass(self, reviewer: Person, firm: str, *, twice: bool = False) -> None:
        """An ordinary case, from the worklist."""
        reviewer.open_case(firm)
        reviewer.judge("审核通过")
        if twice:
            reviewer.hand_in_twice()
        else:
            reviewer.hand_in()
            must(reviewer.clicks <= MOST_CLICKS, f"{reviewer.clicks} clicks to pass {firm}")
        reviewer.sees("已办理“审核通过” 1 家")
        self._has_decided(reviewer, firm, reviewer.name)

    def _has_decided(self, person: Person, firm: str, who: str) -> None:
        """By what the page of the case tells, somebody passed it, and once."""
        person.menu("申报")
        person.follow("全部")
        person.follow(firm)
        told = person.page.locator(".timeline li", has_text=who)
        expect(told.filter(has_text="审核通过，转为")).to_have_count(1)
