"""Lines of the status, and the proofs of their presence and absence.

A line is the RFC 8785 array [k, [[state, since, logged, by], ..]]: one per k, sorted by k, its
states in log order. Presence is an inclusion proof (RFC 6962) in the tree over all lines; absence
is the two neighbours between which k would stand.
"""

from typing import NamedTuple

from trust.core.canonical import Json, canonical
from trust.core.encoding import b64encode, format_time
from trust.core.errors import Malformed, VerificationFailed
from trust.core.log.merkle import leaf_hash, root_from_inclusion
from trust.core.record import Record
from trust.core.signing.bundle import hash_list

MAX_STATES = 64  # states of one line
STATES = (
    *("withdrawn", "superseded"),
    *("retired", "lost", "compromised", "revoked"),
    *("frozen", "unfrozen"),
)
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


def parse_line(value: list[Json], where: str) -> Line:
    """Read [k, [[state, since, logged, by], ..]]."""
    k, states = value
    holder = Record({"k": k, "states": states}, where)
    return Line(
        holder.digest("k"),
        tuple(_state(item, where) for item in holder.items("states", 1, MAX_STATES)),
    )


def parse_status_proof(record: Record) -> StatusProof:
    """Read {k, here} or {k, left, right}; raise Malformed for anything else."""
    k = record.digest("k")
    if record.has("here"):
        proof = StatusProof(k, _line_proof(record.record("here")), None, None)
    else:
        left = record.nullable("left", lambda name: _line_proof(record.record(name)))
        right = record.nullable("right", lambda name: _line_proof(record.record(name)))
        proof = StatusProof(k, None, left, right)
    record.done()
    return proof


def established(proof: StatusProof, count: int, root: bytes) -> tuple[State, ...]:
    """Return the states of a proven line, or nothing for a proven absence, among `count` lines.

    Raises:
        VerificationFailed: step 8, the proof does not lead to the root or proves something else.
    """
    for side in (proof.here, proof.left, proof.right):
        if side is not None:
            _check_line(side, count, root)
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
    last = count if right is None else right.index
    if last != first + 1:
        raise _failed(f"lines {first} and {last} are not neighbours among {count}")
    return ()


def _check_line(proof: LineProof, count: int, root: bytes) -> None:
    try:
        found = root_from_inclusion(proof.index, count, proof.line.leaf, proof.hashes)
    except Malformed as error:
        raise _failed(str(error)) from error
    if found != root:
        raise _failed("a line does not lead to the status root")


def _failed(message: str) -> VerificationFailed:
    return VerificationFailed(STEP, "bad_status_proof", f"status: {message}")


def _line_proof(record: Record) -> LineProof:
    proof = LineProof(
        line=parse_line(record.items("line", 2, 2), f"{record.where}.line"),
        index=record.integer("index"),
        hashes=hash_list(record.items("hashes", 0, 63), f"{record.where}.hashes"),
    )
    record.done()
    return proof


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
