"""The workbooks that can be imported, and which columns each knows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from registry.applications import catalogue as applications
from registry.enterprises import catalogue as enterprises
from registry.errors import Forbidden
from registry.evidence import catalogue as evidence
from registry.evidence.catalogue import EvidenceKind
from registry.fields import Field
from registry.indicators import catalogue as indicators
from registry.indicators.derived import DERIVED
from registry.permissions import Actor, Permission
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


EVIDENCE = "佐证"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKind:
    """`fields` are read; headers in `computed` are known, listed and ignored. A workbook without
    one of `contents` says nothing. `permission` is needed besides that to import at all."""

    key: str
    label: str
    help: str
    permission: Permission
    fields: tuple[Field, ...]
    computed: tuple[str, ...]
    required: tuple[str, ...]
    contents: tuple[Field, ...]
    name_key: str = "name"
    """The column that only says whose row it is, where the firm is not what is imported."""
    group: str = ""
    """What it is chosen under; empty for what is chosen at once."""

    @property
    def full_label(self) -> str:
        return f"{self.group} › {self.label}" if self.group else self.label

    def require(self, actor: Actor) -> None:
        """Raises Forbidden for who may not enter by hand what this brings in."""
        if not actor.may(self.permission):
            raise Forbidden(
                f"当前账号的角色（{actor.role_label}）没有“{self.permission.label}”权限，"
                f"不能导入{self.label}。"
            )

    @property
    def required_fields(self) -> list[Field]:
        return [spec for spec in self.fields if spec.key in self.required]

    def field(self, key: str) -> Field | None:
        return next((spec for spec in self.fields if spec.key == key), None)


def _names(*fields: Field) -> tuple[str, ...]:
    return tuple(name for spec in fields for name in (spec.label, *spec.aliases))


_DERIVED_NAMES = tuple(name for item in DERIVED for name in (item.label, *item.aliases))

_FIRM_NAMES = _names(*(spec for spec in enterprises.FIELDS if spec.key not in {"uscc", "name"}))

ENTERPRISES = ImportKind(
    key="enterprises",
    label="企业",
    help="登记新企业，或按信用代码更新企业信息。",
    permission=Permission.ENTERPRISE_EDIT,
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
    help="按信用代码和年度填报各项指标，写入后为草稿，也可直接提交。",
    permission=Permission.ANNUAL_EDIT,
    fields=(enterprises.USCC, enterprises.NAME, indicators.YEAR, *indicators.FIELDS),
    computed=(
        *OUR_OTHER_HEADERS,
        *_DERIVED_NAMES,
        *indicators.STATE_HEADERS,
        *_FIRM_NAMES,
    ),
    required=("uscc",),
    contents=indicators.FIELDS,
)
RECOGNITIONS = ImportKind(
    key="recognitions",
    label="称号",
    help="登记称号的批次、文号和有效期。",
    permission=Permission.RECOGNITION_EDIT,
    fields=recognitions.IMPORT_FIELDS,
    computed=(
        *OUR_OTHER_HEADERS,
        *_names(*recognitions.ENDING_FIELDS),
        "状态",
        *_FIRM_NAMES,
    ),
    required=("uscc", "title", "valid_from"),
    contents=recognitions.FIELDS,
)

APPLICATIONS = ImportKind(
    key="applications",
    label="申报",
    help="为多家企业新建同一批次的申报，写入后为填报中，再逐家核对提交。",
    permission=Permission.APPLICATION_EDIT,
    fields=applications.IMPORT_FIELDS,
    computed=(
        *OUR_OTHER_HEADERS,
        *(name for name in _FIRM_NAMES if name not in _names(*applications.IMPORT_FIELDS)),
    ),
    required=("uscc",),
    contents=(enterprises.USCC,),
)


def _of_evidence(kind: EvidenceKind) -> ImportKind:
    return ImportKind(
        key=kind.key,
        label=kind.label,
        help=kind.help,
        permission=Permission.EVIDENCE_EDIT,
        fields=kind.import_fields,
        computed=(*OUR_OTHER_HEADERS, *_FIRM_NAMES),
        required=("uscc", *kind.identity),
        contents=kind.fields,
        name_key=evidence.FIRM_NAME.key,
        group=EVIDENCE,
    )


KINDS = {
    kind.key: kind
    for kind in (
        ENTERPRISES,
        ANNUAL,
        RECOGNITIONS,
        APPLICATIONS,
        *(_of_evidence(kind) for kind in evidence.IMPORTABLE.values()),
    )
}
