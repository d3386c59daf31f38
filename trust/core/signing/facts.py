"""Facts: the part of a predicate that is kept for ever. SCIDs, ids, enums, numbers, digests.

One type of facts per statement type.
"""

from collections.abc import Callable
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.errors import Malformed
from trust.core.people.delegation import DelegationFacts, parse_delegation
from trust.core.people.did import check_scid
from trust.core.people.enterprise import (
    FoundingFacts,
    MembershipFacts,
    ReleaseFacts,
    parse_founding,
    parse_membership,
    parse_release,
)
from trust.core.people.presence import PasskeyFacts, Presence, parse_passkey, parse_presence
from trust.core.people.recovery import (
    RecoveryFacts,
    VetoFacts,
    parse_recovery_facts,
    parse_veto_facts,
)
from trust.core.people.revocation import RevocationFacts, parse_revocation
from trust.core.record import Record
from trust.core.signing.identity import canonical_id
from trust.core.signing.redaction import RedactionFacts, parse_redaction

FILES, MANIFEST = "files", "manifest"
FORMS = (FILES, MANIFEST)
FACTLESS = ("handle", "profile", "withdrawal", "freeze", "unfreeze", "erasure")


class DeliverableFacts(NamedTuple):
    """What the subjects are, and whether the registry was asked for the time.

    `offline`: signed without it, so `notBefore` may be older than 24 hours. `form`: one subject for
    each file, or one subject for the manifest of a directory. `unlisted`: in no list and no look-up
    by digest; whoever holds the id can open it. `supersedes`: the id of the deliverable of the same
    person that this one replaces. An agent names the id of its `delegation`, gives each statement
    another `number`, and replaces nothing. `on_behalf_of`: the id of an enterprise of the signer's.
    """

    offline: bool
    form: str = FILES
    unlisted: bool = False
    supersedes: str | None = None
    delegation: str | None = None
    number: int | None = None
    on_behalf_of: str | None = None
    presence: Presence | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        members: dict[str, Json] = {
            "form": self.form,
            "offline": self.offline,
            "unlisted": self.unlisted,
        }
        if self.supersedes is not None:
            members["supersedes"] = self.supersedes
        if self.delegation is not None:
            members |= {"delegation": self.delegation, "number": self.number}
        if self.on_behalf_of is not None:
            members["onBehalfOf"] = self.on_behalf_of
        if self.presence is not None:
            members["presence"] = self.presence.to_json()
        return members


class EnrolmentFacts(NamedTuple):
    """The person asks for a certificate for a key of this kind and proves to hold it."""

    key_details: str = "PKIX_ECDSA_P256_SHA_256"

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"keyDetails": self.key_details}


class IdentityFacts(NamedTuple):
    """Which DID entry the subject is the digest of."""

    scid: str
    version: str

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"scid": self.scid, "version": self.version}


class IssuanceFacts(NamedTuple):
    """The id of the enrolment or delegation that asked for it; None for the registry's own."""

    enrolment: str | None

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"enrolment": self.enrolment}


class TrustFacts(NamedTuple):
    """The version of the trust file that the subject is the digest of."""

    version: int

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"version": self.version}


class SnapshotFacts(NamedTuple):
    """What was published, and the size of the log and the time that it covers."""

    size: int
    time: str
    result: str = "status"

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"result": self.result, "size": self.size, "time": self.time}


Facts = (
    DeliverableFacts
    | EnrolmentFacts
    | IdentityFacts
    | IssuanceFacts
    | TrustFacts
    | SnapshotFacts
    | DelegationFacts
    | RevocationFacts
    | RedactionFacts
    | FoundingFacts
    | MembershipFacts
    | ReleaseFacts
    | RecoveryFacts
    | VetoFacts
    | PasskeyFacts
    | None
)


def parse_facts(value: Json, statement_type: str, where: str) -> Facts:
    """Read the facts of a statement of a type; those of FACTLESS have none (null).

    Raises:
        Malformed: a wrong member, or a reserved one in use.
    """
    if statement_type in FACTLESS:
        if value is not None:
            article = "an" if statement_type[0] in "aeiou" else "a"
            raise Malformed(f"expected null for {article} {statement_type}", where)
        return None
    record = Record(value, where)
    facts = _PARSERS[statement_type](record)
    record.done()
    return facts


def _deliverable(record: Record) -> DeliverableFacts:
    facts = DeliverableFacts(
        offline=record.boolean("offline"),
        form=record.one_of("form", FORMS),
        unlisted=record.boolean("unlisted"),
        supersedes=record.optional("supersedes", lambda name: canonical_id(record, name)),
        delegation=record.optional("delegation", lambda name: canonical_id(record, name)),
        number=record.optional("number", lambda name: record.integer(name, lowest=1)),
        on_behalf_of=record.optional("onBehalfOf", lambda name: canonical_id(record, name)),
        presence=record.optional(
            "presence", lambda name: parse_presence(record.record(name), canonical_id)
        ),
    )
    by_agent = facts.delegation is not None
    if by_agent and facts.presence is not None:
        raise Malformed("an agent has no 'presence': nobody was there", record.where)
    if by_agent != (facts.number is not None):
        raise Malformed("'delegation' and 'number' stand together", record.where)
    if by_agent and facts.supersedes is not None:
        raise Malformed("an agent replaces nothing, 'supersedes' is for people", record.where)
    return facts


def _enrolment(record: Record) -> EnrolmentFacts:
    return EnrolmentFacts(record.one_of("keyDetails", ("PKIX_ECDSA_P256_SHA_256",)))


def _identity(record: Record) -> IdentityFacts:
    return IdentityFacts(check_scid(record.text("scid", 64)), record.text("version", 80))


def _issuance(record: Record) -> IssuanceFacts:
    return IssuanceFacts(record.nullable("enrolment", lambda name: canonical_id(record, name)))


def _delegation(record: Record) -> DelegationFacts:
    return parse_delegation(record, canonical_id)


def _trust(record: Record) -> TrustFacts:
    return TrustFacts(record.integer("version", lowest=1))


def _snapshot(record: Record) -> SnapshotFacts:
    result = record.one_of("result", ("status", "reputation"))
    record.time("time")
    return SnapshotFacts(record.integer("size"), record.text("time"), result)


_PARSERS: dict[str, Callable[[Record], Facts]] = {
    "deliverable": _deliverable,
    "enrolment": _enrolment,
    "identity": _identity,
    "issuance": _issuance,
    "trust": _trust,
    "snapshot": _snapshot,
    "delegation": _delegation,
    "revocation": parse_revocation,
    "redaction": parse_redaction,
    "founding": parse_founding,
    "membership": lambda record: parse_membership(record, canonical_id),
    "release": lambda record: parse_release(record, canonical_id),
    "recovery": parse_recovery_facts,
    "veto": parse_veto_facts,
    "passkey": parse_passkey,
}
