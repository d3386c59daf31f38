"""Statements, their envelopes, ids and the subjects that they name."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, edited, text
from tests.vectors.generate.keys import chance
from tests.vectors.generate.scene import SET, Scene, digests, standard
from trust.client.statements import make_freeze, make_revocation, make_veto
from trust.core.canonical import canonical
from trust.core.encoding import b64encode
from trust.core.people.recovery import RecoveryFacts
from trust.core.people.revocation import RevocationFacts
from trust.core.signing.facts import SnapshotFacts

P = "predicate"
PREFIX = "https://w3id.org/touchplate/"

PRESENCE: dict[str, Any] = {
    "passkey": "40n7vn4e0tpqbpme",
    "authenticatorData": b64encode(bytes(37)),
    "clientDataJSON": "e30=",
    "signature": "AA==",
}

# name, description, where, what stands there, words of our message; of a deliverable
DELIVERABLE: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("other-in-toto", "another version of in-toto", ("_type",), "https://in-toto.io/Statement/v0.1", "expected 'https://in-toto.io/Statement/v1'"),
    ("unknown-type", "a type that nobody defined", ("predicateType",), f"{PREFIX}horoscope/v1", "is no statement type"),
    ("later-type", "a type that a later version reads", ("predicateType",), f"{PREFIX}evidence/v1", "a later version reads it"),
    ("type-version-2", "a later version of the type", ("predicateType",), f"{PREFIX}deliverable/v2", "is no statement type"),
    ("type-upper-case", "the type in another case", ("predicateType",), f"{PREFIX}Deliverable/v1", "is no statement type"),
    ("foreign-type", "a type of somebody else", ("predicateType",), "https://slsa.dev/provenance/v1", "is no statement type"),
    ("no-subject", "no subject", ("subject",), [], "0 items, expected 1 to 1000"),
    ("subject-no-list", "one subject that is not in a list", ("subject",), {"name": ""}, "expected a list"),
    ("subject-with-name", "a file name in public", ("subject", 0, "name"), "report.txt", "expected ''"),
    ("subject-without-name", "a subject without a name, which stock clients refuse", ("subject", 0, "name"), ABSENT, "'name' is missing"),
    ("subject-two-digests", "a second digest, which stock clients may compare instead", ("subject", 0, "digest", "sha512"), "0" * 128, "unknown member 'sha512'"),
    ("subject-weak-digest", "another digest than SHA-256", ("subject", 0, "digest"), {"sha1": "0" * 40}, "'sha256' is missing"),
    ("subject-digest-upper-case", "a digest in upper case", ("subject", 0, "digest", "sha256"), "AB" * 32, "lower-case hex"),
    ("subject-digest-short", "a digest of 31 bytes", ("subject", 0, "digest", "sha256"), "ab" * 31, "lower-case hex"),
    ("subject-unknown-member", "a member of a subject that is not ours", ("subject", 0, "uri"), "x", "unknown member 'uri'"),
    ("unknown-member", "a member that nobody defined", ("comment",), "x", "unknown member 'comment'"),
    ("unknown-predicate-member", "a member of the predicate that nobody defined", (P, "comment"), "x", "unknown member 'comment'"),
    ("no-predicate", "no predicate", (P,), ABSENT, "'predicate' is missing"),
    ("no-registry", "no registry", (P, "registry"), ABSENT, "'registry' is missing"),
    ("no-origin", "no origin of the log", (P, "registry", "origin"), ABSENT, "'origin' is missing"),
    ("origin-prose", "prose where the host name of a log belongs", (P, "registry", "origin"), "the best log, trust it", "is not the host name of a log"),
    ("origin-upper-case", "an origin in upper case", (P, "registry", "origin"), "Log2026-1.registry.example", "is not the host name of a log"),
    ("origin-with-port", "an origin with a port", (P, "registry", "origin"), "log2026-1.registry.example:443", "is not the host name of a log"),
    ("origin-empty", "an empty origin", (P, "registry", "origin"), "", "is not the host name of a log"),
    ("origin-too-long", "an origin of 254 characters", (P, "registry", "origin"), "a" * 254, "is not the host name of a log"),
    ("log-id-short", "a log id of 4 bytes, as a note carries it", (P, "registry", "logId"), "qBDgEQ==", "4 bytes, expected 32"),
    ("log-id-padding-bits", "a log id in another spelling of base64", (P, "registry", "logId"), "A" * 42 + "B=", "not canonical base64"),
    ("unknown-registry-member", "a member of the registry that nobody defined", (P, "registry", "url"), "x", "unknown member 'url'"),
    ("no-signer", "no signer", (P, "signer"), ABSENT, "'signer' is missing"),
    ("person-without-version", "a person, but not which version of the key history", (P, "signer", "version"), ABSENT, "a person has a version"),
    ("no-salt", "no salt", (P, "salt"), ABSENT, "'salt' is missing"),
    ("salt-short", "a salt of 15 bytes", (P, "salt"), "ab" * 15, "32 lower-case hex digits"),
    ("salt-upper-case", "a salt in upper case", (P, "salt"), "AB" * 16, "32 lower-case hex digits"),
    ("salt-number", "a salt that is a number", (P, "salt"), 5, "expected text"),
    ("no-not-before", "no checkpoint that the statement follows", (P, "notBefore"), ABSENT, "'notBefore' is missing"),
    ("not-before-null", "null where a checkpoint belongs", (P, "notBefore"), None, "null, expected text"),
    ("not-before-too-long", "a note over 16 KiB", (P, "notBefore"), "x" * (16 * 1024 + 1), "expected at most 16384"),
    ("no-facts", "facts are missing", (P, "facts"), ABSENT, "'facts' is missing"),
    ("facts-null", "null where facts belong", (P, "facts"), None, "null, expected an object"),
    ("facts-unknown-member", "a fact that nobody defined", (P, "facts", "colour"), "red", "unknown member 'colour'"),
    ("facts-no-form", "no form", (P, "facts", "form"), ABSENT, "'form' is missing"),
    ("facts-unknown-form", "a form that nobody defined", (P, "facts", "form"), "tarball", "expected one of files, manifest"),
    ("offline-number", "1 instead of true", (P, "facts", "offline"), 1, "expected true or false"),
    ("no-offline", "offline is neither true nor false", (P, "facts", "offline"), ABSENT, "'offline' is missing"),
    ("no-unlisted", "unlisted is neither true nor false", (P, "facts", "unlisted"), ABSENT, "'unlisted' is missing"),
    ("unlisted-null", "null where unlisted is true or false", (P, "facts", "unlisted"), None, "expected true or false"),
    ("supersedes-null", "null where an id belongs", (P, "facts", "supersedes"), None, "null, expected text"),
    ("supersedes-upper-case", "an id in upper case", (P, "facts", "supersedes"), "40N7VN4E0TPQBPME", "is not a canonical id"),
    ("supersedes-short", "an id with a digit too few", (P, "facts", "supersedes"), "40n7vn4e0tpqbpm", "has 15 digits"),
    ("supersedes-two", "two ids", (P, "facts", "supersedes"), ["40n7vn4e0tpqbpme"], "expected text"),
    ("presence-empty", "a presence that says nothing", (P, "facts", "presence"), {}, "'passkey' is missing"),
    ("presence-null", "null where an assertion belongs", (P, "facts", "presence"), None, "null, expected an object"),
    ("presence-short", "authenticator data without its counter", (P, "facts", "presence"), {**PRESENCE, "authenticatorData": "AAAA"}, "3 bytes, expected 37"),
    ("presence-id-upper-case", "the id of a passkey in upper case", (P, "facts", "presence"), {**PRESENCE, "passkey": "40N7VN4E0TPQBPME"}, "is not a canonical id"),
    ("presence-user-handle", "a member of an assertion that is not ours", (P, "facts", "presence"), {**PRESENCE, "userHandle": ""}, "unknown member 'userHandle'"),
    ("presence-long-client-data", "client data of over a kilobyte", (P, "facts", "presence"), {**PRESENCE, "clientDataJSON": "e30g" * 342}, "expected at most 1024 bytes"),
    ("private-null", "a deliverable without a private part", (P, "private"), None, "needs a private part"),
    ("no-private", "no word about a private part", (P, "private"), ABSENT, "'private' is missing"),
    ("private-itself", "the private part itself instead of its digest", (P, "private"), {"names": ["report.txt"]}, "'sha256' is missing"),
    ("private-two-digests", "two digests of the private part", (P, "private", "sha512"), "x", "unknown member 'sha512'"),
)  # fmt: skip

# The same for other types: type, name, ..
OTHERS: tuple[tuple[str, str, str, Path, Any, str], ...] = (
    ("handle", "handle-with-facts", "facts where there are none", (P, "facts"), {"handle": "ana"}, "expected null for a handle"),
    ("handle", "handle-two-subjects", "a handle of two subjects", ("subject", 1), {"name": "", "digest": {"sha256": "00" * 32}}, "has exactly one subject"),
    ("handle", "handle-other-subject", "a subject that is not the private part", ("subject", 0, "digest", "sha256"), "00" * 32, "the subject is not the private part"),
    ("profile", "profile-without-private", "a profile without a private part", (P, "private"), None, "needs a private part"),
    ("enrolment", "enrolment-with-private", "a private part where there is none", (P, "private"), {"sha256": "00" * 32}, "has no private part"),
    ("enrolment", "enrolment-other-key", "a key of another kind", (P, "facts", "keyDetails"), "PKIX_ED25519", "expected one of PKIX_ECDSA_P256_SHA_256"),
    ("withdrawal", "withdrawal-with-facts", "facts where there are none", (P, "facts"), {}, "expected null for a withdrawal"),
    ("revocation", "revocation-other-reason", "a reason that nobody defined", (P, "facts", "reason"), "boredom", "expected one of retired, lost, compromised, revoked"),
    ("revocation", "revocation-since", "a lost key since a moment, as only a compromise has one", (P, "facts", "since"), "2026-11-03T14:00:00Z", "no other reason has one"),
    ("revocation", "revocation-without-since", "a compromise since no moment", (P, "facts", "reason"), "compromised", "a compromised key has a moment"),
    ("revocation", "revocation-bad-since", "a compromise since no time", (P, "facts"), {"reason": "compromised", "since": "2026-11-03"}, "is not a time like"),
    ("revocation", "revocation-no-since", "no word about since when", (P, "facts", "since"), ABSENT, "'since' is missing"),
    ("revocation", "revocation-with-private", "a private part where there is none", (P, "private"), {"sha256": "00" * 32}, "has no private part"),
    ("revocation", "revocation-two-keys", "two keys at once", ("subject", 1), {"name": "", "digest": {"sha256": "00" * 32}}, "has exactly one subject"),
    ("freeze", "freeze-with-facts", "facts where there are none", (P, "facts"), {"since": "2026-11-03T14:00:00Z"}, "expected null for a freeze"),
    ("unfreeze", "unfreeze-with-facts", "facts where there are none", (P, "facts"), {}, "expected null for an unfreeze"),
    ("passkey", "passkey-ed25519", "a passkey of another kind of key", (P, "facts", "keyDetails"), "PKIX_ED25519", "expected 'PKIX_ECDSA_P256_SHA_256'"),
    ("passkey", "passkey-no-key", "a passkey without its key", (P, "facts", "key"), ABSENT, "'key' is missing"),
    ("erasure", "erasure-with-facts", "facts where there are none", (P, "facts"), {}, "expected null for an erasure"),
    ("erasure", "erasure-with-private", "a private part where there is none", (P, "private"), {"sha256": "00" * 32}, "has no private part"),
    ("erasure", "erasure-without-version", "an erasure that the registry seems to sign", (P, "signer", "version"), ABSENT, "a person has a version"),
    ("redaction", "redaction-without-erasure", "no word about who asked", (P, "facts", "erasure"), ABSENT, "'erasure' is missing"),
    ("redaction", "redaction-id-upper-case", "the id of an erasure in upper case", (P, "facts", "erasure"), "40N7VN4E0TPQBPME", "is not a canonical id"),
    ("redaction", "redaction-by-a-person", "a redaction that a person seems to sign", (P, "signer", "version"), "1-Qm", "the registry none"),
    ("redaction", "redaction-with-reason", "a reason in public", (P, "facts", "reason"), "because", "unknown member 'reason'"),
    ("veto", "veto-without-version", "no word about what is refused", (P, "facts", "version"), ABSENT, "'version' is missing"),
    ("veto", "veto-with-private", "a private part where there is none", (P, "private"), {"sha256": "00" * 32}, "has no private part"),
    ("recovery", "recovery-other-kind", "an entry of a kind that does not wait", (P, "facts", "kind"), "device", "expected one of recovery, drop"),
    ("recovery", "recovery-no-time", "waiting until no time", (P, "facts", "until"), "soon", "is not a time like"),
    ("recovery", "recovery-by-a-person", "signed by a person", (P, "signer", "version"), "1-Qm", "the registry none"),
    ("recovery", "recovery-bad-scid", "a SCID that is none", (P, "facts", "scid"), "Qm123", "is not a SHA-256 multihash"),
    ("issuance", "registry-with-version", "the registry with a version of a key history", (P, "signer", "version"), "1-Qm", "the registry none"),
    ("issuance", "issuance-id-upper-case", "the id of an enrolment in upper case", (P, "facts", "enrolment"), "40N7VN4E0TPQBPME", "is not a canonical id"),
    ("issuance", "issuance-id-short", "the id of an enrolment with a digit too few", (P, "facts", "enrolment"), "40n7vn4e0tpqbpm", "has 15 digits"),
    ("identity", "identity-bad-scid", "a SCID with a digit too few", (P, "facts", "scid"), "Qm123", "is not a SHA-256 multihash"),
    ("trust", "trust-version-zero", "version 0 of the trust file", (P, "facts", "version"), 0, "expected at least 1"),
    ("trust", "trust-version-true", "true instead of a number", (P, "facts", "version"), True, "expected a whole number"),
    ("snapshot", "snapshot-bad-time", "a time with an offset", (P, "facts", "time"), "2026-11-03T14:00:00+00:00", "is not a time like"),
    ("snapshot", "snapshot-negative-size", "a negative size", (P, "facts", "size"), -1, "expected at least 0"),
    ("snapshot", "snapshot-other-result", "a result that nobody defined", (P, "facts", "result"), "weather", "expected one of status, reputation"),
)  # fmt: skip

# name, description, where, what stands there, words of our message
ENVELOPE: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("other-payload-type", "another payload type", ("payloadType",), "application/json", "expected 'application/vnd.in-toto+json'"),
    ("no-payload-type", "no payload type", ("payloadType",), ABSENT, "'payloadType' is missing"),
    ("no-signature", "no signature", ("signatures",), [], "0 items, expected 1 to 1"),
    ("two-signatures", "two signatures", ("signatures", 1), {"keyid": "b", "sig": "QQ=="}, "2 items, expected 1 to 1"),
    ("signature-url-base64", "a signature in the URL alphabet", ("signatures", 0, "sig"), "_w==", "is not standard base64"),
    ("signature-line-feed", "a line feed in the signature", ("signatures", 0, "sig"), "QUJD\n", "is not standard base64"),
    ("signature-padding-bits", "a signature in another spelling", ("signatures", 0, "sig"), "QUK=", "not canonical base64"),
    ("signature-too-long", "a signature over 128 characters", ("signatures", 0, "sig"), "AAAA" * 33, "expected at most 128"),
    ("no-keyid", "no keyid", ("signatures", 0, "keyid"), ABSENT, "'keyid' is missing"),
    ("signature-unknown-member", "a certificate beside the signature", ("signatures", 0, "cert"), "x", "unknown member 'cert'"),
    ("payload-padding-bits", "a payload in another spelling", ("payload",), "QUK=", "not canonical base64"),
    ("payload-text", "a payload that is not in base64", ("payload",), '{"_type":""}', "is not standard base64"),
    ("unknown-member", "a member that nobody defined", ("header",), {}, "unknown member 'header'"),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    scene = standard()
    yield from _statements(scene)
    yield from _envelopes(scene)
    yield from _ids(scene)
    yield from _subjects(scene)


def payloads(scene: Scene) -> dict[str, bytes]:
    """Return a payload of each type."""
    registry, ana = scene.registry, scene.ana
    indexes = {"issuance": 3, "trust": 1, "deliverable": scene.work, "withdrawal": scene.withdrawal}
    found = {
        name: registry.entries[index].envelope.payload
        for name, index in {**indexes, **ana.supporting}.items()
    }
    facts = SnapshotFacts(18, "2026-11-03T14:18:00Z")
    found["snapshot"] = registry.own("snapshot", bytes(32), facts).encode()
    twin = scene.fork()
    found["passkey"] = twin.registry.entries[twin.register(twin.ana)[0]].envelope.payload
    for name, index in zip(("erasure", "redaction"), twin.erase(twin.ana, scene.work), strict=True):
        found[name] = twin.registry.entries[index].envelope.payload
    note, key = registry.note(), ana.signer.public_key
    lost = RevocationFacts("lost")
    salts = [chance(f"salt of a {name}") for name in ("revocation", "freeze", "unfreeze")]
    revocation = make_revocation(ana.author, key, lost, note, salts[0])
    freeze, unfreeze = (
        make_freeze(ana.author, note, salt, lift=lift)
        for salt, lift in zip(salts[1:], (False, True), strict=True)
    )
    made = {"revocation": revocation, "freeze": freeze, "unfreeze": unfreeze}
    version = "2-QmQyzc3gUpce1qXjsW6dou7f7N4x28UFH9krR8yAuvTTSE"
    made["veto"] = make_veto(ana.author, bytes(32), version, note, chance("salt of a veto"))
    waiting = RecoveryFacts(ana.author.scid, version, "recovery", "2026-11-06T14:18:00Z")
    found["recovery"] = registry.own("recovery", bytes(32), waiting).encode()
    return {**found, **{name: signed.envelope.payload for name, signed in made.items()}}


def _statements(scene: Scene) -> Iterator[Vector]:
    made = payloads(scene)
    for name, payload in made.items():
        value = {"type": name, "subjects": 1}
        yield valid("statement", name, f"a {name}", {"data": payload.decode()}, value)
    several = scene.registry.entries[scene.set].envelope.payload.decode()
    value = {"type": "deliverable", "subjects": 3}
    yield valid("statement", "three-subjects", "three subjects", {"data": several}, value)
    base = made["deliverable"]
    manifest = text(base, (P, "facts", "form"), "manifest")
    value = {"type": "deliverable", "subjects": 1}
    says = "of form manifest: the subject is the list of a directory's files"
    yield valid("statement", "manifest", says, {"data": manifest}, value)
    two = text(several.encode(), (P, "facts", "form"), "manifest")
    words = "a manifest has exactly one subject"
    yield malformed("statement", "manifest-of-three", "three manifests", {"data": two}, words)
    for name, fact in (("unlisted", True), ("supersedes", "40n7vn4e0tpqbpme")):
        data = text(base, (P, "facts", name), fact)
        yield valid("statement", name, f"the fact {name}", {"data": data}, value)
    for fault, says, path, to, words in DELIVERABLE:
        yield malformed("statement", fault, says, {"data": text(base, path, to)}, words)
    for name, fault, says, path, to, words in OTHERS:
        yield malformed("statement", fault, says, {"data": text(made[name], path, to)}, words)
    yield from _not_canonical(base.decode())


def _not_canonical(base: str) -> Iterator[Vector]:
    for fault, says, data, words in (
        ("line-feed-at-the-end", "a line feed after the document", base + "\n", "RFC 8785"),
        ("space", "a space in front", " " + base, "RFC 8785"),
        ("escape", "a letter escaped", base.replace("Statement", "\\u0053tatement"), "RFC 8785"),
        (
            "duplicate-salt",
            "the salt twice",
            base.replace('"salt":', '"salt":"x","salt":'),
            "twice",
        ),
        ("duplicate-subject", "the subject twice", base[:-1] + ',"subject":[]}', "appears twice"),
        ("list", "a list instead of an object", f"[{base}]", "a list, expected an object"),
        ("empty", "no bytes", "", "line 1"),
    ):
        yield malformed("statement", fault, says, {"data": data}, words)


def _envelopes(scene: Scene) -> Iterator[Vector]:
    envelope = scene.registry.entries[scene.work].envelope
    document = canonical(envelope.to_json())
    payload = envelope.payload
    pae = b"DSSEv1 28 application/vnd.in-toto+json " + str(len(payload)).encode() + b" " + payload
    given = {"data": document.decode()}
    yield valid("envelope", "plain", "a signed deliverable", given, pae.hex())
    pretty = json.dumps(json.loads(document), indent=2)
    yield valid(
        "envelope", "white-space", "white space in the envelope", {"data": pretty}, pae.hex()
    )
    for fault, says, path, to, words in ENVELOPE:
        yield malformed("envelope", fault, says, {"data": text(document, path, to)}, words)


def _ids(scene: Scene) -> Iterator[Vector]:
    salt = "00112233445566778899aabbccddeeff"
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    for name, says, who in (
        ("person", "of a person", scene.ana.scid),
        ("registry", "of the registry", "registry"),
    ):
        hashed = hashlib.sha256(f"touchplate-id-v1\nlog.example\n{who}\n{salt}".encode()).digest()
        bits = f"{int.from_bytes(hashed):0256b}"
        made = "".join(alphabet[int(bits[at : at + 5], 2)] for at in range(0, 80, 5))
        given = {"origin": "log.example", "who": who, "salt": salt}
        yield valid("statement-id", name, says, given, made)
    for name, kind, word in (
        ("statement", "statement", "40n7vn4e0tpqbpme"),
        ("person", "person", scene.ana.scid),
    ):
        made = hashlib.sha256(f"{kind}\n{word}".encode()).hexdigest()
        given = {"kind": kind, "name": word}
        yield valid("status-name", name, f"the line of a {kind}", given, made)
    for name, says, typed in (
        ("plain", "as printed", "40n7vn4e0tpqbpme"),
        ("upper-case", "in upper case, as a QR code carries it", "40N7VN4E0TPQBPME"),
        ("grouped", "in groups", "40n7-vn4e 0tpq-bpme"),
        ("look-alikes", "O for 0", "4On7vn4eotpqbpme"),
    ):
        yield valid("typed-id", name, says, {"text": typed}, "40n7vn4e0tpqbpme")
    for name, says, typed, words in (
        ("short", "a digit too few", "40n7vn4e0tpqbpm", "has 15 digits"),
        ("long", "a digit too many", "40n7vn4e0tpqbpmee", "has 17 digits"),
        ("letter-u", "the letter u, which the alphabet leaves out", "40n7vn4e0tpqbpmu", "has 'u'"),
        ("other-digit", "a digit that is not ASCII", "40n7vn4e0tpqbpm\u0663", "has '\u0663'"),
        (
            "kelvin-sign",
            "the Kelvin sign, whose lower case is k",
            "40n7vn4e0tpqbpm\u212a",
            "has '\u212a'",
        ),
        ("empty", "nothing", "", "has 0 digits"),
    ):
        yield malformed("typed-id", name, says, {"text": typed}, words)
    yield from _signer_uris(scene.ana.scid)


def _signer_uris(scid: str) -> Iterator[Vector]:
    url = "https://registry.example"
    for name, path, value in (
        ("person", f"/p/{scid}", {"kind": "person", "scid": scid, "number": 0}),
        ("agent", f"/p/{scid}/a/7", {"kind": "agent", "scid": scid, "number": 7}),
        ("organisation", f"/o/{scid}", {"kind": "organisation", "scid": scid, "number": 0}),
        ("registry", "/registry", {"kind": "registry", "scid": "", "number": 0}),
    ):
        given = {"uri": url + path, "publicUrl": url}
        yield valid("signer-uri", name, f"the URI of a kind of signer: {name}", given, value)
    for name, says, uri, words in (
        ("other-registry", "a person of another registry", f"https://other.example/p/{scid}", "does not start"),
        ("look-alike-prefix", "a registry whose name begins with ours", f"{url}.other.example/p/{scid}", "does not start"),
        ("http", "the same host without encryption", f"http://registry.example/p/{scid}", "does not start"),
        ("final-slash", "a slash at the end", f"{url}/p/{scid}/", "names no signer"),
        ("query", "a query", f"{url}/p/{scid}?a", "is not a SHA-256 multihash"),
        ("other-folder", "a folder that nobody defined", f"{url}/x/{scid}", "names no signer"),
        ("short-scid", "a SCID with a digit too few", f"{url}/p/{scid[:-1]}", "is not a SHA-256 multihash"),
        ("agent-zero", "agent 0", f"{url}/p/{scid}/a/0", "names no signer"),
        ("agent-leading-zero", "an agent's number with a zero in front", f"{url}/p/{scid}/a/07", "is not a decimal number"),
        ("agent-of-organisation", "an agent of an organisation", f"{url}/o/{scid}/a/7", "names no signer"),
        ("registry-with-more", "something behind the registry", f"{url}/registry/a", "names no signer"),
    ):  # fmt: skip
        yield malformed("signer-uri", name, says, {"uri": uri, "publicUrl": url}, words)


def _subjects(scene: Scene) -> Iterator[Vector]:
    payload = scene.registry.entries[scene.set].envelope.payload.decode()
    names = list(SET)

    def given(files: dict[str, bytes], *, whole: bool, named: bool = True) -> dict[str, Any]:
        hexed = {name: digest.hex() for name, digest in digests(files).items()}
        return {
            "statement": payload, "files": hexed, "whole": whole, "names": names if named else None
        }  # fmt: skip

    one = {"a.txt": SET["a.txt"]}
    without = {name: SET[name] for name in names[:2]}
    swapped = {**SET, "a.txt": SET["b/c.txt"], "b/c.txt": SET["a.txt"]}
    yield valid("subjects", "one-of-three", "one of three files", given(one, whole=False))
    yield valid("subjects", "all-three", "the complete set", given(SET, whole=True))
    yield valid(
        "subjects", "renamed-one", "one file of the set under another name",
        given({"x.txt": SET["a.txt"]}, whole=False),
    )  # fmt: skip
    yield valid(
        "subjects", "set-without-names", "the complete set, the names not at hand",
        given({"x": SET["a.txt"], "y": SET["b/c.txt"], "z": SET["d.bin"]}, whole=True, named=False),
    )  # fmt: skip
    for fault, says, case, reason in (
        ("changed-byte", "one byte of the file differs", given({"a.txt": b"First?\n"}, whole=False), "changed"),
        ("none", "no file at all", given({}, whole=False), "no_subject"),
        ("one-good-one-bad", "one file of the set and one stranger", given({**one, "e": b"E"}, whole=False), "changed"),
        ("set-changed", "one file of the set changed", given({**SET, "a.txt": b"First?\n"}, whole=True), "changed"),
        ("set-swapped", "two files of the set swapped their names", given(swapped, whole=True), "changed"),
        ("set-missing", "one file of the set is missing", given(without, whole=True), "missing"),
        ("set-added", "a file beside the set", given({**SET, "e.txt": b"E"}, whole=True), "added"),
        ("set-renamed", "one file of the set under another name", given({**without, "e.bin": SET["d.bin"]}, whole=True), "missing"),
        ("unnamed-set-missing", "one file is missing, the names not at hand", given(without, whole=True, named=False), "changed"),
        ("unnamed-set-twice", "one file stands in for another, the names not at hand", given({**without, "d.bin": SET["a.txt"]}, whole=True, named=False), "changed"),
    ):  # fmt: skip
        yield invalid("subjects", fault, says, case, 1, reason)
    yield from _manifests(payload)
    bad = edited(given(one, whole=False), ("files", "a.txt"), digests(one)["a.txt"].hex().upper())
    yield malformed(
        "subjects", "digest-upper-case", "the digest of a file in upper case", bad, "lower-case hex"
    )


def _manifests(payload: str) -> Iterator[Vector]:
    """Of form `manifest` the one subject is the SHA-256 of the sorted list of the files."""
    found = digests(SET)
    listed = "".join(f"{found[name].hex()}  {name}\n" for name in ("a.txt", "b/c.txt", "d.bin"))
    digest = hashlib.sha256(listed.encode()).hexdigest()
    document = edited(json.loads(payload), (P, "facts", "form"), "manifest")
    document["subject"] = [{"name": "", "digest": {"sha256": digest}}]
    statement = canonical(document).decode()

    def given(files: dict[str, str], *, whole: bool) -> dict[str, Any]:
        return {"statement": statement, "files": files, "whole": whole, "names": None}

    hexed = {name: found[name].hex() for name in ("d.bin", "a.txt", "b/c.txt")}
    says = "the complete directory, in any order"
    yield valid("subjects", "manifest", says, given(hexed, whole=True))
    itself = given({"SHA256SUMS": digest}, whole=False)
    yield valid("subjects", "manifest-itself", "the manifest as a file", itself)
    renamed = {**hexed, "c.txt": hexed["b/c.txt"]}
    del renamed["b/c.txt"]
    one = {"a.txt": hexed["a.txt"]}
    for fault, says, files, whole, reason in (
        ("manifest-changed", "one file changed", {**hexed, "a.txt": "00" * 32}, True, "changed"),
        ("manifest-added", "a file beside them", {**hexed, "e.txt": "00" * 32}, True, "changed"),
        ("manifest-missing", "one file is missing", one, True, "changed"),
        ("manifest-renamed", "one file has another name", renamed, True, "changed"),
        ("manifest-one-file", "one good file of the directory", one, False, "not_whole"),
    ):
        yield invalid("subjects", fault, says, given(files, whole=whole), 1, reason)
