"""Exemptions from clauses: reason, author, second person, end.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exemptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.String(length=60), nullable=False),
        sa.Column("clause", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document_no", sa.String(length=80), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_by_name", sa.String(length=40), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('asked', 'confirmed', 'refused', 'withdrawn')",
            name=op.f("ck_exemptions_state"),
        ),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_exemptions_reason")),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_exemptions_second_person")),
        sa.CheckConstraint(
            "(decided_by is null) = (decided_at is null)"
            " and (state <> 'asked' or decided_at is null)"
            " and (state not in ('confirmed', 'refused') or decided_at is not null)",
            name=op.f("ck_exemptions_decided"),
        ),
        sa.CheckConstraint(
            "(withdrawn_by is null) = (withdrawn_at is null)"
            " and (state = 'withdrawn') = (withdrawn_at is not null)",
            name=op.f("ck_exemptions_withdrawn"),
        ),
        sa.CheckConstraint(
            "state not in ('refused', 'withdrawn') or trim(ending) <> ''",
            name=op.f("ck_exemptions_ending"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_exemptions_application_id_applications"),
            ondelete="RESTRICT",
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["accounts.id"], name=op.f(f"fk_exemptions_{column}_accounts")
            )
            for column in ("asked_by", "decided_by", "withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemptions")),
    )
    with op.batch_alter_table("exemptions", schema=None) as batch_op:
        batch_op.create_index("ix_exemptions_application_id", ["application_id"], unique=False)
        batch_op.create_index("ix_exemptions_state", ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("exemptions", schema=None) as batch_op:
        batch_op.drop_index("ix_exemptions_state")
        batch_op.drop_index("ix_exemptions_application_id")
    op.drop_table("exemptions")
