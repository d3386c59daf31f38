"""One entry of a DID log: its shape, its names, its hashes. The rules of the chain: `people.did`.

Hashes are base58btc of the multihash of SHA-256 (prefix 0x12 0x20), 46 digits that begin with `Qm`.
"""

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple, TypeVar

from trust.core.canonical import Json, canonical
from trust.core.encoding import base58_decode, base58_encode, decimal
from trust.core.errors import Malformed
from trust.core.people.data_integrity import Proof, parse_proof
from trust.core.people.did_document import signing_keys
from trust.core.people.multikey import parse_ed25519
from trust.core.record import Record

METHOD = "did:webvh:1.0"
PLACEHOLDER = "{SCID}"
MAX_ENTRY = 16 * 1024  # bytes of one entry's RFC 8785 form
MAX_KEYS = 64  # update keys or announced hashes of one entry
MAX_DID = 512  # characters: two SCIDs and a host of at most 253
MAX_HOST = 253  # characters (RFC 1035)
MAX_PORT = 0xFFFF
KEPT = 1024  # DIDs that were read a moment ago

Value = TypeVar("Value")

_SHA256_MULTIHASH = b"\x12\x20"
_HASH_SIZE = 34
_HASH_DIGITS = 46
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DID = re.compile(
    r"did:webvh:(?P<scid>[^:]+)"
    rf":(?P<host>(?:{_LABEL}\.)+(?![0-9]+[:%]){_LABEL})"  # the last label of an address is a number
    r"(?:%3A(?P<port>[1-9][0-9]{0,4}))?"
    r":p:(?P=scid)"
)


class DidEntry(NamedTuple):
    """One version of a DID: what an entry says. `version_time` is in seconds.

    `update_keys` are 32-byte Ed25519 keys; `signing_keys` the 65-byte P-256 points that may sign
    statements under this version; `scid` stands in the first entry only. `raw` is the entry as
    logged, `digest` SHA-256 of its RFC 8785 bytes: the subject of an `identity` statement.
    """

    version_id: str
    number: int
    version_time: int
    did: str
    update_keys: tuple[bytes, ...]
    next_key_hashes: tuple[str, ...]
    signing_keys: tuple[bytes, ...]
    scid: str | None
    proof: Proof
    raw: dict[str, Json]
    digest: bytes

    @property
    def state(self) -> dict[str, Json]:
        """The DID document, as served at `did.json`."""
        state = self.raw["state"]
        return state if isinstance(state, dict) else {}

    @property
    def unsigned(self) -> dict[str, Json]:
        """The entry without its proof: what is hashed and signed."""
        return {name: member for name, member in self.raw.items() if name != "proof"}


def check_scid(text: str, where: str = "scid") -> str:
    """Return `text` if it is a SCID: base58btc of a SHA-256 multihash; raise Malformed if not."""
    return _check_hash(text, where)


@lru_cache(maxsize=KEPT)
def scid_of(did: str, where: str = "did") -> str:
    """Return the SCID of `did:webvh:<scid>:<host>[%3A<port>]:p:<scid>`.

    Raises:
        Malformed: another method or path, a host without a dot, an IP address, upper case.
    """
    match = _DID.fullmatch(did) if len(did) <= MAX_DID else None
    if match is None or len(match["host"]) > MAX_HOST or int(match["port"] or 1) > MAX_PORT:
        raise Malformed(
            f"{did[:120]!r} is not a DID like did:webvh:<scid>:<host with a dot>:p:<scid>", where
        )
    return check_scid(match["scid"], where)


def entry_hash(data: bytes) -> str:
    """Return the hash of a text as did:webvh writes it."""
    return base58_encode(_SHA256_MULTIHASH + hashlib.sha256(data).digest())


def read_entry(raw: Json, place: int, where: str) -> DidEntry:
    """Read the shape of the entry that stands at `place` (0 is the first); verify nothing.

    Raises:
        Malformed: too large, a member that we do not take, a key or hash that is none.
    """
    record = Record(raw, where)
    if not isinstance(raw, dict):
        raise Malformed("expected an object", where)
    data = canonical(raw)
    if len(data) > MAX_ENTRY:
        raise Malformed(f"{len(data)} bytes, expected at most {MAX_ENTRY}", where)
    if PLACEHOLDER.encode() in data:  # else two first entries could have one SCID
        raise Malformed(f"holds the placeholder {PLACEHOLDER}", where)
    version_id = record.text("versionId", 80)
    parameters = record.record("parameters")
    state = record.record("state")
    did = state.text("id", MAX_DID)
    scid_of(did, f"{where}.state.id")
    entry = DidEntry(
        version_id=version_id,
        number=_number(version_id, f"{where}.versionId"),
        version_time=record.time("versionTime"),
        did=did,
        update_keys=_update_keys(parameters),
        next_key_hashes=_next_key_hashes(parameters),
        signing_keys=signing_keys(state, did),
        scid=_other_parameters(parameters, first=place == 0),
        proof=parse_proof(record.items("proof", 1, 1)[0], f"{where}.proof[0]"),
        raw=raw,
        digest=hashlib.sha256(data).digest(),
    )
    record.done()
    return entry


def _number(version_id: str, where: str) -> int:
    number, dash, digits = version_id.partition("-")
    if not dash:
        raise Malformed(f"{version_id!r} is not a version id like 1-Qm..", where)
    _check_hash(digits, where)
    return decimal(number, where)


def _update_keys(parameters: Record) -> tuple[bytes, ...]:
    where = f"{parameters.where}.updateKeys"
    texts = parameters.texts("updateKeys", 1, MAX_KEYS, 64)
    return _distinct(tuple(parse_ed25519(text, where) for text in texts), where)


def _next_key_hashes(parameters: Record) -> tuple[str, ...]:
    where = f"{parameters.where}.nextKeyHashes"
    texts = parameters.texts("nextKeyHashes", 1, MAX_KEYS, 64)
    return _distinct(tuple(_check_hash(text, where) for text in texts), where)


def _distinct(values: tuple[Value, ...], where: str) -> tuple[Value, ...]:
    if len(set(values)) != len(values):
        raise Malformed("the same one twice", where)
    return values


def _other_parameters(parameters: Record, *, first: bool) -> str | None:
    """Take what is not keys; return the SCID, which only the first entry has."""
    scid = check_scid(parameters.text("scid", 64), f"{parameters.where}.scid") if first else None
    if first or parameters.has("method"):
        parameters.constant("method", METHOD)
    if first or parameters.has("portable"):
        _expect(parameters, "portable", value=True)
    # What other writers leave empty. Their fuller forms would promise what nobody here keeps.
    if parameters.has("witness"):
        _expect(parameters, "witness", value={})
    if parameters.has("watchers"):
        _expect(parameters, "watchers", value=[])
    if parameters.has("deactivated"):
        _expect(parameters, "deactivated", value=False)
    parameters.optional("ttl", parameters.integer)
    parameters.done()
    return scid


def _expect(parameters: Record, name: str, *, value: Json) -> None:
    found = parameters.raw(name)
    if found != value or type(found) is not type(value):  # 1 == True in Python, not in JSON
        raise Malformed(
            f"{str(found)[:60]}, expected {canonical(value).decode()}", f"{parameters.where}.{name}"
        )


def _check_hash(text: str, where: str) -> str:
    data = base58_decode(text, where) if len(text) == _HASH_DIGITS else b""
    # Of 46 digits only the canonical spelling decodes to 34 bytes that begin so.
    if len(data) != _HASH_SIZE or not data.startswith(_SHA256_MULTIHASH):
        raise Malformed(
            f"{text[:60]!r} is not a SHA-256 multihash ({_HASH_DIGITS} base58 digits, Qm..)", where
        )
    return text
