"""The proof of one entry as a text of its own (C2SP tlog-proof), laid here line by line."""

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.keys import ed25519
from tests.vectors.generate.logs import CLOCK_KEY, LOG_KEY, ORIGIN, clock_line, log_line, sign
from tests.vectors.generate.proofs import LEAVES, path, root
from trust.core.log.checkpoint import Checkpoint, log_vkey

INDEX = 6
HEADER = "c2sp.org/tlog-proof@v1"


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _good()
    yield from _malformed()
    yield from _invalid()


def b64(data: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(data).decode()


def note(leaves: Sequence[bytes], size: int | None = None) -> str:
    """Return a signed checkpoint over these leaves."""
    return sign(Checkpoint(ORIGIN, len(leaves) if size is None else size, root(leaves)).text())


def proof(
    leaves: Sequence[bytes] = LEAVES, index: int = INDEX, extra: str = "", checkpoint: str = ""
) -> str:
    """Return the proof of an entry."""
    hashes = "".join(f"{b64(item)}\n" for item in path(index, leaves))
    return f"{HEADER}\n{extra}index {index}\n{hashes}\n{checkpoint or note(leaves)}"


def given(data: str, leaf: bytes = LEAVES[INDEX]) -> dict[str, Any]:
    """Return an input; by default about the leaf at INDEX."""
    return {"data": data, "leaf": b64(leaf), "logKey": str(LOG_KEY), "clockKey": str(CLOCK_KEY)}


def _good() -> Iterator[Vector]:
    for index in (0, INDEX, len(LEAVES) - 1):
        value = {"index": index, "size": len(LEAVES), "extra": None}
        case = given(proof(index=index), LEAVES[index])
        yield valid("tlog-proof", f"entry-{index}", f"entry {index} of 11", case, value)
    one = LEAVES[:1]
    value = {"index": 0, "size": 1, "extra": None}
    case = given(proof(one, 0), one[0])
    yield valid("tlog-proof", "only-entry", "the only entry of a log, no hash", case, value)
    for name, says, data in (
        ("extra", "extra data", b"anything"),
        ("extra-empty", "extra data of no bytes", b""),
        ("extra-longest", "extra data of 16 KiB", bytes(16 * 1024)),
    ):
        case = given(proof(extra=f"extra {b64(data)}\n"))
        told = {"index": INDEX, "size": len(LEAVES), "extra": data.hex()}
        yield valid("tlog-proof", name, says, case, told)
    text = Checkpoint(ORIGIN, len(LEAVES), root(LEAVES)).text()
    stranger = log_line(text, log_vkey("witness.example", ed25519("x").public_key), ed25519("x"))
    seen = sign(text, log_line(text), clock_line(text), stranger)
    value = {"index": INDEX, "size": len(LEAVES), "extra": None}
    says = "a checkpoint with the line of a stranger"
    yield valid("tlog-proof", "stranger", says, given(proof(checkpoint=seen)), value)


def _malformed() -> Iterator[Vector]:
    good = proof()
    first = b64(path(INDEX, LEAVES)[0])
    for fault, says, data, words in (
        ("empty", "nothing", "", "expected c2sp.org/tlog-proof@v1"),
        ("other-version", "another version", good.replace("@v1", "@v2"), "expected c2sp.org/tlog-proof@v1"),
        ("no-header", "no first line", good.removeprefix(f"{HEADER}\n"), "expected c2sp.org/tlog-proof@v1"),
        ("carriage-returns", "lines that end in CR LF", good.replace("\n", "\r\n"), "expected c2sp.org/tlog-proof@v1"),
        ("no-index", "no index", good.replace(f"index {INDEX}\n", ""), "no line with the index"),
        ("index-leading-zero", "an index with a zero in front", good.replace(f"index {INDEX}", f"index 0{INDEX}"), "is not a decimal number"),
        ("index-negative", "a negative index", good.replace(f"index {INDEX}", "index -1"), "is not a decimal number"),
        ("index-beyond-integers", "an index over 2^53-1", good.replace(f"index {INDEX}", "index 9007199254740992"), "is not a decimal number"),
        ("index-beyond-size", "an index that is the size", good.replace(f"index {INDEX}", "index 11"), "is not below size 11"),
        ("extra-after-index", "extra data after the index", good.replace(f"index {INDEX}\n", f"index {INDEX}\nextra YQ==\n"), "is not standard base64"),
        ("extra-twice", "extra data twice", proof(extra="extra YQ==\nextra YQ==\n"), "no line with the index"),
        ("extra-padding-bits", "extra data in another spelling", proof(extra="extra YR==\n"), "not canonical base64"),
        ("extra-too-long", "extra data of over 16 KiB", proof(extra=f"extra {b64(bytes(16 * 1024 + 1))}\n"), "expected at most 16384"),
        ("hash-short", "a hash of 31 bytes", good.replace(first, b64(bytes(31))), "31 bytes, expected 32"),
        ("hash-url-alphabet", "a hash in the alphabet of addresses", good.replace(first, "-" * 43 + "="), "is not standard base64"),
        ("hash-missing", "a hash less", good.replace(f"{first}\n", ""), "proof of 3 hashes, expected 4"),
        ("hash-more", "a hash more", good.replace(first, f"{first}\n{first}"), "proof of 5 hashes, expected 4"),
        ("too-many-hashes", "64 hashes", good.replace(first, "\n".join([first] * 61)), "64 hashes, expected at most 63"),
        ("no-empty-line", "no empty line before the checkpoint", good.replace("=\n\nlog.example", "=\nlog.example"), "is not standard base64"),
        ("two-empty-lines", "two empty lines before the checkpoint", good.replace("=\n\nlog.example", "=\n\n\nlog.example"), "expected text, one empty line"),
        ("no-checkpoint", "no checkpoint", good.partition("\n\n")[0] + "\n\n", "expected text, one empty line"),
        ("unsigned", "a checkpoint without signatures", good.rpartition("\n\n")[0] + "\n", "expected text, one empty line"),
        ("too-long", "over 128 KiB", f"{good}{'x' * 128 * 1024}", "expected at most 131072"),
    ):  # fmt: skip
        yield malformed("tlog-proof", fault, says, given(data), words)


def _invalid() -> Iterator[Vector]:
    other = given(proof(), LEAVES[INDEX + 1])
    yield invalid("tlog-proof", "other-leaf", "another entry's leaf", other, 5, "bad_log_proof")
    moved = given(proof().replace(f"index {INDEX}", f"index {INDEX - 1}"))
    yield invalid("tlog-proof", "index-changed", "the index before", moved, 5, "bad_log_proof")
    first = b64(path(INDEX, LEAVES)[0])
    changed = given(proof().replace(first, b64(bytes(32))))
    yield invalid("tlog-proof", "hash-changed", "another hash", changed, 5, "bad_log_proof")
    text = Checkpoint(ORIGIN, len(LEAVES), root(LEAVES)).text()
    for fault, says, lines in (
        ("no-clock", "a checkpoint without its clock", (log_line(text),)),
        ("no-log", "a checkpoint that only the clock signed", (clock_line(text),)),
    ):
        case = given(proof(checkpoint=sign(text, *lines)))
        yield invalid("tlog-proof", fault, says, case, 5, "unsigned_checkpoint")
    forged = sign(text, log_line(text, signer=ed25519("x")), clock_line(text))
    says = "a checkpoint that another key signed"
    case = given(proof(checkpoint=forged))
    yield invalid("tlog-proof", "forged", says, case, 0, "bad_signature")
