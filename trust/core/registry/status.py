"""Status: what is withdrawn, revoked or frozen, as a signed snapshot with short proofs.

A snapshot is {origin, size, root, time, count, statusRoot} in a DSSE envelope of type
`application/vnd.touchplate.status.v1+json`, signed with the status key; there is one for every
published checkpoint. A line is the RFC 8785 array [k, [[state, since, logged, by], ..]]: one per k,
sorted by k, its states in log order. `statusRoot` is the RFC 6962 root over the lines, so presence
is an inclusion proof, and absence is the two neighbours between which k would stand.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse_canonical
from trust.core.encoding import b64encode, format_time
from trust.core.errors import Malformed, NotInTrustFile, VerificationFailed
from trust.core.keys.ed25519 import check as check_ed25519
from trust.core.keys.p256 import ed25519_from_spki
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import EMPTY_ROOT, check_origin
from trust.core.log.merkle import inclusion_proof, leaf_hash, root_from_inclusion, root_hash
from trust.core.record import Record
from trust.core.registry.trust_file import TrustFile, key_id
from trust.core.signing.bundle import hash_list
from trust.core.signing.envelope import Envelope, Signature, parse_envelope

MEDIA_TYPE = "application/vnd.touchplate.status.v1+json"
MAX_SNAPSHOT = 4 * 1024  # bytes of payload
MAX_STATES = 64  # states of one line
MAX_PROOFS = 64  # proofs in one dossier
STATES = ("withdrawn", "superseded", "retired", "lost", "compromised", "revoked", "frozen")
BY_RULING = "ruling"
STEP = 8


class State(NamedTuple):
    """One event of a line. Times are seconds; `by` is the signer's SCID or `ruling`."""

    state: str
    since: int
    logged: int
    by: str


class Line(NamedTuple):
    """All states of one k, in log order."""

    k: bytes
    states: tuple[State, ...]

    def to_json(self) -> list[Json]:
        """Return [k, [[state, since, logged, by], ..]]."""
        return [
            self.k.hex(),
            [
                [item.state, format_time(item.since), format_time(item.logged), item.by]
                for item in self.states
            ],
        ]

    @property
    def leaf(self) -> bytes:
        """The RFC 6962 leaf hash of the line."""
        return leaf_hash(canonical(self.to_json()))


class Snapshot(NamedTuple):
    """What the registry said at one published checkpoint."""

    origin: str
    size: int
    root: bytes
    time: int
    count: int  # type: ignore[assignment]  # hides a method of tuple
    status_root: bytes

    def encode(self) -> bytes:
        """Return the payload: RFC 8785 bytes."""
        return canonical(
            {
                "origin": self.origin,
                "size": self.size,
                "root": b64encode(self.root),
                "time": format_time(self.time),
                "count": self.count,
                "statusRoot": b64encode(self.status_root),
            }
        )


class LineProof(NamedTuple):
    """A line, its place, and its way to the status root."""

    line: Line
    index: int  # type: ignore[assignment]  # hides a method of tuple
    hashes: tuple[bytes, ...]

    def to_json(self) -> dict[str, Json]:
        """Return {line, index, hashes}."""
        return {
            "line": self.line.to_json(),
            "index": self.index,
            "hashes": [b64encode(item) for item in self.hashes],
        }


class StatusProof(NamedTuple):
    """Presence: `here`. Absence: the neighbours `left` and `right`, None beyond an end."""

    k: bytes
    here: LineProof | None
    left: LineProof | None
    right: LineProof | None

    def to_json(self) -> dict[str, Json]:
        """Return {k, here} or {k, left, right}."""
        if self.here is not None:
            return {"k": self.k.hex(), "here": self.here.to_json()}
        return {
            "k": self.k.hex(),
            "left": None if self.left is None else self.left.to_json(),
            "right": None if self.right is None else self.right.to_json(),
        }


class Status(NamedTuple):
    """A snapshot's envelope and the proofs that come with it."""

    envelope: Envelope
    snapshot: Snapshot
    proofs: tuple[StatusProof, ...]

    def to_json(self) -> dict[str, Json]:
        """Return {snapshot, proofs}."""
        return {
            "snapshot": self.envelope.to_json(),
            "proofs": [proof.to_json() for proof in self.proofs],
        }


class CheckedStatus(NamedTuple):
    """A snapshot whose signature holds, and the states that its proofs established, by k."""

    snapshot: Snapshot
    states: Mapping[bytes, tuple[State, ...]]  # an empty tuple: proven absent


def status_root(lines: Sequence[Line]) -> bytes:
    """Return the RFC 6962 root over lines sorted by k; of none, SHA-256 of nothing."""
    if not lines:
        return EMPTY_ROOT
    return root_hash([line.leaf for line in lines])


def prove(k: bytes, lines: Sequence[Line]) -> StatusProof:
    """Prove the presence or absence of k among all lines, sorted by k."""
    leaves = [line.leaf for line in lines]
    place = sum(1 for line in lines if line.k < k)

    def proof(index: int) -> LineProof | None:
        if not 0 <= index < len(lines):
            return None
        return LineProof(lines[index], index, tuple(inclusion_proof(index, leaves)))

    if place < len(lines) and lines[place].k == k:
        return StatusProof(k, proof(place), None, None)
    return StatusProof(k, None, proof(place - 1), proof(place))


def sign_snapshot(snapshot: Snapshot, signer: Signer) -> Envelope:
    """Return the snapshot in its envelope, signed with the status key."""
    envelope = Envelope(MEDIA_TYPE, snapshot.encode(), ())
    signature = Signature(signer.sign(envelope.pae), key_id(signer.public_key))
    return envelope._replace(signatures=(signature,))


def parse_status(value: Json, where: str = "status") -> Status:
    """Read {snapshot, proofs}; raise Malformed for anything else."""
    record = Record(value, where)
    envelope = parse_envelope(
        record.raw("snapshot"), MEDIA_TYPE, f"{where}.snapshot", limit=MAX_SNAPSHOT
    )
    status = Status(
        envelope,
        _snapshot(envelope.payload, f"{where}.snapshot"),
        tuple(_status_proof(item) for item in record.records("proofs", 0, MAX_PROOFS)),
    )
    record.done()
    if len({proof.k for proof in status.proofs}) != len(status.proofs):
        raise Malformed("two proofs of one k", f"{where}.proofs")
    return status


def check_status(status: Status, trust: TrustFile) -> CheckedStatus:
    """Verify the snapshot's signature and each proof against its status root.

    Raises:
        NotInTrustFile: signed by a key, or for a log, that the trust file does not list.
        VerificationFailed: a signature or proof that does not hold.
    """
    snapshot = status.snapshot
    if trust.log(snapshot.origin) is None:
        raise NotInTrustFile(STEP, "log", f"status of log {snapshot.origin!r}")
    signature = status.envelope.signatures[0]
    keys = [
        ed25519_from_spki(item.spki)
        for item in trust.status_keys
        if item.validity.holds(snapshot.time)
    ]
    key = next((item for item in keys if key_id(item) == signature.key_id), None)
    if key is None:
        raise NotInTrustFile(STEP, "status_key", f"status key {signature.key_id[:16]}")
    try:
        check_ed25519(key, status.envelope.pae, signature.value, "status.snapshot")
    except VerificationFailed as error:
        raise VerificationFailed(STEP, "bad_status_signature", str(error)) from error
    return CheckedStatus(
        snapshot, {proof.k: _established(proof, snapshot) for proof in status.proofs}
    )


def _established(proof: StatusProof, snapshot: Snapshot) -> tuple[State, ...]:
    """Return the states of a proven line, or nothing for a proven absence."""
    for side in (proof.here, proof.left, proof.right):
        if side is not None:
            _check_line(side, snapshot)
    if proof.here is not None:
        if proof.here.line.k != proof.k:
            raise _failed("the line is of another name")
        return proof.here.line.states
    left, right = proof.left, proof.right
    if left is not None and left.line.k >= proof.k:
        raise _failed("the left neighbour is not below the name")
    if right is not None and right.line.k <= proof.k:
        raise _failed("the right neighbour is not above the name")
    first = -1 if left is None else left.index
    last = snapshot.count if right is None else right.index
    if last != first + 1:
        raise _failed(f"lines {first} and {last} are not neighbours among {snapshot.count}")
    return ()


def _check_line(proof: LineProof, snapshot: Snapshot) -> None:
    try:
        root = root_from_inclusion(proof.index, snapshot.count, proof.line.leaf, proof.hashes)
    except Malformed as error:
        raise _failed(str(error)) from error
    if root != snapshot.status_root:
        raise _failed("a line does not lead to the status root")


def _failed(message: str) -> VerificationFailed:
    return VerificationFailed(STEP, "bad_status_proof", f"status: {message}")


def _snapshot(payload: bytes, where: str) -> Snapshot:
    record = Record(parse_canonical(payload, MAX_SNAPSHOT, where), where)
    snapshot = Snapshot(
        origin=check_origin(record.text("origin", 300), f"{where}.origin"),
        size=record.integer("size"),
        root=_root(record, "root"),
        time=record.time("time"),
        count=record.integer("count"),
        status_root=_root(record, "statusRoot"),
    )
    record.done()
    if (snapshot.count == 0) != (snapshot.status_root == EMPTY_ROOT):
        raise Malformed("no line has the root of nothing, and nothing else has it", where)
    return snapshot


def _root(record: Record, name: str) -> bytes:
    return hash_list([b64encode(record.base64(name, 64))], f"{record.where}.{name}")[0]


def _status_proof(record: Record) -> StatusProof:
    k = record.digest("k")
    if record.has("here"):
        proof = StatusProof(k, _line_proof(record.record("here")), None, None)
    else:
        left = record.nullable("left", lambda name: _line_proof(record.record(name)))
        right = record.nullable("right", lambda name: _line_proof(record.record(name)))
        proof = StatusProof(k, None, left, right)
    record.done()
    return proof


def _line_proof(record: Record) -> LineProof:
    proof = LineProof(
        line=parse_line(record.items("line", 2, 2), f"{record.where}.line"),
        index=record.integer("index"),
        hashes=hash_list(record.items("hashes", 0, 63), f"{record.where}.hashes"),
    )
    record.done()
    return proof


def parse_line(value: list[Json], where: str) -> Line:
    """Read [k, [[state, since, logged, by], ..]]."""
    k, states = value
    holder = Record({"k": k, "states": states}, where)
    return Line(
        holder.digest("k"),
        tuple(_state(item, where) for item in holder.items("states", 1, MAX_STATES)),
    )


def _state(value: Json, where: str) -> State:
    if not isinstance(value, list) or len(value) != 4:  # noqa: PLR2004 - state, since, logged, by
        raise Malformed("expected [state, since, logged, by]", where)
    holder = Record(dict(zip(("state", "since", "logged", "by"), value, strict=True)), where)
    return State(
        holder.one_of("state", STATES),
        holder.time("since"),
        holder.time("logged"),
        holder.text("by", 64),
    )
