"""Asking the witnesses of a policy to cosign a checkpoint: all at once, and not for long.

A checkpoint is shown to witnesses only once it is committed: what a witness has cosigned, the log
can never take back. What a witness answers is verified before it is used. Whatever it does instead
(nothing, garbage, a lie) costs its own line and nobody else's.

A witness that lets a deadline pass is asked again with the next checkpoint, but for a while not
waited for, unless it answers in time: one that is down delays a checkpoint now and then.
"""

import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from trust.core.errors import Malformed, TouchplateError, Unavailable
from trust.core.log.checkpoint import Checkpoint, SignedCheckpoint
from trust.core.log.cosigning import PATH, Cosignature, Kind, Request, cosignature, read_answer
from trust.core.log.note import MAX_NOTE, MAX_SIGNATURES, Note, NoteSignature, VerifierKey
from trust.core.log.witness import Cosigned, Witness, WitnessPolicy
from trust.core.signing import statement
from trust.transport.answer import Answer
from trust.transport.http import Server, exchange
from trust.transport.url import url_prefix

SECONDS: Final = 2.0
PAUSE: Final = 300.0  # seconds; with SECONDS of waiting once in it, 99 % of checkpoints are on time
MAX_SKEW: Final = 24 * 3600  # seconds between a cosignature and the checkpoint's own time
_TRIES: Final = 3  # with another size each, as the witness says that it has recorded
_OWN_LINES: Final = 2  # the log's and its clock's
_OWN_LENGTH: Final = 1100  # characters of a note without witnesses, its origin of 253
_LINE_SIZE: Final = 72  # bytes of a cosignature: time and signature
_WHY: Final = {
    Kind.UNKNOWN_LOG: "does not know this log",
    Kind.CONTRADICTED: "says that this checkpoint does not continue what it has cosigned",
    Kind.BUSY: "is busy",
    Kind.FAULTY: "answered what no witness answers",
}
_log = logging.getLogger(__name__)

Prove = Callable[[int, int], Sequence[bytes]]


class Fault(NamedTuple):
    """Why a witness, by its name in the policy, did not cosign a checkpoint.

    `size` is the larger one that it claims to have cosigned: its word, and no proof of anything.
    """

    name: str
    why: str
    size: int | None = None


class Witnessed(NamedTuple):
    """A checkpoint whose witnesses were asked; every witness's line that `note` has holds."""

    note: str
    cosigned: Cosigned
    faults: tuple[Fault, ...]


class Witnesses:
    """The witnesses of one policy, for one log. Calls from several threads follow one another."""

    def __init__(
        self,
        policy: WitnessPolicy,
        seconds: float = SECONDS,
        pause: float = PAUSE,
        *,
        required: bool = False,
    ) -> None:
        """Take a policy, how long a checkpoint waits for witnesses, and how long not for late ones.

        `required`: nothing is published that too few of them have cosigned.

        Raises:
            Malformed: a URL that is none, or more witnesses than a note has room for.
        """
        _check_room(policy)
        self.required = required
        self._policy, self._seconds, self._pause = policy, seconds, pause
        self._peers = [_Peer(item, item.url) for item in policy.witnesses if item.url is not None]
        self._lock = threading.Lock()

    def cosign(
        self, signed: SignedCheckpoint, prove: Prove, *, only_known: bool = False
    ) -> Witnessed:
        """Ask every witness for a cosignature; return when all have answered or time is up.

        Nothing that a witness does is raised: it is among the faults, which are also logged, once
        for as long as they last.

        Args:
            signed: a committed checkpoint, its tiles published.
            prove: returns the consistency proof between two sizes, the second not above that of
                the checkpoint. It is called from several threads and may raise TouchplateError.
            only_known: a witness that has recorded nothing of this log is not made to begin.
        """
        with self._lock:
            note = Note.parse(signed.note)
            ask = partial(_ask, signed=signed, prove=prove, only_known=only_known)
            found = self._gather(ask)
            for peer in self._peers:
                peer.tell(found[peer.name])
        made = [item.line for item in found.values() if isinstance(item, Cosignature)]
        again = {(line.name, line.key_id) for line in made}
        kept = [item for item in note.signatures if (item.name, item.key_id) not in again]
        cosigned = note._replace(signatures=(*kept, *made))
        faults = tuple(item for item in found.values() if isinstance(item, Fault))
        return Witnessed(cosigned.encode(), self._policy.judge(cosigned), faults)

    def newest(self, log: VerifierKey) -> Checkpoint | None:
        """Return the largest checkpoint signed by the log that a witness serves, None without one.

        A restored log must not sign below it. Many witnesses serve none: their claims come with
        `cosign` of the newest checkpoint at hand.
        """
        return max(self.held(log).values(), key=lambda item: item.size, default=None)

    def held(self, log: VerifierKey) -> dict[str, Checkpoint]:
        """Return the checkpoint, signed by the log, that each witness serves, by its name."""
        with self._lock:
            found = self._gather(partial(_fetch, log=log))
        return {name: item for name, item in found.items() if isinstance(item, Checkpoint)}

    def _gather(self, task: "Task") -> dict[str, "Outcome"]:
        """Give a task to every witness at once; return what each came to, in policy order."""
        now = time.monotonic()
        at_work = _Round(now + self._seconds)
        for peer in self._peers:
            peer.start(task, at_work)
        at_work.wait([peer.name for peer in self._peers if now - peer.late_at >= self._pause])
        return {peer.name: at_work.outcome(peer) for peer in self._peers}


class _Round:
    """What the witnesses came to so far, until the deadline (of `time.monotonic`)."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self._found: dict[str, Outcome] = {}
        self._changed = threading.Condition()

    def add(self, name: str, outcome: "Outcome") -> None:
        with self._changed:
            self._found[name] = outcome
            self._changed.notify_all()

    def wait(self, names: Sequence[str]) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: all(name in self._found for name in names),
                max(self.deadline - time.monotonic(), 0),
            )

    def outcome(self, peer: "_Peer") -> "Outcome":
        with self._changed:
            found = self._found.get(peer.name)
        if found is not None:
            return found
        return Fault(peer.name, "did not answer in time")

    @property
    def seconds_left(self) -> float:
        """The time that is left; never nothing, so that a request fails by itself."""
        return max(self.deadline - time.monotonic(), 0.001)


class _Peer:
    """A witness with a URL, and what is known of it between two checkpoints."""

    def __init__(self, witness: Witness, url: str) -> None:
        parts = url_prefix(url, f"witness {witness.name!r}")
        self.name, self.key = witness.name, witness.key
        self._server, self._path = Server.of(parts.scheme, parts.netloc), parts.path
        self.size = 0  # that it has recorded; 0 also when that is not known
        self.late_at = -math.inf  # when it last let a deadline pass, by `time.monotonic`
        self._thread: threading.Thread | None = None
        self._told: str | None = None  # the fault that was logged

    def start(self, task: "Task", at_work: _Round) -> None:
        """Begin a task in a thread of its own; a witness has one task at a time."""
        if self._thread is not None and self._thread.is_alive():
            self.late_at = time.monotonic()
            at_work.add(self.name, Fault(self.name, "is still asked about the checkpoint before"))
            return
        self._thread = threading.Thread(
            target=self._work, args=(task, at_work), name=f"witness {self.name}", daemon=True
        )
        self._thread.start()

    def send(self, at_work: _Round, method: str, path: str, body: bytes | None = None) -> Answer:
        """Send a request under the witness's URL; raise Unavailable without an answer."""
        return exchange(
            self._server,
            method,
            f"{self._path}/{path}",
            [("Accept", "*/*")],
            body,
            limit=MAX_NOTE,
            seconds=at_work.seconds_left,
        )

    def tell(self, outcome: "Outcome") -> None:
        """Log a fault when it begins or changes, and its end."""
        why = outcome.why if isinstance(outcome, Fault) else None
        if why != self._told:
            _log.warning("witness %s %s", self.name, why or "cosigns again")
        self._told = why

    def _work(self, task: "Task", at_work: _Round) -> None:
        outcome: Outcome = Fault(self.name, "could not be asked, by a fault of this program")
        try:
            outcome = task(self, at_work)
        except TouchplateError as error:
            outcome = Fault(self.name, str(error))
        finally:
            now = time.monotonic()
            self.late_at = now if now >= at_work.deadline else -math.inf
            at_work.add(self.name, outcome)


Outcome = Cosignature | Checkpoint | Fault
Task = Callable[[_Peer, _Round], Outcome]


def _ask(
    peer: _Peer, at_work: _Round, *, signed: SignedCheckpoint, prove: Prove, only_known: bool
) -> Outcome:
    """Ask for a cosignature, from the size that the witness has recorded."""
    size, note = signed.checkpoint.size, Note.parse(signed.note)
    if only_known:
        peer.size = size  # whoever has recorded another one, or none, says so and cosigns nothing
    for _ in range(_TRIES):
        proof = prove(peer.size, size) if 0 < peer.size < size else ()
        request = Request(peer.size, tuple(proof), note)
        said = peer.send(at_work, "POST", PATH, request.encode())
        answer = read_answer(said.status, said.media_type, said.body, note.text)
        if answer.kind is Kind.COSIGNED:
            found = cosignature(answer, note.text, peer.key)
            peer.size = size
            return _in_time(peer, found, signed.time)
        if answer.kind is Kind.FAULTY:
            peer.size = 0  # who knows what it is
        if answer.kind is not Kind.OTHER_SIZE:
            return Fault(peer.name, _WHY[answer.kind])
        peer.size = answer.size
        if only_known and answer.size == 0:
            return Fault(peer.name, "has recorded nothing of this log")
        if answer.size > size:
            peer.size = 0  # it may be a lie: the next checkpoint asks again
            why = f"claims to have cosigned {answer.size} entries, more than the {size} of this log"
            return Fault(peer.name, why, answer.size)
    peer.size = 0
    return Fault(peer.name, "says another size whatever it is asked with")


def _in_time(peer: _Peer, found: Cosignature, seconds: int) -> Outcome:
    """Refuse a time that cannot be: of a clock that is far off, or a line that was kept back."""
    if abs(found.time - seconds) > MAX_SKEW:
        return Fault(peer.name, f"gave the time {found.time}, a day or more away from {seconds}")
    return found


def _fetch(peer: _Peer, at_work: _Round, *, log: VerifierKey) -> Outcome:
    """Fetch what a witness cosigned last; only the log's own signature makes it count."""
    digest = hashlib.sha256(log.name.encode()).hexdigest()
    answer = peer.send(at_work, "GET", f"{digest}/checkpoint")
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        raise Unavailable(f"serves no checkpoint of this log ({answer.status})")
    note = Note.parse(answer.body)
    note.verify([log])
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.name:
        raise Malformed(f"a checkpoint of {checkpoint.origin[:100]!r}, expected {log.name!r}")
    return checkpoint


def _check_room(policy: WitnessPolicy) -> None:
    """Require that a note with every witness's line can be read, in a statement too."""
    keys = [item.key for item in policy.witnesses]
    lines = [str(NoteSignature(key.name, key.key_id, bytes(_LINE_SIZE))) for key in keys]
    length = _OWN_LENGTH + sum(map(len, lines))
    if len(lines) + _OWN_LINES > MAX_SIGNATURES or length > statement.MAX_NOTE:
        raise Malformed(
            f"{len(lines)} witnesses make a checkpoint of {len(lines) + _OWN_LINES} lines and"
            f" {length} characters, expected at most {MAX_SIGNATURES} and {statement.MAX_NOTE}",
            "witness policy",
        )
