"""The registry: one object that takes statements and answers questions, for API, pages and demo."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from typing import Self, TypeVar

from trust.core.assess import assess
from trust.core.canonical import Json, canonical
from trust.core.errors import NotFound, TouchplateError, Unavailable
from trust.core.log.note import Note
from trust.core.log.tile import TilePath
from trust.core.log.witness import Cosigned, WitnessPolicy
from trust.core.policy import Policy
from trust.core.registry.dossier import Dossier
from trust.core.registry.status import Status
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.bundle import Bundle
from trust.core.verdict import Verdict
from trust.service.append_path import Published
from trust.service.authorities import Authorities
from trust.service.clock import Clock
from trust.service.erasures import Erasures
from trust.service.health import Facts, Health
from trust.service.history import History, check_history
from trust.service.intake import Intake
from trust.service.log_writer import LogWriter
from trust.service.opening import DATABASE, open_authorities
from trust.service.proofs import Proofs
from trust.service.quotas import quota_network
from trust.service.records import Records, Row
from trust.service.settings import Settings
from trust.service.stores import open_appender, open_tables, open_tiles
from trust.service.takedowns import Takedown, Takedowns
from trust.service.taken import Taken
from trust.service.timestamps import open_timestamps
from trust.service.trust_files import TrustFiles
from trust.service.upkeep import Upkeep
from trust.service.views import Views
from trust.service.witnesses import Witnesses
from trust.storage.ports import Tables

START_SECONDS = 60  # that another process may take to begin the log
_LOOK_SECONDS = 0.05
Value = TypeVar("Value")


class Registry(AbstractContextManager["Registry"]):
    """A running registry. Open it with `Registry.open`; all methods are thread-safe."""

    def __init__(
        self,
        settings: Settings,
        database: Tables,
        authorities: Authorities,
        trust: TrustFiles,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self._database, self._authorities, self._trust = database, authorities, trust
        self._tiles = open_tiles(settings, authorities.origin)
        wanted = settings.witness_policy
        policy = trust.newest.witness_policy if wanted is None else WitnessPolicy.parse(wanted)
        history = History(database, self._tiles, authorities)
        check_history(settings, history, trust.newest, policy)
        witnesses = Witnesses(policy, required=settings.witnesses_required)
        sequencer = open_appender(settings, database, self._tiles, authorities, clock, witnesses)
        writer = LogWriter(database, sequencer, authorities, trust, clock)
        records = Records(database)
        erasures = Erasures(database, writer, records, authorities.keys["handles"].sign)
        takedowns = Takedowns(database, records, settings.data, erasures)
        proofs = Proofs(database, self._tiles, records, trust)
        intake = Intake(database, sequencer, writer, records, proofs, settings, erasures)
        self._sequencer, self._writer, self._intake = sequencer, writer, intake
        self._records, self._proofs, self._takedowns = records, proofs, takedowns
        self._views = Views(database, records, trust, takedowns, intake.recoveries)
        self._health = Health(settings, sequencer, clock)
        self._timestamps = open_timestamps(settings, database, authorities.keys, clock)
        self._upkeep = Upkeep(
            settings, database, sequencer, writer, trust, takedowns, intake.finish
        )

    @classmethod
    def open(
        cls, settings: Settings, passphrase: bytes, clock: Callable[[], float] = time.time
    ) -> Self:
        """Open a registry, making it on first start; finish what a crash left half done.

        Raises:
            NotAllowed: a wrong passphrase, or a witness holds more of this log than the folder.
            Conflict: the data folder is of another public URL, or in use by another process.
            NotFound: the key file is gone.
            Unavailable: the stored log does not hold, or the disk refuses.
        """
        in_folder = settings.database is None
        if settings.read_only and in_folder and not (settings.data / DATABASE).exists():
            raise NotFound(f"no registry at {settings.data} that could be read")
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        steady = Clock(clock)
        with ExitStack() as opened:
            database = opened.enter_context(closing(open_tables(settings)))
            with database.alone("opening"):
                authorities = open_authorities(settings, database, passphrase, steady.now())
                opened.callback(authorities.close)
                trust = TrustFiles(database, authorities, steady.now())
            registry = cls(settings, database, authorities, trust, steady)
            opened.pop_all()
        try:
            registry._begin()
        except BaseException:
            registry.close()
            raise
        return registry

    def close(self) -> None:
        """Finish what is queued and close the files."""
        self._upkeep.close()
        self._sequencer.close()
        self._authorities.close()
        self._database.close()

    def __exit__(self, *_error: object) -> None:
        """Close."""
        self.close()

    @property
    def trust(self) -> TrustFile:
        """The newest trust file."""
        return self._trust.newest

    @property
    def cosigned(self) -> Cosigned:
        """Which operators cosigned the newest published checkpoint, by the trust file's policy."""
        note = Note.parse(self._published.checkpoint.note)
        return self.trust.witness_policy.judge(note)

    def submit(self, body: Json, network: str) -> Json:
        """Take {envelope, private} or a join; return once a published checkpoint covers it.

        Raises:
            Malformed: not in the format of a statement or a join.
            NotAllowed: this signer may not say this, or not now.
            Conflict: another statement stands under the id, or the handle is taken.
            TooMany: the quota of this network, or of this person, is used up.
            NotFound: the signer has not joined.
            Unavailable: the writer has stopped, the disk is nearly full, or this registry is
                read-only; the same request later may succeed.
        """
        self._health.check_writable()
        return self._intake.take(body, network)

    def begin(self, body: Json, network: str) -> Taken:
        """Begin what `submit` does, without waiting for the log where that can be.

        Raises:
            TouchplateError: what `submit` raises, where it is known before anything is logged.
        """
        self._health.check_writable()
        return self._intake.begin(body, network)

    def begin_all(self, bodies: Sequence[Json], network: str) -> list[Taken | TouchplateError]:
        """Begin what `submit` does for many that share checkpoints, each with its own fate.

        Raises:
            Unavailable: the disk is nearly full.
        """
        self._health.check_writable()
        return self._intake.begin_all(bodies, network)

    def read_together(self, taken: Sequence[Taken]) -> dict[str, Row]:
        """Wait for many, and return the entries that their answers are made of, by their ids."""
        return self._intake.read_together(taken)

    def timestamp(self, request: bytes, network: str) -> bytes:
        """Answer an RFC 3161 request of anyone; raise TooMany for one network too often."""
        return self._timestamps.reply(request, quota_network(network))

    def timestamp_chain(self) -> tuple[bytes, bytes]:
        """Return the certificates behind `timestamp`, DER, the root last."""
        authority = self._timestamps.authority
        return authority.certificate.der, authority.root.der

    def facts(self) -> Facts:
        """Return how this registry is, for whoever watches it."""
        return self._health.facts()

    def checkpoint(self) -> str:
        """Return the newest published checkpoint."""
        return self._published.checkpoint.note

    def tile(self, path: str) -> bytes:
        """Return a tile by its path; raise Malformed or NotFound."""
        return self._tiles.read(TilePath.parse(path))

    def bundle(self, statement_id: str) -> Bundle:
        """Return the bundle of a statement."""
        return self._proofs.bundle(*self._named(statement_id))

    def dossier(self, statement_id: str) -> bytes:
        """Return the dossier of a statement."""
        return self._dossier(statement_id).encode()

    def verdict(self, statement_id: str, now: int) -> tuple[Verdict, Dossier]:
        """Judge a statement as the page does: nobody has the file in hand."""
        dossier = self._dossier(statement_id)
        return assess(dossier, None, self.trust, now, Policy(), now=now), dossier

    def withdrawal_reason(self, statement_id: str) -> str | None:
        """Return why its signer withdrew a statement, in their words, while they are kept."""
        reason = (self._views.withdrawn(*self._named(statement_id)) or {}).get("reason")
        return reason if isinstance(reason, str) else None

    def takedown(self, statement_id: str) -> Takedown | None:
        """Return since when and why the private part of a statement is taken down, if it is."""
        return self._takedowns.of(statement_id)

    def attestation(self, statement_id: str) -> dict[str, Json]:
        """Return what the API says of a statement, with a verdict."""
        found = self._views.attestation(*self._named(statement_id))
        verdict, _ = self.verdict(statement_id, self._writer.now())
        return {**found, "verdict": verdict.to_json()}

    def attestations(self, digest: bytes) -> list[dict[str, Json]]:
        """Return every deliverable with this subject."""
        return self._views.attestations(self._published, digest)

    def person(self, who: str) -> dict[str, Json]:
        """Return a person by SCID or @handle."""
        return self._found(lambda published: self._views.person(published, who))

    def enterprise(self, enterprise: str) -> dict[str, Json]:
        """Return an enterprise by the id of its founding."""
        return self._views.enterprise(self._published, enterprise)

    def did_log(self, scid: str) -> list[Json]:
        """Return a person's DID entries; raise NotFound before they are visible."""
        self.person(scid)
        return self._records.did_log(scid, self._published.size)

    def entries(self, origin: str, page: int) -> dict[str, Json]:
        """Return a page of 256 published entries."""
        if origin != self._authorities.origin:
            raise NotFound(f"no log {origin[:80]!r}")
        return self._views.entries(self._published, page)

    def status(self, at: int | None, of: list[bytes]) -> Status:
        """Return the newest snapshot, or that of a published size, with proofs."""
        published = self._published
        if at is None or at == published.size:
            return self._proofs.status(published, of)
        return self._proofs.status_at(published, at, of)

    def trust_file(self, version: int | None) -> bytes:
        """Return the newest or one version of the trust file."""
        return self.trust.encoded if version is None else self._trust.document(version)

    def trust_root(self) -> bytes:
        """Return Sigstore's trusted_root.json."""
        return canonical(self.trust.trusted_root)

    @property
    def _published(self) -> Published:
        return self._sequencer.published

    def _dossier(self, statement_id: str) -> Dossier:
        return self._proofs.dossier(*self._named(statement_id))

    def _named(self, statement_id: str) -> tuple[Published, Row]:
        """Return what is published, and an entry that it covers."""
        return self._found(lambda now: (now, self._records.named(statement_id, now.size)))

    def _found(self, read: Callable[[Published], Value]) -> Value:
        """Read what is published; another process may have answered for more just now."""
        published = self._published
        try:
            return read(published)
        except NotFound:
            self._sequencer.catch_up()
            if self._published is published:
                raise
        return read(self._published)

    def _begin(self) -> None:
        """Start upkeep; return when the first entries are logged, by whichever process."""
        if self.settings.read_only:
            return
        self._upkeep.start()
        deadline = time.monotonic() + START_SECONDS
        while not (self._published.size > 1 and self._writer.certificate):
            if time.monotonic() > deadline:
                raise Unavailable(f"no process has begun the log within {START_SECONDS} seconds")
            self._writer.refresh()
            time.sleep(_LOOK_SECONDS)
