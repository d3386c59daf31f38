"""The schema. SQLModel says what the tables are; the hot paths speak SQL, never an ORM session.

`SOURCES` are the truth; what follows from them is in `projected.py`. `SHARED` is what several
processes say to each other, and is used on PostgreSQL alone.
"""

from sqlalchemy import Dialect, Index, Table, Text
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement
from sqlmodel import Field, SQLModel

from trust.storage.kinds import STRICT, Whole
from trust.storage.projected import PROJECTIONS

VERSION = "0008"  # of the schema: the newest file in migrations/versions


class Meta(SQLModel, table=True):
    """What is fixed at first start: public URL, origin, roots, the registry's own certificate."""

    __tablename__ = "meta"
    __table_args__ = STRICT
    name: str = Field(primary_key=True, sa_type=Text)
    value: bytes


class LoggedEntry(SQLModel, table=True):
    """One entry of the log; beyond the newest checkpoint's size it is only staged."""

    __tablename__ = "entries"
    __table_args__ = (Index("entries_signed", "scid", "type", "signed_at"), STRICT)
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    id: str = Field(unique=True, sa_type=Text)
    type: str = Field(sa_type=Text)
    scid: str = Field(sa_type=Text)  # empty for the registry
    leaf: bytes
    payload: bytes
    signature: bytes
    certificate: bytes
    token: bytes
    signed_at: int = Field(sa_type=Whole)
    private: bytes | None


class StoredPrivatePart(SQLModel, table=True):
    """The RFC 8785 bytes of a private part, by their SHA-256; erasing deletes the row."""

    __tablename__ = "private_parts"
    __table_args__ = STRICT
    digest: bytes = Field(primary_key=True)
    document: bytes


class StoredDidEntry(SQLModel, table=True):
    """One entry of a person's DID log."""

    __tablename__ = "did_entries"
    __table_args__ = STRICT
    scid: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_type=Whole)
    document: bytes


class StoredCheckpoint(SQLModel, table=True):
    """Every checkpoint that was committed, with its snapshot; the newest has the highest `seq`."""

    __tablename__ = "checkpoints"
    __table_args__ = (Index("checkpoints_size", "size"), STRICT)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    size: int = Field(sa_type=Whole)
    note: str = Field(sa_type=Text)
    snapshot: bytes


class StoredCertificate(SQLModel, table=True):
    """Every certificate issued to a person, and the enrolment that asked for it.

    A record for the operator; which one is in use is said by the newest enrolment's entry.
    """

    __tablename__ = "certificates"
    __table_args__ = STRICT
    seq: int | None = Field(default=None, primary_key=True, sa_type=Whole)
    scid: str = Field(sa_type=Text, index=True)
    der: bytes
    enrolment: str = Field(sa_type=Text, index=True)


class StoredJoin(SQLModel, table=True):
    """A request to join and how far it came."""

    __tablename__ = "joins"
    __table_args__ = (
        Index("joins_network", "network", "started"),
        Index("joins_started", "started"),
        STRICT,
    )
    scid: str = Field(primary_key=True, sa_type=Text)
    skeleton: str = Field(sa_type=Text, index=True)
    network: str = Field(sa_type=Text)
    started: int = Field(sa_type=Whole)
    request: bytes
    progress: bytes


class StoredKeyChange(SQLModel, table=True):
    """A change of keys that is under way, and how far it came; gone once it is whole."""

    __tablename__ = "key_changes"
    __table_args__ = STRICT
    scid: str = Field(primary_key=True, sa_type=Text)
    started: int = Field(sa_type=Whole)
    request: bytes
    progress: bytes


class StoredTrustFile(SQLModel, table=True):
    """Every version of the trust file."""

    __tablename__ = "trust_files"
    __table_args__ = STRICT
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    document: bytes


class ErasedHandle(SQLModel, table=True):
    """The HMAC of a handle that was erased, so that nobody is given it again."""

    __tablename__ = "erased_handles"
    __table_args__ = STRICT
    mac: bytes = Field(primary_key=True)


class ErasedPart(SQLModel, table=True):
    """The SHA-256 of a private part that was erased, so that nobody brings it back."""

    __tablename__ = "erased_parts"
    __table_args__ = STRICT
    digest: bytes = Field(primary_key=True)


class StoredLease(SQLModel, table=True):
    """Which process appends, of several on one database, and what was published last."""

    __tablename__ = "leases"
    __table_args__ = STRICT
    name: str = Field(primary_key=True, sa_type=Text)
    epoch: int = Field(sa_type=Whole)
    holder: str = Field(sa_type=Text)
    until: int = Field(sa_type=Whole)  # in milliseconds, by the clock of the database
    published: int = Field(sa_type=Whole)  # `seq` of a checkpoint
    note: str = Field(sa_type=Text)


class StoredParcel(SQLModel, table=True):
    """Statements that a process hands to the one that appends."""

    __tablename__ = "parcels"
    __table_args__ = (Index("parcels_made", "made"), STRICT)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    epoch: int | None = Field(default=None, sa_type=Whole)  # outside it the parcel is void
    made: int = Field(sa_type=Whole)  # in milliseconds, by the clock of the database
    content: bytes
    done: int | None = Field(default=None, sa_type=Whole)  # `seq` of a checkpoint


SOURCES: tuple[type[SQLModel], ...] = (
    Meta,
    LoggedEntry,
    StoredPrivatePart,
    StoredDidEntry,
    StoredCheckpoint,
    StoredCertificate,
    StoredJoin,
    StoredKeyChange,
    StoredTrustFile,
    ErasedHandle,
    ErasedPart,
)
SHARED: tuple[type[SQLModel], ...] = (StoredLease, StoredParcel)


def table_name(model: type[SQLModel]) -> str:
    """Return the name of a model's table."""
    return _table(model).name


def columns(model: type[SQLModel]) -> tuple[str, ...]:
    """Return the names of a model's columns, in their order."""
    return tuple(column.name for column in _table(model).columns)


def primary_key(model: type[SQLModel]) -> tuple[str, ...]:
    """Return the names of the columns that tell a model's rows apart."""
    return tuple(column.name for column in _table(model).primary_key.columns)


def schema(dialect: Dialect) -> list[str]:
    """Return the statements that make every table and index in an empty database."""
    statements: list[ExecutableDDLElement] = []
    for model in (*SOURCES, *SHARED, *PROJECTIONS):
        table = _table(model)
        indexes = sorted(table.indexes, key=lambda item: str(item.name))
        statements.append(CreateTable(table))
        statements += [CreateIndex(index) for index in indexes]
    return [str(item.compile(dialect=dialect)) for item in statements]


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]
