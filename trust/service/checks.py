"""What a statement must fulfil before the registry logs it."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import Json, canonical
from trust.core.errors import Conflict, Malformed, NotAllowed, Unavailable, VerificationFailed
from trust.core.keys.p256 import verify as verify_p256
from trust.core.log.checkpoint import open_checkpoint
from trust.core.people.did import scid_of
from trust.core.record import Record
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.envelope import STATEMENT_PAYLOAD, Envelope, parse_envelope
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import statement_id
from trust.core.signing.private import (
    MAX_PRIVATE,
    DeliverablePart,
    PrivatePart,
    parse_private,
)
from trust.core.signing.statement import PERSON_TYPES, Statement, parse_statement
from trust.core.verify import ONLINE_WINDOW
from trust.storage.ports import Reader

MOST_PARTS = 500  # digests in a query
NOTES = 128  # checkpoints that were verified a moment ago


class Offer(NamedTuple):
    """A statement that a person offers, read and checked in form."""

    id: str
    scid: str
    envelope: Envelope
    statement: Statement
    private: bytes | None
    part: PrivatePart | None


def read_offer(record: Record, trust: TrustFile) -> Offer:
    """Read {envelope, private}.

    Raises:
        Malformed: a form that is not ours, or a private part that the statement does not name.
        NotAllowed: a type that only the registry signs, or another registry's log.
    """
    envelope = parse_envelope(record.raw("envelope"), STATEMENT_PAYLOAD, f"{record.where}.envelope")
    statement = parse_statement(envelope.payload)
    if statement.type not in PERSON_TYPES:
        raise NotAllowed(f"a {statement.type} is signed by the registry, not sent to it")
    log = trust.newest_log
    if (statement.registry.origin, statement.registry.log_id) != (
        log.origin,
        log.log_key.full_id,
    ):
        raise NotAllowed(f"meant for log {statement.registry.origin!r}, this is {log.origin!r}")
    document = record.raw("private")
    record.done()
    private = None if document is None else canonical(document)
    part = _private(statement, document, private)
    scid = scid_of(statement.signer.id)
    return Offer(
        id=statement_id(log.origin, scid, statement.salt),
        scid=scid,
        envelope=envelope,
        statement=statement,
        private=private,
        part=part,
    )


def check_signature(offer: Offer, point: bytes) -> None:
    """Require the low-S signature of this key over the envelope."""
    try:
        verify_p256(point, offer.envelope.pae, offer.envelope.signature, low_s=True)
    except VerificationFailed as error:
        raise NotAllowed(f"the signature of the {offer.statement.type}: {error}") from error


def check_not_before(offer: Offer, trust: TrustFile, size: int, now: int) -> None:
    """Require a checkpoint of this log that was signed within 24 hours, or said to be offline.

    Raises:
        NotAllowed: another log's, or too old.
        Unavailable: one that this process does not know of yet.
    """
    log = trust.newest_log
    try:
        note = open_note(offer.statement.not_before, log.log_key, log.clock_key)
    except VerificationFailed as error:
        raise NotAllowed(f"notBefore is no checkpoint of this log: {error}") from error
    if note.checkpoint.size > size or note.time > now:
        # Signed by this log's own keys: another process has published it, or one that was killed.
        raise Unavailable("notBefore is of a checkpoint that is newer than what this process knows")
    facts = offer.statement.facts
    offline = isinstance(facts, DeliverableFacts) and facts.offline
    if now - note.time > ONLINE_WINDOW and not offline:
        raise NotAllowed("notBefore is over 24 hours old: sign again, or say offline")


def check_new_parts(database: Reader, offers: Sequence[Offer]) -> None:
    """Require that no private part is one that another statement has, or had.

    Two statements with one part would share its fate: whoever copied a part could erase it in the
    other, or bring back what was erased there. A blind is drawn for each, so no honest two are one.

    Raises:
        Conflict: one is.
    """
    known = known_parts(database, [offer.statement.private for offer in offers])
    for offer in offers:
        check_new_part(database, offer, known)


def check_new_part(database: Reader, offer: Offer, known: frozenset[bytes]) -> None:
    """Require that the private part of an offer is not among those that are known.

    The very same statement may be logged, and not published yet: it is sent again after a crash.
    """
    same = "select 1 from entries where id = ? and payload = ?"
    payload = offer.envelope.payload
    if offer.statement.private in known and not database.row(same, (offer.id, payload)):
        raise Conflict(
            "another statement has this private part: sign again, with a blind of its own"
        )


def known_parts(
    database: Reader, digests: Sequence[bytes | None], *, erased: bool = True
) -> frozenset[bytes]:
    """Return those of the digests whose private part is kept, or was erased if that is asked."""
    asked = [digest for digest in digests if digest is not None]
    found: set[bytes] = set()
    for start in range(0, len(asked), MOST_PARTS):
        part = asked[start : start + MOST_PARTS]
        marks = ", ".join("?" * len(part))
        rows = database.rows(
            f"select digest from private_parts where digest in ({marks})",  # noqa: S608
            part,
        )
        if erased:
            gone = f"select digest from erased_parts where digest in ({marks})"  # noqa: S608
            rows = [*rows, *database.rows(gone, part)]
        found.update(bytes(digest) for (digest,) in rows)
    return frozenset(found)


# Many sign over the same checkpoint; one that was refused is not kept.
open_note = lru_cache(maxsize=NOTES)(open_checkpoint)


def _private(statement: Statement, document: Json, data: bytes | None) -> PrivatePart | None:
    if data is None and statement.private is None:
        return None
    named = data is not None and sha256(data).digest() == statement.private
    if not isinstance(document, dict) or data is None or not named:
        raise Malformed("not the private part that the statement names", "private")
    if len(data) > MAX_PRIVATE:
        raise Malformed(f"more than {MAX_PRIVATE} bytes", "private")
    part = parse_private(document, statement.type)
    if isinstance(part, DeliverablePart) and len(part.names) != len(statement.subjects):
        raise Malformed(
            f"{len(part.names)} names for {len(statement.subjects)} subjects", "private.names"
        )
    return part
