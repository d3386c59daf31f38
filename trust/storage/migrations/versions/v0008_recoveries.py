"""Changes of key histories that wait, and vetoes; no log of an earlier version has one."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make two tables."""
    op.create_table(
        "recoveries",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_recoveries_scid", "recoveries", ["scid"])
    op.create_table(
        "vetoes",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_vetoes_scid", "vetoes", ["scid"])
