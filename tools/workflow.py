"""Write the table and the picture of 申报审核 into the manual from the transition table itself;
`--check` says whether they are up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from registry.applications import flow
from registry.applications.workflow import ENDED, State

MANUAL = Path(__file__).resolve().parent.parent / "docs" / "manual.zh.md"
BEGIN, END = "<!-- 以下由 make manual 生成 -->", "<!-- 以上由 make manual 生成 -->"


def main(arguments: list[str]) -> int:
    present = MANUAL.read_text(encoding="utf-8")
    before, _, rest = present.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = f"{before}{BEGIN}\n\n{block()}\n{END}{after}"
    if "--check" not in arguments:
        MANUAL.write_text(wanted, encoding="utf-8")
        return 0
    if present != wanted:
        print("docs/manual.zh.md: the table of 申报审核 is stale: make manual")
    return int(present != wanted)


def block() -> str:
    return "\n".join([*_picture(), "", *_table(), ""])


def _picture() -> Iterator[str]:
    yield from ("```mermaid", "stateDiagram-v2")
    yield from (f"    {state.value} : {state.label}" for state in State)
    yield f"    [*] --> {State.FILLING.value} : 新建申报"
    for (source, target), actions in flow.arrows().items():
        words = "、".join(dict.fromkeys(action.label for action in actions))
        yield f"    {source.value} --> {target.value} : {words}"
    yield from (f"    {state.value} --> [*]" for state in State if state in ENDED)
    yield "```"


def _table() -> Iterator[str]:
    yield from ("| 现在 | 操作 | 谁能办 | 之后 | 说明 |", "|---|---|---|---|---|")
    yield from (f"| {' | '.join(row)} |".replace("|  |", "| |") for row in flow.rows())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
