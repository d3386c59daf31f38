"""Writing to the log under ids: idempotent, and with the registry's own signature where needed."""

import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from trust.core.errors import Conflict
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
from trust.service.sequencer import Sequencer, Submission
from trust.storage.database import Database


class LogWriter:
    """Appends statements once each, also when the same one arrives twice at a time."""

    def __init__(
        self,
        database: Database,
        sequencer: Sequencer,
        authorities: Authorities,
        trust: TrustFile,
        clock: Callable[[], float],
    ) -> None:
        self._database, self._sequencer, self._clock = database, sequencer, clock
        self.authorities, self.trust = authorities, trust
        self.certificate = b""  # the registry's own, once it is issued
        self._flying: dict[str, tuple[bytes, Future[None]]] = {}
        self._lock = threading.Lock()

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
        """The registry's clock in whole seconds."""
        return int(self._clock())

    def make(self, statement_type: str, subject: bytes, facts: Facts) -> Envelope:
        """Sign a statement of the registry about one subject digest."""
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
        origin = self.trust.newest_log.origin
        self.append(
            [
                Submission(
                    statement_id(origin, "registry", parse_statement(item.payload).salt),
                    "",
                    item,
                    self.certificate,
                    None,
                )
                for item in envelopes
            ]
        )

    def append(self, submissions: Sequence[Submission]) -> None:
        """Log what is not logged yet; return once a published checkpoint covers everything.

        Raises:
            Conflict: another payload stands, or is in flight, under one of the ids.
        """
        waiting: list[Future[None]] = []
        mine: list[Submission] = []
        with self._lock:
            for item in submissions:
                flying = self._flying.get(item.id)
                payload = flying[0] if flying else self._logged(item.id)
                if payload is not None and payload != item.envelope.payload:
                    raise Conflict(f"another statement stands under id {item.id}")
                if flying:
                    waiting.append(flying[1])
                elif payload is None:
                    mine.append(item)
            futures = [(item, Future[None]()) for item in mine]
            self._flying.update({i.id: (i.envelope.payload, f) for i, f in futures})
        try:
            if mine:
                self._sequencer.append(mine)
        finally:
            with self._lock:
                for item, future in futures:
                    del self._flying[item.id]
                    future.set_result(None)
        for other in waiting:
            other.result()

    def _logged(self, statement_id_: str) -> bytes | None:
        row = self._database.row(
            "select payload from entries where id = ? and idx < ?", (statement_id_, self.size)
        )
        return None if row is None else bytes(row[0])
