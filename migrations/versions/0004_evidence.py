"""What a firm has to show besides its figures: items, proofs, and lists that are complete.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KINDS = (
    "'intellectual_property', 'institutions', 'awards', 'contests', 'equity_financing',"
    " 'certifications', 'honours', 'standards', 'brands', 'product', 'management', 'compliance',"
    " 'judgements', 'platform', 'costs'"
)
_OLD_IMPORTS = "'enterprises', 'annual', 'recognitions'"


def upgrade() -> None:
    op.create_table(
        "evidence_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("item_key", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.CheckConstraint(f"kind in ({_KINDS})", name=op.f("ck_evidence_items_kind")),
        _to("evidence_items", "enterprise_id", "enterprises"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_items")),
        sa.UniqueConstraint(
            "enterprise_id", "kind", "item_key",
            name=op.f("uq_evidence_items_enterprise_id_kind_item_key"),
        ),
    )  # fmt: skip
    op.create_index("ix_evidence_items_kind", "evidence_items", ["kind"])
    op.create_table(
        "proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("stored_name", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", _MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        _to("proofs", "item_id", "evidence_items"),
        _to("proofs", "account_id", "accounts", None),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_proofs_stored_name")),
    )
    op.create_index(op.f("ix_proofs_item_id"), "proofs", ["item_id"])
    op.create_table(
        "whole_lists",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=40), nullable=False),
        sa.CheckConstraint(f"kind in ({_KINDS})", name=op.f("ck_whole_lists_kind")),
        _to("whole_lists", "enterprise_id", "enterprises"),
        _to("whole_lists", "account_id", "accounts", None),
        sa.PrimaryKeyConstraint("enterprise_id", "kind", name=op.f("pk_whole_lists")),
    )
    with op.batch_alter_table("import_batches") as batches:
        batches.drop_constraint(op.f("ck_import_batches_kind"), type_="check")
        batches.alter_column("kind", existing_type=sa.String(20), type_=sa.String(24))
        batches.create_check_constraint(
            op.f("ck_import_batches_kind"), f"kind in ({_OLD_IMPORTS}, {_KINDS})"
        )
    with op.batch_alter_table("import_memories") as memories:
        memories.alter_column("kind", existing_type=sa.String(20), type_=sa.String(24))


def downgrade() -> None:
    _forget_imports()
    with op.batch_alter_table("import_memories") as memories:
        memories.alter_column("kind", existing_type=sa.String(24), type_=sa.String(20))
    with op.batch_alter_table("import_batches") as batches:
        batches.drop_constraint(op.f("ck_import_batches_kind"), type_="check")
        batches.alter_column("kind", existing_type=sa.String(24), type_=sa.String(20))
        batches.create_check_constraint(op.f("ck_import_batches_kind"), f"kind in ({_OLD_IMPORTS})")
    op.drop_table("whole_lists")
    op.drop_table("proofs")
    op.drop_table("evidence_items")


def _forget_imports() -> None:
    """The older product has no word for these batches."""
    batches = sa.table("import_batches", sa.column("id"), sa.column("kind"))
    older = ("enterprises", "annual", "recognitions")
    ours = sa.select(batches.c.id).where(batches.c.kind.not_in(older))
    for name in ("import_rows", "import_edits"):
        table = sa.table(name, sa.column("batch_id"))
        op.execute(sa.delete(table).where(table.c.batch_id.in_(ours)))
    op.execute(sa.delete(batches).where(batches.c.kind.not_in(older)))
    memories = sa.table("import_memories", sa.column("kind"))
    op.execute(sa.delete(memories).where(memories.c.kind.not_in(older)))


def _to(
    table: str, column: str, other: str, ondelete: str | None = "RESTRICT"
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)
