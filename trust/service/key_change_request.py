"""A request to change keys: the whole key history with one version more, and what goes with it.

    {"didLog": [every entry, the new one last], "statements": [{envelope, private}, ..]}

The statements are the `enrolment` of a key that is new, if its holder is the one who asks, and a
`revocation` of each key that goes. They name the new version.
"""

from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import format_time
from trust.core.errors import Conflict, Malformed, NotAllowed
from trust.core.keys.p256 import spki
from trust.core.people.did import MAX_ENTRIES, DidEntry, DidLog, parse_log
from trust.core.people.key_rules import MAX_DEVICES, added, check_change, dropped
from trust.core.record import Record
from trust.core.verify import CLOCK_SKEW
from trust.service.checks import Offer, check_not_before, check_signature, read_offer
from trust.service.log_writer import LogWriter
from trust.service.revoking import check_revoking
from trust.service.signers import CurrentSigner, key_line

MAX_REQUEST = 4 * 1024 * 1024  # bytes
MAX_STATEMENTS = MAX_DEVICES + 1  # who comes back revokes every device, and enrols one
TYPES = ("enrolment", "revocation")


class KeyChange(NamedTuple):
    """A request that was read. `entry` is the new version."""

    log: DidLog
    offers: tuple[Offer, ...]
    body: bytes

    @property
    def entry(self) -> DidEntry:
        """The new version."""
        return self.log.entries[-1]

    @property
    def enrolment(self) -> Offer | None:
        """The statement that asks for a certificate for the new key, if it comes along."""
        return next((item for item in self.offers if item.statement.type == "enrolment"), None)


def read_key_change(body: dict[str, Json], writer: LogWriter) -> KeyChange:
    """Read a request; what it may change is for `check_key_change`.

    Raises:
        Malformed: a form that is not ours, or statements of other types.
        VerificationFailed: the key history does not hold.
        NotAllowed: meant for another registry.
    """
    return _read(Record(body, "body"), writer, canonical(body))


def read_stored_change(body: bytes, writer: LogWriter) -> KeyChange:
    """Read a request that was checked before it was stored."""
    return _read(Record(parse(body, MAX_REQUEST), "key change"), writer, body)


def check_key_change(
    change: KeyChange, signer: CurrentSigner, writer: LogWriter, *, waited: bool = False
) -> None:
    """Check a request against the person as the log has them; `waited` as in `check_change`.

    Raises:
        Conflict: it does not follow the newest version; another device was faster.
        NotAllowed: a rule of `key_rules`, a key that goes without a revocation or was revoked
            before, a signature by a key that may not sign it, a person who is frozen.
    """
    _check_follows(change.log, signer)
    previous, entry = signer.newest, change.entry
    check_change(previous, entry, waited=waited)
    if entry.version_time > writer.now() + CLOCK_SKEW:
        raise NotAllowed(f"the version is of {format_time(entry.version_time)}, still to come")
    for point in added(previous, entry):
        if signer.revoked.get(point):
            raise NotAllowed("a key that was revoked cannot come back")
    revoked = {item.statement.subjects[0] for item in change.offers if item is not change.enrolment}
    for point in dropped(previous, entry):
        if key_line(point) not in revoked and not signer.revoked.get(point):
            raise NotAllowed("a key that leaves the history comes with its revocation")
    speakers = _check_statements(change, signer, writer)
    frozen = signer.frozen
    if frozen is not None and frozen.point not in speakers and not waited:
        raise NotAllowed(
            f"you are frozen since {format_time(frozen.state.logged)}: a change of keys needs a "
            "revocation by the key that froze you, in the same request"
        )


def signing_point(change: KeyChange, offer: Offer) -> bytes:
    """Return which key of the new version signed a statement; raise NotAllowed if none did."""
    refusal = NotAllowed(f"the {offer.statement.type} is signed by no key of the new version")
    for point in change.entry.signing_keys:
        try:
            check_signature(offer, point)
        except NotAllowed:
            continue
        return point
    raise refusal


def _read(record: Record, writer: LogWriter, body: bytes) -> KeyChange:
    if len(body) > MAX_REQUEST:
        raise Malformed(f"{len(body)} bytes, expected at most {MAX_REQUEST}", "body")
    log = parse_log(record.items("didLog", 2, MAX_ENTRIES))
    statements = record.records("statements", 0, MAX_STATEMENTS)
    offers = tuple(read_offer(item, writer.trust) for item in statements)
    record.done()
    kinds = [item.statement.type for item in offers]
    if set(kinds) - set(TYPES) or "enrolment" in kinds[1:]:
        raise Malformed(
            "expected an enrolment or none, then revocations", f"{record.where}.statements"
        )
    if len({item.id for item in offers}) != len(offers):
        raise Malformed("a salt is used twice", f"{record.where}.statements")
    return KeyChange(log, offers, body)


def _check_follows(log: DidLog, signer: CurrentSigner) -> None:
    """Compare and swap: the history that is known, and one version more."""
    known = [entry.digest for entry in signer.log.entries]
    if [entry.digest for entry in log.entries[:-1]] != known:
        raise Conflict(
            f"your key history is at version {signer.newest.version_id}, and this change does not "
            "follow that: another device changed it meanwhile. Nothing was changed; make the "
            "change again"
        )


def _check_statements(change: KeyChange, signer: CurrentSigner, writer: LogWriter) -> set[bytes]:
    """Check what comes along; return the keys that sign a revocation."""
    new = added(signer.newest, change.entry)
    speakers = set()
    for offer in change.offers:
        named = offer.statement.signer
        if (named.id, named.version) != (change.log.did, change.entry.version_id):
            raise NotAllowed(f"the {offer.statement.type} does not name the new version")
        check_not_before(offer, writer.trust, writer.size, writer.now())
        point = signing_point(change, offer)
        if offer is change.enrolment:
            if point not in new or offer.statement.subjects[0] != sha256(spki(point)).digest():
                raise NotAllowed("the enrolment is for another key than the one that is new")
            continue
        comes_along = change.enrolment is not None and point in new
        if not comes_along and point not in signer.certificates:
            raise NotAllowed("the revocation is signed by a key without a certificate")
        check_revoking(offer, signer, writer.now())
        speakers.add(point)
    return speakers
