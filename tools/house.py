"""Rules of the house that no linter knows: sizes, SQL out of views, no inline style or script."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = 400
FUNCTION_LINES = 50
PACKAGE_LINES = 60_000
"""Where the package stands; the plan says 16,000. docs/adr/0011 says why, and that it must fall."""

_INLINE = re.compile(
    r"\sstyle\s*=|\son[a-z]+\s*=|<script(?![^>]*\ssrc=)[^>]*>|<style", re.IGNORECASE
)
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?]|[\u4e00-\u9fff]\([^)]*[\u4e00-\u9fff]")
_FOREIGN = re.compile(r"https?://(?!www\.w3\.org/)")
_COMMENTS = re.compile(r"\{#.*?#\}", re.DOTALL)
_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def main() -> int:
    problems = [*_python(), *_templates()]
    print("\n".join(problems))
    return 1 if problems else 0


def _python() -> Iterator[str]:
    total = 0
    for path in sorted((ROOT / "registry").rglob("*.py")):
        name = path.relative_to(ROOT)
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        total += lines
        if lines > FILE_LINES:
            yield f"{name}: {lines} lines, more than {FILE_LINES}"
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > FUNCTION_LINES:
                    yield f"{name}:{node.lineno} {node.name}: {length} lines"
        if path.name == "views.py" or path.name.endswith("_views.py"):
            yield from (f"{name}: a view imports {m}" for m in _imports(tree) if m == "sqlalchemy")
    if total > PACKAGE_LINES:
        yield f"registry/ has {total} lines, more than {PACKAGE_LINES}"


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def _templates() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = path.relative_to(ROOT)
        text = _COMMENTS.sub("", path.read_text(encoding="utf-8"))
        for pattern, what in ((_INLINE, "inline style or script"), (_FOREIGN, "another host")):
            for match in pattern.finditer(text):
                yield f"{name}: {what}: {match[0].strip()}"
        for match in _HALF_WIDTH.finditer(_CODE.sub("", text)):
            yield f"{name}: half-width punctuation: {match[0]}"


if __name__ == "__main__":
    sys.exit(main())
