"""Reading industries: the standard is the same for everybody, so there is no scope."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session

from registry.industries.models import Industry
from registry.industries.words import (
    IndustryClass,
    IndustryIndex,
    IndustryReading,
)


def search(session: Session, text: str, limit: int = 20) -> list[Industry]:
    """Classes by the start of their code (with or without the letter) or initials, or by name.

    By name or initials the most detailed come first: a firm's industry is best a 小类.
    """
    words = text.split()
    statement = select(Industry)
    if not words:
        return list(session.scalars(statement.order_by(Industry.level, Industry.code).limit(limit)))
    whole = "".join(words)
    code = whole.upper()
    digits = code[1:] if len(code) > 1 and code[0].isalpha() and code[1:].isdigit() else code
    by_code = Industry.code.startswith(digits, autoescape=True)
    if digits != code:
        by_code &= Industry.section == code[0]
    by_initials = Industry.initials.startswith(whole.lower(), autoescape=True)
    by_name = and_(*(Industry.name.contains(word, autoescape=True) for word in words))
    statement = statement.where(or_(by_code, by_initials, by_name))
    rank = case(
        (Industry.code == digits, 0),
        (by_code, 1),
        (Industry.name == whole, 2),
        (Industry.name.startswith(whole, autoescape=True), 3),
        else_=4,
    )
    # Codes are listed from the top of the tree down, names from its leaves up.
    depth = case((by_code, 0), else_=-Industry.level)
    statement = statement.order_by(rank, depth, Industry.code).limit(limit)
    return list(session.scalars(statement))


def path_labels(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Code -> 制造业 › 非金属矿物制品业 › …, in one query for the whole list."""
    wanted = set(codes)
    sections = select(Industry.section).where(Industry.code.in_(wanted))
    above = {code[:length] for code in wanted for length in (2, 3, 4)}
    statement = select(Industry.code, Industry.name, Industry.parent_code, Industry.section).where(
        or_(Industry.code.in_(above), Industry.code.in_(sections))
    )
    index = IndustryIndex(IndustryClass(*row) for row in session.execute(statement))
    return {code: index.path_label(code) for code in wanted}


def industry_index(session: Session) -> IndustryIndex:
    """Every class in memory, for resolving many words."""
    statement = select(Industry.code, Industry.name, Industry.parent_code, Industry.section)
    rows = session.execute(statement.order_by(Industry.section, Industry.code))
    return IndustryIndex(IndustryClass(*row) for row in rows)


def find_by_words(session: Session, text: str) -> IndustryReading:
    """The one class that an office means by `text`, or why there is none."""
    return industry_index(session).resolve(text)
