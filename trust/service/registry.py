"""The registry: one object that takes statements and answers questions, for API, pages and demo."""

import contextlib
import hashlib
import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from trust.core.assess import assess
from trust.core.canonical import Json, canonical
from trust.core.encoding import b64encode
from trust.core.errors import Conflict, NotAllowed, NotFound, TouchplateError
from trust.core.judging.standing import needed
from trust.core.keys.p256 import spki
from trust.core.log.tile import TilePath
from trust.core.people.did import parse_log
from trust.core.policy import Policy
from trust.core.record import Record
from trust.core.registry.dossier import Dossier
from trust.core.registry.status import Status
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.bundle import Bundle
from trust.core.signing.facts import IssuanceFacts, TrustFacts
from trust.core.signing.identity import Principal
from trust.core.verdict import Verdict
from trust.core.verify import verify
from trust.core.x509.certificate import parse_certificate
from trust.service.authorities import DAY, Authorities
from trust.service.checks import Offer, check_not_before, check_signature, read_offer
from trust.service.joining import Joining, read_request
from trust.service.log_writer import LogWriter
from trust.service.opening import (
    open_authorities,
    open_trust_file,
    own_certificate,
    own_request,
)
from trust.service.projections import rebuild
from trust.service.sequencer import ENTRY_SQL, Published, Sequencer, Submission, load_entry
from trust.service.settings import Settings
from trust.service.views import Views
from trust.storage.database import Database
from trust.storage.tiles import TileFolder

RENEWAL = 30 * DAY  # before the end of a certificate
_log = logging.getLogger(__name__)


class Registry:
    """A running registry. Open it with `Registry.open`; all methods are thread-safe."""

    def __init__(self, settings: Settings, database: Database, authorities: Authorities,
                 trust: TrustFile, clock: Callable[[], float]) -> None:  # fmt: skip
        self.settings, self.trust = settings, trust
        self._database, self._authorities = database, authorities
        tiles = TileFolder(settings.data / "public" / authorities.origin)
        self._sequencer = Sequencer(database, tiles, authorities, clock)
        self._writer = LogWriter(database, self._sequencer, authorities, trust, clock)
        self._views = Views(database, self._sequencer, trust)
        self._joining = Joining(database, self._writer)
        self._join_lock = threading.Lock()

    @classmethod
    def open(
        cls, settings: Settings, passphrase: bytes, clock: Callable[[], float] = time.time
    ) -> Self:
        """Open a registry, making it on first start; finish what a crash left half done.

        Raises:
            NotAllowed: a wrong passphrase.
            Conflict: the data folder is of another public URL.
            Unavailable: the stored log does not hold.
        """
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(settings.data / "registry.db")
        try:
            authorities = open_authorities(settings, database, passphrase, int(clock()))
            trust = open_trust_file(database, authorities, int(clock()))
            registry = cls(settings, database, authorities, trust, clock)
        except BaseException:
            database.close()
            raise
        registry._bootstrap()
        for scid in registry._joining.unfinished():
            with contextlib.suppress(TouchplateError):
                registry._joining.finish(scid)
        return registry

    def close(self) -> None:
        """Finish what is queued and close the files."""
        self._sequencer.close()
        self._database.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def submit(self, body: Json, network: str) -> Json:
        """Take {envelope, private} or a join; return once a published checkpoint covers it.

        Raises:
            Malformed, NotAllowed, Conflict, TooMany, Unavailable: see specs/api.md.
        """
        if isinstance(body, dict) and "didLog" in body:
            return self._join(body, network)
        offer = read_offer(Record(body, "body"), self.trust)
        known = self._known(offer)
        if known is not None:
            return known
        if offer.statement.type == "enrolment":
            return self._renew(offer)
        if offer.statement.type in {"handle", "profile"}:
            raise NotAllowed(f"a {offer.statement.type} is part of joining in this version")
        certificate = self._signer_certificate(offer)
        check_not_before(offer, self.trust, self._writer.size, self._writer.now())
        self._writer.append(
            [Submission(offer.id, offer.scid, offer.envelope, certificate, offer.private)]
        )
        return self._answer(offer.id)

    def ready(self) -> bool:
        """Say whether a checkpoint is published."""
        return self._published.size > 1

    def checkpoint(self) -> str:
        """Return the newest published checkpoint."""
        return self._published.checkpoint.note

    def tile(self, path: str) -> bytes:
        """Return a tile by its path; raise Malformed or NotFound."""
        return self._sequencer.read_tile(TilePath.parse(path))

    def bundle(self, statement_id: str) -> Bundle:
        """Return the bundle of a statement."""
        published = self._published
        return self._views.bundle(published, self._views.row(published, statement_id))

    def dossier(self, statement_id: str) -> bytes:
        """Return the dossier of a statement."""
        return self._dossier(statement_id).encode()

    def verdict(self, statement_id: str, now: int) -> tuple[Verdict, Dossier]:
        """Judge a statement as the page does: nobody has the file in hand."""
        dossier = self._dossier(statement_id)
        return assess(dossier, None, self.trust, now, Policy(), now=now), dossier

    def attestation(self, statement_id: str) -> dict[str, Json]:
        """Return what the API says of a statement, with a verdict."""
        found = self._views.attestation(self._views.row(self._published, statement_id))
        verdict, _ = self.verdict(statement_id, self._writer.now())
        signed = verdict.to_json()["signed"]
        before = signed["notBefore"] if isinstance(signed, dict) else None
        return {**found, "notBefore": before, "verdict": verdict.to_json()}

    def attestations(self, digest: bytes) -> list[dict[str, Json]]:
        """Return every deliverable with this subject."""
        return self._views.attestations(self._published, digest)

    def person(self, who: str) -> dict[str, Json]:
        """Return a person by SCID or @handle."""
        return self._views.person(self._published, who)

    def did_log(self, scid: str) -> list[Json]:
        """Return a person's DID entries; raise NotFound before they are visible."""
        self.person(scid)
        return self._views.did_log(scid)

    def entries(self, origin: str, page: int) -> dict[str, Json]:
        """Return a page of 256 published entries."""
        if origin != self._authorities.origin:
            raise NotFound(f"no log {origin[:80]!r}")
        return self._views.entries(self._published, page)

    def status(self, at: int | None, of: list[bytes]) -> Status:
        """Return the newest snapshot, or that of a published size, with proofs."""
        published = self._published
        if at is None or at == published.size:
            return self._views.status(published, of)
        return self._views.status_at(at, of)

    def trust_file(self, version: int | None) -> bytes:
        """Return the newest or one version of the trust file."""
        if version is None:
            return self.trust.encoded
        row = self._database.row("select document from trust_files where version = ?", (version,))
        if row is None:
            raise NotFound(f"no version {version} of the trust file")
        return bytes(row[0])

    def trust_root(self) -> bytes:
        """Return Sigstore's trusted_root.json."""
        return canonical(self.trust.trusted_root)

    def rebuild_projections(self) -> None:
        """Drop every projection and make it again from the published entries."""
        entries = [
            load_entry(self._database.row(ENTRY_SQL, (index,)))
            for index in range(self._published.size)
        ]
        rebuild(self._database, entries)

    @property
    def _published(self) -> Published:
        return self._sequencer.published

    def _dossier(self, statement_id: str) -> Dossier:
        published = self._published
        return self._views.dossier(published, self._views.row(published, statement_id))

    def _join(self, body: dict[str, Json], network: str) -> Json:
        request = read_request(body, self._writer)
        loopback = network in {"", "127.0.0.1", "::1"}
        with self._join_lock:
            self._joining.start(
                request, "" if loopback else _network(network), self.settings.joins_per_day
            )
            certificate = self._joining.finish(request.log.scid)
        stored = self._database.rows(
            "select id from entries where scid = ? and type in ('enrolment', 'handle', 'profile') "
            "order by idx limit 3",
            (request.log.scid,),
        )
        answers = [self._answer(statement_id) for (statement_id,) in stored]
        answers[0]["certificate"] = b64encode(certificate)
        return list(answers)

    def _renew(self, offer: Offer) -> Json:
        """Issue a new certificate for the same key, within 30 days of the old one's end."""
        old = parse_certificate(self._signer_certificate(offer))
        if offer.statement.subjects[0] != hashlib.sha256(spki(old.point)).digest():
            raise NotAllowed("an enrolment renews the certificate of the same key")
        if old.not_after - self._writer.now() > RENEWAL:
            raise NotAllowed("the certificate is good for more than 30 days")
        check_not_before(offer, self.trust, self._writer.size, self._writer.now())
        uri = Principal("person", offer.scid).uri(self.trust.public_url)
        request = self._authorities.precertificate(old.point, uri, self._writer.now())
        tbs = self._authorities.tbs(request, old.point)
        facts = IssuanceFacts(offer.id)
        self._writer.append_own(
            [self._writer.make("issuance", hashlib.sha256(tbs).digest(), facts)]
        )
        certificate = self._authorities.certificate(request, old.point, self._writer.now())
        with self._database.write() as connection:
            connection.execute(
                "insert into certificates (scid, der, enrolment) values (?, ?, ?)",
                (offer.scid, certificate, offer.id),
            )
        self._writer.append(
            [Submission(offer.id, offer.scid, offer.envelope, certificate, offer.private)]
        )
        return {**self._answer(offer.id), "certificate": b64encode(certificate)}

    def _known(self, offer: Offer) -> Json:
        """Return the first result of a statement that is already published."""
        with contextlib.suppress(NotFound):
            row = self._views.row(self._published, offer.id)
            if row.payload != offer.envelope.payload:
                raise Conflict(f"another statement stands under id {offer.id}")
            return self._answer(offer.id)
        return None

    def _signer_certificate(self, offer: Offer) -> bytes:
        """Return the newest certificate of the key that the current DID version holds."""
        self.person(offer.scid)
        log = parse_log(self._views.did_log(offer.scid))
        current = log.entries[-1]
        named = (offer.statement.signer.id, offer.statement.signer.version)
        if named != (log.did, current.version_id):
            raise NotAllowed(f"signed under {named[1]}, the current DID version is "
                             f"{current.version_id}")  # fmt: skip
        (der,) = self._database.row(
            "select der from certificates where scid = ? order by seq desc limit 1", (offer.scid,)
        )
        certificate = parse_certificate(der)
        if certificate.point not in current.signing_keys:
            raise NotAllowed("the current DID version does not hold the certificate's key")
        if self._writer.now() >= certificate.not_after:
            raise NotAllowed("the certificate has expired: renew it")
        check_signature(offer, certificate.point)
        return bytes(der)

    def _answer(self, statement_id: str) -> dict[str, Json]:
        """Return {id, index, bundle, status} of a published statement."""
        published = self._published
        row = self._views.row(published, statement_id)
        bundle = self._views.bundle(published, row)
        verified = verify(bundle, None, self.trust, published.checkpoint.time)
        names = list(needed(verified))
        if row.type == "withdrawal":
            names.append(verified.statement.subjects[0])
        return {
            "id": row.id,
            "index": row.index,
            "bundle": bundle.to_json(),
            "status": self._views.status(published, names).to_json(),
        }

    def _bootstrap(self) -> None:
        """Log the first two entries of the log, whichever are missing (DESIGN 3.6)."""
        point = self._authorities.keys["registry"].public_key
        request = own_request(self._database, self._authorities, self._writer.now())
        if self._writer.size == 0:
            self._writer.certificate = self._authorities.certificate(request, point, None)
            tbs = self._authorities.tbs(request, point)
            self._writer.append_own(
                [self._writer.make("issuance", hashlib.sha256(tbs).digest(), IssuanceFacts(None))]
            )
        self._writer.certificate = own_certificate(
            self._database, self._authorities, request, self._writer.now()
        )
        if self._writer.size == 1:
            digest = hashlib.sha256(self.trust.encoded).digest()
            facts = TrustFacts(self.trust.version)
            self._writer.append_own([self._writer.make("trust", digest, facts)])


def _network(address: str) -> str:
    """The network that shares a quota: /24 of IPv4, /64 of IPv6."""
    if ":" in address:
        return ":".join(address.split(":")[:4])
    return ".".join(address.split(".")[:3])
