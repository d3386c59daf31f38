"""Bundles and dossiers, read and not verified."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, text
from tests.vectors.generate.registry import Registry
from tests.vectors.generate.scene import standard
from trust.core.canonical import canonical

M = "verificationMaterial"
ENTRY: Path = (M, "tlogEntries", 0)
PROOF: Path = (*ENTRY, "inclusionProof")
TOKENS: Path = (M, "timestampVerificationData", "rfc3161Timestamps")
SHORT = base64.b64encode(bytes(31)).decode()

# name, description, where, what stands there, words of our message
BUNDLE: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("other-version", "version 0.2 of the bundle", ("mediaType",), "application/vnd.dev.sigstore.bundle+json;version=0.2", "bundle.v0.3+json"),
    ("no-media-type", "no media type", ("mediaType",), ABSENT, "'mediaType' is missing"),
    ("unknown-member", "a member that nobody defined", ("comment",), "x", "unknown member 'comment'"),
    ("message-signature", "a bare signature instead of an envelope", ("dsseEnvelope",), ABSENT, "'dsseEnvelope' is missing"),
    ("both-contents", "a bare signature beside the envelope", ("messageSignature",), {}, "unknown member 'messageSignature'"),
    ("public-key", "a key hint instead of a certificate", (M, "certificate"), ABSENT, "'certificate' is missing"),
    ("certificate-chain", "a chain beside the certificate", (M, "x509CertificateChain"), {"certificates": []}, "unknown member 'x509CertificateChain'"),
    ("certificate-pem", "a certificate in PEM", (M, "certificate", "rawBytes"), "-----BEGIN CERTIFICATE-----", "is not standard base64"),
    ("certificate-too-large", "a certificate over 8 KiB", (M, "certificate", "rawBytes"), "A" * 8196, "expected at most 8192"),
    ("no-entry", "no log entry", (M, "tlogEntries"), [], "0 items, expected 1 to 1"),
    ("two-entries", "two log entries", (M, "tlogEntries", 1), {}, "2 items, expected 1 to 1"),
    ("no-token", "no time-stamp token", TOKENS, [], "0 items, expected 1 to 1"),
    ("two-tokens", "two time-stamp tokens", (*TOKENS, 1), {"signedTimestamp": "QQ=="}, "2 items, expected 1 to 1"),
    ("no-time-data", "no time-stamps at all", (M, "timestampVerificationData"), ABSENT, "'timestampVerificationData' is missing"),
    ("index-number", "an index as a number", (*ENTRY, "logIndex"), 12, "expected text"),
    ("index-leading-zero", "an index with a zero in front", (*ENTRY, "logIndex"), "012", "is not a decimal number"),
    ("two-indexes", "two indexes that differ", (*PROOF, "logIndex"), "13", "expected '12'"),
    ("size-negative", "a negative size", (*PROOF, "treeSize"), "-1", "is not a decimal number"),
    ("size-too-large", "a size of 2^64", (*PROOF, "treeSize"), "18446744073709551616", "is not a decimal number"),
    ("root-short", "a root of 31 bytes", (*PROOF, "rootHash"), SHORT, "31 bytes, expected 32"),
    ("root-hex", "a root in hex", (*PROOF, "rootHash"), "00" * 32, "48 bytes, expected 32"),
    ("hash-short", "a hash of 31 bytes", (*PROOF, "hashes", 0), SHORT, "31 bytes, expected 32"),
    ("too-many-hashes", "64 hashes", (*PROOF, "hashes"), [base64.b64encode(bytes(32)).decode()] * 64, "64 items, expected 0 to 63"),
    ("no-checkpoint", "no checkpoint", (*PROOF, "checkpoint"), ABSENT, "'checkpoint' is missing"),
    ("checkpoint-too-long", "a checkpoint over 16 KiB", (*PROOF, "checkpoint", "envelope"), "x" * (16 * 1024 + 1), "expected at most 16384"),
    ("inclusion-promise", "an inclusion promise beside the proof", (*ENTRY, "inclusionPromise"), {"signedEntryTimestamp": ""}, "unknown member 'inclusionPromise'"),
    ("integrated-time", "a time that nobody signed", (*ENTRY, "integratedTime"), "1793714527", "unknown member 'integratedTime'"),
    ("other-kind", "a log entry of another kind", (*ENTRY, "kindVersion", "kind"), "dsse", "expected 'hashedrekord'"),
    ("other-kind-version", "a log entry of another version", (*ENTRY, "kindVersion", "version"), "0.0.1", "expected '0.0.2'"),
    ("log-id-short", "a log id of 31 bytes", (*ENTRY, "logId", "keyId"), SHORT, "31 bytes, expected 32"),
    ("leaf-too-large", "a leaf over 16 KiB", (*ENTRY, "canonicalizedBody"), "A" * 16388, "expected at most 16384"),
    ("keyid", "a keyid, which nobody signed", ("dsseEnvelope", "signatures", 0, "keyid"), "ana", "expected an empty keyid"),
    ("two-signatures", "two signatures", ("dsseEnvelope", "signatures", 1), {"sig": "QQ==", "keyid": "b"}, "2 items, expected 1 to 1"),
    ("other-payload-type", "another payload type", ("dsseEnvelope", "payloadType"), "text/plain", "expected 'application/vnd.in-toto+json'"),
)  # fmt: skip

DOSSIER: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("other-version", "a later version", ("mediaType",), "application/vnd.touchplate.dossier.v2+json", "dossier.v1+json"),
    ("no-bundle", "no bundle", ("bundle",), ABSENT, "'bundle' is missing"),
    ("no-status", "no status", ("status",), ABSENT, "'status' is missing"),
    ("no-did-logs", "no list of DID logs", ("didLogs",), ABSENT, "'didLogs' is missing"),
    ("trust-file", "a trust file, which must come from elsewhere", ("trust",), {}, "unknown member 'trust'"),
    ("private-text", "a private part that is no object", ("private", 0), "report.txt", "expected an object"),
    ("private-null", "null instead of private parts", ("private",), None, "null, expected a list"),
    ("did-log-empty", "a DID log without entries", ("didLogs", 0), [], "expected a list of 1 to 1000"),
    ("did-log-object", "a DID entry instead of a log", ("didLogs", 0), {}, "expected a list of 1 to 1000"),
    ("supporting-object", "a supporting bundle that is not in a list", ("supporting",), {}, "expected a list"),
    ("supporting-no-bundle", "a supporting bundle that is none", ("supporting", 0), {}, "'mediaType' is missing"),
    ("supporting-too-many", "65 supporting bundles", ("supporting",), [{}] * 65, "65 items, expected 0 to 64"),
    ("bundle-unknown-member", "a fault inside the bundle", ("bundle", "comment"), "x", "unknown member 'comment'"),
    ("status-unknown-member", "a fault inside the status", ("status", "comment"), "x", "unknown member 'comment'"),
    ("bundle-of-other-root", "the bundle's proof ends in another root", ("bundle", *PROOF, "rootHash"), base64.b64encode(bytes(32)).decode(), "checkpoint"),
    ("bundle-of-other-size", "the bundle's proof ends in another size", ("bundle", *PROOF, "treeSize"), "17", "checkpoint"),
    ("supporting-of-other-size", "a supporting proof ends in another size", ("supporting", 0, *PROOF, "treeSize"), "17", "proofs of one log end in two checkpoints"),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _bundles()
    yield from _dossiers()


def _bundles() -> Iterator[Vector]:
    registry = standard().registry
    good = canonical(registry.bundle(standard().work).to_json())
    yield valid("bundle", "plain", "of a deliverable", {"data": good.decode()})
    pretty = json.dumps(json.loads(good), indent=2, sort_keys=False)
    yield valid("bundle", "white-space", "white space is free in a bundle", {"data": pretty})
    first = canonical(registry.bundle(0).to_json()).decode()
    yield valid("bundle", "first-entry", "of the first entry of a log", {"data": first})
    for fault, says, path, to, words in BUNDLE:
        yield malformed("bundle", fault, says, {"data": text(good, path, to)}, words)
    doubled = good.decode().replace('"mediaType":', '"mediaType":"x","mediaType":', 1)
    words = "appears twice"
    yield malformed("bundle", "duplicate-member", "a member twice", {"data": doubled}, words)
    given = {"data": good.decode()[:-1]}
    yield malformed("bundle", "truncated", "a byte too few", given, "line 1")
    given = {"data": f"[{good.decode()}]"}
    yield malformed("bundle", "list", "a list of bundles", given, "a list, expected an object")


def _dossiers() -> Iterator[Vector]:
    scene = standard()
    good = scene.dossier(scene.work, scene.ana, ("identity",)).encode()
    yield valid("dossier", "one-file", "of one file", {"data": good.decode()})
    several = scene.dossier(scene.set, scene.ana).encode().decode()
    yield valid("dossier", "three-files", "of three files", {"data": several})
    lean = scene.dossier(scene.work, scene.ana, ()).encode()
    bare = text(text(lean, ("private",), []).encode(), ("didLogs",), [])
    says = "nothing beside bundle and status; whether that is enough is judged later"
    yield valid("dossier", "lean", says, {"data": bare})
    for fault, says, path, to, words in DOSSIER:
        yield malformed("dossier", fault, says, {"data": text(good, path, to)}, words)
    twice = text(good, ("private", 1), json.loads(good)["private"][0])
    words = "the same private part twice"
    yield malformed("dossier", "private-twice", "one private part twice", {"data": twice}, words)
    yield from _two_ends(good)
    grown = scene.fork()
    grown.registry.clock += 60
    grown.withdraw(grown.ana, grown.work)
    status = grown.dossier(grown.work, grown.ana, ()).status.to_json()
    newer = text(lean, ("status",), status)
    words = "the status is of another checkpoint than the proofs"
    says = "a status that is newer than the proofs"
    yield malformed("dossier", "status-of-other-size", says, {"data": newer}, words)
    yield from _loose_dossiers(lean)
    yield from _dated_dossiers(good)


def _dated_dossiers(good: bytes) -> Iterator[Vector]:
    """Time stamps of others are only bytes here."""
    for name, says, stamps in (
        ("one-time-stamp", "with a time stamp of somebody else", ["AAAA"]),
        ("eight-time-stamps", "with eight time stamps", [f"AAA{letter}" for letter in "ABCDEFGH"]),
        ("longest-time-stamp", "with a time stamp of 24 kB", ["AAAA" * 6144]),
    ):
        data = text(good, ("timestamps",), stamps)
        yield valid("dossier", name, says, {"data": data})
    for fault, says, stamps, words in (
        ("no-time-stamps", "an empty list of time stamps", [], "0 items, expected 1 to 8"),
        ("nine-time-stamps", "nine time stamps", [f"AAA{letter}" for letter in "ABCDEFGHI"], "9 items, expected 1 to 8"),
        ("time-stamp-twice", "one time stamp twice", ["AAAA", "AAAA"], "the same time stamp twice"),
        ("time-stamp-no-base64", "a time stamp that is no base64", ["AA.A"], "is not standard base64"),
        ("time-stamp-too-long", "a time stamp of over 24 kB", ["AAAA" * 6145], "expected text of at most 24576 characters"),
    ):  # fmt: skip
        yield malformed(
            "dossier", fault, says, {"data": text(good, ("timestamps",), stamps)}, words
        )


def _loose_dossiers(lean: bytes) -> Iterator[Vector]:
    pretty = json.dumps(json.loads(lean), indent=1)
    words = "not in RFC 8785 form"
    yield malformed("dossier", "white-space", "white space", {"data": pretty}, words)
    document = json.loads(lean)
    reordered = json.dumps(dict(reversed(document.items())), separators=(",", ":"))
    says = "members in another order"
    yield malformed("dossier", "member-order", says, {"data": reordered}, words)
    given = {"data": lean.decode() + "\n"}
    yield malformed("dossier", "final-line-feed", "a line feed at the end", given, words)


def _two_ends(good: bytes) -> Iterator[Vector]:
    """Proofs of a closed log, and the status of the next one: still all proofs end alike."""
    document = json.loads(good)
    later = Registry(origin="log2027-1.registry.example")
    later.entries = standard().registry.entries[:1]
    document["status"] = later.status([]).to_json()
    data = canonical(document).decode()
    says = "the status of another log than the proofs"
    yield valid("dossier", "status-of-other-log", says, {"data": data})
    torn = text(data.encode(), ("supporting", 0, *PROOF, "treeSize"), "17")
    words = "proofs of one log end in two checkpoints"
    says = "the status of another log, and two proofs of one log that end apart"
    yield malformed("dossier", "proofs-end-apart", says, {"data": torn}, words)
