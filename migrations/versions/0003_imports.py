"""Imports that can be mapped, mended, written in part and taken back.

What was read and never confirmed is given up: it was planned in another form.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_BATCH_COLUMNS: tuple[tuple[str, sa.types.TypeEngine[Any], str | None], ...] = (
    ("file_bytes", sa.Integer(), "0"),
    ("token", sa.String(length=64), None),
    ("empty", sa.String(length=8), "keep"),
    ("leaves_hidden", sa.Boolean(), "0"),
    ("mapped", sa.Boolean(), "0"),
    ("layouts", sa.JSON(), "[]"),
    ("warning_rows", sa.Integer(), "0"),
    ("hidden_rows", sa.Integer(), "0"),
    ("cleared_count", sa.Integer(), "0"),
    ("written_count", sa.Integer(), "0"),
    ("undone_at", _MOMENT, None),
    ("undone_by", sa.String(length=40), ""),
    ("kept_until", _MOMENT, None),
)
"""Name, type, and what stands in the batches that are there (None: nothing)."""


def upgrade() -> None:
    op.drop_table("import_rows")
    op.execute("update import_batches set status = 'discarded' where status = 'staged'")
    with op.batch_alter_table("import_batches") as batches:
        batches.drop_constraint(op.f("ck_import_batches_applied"), type_="check")
        for name, kind, default in _BATCH_COLUMNS:
            nullable = default is None
            batches.add_column(
                sa.Column(name, kind, nullable=nullable, server_default=_default(kind, default))
            )
    with op.batch_alter_table("import_batches") as batches:
        for name, kind, default in _BATCH_COLUMNS:
            if default is not None:
                batches.alter_column(name, existing_type=kind, server_default=None)
        batches.create_check_constraint(
            op.f("ck_import_batches_empty"), "empty in ('keep', 'clear', 'error')"
        )
        batches.create_unique_constraint(
            op.f("uq_import_batches_account_id_token"), ["account_id", "token"]
        )
    # Without rebuilding the table, which would lose its triggers.
    op.add_column("audit_entries", sa.Column("made", sa.JSON(), nullable=True))
    # A word that a third of the entries have finds nothing faster, and every entry pays for it.
    op.drop_index("ix_audit_entries_action", "audit_entries")
    # Every firm that is deleted asks who was merged into it.
    op.create_index("ix_enterprises_merged_into_id", "enterprises", ["merged_into_id"])
    _create_rows()
    _create_edits()
    _create_memories()


def downgrade() -> None:
    op.drop_index("ix_enterprises_merged_into_id", "enterprises")
    op.create_index("ix_audit_entries_action", "audit_entries", ["action"])
    op.drop_column("audit_entries", "made")
    op.drop_table("import_memories")
    op.drop_table("import_edits")
    op.drop_table("import_rows")
    op.execute(
        "update import_batches set status = 'discarded', applied_at = null"
        " where status not in ('applied', 'discarded')"
    )
    op.execute("update import_batches set applied_at = null where status = 'discarded'")
    with op.batch_alter_table("import_batches") as batches:
        batches.drop_constraint(op.f("uq_import_batches_account_id_token"), type_="unique")
        batches.drop_constraint(op.f("ck_import_batches_empty"), type_="check")
        for name, _, _ in reversed(_BATCH_COLUMNS):
            batches.drop_column(name)
        batches.create_check_constraint(
            op.f("ck_import_batches_applied"), "(status = 'applied') = (applied_at is not null)"
        )
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
        _of_batch("import_rows"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_batch_id_action", "import_rows", ["batch_id", "action"])


def _default(kind: sa.types.TypeEngine[Any], text: str | None) -> Any:
    if text is not None and isinstance(kind, sa.Boolean):
        return sa.false()
    return text


def _of_batch(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_batch_id_import_batches")
    return sa.ForeignKeyConstraint(
        ["batch_id"], ["import_batches.id"], name=name, ondelete="CASCADE"
    )


def _create_rows() -> None:
    op.create_table(
        "import_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(length=31), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("object_id", sa.Integer(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.Column("written_version", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("submits", sa.Boolean(), nullable=False),
        sa.Column("has_warning", sa.Boolean(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("former", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_batch_id_action", "import_rows", ["batch_id", "action"])
    op.create_index("ix_import_rows_batch_id_uscc", "import_rows", ["batch_id", "uscc"])
    if op.get_bind().dialect.name == "postgresql":
        # Each row is changed once, when it is written: in its own page that costs no index.
        op.execute("alter table import_rows set (fillfactor = 50)")


def _create_edits() -> None:
    op.create_table(
        "import_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(length=31), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _of_batch("import_edits"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_edits")),
        sa.UniqueConstraint(
            "batch_id", "sheet", "row", "key", name=op.f("uq_import_edits_batch_id_sheet_row_key")
        ),
    )


def _create_memories() -> None:
    op.create_table(
        "import_memories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("meaning", sa.String(length=200), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_import_memories_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_memories")),
        sa.UniqueConstraint(
            "region_code", "kind", "key", "text",
            name=op.f("uq_import_memories_region_code_kind_key_text"),
        ),
    )  # fmt: skip
