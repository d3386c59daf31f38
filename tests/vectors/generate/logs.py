"""The log: keys, notes, checkpoints, entries, proofs and tiles."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, edited, flipped, text
from tests.vectors.generate.keys import ed25519
from tests.vectors.generate.registry import START
from tests.vectors.generate.scene import standard
from trust.core.log.checkpoint import Checkpoint, clock_vkey, log_vkey
from trust.core.log.note import (
    Note,
    NoteSignature,
    VerifierKey,
    cosignature_line,
    cosignature_message,
    signature_line,
)
from trust.custody.signers import Ed25519Signer

ORIGIN = "log.example"
LOG, CLOCK, WITNESS = ed25519("a log"), ed25519("its clock"), ed25519("a witness")
LOG_KEY, CLOCK_KEY = log_vkey(ORIGIN, LOG.public_key), clock_vkey(ORIGIN, CLOCK.public_key)
WITNESS_KEY = clock_vkey("witness.example", WITNESS.public_key)
ROOT = hashlib.sha256(b"a root").digest()
TEXT = Checkpoint(ORIGIN, 7, ROOT).text()
EMPTY = hashlib.sha256(b"").digest()

# name, description, where, what stands there, words of our message
LEAF: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("other-version", "another version", ("apiVersion",), "0.0.1", "expected '0.0.2'"),
    ("other-kind", "another kind", ("kind",), "dsse", "expected 'hashedrekord'"),
    ("other-hash", "another hash", ("spec", "hashedRekordV002", "data", "algorithm"), "SHA2_512", "expected 'SHA2_256'"),
    ("other-key-kind", "a key of another kind", ("spec", "hashedRekordV002", "signature", "verifier", "keyDetails"), "PKIX_ED25519", "expected 'PKIX_ECDSA_P256_SHA_256'"),
    ("short-digest", "a digest of 31 bytes", ("spec", "hashedRekordV002", "data", "digest"), base64.b64encode(bytes(31)).decode(), "expected a 32-byte digest"),
    ("empty-signature", "no signature", ("spec", "hashedRekordV002", "signature", "content"), "", "a signature and a certificate"),
    ("no-certificate", "no certificate", ("spec", "hashedRekordV002", "signature", "verifier", "x509Certificate"), ABSENT, "'x509Certificate' is missing"),
    ("public-key", "a bare key instead of the certificate", ("spec", "hashedRekordV002", "signature", "verifier"), {"publicKey": {"rawBytes": ""}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}, "'x509Certificate' is missing"),
    ("unknown-member", "something else in the public log", ("spec", "hashedRekordV002", "name"), "Ana", "unknown member 'name'"),
    ("padding-bits", "a digest in another spelling", ("spec", "hashedRekordV002", "data", "digest"), "A" * 42 + "B=", "not canonical base64"),
)  # fmt: skip

BAD_PATHS: tuple[tuple[str, str, str], ...] = (
    ("slash-first", "a slash in front", "/tile/0/000"),
    ("level-8", "level 8", "tile/8/000"),
    ("level-leading-zero", "a level with a zero in front", "tile/00/000"),
    ("negative-level", "a negative level", "tile/-1/000"),
    ("two-digits", "a group of two digits", "tile/0/00"),
    ("four-digits", "a group of four digits", "tile/0/1234"),
    ("no-x", "a group without its x", "tile/0/001/234"),
    ("x-in-last-group", "an x in the last group", "tile/0/x001/x234"),
    ("zero-group-first", "a group of zeros in front", "tile/0/x000/001"),
    ("full-width", "a partial tile that is full", "tile/0/000.p/256"),
    ("width-zero", "a partial tile without hashes", "tile/0/000.p/0"),
    ("width-leading-zero", "a width with a zero in front", "tile/0/000.p/07"),
    ("upper-level", "a level as a letter", "tile/A/000"),
    ("other-folder", "another folder", "tiles/0/000"),
    ("parent", "a path that leaves its folder", "tile/0/../../key"),
    ("final-slash", "a slash at the end", "tile/0/000/"),
    ("query", "a query", "tile/0/000?x"),
    ("line-feed", "a line feed at the end", "tile/0/000\n"),
    ("other-digits", "digits that are not ASCII", "tile/0/00\u0661"),
    ("mixed-families", "Go's folder with C2SP's word for entries", "tile/8/entries/000"),
    ("too-many-groups", "seven groups", "tile/0/x001/x001/x001/x001/x001/x001/001"),
    ("empty", "nothing", ""),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _verifier_keys()
    yield from _notes()
    yield from _checkpoints()
    yield from _leaves()
    yield from _paths()
    yield from _bundles()


def sign(text: str, *lines: NoteSignature) -> str:
    """Return a note with these lines; by default those of log and clock."""
    return Note(text, lines or (log_line(text), clock_line(text))).encode()


def log_line(text: str, key: VerifierKey = LOG_KEY, signer: Ed25519Signer = LOG) -> NoteSignature:
    """Return the log's line."""
    return signature_line(key, signer.sign(text.encode()))


def clock_line(
    text: str,
    key: VerifierKey = CLOCK_KEY,
    signer: Ed25519Signer = CLOCK,
    at: int = START,
    signed_at: int | None = None,
) -> NoteSignature:
    """Return a line with a time; `signed_at` is the time that was really signed."""
    seconds = at if signed_at is None else signed_at
    return cosignature_line(key, at, signer.sign(cosignature_message(text, seconds)))


def _verifier_keys() -> Iterator[Vector]:
    for name, key in (("log", LOG_KEY), ("clock", CLOCK_KEY)):
        data = f"{ORIGIN}\n".encode() + bytes([key.type]) + key.key
        value = {"name": ORIGIN, "id": hashlib.sha256(data).hexdigest()}
        yield valid("verifier-key", name, f"the key of a {name}", {"text": str(key)}, value)
    name, key_id, encoded = str(LOG_KEY).split("+", 2)
    for fault, says, typed, words in (
        ("wrong-id", "a key id of another key", f"{name}+00000000+{encoded}", "name or key id"),
        ("id-of-another-name", "a key id that belongs to another name", f"x.example+{key_id}+{encoded}", "name or key id"),
        ("id-upper-case", "a key id in upper case", f"{name}+{key_id.upper()}+{encoded}", "name or key id"),
        ("id-leading-zeros", "a key id of more digits", f"{name}+0{key_id}+{encoded}", "name or key id"),
        ("no-name", "no name", f"+{key_id}+{encoded}", "name or key id"),
        ("blank-in-name", "a blank in the name", f"log example+{key_id}+{encoded}", "name or key id"),
        ("other-type", "a type that we do not read", f"{name}+{key_id}+{_typed(2, LOG_KEY.key)}", "is no Ed25519 verifier key"),
        ("short-key", "a key of 31 bytes", f"{name}+{key_id}+{_typed(1, LOG_KEY.key[1:])}", "is no Ed25519 verifier key"),
        ("url-base64", "another alphabet", f"{name}+{key_id}+{'_' * 44}", "is not standard base64"),
        ("two-parts", "no key", f"{name}+{key_id}", "is no Ed25519 verifier key"),
        ("line-feed", "a line feed at the end", f"{LOG_KEY}\n", "is not standard base64"),
    ):  # fmt: skip
        yield malformed("verifier-key", fault, says, {"text": typed}, words)


def _notes() -> Iterator[Vector]:
    keys = [str(LOG_KEY), str(CLOCK_KEY)]
    note = sign(TEXT)
    both = [[str(LOG_KEY), None], [str(CLOCK_KEY), START]]
    yield valid(
        "note", "log-and-clock", "lines of log and clock", {"note": note, "keys": keys}, both
    )
    unknown = sign(TEXT, log_line(TEXT), clock_line(TEXT, WITNESS_KEY, WITNESS))
    says = "the line of a key that was not asked for is passed over"
    yield valid("note", "unknown-line", says, {"note": unknown, "keys": keys[:1]}, both[:1])
    many = sign(TEXT, *[log_line(TEXT)] * 64)
    says = "64 signature lines, all of one key"
    yield valid("note", "most-lines", says, {"note": many, "keys": keys[:1]}, both[:1] * 64)
    other = sign("Any text.\nTwo lines.\n", log_line("Any text.\nTwo lines.\n"))
    says = "a note need not be a checkpoint"
    yield valid("note", "any-text", says, {"note": other, "keys": keys[:1]}, both[:1])
    blob = f"\u2014 {ORIGIN} "
    for fault, says, bad, words in (
        ("no-blank-line", "no empty line before the signatures", note.replace("\n\n", "\n"), "one empty line"),
        ("two-blank-lines", "a further empty line in the text", sign("A\n\nB\n", log_line("A\n\nB\n")), "is no signature line"),
        ("no-signature", "no signature line", f"{TEXT}\n", "one empty line"),
        ("no-final-line-feed", "no line feed at the end", note[:-1], "one empty line"),
        ("line-feed-too-many", "a line feed too many", f"{note}\n", "is no signature line"),
        ("carriage-return", "lines that end in CR LF", note.replace("\n", "\r\n"), "one empty line"),
        ("tab", "a tab in the text", sign("a\tb\n", log_line("a\tb\n")), "control character"),
        ("hyphen", "a hyphen instead of the em dash", note.replace("\u2014", "-"), "is no signature line"),
        ("en-dash", "an en dash instead of the em dash", note.replace("\u2014", "\u2013"), "is no signature line"),
        ("two-blanks", "two blanks in a signature line", note.replace(blob, blob + " "), "is no signature line"),
        ("no-name", "a line without a name", note.replace(blob, "\u2014 "), "is no signature line"),
        ("plus-in-name", "a plus sign in a name", note.replace(blob, "\u2014 log+example "), "is no signature line"),
        ("no-break-space-in-name", "a no-break space in a name", note.replace(blob, "\u2014 log\u00a0example "), "is no signature line"),
        ("no-signature-bytes", "a key id and nothing else", f"{TEXT}\n{blob}{_b64(LOG_KEY.key_id)}\n", "a signature of no bytes"),
        ("signature-padding-bits", "a signature in another spelling", f"{TEXT}\n{blob}QUJDREVGR0hJSl==\n", "not canonical base64"),
        ("empty-text", "no text", f"\n\n{blob}QUJDREVGR0hJ\n", "one empty line"),
        ("too-many-lines", "65 signature lines", sign(TEXT, *[log_line(TEXT)] * 65), "expected at most 64"),
        ("too-long", "over 64 KiB", sign("x" * 64 * 1024 + "\n", log_line(TEXT)), "longer than 65536 bytes"),
        ("short-signature", "a plain signature of 63 bytes", sign(TEXT, _short(log_line(TEXT))), "expected 32 and 64"),
        ("cosignature-without-time", "a cosignature without its time", sign(TEXT, _timeless()), "expected a time and a signature"),
    ):  # fmt: skip
        yield malformed("note", fault, says, {"note": bad, "keys": keys}, words)
    for fault, says, bad, reason in (
        ("text-changed", "one character of the text was changed", note.replace("\n7\n", "\n8\n"), "bad_signature"),
        ("time-changed", "the time of the clock was changed", sign(TEXT, clock_line(TEXT, at=START + 1, signed_at=START)), "bad_signature"),
        ("other-signer", "a line in the name of the log by another key", sign(TEXT, log_line(TEXT, signer=WITNESS)), "bad_signature"),
        ("one-bad-line", "a good line of the log and a bad one", sign(TEXT, log_line(TEXT), log_line(TEXT, signer=WITNESS)), "bad_signature"),
        ("cosignature-as-plain", "a plain signature in a cosignature's place", sign(TEXT, NoteSignature(ORIGIN, CLOCK_KEY.key_id, START.to_bytes(8) + CLOCK.sign(TEXT.encode()))), "bad_signature"),
        ("no-known-line", "only lines of keys that were not asked for", sign(TEXT, clock_line(TEXT, WITNESS_KEY, WITNESS)), "no_known_signature"),
        ("name-of-another-key", "the right key id under another name", sign(TEXT, log_line(TEXT)._replace(name="log.test")), "no_known_signature"),
    ):  # fmt: skip
        yield invalid("note", fault, says, {"note": bad, "keys": keys}, 0, reason)


def _checkpoints() -> Iterator[Vector]:
    def given(
        note: str, log: VerifierKey = LOG_KEY, clock: VerifierKey = CLOCK_KEY
    ) -> dict[str, Any]:
        return {"note": note, "logKey": str(log), "clockKey": str(clock)}

    def of(*body: str) -> str:
        return sign("".join(f"{line}\n" for line in body))

    root = _b64(ROOT)
    value = {"size": 7, "root": ROOT.hex(), "time": START}
    yield valid("checkpoint", "plain", "a log of seven entries", given(sign(TEXT)), value)
    empty = {"size": 0, "root": EMPTY.hex(), "time": START}
    yield valid(
        "checkpoint",
        "empty-log",
        "a log without entries",
        given(of(ORIGIN, "0", _b64(EMPTY))),
        empty,
    )
    witnessed = sign(TEXT, log_line(TEXT), clock_line(TEXT), clock_line(TEXT, WITNESS_KEY, WITNESS))
    yield valid(
        "checkpoint",
        "with-a-witness",
        "a witness's line is passed over here",
        given(witnessed),
        value,
    )
    yield valid(
        "checkpoint",
        "clock-first",
        "the clock's line first",
        given(sign(TEXT, clock_line(TEXT), log_line(TEXT))),
        value,
    )
    for name, says, at in (
        ("first-second", "dated to the first second", 0),
        ("last-second", "dated to 2^53-1", 2**53 - 1),
    ):
        dated = given(sign(TEXT, log_line(TEXT), clock_line(TEXT, at=at)))
        yield valid("checkpoint", name, says, dated, {**value, "time": at})
    largest = {"size": 2**53 - 1, "root": ROOT.hex(), "time": START}
    yield valid(
        "checkpoint", "largest", "2^53-1 entries", given(of(ORIGIN, str(2**53 - 1), root)), largest
    )
    for fault, says, note, words in (
        ("extension-line", "an extension line", of(ORIGIN, "7", root, "more"), "expected the lines origin, size and root"),
        ("no-root", "no root", of(ORIGIN, "7"), "expected the lines origin, size and root"),
        ("size-leading-zero", "a size with a zero in front", of(ORIGIN, "07", root), "is not a decimal number"),
        ("size-signed", "a size with a sign", of(ORIGIN, "+7", root), "is not a decimal number"),
        ("size-too-large", "2^53 entries", of(ORIGIN, str(2**53), root), "is not a decimal number"),
        ("size-blank", "a blank behind the size", of(ORIGIN, "7 ", root), "is not a decimal number"),
        ("root-short", "a root of 31 bytes", of(ORIGIN, "7", _b64(ROOT[1:])), "a root that is not 32 bytes"),
        ("root-hex", "a root in hex", of(ORIGIN, "7", ROOT.hex()), "a root that is not 32 bytes"),
        ("root-padding-bits", "a root in another spelling", of(ORIGIN, "7", "A" * 42 + "B="), "not canonical base64"),
        ("empty-log-other-root", "a log of size 0 with a root of entries", of(ORIGIN, "0", root), "a log of size 0 with another root"),
        ("log-and-clock-share-a-key", "one key as log and clock", given(sign(TEXT), LOG_KEY, clock_vkey(ORIGIN, LOG.public_key)), "share a key"),
        ("keys-swapped", "log and clock in the wrong order", given(sign(TEXT), CLOCK_KEY, LOG_KEY), "no log key and its clock's"),
        ("clock-of-another-log", "a clock of another name", given(sign(TEXT), LOG_KEY, clock_vkey("other.example", CLOCK.public_key)), "no log key and its clock's"),
        ("time-too-large", "a time beyond 2^53-1", sign(TEXT, log_line(TEXT), clock_line(TEXT, at=2**53)), "is not from 0 to 2^53-1"),
    ):  # fmt: skip
        case = given(note) if isinstance(note, str) else note
        yield malformed("checkpoint", fault, says, case, words)
    other = Checkpoint("other.example", 7, ROOT).text()
    for fault, says, note, step, reason in (
        ("other-origin", "another log, signed by these keys", sign(other), 5, "other_origin"),
        ("no-clock", "the clock's line is missing", sign(TEXT, log_line(TEXT)), 5, "unsigned_checkpoint"),
        ("no-log", "the log's line is missing", sign(TEXT, clock_line(TEXT)), 5, "unsigned_checkpoint"),
        ("two-clock-lines", "two lines of the clock, of two times", sign(TEXT, log_line(TEXT), clock_line(TEXT), clock_line(TEXT, at=START + 9)), 5, "unsigned_checkpoint"),
        ("two-log-lines", "the log's line twice", sign(TEXT, log_line(TEXT), log_line(TEXT), clock_line(TEXT)), 5, "unsigned_checkpoint"),
        ("only-a-witness", "a witness and nobody else", sign(TEXT, clock_line(TEXT, WITNESS_KEY, WITNESS)), 0, "no_known_signature"),
        ("size-changed", "the size was changed", sign(TEXT).replace("\n7\n", "\n8\n"), 0, "bad_signature"),
        ("root-changed", "the root was changed", sign(TEXT).replace(root, _b64(flipped(ROOT))), 0, "bad_signature"),
        ("clock-time-changed", "the time was changed", sign(TEXT, log_line(TEXT), clock_line(TEXT, at=START + 60, signed_at=START)), 0, "bad_signature"),
        ("signed-by-another-log", "both lines by other keys under the same names", sign(TEXT, log_line(TEXT, signer=WITNESS), clock_line(TEXT)), 0, "bad_signature"),
    ):  # fmt: skip
        yield invalid("checkpoint", fault, says, given(note), step, reason)


def _leaves() -> Iterator[Vector]:
    leaf = standard().registry.entries[standard().work].leaf
    value = hashlib.sha256(b"\0" + leaf).hexdigest()
    yield valid("leaf", "plain", "the entry of a deliverable", {"data": leaf.decode()}, value)
    for fault, says, path, to, words in LEAF:
        yield malformed("leaf", fault, says, {"data": text(leaf, path, to)}, words)
    pretty = json.dumps(json.loads(leaf), indent=1)
    yield malformed("leaf", "white-space", "white space", {"data": pretty}, "not in RFC 8785 form")
    content: Path = ("spec", "hashedRekordV002", "signature", "content")
    big = json.dumps(edited(json.loads(leaf), content, "A" * 16 * 1024), separators=(",", ":"))
    yield malformed("leaf", "too-large", "over 16 KiB", {"data": big}, "expected at most 16384")


def _paths() -> Iterator[Vector]:
    for name, says, path, level, number, width in (
        ("first", "the first tile", "tile/0/000", 0, 0, 256),
        ("large", "a number of three groups", "tile/1/x001/x234/067", 1, 1_234_067, 256),
        ("partial", "a partial tile", "tile/0/x001/002.p/17", 0, 1002, 17),
        ("highest-level", "level 7", "tile/7/000.p/1", 7, 0, 1),
        ("entries", "entries", "tile/entries/005", -1, 5, 256),
        ("entries-partial", "partial entries", "tile/entries/005.p/255", -1, 5, 255),
        ("go-hashes", "hashes as Go spells them", "tile/8/0/x001/234", 0, 1234, 256),
        ("go-entries", "entries as Go spells them", "tile/8/data/000.p/3", -1, 0, 3),
    ):
        value = {"level": level, "number": number, "width": width}
        yield valid("tile-path", name, says, {"path": path}, value)
    for fault, says, path in BAD_PATHS:
        yield malformed("tile-path", fault, says, {"path": path}, "tile path")


def _bundles() -> Iterator[Vector]:
    entries = [b"first", b"", b"x" * 300]
    data = b"".join(len(entry).to_bytes(2) + entry for entry in entries)
    value = [entry.hex() for entry in entries]
    yield valid("entry-bundle", "three", "three entries, one empty", {"data": _b64(data)}, value)
    yield valid("entry-bundle", "none", "no entries", {"data": ""}, [])
    full = b"\0\1a" * 256
    yield valid("entry-bundle", "full", "256 entries", {"data": _b64(full)}, ["61"] * 256)
    for fault, says, bad, words in (
        ("cut-in-entry", "ends inside an entry", data[:-1], "entry 2 is cut short"),
        ("cut-in-length", "ends inside a length", data + b"\0", "entry 3 is cut short"),
        ("length-too-large", "a length beyond the end", b"\xff\xff" + data, "entry 0 is cut short"),
        ("too-many", "257 entries", full + b"\0\1a", "holds more than 256"),
    ):
        yield malformed("entry-bundle", fault, says, {"data": _b64(bad)}, words)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _short(line: NoteSignature) -> NoteSignature:
    return line._replace(blob=line.blob[:-1])


def _timeless() -> NoteSignature:
    return NoteSignature(ORIGIN, CLOCK_KEY.key_id, CLOCK.sign(TEXT.encode()))


def _typed(kind: int, key: bytes) -> str:
    return _b64(bytes([kind]) + key)
