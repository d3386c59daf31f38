"""DID logs: the key history of a person, and every way in which it may not hold."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, edited
from tests.vectors.generate.keys import P256, ed25519
from tests.vectors.generate.people import multibase
from trust.core.canonical import canonical
from trust.core.encoding import format_time, parse_time
from trust.core.keys.signer import Signer
from trust.core.people.data_integrity import make_proof
from trust.core.people.did import did_document, key_parameters
from trust.core.people.did_entry import entry_hash

Entry = dict[str, Any]

HOST = "registry.example"
FIRST = parse_time("2026-11-03T14:00:00Z")
HOUR = 3600
ONE, TWO, THREE = (ed25519(f"update {number}") for number in (1, 2, 3))
RECOVERY, STRANGER = ed25519("recovery"), ed25519("stranger")
LAPTOP, PHONE, STRANGERS = P256("laptop"), P256("phone"), P256("a stranger's device")
METHOD = "did:webvh:1.0"
PLACEHOLDER = "{SCID}"
NO_POINT = multibase(b"\x80\x24\x02" + bytes(31) + b"\x01")  # an x that no point has

# name, description, where in the first entry, what stands there, words of our message
SHAPES: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("no-update-key", "no update key, which other registries take as deactivation", ("parameters", "updateKeys"), [], "0 items, expected 1 to 64"),
    ("pre-rotation-given-up", "no hash of a next key: pre-rotation is given up", ("parameters", "nextKeyHashes"), [], "0 items, expected 1 to 64"),
    ("pre-rotation-missing", "no word about the next keys", ("parameters", "nextKeyHashes"), ABSENT, "'nextKeyHashes' is missing"),
    ("deactivated", "the DID is deactivated", ("parameters", "deactivated"), True, "expected false"),
    ("deactivated-zero", "0 instead of false", ("parameters", "deactivated"), 0, "expected false"),
    ("witness", "witnesses of did:webvh, which nobody here asks", ("parameters", "witness"), {"threshold": 1, "witnesses": []}, "expected {}"),
    ("watchers", "a watcher", ("parameters", "watchers"), ["https://watcher.example"], "expected []"),
    ("not-portable", "a DID that cannot move", ("parameters", "portable"), False, "expected true"),
    ("portable-one", "1 instead of true", ("parameters", "portable"), 1, "expected true"),
    ("portable-missing", "no word on whether the DID can move", ("parameters", "portable"), ABSENT, "'portable' is missing"),
    ("other-method", "an older version of the method", ("parameters", "method"), "did:webvh:0.5", "expected 'did:webvh:1.0'"),
    ("method-missing", "no method", ("parameters", "method"), ABSENT, "'method' is missing"),
    ("no-scid", "no SCID in the first entry", ("parameters", "scid"), ABSENT, "'scid' is missing"),
    ("unknown-parameter", "a parameter that nobody defined", ("parameters", "colour"), "red", "unknown member 'colour'"),
    ("next-hash-no-hash", "a next key itself instead of its hash", ("parameters", "nextKeyHashes"), ["z6Mk"], "is not a SHA-256 multihash"),
    ("unknown-member", "a member that nobody defined", ("comment",), "x", "unknown member 'comment'"),
    ("no-proof", "no proof", ("proof",), [], "0 items, expected 1 to 1"),
    ("proof-missing", "no word about a proof", ("proof",), ABSENT, "'proof' is missing"),
    ("other-cryptosuite", "another cryptosuite", ("proof", 0, "cryptosuite"), "eddsa-rdfc-2022", "expected 'eddsa-jcs-2022'"),
    ("other-purpose", "another purpose", ("proof", 0, "proofPurpose"), "authentication", "expected 'assertionMethod'"),
    ("proof-unknown-member", "a member of the proof that we do not know", ("proof", 0, "domain"), "x", "unknown member 'domain'"),
    ("proof-base64url", "a signature in another base", ("proof", 0, "proofValue"), "uAAAA", "is not base58btc with the prefix z"),
    ("proof-short", "a signature of another length", ("proof", 0, "proofValue"), "z2222", "bytes, expected 64"),
    ("proof-key-elsewhere", "a key that stands elsewhere", ("proof", 0, "verificationMethod"), "did:web:key.example#1", "expected did:key:"),
    ("version-without-dash", "a version id without a dash", ("versionId",), "1", "is not a version id"),
    ("version-leading-zero", "a version id with a zero in front", ("versionId",), "01-QmNLei78zWmzUdbeRB3CiUfAizWUrbeeZh5K1rhAQKCh51", "is not a decimal number"),
    ("version-no-hash", "a version id whose hash is none", ("versionId",), "1-abc", "is not a SHA-256 multihash"),
    ("time-with-fraction", "a time with a fraction", ("versionTime",), "2026-11-03T14:00:00.0Z", "is not a time like"),
    ("placeholder", "the placeholder of the SCID, so that two entries could have one SCID", ("state", "alsoKnownAs"), ["{SCID}"], "holds the placeholder"),
    ("did-web", "a document of another DID method", ("state", "id"), "did:web:registry.example", "is not a DID like"),
    ("no-did", "a document without a DID", ("state", "id"), ABSENT, "'id' is missing"),
    ("key-controlled-elsewhere", "a key under another controller", ("state", "verificationMethod", 0, "controller"), "did:web:x.example", "expected 'did:webvh:"),
    ("key-no-point", "a key that is no point of the curve", ("state", "verificationMethod", 0, "publicKeyMultibase"), NO_POINT, "is not a point of P-256"),
    ("assertion-without-key", "a name that no key has", ("state", "assertionMethod", 0), "did:webvh:x#y", "is no verification method"),
    ("too-large", "an entry over 16 KiB", ("state", "alsoKnownAs"), ["x" * 4096] * 4, "expected at most 16384"),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _good()
    yield from _shapes()
    yield from _keys()
    yield from _lines()
    yield from _broken_first()
    yield from _broken_chain()
    yield from _broken_succession()


def complete(body: Entry, number: int, signer: Signer, at: int) -> Entry:
    """Number, hash and sign a body that holds its predecessor's version id (or the SCID)."""
    body = {**body, "versionId": f"{number}-{entry_hash(canonical(body))}"}
    return {**body, "proof": [make_proof(body, signer, at)]}


def first(change: Callable[[Entry], Entry] = lambda body: body, signer: Signer = ONE) -> Entry:
    """Return a first entry. `change` is made before the SCID is derived."""
    parameters = {"method": METHOD, "scid": PLACEHOLDER, "portable": True}
    parameters.update(key_parameters([ONE.public_key], [TWO.public_key, RECOVERY.public_key]))
    draft = change(
        {
            "versionId": PLACEHOLDER,
            "versionTime": format_time(FIRST),
            "parameters": parameters,
            "state": did_document(
                f"did:webvh:{PLACEHOLDER}:{HOST}:p:{PLACEHOLDER}", [LAPTOP.public_key]
            ),
        }
    )
    data = canonical(draft).decode()
    body = json.loads(data.replace(PLACEHOLDER, entry_hash(data.encode())))
    return complete(body, 1, signer, FIRST)


def after(
    previous: Entry,
    *,
    signer: Signer = TWO,
    update: tuple[Signer, ...] = (TWO,),
    following: tuple[Signer, ...] = (THREE, RECOVERY),
    at: int = FIRST + HOUR,
    number: int = 2,
    follows: str | None = None,
    change: Callable[[Entry], Entry] = lambda body: body,
) -> Entry:
    """Return an entry that adds the phone; every part may be another one."""
    did = previous["state"]["id"]
    body: Entry = {
        "versionId": follows or previous["versionId"],
        "versionTime": format_time(at),
        "parameters": key_parameters(
            [key.public_key for key in update], [key.public_key for key in following]
        ),
        "state": did_document(did, [LAPTOP.public_key, PHONE.public_key]),
    }
    return complete(change(body), number, signer, at)


def lines(*entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input: `did.jsonl`."""
    return {"data": "".join(canonical(entry).decode() + "\n" for entry in entries)}


def third(previous: Entry) -> Entry:
    """Return an entry 3 that follows any entry 2."""
    return after(
        previous, signer=THREE, update=(THREE,), following=(ONE, RECOVERY), at=FIRST + 2 * HOUR, number=3
    )  # fmt: skip


def _value(*entries: Entry) -> dict[str, Any]:
    versions = [entry["versionId"] for entry in entries]
    return {"did": entries[-1]["state"]["id"], "versions": versions}


def _good() -> Iterator[Vector]:
    one = first()
    two = after(one)
    three = third(two)
    yield valid("did-log", "genesis", "one entry", lines(one), _value(one))
    yield valid(
        "did-log", "rotation", "the announced key takes over", lines(one, two), _value(one, two)
    )
    three_entries = lines(one, two, three)
    yield valid("did-log", "three-entries", "three entries", three_entries, _value(one, two, three))
    unended = {"data": lines(one, two)["data"][:-1]}
    yield valid(
        "did-log", "no-final-line-feed", "no line feed at the end", unended, _value(one, two)
    )
    recovered = after(one, signer=RECOVERY, update=(RECOVERY,), following=(THREE, STRANGER))
    given = lines(one, recovered)
    yield valid("did-log", "recovery", "the recovery key takes over", given, _value(one, recovered))
    both = after(one, signer=RECOVERY, update=(TWO, RECOVERY))
    yield valid(
        "did-log", "two-keys", "both announced keys, one signs", lines(one, both), _value(one, both)
    )
    yield from _good_foreign(one)


def _good_foreign(one: Entry) -> Iterator[Vector]:
    scid = one["parameters"]["scid"]
    did = f"did:webvh:{scid}:other.example%3A8443:p:{scid}"
    moved = after(
        one, change=lambda body: {**body, "state": did_document(did, [LAPTOP.public_key])}
    )
    yield valid(
        "did-log", "moved", "the DID moves to another host", lines(one, moved), _value(one, moved)
    )
    empty = {"witness": {}, "watchers": [], "deactivated": False, "ttl": 3600}
    foreign = first(lambda body: {**body, "parameters": {**body["parameters"], **empty}})
    says = "parameters that other writers leave empty"
    yield valid("did-log", "empty-parameters", says, lines(foreign), _value(foreign))
    richer = first(
        lambda body: edited(body, ("state", "service"), [{"id": "#x", "type": "X", "serviceEndpoint": "https://x.example"}])
    )  # fmt: skip
    says = "a service in the document, which gives nobody a right"
    yield valid("did-log", "service", says, lines(richer), _value(richer))
    again = {"method": METHOD, "portable": True}
    repeated = after(
        one, change=lambda body: {**body, "parameters": {**body["parameters"], **again}}
    )
    says = "a later entry that says method and portable again"
    yield valid("did-log", "parameters-again", says, lines(one, repeated), _value(one, repeated))
    largest = _of_size(16 * 1024)
    says = "an entry of exactly 16 KiB"
    yield valid("did-log", "largest-entry", says, lines(largest), _value(largest))
    keyless = first(lambda body: edited(body, ("state", "assertionMethod"), []))
    says = "a document that lets no key sign"
    yield valid("did-log", "no-signing-key", says, lines(keyless), _value(keyless))
    pretty = {"data": json.dumps(one) + "\n"}
    says = "white space inside a line: what is hashed is the RFC 8785 form"
    yield valid("did-log", "white-space", says, pretty, _value(one))


def _of_size(size: int) -> Entry:
    """Return a first entry whose RFC 8785 form has this many bytes."""

    def padded(count: int) -> Entry:
        known = ["x" * 4096, "y" * 4096, "z" * 4096, "w" * count]
        return first(lambda body: edited(body, ("state", "alsoKnownAs"), known))

    return padded(size - len(canonical(padded(0))))


def _shapes() -> Iterator[Vector]:
    """Faults of form, in a first entry."""
    one = first()
    for fault, says, path, to, words in SHAPES:
        yield malformed("did-log", fault, says, lines(edited(one, path, to)), words)
    twice = edited(one, ("proof", 1), one["proof"][0])
    yield malformed("did-log", "two-proofs", "two proofs", lines(twice), "2 items, expected 1 to 1")
    for name, value, words in (
        ("method", "did:webvh:0.5", "expected 'did:webvh:1.0'"),
        ("portable", False, "expected true"),
    ):
        two = edited(after(one), ("parameters", name), value)
        says = f"another {name} in a later entry"
        yield malformed("did-log", f"{name}-later", says, lines(one, two), words)
    two = edited(after(one), ("parameters", "scid"), one["parameters"]["scid"])
    words = "unknown member 'scid'"
    yield malformed("did-log", "scid-again", "a SCID in a later entry", lines(one, two), words)


def _keys() -> Iterator[Vector]:
    one = first()
    words = "does not start with"
    says = "a key whose name is of another DID"
    yield malformed("did-log", "key-of-another-did", says, lines(_renamed_key(one)), words)
    keys, hashes = one["parameters"]["updateKeys"], one["parameters"]["nextKeyHashes"]
    method = one["state"]["verificationMethod"][0]
    p256 = method["publicKeyMultibase"]
    for fault, says, path, to, words in (
        ("update-key-twice", "one update key twice", ("parameters", "updateKeys"), keys * 2, "the same one twice"),
        ("next-hash-twice", "one announced hash twice", ("parameters", "nextKeyHashes"), hashes * 2, "the same one twice"),
        ("update-key-p256", "an update key of the other kind", ("parameters", "updateKeys"), [p256], "is not an Ed25519 Multikey"),
        ("method-twice", "one key name twice", ("state", "verificationMethod"), [method] * 2, "appears twice"),
        ("assertion-twice", "one key may sign twice", ("state", "assertionMethod"), [method["id"]] * 2, "appears twice"),
        ("proof-other-fragment", "a proof whose key has another name", ("proof", 0, "verificationMethod"), f"did:key:{keys[0]}#key-1", "expected did:key:"),
    ):  # fmt: skip
        yield malformed("did-log", fault, says, lines(edited(one, path, to)), words)


def _renamed_key(one: Entry) -> Entry:
    """Give the key a name of another DID, in both places."""
    name = "did:web:x.example#1"
    renamed = edited(one, ("state", "verificationMethod", 0, "id"), name)
    return dict(edited(renamed, ("state", "assertionMethod", 0), name))


def _lines() -> Iterator[Vector]:
    one = first()
    data = lines(one, after(one))["data"]
    for fault, says, text, words in (
        ("empty", "no bytes", "", "line 1"),
        ("blank-line", "a blank line between two entries", data.replace("\n", "\n\n", 1), "line 1"),
        ("blank-line-at-the-end", "a blank line at the end", data + "\n", "line 1"),
        ("list", "a list instead of lines", "[" + data.replace("\n", ",")[:-1] + "]", "a list, expected an object"),
        ("duplicate-member", "a member twice", data.replace('"versionId":', '"versionId":"x","versionId":', 1), "appears twice"),
        ("truncated", "ends inside an entry", data[:-40], "line 1"),
    ):  # fmt: skip
        yield malformed("did-log", fault, says, {"data": text}, words)


def _broken_first() -> Iterator[Vector]:
    """Faults of one entry: rules 1 and 5."""
    one = first()
    other_time = edited(one, ("versionTime",), format_time(FIRST + 1))
    body = {name: member for name, member in other_time.items() if name != "proof"}
    scid = one["parameters"]["scid"]
    signed_again = complete({**body, "versionId": scid}, 1, ONE, FIRST)
    swapped = edited(one, ("state", "verificationMethod", 0), _method(one, PHONE))
    swapped = edited(swapped, ("state", "assertionMethod", 0), _method(one, PHONE)["id"])
    forged = {name: member for name, member in swapped.items() if name != "proof"}
    for fault, says, entry, reason in (
        ("genesis-changed", "the first entry was changed", other_time, "scid_not_derived"),
        ("genesis-signed-again", "changed, then hashed and signed again under the same SCID", signed_again, "scid_not_derived"),
        ("genesis-other-key", "another statement key under the same SCID, by the registry", complete({**forged, "versionId": scid}, 1, STRANGER, FIRST), "scid_not_derived"),
        ("genesis-number-two", "the first entry counts from 2", edited(one, ("versionId",), "2" + one["versionId"][1:]), "hash_chain_broken"),
        ("genesis-other-hash", "the version id of another entry", edited(one, ("versionId",), after(one)["versionId"].replace("2-", "1-")), "hash_chain_broken"),
        ("genesis-by-stranger", "signed by a key that the entry does not list", first(signer=STRANGER), "not_an_update_key"),
        ("genesis-by-next-key", "signed by the key that is only announced", first(signer=TWO), "not_an_update_key"),
        ("proof-date-changed", "the date in the proof was changed", edited(one, ("proof", 0, "created"), format_time(FIRST + 5)), "bad_proof"),
        ("proof-date-removed", "the date in the proof was removed", edited(one, ("proof", 0, "created"), ABSENT), "bad_proof"),
        ("proof-of-another-log", "the proof of another entry by the same key", edited(one, ("proof",), _another_by_one()["proof"]), "bad_proof"),
    ):  # fmt: skip
        yield invalid("did-log", fault, says, lines(entry), 7, reason)


def _broken_chain() -> Iterator[Vector]:
    """Faults between entries: rule 2, and whom the log is about."""
    one = first()
    two = after(one)
    three = third(two)
    other = _another_by_one()
    for fault, says, entries in (
        ("middle-removed", "an entry is missing in the middle", (one, three)),
        ("swapped", "two entries in the wrong order", (one, three, two)),
        ("repeated", "the last entry twice", (one, two, two)),
        ("number-skipped", "the second entry counts as 3", (one, after(one, number=3))),
        ("follows-another", "the second entry follows another first one", (one, after(one, follows=other["versionId"]))),
        ("follows-the-scid", "the second entry follows the SCID, as a first one does", (one, after(one, follows=one["parameters"]["scid"]))),
        ("second-changed", "the second entry was changed", (one, edited(two, ("versionTime",), format_time(FIRST + HOUR + 1)))),
        ("second-key-added", "a key was slipped into the second entry", (one, edited(two, ("state", "verificationMethod", 2), _method(one, STRANGERS)))),
    ):  # fmt: skip
        yield invalid("did-log", fault, says, lines(*entries), 7, "hash_chain_broken")
    late = lines(two, three)
    words = "'scid' is missing"
    yield malformed("did-log", "begins-late", "the first entry is missing", late, words)
    scid = other["parameters"]["scid"]
    did = f"did:webvh:{scid}:{HOST}:p:{scid}"
    hijack = after(
        one, change=lambda body: {**body, "state": did_document(did, [PHONE.public_key])}
    )
    says = "the second entry is about another SCID"
    yield invalid("did-log", "other-scid", says, lines(one, hijack), 7, "other_scid")


def _broken_succession() -> Iterator[Vector]:
    """Rules 3 to 5 between two entries."""
    one = first()
    for fault, says, two, reason in (
        ("same-time", "the second entry is of the same second", after(one, at=FIRST), "time_not_increasing"),
        ("earlier", "the second entry is earlier", after(one, at=FIRST - 1), "time_not_increasing"),
        ("key-never-announced", "a stranger's key takes over", after(one, signer=STRANGER, update=(STRANGER,)), "key_not_announced"),
        ("key-kept", "the first update key stays, though nobody announced it", after(one, signer=ONE, update=(ONE,)), "key_not_announced"),
        ("one-key-never-announced", "a stranger's key beside the announced one", after(one, update=(TWO, STRANGER)), "key_not_announced"),
        ("by-the-old-key", "the old update key signs for the new one", after(one, signer=ONE), "not_an_update_key"),
        ("by-the-recovery-key", "the recovery key signs without being listed", after(one, signer=RECOVERY), "not_an_update_key"),
        ("by-a-stranger", "a stranger signs", after(one, signer=STRANGER), "not_an_update_key"),
    ):  # fmt: skip
        yield invalid("did-log", fault, says, lines(one, two), 7, reason)
    two = after(one)
    proof = after(one, at=FIRST + HOUR + 1)["proof"]
    spliced = edited(two, ("proof",), proof)
    says = "the proof of another second entry by the same key"
    yield invalid("did-log", "proof-of-another-entry", says, lines(one, spliced), 7, "bad_proof")


def _another_by_one() -> Entry:
    """Return the first entry of another log, signed by the same key."""
    return first(lambda body: {**body, "versionTime": format_time(FIRST + 60)})


def _method(one: Entry, signer: Signer) -> dict[str, Any]:
    """Return the verification method of another key in the document of an entry."""
    document = did_document(one["state"]["id"], [signer.public_key])
    methods: Any = document["verificationMethod"]
    return dict(methods[0])
