"""What reviewers have seen, changes between hand-ins, files of inspections.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_IMPORTS = "'enterprises', 'annual', 'recognitions'"
_EVIDENCE = (
    "'intellectual_property', 'institutions', 'awards', 'contests', 'equity_financing',"
    " 'certifications', 'honours', 'standards', 'brands', 'product', 'management', 'compliance',"
    " 'judgements', 'platform', 'costs'"
)


def upgrade() -> None:
    """What reviewers have seen, the files of inspections, and applications from workbooks."""
    op.create_table(
        "application_looks",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("turn > 0", name=op.f("ck_application_looks_turn")),
        sa.CheckConstraint("changed >= 0", name=op.f("ck_application_looks_changed")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_looks_application_id_applications"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_application_looks_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("application_id", "account_id", name=op.f("pk_application_looks")),
    )
    op.create_table(
        "inspection_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("stored_name", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["application_steps.id"],
            name=op.f("fk_inspection_files_step_id_application_steps"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_files")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_inspection_files_stored_name")),
    )
    op.create_index("ix_inspection_files_step_id", "inspection_files", ["step_id"])
    with op.batch_alter_table("import_batches") as batches:
        batches.add_column(sa.Column("round_id", sa.Integer(), nullable=True))
        batches.create_foreign_key(
            op.f("fk_import_batches_round_id_rounds"), "rounds", ["round_id"], ["id"]
        )
        batches.drop_constraint(op.f("ck_import_batches_kind"), type_="check")
        batches.create_check_constraint(
            op.f("ck_import_batches_kind"), f"kind in ({_IMPORTS}, 'applications', {_EVIDENCE})"
        )


def downgrade() -> None:
    """The older product has no word for batches of applications."""
    batches = sa.table("import_batches", sa.column("id"), sa.column("kind"))
    ours = sa.select(batches.c.id).where(batches.c.kind == "applications")
    for name in ("import_rows", "import_edits"):
        table = sa.table(name, sa.column("batch_id"))
        op.execute(sa.delete(table).where(table.c.batch_id.in_(ours)))
    op.execute(sa.delete(batches).where(batches.c.kind == "applications"))
    memories = sa.table("import_memories", sa.column("kind"))
    op.execute(sa.delete(memories).where(memories.c.kind == "applications"))
    with op.batch_alter_table("import_batches") as altered:
        altered.drop_constraint(op.f("ck_import_batches_kind"), type_="check")
        altered.create_check_constraint(
            op.f("ck_import_batches_kind"), f"kind in ({_IMPORTS}, {_EVIDENCE})"
        )
        altered.drop_constraint(op.f("fk_import_batches_round_id_rounds"), type_="foreignkey")
        altered.drop_column("round_id")
    op.drop_index("ix_inspection_files_step_id", table_name="inspection_files")
    op.drop_table("inspection_files")
    op.drop_table("application_looks")
