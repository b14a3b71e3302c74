"""Planning an import of firms: which rows are one firm, what each would change, what is wrong."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from registry.enterprises import checks
from registry.enterprises.catalogue import BY_KEY, FIELDS
from registry.enterprises.models import EnterpriseStatus, RegionBasis
from registry.enterprises.queries import name_keys_in_scope
from registry.enterprises.reviewing import CHECK_DIGIT
from registry.enterprises.services import ELSEWHERE, staying
from registry.identifiers import normalise_name
from registry.imports import known
from registry.imports.findings import Severity
from registry.imports.kinds import ENTERPRISES
from registry.imports.known import StoredFirm
from registry.imports.merging import latest_of_each_firm
from registry.imports.planning import Known, PlannedRow, Planner
from registry.industries.queries import industry_index
from registry.permissions import Level
from registry.regions.queries import region_index
from registry.spreadsheets.tables import Chunk
from registry.stored import Stored, values_from

MISSING_CODE = "统一社会信用代码未填，请补上"
FROM_ADDRESS = "region_from_address"
BASIS_KEY = "region_basis"
"""Kept with a staged row beside the catalogue's keys: the region was read from the address."""
_REGION = [spec.key for spec in FIELDS].index("region_code")
_WORDS = ("region_code", "industry_code")


class EnterprisePlanner(Planner):
    """One row is one firm; rows of one firm with different years are one, the latest."""

    kind = ENTERPRISES
    specs = FIELDS
    needed = frozenset({"uscc", "name", "region_code"})

    def __init__(self, *args: Any, province: str) -> None:
        super().__init__(*args)
        self._province = province
        self._regions = region_index(self.session, province)
        self._industries = industry_index(self.session)
        self._found: dict[tuple[str, str], tuple[str | None, str]] = {}
        self._by_address: set[tuple[str, int]] = set()

    def prepare(self, chunks: Iterable[Chunk]) -> Iterable[Chunk]:
        return latest_of_each_firm(chunks, self.notes)

    def identify(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        for key in _WORDS:
            if key in chunk.values:
                chunk.values[key] = self._codes(chunk, rows, key)
        nothing: list[Stored | None] = [None] * len(rows)
        codes = chunk.values.get("uscc", nothing)
        stored = known.stored_firms(self.session, FIELDS, codes)
        for row, code, name in zip(rows, codes, chunk.values.get("name", nothing), strict=True):
            row.label = str(name or "")
            if isinstance(code, str):
                row.uscc = code
                self._recall(row, stored.get(code))
            elif "uscc" not in row.raw:
                self.fail(row, "uscc_missing", MISSING_CODE, "uscc")
        self._settle_regions(chunk, rows)
        self._keep_in_place(rows, chunk.values["region_code"])

    def _recall(self, row: PlannedRow, firm: StoredFirm | None) -> None:
        if firm is None:
            return
        if not self.actor.scope.covers(firm.region_path):
            self.fail(row, "elsewhere", ELSEWHERE, "uscc")
            row.uscc = ""
            return
        refusal = ""
        if firm.status is not EnterpriseStatus.ACTIVE:
            refusal = f"该企业{firm.status.label}，不能修改。确需修改请先恢复在库"
        row.enterprise_id = firm.id
        row.label = row.label or firm.name
        row.known = Known(firm.id, firm.version, firm.cells, refusal)

    def _codes(self, chunk: Chunk, rows: Sequence[PlannedRow], key: str) -> list[Stored | None]:
        """Written regions or industries as codes; a word nobody knows is an error of its row."""
        codes: list[Stored | None] = []
        for row, text in zip(rows, chunk.values[key], strict=True):
            code = None
            if isinstance(text, str):
                code, problem = self._look_up(key, text)
                if code is None:
                    row.raw[key] = text
                    self.fail(row, f"{key}_unknown", f"{BY_KEY[key].label}：{problem}", key)
            codes.append(code)
        return codes

    def _look_up(self, key: str, text: str) -> tuple[str | None, str]:
        found = self._found.get((key, text))
        if found is None:
            index = self._regions if key == "region_code" else self._industries
            resolved = index.resolve(text)
            found = self._found[key, text] = (resolved.code, resolved.problem or "")
        return found

    def _settle_regions(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        """A new firm without a region gets the one its address names, and is marked so."""
        nothing: list[Stored | None] = [None] * len(rows)
        regions = chunk.values.setdefault("region_code", nothing)
        addresses = chunk.values.get("address", nothing)
        for place, row in enumerate(rows):
            code = regions[place]
            if code is None and row.known is None and "region_code" not in row.raw:
                code = regions[place] = self._from_address(row, addresses[place])
            unit = self._regions.get(code) if isinstance(code, str) else None
            if unit is None:
                continue
            if unit.level == Level.PROVINCE:
                self.fail(
                    row, "region_too_high", "所属区县不能是省，请写到市州或区县", "region_code"
                )
            if not self.actor.scope.covers(unit.path):
                message = f"所属区县“{unit.name}”不在本单位管辖范围，请核对"
                self.fail(row, "region_elsewhere", message, "region_code")

    def _keep_in_place(self, rows: Sequence[PlannedRow], regions: Sequence[Stored | None]) -> None:
        """A firm does not leave the desks that review what it has handed in."""
        moving = {
            row.known.id: row
            for row, code in zip(rows, regions, strict=True)
            if row.known and code and code != row.known.values[_REGION]
        }
        for id_, why in staying(self.session, moving).items() if moving else ():
            self.fail(moving[id_], "region_stays", why.rstrip("。"), "region_code")

    def _from_address(self, row: PlannedRow, address: Stored | None) -> str | None:
        if not isinstance(address, str):
            return None
        found = self._regions.read_address(address, self._province)
        if found is None:
            return None
        message = f"所属区县未填，按注册地址识别为{found.unit.full_name}"
        if found.city_only:
            message += "（地址只写到市，请补充区县）"
        self.say(row, Severity.WARNING, FROM_ADDRESS, message, "address")
        self._by_address.add((row.sheet, row.row))
        return found.unit.code

    def key(self, row: PlannedRow) -> Hashable | None:
        return row.uscc or None

    def duplicate(self, first: int) -> str:
        return f"信用代码与第 {first} 行重复，请只保留一行"

    def judge(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        fresh = [row.label for row in rows if row.known is None and row.uscc]
        same = name_keys_in_scope(self.session, self.actor.scope, fresh) if fresh else {}
        for row in rows:
            if row.uscc and (row.known is None or row.values):
                self._judge(row, same)

    def _judge(self, row: PlannedRow, same: Mapping[str, str]) -> None:
        after = row.merged(self.specs)
        for key in ("name", "region_code"):
            if not after.get(key) and not self._said(row, key):
                message = f"{BY_KEY[key].label}未填，新登记企业必须填写"
                self.fail(row, f"{key}_missing", message, key)
        issues = checks.check(values_from(self.specs, after))
        # A code was confirmed when its firm was registered.
        self.tell(row, (one for one in issues if row.known is None or one.code != CHECK_DIGIT))
        if row.known is not None:
            return
        other = same.get(normalise_name(row.label))
        if other is not None:
            message = f"企业库已有同名企业（{other}），请核对是否同一企业"
            self.say(row, Severity.WARNING, "same_name", message, "name")
        if (row.sheet, row.row) in self._by_address:
            row.cells[BASIS_KEY] = RegionBasis.ADDRESS.value

    def _said(self, row: PlannedRow, key: str) -> bool:
        return key in row.raw or any(found.code.startswith(key) for found in row.findings)
