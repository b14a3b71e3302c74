"""The lock: a published rule file is never edited, a correction is a new revision."""

from __future__ import annotations

import pytest

from registry.policy.published import LOCK, problems, read_lock, rule_file, rule_files
from registry.policy.rulesets import FOLDER, RuleSetError, load_size_ruleset, read_size_ruleset

ID = "SRDI-2026"
TEXT = (FOLDER / f"{ID}.yaml").read_text(encoding="utf-8")
LOCKED = read_lock(LOCK.read_text(encoding="utf-8"))
OTHERS = [file for file in rule_files() if file.id != ID]


def test_every_shipped_file_is_as_it_was_published() -> None:
    assert problems(rule_files(), LOCKED) == []


def test_the_lock_covers_the_rounds_and_the_size_classes() -> None:
    assert {"rounds", "SIZE-2011", "LG-2022+2025notice"} <= {id_ for id_, _ in LOCKED}
    assert LOCKED["SIZE-2011", 1] == load_size_ruleset().citation.digest


def _said_of(text: str, *more_lines: str) -> list[str]:
    lock = "\n".join([LOCK.read_text(encoding="utf-8").strip(), *more_lines])
    return problems([*OTHERS, rule_file(ID, text)], read_lock(lock))


def test_an_edit_is_found_and_told_what_to_do() -> None:
    (said,) = _said_of(TEXT.replace("at_least: 1500", "at_least: 1400"))
    assert "SRDI-2026 第 1 版已发布" in said
    assert "revision 写 2，reason 写明原因" in said


def test_a_correction_is_a_new_revision_with_its_reason_and_a_line() -> None:
    changed = TEXT.replace("at_least: 1500", "at_least: 1400").replace("revision: 1", "revision: 2")
    line = rule_file(ID, changed).line
    said = _said_of(changed)
    assert said == [
        f"SRDI-2026 第 2 版尚未登记，请在 published.lock 加一行：{line}",
        "SRDI-2026 第 2 版是更正，请用 reason 写明原因。",
    ]
    assert _said_of(changed, line) == said[1:]
    corrected = changed.replace("revision: 2", "revision: 2\nreason: 与原文核对后更正")
    assert _said_of(corrected, rule_file(ID, corrected).line) == []


def test_a_revision_is_not_left_out_nor_taken_back() -> None:
    third = TEXT.replace("revision: 1", "revision: 3\nreason: 更正")
    assert "从 1 起连续" in _said_of(third)[0]
    assert "从 1 起连续" in _said_of(TEXT, f"{ID} 2 {'0' * 64}")[0]


def test_a_published_file_does_not_go_away() -> None:
    assert problems(OTHERS, LOCKED) == [
        "SRDI-2026 已发布，文件不能删除或改名，请恢复 SRDI-2026.yaml。"
    ]


@pytest.mark.parametrize("line", ["SRDI-2026 1", "SRDI-2026 one abc", "A 1 b\nA 1 c"])
def test_a_damaged_lock_is_refused(line: str) -> None:
    with pytest.raises(RuleSetError, match=r"published\.lock"):
        read_lock(line)


def test_the_size_classes_may_say_their_revision() -> None:
    text = (FOLDER / "SIZE-2011.yaml").read_text(encoding="utf-8")
    revised = text.replace("kind: size", "revision: 2\nreason: 更正\nkind: size")
    assert read_size_ruleset(revised).rows == load_size_ruleset().rows
