"""Trust files, and the chain from one version to the next."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import conflict, invalid, malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, edited, flipped, text
from tests.vectors.generate.keys import ed25519
from tests.vectors.generate.people import digits, grouped
from tests.vectors.generate.registry import SINCE, START, YEAR, Registry, listed
from trust.core.canonical import Json, canonical
from trust.core.encoding import b64encode, format_time
from trust.core.keys.p256 import ed25519_spki, spki
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import clock_vkey, log_vkey
from trust.core.registry.trust_file import encode_trust_file, root_json

REGISTRY = Registry()
ROOT = REGISTRY.keys["root"]
OTHER_ROOT, THIRD_ROOT = ed25519("another root key"), ed25519("a third root key")
ROOTS = (ROOT, OTHER_ROOT, THIRD_ROOT)
STATUS_KEY = ed25519_spki(REGISTRY.keys["status"].public_key)
REGISTRY_KEY = spki(REGISTRY.keys["registry"].public_key)
T = "trustedRoot"
AUTHORITIES = ("certificateAuthorities", "timestampAuthorities", "ctlogs")


def _witnessed_by(name: str) -> str:
    """Return a policy that asks for a key of the registry itself, under another name."""
    key = clock_vkey("witness.example", REGISTRY.keys[name].public_key)
    return f"witness stranger {key}\nquorum stranger\n"


# name, description, where in the payload, what stands there, words of our message
PAYLOADS: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("version-zero", "version 0", ("version",), 0, "expected at least 1"),
    ("version-text", "a version as text", ("version",), "1", "expected a whole number"),
    ("no-version", "no version", ("version",), ABSENT, "'version' is missing"),
    ("no-expiry", "no end", ("expires",), ABSENT, "'expires' is missing"),
    ("expires-never", "null instead of an end", ("expires",), None, "null, expected text"),
    ("url-with-path", "a public URL with a path", ("publicUrl",), "https://registry.example/a", "expected scheme, host and port"),
    ("url-final-slash", "a public URL with a slash at the end", ("publicUrl",), "https://registry.example/", "expected scheme, host and port"),
    ("url-upper-case", "a public URL in upper case", ("publicUrl",), "https://Registry.example", "expected scheme, host and port"),
    ("url-without-scheme", "a public URL without a scheme", ("publicUrl",), "registry.example", "expected scheme, host and port"),
    ("url-other-scheme", "a public URL of another scheme", ("publicUrl",), "ftp://registry.example", "expected scheme, host and port"),
    ("no-log", "no log", ("logs",), [], "0 items, expected 1 to 64"),
    ("log-key-of-other-name", "a log key of another name", ("logs", 0, "origin"), "other.example", "a key's name is not the origin"),
    ("clock-key-of-other-name", "a clock key of another name", ("logs", 0, "clockKey"), str(clock_vkey("other.example", bytes(32))), "a key's name is not the origin"),
    ("log-key-no-key", "a log key that is none", ("logs", 0, "logKey"), "log+key", "is no"),
    ("closed-without-root", "a closed log without its root", ("logs", 0, "closed"), {"size": 5}, "'root' is missing"),
    ("closed-missing", "no word on whether the log is closed", ("logs", 0, "closed"), ABSENT, "'closed' is missing"),
    ("closed-root-short", "a closed log with a root of 31 bytes", ("logs", 0, "closed"), {"size": 5, "root": base64.b64encode(bytes(31)).decode()}, "31 bytes, expected 32"),
    ("two-logs-of-one-origin", "one log twice", ("logs", 1), REGISTRY.listed_log(), "two logs of one origin"),
    ("origin-prose", "prose where the host name of a log belongs", ("logs", 0, "origin"), "the best log", "is not the host name of a log"),
    ("log-unknown-member", "a member of a log that nobody defined", ("logs", 0, "url"), "x", "unknown member 'url'"),
    ("no-registry-key", "no registry key", ("registryKeys",), [], "0 items, expected 1 to 64"),
    ("registry-key-ed25519", "a registry key of the other kind", ("registryKeys", 0, "key"), base64.b64encode(STATUS_KEY).decode(), "not the SPKI of an uncompressed P-256 key"),
    ("status-key-p256", "a status key of the other kind", ("statusKeys", 0, "key"), base64.b64encode(REGISTRY_KEY).decode(), "not the SPKI of an Ed25519 key"),
    ("status-key-long", "a status key with a byte too many", ("statusKeys", 0, "key"), base64.b64encode(STATUS_KEY + b"\0").decode(), "not the SPKI of an Ed25519 key"),
    ("key-without-end", "no word on the end of a key", ("statusKeys", 0, "end"), ABSENT, "'end' is missing"),
    ("key-bad-start", "a start that is no time", ("statusKeys", 0, "start"), "2026-11-02", "is not a time like"),
    ("no-root", "no root keys", ("root",), ABSENT, "'root' is missing"),
    ("threshold-zero", "a threshold of 0", ("root", "threshold"), 0, "expected at least 1"),
    ("threshold-beyond-keys", "a threshold of 2 with one key", ("root", "threshold"), 2, "2 of 1 distinct keys"),
    ("root-key-twice", "one root key twice, to reach a threshold of 2", ("root",), {"keys": [base64.b64encode(ed25519_spki(ROOT.public_key)).decode()] * 2, "threshold": 2}, "2 of 1 distinct keys"),
    ("root-key-p256", "a root key of the other kind", ("root", "keys"), [base64.b64encode(REGISTRY_KEY).decode()], "not the SPKI of an Ed25519 key"),
    ("no-witness-policy", "no witness policy", ("witnessPolicy",), ABSENT, "'witnessPolicy' is missing"),
    ("witness-policy-bad", "a witness policy without a quorum", ("witnessPolicy",), "", "no line feed"),
    ("witness-is-the-log", "a witness whose key is the log's", ("witnessPolicy",), _witnessed_by("log"), "has a key of the registry itself"),
    ("witness-is-the-clock", "a witness whose key is the clock's", ("witnessPolicy",), _witnessed_by("clock"), "has a key of the registry itself"),
    ("witness-is-the-root", "a witness whose key is a root key", ("witnessPolicy",), _witnessed_by("root"), "has a key of the registry itself"),
    ("witness-is-the-status-key", "a witness whose key is a status key", ("witnessPolicy",), _witnessed_by("status"), "has a key of the registry itself"),
    ("unknown-member", "a member that nobody defined", ("comment",), "x", "unknown member 'comment'"),
    ("trusted-root-other-type", "another media type of Sigstore's part", (T, "mediaType"), "application/json", "trustedroot+json;version=0.1"),
    ("trusted-root-unknown-member", "something added to Sigstore's part", (T, "logs"), [], "unknown member 'logs'"),
    ("no-tlogs", "no logs in Sigstore's part", (T, "tlogs"), ABSENT, "'tlogs' is missing"),
    ("no-ca", "no CA", (T, "certificateAuthorities"), [], "0 items, expected 1 to 64"),
    ("no-tsa", "no time-stamping authority", (T, "timestampAuthorities"), [], "0 items, expected 1 to 64"),
    ("no-sct-key", "no SCT key", (T, "ctlogs"), [], "0 items, expected 1 to 64"),
    ("ca-no-certificate", "a CA whose certificate is none", (T, "certificateAuthorities", 0, "certChain", "certificates", 0, "rawBytes"), "QUJD", "expected tag 0x30"),
    ("ca-without-start", "a CA without a start", (T, "certificateAuthorities", 0, "validFor"), {}, "'start' is missing"),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _good()
    yield from _malformed()
    yield from _unsigned()
    yield from _chains()


def code(*keys: Signer, threshold: int = 1) -> str:
    """Return the code of root keys: 24 Crockford digits of SHA-256 of their member."""
    encoded = [base64.b64encode(ed25519_spki(key.public_key)).decode() for key in keys]
    document = json.dumps({"keys": encoded, "threshold": threshold}, separators=(",", ":"))
    digest = hashlib.sha256(document.encode()).digest()
    return grouped(digits(digest, 24))


def _good() -> Iterator[Vector]:
    def given(data: bytes) -> dict[str, Any]:
        return {"data": data.decode()}

    one = {"version": 1, "code": code(ROOT)}
    yield valid("trust-file", "plain", "the first version", given(REGISTRY.trust()), one)
    several = REGISTRY.trust(ROOT, THIRD_ROOT, root=root_json(list(ROOTS), 2))
    value = {"version": 1, "code": code(*ROOTS, threshold=2)}
    yield valid(
        "trust-file", "two-of-three", "signed by two of three root keys", given(several), value
    )
    extra = REGISTRY.trust(ROOT, OTHER_ROOT)
    says = "a signature of a key that is no root key (as a successor carries it)"
    yield valid("trust-file", "foreign-signature", says, given(extra), one)
    old: list[Json] = [listed(STATUS_KEY, SINCE, START), listed(ed25519_spki(bytes(31) + b"\x03"))]
    ended = REGISTRY.trust(statusKeys=old)
    yield valid("trust-file", "ended-key", "a key with its end, and the next", given(ended), one)
    logs: list[Json] = [REGISTRY.listed_log((5, bytes(32))), _next_log().listed_log()]
    closed = REGISTRY.trust(logs=logs)
    yield valid("trust-file", "closed-log", "a closed log and the next one", given(closed), one)


def _next_log() -> Registry:
    return Registry(origin="log2027-1.registry.example")


def _malformed() -> Iterator[Vector]:
    payload = REGISTRY.trust_payload()
    for fault, says, path, to, words in PAYLOADS:
        data = encode_trust_file(edited(payload, path, to), [ROOT])
        yield malformed("trust-file", fault, says, {"data": data.decode()}, words)
    good = REGISTRY.trust()
    document = json.loads(good)
    twice = edited(document, ("signatures", 1), document["signatures"][0])
    loose = json.dumps(payload, indent=1).encode()
    pretty = edited(document, ("payload",), base64.b64encode(loose).decode())
    for fault, says, written, words in (
        ("signature-twice", "one signature twice, to reach a threshold", canonical(twice).decode(), "two signatures of one key"),
        ("white-space", "white space in the envelope", json.dumps(document, indent=1), "not in RFC 8785 form"),
        ("payload-white-space", "white space in the payload", canonical(pretty).decode(), "not in RFC 8785 form"),
        ("no-signature", "no signature", text(good, ("signatures",), []), "0 items, expected 1 to 16"),
        ("too-many-signatures", "17 signatures", text(good, ("signatures",), [{"keyid": str(n), "sig": "QQ=="} for n in range(17)]), "17 items, expected 1 to 16"),
        ("other-payload-type", "another payload type", text(good, ("payloadType",), "application/vnd.touchplate.status.v1+json"), "trust.v1+json"),
        ("short-signature", "a root signature of another length", text(good, ("signatures", 0, "sig"), "QUJD"), "expected 32 and 64"),
        ("bare-payload", "the payload without an envelope", canonical(payload).decode(), "'payloadType' is missing"),
        ("sigstore-root", "Sigstore's trusted root instead of ours", canonical(REGISTRY.trusted_root()).decode(), "'payloadType' is missing"),
    ):  # fmt: skip
        yield malformed("trust-file", fault, says, {"data": written}, words)


def _unsigned() -> Iterator[Vector]:
    good = json.loads(REGISTRY.trust())
    raw = base64.b64decode(good["signatures"][0]["sig"])
    bad = base64.b64encode(flipped(raw, 3)).decode()
    changed = json.loads(REGISTRY.trust(version=2))
    renamed = edited(good, ("signatures", 0, "keyid"), "00" * 32)
    two = root_json(list(ROOTS), 2)
    half = json.loads(REGISTRY.trust(ROOT, OTHER_ROOT, root=two))
    spoiled = edited(half, ("signatures", 1, "sig"), bad)
    for fault, says, document, reason in (
        ("by-a-stranger", "signed by a key that it does not list", json.loads(REGISTRY.trust(OTHER_ROOT)), "trust_file_not_signed"),
        ("below-the-threshold", "one of two root signatures", json.loads(REGISTRY.trust(ROOT, root=two)), "trust_file_not_signed"),
        ("other-key-id", "the signature under another key id", renamed, "trust_file_not_signed"),
        ("signature-changed", "one bit of the signature", edited(good, ("signatures", 0, "sig"), bad), "bad_signature"),
        ("payload-changed", "the payload was changed after signing", {**changed, "signatures": good["signatures"]}, "bad_signature"),
        ("one-bad-of-two", "a good root signature and a bad one", spoiled, "bad_signature"),
    ):  # fmt: skip
        given = {"data": canonical(document).decode()}
        yield invalid("trust-file", fault, says, given, 0, reason)


def _chains() -> Iterator[Vector]:
    one = REGISTRY.trust()
    two = REGISTRY.trust(version=2, expires=format_time(START + 2 * YEAR))
    three = REGISTRY.trust(version=3, expires=format_time(START + 3 * YEAR))
    root = root_json([OTHER_ROOT], 1)
    rotated = REGISTRY.trust(ROOT, OTHER_ROOT, version=2, root=root)
    onwards = REGISTRY.trust(OTHER_ROOT, version=3, root=root)
    logs: list[Json] = [REGISTRY.listed_log((5, bytes(32))), _next_log().listed_log()]
    for name, says, files, last in (
        ("one", "one version", [one], 1),
        ("two", "its successor", [one, two], 2),
        ("three", "three in a row", [one, two, three], 3),
        ("root-rotated", "another root key, signed by both", [one, rotated, onwards], 3),
        ("next-log", "the log is closed and another begins", [one, REGISTRY.trust(version=2, logs=logs)], 2),
        ("added-and-ended", "keys are added, and one that was in use ends", [one, _grown()], 2),
        ("end-moved-back", "a key's end is moved back", [_grown(1), _grown(2, end=START - 5)], 2),
    ):  # fmt: skip
        yield valid("trust-chain", name, says, _files(*files), last)
    yield from _rewritten()
    other = Registry("other.example")
    for fault, says, files, words in (
        ("skipped", "a version is left out", [one, three], "version 3, expected 2"),
        ("same", "the same version again", [one, one], "version 1, expected 2"),
        ("back", "an older version", [one, two, one], "version 1, expected 3"),
        ("other-registry", "another registry", [one, other.trust(ROOT, other.keys["root"], version=2)], "a trust file of https://other.example"),
        ("other-scheme", "the same host without encryption", [one, REGISTRY.trust(version=2, publicUrl="http://registry.example")], "a trust file of http://registry.example"),
    ):  # fmt: skip
        yield conflict("trust-chain", fault, says, _files(*files), words)
    lone = REGISTRY.trust(OTHER_ROOT, version=2, root=root)
    unagreed = REGISTRY.trust(ROOT, version=2, root=root)
    back = REGISTRY.trust(ROOT, version=3)
    for fault, says, files in (
        ("root-replaced", "another root key, signed by the new one only", [one, lone]),
        ("root-not-agreed", "another root key, signed by the old one only", [one, unagreed]),
        ("by-the-former-root", "a successor by the root key before the last", [one, rotated, back]),
    ):
        yield invalid("trust-chain", fault, says, _files(*files), 0, "trust_file_not_signed")


def _grown(version: int = 2, end: int | None = START, **changes: Any) -> bytes:
    """Two logs, the first closed, and two of each key and authority; the first status key ends."""
    trusted: Any = REGISTRY.trusted_root()
    for name in AUTHORITIES:
        trusted[name] = [*trusted[name], _second()[name][0]]
    return REGISTRY.trust(
        **{
            "version": version,
            "logs": [REGISTRY.listed_log((5, bytes(32))), _next_log().listed_log()],
            "statusKeys": [
                listed(STATUS_KEY, end=end),
                listed(ed25519_spki(OTHER_ROOT.public_key)),
            ],
            "registryKeys": [
                listed(REGISTRY_KEY),
                listed(spki(_next_log().keys["sct"].public_key)),
            ],
            T: trusted,
            **changes,
        }
    )


def _second() -> Any:
    return Registry("other.example").trusted_root()


def _rewritten() -> Iterator[Vector]:
    """Successors that the root keys signed, and that take back what was listed."""
    one = _grown(1)
    payload: Any = json.loads(base64.b64decode(json.loads(_grown())["payload"]))
    first, second = payload["logs"]
    for fault, says, path, to, words in (
        ("log-dropped", "the closed log is no longer listed", ("logs",), [second], "log 1 is"),
        ("newest-log-dropped", "the newest log is no longer listed", ("logs",), [first], "log 2 is no more"),
        ("logs-reordered", "the logs in another order", ("logs",), [second, first], "log 1 is"),
        ("log-reopened", "a closed log is open again", ("logs", 0, "closed"), None, "was closed, and is open"),
        ("log-longer", "a closed log ends elsewhere", ("logs", 0, "closed", "size"), 6, "was closed, and is open"),
        ("log-root-changed", "a closed log has another root", ("logs", 0, "closed", "root"), b64encode(bytes(31) + b"1"), "was closed, and is open"),
        ("log-key-changed", "a log has another key", ("logs", 1, "logKey"), str(log_vkey(_next_log().origin, OTHER_ROOT.public_key)), "has other keys"),
        ("clock-key-changed", "a log has another clock", ("logs", 1, "clockKey"), str(clock_vkey(_next_log().origin, OTHER_ROOT.public_key)), "has other keys"),
        ("registry-key-dropped", "a registry key is no longer listed", ("registryKeys", 1), ABSENT, "registry key 2 is no longer listed"),
        ("registry-keys-reordered", "the registry keys in another order", ("registryKeys",), payload["registryKeys"][::-1], "registry key 1 is another one"),
        ("status-key-dropped", "an ended status key is no longer listed", ("statusKeys", 0), ABSENT, "status key 2 is no longer listed"),
        ("status-key-revived", "the end of a status key is taken back", ("statusKeys", 0, "end"), None, "status key 1 had an end"),
        ("status-key-prolonged", "the end of a status key is a second later", ("statusKeys", 0, "end"), format_time(START + 1), "status key 1 had an end"),
        ("status-key-earlier", "a status key begins a second earlier", ("statusKeys", 1, "start"), format_time(SINCE - 1), "status key 2 begins at another time"),
        ("ca-dropped", "a CA is no longer listed", (T, "certificateAuthorities", 1), ABSENT, "CA 2 is no longer listed"),
        ("ca-replaced", "another CA in its place", (T, "certificateAuthorities", 0), _second()["certificateAuthorities"][0], "CA 1 is another one"),
        ("tsa-dropped", "a time-stamping authority is no longer listed", (T, "timestampAuthorities", 1), ABSENT, "time-stamping authority 2 is no longer listed"),
        ("tsa-later", "a time-stamping authority begins later", (T, "timestampAuthorities", 0, "validFor", "start"), format_time(SINCE + 1), "time-stamping authority 1 begins"),
        ("sct-key-dropped", "an SCT key is no longer listed", (T, "ctlogs", 1), ABSENT, "SCT key 2 is no longer listed"),
    ):  # fmt: skip
        successor = encode_trust_file(edited(payload, path, to), [ROOT])
        yield conflict("trust-chain", fault, says, _files(one, successor), words)


def _files(*files: bytes) -> dict[str, Any]:
    return {"files": [data.decode() for data in files]}
