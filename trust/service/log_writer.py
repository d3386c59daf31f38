"""Writing to the log under ids: idempotent, and with the registry's own signature where needed."""

import secrets
import threading
from collections.abc import Sequence
from concurrent.futures import Future

from trust.core.errors import Conflict, TouchplateError, Unavailable
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.envelope import Envelope
from trust.core.signing.facts import Facts
from trust.core.signing.identity import SALT_SIZE, Principal, statement_id
from trust.core.signing.statement import (
    RegistryRef,
    SignerRef,
    Statement,
    parse_statement,
    sign_statement,
)
from trust.service.authorities import Authorities
from trust.service.clock import Clock
from trust.service.sequencer import Sequencer, Submission
from trust.service.trust_files import TrustFiles
from trust.storage.ports import Tables


class LogWriter:
    """Appends statements once each, also when the same one arrives twice at a time."""

    def __init__(
        self,
        database: Tables,
        sequencer: Sequencer,
        authorities: Authorities,
        trust: TrustFiles,
        clock: Clock,
    ) -> None:
        self._database, self._sequencer, self._clock = database, sequencer, clock
        self._trust, self.authorities = trust, authorities
        self.certificate = b""  # the registry's own, once it is issued
        self._flying: dict[str, tuple[bytes, Future[None]]] = {}
        self._lock = threading.Lock()

    @property
    def trust(self) -> TrustFile:
        """The newest trust file."""
        return self._trust.newest

    @property
    def size(self) -> int:
        """Entries that the published checkpoint covers."""
        return self._sequencer.published.size

    @property
    def did_host(self) -> str:
        """The host in our persons' DIDs; on localhost the origin, as the grammar wants a dot."""
        settings = self.authorities.settings
        host = self.authorities.origin if settings.is_local else settings.hostname
        return f"{host}{settings.port_suffix.replace(':', '%3A')}"

    def now(self) -> int:
        """The registry's clock in whole seconds; never before what it gave already."""
        return self._clock.now()

    def freshen(self) -> None:
        """Have the checkpoint signed again if it is older than it may be.

        The sequencer does so by itself, but its timer stands still while the machine sleeps.
        """
        checkpoint = self._sequencer.published.checkpoint
        if self.now() - checkpoint.time > self.authorities.settings.resign_seconds:
            self._sequencer.append([])

    def make(self, statement_type: str, subject: bytes, facts: Facts) -> Envelope:
        """Sign a statement of the registry about one subject digest."""
        self.freshen()  # a `notBefore` over 24 hours old would never verify
        origin = self.trust.newest_log.origin
        statement = Statement(
            type=statement_type,
            subjects=(subject,),
            registry=RegistryRef(origin, self.trust.newest_log.log_key.full_id),
            signer=SignerRef(Principal("registry").uri(self.trust.public_url), None),
            salt=secrets.token_bytes(SALT_SIZE),
            not_before=self._sequencer.published.checkpoint.note,
            facts=facts,
            private=None,
        )
        return sign_statement(statement, self.authorities.keys["registry"])

    def append_own(self, envelopes: Sequence[Envelope]) -> None:
        """Log statements of the registry with its own certificate."""
        self.append(
            [Submission(self._own_id(item), "", item, self.certificate, None) for item in envelopes]
        )

    def is_logged(self, envelope: Envelope) -> bool:
        """Say whether a published checkpoint covers this statement of the registry."""
        return self._logged(self._own_id(envelope)) is not None

    def append(self, submissions: Sequence[Submission]) -> None:
        """Log what is not logged yet; return once a published checkpoint covers everything.

        Raises:
            Conflict: another payload stands, or is in flight, under one of the ids.
            Unavailable: the writer has stopped; nothing was acknowledged.
        """
        if len({item.id for item in submissions}) != len(submissions):
            raise Conflict("two statements with one id: a salt was used twice")
        flight: Future[None] = Future()
        with self._lock:
            mine, waiting = self._sort(submissions)
            self._flying.update({item.id: (item.envelope.payload, flight) for item in mine})
        fault: TouchplateError | None = Unavailable("the writer gave no answer")
        try:
            if mine:
                self._sequencer.append(mine)
            fault = None
        except TouchplateError as error:
            fault = error
            raise
        finally:
            with self._lock:
                for item in mine:
                    del self._flying[item.id]
            # Whoever sent the same meanwhile shares its fate.
            if fault is None:
                flight.set_result(None)
            else:
                flight.set_exception(fault)
        for other in waiting:
            other.result()

    def _own_id(self, envelope: Envelope) -> str:
        salt = parse_statement(envelope.payload).salt
        return statement_id(self.trust.newest_log.origin, "registry", salt)

    def _sort(
        self, submissions: Sequence[Submission]
    ) -> tuple[list[Submission], list[Future[None]]]:
        """Tell apart what is new, and what is in flight; what is logged is neither."""
        mine: list[Submission] = []
        waiting: list[Future[None]] = []
        for item in submissions:
            flying = self._flying.get(item.id)
            payload = flying[0] if flying else self._logged(item.id)
            if payload is not None and payload != item.envelope.payload:
                raise Conflict(f"another statement stands under id {item.id}")
            if flying:
                waiting.append(flying[1])
            elif payload is None:
                mine.append(item)
        return mine, waiting

    def _logged(self, statement_id_: str) -> bytes | None:
        row = self._database.row(
            "select payload from entries where id = ? and idx < ?", (statement_id_, self.size)
        )
        return None if row is None else bytes(row[0])
