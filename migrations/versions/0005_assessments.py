"""How firms stand to the titles, and assessments kept as a decision's evidence.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("engine", sa.Integer(), nullable=False),
        *_counts(),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        _to("assessments", "enterprise_id", "enterprises", "RESTRICT"),
        _to("assessments", "account_id", "accounts", None),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index("ix_assessments_enterprise_id_title", "assessments", ["enterprise_id", "title"])
    op.create_table(
        "standings",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=24), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("rule_set", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("engine", sa.Integer(), nullable=False),
        *_counts(),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("failed", sa.JSON(), nullable=False),
        sa.Column("lacking", sa.JSON(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        _to("standings", "enterprise_id", "enterprises", "CASCADE"),
        sa.PrimaryKeyConstraint("enterprise_id", "title", name=op.f("pk_standings")),
    )
    op.create_index("ix_standings_title_gaps", "standings", ["title", "gaps"])


def downgrade() -> None:
    op.drop_table("standings")
    op.drop_table("assessments")


def _counts() -> list[sa.Column[object]]:
    verdict: sa.Column[object] = sa.Column("verdict", sa.String(length=10), nullable=False)
    counts: list[sa.Column[object]] = [
        sa.Column(name, sa.Integer(), nullable=False)
        for name in ("met", "not_met", "missing", "to_verify")
    ]
    return [verdict, *counts]


def _to(table: str, column: str, other: str, ondelete: str | None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)
