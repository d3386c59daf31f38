"""Writing to the log under ids: idempotent, and with the registry's own signature where needed."""

import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait

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
from trust.service.append_path import Submission
from trust.service.appender import Appender
from trust.service.authorities import Authorities
from trust.service.clock import Clock
from trust.service.flights import after, new_flight
from trust.service.opening import stored
from trust.service.records import MOST_NAMED
from trust.service.term import Term
from trust.service.trust_files import TrustFiles
from trust.storage.ports import Tables


class LogWriter:
    """Appends statements once each, also when the same one arrives twice at a time."""

    def __init__(
        self,
        database: Tables,
        sequencer: Appender,
        authorities: Authorities,
        trust: TrustFiles,
        clock: Clock,
    ) -> None:
        self._database, self._sequencer, self._clock = database, sequencer, clock
        self._trust, self.authorities = trust, authorities
        self.certificate = b""  # the registry's own, once it is issued
        self._flying: dict[str, tuple[bytes, Future[None]]] = {}
        self._of: dict[str, str] = {}  # whose each of them is
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

    def refresh(self) -> None:
        """Take up what another process may have renewed: trust file and own certificate."""
        self._trust.refresh()
        self.certificate = stored(self._database, "own_certificate") or self.certificate

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

    def append_own(self, envelopes: Sequence[Envelope], term: Term | None = None) -> None:
        """Log statements of the registry with its own certificate; see `append`."""
        submissions = []
        for item in envelopes:
            statement = parse_statement(item.payload)
            name = self._own_id(statement)
            submissions.append(Submission(name, "", item, statement, self.certificate, None))
        self.append(submissions, term)

    def is_logged(self, envelope: Envelope) -> bool:
        """Say whether a published checkpoint covers this statement of the registry."""
        name = self._own_id(parse_statement(envelope.payload))
        return name in self._logged([name])

    def append(self, submissions: Sequence[Submission], term: Term | None = None) -> None:
        """Log what is not logged yet; return once a published checkpoint covers everything.

        Of a `term` in which this process leads, it is logged in it or not at all.

        Raises:
            Conflict: another payload stands, or is in flight, under one of the ids.
            Unavailable: the writer has stopped; nothing was acknowledged.
        """
        self.send(submissions, term).result()

    def send(self, submissions: Sequence[Submission], term: Term | None = None) -> "Future[None]":
        """Begin what `append` does; the future ends as `append` would.

        It is never cancelled, and a caller must not block in its callbacks.

        Raises:
            Conflict, Unavailable: as `append`, where that is known at once.
        """
        if len({item.id for item in submissions}) != len(submissions):
            raise Conflict("two statements with one id: a salt was used twice")
        flight = new_flight()
        fates = self._take_off(submissions, flight)
        mine = _aboard(submissions, fates, flight)
        taken = [fate for fate in fates if isinstance(fate, Conflict)]
        if taken:
            self._land(mine, flight, taken[0])
            raise taken[0]
        for item in self._launch(mine, flight, term, whole=True):
            raise _other_stands(item)
        return after(
            flight, [fate for fate in fates if isinstance(fate, Future) and fate is not flight]
        )

    def settle(self, scid: str) -> None:
        """Return once nothing of a person is on its way that was when this was called."""
        with self._lock:
            theirs = [self._flying[name][1] for name, whose in self._of.items() if whose == scid]
        wait(theirs)

    def send_each(
        self, submissions: Sequence[Submission], check: Callable[[Submission], None]
    ) -> "list[Future[None] | TouchplateError]":
        """Begin to log statements that have nothing to do with each other; see `send`.

        One under whose id another payload stands, or is in flight, costs the others nothing. Each
        has its future, or what is known at once: Conflict, or Unavailable. `check` is asked about
        each once its id is reserved, and may refuse it by raising Unavailable.
        """
        flight = new_flight()
        fates = self._take_off(submissions, flight)
        for place, item in enumerate(submissions):
            try:
                check(item)
            except Unavailable as error:
                if fates[place] is flight:
                    self._free([item])
                fates[place] = error
        mine = _aboard(submissions, fates, flight)
        try:
            refused = {item.id for item in self._launch(mine, flight, None, whole=False)}
        except Unavailable as error:
            return [error if fate is flight else fate for fate in fates]
        return [
            _other_stands(item) if fate is flight and item.id in refused else fate
            for item, fate in zip(submissions, fates, strict=True)
        ]

    def _own_id(self, statement: Statement) -> str:
        return statement_id(self.trust.newest_log.origin, "registry", statement.salt)

    def _take_off(
        self, submissions: Sequence[Submission], flight: "Future[None]"
    ) -> "list[Future[None] | TouchplateError]":
        """Reserve for `flight` the ids that are free; return in whose flight each now is."""
        fates: list[Future[None] | TouchplateError] = []
        with self._lock:
            for item in submissions:
                payload, other = self._flying.setdefault(item.id, (item.envelope.payload, flight))
                self._of[item.id] = item.scid
                same = payload == item.envelope.payload
                fates.append(other if same else _other_stands(item))
        return fates

    def _launch(
        self,
        mine: Sequence[Submission],
        flight: "Future[None]",
        term: Term | None,
        *,
        whole: bool,
    ) -> list[Submission]:
        """Queue what is reserved and not logged; return those under whose id another is logged.

        `whole`: one of those keeps all others from being logged.
        """
        try:
            logged = self._logged([item.id for item in mine])
            refused = [item for item in mine if _differs(logged, item)]
            new = [item for item in mine if item.id not in logged]
            halted = whole and bool(refused)
            queued = self._sequencer.send(new, term) if new and not halted else None
        except BaseException as error:
            # Whoever sent the same meanwhile shares its fate.
            self._land(mine, flight, error)
            raise
        if queued is not None:
            queued.add_done_callback(lambda done: self._land(mine, flight, done.exception()))
        else:
            self._land(mine, flight, _other_stands(refused[0]) if halted else None)
        return refused

    def _free(self, items: Sequence[Submission]) -> None:
        with self._lock:
            for item in items:
                self._flying.pop(item.id, None)
                self._of.pop(item.id, None)

    def _land(
        self, mine: Sequence[Submission], flight: "Future[None]", fault: BaseException | None
    ) -> None:
        """Free the ids, and tell everyone who waits for them how it ended."""
        self._free(mine)
        if fault is None:
            flight.set_result(None)
        elif isinstance(fault, TouchplateError):
            flight.set_exception(Unavailable(str(fault)))
        else:
            flight.set_exception(Unavailable("the writer gave no answer"))

    def _logged(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Return the payloads under those of the ids that a published checkpoint covers."""
        found: dict[str, bytes] = {}
        for start in range(0, len(ids), MOST_NAMED):
            part = ids[start : start + MOST_NAMED]
            marks = ", ".join("?" * len(part))
            rows = self._database.rows(
                f"select id, payload from entries where id in ({marks}) and idx < ?",  # noqa: S608
                (*part, self.size),
            )
            found.update((name, bytes(payload)) for name, payload in rows)
        return found


def _differs(logged: dict[str, bytes], item: Submission) -> bool:
    return logged.get(item.id, item.envelope.payload) != item.envelope.payload


def _aboard(
    submissions: Sequence[Submission],
    fates: "Sequence[Future[None] | TouchplateError]",
    flight: "Future[None]",
) -> list[Submission]:
    """Return those that a flight has reserved, each once."""
    pairs = zip(submissions, fates, strict=True)
    return list({item.id: item for item, fate in pairs if fate is flight}.values())


def _other_stands(item: Submission) -> Conflict:
    return Conflict(f"another statement stands under id {item.id}")
