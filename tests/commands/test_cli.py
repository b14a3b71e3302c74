"""The command line from an empty folder to a workbook that comes back unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from registry.cli import main
from registry.config import Settings
from tests.support import workbooks
from tests.support.records import credit_code

Run = Callable[..., Result]
FIRMS = ("统一社会信用代码", "企业名称", "所属区县", "联系电话")
FIGURES = ("统一社会信用代码", "年度", "营业收入（万元）", "研发费用（万元）", "研发费用占比")


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """registry … in an installation that `init` has prepared."""
    monkeypatch.setenv("REGISTRY_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REGISTRY_INSTANCE", str(settings.instance))

    def invoke(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])

    return invoke


@pytest.fixture
def clerk(run: Run) -> str:
    result = run(
        "user", "add", "sheng-luru", "--name", "王录入", "--role", "entry", "--region", "620000"
    )
    assert "一次性密码" in result.output, result.output
    return "sheng-luru"


def _json(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_help_names_every_command(run: Run) -> None:
    output = run("--help").output
    for word in ("init", "demo", "serve", "user", "import", "export", "template"):
        assert word in output


def test_init_makes_three_administrators_once(run: Run) -> None:
    first, second = run("init"), run("init")
    assert first.exit_code == 0, first.output
    assert first.output.count("密码 ") == 3
    assert "未新建" in second.output


def test_an_unprepared_database_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    monkeypatch.setenv("REGISTRY_INSTANCE", str(tmp_path))
    result = CliRunner().invoke(main, ["user", "disable", "nobody"])
    assert result.exit_code == 1
    assert "registry init" in result.output


def test_import_prints_one_object_and_its_status(run: Run, clerk: str, tmp_path: Path) -> None:
    path = workbooks.write(
        tmp_path / "企业.xlsx",
        FIRMS,
        (credit_code(1), "兰州甲有限公司", "城关区", "0931-5550001"),
        (None, "兰州乙有限公司", "城关区", None),
    )
    result = run("import", "enterprises", path, "--as", clerk, "--json")
    assert result.exit_code == 1
    told = _json(result)
    assert set(told) == {"new", "changed", "unchanged", "errors", "warnings", "written"}
    assert (told["new"], told["written"]) == (1, False)
    assert told["errors"] == [
        {
            "sheet": "数据",
            "row": 3,
            "column": "A",
            "code": "uscc_missing",
            "message": "统一社会信用代码未填，请补上",
        }
    ]


def test_a_file_that_cannot_be_used_says_so_for_the_file_as_a_whole(
    run: Run, clerk: str, tmp_path: Path
) -> None:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100)
    result = run("import", "annual", path, "--as", clerk, "--json")
    assert result.exit_code == 2
    (error,) = _json(result)["errors"]
    assert (error["sheet"], error["row"], error["column"]) == (None, None, None)
    missing = run("import", "annual", tmp_path / "没有.xlsx", "--as", clerk)
    assert missing.exit_code == 2
    assert "Traceback" not in missing.output


def test_a_dry_run_writes_nothing(run: Run, clerk: str, tmp_path: Path) -> None:
    path = workbooks.write(
        tmp_path / "企业.xlsx", FIRMS, (credit_code(1), "兰州甲有限公司", "城关区", None)
    )
    dry = run("import", "enterprises", path, "--as", clerk, "--dry-run", "--json")
    assert (dry.exit_code, _json(dry)["written"]) == (0, False)
    wet = run("import", "enterprises", path, "--as", clerk, "--json")
    assert (_json(wet)["new"], _json(wet)["written"]) == (1, True)


def test_what_is_exported_comes_back_unchanged(run: Run, clerk: str, tmp_path: Path) -> None:
    firms = workbooks.write(
        tmp_path / "企业.xlsx",
        FIRMS,
        (credit_code(1), "=兰州甲有限公司", "城关区", "0931-5550001"),
        (credit_code(2), "嘉峪关乙有限公司", "嘉峪关", None),
    )
    figures = workbooks.write(
        tmp_path / "指标.xlsx",
        FIGURES,
        (credit_code(1), 2024, "123456.789012", 4567.89, "3.70%"),
        (credit_code(1), 2025, 1, 0, None),
        (credit_code(2), 2025, "1.2亿", "３６０", None),
    )
    titles = workbooks.write(
        tmp_path / "称号.xlsx",
        ("统一社会信用代码", "称号", "有效期起", "批次"),
        (credit_code(1), "专精特新", "2024-07-01", "第七批"),
    )
    for kind, path in (("enterprises", firms), ("annual", figures), ("recognitions", titles)):
        result = run("import", kind, path, "--as", clerk, "--json")
        assert result.exit_code == 0, result.output
        out = tmp_path / f"{kind}-out.xlsx"
        more = ["--contact"] if kind == "enterprises" else []
        exported = run("export", kind, out, "--as", clerk, *more)
        assert exported.exit_code == 0, exported.output
        again = _json(run("import", kind, out, "--as", clerk, "--json"))
        counts = (again["new"], again["changed"], again["errors"])
        assert counts == (0, 0, []), (kind, again)
        assert again["unchanged"] > 0


@pytest.mark.parametrize("kind", ["intellectual_property", "intellectual-property"])
def test_evidence_is_imported_by_its_kind(run: Run, clerk: str, tmp_path: Path, kind: str) -> None:
    firms = workbooks.write(
        tmp_path / "企业.xlsx", FIRMS, (credit_code(1), "兰州甲有限公司", "城关区", None)
    )
    assert run("import", "enterprises", firms, "--as", clerk).exit_code == 0
    path = workbooks.write(
        tmp_path / "专利.xlsx",
        ("统一社会信用代码", "专利类型", "专利号", "专利名称"),
        (credit_code(1), "发明专利", "ZL1", "一种机床"),
    )
    first = _json(run("import", kind, path, "--as", clerk, "--json"))
    assert (first["new"], first["errors"], first["written"]) == (1, [], True)
    again = _json(run("import", kind, path, "--as", clerk, "--json"))
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 1)


def test_judgements_are_no_import(run: Run, clerk: str, tmp_path: Path) -> None:
    result = run("import", "judgements", tmp_path / "判断.xlsx", "--as", clerk)
    assert result.exit_code == 2
    assert "judgements" not in run("import", "--help").output


def test_only_those_who_may_import_do(run: Run, tmp_path: Path) -> None:
    run("user", "add", "kan", "--name", "李查看", "--role", "view", "--region", "620000")
    path = workbooks.write(tmp_path / "企业.xlsx", FIRMS, (credit_code(1), "甲", "城关区", None))
    result = run("import", "enterprises", path, "--as", "kan")
    assert result.exit_code == 1
    assert "没有导入权限" in result.output


def test_a_place_that_takes_no_file_is_named_in_words(run: Run, tmp_path: Path) -> None:
    for out in (Path("/proc/模板.xlsx"), tmp_path / "没有" / "模板.xlsx"):
        result = run("template", "annual", out)
        assert result.exit_code == 1
        assert str(out.parent) in result.output


def test_a_blank_is_written_and_carries_its_kind(run: Run, tmp_path: Path, clerk: str) -> None:
    out = tmp_path / "模板.xlsx"
    assert run("template", "annual", out).exit_code == 0
    assert "填写说明" in load_workbook(out).sheetnames
    other = run("import", "enterprises", out, "--as", clerk, "--json")
    assert (other.exit_code, _json(other)["errors"][0]["code"]) == (2, "other_kind")
