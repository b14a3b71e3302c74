"""Of a title: the days it counts past its validity while its 复核 is open, and whether a round
has granted it.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEPT = ("kept_from", "kept_until")


def upgrade() -> None:
    for name in _KEPT:
        op.add_column("recognitions", sa.Column(name, sa.Date(), nullable=True))
    # What stands there was registered by hand.
    by_round = sa.Column("by_round", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("recognitions", by_round)


def downgrade() -> None:
    op.drop_column("recognitions", "by_round")
    for name in _KEPT:
        op.drop_column("recognitions", name)
