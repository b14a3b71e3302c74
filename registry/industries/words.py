"""Industries as offices write them: codes with or without the section's letter, and names. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

PATH_SEPARATOR = " › "
_CODE = re.compile(r"(?<![0-9A-Z])([A-T])?[\s\-]?(\d{2,4})(?![0-9A-Z])")
_SECTION = re.compile(r"(?<![0-9A-Z])([A-T])(?![0-9A-Z])")
_NOT_IN_NAMES = re.compile(r"[\s()（）\[\]【】,，、.。·;；:：\-—_/]+")
_CANDIDATES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class IndustryClass:
    """What the index knows of a class; the fields are those of the table."""

    code: str
    name: str
    parent_code: str | None
    section: str


@dataclass(frozen=True, slots=True)
class IndustryReading:
    """The one class a text means, or the sentence that says why there is none."""

    industry: IndustryClass | None = None
    problem: str | None = None
    candidates: tuple[IndustryClass, ...] = ()

    @property
    def code(self) -> str | None:
        return None if self.industry is None else self.industry.code


class IndustryIndex:
    """Words of all classes of the standard."""

    def __init__(self, classes: Iterable[IndustryClass]) -> None:
        self.classes = {item.code: item for item in classes}
        self._names: dict[str, list[IndustryClass]] = defaultdict(list)
        self._children: dict[str, int] = defaultdict(int)
        for item in self.classes.values():
            self._names[_key(item.name)].append(item)
            if item.parent_code is not None:
                self._children[item.parent_code] += 1

    def get(self, code: str) -> IndustryClass | None:
        return self.classes.get(code)

    def resolve(self, text: str) -> IndustryReading:
        """The class that `text` means: `3091`, `C3091`, `C 3091 石墨及碳素制品制造`, or a name.

        A name written beside a code may be an older or a shortened one; only when it is the name
        of another class is it an error.
        """
        shown = text.strip() if len(text.strip()) <= 30 else text.strip()[:30] + "…"
        folded = unicodedata.normalize("NFKC", text).strip().upper()
        named = self._named(folded.split(PATH_SEPARATOR.strip())[-1])
        match = None if named else _CODE.search(folded) or _SECTION.search(folded)
        if match is None:
            return _reading(shown, named)
        item = self.classes.get(match[match.lastindex or 1])
        if item is None:
            return _reading(shown, [])
        if item.section != (match[1] or item.section):
            problem = f"“{shown}”的门类字母与代码不符：{item.code} 属于门类 {item.section}，请核对"
            return IndustryReading(problem=problem)
        beside = self._named(folded.replace(match[0], " "))
        if beside and not any(_same_branch(item, other) for other in beside):
            return IndustryReading(problem=f"“{shown}”的代码与名称不一致，请核对后保留一个")
        return IndustryReading(industry=item)

    def path_label(self, code: str) -> str:
        """制造业 › 非金属矿物制品业 › …, or the code itself when it is unknown."""
        names: list[str] = []
        item = self.classes.get(code)
        while item is not None:
            # A class and its only subclass often share a name.
            if names[-1:] != [item.name]:
                names.append(item.name)
            item = self.classes.get(item.parent_code or "")
        return PATH_SEPARATOR.join(reversed(names)) or code

    def _named(self, text: str) -> list[IndustryClass]:
        """Classes of that name. Of a class and its only subclass of the same name, the latter."""
        found = self._names.get(_key(text), [])
        return [item for item in found if not self._is_only_parent(item, found)]

    def _is_only_parent(self, item: IndustryClass, among: list[IndustryClass]) -> bool:
        return self._children[item.code] == 1 and any(
            other.parent_code == item.code for other in among
        )


def _key(name: str) -> str:
    return _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", name)).upper()


def _same_branch(one: IndustryClass, other: IndustryClass) -> bool:
    """Whether one of two classes contains the other, or they are the same."""
    if not (one.code.isdigit() and other.code.isdigit()):
        return one.section == other.section
    return one.code.startswith(other.code) or other.code.startswith(one.code)


def _reading(shown: str, found: list[IndustryClass]) -> IndustryReading:
    if len(found) == 1:
        return IndustryReading(industry=found[0])
    if not found:
        problem = f"没有找到行业“{shown}”，请填写 GB/T 4754-2017 的代码或名称，如 3091"
        return IndustryReading(problem=problem)
    names = "、".join(f"{item.name}（{item.code}）" for item in found[:_CANDIDATES_SHOWN])
    return IndustryReading(problem=f"“{shown}”可能是{names}，请填写代码", candidates=tuple(found))
