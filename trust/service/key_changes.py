"""Changes of keys, finished however often the registry is killed.

(1) The request is stored. (2) `identity` of the new version is logged, and for a key that asks for
a certificate its `issuance`. (3) The version becomes part of the key history. (4) The SCT is
signed, the certificate issued, and the statements that came along are logged. Each step stores
what it made before it goes on; a request that is repeated, or the next start, continues.
"""

import contextlib
from hashlib import sha256

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Conflict, Malformed, NotAllowed, TooMany, Unavailable
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.facts import IdentityFacts, IssuanceFacts
from trust.core.signing.identity import Principal
from trust.service.append_path import Submission
from trust.service.checks import Offer, check_not_before
from trust.service.key_change_request import (
    MAX_REQUEST,
    KeyChange,
    check_key_change,
    read_stored_change,
    signing_point,
)
from trust.service.log_writer import LogWriter
from trust.service.records import Records
from trust.service.recoveries import Recoveries
from trust.service.revoking import check_room, wait_past
from trust.service.signers import CurrentSigner, Signers
from trust.storage.ports import Tables

DAY = 24 * 3600
CHANGES_PER_DAY = 50  # of one person: each makes entries of the registry's own


class KeyChanges:
    """The changes of keys of one registry. Callers let one at a time into every method."""

    def __init__(
        self,
        database: Tables,
        writer: LogWriter,
        signers: Signers,
        records: Records,
        recoveries: Recoveries,
    ) -> None:
        self._recoveries = recoveries
        self._database, self._writer = database, writer
        self._signers, self._records = signers, records

    def take(self, change: KeyChange) -> None:
        """Make a change, or go on with it. What is whole already is left as it is.

        Raises:
            Conflict: another change came first.
            NotAllowed, Malformed: see `check_key_change`.
            TooMany: so many changes a day nobody needs.
            Unavailable: the writer has stopped; the same request later goes on.
        """
        scid = change.log.scid
        if self._is_made(change):
            return
        begun = self._begun(scid)
        if begun is not None and begun.body != change.body:
            if begun.log.entries != change.log.entries:
                # Its statements may be too old by now; the version that it logged stands.
                with contextlib.suppress(NotAllowed):
                    self.finish(scid)
            begun = None
        signer = self._signer(scid)
        if begun is None:
            if signer.log.entries == change.log.entries:
                self._check_same_version(change, signer)
            else:
                waited = self._recoveries.has_waited(change)
                check_key_change(change, signer, self._writer, waited=waited)
                self._check_quota(scid)
            for offer in change.offers:
                if offer is not change.enrolment:
                    check_room(self._database, offer)
            self._store(change)
        self.finish(scid)

    def finish(self, scid: str) -> None:
        """Take a stored change to its end. Safe to repeat.

        Raises:
            NotAllowed: its statements are over 24 hours old by now: the new version stands, and
                they must be signed again.
            Unavailable: another process went on with it meanwhile, or the writer has stopped.
        """
        begun = self._begun(scid)
        if begun is None:
            return
        progress = self._progress(scid)
        if not progress:
            for offer in begun.offers:
                self._check_age(offer)
            progress = self._advance(scid, self._prepare(begun), {})
        self._log_prepared(progress)
        self._keep_version(begun)
        if begun.enrolment is not None and "certificate" not in progress:
            issued = self._issue(begun, progress)
            progress = self._advance(scid, {**progress, "certificate": b64encode(issued)}, progress)
        for offer in begun.offers:
            self._check_age(offer)
        self._log_statements(begun, progress)
        with self._database.write() as transaction:
            transaction.execute("delete from key_changes where scid = ?", (scid,))

    def unfinished(self) -> list[str]:
        """Return the SCIDs whose change was cut off."""
        return [scid for (scid,) in self._database.rows("select scid from key_changes", ())]

    def _is_made(self, change: KeyChange) -> bool:
        """Say whether this very change was made, be it long ago, with all that came along."""
        size, count = self._writer.size, len(change.log.entries)
        known = self._signer(change.log.scid).log.entries
        logged = self._records.all_named([item.id for item in change.offers], size)
        return known[:count] == change.log.entries and all(
            item.id in logged and logged[item.id].payload == item.envelope.payload
            for item in change.offers
        )

    def _signer(self, scid: str) -> CurrentSigner:
        return self._signers.current(scid, self._writer.size)

    def _begun(self, scid: str) -> KeyChange | None:
        row = self._database.row("select request from key_changes where scid = ?", (scid,))
        return None if row is None else read_stored_change(row[0], self._writer)

    def _check_same_version(self, change: KeyChange, signer: CurrentSigner) -> None:
        """The version stands already: only statements that a crash cut off may follow it."""
        before = signer.before(change.entry)
        check_key_change(change, before, self._writer, waited=True)
        enrolment = change.enrolment
        if enrolment is not None and signing_point(change, enrolment) in signer.certificates:
            raise Conflict(f"version {change.entry.version_id} has its certificate already")

    def _check_quota(self, scid: str) -> None:
        (count,) = self._database.row(
            "select count(*) from identities join entries on entries.idx = identities.idx "
            "where identities.scid = ? and signed_at > ?",
            (scid, self._writer.now() - DAY),
        )
        if count >= CHANGES_PER_DAY:
            raise TooMany(f"you changed your keys {count} times in 24 hours", DAY)

    def _store(self, change: KeyChange) -> None:
        with self._database.write() as transaction:
            transaction.execute(
                "insert into key_changes values (?, ?, ?, ?) on conflict (scid) do update set "
                "started = excluded.started, request = excluded.request, "
                "progress = excluded.progress",
                (change.log.scid, self._writer.now(), change.body, canonical({})),
            )

    def _progress(self, scid: str) -> dict[str, Json]:
        (stored,) = self._database.row("select progress from key_changes where scid = ?", (scid,))
        progress = parse(stored, MAX_REQUEST)
        if not isinstance(progress, dict):
            raise Malformed("stored progress", "key change")
        return progress

    def _advance(
        self, scid: str, progress: dict[str, Json], before: dict[str, Json]
    ) -> dict[str, Json]:
        """Put progress in the place of what it was made from."""
        with self._database.write() as transaction:
            changed = transaction.execute(
                "update key_changes set progress = ? where scid = ? and progress = ?",
                (canonical(progress), scid, canonical(before)),
            )
        if not changed:
            raise Unavailable("another process went on with this change; send it again")
        return progress

    def _prepare(self, change: KeyChange) -> dict[str, Json]:
        """Make identity and issuance, and choose serial and validity, before anything is logged."""
        scid, entry = change.log.scid, change.entry
        facts = IdentityFacts(scid, entry.version_id)
        made = [self._writer.make("identity", entry.digest, facts)]
        progress: dict[str, Json] = {}
        if change.enrolment is not None:
            point = signing_point(change, change.enrolment)
            authorities = self._writer.authorities
            uri = Principal("person", scid).uri(self._writer.trust.public_url)
            request = authorities.precertificate(point, uri, self._writer.now())
            digest = sha256(authorities.tbs(request, point)).digest()
            made.append(self._writer.make("issuance", digest, IssuanceFacts(change.enrolment.id)))
            progress["precertificate"] = request
        return {**progress, "registry": [item.to_json() for item in made]}

    def _log_prepared(self, progress: dict[str, Json]) -> None:
        stored = progress["registry"]
        items = stored if isinstance(stored, list) else []
        self._writer.append_own(
            [parse_envelope(item, STATEMENT_PAYLOAD, "key change.registry") for item in items]
        )

    def _keep_version(self, change: KeyChange) -> None:
        """Keep the new version, now that it is logged: no view shows one that is not."""
        entry = change.entry
        with self._database.write() as transaction:
            transaction.execute(
                "insert into did_entries values (?, ?, ?) on conflict do nothing",
                (change.log.scid, entry.number, canonical(entry.raw)),
            )
        self._signers.forget()

    def _issue(self, change: KeyChange, progress: dict[str, Json]) -> bytes:
        request = progress["precertificate"]
        if change.enrolment is None or not isinstance(request, dict):
            raise Malformed("stored progress", "key change")
        point = signing_point(change, change.enrolment)
        issued = self._writer.authorities.certificate(request, point, self._writer.now())
        with self._database.write() as transaction:
            transaction.execute(
                "insert into certificates (scid, der, enrolment) values (?, ?, ?)",
                (change.log.scid, issued, change.enrolment.id),
            )
        return issued

    def _check_age(self, offer: Offer) -> None:
        """A statement logged over 24 hours after its `notBefore` would never verify."""
        check_not_before(offer, self._writer.trust, self._writer.size, self._writer.now())

    def _log_statements(self, change: KeyChange, progress: dict[str, Json]) -> None:
        """Log the enrolment, then the revocations, each under the certificate of its key."""
        if not change.offers:
            return
        scid = change.log.scid
        certificates = {point: item.der for point, item in self._signer(scid).certificates.items()}
        if change.enrolment is not None:
            new = signing_point(change, change.enrolment)
            certificates[new] = b64decode(str(progress["certificate"]))
        wait_past(self._database, self._writer, scid)
        self._writer.append(
            [
                Submission(
                    item.id,
                    scid,
                    item.envelope,
                    item.statement,
                    certificates[signing_point(change, item)],
                    item.private,
                )
                for item in change.offers
            ]
        )
