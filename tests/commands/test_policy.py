"""`registry policy`: without an installation, since the rules are files."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from registry.cli import main


@pytest.mark.parametrize(
    ("title", "kind", "year", "rule_set"),
    [
        ("little_giant", "new", 2026, "LG-2026"),
        ("little_giant", "renewal", 2026, "LG-2022"),
        ("innovative_sme", "new", 2026, "INNO-2022"),
        ("srdi_sme", "new", 2025, "SRDI-2022"),
    ],
)
def test_a_round_goes_by_one_standard(title: str, kind: str, year: int, rule_set: str) -> None:
    words = ["policy", "resolve", "--title", title, "--kind", kind, "--year", str(year)]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.output) == (0, f"{rule_set}\n")


def test_a_round_without_a_basis_says_why() -> None:
    words = ["policy", "resolve", "--title", "little_giant", "--kind", "renewal", "--year", "2027"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "未配置依据：2027 年起的复核尚无通知" in result.output


def test_all_files_are_checked_and_listed() -> None:
    assert CliRunner().invoke(main, ["policy", "check"]).exit_code == 0
    listed = CliRunner().invoke(main, ["policy", "list"]).output
    assert "SRDI-2026  专精特新中小企业认定标准（2026 年）  工信部企业〔2026〕2号" in listed
