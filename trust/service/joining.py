"""Joining: a person's first five entries, finished however often the registry is killed.

(1) The client sends DID genesis, enrolment, handle and profile, without a certificate; the request
is stored. (2) `identity` and `issuance` are logged. (3) Then the SCT is signed and the certificate
issued. (4) The three statements are logged with it. Each step stores what it made before it goes
on, so that a repeated join, or the next start, continues; what was logged is found again by its id.
"""

import hashlib
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import HandleTaken, Malformed, NotAllowed, TooMany
from trust.core.keys.p256 import spki
from trust.core.people.did import DidLog, parse_log
from trust.core.people.handle import check_assignable, skeleton
from trust.core.record import Record
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.facts import IdentityFacts, IssuanceFacts
from trust.core.signing.identity import Principal
from trust.core.signing.private import HandlePart
from trust.service.append_path import Submission
from trust.service.checks import Offer, check_not_before, check_signature, read_offer
from trust.service.log_writer import LogWriter
from trust.storage.ports import Tables

RESTART_SECONDS = 24 * 3600  # a join that old starts again, with the same DID
MAX_REQUEST = 512 * 1024  # bytes
DAY = 24 * 3600
TYPES = ("enrolment", "handle", "profile")


class Request(NamedTuple):
    """A checked request to join."""

    log: DidLog
    offers: tuple[Offer, ...]
    handle: str
    body: bytes


def read_request(body: dict[str, Json], writer: LogWriter) -> Request:
    """Check a request to join in everything that needs no other person's data.

    Raises:
        Malformed: a form that is not ours.
        NotAllowed: another host's DID, a signature by another key, a reserved handle.
    """
    record = Record(body, "body")
    log = parse_log(record.items("didLog", 1, 1))
    offers = tuple(read_offer(item, writer.trust) for item in record.records("statements", 3, 3))
    record.done()
    if tuple(item.statement.type for item in offers) != TYPES:
        raise Malformed(f"expected the statements {', '.join(TYPES)}", "body.statements")
    if len({item.id for item in offers}) != len(offers):
        raise Malformed("a salt is used twice", "body.statements")
    entry = log.entries[0]
    if writer.did_host != log.did.split(":")[3] or len(entry.signing_keys) != 1:
        raise NotAllowed(f"{log.did} is no DID of {writer.did_host} with one signing key")
    point = entry.signing_keys[0]
    for offer in offers:
        if (offer.statement.signer.id, offer.statement.signer.version) != (
            log.did,
            entry.version_id,
        ):
            raise NotAllowed(f"the {offer.statement.type} names another signer than the DID log")
        check_signature(offer, point)
        check_not_before(offer, writer.trust, writer.size, writer.now())
    if offers[0].statement.subjects[0] != hashlib.sha256(spki(point)).digest():
        raise NotAllowed("the enrolment is for another key than the DID log's")
    part = offers[1].part
    if not isinstance(part, HandlePart):
        raise Malformed("no handle", "body.statements[1].private")
    check_assignable(part.handle)
    return Request(log, offers, part.handle, canonical(body))


class Joining:
    """The joins of one registry. Callers hold a lock around `start` and `finish`."""

    def __init__(self, database: Tables, writer: LogWriter) -> None:
        self._database, self._writer = database, writer

    def start(self, request: Request, network: str, per_day: int) -> None:
        """Store a request, unless this DID's is already under way.

        Raises:
            HandleTaken: the handle, or one that looks like it, is taken.
            TooMany: too many joins of this network today.
        """
        now, scid = self._writer.now(), request.log.scid
        known = self._database.row("select request from joins where scid = ?", (scid,))
        if known is not None and (self._joined(scid) or self._is_fresh(known[0])):
            return
        look = skeleton(request.handle)
        self._check_free(request.handle, look, scid)
        if known is None and network:
            (count,) = self._database.row(
                "select count(*) from joins where network = ? and started > ?", (network, now - DAY)
            )
            if count >= per_day:
                raise TooMany(f"{count} people joined from your network today", DAY)
        with self._database.write() as connection:
            connection.execute(
                "insert or replace into joins values (?, ?, ?, ?, ?, ?)",
                (scid, look, network, now, request.body, canonical({})),
            )

    def finish(self, scid: str) -> bytes:
        """Take a stored join to its end; return the certificate. Safe to repeat.

        Raises:
            NotAllowed: its statements are over 24 hours old by now; they must be signed again.
        """
        body, progress_bytes = self._database.row(
            "select request, progress from joins where scid = ?", (scid,)
        )
        request = read_stored(body, self._writer)
        if not self._joined(scid):
            self._check_age(request)
        progress = parse(progress_bytes, MAX_REQUEST)
        if not isinstance(progress, dict):
            raise Malformed("stored progress", "join")
        entry = request.log.entries[0]
        point = entry.signing_keys[0]
        if not progress:
            progress = self._prepare(request, point)
            self._store(scid, progress)
        self._log_prepared(progress)
        if "certificate" not in progress:
            precertificate = progress["precertificate"]
            if not isinstance(precertificate, dict):
                raise Malformed("stored progress", "join")
            certificate = self._writer.authorities.certificate(
                precertificate, point, self._writer.now()
            )
            progress = {**progress, "certificate": b64encode(certificate)}
            self._store(scid, progress)
        certificate = b64decode(str(progress["certificate"]))
        self._keep(request, certificate)
        self._writer.append(
            [
                Submission(item.id, scid, item.envelope, item.statement, certificate, item.private)
                for item in request.offers
            ]
        )
        return certificate

    def unfinished(self) -> list[str]:
        """Return the SCIDs that began within a day and whose five entries are not all logged."""
        rows = self._database.rows(
            "select scid from joins where started > ? and not exists "
            "(select 1 from people where people.scid = joins.scid and profile is not null)",
            (self._writer.now() - RESTART_SECONDS,),
        )
        return [scid for (scid,) in rows]

    def _check_age(self, request: Request) -> None:
        """A statement logged over 24 hours after its `notBefore` would never verify."""
        for offer in request.offers:
            check_not_before(offer, self._writer.trust, self._writer.size, self._writer.now())

    def _is_fresh(self, body: bytes) -> bool:
        try:
            self._check_age(read_stored(body, self._writer))
        except NotAllowed:
            return False
        return True

    def _joined(self, scid: str) -> bool:
        return (
            self._database.row(
                "select 1 from people where scid = ? and profile is not null", (scid,)
            )
            is not None
        )

    def _check_free(self, handle: str, look: str, scid: str) -> None:
        taken = self._database.row(
            "select handle from people where skeleton = ? and scid <> ?", (look, scid)
        ) or self._database.row(
            "select '' from joins where skeleton = ? and scid <> ? and started > ?",
            (look, scid, self._writer.now() - RESTART_SECONDS),
        )
        if taken is not None:
            like = f", which it looks like: @{taken[0]}" if taken[0] not in {"", handle} else ""
            raise HandleTaken(f"the handle @{handle} is taken{like}")

    def _prepare(self, request: Request, point: bytes) -> dict[str, Json]:
        """Make identity and issuance, and choose serial and validity, before anything is logged."""
        scid, entry = request.log.scid, request.log.entries[0]
        uri = Principal("person", scid).uri(self._writer.trust.public_url)
        precertificate = self._writer.authorities.precertificate(point, uri, self._writer.now())
        tbs = self._writer.authorities.tbs(precertificate, point)
        made = (
            self._writer.make("identity", entry.digest, IdentityFacts(scid, entry.version_id)),
            self._writer.make(
                "issuance", hashlib.sha256(tbs).digest(), IssuanceFacts(request.offers[0].id)
            ),
        )
        return {
            "precertificate": precertificate,
            "registry": [item.to_json() for item in made],
        }

    def _log_prepared(self, progress: dict[str, Json]) -> None:
        stored = progress["registry"]
        items = stored if isinstance(stored, list) else []
        self._writer.append_own(
            [parse_envelope(item, STATEMENT_PAYLOAD, "join.registry") for item in items]
        )

    def _store(self, scid: str, progress: dict[str, Json]) -> None:
        with self._database.write() as connection:
            connection.execute(
                "update joins set progress = ? where scid = ?", (canonical(progress), scid)
            )

    def _keep(self, request: Request, certificate: bytes) -> None:
        """Keep DID entry and certificate; no view shows them before the five entries are there."""
        scid, entry = request.log.scid, request.log.entries[0]
        with self._database.write() as connection:
            connection.execute(
                "insert or replace into did_entries values (?, ?, ?)",
                (scid, entry.number, canonical(entry.raw)),
            )
            connection.execute(
                "insert into certificates (scid, der, enrolment) select ?, ?, ? "
                "where not exists (select 1 from certificates where enrolment = ?)",
                (scid, certificate, request.offers[0].id, request.offers[0].id),
            )


def read_stored(body: bytes, writer: LogWriter) -> Request:
    """Read a request that was checked before it was stored; time-dependent checks are past."""
    record = Record(parse(body, MAX_REQUEST), "join")
    log = parse_log(record.items("didLog", 1, 1))
    offers = tuple(read_offer(item, writer.trust) for item in record.records("statements", 3, 3))
    part = offers[1].part
    return Request(log, offers, part.handle if isinstance(part, HandlePart) else "", body)
