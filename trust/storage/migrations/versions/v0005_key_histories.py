"""Key histories with more than one version: where each is logged, and changes under way."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What every `identity` that is logged says, from its payload.
_FILL = {
    "sqlite": """
        insert into identities
        select idx, json_extract(facts, '$.scid'),
            cast(substr(version, 1, instr(version, '-') - 1) as integer)
        from (
            select idx, facts, json_extract(facts, '$.version') as version from (
                select idx, json_extract(cast(payload as text), '$.predicate.facts') as facts
                from entries where type = 'identity'
            ) as said
        ) as versions
    """,
    "postgresql": """
        insert into identities
        select idx, facts ->> 'scid', cast(split_part(facts ->> 'version', '-', 1) as bigint)
        from (
            select idx, cast(convert_from(payload, 'UTF8') as json) -> 'predicate' -> 'facts'
                as facts
            from entries where type = 'identity'
        ) as said
    """,
}


def upgrade() -> None:
    """Make two tables, and find every version that is logged."""
    op.create_table(
        "key_changes",
        sa.Column("scid", sa.Text(), primary_key=True),
        sa.Column("started", WHOLE, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("progress", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "identities",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("identities_versions", "identities", ["scid", "number"])
    op.execute(_FILL[op.get_context().dialect.name])
