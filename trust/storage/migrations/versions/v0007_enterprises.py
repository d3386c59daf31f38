"""Enterprises: who belongs to one, and who approved of what is signed for it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make two tables, which are empty: no enterprise was founded before."""
    op.create_table(
        "memberships",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("signed_at", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("memberships_enterprise", "memberships", ["enterprise", "scid"])
    op.create_table(
        "releases",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_releases_target", "releases", ["target"])
