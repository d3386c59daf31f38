"""Status: a signed snapshot, and proofs of presence and absence among its lines."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, edited, flipped
from tests.vectors.generate.keys import ed25519
from tests.vectors.generate.registry import SINCE, START, Registry, listed
from tests.vectors.generate.scene import standard
from trust.core.canonical import canonical
from trust.core.keys.p256 import ed25519_spki
from trust.core.registry.status import Status
from trust.core.registry.status_line import Line, LineProof, State, StatusProof

SCID = "QmNLei78zWmzUdbeRB3CiUfAizWUrbeeZh5K1rhAQKCh51"
# Five lines; between, below and above them are names without a line.
PRESENT = [bytes([16 * place]) * 32 for place in (2, 4, 6, 8, 10)]
BELOW, BETWEEN, ABOVE = bytes(32), bytes([0x50]) * 32, b"\xff" * 32

# name, description, where, what stands there, words of our message; of a presence proof
SHAPES: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("no-snapshot", "no snapshot", ("snapshot",), ABSENT, "'snapshot' is missing"),
    ("no-proofs", "no list of proofs", ("proofs",), ABSENT, "'proofs' is missing"),
    ("unknown-member", "a member that nobody defined", ("comment",), "x", "unknown member 'comment'"),
    ("other-payload-type", "another payload type", ("snapshot", "payloadType"), "application/vnd.in-toto+json", "status.v1+json"),
    ("two-signatures", "two signatures", ("snapshot", "signatures", 1), {"keyid": "b", "sig": "QQ=="}, "2 items, expected 1 to 1"),
    ("k-upper-case", "a name in upper case", ("proofs", 0, "k"), "AB" * 32, "lower-case hex"),
    ("k-short", "a name of 31 bytes", ("proofs", 0, "k"), "ab" * 31, "lower-case hex"),
    ("here-and-left", "presence and absence at once", ("proofs", 0, "left"), None, "unknown member 'left'"),
    ("here-null", "presence without a line", ("proofs", 0, "here"), None, "null, expected an object"),
    ("neither", "neither presence nor absence", ("proofs", 0, "here"), ABSENT, "'left' is missing"),
    ("index-negative", "a negative index", ("proofs", 0, "here", "index"), -1, "expected at least 0"),
    ("index-text", "an index as text", ("proofs", 0, "here", "index"), "1", "expected a whole number"),
    ("hash-short", "a hash of 31 bytes", ("proofs", 0, "here", "hashes", 0), base64.b64encode(bytes(31)).decode(), "31 bytes, expected 32"),
    ("line-three-items", "a line of three items", ("proofs", 0, "here", "line", 2), "x", "3 items, expected 2 to 2"),
    ("line-without-states", "a line without states", ("proofs", 0, "here", "line", 1), [], "0 items, expected 1 to 64"),
    ("state-unknown", "a state that nobody defined", ("proofs", 0, "here", "line", 1, 0, 0), "forgotten", "expected one of withdrawn"),
    ("state-three-items", "a state of three items", ("proofs", 0, "here", "line", 1, 0), ["withdrawn", "2026-11-03T14:00:00Z", "2026-11-03T14:00:00Z"], "expected [state, since, logged, by]"),
    ("state-bad-time", "a state since no time", ("proofs", 0, "here", "line", 1, 0, 1), "2026-11-03", "is not a time like"),
    ("state-by-number", "a state by a number", ("proofs", 0, "here", "line", 1, 0, 3), 7, "expected text"),
    ("proof-unknown-member", "a member of a proof that nobody defined", ("proofs", 0, "here", "root"), "x", "unknown member 'root'"),
)  # fmt: skip

SNAPSHOTS: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("size-negative", "a negative size", ("size",), -1, "expected at least 0"),
    ("count-text", "a count as text", ("count",), "5", "expected a whole number"),
    ("origin-prose", "prose where the host name of a log belongs", ("origin",), "every log", "is not the host name of a log"),
    ("count-zero", "no line, with the root of lines", ("count",), 0, "the root of nothing"),
    ("root-of-nothing", "lines, with the root of nothing", ("statusRoot",), base64.b64encode(hashlib.sha256(b"").digest()).decode(), "the root of nothing"),
    ("root-short", "a root of 31 bytes", ("root",), base64.b64encode(bytes(31)).decode(), "31 bytes, expected 32"),
    ("status-root-hex", "a status root in hex", ("statusRoot",), "00" * 32, "48 bytes, expected 32"),
    ("no-time", "no time", ("time",), ABSENT, "'time' is missing"),
    ("snapshot-unknown-member", "a member of the snapshot that nobody defined", ("lines",), [], "unknown member 'lines'"),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    registry = standard().registry.fork()
    registry.lines = [Line(k, (State("withdrawn", START, START, SCID),)) for k in PRESENT]
    yield from _good(registry)
    yield from _shapes(registry)
    yield from _bad_presence(registry)
    yield from _bad_absence(registry)
    yield from _bad_keys(registry)


def given(registry: Registry, status: Status, trust: bytes | None = None) -> dict[str, Any]:
    """Return the input of a case."""
    data = canonical(status.to_json()).decode()
    return {"data": data, "trust": (trust or registry.trust()).decode()}


def _good(registry: Registry) -> Iterator[Vector]:
    empty = registry.fork()
    empty.lines = []
    for name, says, owner, ks in (
        ("present", "a line in the middle", registry, [PRESENT[2]]),
        ("present-first", "the first line", registry, [PRESENT[0]]),
        ("present-last", "the last line", registry, [PRESENT[-1]]),
        ("absent-between", "no line, between two neighbours", registry, [BETWEEN]),
        ("absent-below", "no line, below the first", registry, [BELOW]),
        ("absent-above", "no line, above the last", registry, [ABOVE]),
        ("absent-of-none", "no line where there are none at all", empty, [BETWEEN]),
        ("three-names", "three names at once", registry, [BELOW, PRESENT[1], ABOVE]),
        ("no-name", "a snapshot without proofs", registry, []),
    ):
        value = {k.hex(): ["withdrawn"] if k in PRESENT and owner.lines else [] for k in ks}
        yield valid("status", name, says, given(owner, owner.status(ks)), value)
    line = Line(BETWEEN, tuple(State(word, START, START, SCID) for word in ("lost", "revoked")))
    more = registry.fork()
    more.lines.append(line)
    says = "two states of one name, in log order"
    value = {BETWEEN.hex(): ["lost", "revoked"]}
    yield valid("status", "two-states", says, given(more, more.status([BETWEEN])), value)


def _shapes(registry: Registry) -> Iterator[Vector]:
    base = given(registry, registry.status([PRESENT[1]]))
    document = json.loads(base["data"])
    for fault, says, path, to, words in SHAPES:
        data = canonical(edited(document, path, to)).decode()
        yield malformed("status", fault, says, {**base, "data": data}, words)
    payload = base64.b64decode(document["snapshot"]["payload"])
    for fault, says, path, to, words in SNAPSHOTS:
        other = canonical(edited(json.loads(payload), path, to))
        yield malformed("status", fault, says, _with_payload(base, other), words)
    loose = json.dumps(json.loads(payload)).encode()
    words = "not in RFC 8785 form"
    yield malformed("status", "white-space", "white space in the snapshot", _with_payload(base, loose), words)  # fmt: skip
    twice = registry.status([PRESENT[1], PRESENT[1]])
    words = "two proofs of one k"
    yield malformed("status", "name-twice", "two proofs of one name", given(registry, twice), words)


def _with_payload(base: dict[str, Any], payload: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(payload).decode()
    document = edited(json.loads(base["data"]), ("snapshot", "payload"), encoded)
    return {**base, "data": canonical(document).decode()}


def _bad(registry: Registry, fault: str, says: str, *proofs: StatusProof, **changes: Any) -> Vector:
    status = registry.status([], **changes)._replace(proofs=proofs)
    return invalid("status", fault, says, given(registry, status), 8, "bad_status_proof")


def _proof(registry: Registry, k: bytes) -> StatusProof:
    return registry.status([k]).proofs[0]


def _here(registry: Registry, k: bytes) -> LineProof:
    proof = _proof(registry, k).here
    if proof is None:
        raise ValueError(k.hex())
    return proof


def _bad_presence(registry: Registry) -> Iterator[Vector]:
    k = PRESENT[2]
    here = _here(registry, k)
    milder = Line(k, (State("superseded", START, START, SCID),))
    later = Line(k, (State("withdrawn", START + 9, START, SCID),))
    twice = Line(k, here.line.states * 2)
    for fault, says, proof in (
        ("state-changed", "another state than the snapshot has", here._replace(line=milder)),
        ("since-changed", "another time than the snapshot has", here._replace(line=later)),
        ("state-added", "a state was added to the line", here._replace(line=twice)),
        ("line-of-another", "a true line, of another name", _here(registry, PRESENT[1])),
        ("index-of-another", "the index of the neighbour", here._replace(index=1)),
        ("index-beyond", "an index beyond the count", here._replace(index=5)),
        ("hash-changed", "one bit of a hash", here._replace(hashes=(flipped(here.hashes[0]), *here.hashes[1:]))),
        ("hash-missing", "a hash too few", here._replace(hashes=here.hashes[:-1])),
        ("hash-too-many", "a hash too many", here._replace(hashes=(*here.hashes, bytes(32)))),
    ):  # fmt: skip
        yield _bad(registry, fault, says, StatusProof(k, proof, None, None))
    good = StatusProof(k, here, None, None)
    other = {"status_root": hashlib.sha256(b"x").digest()}
    yield _bad(registry, "other-status-root", "a proof of another snapshot", good, **other)
    yield _bad(registry, "count-smaller", "fewer lines than the proof needs", good, count=2)


def _bad_absence(registry: Registry) -> Iterator[Vector]:
    first, second, third, fourth, last = (_here(registry, k) for k in PRESENT)
    hidden = PRESENT[2]
    for fault, says, k, left, right in (
        ("hides-a-line", "the neighbours of a line that is there", hidden, second, fourth),
        ("hides-the-first", "the second line as the first", PRESENT[0], None, second),
        ("hides-the-last", "the last line but one as the last", PRESENT[-1], fourth, None),
        ("no-neighbours", "no neighbours, though there are lines", BETWEEN, None, None),
        ("left-too-high", "a left neighbour above the name", BETWEEN, third, fourth),
        ("right-too-low", "a right neighbour below the name", BETWEEN, first, second),
        ("left-is-the-name", "the line itself as its left neighbour", hidden, third, fourth),
        ("right-is-the-name", "the line itself as its right neighbour", hidden, second, third),
        ("neighbours-swapped", "the neighbours swapped", BETWEEN, third, second),
        ("only-left", "the right neighbour is left out", BETWEEN, second, None),
        ("only-right", "the left neighbour is left out", BETWEEN, None, third),
        ("same-on-both-sides", "one line on both sides", BETWEEN, second, second),
        ("below-with-left", "below the first, with a line on the left", BELOW, last, first),
    ):  # fmt: skip
        yield _bad(registry, fault, says, StatusProof(k, None, left, right))
    absent = StatusProof(ABOVE, None, last, None)
    yield _bad(registry, "lines-beyond", "the last line, but the count says that more follow", absent, count=6)  # fmt: skip
    empty = StatusProof(BETWEEN, None, None, None)
    says = "a count of one without any line"
    yield _bad(registry, "count-without-lines", says, empty, count=1)


def _bad_keys(registry: Registry) -> Iterator[Vector]:
    good = registry.status([BETWEEN])
    stranger = registry.fork()
    stranger.keys = {**registry.keys, "status": ed25519("a stranger")}
    key = ed25519_spki(registry.keys["status"].public_key)
    signature = good.envelope.signatures[0]
    changed = good._replace(
        envelope=good.envelope._replace(
            signatures=(signature._replace(value=flipped(signature.value, 3)),)
        )
    )
    forged = registry.status([BETWEEN], time=registry.clock + 60)
    forged = forged._replace(envelope=forged.envelope._replace(signatures=(signature,)))
    ended = registry.trust(statusKeys=[listed(key, SINCE, registry.clock)])
    begun = registry.trust(statusKeys=[listed(key, registry.clock + 1)])
    for fault, says, case, reason in (
        ("signature-changed", "one bit of the signature", given(registry, changed), "bad_status_signature"),
        ("time-changed", "another time than was signed", given(registry, forged), "bad_status_signature"),
        ("stranger", "signed by a key that is not listed", given(registry, stranger.status([BETWEEN])), "unlisted_status_key"),
        ("key-ended", "signed by a key at its end", given(registry, good, ended), "unlisted_status_key"),
        ("key-not-begun", "signed by a key before its start", given(registry, good, begun), "unlisted_status_key"),
        ("other-log", "of a log that is not listed", given(registry, registry.status([BETWEEN], origin="other.example")), "unlisted_log"),
    ):  # fmt: skip
        yield invalid("status", fault, says, case, 8, reason)
