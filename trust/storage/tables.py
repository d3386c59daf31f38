"""The schema. SQLModel says what the tables are; the hot paths speak SQL, never an ORM session.

`SOURCES` are the truth. `PROJECTIONS` follow from them: they can be dropped and made again, and are
changed only in the transaction that commits the checkpoint which covers the entry. `SHARED` is what
several processes say to each other, and is used on PostgreSQL alone.
"""

from sqlalchemy import BigInteger, Dialect, Index, Integer, Table, Text
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

VERSION = "0005"  # of the schema: the newest file in migrations/versions
STRICT = {"sqlite_strict": True}
PLAIN_KEY = {**STRICT, "sqlite_with_rowid": False}  # the key is the place of the row


class Whole(TypeDecorator[int]):
    """A whole number of 64 bits, which is what SQLite calls an integer."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        """Return the type of a database."""
        return Integer() if dialect.name == "sqlite" else BigInteger()


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


class ProjectedPerson(SQLModel, table=True):
    """The entries that make a person; visible once all five are covered by a checkpoint."""

    __tablename__ = "people"
    __table_args__ = STRICT
    scid: str = Field(primary_key=True, sa_type=Text)
    handle: str = Field(default="", sa_type=Text, index=True)
    skeleton: str = Field(default="", sa_type=Text, index=True)
    joined: int = Field(default=0, sa_type=Whole)
    identity: int | None = Field(default=None, sa_type=Whole)
    issuance: int | None = Field(default=None, sa_type=Whole)
    enrolment: int | None = Field(default=None, sa_type=Whole)
    handled: int | None = Field(default=None, sa_type=Whole)
    profile: int | None = Field(default=None, sa_type=Whole)


class ProjectedSubject(SQLModel, table=True):
    """Which deliverables name a digest."""

    __tablename__ = "subjects"
    __table_args__ = PLAIN_KEY
    digest: bytes = Field(primary_key=True)
    idx: int = Field(primary_key=True, sa_type=Whole)


class ProjectedUnlisted(SQLModel, table=True):
    """Which deliverables are in no list; `subjects` does not name them."""

    __tablename__ = "unlisted"
    __table_args__ = STRICT
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    scid: str = Field(sa_type=Text, index=True)


class ProjectedIdentity(SQLModel, table=True):
    """Where each version of a key history was logged; the newest one is of what is shown."""

    __tablename__ = "identities"
    __table_args__ = (Index("identities_versions", "scid", "number"), STRICT)
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    scid: str = Field(sa_type=Text)
    number: int = Field(sa_type=Whole)


class ProjectedIssuance(SQLModel, table=True):
    """Which issuance answers an enrolment."""

    __tablename__ = "issuances"
    __table_args__ = STRICT
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    enrolment: str = Field(sa_type=Text, index=True)


class ProjectedTarget(SQLModel, table=True):
    """The statement of a person behind a k."""

    __tablename__ = "targets"
    __table_args__ = PLAIN_KEY
    k: bytes = Field(primary_key=True)
    idx: int = Field(sa_type=Whole)


class ProjectedDelegation(SQLModel, table=True):
    """The agents of a person, ended ones included; `key` is SHA-256 of the agent's SPKI."""

    __tablename__ = "delegations"
    __table_args__ = (Index("delegations_agents", "scid", "agent"), STRICT)
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    id: str = Field(sa_type=Text)
    scid: str = Field(sa_type=Text)
    agent: int = Field(sa_type=Whole)
    key: bytes


class ProjectedOutput(SQLModel, table=True):
    """What an agent signed under a delegation, which it names by id, and with which number."""

    __tablename__ = "agent_outputs"
    __table_args__ = (Index("agent_outputs_signed", "delegation", "signed_at"), STRICT)
    delegation: str = Field(sa_type=Text)
    number: int = Field(sa_type=Whole)
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    signed_at: int = Field(sa_type=Whole)


class StatusEvent(SQLModel, table=True):
    """One state of one status line."""

    __tablename__ = "status_events"
    __table_args__ = STRICT
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    k: bytes = Field(index=True)
    state: str = Field(sa_type=Text)
    since: int = Field(sa_type=Whole)
    logged: int = Field(sa_type=Whole)
    by: str = Field(sa_type=Text)


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
)
SHARED: tuple[type[SQLModel], ...] = (StoredLease, StoredParcel)
PROJECTIONS: tuple[type[SQLModel], ...] = (
    ProjectedPerson,
    ProjectedSubject,
    ProjectedUnlisted,
    ProjectedIdentity,
    ProjectedIssuance,
    ProjectedTarget,
    ProjectedDelegation,
    ProjectedOutput,
    StatusEvent,
)


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
