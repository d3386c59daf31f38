"""Deliverables that are in no list."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make a table; before it no registry took such a deliverable."""
    op.create_table(
        "unlisted",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_unlisted_scid", "unlisted", ["scid"])
