"""The days a title counts past its validity because its 复核 is open.

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


def downgrade() -> None:
    for name in _KEPT:
        op.drop_column("recognitions", name)
