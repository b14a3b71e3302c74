"""Rounds, applications with their steps and frozen copies, public notices and announcements.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.String(length=60), nullable=False),
        sa.Column("no_basis", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("document_no", sa.String(length=80), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filling_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("province_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('new', 'renewal')", name=op.f("ck_rounds_kind")),
        sa.CheckConstraint(
            "title in ('innovative_sme', 'tech_sme', 'srdi_sme', 'little_giant', 'single_champion')",
            name=op.f("ck_rounds_title"),
        ),
        sa.CheckConstraint(
            "county_until >= filling_until and city_until >= county_until and province_until >= city_until",
            name=op.f("ck_rounds_order"),
        ),
        sa.CheckConstraint("filling_until > opens_at", name=op.f("ck_rounds_opening")),
        sa.CheckConstraint("quota is null or quota >= 0", name=op.f("ck_rounds_quota")),
        sa.CheckConstraint("year between 2016 and 2100", name=op.f("ck_rounds_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("name", name=op.f("uq_rounds_name")),
    )
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.create_index("ix_rounds_title_year", ["title", "year"], unique=False)

    op.create_table(
        "applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(length=40), nullable=False),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('filling', 'returned', 'county', 'city', 'province', 'recommended', 'passed', 'noticed', 'granted', 'rejected', 'withdrawn')",
            name=op.f("ck_applications_state"),
        ),
        sa.CheckConstraint(
            "state in ('filling', 'withdrawn') or turn > 0", name=op.f("ck_applications_handed_in")
        ),
        sa.CheckConstraint("turn >= 0", name=op.f("ck_applications_turn")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name=op.f("fk_applications_created_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_applications_enterprise_id_enterprises"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name=op.f("fk_applications_round_id_rounds"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint(
            "round_id", "enterprise_id", name=op.f("uq_applications_round_id_enterprise_id")
        ),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index("ix_applications_enterprise_id", ["enterprise_id"], unique=False)
        batch_op.create_index("ix_applications_state", ["state"], unique=False)

    op.create_table(
        "round_extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("region_path", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_round_extensions_reason")),
        sa.CheckConstraint(
            "step in ('filling', 'county', 'city', 'province')",
            name=op.f("ck_round_extensions_step"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_round_extensions_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_round_extensions_region_code_regions")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name=op.f("fk_round_extensions_round_id_rounds"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_extensions")),
    )
    with op.batch_alter_table("round_extensions", schema=None) as batch_op:
        batch_op.create_index("ix_round_extensions_round_id", ["round_id"], unique=False)

    op.create_table(
        "application_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("proofs", sa.JSON(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_application_copies_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_copies_application_id_applications"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name=op.f("fk_application_copies_assessment_id_assessments"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_copies")),
        sa.UniqueConstraint(
            "application_id", "turn", name=op.f("uq_application_copies_application_id_turn")
        ),
    )
    op.create_table(
        "application_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("target", sa.String(length=24), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "action in ('submit', 'recall', 'withdraw', 'pass', 'return_for_revision', 'reject', 'inspect', 'appraise', 'recommend', 'record_pass', 'record_fail', 'reopen', 'publish', 'retract', 'sustain', 'announce')",
            name=op.f("ck_application_steps_action"),
        ),
        sa.CheckConstraint(
            "action not in ('record_fail', 'reject', 'reopen', 'retract', 'return_for_revision', 'sustain', 'withdraw') or trim(opinion) <> ''",
            name=op.f("ck_application_steps_reason"),
        ),
        sa.CheckConstraint("level in (1, 2, 3)", name=op.f("ck_application_steps_level")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_application_steps_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_steps_application_id_applications"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_steps")),
    )
    with op.batch_alter_table("application_steps", schema=None) as batch_op:
        batch_op.create_index("ix_application_steps_account_id", ["account_id"], unique=False)
        batch_op.create_index(
            "ix_application_steps_application_id", ["application_id"], unique=False
        )

    op.create_table(
        "public_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("holidays_known", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_public_notices_period")),
        sa.CheckConstraint("working_days >= 1", name=op.f("ck_public_notices_working_days")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_public_notices_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name=op.f("fk_public_notices_round_id_rounds"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notices")),
    )
    with op.batch_alter_table("public_notices", schema=None) as batch_op:
        batch_op.create_index("ix_public_notices_round_id", ["round_id"], unique=False)

    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("document_no", sa.String(length=80), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("batch", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_announcements_validity")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_announcements_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["public_notices.id"],
            name=op.f("fk_announcements_notice_id_public_notices"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name=op.f("fk_announcements_round_id_rounds"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.create_index("ix_announcements_notice_id", ["notice_id"], unique=False)
        batch_op.create_index("ix_announcements_round_id", ["round_id"], unique=False)

    op.create_table(
        "notice_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("ended", sa.String(length=24), nullable=True),
        sa.CheckConstraint(
            "ended in ('retracted', 'sustained', 'announced')", name=op.f("ck_notice_entries_ended")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_notice_entries_application_id_applications"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_notice_entries_enterprise_id_enterprises"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["public_notices.id"],
            name=op.f("fk_notice_entries_notice_id_public_notices"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_entries")),
        sa.UniqueConstraint(
            "notice_id", "application_id", name=op.f("uq_notice_entries_notice_id_application_id")
        ),
    )
    with op.batch_alter_table("notice_entries", schema=None) as batch_op:
        batch_op.create_index("ix_notice_entries_enterprise_id", ["enterprise_id"], unique=False)
        batch_op.create_index(
            "uq_notice_entries_on_notice",
            ["application_id"],
            unique=True,
            sqlite_where=sa.text("ended is null"),
            postgresql_where=sa.text("ended is null"),
        )

    op.create_table(
        "announcement_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("recognition_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_grants_announcement_id_announcements"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_announcement_grants_application_id_applications"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_announcement_grants_enterprise_id_enterprises"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["recognition_id"],
            ["recognitions.id"],
            name=op.f("fk_announcement_grants_recognition_id_recognitions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_grants")),
        sa.UniqueConstraint("application_id", name=op.f("uq_announcement_grants_application_id")),
    )
    with op.batch_alter_table("announcement_grants", schema=None) as batch_op:
        batch_op.create_index(
            "ix_announcement_grants_announcement_id", ["announcement_id"], unique=False
        )
        batch_op.create_index(
            "ix_announcement_grants_enterprise_id", ["enterprise_id"], unique=False
        )
        batch_op.create_index(
            "ix_announcement_grants_recognition_id", ["recognition_id"], unique=False
        )

    op.create_table(
        "objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("objector", sa.String(length=60), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=24), nullable=True),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Integer(), nullable=True),
        sa.Column("handled_by_name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(result is null) = (handled_at is null) and (result is null or trim(handling) <> '')",
            name=op.f("ck_objections_handled"),
        ),
        sa.CheckConstraint(
            "result in ('sustained', 'dismissed')", name=op.f("ck_objections_result")
        ),
        sa.CheckConstraint("trim(content) <> ''", name=op.f("ck_objections_content")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_objections_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["notice_entries.id"],
            name=op.f("fk_objections_entry_id_notice_entries"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["handled_by"], ["accounts.id"], name=op.f("fk_objections_handled_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.create_index("ix_objections_entry_id", ["entry_id"], unique=False)

    _keep_titles()


def _keep_titles() -> None:
    """The days a title counts past its validity because its 复核 is open."""
    for name in ("kept_from", "kept_until"):
        op.add_column("recognitions", sa.Column(name, sa.Date(), nullable=True))


def _keep_no_titles() -> None:
    for name in ("kept_until", "kept_from"):
        op.drop_column("recognitions", name)


def downgrade() -> None:
    _keep_no_titles()
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.drop_index("ix_objections_entry_id")

    op.drop_table("objections")
    with op.batch_alter_table("announcement_grants", schema=None) as batch_op:
        batch_op.drop_index("ix_announcement_grants_recognition_id")
        batch_op.drop_index("ix_announcement_grants_enterprise_id")
        batch_op.drop_index("ix_announcement_grants_announcement_id")

    op.drop_table("announcement_grants")
    with op.batch_alter_table("notice_entries", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_notice_entries_on_notice",
            sqlite_where=sa.text("ended is null"),
            postgresql_where=sa.text("ended is null"),
        )
        batch_op.drop_index("ix_notice_entries_enterprise_id")

    op.drop_table("notice_entries")
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_index("ix_announcements_round_id")
        batch_op.drop_index("ix_announcements_notice_id")

    op.drop_table("announcements")
    with op.batch_alter_table("public_notices", schema=None) as batch_op:
        batch_op.drop_index("ix_public_notices_round_id")

    op.drop_table("public_notices")
    with op.batch_alter_table("application_steps", schema=None) as batch_op:
        batch_op.drop_index("ix_application_steps_application_id")
        batch_op.drop_index("ix_application_steps_account_id")

    op.drop_table("application_steps")
    op.drop_table("application_copies")
    with op.batch_alter_table("round_extensions", schema=None) as batch_op:
        batch_op.drop_index("ix_round_extensions_round_id")

    op.drop_table("round_extensions")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index("ix_applications_state")
        batch_op.drop_index("ix_applications_enterprise_id")

    op.drop_table("applications")
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.drop_index("ix_rounds_title_year")

    op.drop_table("rounds")
