"""The three workbooks that can be imported, and which columns each knows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from registry.enterprises import catalogue as enterprises
from registry.fields import Field, Kind
from registry.indicators import catalogue as indicators
from registry.indicators.derived import DERIVED
from registry.recognitions import catalogue as recognitions

OUR_OTHER_HEADERS = (
    "序号",
    "市州",
    "县区",
    "所属市州",
    "所在地",
    "称号状态",
    "企业规模",
    "企业状态",
    "登记时间",
    "更新时间",
    "备注",
)


@dataclass(frozen=True, slots=True)
class ImportKind:
    """`fields` are read; headers in `computed` are known, listed and ignored. A workbook without
    one of `contents` says nothing."""

    key: str
    label: str
    fields: tuple[Field, ...]
    computed: tuple[str, ...]
    required: tuple[str, ...]
    contents: tuple[Field, ...]

    @property
    def required_fields(self) -> list[Field]:
        return [spec for spec in self.fields if spec.key in self.required]

    def field(self, key: str) -> Field | None:
        return next((spec for spec in self.fields if spec.key == key), None)


def _names(*fields: Field) -> tuple[str, ...]:
    return tuple(name for spec in fields for name in (spec.label, *spec.aliases))


_DERIVED_NAMES = tuple(name for item in DERIVED for name in (item.label, *item.aliases))

ENTERPRISES = ImportKind(
    key="enterprises",
    label="企业",
    # A workbook of yearly figures lists a firm once a year: the year says which row is the latest.
    fields=(*enterprises.FIELDS, indicators.YEAR),
    computed=(
        *OUR_OTHER_HEADERS,
        *_DERIVED_NAMES,
        *_names(*indicators.FIELDS),
        *indicators.STATE_HEADERS,
        "称号",
    ),
    required=("uscc",),
    contents=enterprises.FIELDS,
)
ANNUAL = ImportKind(
    key="annual",
    label="年度指标",
    fields=(enterprises.USCC, enterprises.NAME, indicators.YEAR, *indicators.FIELDS),
    computed=(
        *OUR_OTHER_HEADERS,
        *_DERIVED_NAMES,
        *indicators.STATE_HEADERS,
        *_names(*(spec for spec in enterprises.FIELDS if spec.key not in {"uscc", "name"})),
    ),
    required=("uscc",),
    contents=indicators.FIELDS,
)
RECOGNITIONS = ImportKind(
    key="recognitions",
    label="称号",
    fields=recognitions.IMPORT_FIELDS,
    computed=(
        *OUR_OTHER_HEADERS,
        *_names(*recognitions.ENDING_FIELDS),
        "状态",
        *_names(*(spec for spec in enterprises.FIELDS if spec.key not in {"uscc", "name"})),
    ),
    required=("uscc", "title", "valid_from"),
    contents=recognitions.FIELDS,
)
KINDS = {kind.key: kind for kind in (ENTERPRISES, ANNUAL, RECOGNITIONS)}
LOOKED_UP = frozenset({Kind.REGION, Kind.INDUSTRY})
