"""The tables that follow from the log.

They can be dropped and made again, and are changed only in the transaction that commits the
checkpoint which covers the entry.
"""

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from trust.storage.kinds import PLAIN_KEY, STRICT, Whole


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


class ProjectedRecovery(SQLModel, table=True):
    """Changes of key histories that were announced, and wait until a moment."""

    __tablename__ = "recoveries"
    __table_args__ = STRICT
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    scid: str = Field(sa_type=Text, index=True)
    digest: bytes
    version: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    until: int = Field(sa_type=Whole)


class ProjectedVeto(SQLModel, table=True):
    """Which of them somebody refused for themselves."""

    __tablename__ = "vetoes"
    __table_args__ = STRICT
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    scid: str = Field(sa_type=Text, index=True)
    digest: bytes


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


class ProjectedErasure(SQLModel, table=True):
    """Who asked for what to be erased, by its k."""

    __tablename__ = "erasures"
    __table_args__ = STRICT
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    id: str = Field(sa_type=Text, index=True)
    k: bytes
    scid: str = Field(sa_type=Text)


class ProjectedRedaction(SQLModel, table=True):
    """What is erased, by its k; `erasure` None: the registry did it unasked."""

    __tablename__ = "redactions"
    __table_args__ = STRICT
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    k: bytes = Field(index=True)
    erasure: str | None = Field(default=None, sa_type=Text, index=True)
    signed_at: int = Field(sa_type=Whole)


class ProjectedMembership(SQLModel, table=True):
    """Who founded, joined or left an enterprise, which is named by its founding's id."""

    __tablename__ = "memberships"
    __table_args__ = (Index("memberships_enterprise", "enterprise", "scid"), STRICT)
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    enterprise: str = Field(sa_type=Text)
    scid: str = Field(sa_type=Text)
    step: str = Field(sa_type=Text)
    signed_at: int = Field(sa_type=Whole)


class ProjectedRelease(SQLModel, table=True):
    """Who approved of a deliverable, named by its k; `enterprise` empty: of their agent's work."""

    __tablename__ = "releases"
    __table_args__ = STRICT
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, sa_type=Whole)
    target: bytes = Field(index=True)
    scid: str = Field(sa_type=Text)
    enterprise: str = Field(sa_type=Text)


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


PROJECTIONS: tuple[type[SQLModel], ...] = (
    ProjectedPerson,
    ProjectedSubject,
    ProjectedUnlisted,
    ProjectedIdentity,
    ProjectedRecovery,
    ProjectedVeto,
    ProjectedIssuance,
    ProjectedTarget,
    ProjectedDelegation,
    ProjectedOutput,
    ProjectedErasure,
    ProjectedRedaction,
    ProjectedMembership,
    ProjectedRelease,
    StatusEvent,
)
