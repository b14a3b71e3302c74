"""Reminders and the notice board.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("region_path", sa.String(length=60), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_for", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "trim(title) <> '' and trim(text) <> ''", name=op.f("ck_bulletins_told")
        ),
        sa.CheckConstraint(
            "role is null or role in ('entry', 'review', 'view')", name=op.f("ck_bulletins_role")
        ),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (trim(withdrawn_for) = '')",
            name=op.f("ck_bulletins_withdrawn"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_bulletins_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_bulletins_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletins")),
    )
    with op.batch_alter_table("bulletins", schema=None) as batch_op:
        batch_op.create_index("ix_bulletins_region_path", ["region_path"], unique=False)

    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("falls_on", sa.Date(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind in ('filling', 'review', 'returned', 'title')", name=op.f("ck_reminders_kind")
        ),
        sa.CheckConstraint("role in ('entry', 'review')", name=op.f("ck_reminders_role")),
        sa.CheckConstraint("mark >= 0 and count > 0", name=op.f("ck_reminders_numbers")),
        sa.CheckConstraint(
            "seen_by is null or seen_at is not null", name=op.f("ck_reminders_seen")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_reminders_region_code_regions")
        ),
        sa.ForeignKeyConstraint(
            ["seen_by"], ["accounts.id"], name=op.f("fk_reminders_seen_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "region_code",
            "role",
            "kind",
            "subject",
            "falls_on",
            "mark",
            name=op.f("uq_reminders_region_code_role_kind_subject_falls_on_mark"),
        ),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index("ix_reminders_seen_at", ["seen_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.drop_index("ix_reminders_seen_at")

    op.drop_table("reminders")
    with op.batch_alter_table("bulletins", schema=None) as batch_op:
        batch_op.drop_index("ix_bulletins_region_path")

    op.drop_table("bulletins")
