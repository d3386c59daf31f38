"""Witnesses: the policy, and which operators cosigned a checkpoint."""

import base64
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.keys import ed25519
from tests.vectors.generate.logs import LOG_KEY, TEXT, clock_line, log_line, sign
from tests.vectors.generate.registry import START
from trust.core.log.checkpoint import clock_vkey, log_vkey
from trust.core.log.note import NoteSignature

NAMES = ("north", "south", "abroad")
KEYS = {name: ed25519(f"witness {name}") for name in NAMES}
VKEYS = {name: clock_vkey(f"{name}.example", KEYS[name].public_key) for name in NAMES}
NORTH = f"witness north {VKEYS['north']}\n"
WITNESSES = "".join(f"witness {name} {VKEYS[name]}\n" for name in NAMES)
TWO_OF_THREE = f"{WITNESSES}group all 2 north south abroad\nquorum all\n"
OF_OPERATORS = f"{WITNESSES}group home any north south\ngroup enough 2 home abroad\nquorum enough\n"


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _good_policies()
    yield from _bad_policies()
    yield from _cosignatures()
    yield from _requests()


def _good_policies() -> Iterator[Vector]:
    plain = log_vkey("north.example", KEYS["north"].public_key)
    for name, says, text, operators in (
        ("none", "nobody is asked for", "quorum none\n", []),
        ("one", "one witness", f"{NORTH}quorum north\n", ["north"]),
        ("two-of-three", "two of three", TWO_OF_THREE, list(NAMES)),
        ("operators", "two witnesses of one operator count once", OF_OPERATORS, ["home", "abroad"]),
        ("comments", "comments, empty lines, tabs and blanks", f"# ours\n\n \t{NORTH}  # more\nquorum\tnorth\n", ["north"]),
        ("url", "a log and a witness with their addresses", f"log {LOG_KEY} https://log.example\n{NORTH[:-1]} https://north.example\nquorum none\n", []),
        ("plain-key", "a witness whose key has the type of plain signatures", f"witness north {plain}\nquorum north\n", ["north"]),
        ("longest", "exactly 16 KiB", f"#{'x' * (16 * 1024 - 14)}\nquorum none\n", []),
        ("unused-group", "a group that nobody asks for", f"{NORTH}group g all north\nquorum none\n", []),
    ):  # fmt: skip
        yield valid("witness-policy", name, says, {"text": text}, operators)


def _bad_policies() -> Iterator[Vector]:
    south = NORTH.replace("witness north", "witness south")
    for fault, says, text, words in (
        ("empty", "no line", "", "no line feed"),
        ("no-quorum", "no quorum", NORTH, "no quorum line"),
        ("two-quorums", "two quorums", f"{NORTH}quorum north\nquorum none\n", "a second quorum line"),
        ("quorum-unknown", "a quorum that is not defined", f"{NORTH}quorum south\n", "is not defined above"),
        ("quorum-before", "a quorum that is defined below", f"quorum north\n{NORTH}", "is not defined above"),
        ("no-final-line-feed", "no line feed at the end", f"{NORTH}quorum north", "no line feed"),
        ("carriage-return", "lines that end in CR LF", f"{NORTH}quorum north\n".replace("\n", "\r\n"), "a control character"),
        ("control-in-comment", "a control character in a comment", "# \x07\nquorum none\n", "a control character"),
        ("delete-in-comment", "the DELETE character in a comment", "# \x7f\nquorum none\n", "a control character"),
        ("unknown-line", "a line of a fifth kind", f"{NORTH}weight north 2\nquorum north\n", "is no log, witness, group or quorum line"),
        ("witness-without-key", "a witness without a key", "witness north\nquorum none\n", "is no log, witness"),
        ("witness-bad-key", "a witness whose key is none", "witness north key\nquorum none\n", "verifier key"),
        ("witness-two-urls", "a witness with two addresses", f"{NORTH[:-1]} a b\nquorum none\n", "is no log, witness"),
        ("name-twice", "one name twice", f"{NORTH}{NORTH.replace(str(VKEYS['north']), str(VKEYS['south']))}quorum none\n", "is defined already"),
        ("name-none", "a witness called none", f"{NORTH.replace('witness north', 'witness none')}quorum none\n", "is defined already"),
        ("key-twice", "one key under two names", f"{NORTH}{south}quorum none\n", "the same witness key twice"),
        ("key-twice-two-types", "one key under two names and types", f"{NORTH}witness south {log_vkey('x.example', KEYS['north'].public_key)}\nquorum none\n", "the same witness key twice"),
        ("log-key-twice", "one log key twice", f"log {LOG_KEY}\nlog {LOG_KEY}\nquorum none\n", "the same log key twice"),
        ("log-key-of-a-witness", "a log whose key is a witness's", f"log {VKEYS['north']}\nquorum none\n", "a log signs with a key of type 1"),
        ("member-unknown", "a member that is not defined", f"{NORTH}group g any north south\nquorum g\n", "is not defined above or a member already"),
        ("member-twice", "one member twice in a group", f"{NORTH}group g 2 north north\nquorum g\n", "is not defined above or a member already"),
        ("member-of-two-groups", "one member of two groups", f"{WITNESSES}group g any north\ngroup h any north south\nquorum h\n", "is not defined above or a member already"),
        ("group-of-itself", "a group that is its own member", f"{NORTH}group g any north g\nquorum g\n", "is not defined above or a member already"),
        ("group-empty", "a group without members", f"{NORTH}group g any\nquorum g\n", "is no log, witness"),
        ("threshold-zero", "a threshold of 0", f"{NORTH}group g 0 north\nquorum g\n", "0 of 1 members"),
        ("threshold-beyond", "a threshold beyond the members", f"{NORTH}group g 2 north\nquorum g\n", "2 of 1 members"),
        ("threshold-leading-zero", "a threshold with a zero in front", f"{NORTH}group g 01 north\nquorum g\n", "is not a decimal number"),
        ("threshold-word", "a threshold that is no number", f"{NORTH}group g most north\nquorum g\n", "is not a decimal number"),
        ("too-long", "over 16 KiB", f"#{'x' * 16 * 1024}\nquorum none\n", "longer than 16384 bytes"),
    ):  # fmt: skip
        yield malformed("witness-policy", fault, says, {"text": text}, words)


def _line(name: str, at: int = START, signed_at: int | None = None) -> NoteSignature:
    return clock_line(TEXT, VKEYS[name], KEYS[name], at, signed_at)


def _given(policy: str, *lines: NoteSignature) -> dict[str, Any]:
    return {"policy": policy, "note": sign(TEXT, log_line(TEXT), *lines)}


def _cosignatures() -> Iterator[Vector]:
    stranger = clock_line(TEXT, clock_vkey("x.example", ed25519("x").public_key), ed25519("x"))
    for name, says, policy, lines, operators, of, enough in (
        ("nobody", "nobody cosigned, and somebody was asked for", TWO_OF_THREE, (), [], 3, False),
        ("none-asked", "nobody cosigned, and nobody was asked for", "quorum none\n", (), [], 0, True),
        ("two-of-three", "two of three cosigned", TWO_OF_THREE, (_line("north"), _line("abroad")), ["north", "abroad"], 3, True),
        ("one-of-three", "one of three cosigned", TWO_OF_THREE, (_line("south"),), ["south"], 3, False),
        ("one-twice", "one witness cosigned twice, and counts once", TWO_OF_THREE, (_line("north"), _line("north", START + 9)), ["north"], 3, False),
        ("one-operator", "two witnesses of one operator, and counts once", OF_OPERATORS, (_line("north"), _line("south")), ["home"], 2, False),
        ("two-operators", "one witness of each operator", OF_OPERATORS, (_line("south"), _line("abroad")), ["home", "abroad"], 2, True),
        ("stranger", "a stranger cosigned", TWO_OF_THREE, (stranger,), [], 3, False),
        ("clock", "the log's own clock never counts", TWO_OF_THREE, (clock_line(TEXT),), [], 3, False),
    ):  # fmt: skip
        value = {"operators": operators, "of": of, "enough": enough}
        yield valid("cosignatures", name, says, _given(policy, *lines), value)
    forged = clock_line(TEXT, VKEYS["north"], KEYS["south"])
    for fault, says, line in (
        ("forged", "another key in the name of a witness", forged),
        ("time-changed", "the time of a witness was changed", _line("north", START + 60, START)),
    ):
        case = _given(TWO_OF_THREE, _line("abroad"), line)
        yield invalid("cosignatures", fault, says, case, 0, "bad_signature")
    plain = NoteSignature("north.example", VKEYS["north"].key_id, KEYS["north"].sign(TEXT.encode()))
    words = "expected a time and a signature"
    says = "a plain signature in a witness's place"
    yield malformed("cosignatures", "without-time", says, _given(TWO_OF_THREE, plain), words)


def _requests() -> Iterator[Vector]:
    note = sign(TEXT)
    one = base64.b64encode(bytes(32)).decode()
    for name, says, head, old, hashes in (
        ("from-nothing", "the first checkpoint", "old 0\n", 0, 0),
        ("proof", "a proof of two hashes", f"old 5\n{one}\n{one}\n", 5, 2),
        ("longest-proof", "a proof of 63 hashes", "old 5\n" + f"{one}\n" * 63, 5, 63),
    ):
        value = {"old": old, "hashes": hashes}
        yield valid("add-checkpoint", name, says, {"data": f"{head}\n{note}"}, value)
    for fault, says, data, words in (
        ("no-old", "no size", f"{one}\n\n{note}", "expected `old <size>`"),
        ("old-leading-zero", "a size with a zero in front", f"old 05\n\n{note}", "is not a decimal number"),
        ("old-negative", "a negative size", f"old -1\n\n{note}", "is not a decimal number"),
        ("old-too-large", "a size of 2^53", f"old {2**53}\n\n{note}", "is not a decimal number"),
        ("hash-short", "a hash of 31 bytes", f"old 5\n{base64.b64encode(bytes(31)).decode()}\n\n{note}", "31 bytes"),
        ("hash-url-base64", "a hash in the URL alphabet", f"old 5\n{'_' * 43}=\n\n{note}", "is not standard base64"),
        ("too-many-hashes", "a proof of 64 hashes", "old 5\n" + f"{one}\n" * 64 + f"\n{note}", "expected at most 63"),
        ("no-note", "no checkpoint", "old 5\n\n", "one empty line"),
        ("no-empty-line", "no empty line before the checkpoint", f"old 5\n{note}", "is not standard base64"),
        ("carriage-return", "lines that end in CR LF", f"old 5\r\n\r\n{note}", "is not a decimal number"),
    ):  # fmt: skip
        yield malformed("add-checkpoint", fault, says, {"data": data}, words)
