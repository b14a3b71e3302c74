"""申报: rounds, the applications of firms in them, what was handed in, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.applications.workflow import REASONED, STAGES, Action, State
from registry.db import Base, Moment, Word
from registry.enterprises.models import Enterprise
from registry.permissions import Level
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


class Round(Base):
    """申报批次: one title, new or 复核, of one year, by one rule set.

    `rule_set` is empty where the round has no basis (未配置依据), and `no_basis` says why. Each
    deadline is the last moment of its step; `filling_until` that of handing in. `quota` is None
    where none is known.
    """

    __tablename__ = "rounds"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint(f"title in ({_listed(Title)})", name="title"),
        CheckConstraint(f"kind in ({_listed(RoundKind)})", name="kind"),
        CheckConstraint("year between 2016 and 2100", name="year"),
        CheckConstraint("quota is null or quota >= 0", name="quota"),
        CheckConstraint("filling_until > opens_at", name="opening"),
        CheckConstraint(
            "county_until >= filling_until and city_until >= county_until"
            " and province_until >= city_until",
            name="order",
        ),
        Index("ix_rounds_title_year", "title", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    title: Mapped[Title] = mapped_column(Word(Title))
    kind: Mapped[RoundKind] = mapped_column(Word(RoundKind))
    year: Mapped[int]
    rule_set: Mapped[str] = mapped_column(String(60))
    no_basis: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[str] = mapped_column(String(200), default="")
    document_no: Mapped[str] = mapped_column(String(80), default="")
    opens_at: Mapped[datetime] = mapped_column(Moment)
    filling_until: Mapped[datetime] = mapped_column(Moment)
    county_until: Mapped[datetime] = mapped_column(Moment)
    city_until: Mapped[datetime] = mapped_column(Moment)
    province_until: Mapped[datetime] = mapped_column(Moment)
    quota: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    def until(self, state: State) -> datetime | None:
        """The last moment of the step that a case in this state waits for."""
        return {
            State.FILLING: self.filling_until,
            State.RETURNED: self.filling_until,
            State.COUNTY: self.county_until,
            State.CITY: self.city_until,
            State.PROVINCE: self.province_until,
        }.get(state)


class Extension(Base):
    """例外放行: one unit, and what lies below it, may take a step until later."""

    __tablename__ = "round_extensions"
    __table_args__ = (
        CheckConstraint(f"step in ({_listed((State.FILLING, *STAGES))})", name="step"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_round_extensions_round_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="RESTRICT"))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    region_path: Mapped[str] = mapped_column(String(60))
    step: Mapped[State] = mapped_column(Word(State))
    until: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(Moment)


class Application(Base):
    """One firm in one round. Who may see it is its firm's.

    `turn` counts how often it was handed in; `waits_since` is when it came to where it is.
    """

    __tablename__ = "applications"
    __table_args__ = (
        UniqueConstraint("round_id", "enterprise_id"),
        CheckConstraint(f"state in ({_listed(State)})", name="state"),
        CheckConstraint("turn >= 0", name="turn"),
        CheckConstraint(
            "state in ('filling', 'withdrawn', 'lapsed') or turn > 0", name="handed_in"
        ),
        Index("ix_applications_state", "state"),
        Index("ix_applications_enterprise_id", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="RESTRICT"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="RESTRICT"))
    state: Mapped[State] = mapped_column(Word(State), default=State.FILLING)
    turn: Mapped[int] = mapped_column(default=0)
    product: Mapped[str] = mapped_column(String(100), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    """What the applicant says, and to a return what was corrected."""
    created_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_by_name: Mapped[str] = mapped_column(String(40))
    waits_since: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    round: Mapped[Round] = relationship(lazy="raise_on_sql")
    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict


class Copy(Base):
    """What was handed in, frozen: never changed.

    `cells` are the figures and facts as they were read: part -> label -> text; `proofs` the files
    that stood behind them, with their hashes. The assessment is kept with its rules and facts, None
    where the round had no basis.
    """

    __tablename__ = "application_copies"
    __table_args__ = (UniqueConstraint("application_id", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="RESTRICT"))
    turn: Mapped[int]
    cells: Mapped[dict[str, Any]] = mapped_column(JSON)
    proofs: Mapped[list[Any]] = mapped_column(JSON)
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessments.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))


class Look(Base):
    """Which copy of a case somebody has seen last: they decided on it, or said that they saw it.

    `changed` counts the cells of the copy that was handed in last that are not as they were in it.
    """

    __tablename__ = "application_looks"
    __table_args__ = (
        CheckConstraint("turn > 0", name="turn"),
        CheckConstraint("changed >= 0", name="changed"),
    )

    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id", ondelete="RESTRICT"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    turn: Mapped[int]
    changed: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(Moment)


class Step(Base):
    """One step of a case, with who took it and what they said: never changed.

    `level` is the level that acted; `content` holds what belongs to the action alone: the fields
    named in a return, the scores of an appraisal, the record of an inspection.
    """

    __tablename__ = "application_steps"
    __table_args__ = (
        CheckConstraint(f"action in ({_listed(Action)})", name="action"),
        CheckConstraint(
            f"action not in ({_listed(sorted(REASONED))}) or trim(opinion) <> ''", name="reason"
        ),
        CheckConstraint(
            f"level in ({', '.join(str(level.value) for level in Level)})", name="level"
        ),
        Index("ix_application_steps_application_id", "application_id"),
        Index("ix_application_steps_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="RESTRICT"))
    turn: Mapped[int]
    action: Mapped[Action] = mapped_column(Word(Action))
    source: Mapped[State] = mapped_column(Word(State))
    target: Mapped[State] = mapped_column(Word(State))
    level: Mapped[int]
    opinion: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(60))
