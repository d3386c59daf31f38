"""A request to join: the first DID entry of a person, and their enrolment, handle and profile."""

import hashlib
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import format_time
from trust.core.errors import Malformed, NotAllowed
from trust.core.keys.p256 import spki
from trust.core.people.did import DidEntry, DidLog, parse_log
from trust.core.people.handle import check_assignable
from trust.core.record import Record
from trust.core.signing.private import HandlePart, PrivatePart, ProfilePart
from trust.service.checks import Offer, check_not_before, check_signature, read_offer
from trust.service.log_writer import LogWriter

MAX_REQUEST = 512 * 1024  # bytes
TYPES = ("enrolment", "handle", "profile")


class Request(NamedTuple):
    """A checked request to join."""

    log: DidLog
    offers: tuple[Offer, ...]
    body: bytes

    @property
    def asked(self) -> tuple[PrivatePart | None, ...]:
        """What is asked for: handle, name and links."""
        return tuple(item.part for item in self.offers)

    @property
    def point(self) -> bytes:
        """The statement key that the DID names, a P-256 point."""
        return self.log.entries[0].signing_keys[0]

    @property
    def handle(self) -> str:
        """The handle; empty if there is none."""
        part = self.offers[1].part
        return part.handle if isinstance(part, HandlePart) else ""

    @property
    def name(self) -> str | None:
        """The name of the profile, if one is given."""
        part = self.offers[2].part
        return part.name if isinstance(part, ProfilePart) else None


def read_request(body: dict[str, Json], writer: LogWriter) -> Request:
    """Check a request to join in everything that needs no other person's data.

    Raises:
        Malformed: a form that is not ours.
        NotAllowed: another host's DID or one from the future, a signature by another key, a
            reserved handle.
    """
    request = _read(Record(body, "body"), writer, canonical(body))
    if tuple(item.statement.type for item in request.offers) != TYPES:
        raise Malformed(f"expected the statements {', '.join(TYPES)}", "body.statements")
    if len({item.id for item in request.offers}) != len(request.offers):
        raise Malformed("a salt is used twice", "body.statements")
    entry = request.log.entries[0]
    _check_did(entry, writer)
    for offer in request.offers:
        _check_offer(offer, entry, writer)
    if request.offers[0].statement.subjects[0] != hashlib.sha256(spki(request.point)).digest():
        raise NotAllowed("the enrolment is for another key than the DID log's")
    if not request.handle:
        raise Malformed("no handle", "body.statements[1].private")
    check_assignable(request.handle)
    return request


def read_stored(body: bytes, writer: LogWriter) -> Request:
    """Read a request that was checked before it was stored; time-dependent checks are past."""
    return _read(Record(parse(body, MAX_REQUEST), "join"), writer, body)


def _read(record: Record, writer: LogWriter, body: bytes) -> Request:
    log = parse_log(record.items("didLog", 1, 1))
    offers = tuple(read_offer(item, writer.trust) for item in record.records("statements", 3, 3))
    record.done()
    return Request(log, offers, body)


def _check_did(entry: DidEntry, writer: LogWriter) -> None:
    if writer.did_host != entry.did.split(":")[3] or len(entry.signing_keys) != 1:
        raise NotAllowed(f"{entry.did} is no DID of {writer.did_host} with one signing key")
    now = writer.now()
    if entry.version_time > now:
        raise NotAllowed(
            f"the DID is dated {format_time(entry.version_time)}, and here it is "
            f"{format_time(now)}: check the clock of your machine"
        )


def _check_offer(offer: Offer, entry: DidEntry, writer: LogWriter) -> None:
    named = offer.statement.signer
    if (named.id, named.version) != (entry.did, entry.version_id):
        raise NotAllowed(f"the {offer.statement.type} names another signer than the DID log")
    check_signature(offer, entry.signing_keys[0])
    check_not_before(offer, writer.trust, writer.size, writer.now())
