"""Words kept in the database that people read as something else."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A StrEnum whose members carry what people read: `DRAFT = "draft", "草稿"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label
        return word


def is_said(text: str) -> bool:
    """Whether a text has anything in it that can be seen: a reason of blanks is none."""
    return any(char.isprintable() and char != " " for char in text)
