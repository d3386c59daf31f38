"""Agents: what people delegate, and what is signed under it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make two tables, which are empty: no delegation was taken before."""
    op.create_table(
        "delegations",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sa.Column("agent", WHOLE, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("delegations_agents", "delegations", ["scid", "agent"])
    op.create_table(
        "agent_outputs",
        sa.Column("delegation", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("signed_at", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("agent_outputs_signed", "agent_outputs", ["delegation", "signed_at"])
