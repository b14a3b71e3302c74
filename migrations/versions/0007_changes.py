"""Bans and grounds of an ended title, major changes, transfers between regions.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry import clock

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _bans()
    _changes()


def downgrade() -> None:
    _no_changes()
    _no_bans()


def _bans() -> None:
    """The ground of an ending and until when the firm may not apply; 撤销 so far: three years."""
    with op.batch_alter_table("recognitions", schema=None) as titles:
        titles.add_column(sa.Column("end_ground", sa.String(length=24), nullable=True))
        titles.add_column(sa.Column("ban_until", sa.Date(), nullable=True))
    connection = op.get_bind()
    held = sa.table(
        "recognitions",
        sa.column("id", sa.Integer()),
        sa.column("end_kind", sa.String()),
        sa.column("ended_on", sa.Date()),
        sa.column("ban_until", sa.Date()),
    )
    revoked = sa.select(held.c.id, held.c.ended_on).where(held.c.end_kind == "revoked")
    for id_, ended_on in connection.execute(revoked).all():
        until = clock.add_years(ended_on, 3)
        connection.execute(held.update().where(held.c.id == id_).values(ban_until=until))
    with op.batch_alter_table("recognitions", schema=None) as titles:
        titles.create_check_constraint(
            op.f("ck_recognitions_end_ground"),
            "end_ground in ('accident', 'dishonesty', 'tax_evasion', 'violation', 'falsification', 'changed', 'unreported', 'complaint', 'not_updated')",
        )
        titles.create_check_constraint(op.f("ck_recognitions_ban_until"), "ban_until > ended_on")
        titles.create_check_constraint(
            op.f("ck_recognitions_ban_ended"), "ban_until is null or ended_on is not null"
        )
        titles.create_check_constraint(
            op.f("ck_recognitions_ban_revoked"), "end_kind <> 'revoked' or ban_until is not null"
        )
        titles.create_index("ix_recognitions_ban_until", ["ban_until"], unique=False)


def _changes() -> None:
    """Reported changes with their steps, and transfers between regions."""
    op.create_table(
        "major_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("document_no", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(length=40), nullable=False),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('renamed', 'merged', 'restructured', 'moved', 'foreign_branch', 'other')",
            name=op.f("ck_major_changes_kind"),
        ),
        sa.CheckConstraint(
            "state in ('returned', 'county', 'city', 'province', 'kept', 'cancelled', 'withdrawn')",
            name=op.f("ck_major_changes_state"),
        ),
        sa.CheckConstraint("trim(content) <> ''", name=op.f("ck_major_changes_content")),
        sa.CheckConstraint("due_on > changed_on", name=op.f("ck_major_changes_due_on")),
        sa.CheckConstraint("reported_on >= changed_on", name=op.f("ck_major_changes_reported_on")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name=op.f("fk_major_changes_created_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_major_changes_enterprise_id_enterprises"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_major_changes")),
    )
    with op.batch_alter_table("major_changes", schema=None) as batch_op:
        batch_op.create_index("ix_major_changes_enterprise_id", ["enterprise_id"], unique=False)
        batch_op.create_index("ix_major_changes_state", ["state"], unique=False)
        batch_op.create_index(
            "uq_major_changes_event",
            ["enterprise_id", "kind", "changed_on"],
            unique=True,
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )

    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("source_code", sa.String(length=12), nullable=True),
        sa.Column("target_code", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.String(length=24), nullable=False),
        sa.Column("asked_code", sa.String(length=12), nullable=False),
        sa.Column("asked_unit", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("source_by", sa.Integer(), nullable=True),
        sa.Column("source_said", sa.String(length=120), nullable=False),
        sa.Column("source_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("target_by", sa.Integer(), nullable=True),
        sa.Column("target_said", sa.String(length=120), nullable=False),
        sa.Column("target_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_said", sa.String(length=120), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'moved' or (source_by is not null and target_by is not null)",
            name=op.f("ck_transfers_consent"),
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'moved', 'refused', 'withdrawn')", name=op.f("ck_transfers_state")
        ),
        sa.CheckConstraint(
            "state not in ('refused', 'withdrawn') or trim(end_reason) <> ''",
            name=op.f("ck_transfers_end_reason"),
        ),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_transfers_reason")),
        sa.CheckConstraint(
            "(enterprise_id is null) = (source_code is null)", name=op.f("ck_transfers_known")
        ),
        sa.CheckConstraint("source_by <> target_by", name=op.f("ck_transfers_two_people")),
        sa.CheckConstraint("source_code <> target_code", name=op.f("ck_transfers_regions")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_transfers_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["asked_code"], ["regions.code"], name=op.f("fk_transfers_asked_code_regions")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["accounts.id"], name=op.f("fk_transfers_ended_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_transfers_enterprise_id_enterprises"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["source_by"], ["accounts.id"], name=op.f("fk_transfers_source_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["source_code"], ["regions.code"], name=op.f("fk_transfers_source_code_regions")
        ),
        sa.ForeignKeyConstraint(
            ["target_by"], ["accounts.id"], name=op.f("fk_transfers_target_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["target_code"], ["regions.code"], name=op.f("fk_transfers_target_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    with op.batch_alter_table("transfers", schema=None) as batch_op:
        batch_op.create_index("ix_transfers_enterprise_id", ["enterprise_id"], unique=False)
        batch_op.create_index("ix_transfers_source_code", ["source_code"], unique=False)
        batch_op.create_index("ix_transfers_target_code", ["target_code"], unique=False)
        batch_op.create_index(
            "uq_transfers_open",
            ["uscc", "target_code"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "change_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("target", sa.String(length=24), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "action in ('report', 'withdraw', 'pass', 'return_for_revision', 'keep', 'cancel')",
            name=op.f("ck_change_steps_action"),
        ),
        sa.CheckConstraint(
            "action not in ('cancel', 'keep', 'pass', 'return_for_revision', 'withdraw') or trim(opinion) <> ''",
            name=op.f("ck_change_steps_reason"),
        ),
        sa.CheckConstraint("level in (1, 2, 3)", name=op.f("ck_change_steps_level")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_change_steps_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["major_changes.id"],
            name=op.f("fk_change_steps_change_id_major_changes"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_steps")),
    )
    with op.batch_alter_table("change_steps", schema=None) as batch_op:
        batch_op.create_index("ix_change_steps_change_id", ["change_id"], unique=False)


def _no_changes() -> None:
    for name in ("change_steps", "transfers", "major_changes"):
        op.drop_table(name)


def _no_bans() -> None:
    with op.batch_alter_table("recognitions", schema=None) as titles:
        titles.drop_index("ix_recognitions_ban_until")
        for name in ("end_ground", "ban_until", "ban_ended", "ban_revoked"):
            titles.drop_constraint(op.f(f"ck_recognitions_{name}"), type_="check")
        titles.drop_column("ban_until")
        titles.drop_column("end_ground")
