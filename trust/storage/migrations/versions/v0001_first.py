"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    _entries()
    _checkpoints()
    _people()
    _visible()
    _status()


def _entries() -> None:
    """What is fixed at first start, and what is logged."""
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "entries",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False, unique=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("scid", sa.Text(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", WHOLE, nullable=False),
        sa.Column("private", sa.LargeBinary()),
        sqlite_strict=True,
    )
    op.create_index("entries_signed", "entries", ["scid", "type", "signed_at"])
    op.create_table(
        "private_parts",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )


def _checkpoints() -> None:
    """What was signed over all entries, and for everyone."""
    op.create_table(
        "checkpoints",
        sa.Column("seq", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("checkpoints_size", "checkpoints", ["size"])
    op.create_table(
        "trust_files",
        sa.Column("version", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )


def _people() -> None:
    """What people sent and were given."""
    op.create_table(
        "did_entries",
        sa.Column("scid", sa.Text(), primary_key=True),
        sa.Column("number", WHOLE, primary_key=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "certificates",
        sa.Column("seq", WHOLE, primary_key=True),
        sa.Column("scid", sa.Text(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("enrolment", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_certificates_enrolment", "certificates", ["enrolment"])
    op.create_index("ix_certificates_scid", "certificates", ["scid"])
    op.create_table(
        "joins",
        sa.Column("scid", sa.Text(), primary_key=True),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("started", WHOLE, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("progress", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_joins_skeleton", "joins", ["skeleton"])
    op.create_index("joins_network", "joins", ["network", "started"])
    op.create_index("joins_started", "joins", ["started"])


def _visible() -> None:
    """What follows from the log about people and deliverables."""
    op.create_table(
        "people",
        sa.Column("scid", sa.Text(), primary_key=True),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.Column("joined", WHOLE, nullable=False),
        sa.Column("identity", WHOLE),
        sa.Column("issuance", WHOLE),
        sa.Column("enrolment", WHOLE),
        sa.Column("handled", WHOLE),
        sa.Column("profile", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("ix_people_handle", "people", ["handle"])
    op.create_index("ix_people_skeleton", "people", ["skeleton"])
    op.create_table(
        "subjects",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("idx", WHOLE, primary_key=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "issuances",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("enrolment", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_issuances_enrolment", "issuances", ["enrolment"])


def _status() -> None:
    """What follows from the log about status."""
    op.create_table(
        "targets",
        sa.Column("k", sa.LargeBinary(), primary_key=True),
        sa.Column("idx", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "status_events",
        sa.Column("idx", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("k", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("logged", WHOLE, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_status_events_k", "status_events", ["k"])
