"""Ticked rows of a list as a form sends them: `id:version` each."""

from __future__ import annotations

from collections.abc import Collection

from registry.errors import Invalid

MOST_AT_ONCE = 200


def read_seen(texts: Collection[str], what: str) -> list[tuple[int, int]]:
    """(id, version seen) of each. Raises Invalid for none, too many or nonsense; `what` names them."""
    if not texts:
        raise Invalid(f"请先勾选要审核的{what}。")
    if len(texts) > MOST_AT_ONCE:
        raise Invalid(f"一次最多审核 {MOST_AT_ONCE} 份，请分批办理。")
    seen = {}
    for text in texts:
        id_, _, version = text.partition(":")
        if not (is_row_number(id_) and is_row_number(version)):
            raise Invalid("勾选的内容无法识别，请刷新页面后重新勾选。")
        seen[int(id_)] = int(version)
    return list(seen.items())


def is_row_number(text: str) -> bool:
    """Whether a text from a form or an address is a number that a column can hold."""
    return text.isascii() and text.isdecimal() and len(text) < 10
