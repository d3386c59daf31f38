"""Joining: a person's first five entries, finished however often the registry is killed.

(1) The client sends DID genesis, enrolment, handle and profile, without a certificate; the request
is stored. (2) `identity` and `issuance` are logged. (3) Then the SCT is signed and the certificate
issued. (4) The three statements are logged with it. Each step stores what it made before it goes
on, so that a repeated join, or the next start, continues; what was logged is found again by its id.
"""

import hashlib

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Conflict, HandleTaken, Malformed, NotAllowed, TooMany, Unavailable
from trust.core.people.handle import skeleton
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.facts import IdentityFacts, IssuanceFacts
from trust.core.signing.identity import Principal
from trust.service.append_path import Submission
from trust.service.checks import check_new_parts, check_not_before
from trust.service.erased_handles import ErasedHandles
from trust.service.join_request import MAX_REQUEST, Request, read_stored
from trust.service.log_writer import LogWriter
from trust.storage.ports import Tables, Transaction

RESTART_SECONDS = 24 * 3600  # a join that old starts again, with the same DID
DAY = 24 * 3600


class Joining:
    """The joins of one registry. Callers let one at a time into `start` and `finish`."""

    def __init__(self, database: Tables, writer: LogWriter, handles: ErasedHandles) -> None:
        self._database, self._writer, self._handles = database, writer, handles

    def start(self, request: Request, network: str, per_day: int) -> None:
        """Store a request, unless this DID's is already under way.

        Raises:
            Conflict: the one that is under way, or has joined, asked for another handle or name,
                or for something that was erased; or a private part of it is somebody else's.
            HandleTaken: the handle, or one that looks like it, is taken.
            TooMany: too many joins of this network today.
        """
        now, scid = self._writer.now(), request.log.scid
        with self._database.write() as transaction:
            known = transaction.row("select request from joins where scid = ?", (scid,))
            if known is not None and not known[0]:
                raise Conflict("this DID has joined, and what it asked for then was erased")
            if known is not None and (self._joined(scid) or self._is_fresh(known[0])):
                self._check_same(request, read_stored(known[0], self._writer))
                return
            look = skeleton(request.handle)
            self._check_free(transaction, request.handle, look, scid)
            check_new_parts(transaction, request.offers)
            if known is None and network:
                (count,) = transaction.row(
                    "select count(*) from joins where network = ? and started > ?",
                    (network, now - DAY),
                )
                if count >= per_day:
                    raise TooMany(f"{count} people joined from your network today", DAY)
            transaction.execute(
                "insert into joins values (?, ?, ?, ?, ?, ?) on conflict (scid) do update set "
                "skeleton = excluded.skeleton, network = excluded.network, "
                "started = excluded.started, request = excluded.request, "
                "progress = excluded.progress",
                (scid, look, network, now, request.body, canonical({})),
            )

    def finish(self, scid: str) -> bytes:
        """Take a stored join to its end; return the certificate. Safe to repeat.

        Raises:
            Unavailable: another process went on with it meanwhile.
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
        point = request.point
        if not progress:
            progress = self._prepare(request, point)
            progress_bytes = self._store(scid, progress, progress_bytes)
        self._log_prepared(progress)
        if "certificate" not in progress:
            precertificate = progress["precertificate"]
            if not isinstance(precertificate, dict):
                raise Malformed("stored progress", "join")
            certificate = self._writer.authorities.certificate(
                precertificate, point, self._writer.now()
            )
            progress = {**progress, "certificate": b64encode(certificate)}
            self._store(scid, progress, progress_bytes)
        certificate = b64decode(str(progress["certificate"]))
        self._keep(request, certificate)
        self._writer.append(
            [
                Submission(item.id, scid, item.envelope, item.statement, certificate, item.private)
                for item in request.offers
            ]
        )
        return certificate

    def statements(self, scid: str) -> list[str]:
        """Return the ids of the three statements of a join that is logged."""
        rows = self._database.rows(
            "select id from entries where scid = ? and type in ('enrolment', 'handle', 'profile') "
            "order by idx limit 3",
            (scid,),
        )
        return [statement_id for (statement_id,) in rows]

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

    def _check_same(self, request: Request, first: Request) -> None:
        """A join that is repeated goes on; one that asks for something else is not the same."""
        if request.asked == first.asked:
            return
        who = f"@{first.handle}" + (f", {first.name!r}" if first.name else " without a name")
        if self._joined(first.log.scid):
            raise Conflict(f"this DID has joined already, as {who}")
        raise Conflict(
            f"this DID is about to join as {who}: repeat that, or wait until 24 hours after it was "
            "asked for to ask for something else"
        )

    def _joined(self, scid: str) -> bool:
        return (
            self._database.row(
                "select 1 from people where scid = ? and profile is not null", (scid,)
            )
            is not None
        )

    def _check_free(self, transaction: Transaction, handle: str, look: str, scid: str) -> None:
        taken = transaction.row(
            "select handle from people where skeleton = ? and scid <> ?", (look, scid)
        ) or transaction.row(
            "select '' from joins where skeleton = ? and scid <> ? and started > ?",
            (look, scid, self._writer.now() - RESTART_SECONDS),
        )
        if taken is None and self._handles.has(transaction, look):
            taken = ("",)
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

    def _store(self, scid: str, progress: dict[str, Json], before: bytes) -> bytes:
        """Put progress in the place of what it was made from; return its bytes."""
        document = canonical(progress)
        with self._database.write() as transaction:
            changed = transaction.execute(
                "update joins set progress = ? where scid = ? and progress = ?",
                (document, scid, before),
            )
        if not changed:
            raise Unavailable("another process went on with this join; send it again")
        return document

    def _keep(self, request: Request, certificate: bytes) -> None:
        """Keep DID entry and certificate; no view shows them before the five entries are there."""
        scid, entry = request.log.scid, request.log.entries[0]
        with self._database.write() as transaction:
            transaction.execute(
                "insert into did_entries values (?, ?, ?) "
                "on conflict (scid, number) do update set document = excluded.document",
                (scid, entry.number, canonical(entry.raw)),
            )
            transaction.execute(
                "insert into certificates (scid, der, enrolment) select ?, ?, ? "
                "where not exists (select 1 from certificates where enrolment = ?)",
                (scid, certificate, request.offers[0].id, request.offers[0].id),
            )
