"""The lock of the rule files: a published file is never edited.

`published.lock` has a line for each revision of each file: id, revision, SHA-256. A correction is
a new revision of the file, which says its reason, and one more line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from registry.policy.rulesets import FOLDER, RuleSetError, read_yaml

LOCK = FOLDER.parent / "published.lock"
FOLDERS = (FOLDER, FOLDER.parent / "overlays")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """A file as it is now; without `revision` it is the first."""

    id: str
    revision: int
    reason: str
    digest: str

    @property
    def line(self) -> str:
        return f"{self.id} {self.revision} {self.digest}"


def rule_files() -> list[RuleFile]:
    """Every file in `rulesets/` and `overlays/`. Raises RuleSetError for what is no YAML."""
    paths = sorted(path for folder in FOLDERS for path in folder.glob("*.yaml"))
    return [rule_file(path.stem, path.read_text(encoding="utf-8")) for path in paths]


@lru_cache(maxsize=128)
def rule_file(id_: str, text: str) -> RuleFile:
    top = read_yaml(text)
    if not isinstance(top, dict):
        raise RuleSetError(f"{id_}: not a mapping")
    return RuleFile(
        id=id_,
        revision=top.get("revision", 1),
        reason=top.get("reason", ""),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def read_lock(text: str) -> dict[tuple[str, int], str]:
    """Digests by id and revision. Raises RuleSetError for a line that is none, or stands twice."""
    locked: dict[tuple[str, int], str] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) != 3 or not words[1].isdecimal() or (words[0], int(words[1])) in locked:
            raise RuleSetError(f"{LOCK.name}: {line}")
        locked[words[0], int(words[1])] = words[2]
    return locked


def problems(files: Iterable[RuleFile], locked: Mapping[tuple[str, int], str]) -> list[str]:
    """What does not agree, each with what to do about it."""
    found = {file.id: file for file in files}
    gone = sorted({id_ for id_, _ in locked} - set(found))
    return [
        *(problem for file in found.values() for problem in _problems(file, locked)),
        *(f"{id_} 已发布，文件不能删除或改名，请恢复 {id_}.yaml。" for id_ in gone),
    ]


def _problems(file: RuleFile, locked: Mapping[tuple[str, int], str]) -> list[str]:
    known = sorted(revision for id_, revision in locked if id_ == file.id)
    digest = locked.get((file.id, file.revision))
    if digest is None and file.revision == len(known) + 1:
        return [
            f"{file.id} 第 {file.revision} 版尚未登记，请在 {LOCK.name} 加一行：{file.line}",
            *_without_reason(file),
        ]
    if known != list(range(1, len(known) + 1)) or file.revision != len(known):
        return [f"{file.id} 的版本号应当从 1 起连续，文件是其中最新一版，现为 {file.revision}。"]
    if digest != file.digest:
        return [
            f"{file.id} 第 {file.revision} 版已发布，内容与 {LOCK.name} 不符。已发布的文件不改，"
            f"请恢复原文；确需更正的，revision 写 {file.revision + 1}，reason 写明原因，"
            f"再在 {LOCK.name} 加一行。"
        ]
    return _without_reason(file)


def _without_reason(file: RuleFile) -> list[str]:
    if file.revision == 1 or file.reason:
        return []
    return [f"{file.id} 第 {file.revision} 版是更正，请用 reason 写明原因。"]
