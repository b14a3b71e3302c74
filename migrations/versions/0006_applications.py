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

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _applications()
    _notices()


def downgrade() -> None:
    for table in (
        "objections",
        "announcement_grants",
        "notice_entries",
        "announcements",
        "public_notices",
        "application_steps",
        "application_copies",
        "round_extensions",
        "applications",
        "rounds",
    ):
        op.drop_table(table)


def _applications() -> None:
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
        sa.Column("opens_at", _MOMENT, nullable=False),
        sa.Column("filling_until", _MOMENT, nullable=False),
        sa.Column("county_until", _MOMENT, nullable=False),
        sa.Column("city_until", _MOMENT, nullable=False),
        sa.Column("province_until", _MOMENT, nullable=False),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
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
    op.create_index("ix_rounds_title_year", "rounds", ["title", "year"])
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
        sa.Column("waits_since", _MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "state in ('filling', 'returned', 'county', 'city', 'province', 'recommended', 'passed', 'noticed', 'granted', 'rejected', 'withdrawn', 'lapsed')",
            name=op.f("ck_applications_state"),
        ),
        sa.CheckConstraint(
            "state in ('filling', 'withdrawn', 'lapsed') or turn > 0",
            name=op.f("ck_applications_handed_in"),
        ),
        sa.CheckConstraint("turn >= 0", name=op.f("ck_applications_turn")),
        _to("applications", "created_by", "accounts"),
        _to("applications", "enterprise_id", "enterprises", "RESTRICT"),
        _to("applications", "round_id", "rounds", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint(
            "round_id", "enterprise_id", name=op.f("uq_applications_round_id_enterprise_id")
        ),
    )
    op.create_index("ix_applications_enterprise_id", "applications", ["enterprise_id"])
    op.create_index("ix_applications_state", "applications", ["state"])
    op.create_table(
        "round_extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("region_path", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_round_extensions_reason")),
        sa.CheckConstraint(
            "step in ('filling', 'county', 'city', 'province')",
            name=op.f("ck_round_extensions_step"),
        ),
        _to("round_extensions", "account_id", "accounts"),
        _to("round_extensions", "region_code", "regions", key="code"),
        _to("round_extensions", "round_id", "rounds", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_extensions")),
    )
    op.create_index("ix_round_extensions_round_id", "round_extensions", ["round_id"])
    op.create_table(
        "application_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("proofs", sa.JSON(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        _to("application_copies", "account_id", "accounts"),
        _to("application_copies", "application_id", "applications", "RESTRICT"),
        _to("application_copies", "assessment_id", "assessments"),
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
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "action in ('submit', 'recall', 'withdraw', 'pass', 'return_for_revision', 'reject', 'inspect', 'appraise', 'recommend', 'record_pass', 'record_fail', 'reopen', 'publish', 'retract', 'sustain', 'announce', 'lapse')",
            name=op.f("ck_application_steps_action"),
        ),
        sa.CheckConstraint(
            "action not in ('lapse', 'record_fail', 'reject', 'reopen', 'retract', 'return_for_revision', 'sustain', 'withdraw') or trim(opinion) <> ''",
            name=op.f("ck_application_steps_reason"),
        ),
        sa.CheckConstraint("level in (1, 2, 3)", name=op.f("ck_application_steps_level")),
        _to("application_steps", "account_id", "accounts"),
        _to("application_steps", "application_id", "applications", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_steps")),
    )
    op.create_index("ix_application_steps_account_id", "application_steps", ["account_id"])
    op.create_index("ix_application_steps_application_id", "application_steps", ["application_id"])


def _notices() -> None:
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
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_public_notices_period")),
        sa.CheckConstraint("working_days >= 1", name=op.f("ck_public_notices_working_days")),
        _to("public_notices", "account_id", "accounts"),
        _to("public_notices", "round_id", "rounds", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notices")),
    )
    op.create_index("ix_public_notices_round_id", "public_notices", ["round_id"])
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
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_announcements_validity")),
        _to("announcements", "account_id", "accounts"),
        _to("announcements", "notice_id", "public_notices", "RESTRICT"),
        _to("announcements", "round_id", "rounds", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_notice_id", "announcements", ["notice_id"])
    op.create_index("ix_announcements_round_id", "announcements", ["round_id"])
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
        _to("notice_entries", "application_id", "applications", "RESTRICT"),
        _to("notice_entries", "enterprise_id", "enterprises", "RESTRICT"),
        _to("notice_entries", "notice_id", "public_notices", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_entries")),
        sa.UniqueConstraint(
            "notice_id", "application_id", name=op.f("uq_notice_entries_notice_id_application_id")
        ),
    )
    op.create_index("ix_notice_entries_enterprise_id", "notice_entries", ["enterprise_id"])
    op.create_index(
        "uq_notice_entries_on_notice",
        "notice_entries",
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
        _to("announcement_grants", "announcement_id", "announcements", "RESTRICT"),
        _to("announcement_grants", "application_id", "applications", "RESTRICT"),
        _to("announcement_grants", "enterprise_id", "enterprises", "RESTRICT"),
        _to("announcement_grants", "recognition_id", "recognitions", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_grants")),
        sa.UniqueConstraint("application_id", name=op.f("uq_announcement_grants_application_id")),
    )
    op.create_index(
        "ix_announcement_grants_announcement_id", "announcement_grants", ["announcement_id"]
    )
    op.create_index(
        "ix_announcement_grants_enterprise_id", "announcement_grants", ["enterprise_id"]
    )
    op.create_index(
        "ix_announcement_grants_recognition_id", "announcement_grants", ["recognition_id"]
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
        sa.Column("handled_at", _MOMENT, nullable=True),
        sa.Column("handled_by", sa.Integer(), nullable=True),
        sa.Column("handled_by_name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "(result is null) = (handled_at is null) and (result is null or trim(handling) <> '')",
            name=op.f("ck_objections_handled"),
        ),
        sa.CheckConstraint(
            "result in ('sustained', 'dismissed')", name=op.f("ck_objections_result")
        ),
        sa.CheckConstraint("trim(content) <> ''", name=op.f("ck_objections_content")),
        _to("objections", "account_id", "accounts"),
        _to("objections", "entry_id", "notice_entries", "RESTRICT"),
        _to("objections", "handled_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    op.create_index("ix_objections_entry_id", "objections", ["entry_id"])


def _to(
    table: str, column: str, target: str, ondelete: str | None = None, key: str = "id"
) -> sa.ForeignKeyConstraint:
    """A foreign key to another table, named as the models name it."""
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=name, ondelete=ondelete)
