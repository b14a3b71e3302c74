"""The query bar and the columns of the 企业库; read from the address, so without a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField, StringField

from registry.enterprises.catalogue import CHAIN_ROLES
from registry.enterprises.models import EnterpriseStatus
from registry.industries.models import Industry
from registry.recognitions.catalogue import Title
from registry.registers.filtering import ANY_TITLE, GAPS, NO_TITLE, EnterpriseFilter, Reporting

ALL = "all"
_ALL = {"": "全部"}
DEFAULT_SORT = "-revenue"
COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that may be shown or left out; `sort` is its key in `queries.SORTS`."""

    key: str
    label: str
    is_default: bool = True
    is_number: bool = False
    sort: str = ""
    head: tuple[str, ...] = ()
    """The lines of a header that would be wider than its figures."""


COLUMNS: tuple[Column, ...] = (
    Column("region", "市州 县区"),
    Column("industry", "行业"),
    Column("size", "规模", is_default=False),
    Column("titles", "称号"),
    Column("revenue", "营业收入", is_number=True, sort="revenue"),
    Column("growth", "同比", is_number=True, sort="growth"),
    Column("rd_ratio", "研发费用占比", is_number=True, sort="rd_ratio", head=("研发费用", "占比")),
    Column(
        "new_product_ratio",
        "新产品占比",
        is_number=True,
        sort="new_product_ratio",
        head=("新产品", "占比"),
    ),
    Column("debt_ratio", "资产负债率", is_default=False, is_number=True),
    Column("employees", "员工", is_default=False, is_number=True),
    Column("above_scale", "规上", is_default=False),
    Column("chain", "产业链", is_default=False),
    Column("park", "园区", is_default=False),
    Column("founded_on", "成立日期", is_default=False, sort="founded_on"),
    Column("contact", "联系人", is_default=False),
    *(
        Column(key, label, is_default=False, is_number=True)
        for key, label in (("met", "符合"), ("not_met", "不符合"), ("missing", "待补充"))
    ),
    Column("valid_to", "有效期至", sort="valid_to"),
    Column("report", "年报状态"),
)
STANDING_COLUMNS = frozenset({"met", "not_met", "missing"})
"""Those of the title that the list looks toward."""
DEFAULT_COLUMNS = tuple(column.key for column in COLUMNS if column.is_default)


def chosen_columns(keys: Sequence[str]) -> list[Column]:
    """The columns asked for by `?col=`, in their fixed order; none known: the usual ones."""
    known = {column.key for column in COLUMNS}
    wanted = set(keys) & known or set(DEFAULT_COLUMNS)
    return [column for column in COLUMNS if column.key in wanted]


class EnterpriseQuery(Form):
    """The conditions of the 企业库. The words themselves are read by `EnterpriseFilter`."""

    region = StringField("地区")
    industry = SelectField("行业", validate_choice=False)
    title = SelectField(
        "称号",
        choices=_ALL | {ANY_TITLE: "有称号", NO_TITLE: "无称号"},
        validate_choice=False,
    )
    status = SelectField(
        "状态",
        choices={status.value: status.label for status in EnterpriseStatus} | {ALL: "全部"},
        validate_choice=False,
    )
    above_scale = SelectField(
        "规上", choices=_ALL | {"yes": "规上", "no": "非规上"}, validate_choice=False
    )
    chain_role = SelectField("产业链角色", choices=_ALL | dict(CHAIN_ROLES), validate_choice=False)
    year = SelectField("年度", validate_choice=False)
    report = SelectField(
        "年报状态",
        choices=_ALL | {word.value: word.label for word in Reporting},
        validate_choice=False,
    )

    gaps = SelectField(
        "差几项",
        choices=_ALL | {number: f"差 {number} 项" for number in GAPS},
        validate_choice=False,
    )
    toward = SelectField(
        "晋级目标",
        choices={title.value: title.short_label for title in Title},
        validate_choice=False,
    )

    def offer(self, industries: Sequence[Industry], years: Sequence[int]) -> None:
        self.industry.choices = _ALL | {
            item.code: item.name if item.level == 1 else f"　{item.code} {item.name}"
            for item in industries
        }
        self.year.choices = {str(year): f"{year}年度" for year in years}

    def show(self, wanted: EnterpriseFilter) -> None:
        """Set every control to what the list is really narrowed to."""
        words = wanted.to_args()
        for field in self:
            field.data = words.get(field.name, "")
        self.toward.data = wanted.goal.value
        self.status.data = wanted.status.value if wanted.status else ALL

    @property
    def is_widened(self) -> bool:
        """Whether a condition is set that stands under 展开."""
        words = (self[key].data for key in ("title", "above_scale", "chain_role", "report", "gaps"))
        return any(words) or self.status.data != EnterpriseStatus.ACTIVE.value


def read_filter(args: MultiDict[str, str], data_year: int) -> EnterpriseFilter:
    """What the address asks for: firms 在库 unless a status is named, of the data year."""
    wanted = EnterpriseFilter.from_args(args)
    if wanted.status is None and args.get("status") != ALL:
        wanted = replace(wanted, status=EnterpriseStatus.ACTIVE)
    return replace(wanted, year=wanted.year or data_year)
