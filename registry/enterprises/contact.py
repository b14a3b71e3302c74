"""How contact is shown where it is not asked for in full. Pure."""

from __future__ import annotations

from registry.display import NOTHING, masked_name, masked_phone


def masked(key: str, text: str | None) -> str:
    """王**, 138****2601, w***@example.com; a dash for nothing."""
    if not text:
        return NOTHING
    if key == "contact_phone":
        return masked_phone(text)
    if key == "contact_email":
        name, sign, host = text.partition("@")
        return f"{name[:1]}***{sign}{host}"
    return masked_name(text)
