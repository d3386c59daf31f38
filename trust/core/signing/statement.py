"""The statement: an in-toto Statement v1 whose predicate says who signs, where, when and what.

    {"_type": "https://in-toto.io/Statement/v1",
     "subject": [{"name": "", "digest": {"sha256": hex}}, ..],
     "predicateType": "https://w3id.org/touchplate/<type>/v1",
     "predicate": {"registry": {"origin", "logId"}, "signer": {"id", "version"}, "salt",
                   "notBefore", "facts", "private": null or {"sha256"}}}

The payload of an envelope is exactly the RFC 8785 bytes of this. Stock clients refuse a subject
without a name and compare only the strongest digest, so names are empty and the digest is SHA-256.
"""

from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse_canonical
from trust.core.encoding import DIGEST_SIZE, b64encode
from trust.core.errors import Malformed
from trust.core.keys.p256 import spki
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import check_origin
from trust.core.people.delegation import DelegationFacts
from trust.core.people.enterprise import MembershipFacts
from trust.core.record import Record
from trust.core.signing.envelope import STATEMENT_PAYLOAD, Envelope, Signature
from trust.core.signing.facts import MANIFEST, DeliverableFacts, Facts, parse_facts
from trust.core.signing.identity import SALT_SIZE, status_key
from trust.core.signing.private import MAX_SUBJECTS

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_PREFIX = "https://w3id.org/touchplate/"
MAX_PAYLOAD = 256 * 1024  # bytes: 1,000 subjects take 130 kB
MAX_NOTE = 16 * 1024  # bytes of the checkpoint in notBefore, cosignatures included

# Signed by the registry; all other types by a person.
REGISTRY_TYPES = ("identity", "issuance", "trust", "snapshot", "redaction", "recovery")
PERSON_TYPES = (
    *("deliverable", "enrolment", "handle", "profile", "withdrawal", "delegation"),
    *("revocation", "freeze", "unfreeze", "erasure", "founding", "membership", "release", "veto"),
    "passkey",
)
# Types of DESIGN section 4 that later versions bring; refused, with this as the reason.
LATER_TYPES = (
    *("parameters", "recognition", "evidence", "credential", "vouch"),
    "sale",
    *("account", "receipt", "review", "reveal", "dispute", "answer", "ruling", "appeal"),
)


_ABOUT_ITS_PART = ("handle", "profile", "founding")  # types whose subject is their private part


class RegistryRef(NamedTuple):
    """The log that a statement is meant for; `log_id` is the 32-byte id as in a bundle."""

    origin: str
    log_id: bytes


class SignerRef(NamedTuple):
    """Who says that they sign: a DID at a versionId, or `<public_url>/registry` without one."""

    id: str
    version: str | None


class Statement(NamedTuple):
    """A checked statement. `subjects` are SHA-256 digests; `not_before` is a whole signed note."""

    type: str
    subjects: tuple[bytes, ...]
    registry: RegistryRef
    signer: SignerRef
    salt: bytes
    not_before: str
    facts: Facts
    private: bytes | None

    def encode(self) -> bytes:
        """Return the payload: RFC 8785 bytes."""
        signer: dict[str, Json] = {"id": self.signer.id}
        if self.signer.version is not None:
            signer["version"] = self.signer.version
        predicate: dict[str, Json] = {
            "registry": {
                "origin": self.registry.origin,
                "logId": b64encode(self.registry.log_id),
            },
            "signer": signer,
            "salt": self.salt.hex(),
            "notBefore": self.not_before,
            "facts": None if self.facts is None else self.facts.to_json(),
            "private": None if self.private is None else {"sha256": self.private.hex()},
        }
        return canonical(
            {
                "_type": STATEMENT_TYPE,
                "subject": [
                    {"name": "", "digest": {"sha256": digest.hex()}} for digest in self.subjects
                ],
                "predicateType": f"{PREDICATE_PREFIX}{self.type}/v1",
                "predicate": predicate,
            }
        )


def is_manifest(statement: Statement) -> bool:
    """Say whether the subject is the manifest of a directory instead of a file."""
    facts = statement.facts
    return isinstance(facts, DeliverableFacts) and facts.form == MANIFEST


def parse_statement(payload: bytes, where: str = "statement") -> Statement:
    """Parse a payload.

    Raises:
        Malformed: not RFC 8785 bytes, a type we do not know, a member too many or too few.
    """
    record = Record(parse_canonical(payload, MAX_PAYLOAD, where), where)
    record.constant("_type", STATEMENT_TYPE)
    statement_type = _type(record)
    subjects = tuple(_subject(item) for item in record.records("subject", 1, MAX_SUBJECTS))
    predicate = record.record("predicate")
    record.done()
    statement = Statement(
        type=statement_type,
        subjects=subjects,
        registry=_registry(predicate.record("registry")),
        signer=_signer(predicate.record("signer")),
        salt=predicate.digest("salt", SALT_SIZE),
        not_before=predicate.text("notBefore", MAX_NOTE),
        facts=parse_facts(predicate.raw("facts"), statement_type, f"{where}.predicate.facts"),
        private=predicate.nullable("private", lambda name: _private(predicate.record(name))),
    )
    predicate.done()
    _check_shape(statement, where)
    return statement


def _type(record: Record) -> str:
    uri = record.text("predicateType", 200)
    name = uri.removeprefix(PREDICATE_PREFIX).removesuffix("/v1")
    if uri != f"{PREDICATE_PREFIX}{name}/v1" or name not in (*REGISTRY_TYPES, *PERSON_TYPES):
        later = " (a later version reads it)" if name in LATER_TYPES else ""
        raise Malformed(
            f"{uri[:80]!r} is no statement type of this version{later}",
            f"{record.where}.predicateType",
        )
    return name


def _subject(record: Record) -> bytes:
    record.constant("name", "")
    digests = record.record("digest")
    digest = digests.digest("sha256")
    digests.done()
    record.done()
    return digest


def _registry(record: Record) -> RegistryRef:
    origin = check_origin(record.text("origin", 300), f"{record.where}.origin")
    ref = RegistryRef(origin, record.base64("logId", 64))
    if len(ref.log_id) != DIGEST_SIZE:
        raise Malformed(f"{len(ref.log_id)} bytes, expected {DIGEST_SIZE}", f"{record.where}.logId")
    record.done()
    return ref


def _signer(record: Record) -> SignerRef:
    ref = SignerRef(
        record.text("id", 400), record.optional("version", lambda name: record.text(name, 80))
    )
    record.done()
    return ref


def _private(record: Record) -> bytes:
    digest = record.digest("sha256")
    record.done()
    return digest


def _check_shape(statement: Statement, where: str) -> None:
    """What the members must say of each other, type by type."""
    several = statement.type == "deliverable" and not is_manifest(statement)
    if not several and len(statement.subjects) != 1:
        what = "manifest" if is_manifest(statement) else statement.type
        raise Malformed(f"a {what} has exactly one subject", f"{where}.subject")
    if (statement.signer.version is None) != (statement.type in REGISTRY_TYPES):
        raise Malformed("a person has a version, the registry none", f"{where}.predicate.signer")
    wants_private = statement.type in {"deliverable", *_ABOUT_ITS_PART}
    if wants_private and statement.private is None:
        raise Malformed(f"a {statement.type} needs a private part", f"{where}.predicate.private")
    if statement.private is not None and not wants_private and statement.type != "withdrawal":
        raise Malformed(f"a {statement.type} has no private part", f"{where}.predicate.private")
    if statement.type in _ABOUT_ITS_PART and statement.subjects[0] != statement.private:
        raise Malformed("the subject is not the private part", f"{where}.subject[0]")
    _check_subject(statement, f"{where}.subject[0]")


def _check_subject(statement: Statement, where: str) -> None:
    facts, subject = statement.facts, statement.subjects[0]
    if isinstance(facts, DelegationFacts) and subject != _key_digest(facts.key):
        raise Malformed("the subject is not the agent's key", where)
    if isinstance(facts, MembershipFacts):
        wanted = status_key("statement", facts.enterprise)
        if subject != wanted:
            raise Malformed("the subject is not the enterprise", where)


def _key_digest(point: bytes) -> bytes:
    return sha256(spki(point)).digest()


def sign_statement(statement: Statement, signer: Signer) -> Envelope:
    """Return the envelope of a statement; the signer's key must give low-S signatures."""
    unsigned = Envelope(STATEMENT_PAYLOAD, statement.encode(), ())
    return unsigned._replace(signatures=(Signature(signer.sign(unsigned.pae)),))
