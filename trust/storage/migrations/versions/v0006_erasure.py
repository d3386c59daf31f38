"""What was erased, and which handles are not given again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make four tables."""
    op.create_table(
        "erased_handles",
        sa.Column("mac", sa.LargeBinary(), primary_key=True),
        sqlite_strict=True,
    )
    op.create_table(
        "erased_parts",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sqlite_strict=True,
    )
    op.create_table(
        "erasures",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("k", sa.LargeBinary(), nullable=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_erasures_id", "erasures", ["id"])
    op.create_table(
        "redactions",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("k", sa.LargeBinary(), nullable=False),
        sa.Column("erasure", sa.Text()),
        sa.Column("signed_at", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_redactions_k", "redactions", ["k"])
    op.create_index("ix_redactions_erasure", "redactions", ["erasure"])
