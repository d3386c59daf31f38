"""Making the statements of a person: pure but for the signers, randomness is passed in.

Each maker reads back what it made: a statement that no registry and no verifier would take is
refused before it is signed.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

from trust.client.did_host import did_host
from trust.core.canonical import Json
from trust.core.errors import Malformed
from trust.core.judging.present import challenge_of
from trust.core.keys.p256 import spki
from trust.core.keys.signer import Signer
from trust.core.people.delegation import DelegationFacts
from trust.core.people.did import genesis, parse_log, scid_of
from trust.core.people.presence import Presence
from trust.core.people.recovery import VetoFacts
from trust.core.people.revocation import RevocationFacts
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.disclosure import Disclosure
from trust.core.signing.envelope import STATEMENT_PAYLOAD, Envelope, Signature
from trust.core.signing.facts import FILES, DeliverableFacts, EnrolmentFacts, Facts
from trust.core.signing.identity import parse_id, statement_id, status_key
from trust.core.signing.private import parse_private, private_digest
from trust.core.signing.statement import RegistryRef, SignerRef, Statement, parse_statement


class Author(NamedTuple):
    """Who signs, and for which registry: its newest log takes the statement."""

    signer: Signer  # P-256
    did: str
    version: str  # the versionId of the DID entry that holds the signer's key
    trust: TrustFile

    @property
    def scid(self) -> str:
        """The SCID, which never changes."""
        return scid_of(self.did)


class Agency(NamedTuple):
    """Under which delegation, by its id, an agent signs, and with which number of its own."""

    delegation: str
    number: int


class Chance(NamedTuple):
    """16 random bytes each: `salt` makes the id, `blind` protects the private part."""

    salt: bytes
    blind: bytes


class Signed(NamedTuple):
    """A signed statement that is not logged yet."""

    id: str
    envelope: Envelope
    private: dict[str, Json] | None

    def to_json(self) -> dict[str, Json]:
        """Return {envelope, private}: the body of `POST /v1/statements`."""
        return {"envelope": self.envelope.to_json(), "private": self.private}


class Join(NamedTuple):
    """A new person: their first DID entry, enrolment, handle and profile."""

    did: str
    version: str
    did_entry: dict[str, Json]
    statements: tuple[Signed, ...]

    def to_json(self) -> dict[str, Json]:
        """Return {didLog, statements}: the body of `POST /v1/statements`."""
        return {
            "didLog": [self.did_entry],
            "statements": [item.to_json() for item in self.statements],
        }


def make_deliverable(
    author: Author,
    files: Mapping[str, bytes],
    not_before: str,
    chance: Chance,
    *,
    title: str | None = None,
    disclosure: Disclosure | None = None,
    offline: bool = False,
    form: str = FILES,
    unlisted: bool = False,
    supersedes: str | None = None,
    agency: Agency | None = None,
    on_behalf_of: str | None = None,
    prove: Callable[[bytes], Presence] | None = None,
) -> Signed:
    """Sign for files: SHA-256 by name, `/` between folders, names in NFC.

    With the form `manifest` there is one name, that of a directory, with its manifest's digest.
    `unlisted`: it is to be in no list. `supersedes`: the id of the deliverable that it replaces.
    With an `agency` the author is that of `agent_author`. `on_behalf_of`: an enterprise's id.
    `prove`: has a passkey unlocked for the challenge that it is given.

    Raises:
        Malformed: no file or over 1,000, a name that may leave its folder or that a terminal would
            obey, a title that is too long, a payload over 256 KiB.
    """
    private: dict[str, Json] = {"blind": chance.blind.hex(), "names": list(files)}
    if title is not None:
        private["title"] = title
    if disclosure is not None:
        private["disclosure"] = disclosure.document
    replaced = None if supersedes is None else parse_id(supersedes)
    firm = None if on_behalf_of is None else parse_id(on_behalf_of)
    delegation, number = agency or (None, None)
    facts = DeliverableFacts(offline, form, unlisted, replaced, delegation, number, firm)
    subjects = tuple(files.values())
    return sign_made(
        author, "deliverable", subjects, not_before, chance.salt, facts, private, prove
    )


def make_withdrawal(
    author: Author,
    target: str,
    not_before: str,
    chance: Chance,
    *,
    reason: str | None = None,
) -> Signed:
    """Withdraw the statement with this id; `reason` becomes a private part."""
    subject = status_key("statement", parse_id(target))
    private: dict[str, Json] | None = None
    if reason is not None:
        private = {"blind": chance.blind.hex(), "reason": reason}
    return sign_made(author, "withdrawal", (subject,), not_before, chance.salt, None, private)


def make_delegation(author: Author, facts: DelegationFacts, not_before: str, salt: bytes) -> Signed:
    """Let the key of an agent sign for the author, within what the facts say."""
    subject = hashlib.sha256(spki(facts.key)).digest()
    return sign_made(author, "delegation", (subject,), not_before, salt, facts, None)


def agent_author(signer: Signer, delegation: Statement, trust: TrustFile) -> Author:
    """Return the author for an agent's key: it speaks as the person who signed the delegation.

    Raises:
        Malformed: the statement delegates to nobody, or to another key.
    """
    facts, named = delegation.facts, delegation.signer
    if not isinstance(facts, DelegationFacts) or facts.key != signer.public_key:
        raise Malformed("the delegation is not to this key", delegation.type)
    return Author(signer, named.id, named.version or "", trust)


def make_revocation(
    author: Author, key: bytes, facts: RevocationFacts, not_before: str, salt: bytes
) -> Signed:
    """Revoke a key of the author's, given as a 65-byte P-256 point; it may be their own."""
    subject = status_key("key", hashlib.sha256(spki(key)).hexdigest())
    return sign_made(author, "revocation", (subject,), not_before, salt, facts, None)


def make_freeze(author: Author, not_before: str, salt: bytes, *, lift: bool = False) -> Signed:
    """Freeze everything that is signed in the author's name, or lift that."""
    kind = "unfreeze" if lift else "freeze"
    return sign_made(
        author, kind, (status_key("person", author.scid),), not_before, salt, None, None
    )


def make_erasure(author: Author, target: str | None, not_before: str, salt: bytes) -> Signed:
    """Ask for the private part of the statement with this id to be erased; None: for all of them.

    All are those of every statement that the author has signed so far, handle and profile included.
    """
    if target is None:
        subject = status_key("person", author.scid)
    else:
        subject = status_key("statement", parse_id(target))
    return sign_made(author, "erasure", (subject,), not_before, salt, None, None)


def make_veto(author: Author, digest: bytes, version: str, not_before: str, salt: bytes) -> Signed:
    """Refuse a recovery: the DID entry with this SHA-256 and `versionId`, which waits."""
    return sign_made(author, "veto", (digest,), not_before, salt, VetoFacts(version), None)


def make_enrolment(author: Author, not_before: str, salt: bytes) -> Signed:
    """Ask for a certificate for the author's key, and prove to hold it."""
    subject = hashlib.sha256(spki(author.signer.public_key)).digest()
    return sign_made(author, "enrolment", (subject,), not_before, salt, EnrolmentFacts(), None)


def make_join(
    author: Author,
    did_entry: dict[str, Json],
    not_before: str,
    chances: tuple[Chance, Chance, Chance],
    *,
    handle: str,
    name: str | None = None,
) -> Join:
    """Sign enrolment, handle and profile of a person whose first DID entry is `did_entry`.

    `author` is that of `first_author`. The enrolment takes only the salt of its chance.

    Raises:
        Malformed: not a handle, a name that is too long.
    """
    profile: dict[str, Json] = {} if name is None else {"name": name}
    statements = (
        make_enrolment(author, not_before, chances[0].salt),
        sign_about_part(author, "handle", not_before, chances[1], {"handle": handle}),
        sign_about_part(author, "profile", not_before, chances[2], profile),
    )
    return Join(author.did, author.version, did_entry, statements)


def make_identity(
    signer: Signer, update: Signer, next_keys: list[bytes], trust: TrustFile, at: int
) -> dict[str, Json]:
    """Make the first DID entry of a new person.

    Args:
        signer: the statement key, P-256.
        update: the device's update key, Ed25519.
        next_keys: Ed25519 public keys to announce: the device's next one, the recovery key.
        trust: of the registry that the person joins.
        at: seconds.
    """
    return genesis(did_host(trust), at, update, next_keys, signer.public_key)


def first_author(signer: Signer, did_entry: dict[str, Json], trust: TrustFile) -> Author:
    """Return the author that a first DID entry authorises; raise unless it holds that key."""
    entry = parse_log([did_entry]).entries[0]
    if signer.public_key not in entry.signing_keys:
        raise Malformed("the DID entry does not hold this signer's key", "didLog[0]")
    return Author(signer, entry.did, entry.version_id, trust)


def sign_about_part(
    author: Author,
    kind: str,
    not_before: str,
    chance: Chance,
    members: dict[str, Json],
    facts: Facts = None,
) -> Signed:
    """Sign a statement whose subject is its own private part."""
    private: dict[str, Json] = {"blind": chance.blind.hex(), **members}
    subject = private_digest(private)
    return sign_made(author, kind, (subject,), not_before, chance.salt, facts, private)


def sign_made(
    author: Author,
    kind: str,
    subjects: tuple[bytes, ...],
    not_before: str,
    salt: bytes,
    facts: Facts,
    private: dict[str, Json] | None,
    prove: Callable[[bytes], Presence] | None = None,
) -> Signed:
    """Sign a statement, once it reads back as it was written; raise Malformed otherwise."""
    log = author.trust.newest_log
    if private is not None:
        parse_private(private, kind)
    statement = Statement(
        type=kind,
        subjects=subjects,
        registry=RegistryRef(log.origin, log.log_key.full_id),
        signer=SignerRef(author.did, author.version),
        salt=salt,
        not_before=not_before,
        facts=facts,
        private=None if private is None else private_digest(private),
    )
    if prove is not None and isinstance(facts, DeliverableFacts):
        presence = prove(challenge_of(statement))
        statement = statement._replace(facts=facts._replace(presence=presence))
    payload = statement.encode()
    if parse_statement(payload) != statement:
        raise Malformed("would not be read back as it was written", kind)
    unsigned = Envelope(STATEMENT_PAYLOAD, payload, ())
    envelope = unsigned._replace(signatures=(Signature(author.signer.sign(unsigned.pae)),))
    return Signed(statement_id(log.origin, author.scid, salt), envelope, private)
