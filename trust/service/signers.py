"""Who may sign now: a person's key history, the certificates of their keys, and what stops them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import Json, parse
from trust.core.encoding import format_time
from trust.core.errors import NotAllowed, NotFound, TouchplateError
from trust.core.judging.revocation import FROZEN, UNFROZEN, WHILE_FROZEN
from trust.core.keys.p256 import spki
from trust.core.people.did import DidEntry, DidLog, parse_log
from trust.core.people.revocation import REASONS
from trust.core.registry.status_line import BY_RULING, State
from trust.core.signing.identity import status_key
from trust.core.signing.private import MAX_PRIVATE
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.service.checks import Offer, check_signature
from trust.service.records import HISTORY_SQL
from trust.storage.ports import Tables

KEPT = 1024  # signers whose key history was verified a moment ago

# Visible people have enrolments; the newest one of a key carries the certificate in use.
_CERTIFICATE_SQL = (
    "select certificate from entries where scid = :scid and type = 'enrolment' and idx < :size "
    "and exists (select 1 from people where scid = :scid and profile < :size) order by idx"
)
_STATES_SQL = (
    "select status_events.idx, state, since, logged, by, certificate from status_events "
    "join entries on entries.idx = status_events.idx "
    "where k = ? and by in (?, ?) and status_events.idx < ? order by status_events.idx"
)


class Said(NamedTuple):
    """A state of a line, and the key that signed what made it."""

    state: State
    point: bytes


class CurrentSigner(NamedTuple):
    """A person as the first entries of the log have them.

    `certificates`: the newest one of each key, by its P-256 point. `revoked`: what was said of
    those keys that speak no more. `frozen`: set while the person is frozen.
    """

    log: DidLog
    certificates: Mapping[bytes, Certificate]
    revoked: Mapping[bytes, Sequence[Said]]
    frozen: Said | None

    def check(self, offer: Offer) -> Certificate:
        """Return the certificate of the key that signed an offer, if it may.

        Raises:
            NotAllowed: no such version, a signature by none of its keys, a key that is revoked or
                no longer in the key history, or a person who is frozen.
        """
        point = self._signing_key(offer, self._version(offer))
        self._check_point(point)
        self._check_freeze(offer.statement.type, point)
        return self.certificates[point]

    def _version(self, offer: Offer) -> DidEntry:
        """Return the version that an offer names."""
        named = offer.statement.signer
        try:
            entry = self.log.at(named.version or "")
        except TouchplateError as error:
            raise NotAllowed(f"{error}; the newest is {self.newest.version_id}") from error
        if entry.did != named.id or named.id != self.log.did:
            raise NotAllowed(
                f"signed by {named.id} under {entry.version_id}, the current DID version is "
                f"{self.newest.version_id} of {self.log.did}"
            )
        return entry

    def _check_point(self, point: bytes) -> None:
        """Require that a key was not revoked, and is in the newest version."""
        for said in self.revoked.get(point, ())[:1]:
            raise NotAllowed(
                f"this key was reported as {said.state.state} on "
                f"{format_time(said.state.logged)}: it can sign nothing any more"
            )
        if point not in self.newest.signing_keys:
            raise NotAllowed(
                f"this key is not in the newest version of your key history, "
                f"{self.newest.version_id}: it can sign nothing any more"
            )

    def check_enrolling(self, offer: Offer) -> bytes:
        """Return the key that an enrolment asks a certificate for; it may have none yet.

        Raises:
            NotAllowed: a key that is not in the newest version, or that may sign nothing.
        """
        self._version(offer)
        named = offer.statement.subjects[0]
        points = [item for item in self.newest.signing_keys if sha256(spki(item)).digest() == named]
        if not points:
            raise NotAllowed(
                "an enrolment renews the certificate of the same key, or asks for that of a key "
                "which the newest version of your key history holds"
            )
        check_signature(offer, points[0])
        self._check_point(points[0])
        self._check_freeze(offer.statement.type, points[0])
        return points[0]

    def before(self, entry: DidEntry) -> "CurrentSigner":
        """Return the person as they were before a version."""
        return self._replace(log=self.log._replace(entries=self.log.entries[: entry.number - 1]))

    @property
    def newest(self) -> DidEntry:
        """The newest version of the key history."""
        return self.log.entries[-1]

    @property
    def keys(self) -> dict[bytes, bytes]:
        """Every key that any version holds, by the name of its status line."""
        points = {point for entry in self.log.entries for point in entry.signing_keys}
        return {key_line(point): point for point in points}

    def _signing_key(self, offer: Offer, entry: DidEntry) -> bytes:
        """Return which of a version's keys signed; the last one's refusal says why none did."""
        known = [point for point in entry.signing_keys if point in self.certificates]
        for point in known[:-1]:
            try:
                check_signature(offer, point)
            except NotAllowed:
                continue
            return point
        if not known:
            raise NotAllowed(f"no key of version {entry.version_id} has a certificate")
        check_signature(offer, known[-1])
        return known[-1]

    def _check_freeze(self, kind: str, point: bytes) -> None:
        if self.frozen is None:
            return
        since = format_time(self.frozen.state.logged)
        if kind not in {*WHILE_FROZEN, "veto"}:
            raise NotAllowed(f"you are frozen since {since}: `touchplate unfreeze` comes first")
        by_ruling = self.frozen.state.by == BY_RULING
        lives = by_ruling or self.frozen.point in self.newest.signing_keys
        if point != self.frozen.point and lives:  # a key that went may leave a freeze behind
            raise NotAllowed(f"you are frozen since {since}: only the key that froze you may speak")


class Signers:
    """The people who have joined. Thread-safe."""

    def __init__(self, database: Tables) -> None:
        self._database = database
        self._kept = lru_cache(KEPT)(self._find)
        self._logs: dict[str, tuple[tuple[bytes, ...], DidLog]] = {}  # what held, by SCID

    def current(self, scid: str, size: int) -> CurrentSigner:
        """Return who signs for a SCID, as the first `size` entries have it.

        Raises:
            NotFound: nobody with this SCID has joined.
        """
        # What the same entries say of the same person does not change.
        return self._kept(scid, size)

    def forget(self) -> None:
        """Look again: of the same entries more is stored now."""
        self._kept.cache_clear()

    def _find(self, scid: str, size: int) -> CurrentSigner:
        rows = self._database.rows(_CERTIFICATE_SQL, {"scid": scid, "size": size})
        if not rows:
            raise NotFound(f"no person {scid}")
        history = self._database.rows(HISTORY_SQL, (scid, scid, size))
        log = self._read(scid, tuple(document for (document,) in history))
        found = [_certificate(der) for (der,) in rows]
        certificates = {certificate.point: certificate for certificate in found}
        of_keys = {point: self._said(key_line(point), scid, size) for point in certificates}
        freezes = [
            said
            for said in self._said(status_key("person", scid), scid, size)
            if said.state.state in {FROZEN, UNFROZEN}
        ]
        frozen = freezes[-1] if freezes and freezes[-1].state.state == FROZEN else None
        revoked = {
            point: [item for item in said if item.state.state in REASONS]
            for point, said in of_keys.items()
            if said
        }
        return CurrentSigner(log, certificates, revoked, frozen)

    def _read(self, scid: str, history: tuple[bytes, ...]) -> DidLog:
        """Read a key history; of one that held before, only what is new is read and verified."""
        before, known = self._logs.get(scid, ((), None))
        if known is None or history[: len(before)] != before:
            before, known = (), None
        raws: list[Json] = [] if known is None else [entry.raw for entry in known.entries]
        raws += [parse(document, MAX_PRIVATE) for document in history[len(before) :]]
        log = parse_log(raws, known=known)
        if len(self._logs) >= KEPT:
            self._logs.clear()
        self._logs[scid] = history, log
        return log

    def _said(self, k: bytes, scid: str, size: int) -> list[Said]:
        """Return what those who may speak said of a name, in log order."""
        rows = self._database.rows(_STATES_SQL, (k, scid, BY_RULING, size))
        return [Said(State(*row[1:5]), _certificate(row[5]).point) for row in rows]


def key_line(point: bytes) -> bytes:
    """Return the name of the status line of a key."""
    return status_key("key", sha256(spki(point)).hexdigest())


_certificate = lru_cache(maxsize=KEPT)(parse_certificate)
