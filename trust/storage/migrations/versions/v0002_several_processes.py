"""Several processes on one database: who appends, and what they hand over."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make two tables."""
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("epoch", WHOLE, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", WHOLE, nullable=False),
        sa.Column("published", WHOLE, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "parcels",
        sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("epoch", WHOLE),
        sa.Column("made", WHOLE, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("done", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("parcels_made", "parcels", ["made"])
