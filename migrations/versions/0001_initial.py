"""The first tables: reference data, accounts, audit, firms, yearly reports, titles, imports.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.audit.triggers import create_triggers, drop_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("region_name", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("object_type", sa.String(length=24), nullable=False),
        sa.Column("object_id", sa.String(length=40), nullable=False),
        sa.Column("object_label", sa.String(length=200), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entries_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entries_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entries_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_audit_entries_enterprise_id", ["enterprise_id"], unique=False)
        batch_op.create_index("ix_audit_entries_object", ["object_type", "object_id"], unique=False)

    op.create_table(
        "industries",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("parent_code", sa.String(length=5), nullable=True),
        sa.Column("section", sa.String(length=1), nullable=False),
        sa.Column("initials", sa.String(length=80), nullable=False),
        sa.CheckConstraint("level in (1, 2, 3, 4)", name=op.f("ck_industries_level")),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["industries.code"], name=op.f("fk_industries_parent_code_industries")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_industries")),
    )
    with op.batch_alter_table("industries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_industries_initials"), ["initials"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_industries_parent_code"), ["parent_code"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_industries_section"), ["section"], unique=False)

    op.create_table(
        "installation_facts",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation_facts")),
    )
    op.create_table(
        "regions",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("initials", sa.String(length=40), nullable=False),
        sa.Column("parent_code", sa.String(length=12), nullable=True),
        sa.Column("path", sa.String(length=60), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("zone_kind", sa.String(length=20), nullable=False),
        sa.Column("former_names", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("level in (1, 2, 3)", name=op.f("ck_regions_level")),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["regions.code"], name=op.f("fk_regions_parent_code_regions")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    with op.batch_alter_table("regions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regions_initials"), ["initials"], unique=False)
        batch_op.create_index(batch_op.f("ix_regions_parent_code"), ["parent_code"], unique=False)
        batch_op.create_index("ix_regions_path", ["path"], unique=False)

    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "outcome in ('pending', 'succeeded', 'confirmed', 'wrong_password', 'unknown_login', 'disabled', 'ungranted', 'throttled', 'signed_out', 'unlocked')",
            name=op.f("ck_sign_in_attempts_outcome"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempts_address_at", ["address", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_attempts_at"), ["at"], unique=False)
        batch_op.create_index("ix_sign_in_attempts_login_at", ["login", "at"], unique=False)

    op.create_table(
        "targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("comparison", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("evidence", sa.String(length=24), nullable=False),
        sa.Column("is_computed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_targets_value")),
        sa.CheckConstraint("year between 1990 and 2100", name=op.f("ck_targets_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint("key", "label", "year", name=op.f("uq_targets_key_label_year")),
    )
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_targets_year"), ["year"], unique=False)

    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("department", sa.String(length=80), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sign_in_address", sa.String(length=45), nullable=False),
        sa.Column("large_type", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role is null or role in ('entry', 'review', 'view', 'system_admin', 'security_admin', 'audit_admin')",
            name=op.f("ck_accounts_role"),
        ),
        sa.CheckConstraint("generation >= 1", name=op.f("ck_accounts_generation")),
        sa.CheckConstraint(
            "login = lower(login) and length(login) >= 3", name=op.f("ck_accounts_login")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_accounts_version")),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_accounts_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index("ix_accounts_region_code", ["region_code"], unique=False)
        batch_op.create_index("ix_accounts_role", ["role"], unique=False)

    op.create_table(
        "enterprises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("uscc_reason", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=100), nullable=False),
        sa.Column("initials", sa.String(length=100), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("region_basis", sa.String(length=24), nullable=False),
        sa.Column("industry_code", sa.String(length=5), nullable=True),
        sa.Column("type", sa.String(length=20), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("registered_capital", sa.BigInteger(), nullable=True),
        sa.Column("legal_representative", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("contact_name", sa.String(length=40), nullable=True),
        sa.Column("contact_phone", sa.String(length=30), nullable=True),
        sa.Column("contact_email", sa.String(length=80), nullable=True),
        sa.Column("is_above_scale", sa.Boolean(), nullable=True),
        sa.Column("above_scale_since", sa.Integer(), nullable=True),
        sa.Column("industrial_chain", sa.String(length=60), nullable=True),
        sa.Column("chain_role", sa.String(length=20), nullable=True),
        sa.Column("park", sa.String(length=60), nullable=True),
        sa.Column("leading_product", sa.String(length=100), nullable=True),
        sa.Column("product_code", sa.String(length=10), nullable=True),
        sa.Column("niche_since", sa.Integer(), nullable=True),
        sa.Column("listing", sa.String(length=20), nullable=True),
        sa.Column("stock_code", sa.String(length=12), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'active') = (ended_on is null)", name=op.f("ck_enterprises_ended")
        ),
        sa.CheckConstraint(
            "status <> 'merged' or merged_into_id is not null",
            name=op.f("ck_enterprises_merged_into"),
        ),
        sa.ForeignKeyConstraint(
            ["industry_code"],
            ["industries.code"],
            name=op.f("fk_enterprises_industry_code_industries"),
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["enterprises.id"],
            name=op.f("fk_enterprises_merged_into_id_enterprises"),
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_enterprises_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprises")),
        sa.UniqueConstraint("uscc", name=op.f("uq_enterprises_uscc")),
    )
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enterprises_industry_code"), ["industry_code"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_enterprises_initials"), ["initials"], unique=False)
        batch_op.create_index(batch_op.f("ix_enterprises_name_key"), ["name_key"], unique=False)
        batch_op.create_index(
            "ix_enterprises_region_code_status", ["region_code", "status"], unique=False
        )

    op.create_table(
        "annual_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_by_name", sa.String(length=40), nullable=False),
        sa.Column("city_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("city_confirmed_by", sa.String(length=40), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employees_total", sa.Integer(), nullable=True),
        sa.Column("employees_avg", sa.Integer(), nullable=True),
        sa.Column("social_insured_dec", sa.Integer(), nullable=True),
        sa.Column("rd_staff", sa.Integer(), nullable=True),
        sa.Column("revenue", sa.BigInteger(), nullable=True),
        sa.Column("main_revenue", sa.BigInteger(), nullable=True),
        sa.Column("main_cost", sa.BigInteger(), nullable=True),
        sa.Column("operating_cost", sa.BigInteger(), nullable=True),
        sa.Column("selling_exp", sa.BigInteger(), nullable=True),
        sa.Column("admin_exp", sa.BigInteger(), nullable=True),
        sa.Column("total_profit", sa.BigInteger(), nullable=True),
        sa.Column("net_profit", sa.BigInteger(), nullable=True),
        sa.Column("total_assets", sa.BigInteger(), nullable=True),
        sa.Column("total_liabilities", sa.BigInteger(), nullable=True),
        sa.Column("tax_paid", sa.BigInteger(), nullable=True),
        sa.Column("export_value", sa.BigInteger(), nullable=True),
        sa.Column("export_value_usd", sa.BigInteger(), nullable=True),
        sa.Column("gross_output", sa.BigInteger(), nullable=True),
        sa.Column("equity_new_qualified", sa.BigInteger(), nullable=True),
        sa.Column("rd_expense", sa.BigInteger(), nullable=True),
        sa.Column("rd_expenditure_stat", sa.BigInteger(), nullable=True),
        sa.Column("new_product_revenue", sa.BigInteger(), nullable=True),
        sa.Column("leading_product_revenue", sa.BigInteger(), nullable=True),
        sa.Column("market_share_domestic", sa.BigInteger(), nullable=True),
        sa.Column("market_share_intl", sa.BigInteger(), nullable=True),
        sa.Column("market_rank_domestic", sa.Integer(), nullable=True),
        sa.Column("market_rank_global", sa.Integer(), nullable=True),
        sa.Column("value_added", sa.BigInteger(), nullable=True),
        sa.Column("energy_total", sa.BigInteger(), nullable=True),
        sa.Column("co2_emission", sa.BigInteger(), nullable=True),
        sa.Column("water_intake", sa.BigInteger(), nullable=True),
        sa.Column("report_scope", sa.String(length=200), nullable=True),
        sa.Column("audit_code", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "status <> 'returned' or return_reason <> ''", name=op.f("ck_annual_reports_returned")
        ),
        sa.CheckConstraint(
            "status not in ('submitted', 'city_confirmed', 'confirmed') or submitted_at is not null",
            name=op.f("ck_annual_reports_submitted"),
        ),
        sa.CheckConstraint("year between 1990 and 2100", name=op.f("ck_annual_reports_year")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_annual_reports_enterprise_id_enterprises"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_reports")),
        sa.UniqueConstraint(
            "enterprise_id", "year", name=op.f("uq_annual_reports_enterprise_id_year")
        ),
    )
    with op.batch_alter_table("annual_reports", schema=None) as batch_op:
        batch_op.create_index("ix_annual_reports_year_status", ["year", "status"], unique=False)

    op.create_table(
        "enterprise_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=100), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_enterprise_names_enterprise_id_enterprises"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_names")),
    )
    with op.batch_alter_table("enterprise_names", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enterprise_names_enterprise_id"), ["enterprise_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_enterprise_names_name_key"), ["name_key"], unique=False
        )

    op.create_table(
        "enterprise_regions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_enterprise_regions_enterprise_id_enterprises"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["region_code"],
            ["regions.code"],
            name=op.f("fk_enterprise_regions_region_code_regions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_regions")),
    )
    with op.batch_alter_table("enterprise_regions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enterprise_regions_enterprise_id"), ["enterprise_id"], unique=False
        )

    op.create_table(
        "import_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("submits", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), nullable=False),
        sa.Column("error_rows", sa.Integer(), nullable=False),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.Column("warning_count", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'applied') = (applied_at is not null)",
            name=op.f("ck_import_batches_applied"),
        ),
        sa.CheckConstraint(
            "kind in ('enterprises', 'annual', 'recognitions')", name=op.f("ck_import_batches_kind")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_import_batches_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_import_batches_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
    )
    with op.batch_alter_table("import_batches", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_batches_region_code"), ["region_code"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_import_batches_sha256"), ["sha256"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_login_sessions_token_hash")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_login_sessions_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_sessions_token_hash")),
    )
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.create_index("ix_login_sessions_account_id", ["account_id"], unique=False)

    op.create_table(
        "recent_passwords",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_recent_passwords_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recent_passwords")),
    )
    with op.batch_alter_table("recent_passwords", schema=None) as batch_op:
        batch_op.create_index("ix_recent_passwords_account_id", ["account_id"], unique=False)

    op.create_table(
        "recognitions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=24), nullable=False),
        sa.Column("batch", sa.String(length=60), nullable=True),
        sa.Column("document_no", sa.String(length=80), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("product", sa.String(length=100), nullable=True),
        sa.Column("certificate_no", sa.String(length=60), nullable=True),
        sa.Column("end_kind", sa.String(length=24), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("end_document_no", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "end_kind in ('expired', 'revoked', 'cancelled', 'withdrawn', 'superseded')",
            name=op.f("ck_recognitions_end_kind"),
        ),
        sa.CheckConstraint(
            "title in ('innovative_sme', 'tech_sme', 'srdi_sme', 'little_giant', 'single_champion')",
            name=op.f("ck_recognitions_title"),
        ),
        sa.CheckConstraint(
            "(ended_on is null) = (end_kind is null)", name=op.f("ck_recognitions_ended")
        ),
        sa.CheckConstraint("ended_on >= valid_from", name=op.f("ck_recognitions_ended_on")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_recognitions_validity")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_recognitions_enterprise_id_enterprises"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognitions")),
        sa.UniqueConstraint(
            "enterprise_id",
            "title",
            "valid_from",
            name=op.f("uq_recognitions_enterprise_id_title_valid_from"),
        ),
    )
    with op.batch_alter_table("recognitions", schema=None) as batch_op:
        batch_op.create_index("ix_recognitions_title_valid_to", ["title", "valid_to"], unique=False)
        batch_op.create_index("ix_recognitions_valid_to", ["valid_to"], unique=False)

    op.create_table(
        "import_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(length=120), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("has_warning", sa.Boolean(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batches.id"],
            name=op.f("fk_import_rows_batch_id_import_batches"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
    )
    with op.batch_alter_table("import_rows", schema=None) as batch_op:
        batch_op.create_index(
            "ix_import_rows_batch_id_action", ["batch_id", "action"], unique=False
        )
    create_triggers(op.get_bind())


def downgrade() -> None:
    drop_triggers(op.get_bind())
    with op.batch_alter_table("import_rows", schema=None) as batch_op:
        batch_op.drop_index("ix_import_rows_batch_id_action")

    op.drop_table("import_rows")
    with op.batch_alter_table("recognitions", schema=None) as batch_op:
        batch_op.drop_index("ix_recognitions_valid_to")
        batch_op.drop_index("ix_recognitions_title_valid_to")

    op.drop_table("recognitions")
    with op.batch_alter_table("recent_passwords", schema=None) as batch_op:
        batch_op.drop_index("ix_recent_passwords_account_id")

    op.drop_table("recent_passwords")
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.drop_index("ix_login_sessions_account_id")

    op.drop_table("login_sessions")
    with op.batch_alter_table("import_batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batches_sha256"))
        batch_op.drop_index(batch_op.f("ix_import_batches_region_code"))

    op.drop_table("import_batches")
    with op.batch_alter_table("enterprise_regions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_regions_enterprise_id"))

    op.drop_table("enterprise_regions")
    with op.batch_alter_table("enterprise_names", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_names_name_key"))
        batch_op.drop_index(batch_op.f("ix_enterprise_names_enterprise_id"))

    op.drop_table("enterprise_names")
    with op.batch_alter_table("annual_reports", schema=None) as batch_op:
        batch_op.drop_index("ix_annual_reports_year_status")

    op.drop_table("annual_reports")
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.drop_index("ix_enterprises_region_code_status")
        batch_op.drop_index(batch_op.f("ix_enterprises_name_key"))
        batch_op.drop_index(batch_op.f("ix_enterprises_initials"))
        batch_op.drop_index(batch_op.f("ix_enterprises_industry_code"))

    op.drop_table("enterprises")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index("ix_accounts_role")
        batch_op.drop_index("ix_accounts_region_code")

    op.drop_table("accounts")
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_targets_year"))

    op.drop_table("targets")
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempts_login_at")
        batch_op.drop_index(batch_op.f("ix_sign_in_attempts_at"))
        batch_op.drop_index("ix_sign_in_attempts_address_at")

    op.drop_table("sign_in_attempts")
    with op.batch_alter_table("regions", schema=None) as batch_op:
        batch_op.drop_index("ix_regions_path")
        batch_op.drop_index(batch_op.f("ix_regions_parent_code"))
        batch_op.drop_index(batch_op.f("ix_regions_initials"))

    op.drop_table("regions")
    op.drop_table("installation_facts")
    with op.batch_alter_table("industries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_industries_section"))
        batch_op.drop_index(batch_op.f("ix_industries_parent_code"))
        batch_op.drop_index(batch_op.f("ix_industries_initials"))

    op.drop_table("industries")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entries_object")
        batch_op.drop_index("ix_audit_entries_enterprise_id")
        batch_op.drop_index(batch_op.f("ix_audit_entries_batch_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entries_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entries_action"))

    op.drop_table("audit_entries")
