"""The DID log of a person: their own key history, as did:webvh 1.0 (one JSON entry a line).

    {"versionId": "1-Qm..", "versionTime": "2026-11-03T14:02:07Z",
     "parameters": {"method": "did:webvh:1.0", "scid": "Qm..", "portable": true,
                    "updateKeys": [multikey, ..], "nextKeyHashes": ["Qm..", ..]},
     "state": the DID document, "proof": [one eddsa-jcs-2022 proof]}

What must hold, so that nobody but the person can continue it:

    1  The SCID is the hash of the first entry with `{SCID}` in its place.
    2  Each entry's hash covers its predecessor's version id; numbers count from 1.
    3  `versionTime` strictly increases.
    4  Pre-rotation, always: every entry announces hashes of the next update keys, and every update
       key of the next entry is among them.
    5  Each entry is signed by one of its OWN update keys; the predecessor's keys have no say.

A DID may move to another host (`portable`), its SCID never changes. Of the optional parameters only
the empty ones are taken, as other writers leave them; witnesses of did:webvh are not ours (the log
has its own). Nothing here knows what time it is: a `versionTime` in the future is for the caller.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import format_time
from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys.signer import Signer
from trust.core.people.data_integrity import check_proof, make_proof
from trust.core.people.did_document import did_document
from trust.core.people.did_entry import (
    MAX_ENTRY,
    METHOD,
    PLACEHOLDER,
    DidEntry,
    check_scid,
    entry_hash,
    read_entry,
    scid_of,
)
from trust.core.people.multikey import ed25519_multikey

__all__ = [
    "DidEntry",
    "DidLog",
    "check_scid",
    "did_document",
    "genesis",
    "key_parameters",
    "make_entry",
    "next_key_hash",
    "parse_log",
    "scid_of",
]

STEP = 7  # of verification: a key history that does not hold
MAX_ENTRIES = 1000  # a change of keys a week for twenty years


class DidLog(NamedTuple):
    """A key history that holds. `did` is the newest entry's."""

    did: str
    scid: str
    entries: tuple[DidEntry, ...]

    def at(self, version_id: str) -> DidEntry:
        """Return a version; raise VerificationFailed (step 7, `no_such_version`) without it."""
        for entry in self.entries:
            if entry.version_id == version_id:
                return entry
        raise VerificationFailed(
            STEP, "no_such_version", f"the key history has no version {version_id[:80]!r}"
        )

    def encode(self) -> bytes:
        """Return the bytes of `did.jsonl`: one RFC 8785 line an entry."""
        return b"".join(canonical(entry.raw) + b"\n" for entry in self.entries)


def parse_log(
    entries: Sequence[Json] | bytes, where: str = "didLog", *, known: DidLog | None = None
) -> DidLog:
    """Read and verify a whole DID log, as parsed entries or as the bytes of `did.jsonl`.

    `known` is a log that held before: as far as the entries are its own, they still do, and only
    what follows is verified. A log that begins otherwise is verified from its first entry.

    Raises:
        Malformed: an entry that is not one of did:webvh 1.0 as we take it, or too many of them.
        VerificationFailed: well formed, but rules 1 to 5 do not hold (step 7).
    """
    if isinstance(entries, bytes):
        entries = _lines(entries, where)
    if not 1 <= len(entries) <= MAX_ENTRIES:
        raise Malformed(f"{len(entries)} DID entries, expected 1 to {MAX_ENTRIES}", where)
    held = _held(entries, known)
    read = [
        *held,
        *(
            read_entry(raw, place, f"{where}[{place}]")
            for place, raw in enumerate(entries)
            if place >= len(held)
        ),
    ]
    scid = known.scid if known is not None and held else _check_scid_derivation(read[0])
    predecessor = held[-1].version_id if held else scid
    for place, entry in enumerate(read[len(held) :], len(held)):
        _check_hash(entry, predecessor, place + 1)
        if scid_of(entry.did) != scid:
            raise _broken("other_scid", entry, f"is about {entry.did!r}, not about SCID {scid}")
        _check_authority(entry)
        predecessor = entry.version_id
    for previous, entry in pairwise(read[max(len(held) - 1, 0) :]):
        _check_succession(previous, entry)
    return DidLog(read[-1].did, scid, tuple(read))


def _held(entries: Sequence[Json], known: DidLog | None) -> tuple[DidEntry, ...]:
    """Return the entries of a known log with which a log begins, all of them or none."""
    if known is None or len(known.entries) > len(entries):
        return ()
    same = all(entry.raw == raw for entry, raw in zip(known.entries, entries, strict=False))
    return known.entries if same else ()


def genesis(
    host: str,
    version_time: int,
    update_signer: Signer,
    next_keys: Sequence[bytes],
    signing_key: bytes,
) -> dict[str, Json]:
    """Make the first entry of a new DID.

    Args:
        host: of the registry's public URL, with its port after `:` or `%3A` if it has one.
        version_time: seconds.
        update_signer: the device's Ed25519 update key.
        next_keys: the 32-byte Ed25519 public keys to announce: the device's next one and the
            recovery key.
        signing_key: the 65-byte P-256 point of the device's statement key.

    Raises:
        Malformed: a host that no DID can carry, or a key of another size.
    """
    keys = key_parameters([update_signer.public_key], next_keys)

    def body(scid: str) -> dict[str, Json]:
        did = f"did:webvh:{scid}:{host.replace(':', '%3A')}:p:{scid}"
        return {
            "versionId": scid,
            "versionTime": format_time(version_time),
            "parameters": {"method": METHOD, "scid": scid, "portable": True, **keys},
            "state": did_document(did, [signing_key]),
        }

    scid = entry_hash(canonical(body(PLACEHOLDER)))
    entry = _complete(body(scid), 1, update_signer, version_time)
    read_entry(entry, 0, "entry")
    return entry


def make_entry(
    previous: DidEntry,
    parameters: Mapping[str, Json],
    state: Mapping[str, Json],
    signer: Signer,
    version_time: int,
) -> dict[str, Json]:
    """Continue a log with an entry signed by `signer`, one of the new `updateKeys`.

    `parameters` is `key_parameters(..)`, `state` a whole DID document. Whether the result holds is
    for `parse_log` to say.
    """
    body: dict[str, Json] = {
        "versionId": previous.version_id,
        "versionTime": format_time(version_time),
        "parameters": dict(parameters),
        "state": dict(state),
    }
    return _complete(body, previous.number + 1, signer, version_time)


def key_parameters(update_keys: Sequence[bytes], next_keys: Sequence[bytes]) -> dict[str, Json]:
    """Return `updateKeys` and `nextKeyHashes` for 32-byte Ed25519 keys: revealed and announced."""
    return {
        "updateKeys": [ed25519_multikey(key) for key in update_keys],
        "nextKeyHashes": [next_key_hash(key) for key in next_keys],
    }


def next_key_hash(key: bytes) -> str:
    """Return the hash by which an entry announces an Ed25519 update key of the next one."""
    return entry_hash(ed25519_multikey(key).encode())


def _complete(
    body: dict[str, Json], number: int, signer: Signer, version_time: int
) -> dict[str, Json]:
    """Number, hash and sign a body that holds its predecessor's version id (or the SCID)."""
    body["versionId"] = f"{number}-{entry_hash(canonical(body))}"
    return {**body, "proof": [make_proof(body, signer, version_time)]}


def _lines(data: bytes, where: str) -> list[Json]:
    """Split `did.jsonl`; a blank line is refused as no JSON, one line feed at the end is not."""
    lines = data.removesuffix(b"\n").split(b"\n")
    if len(lines) > MAX_ENTRIES:
        raise Malformed(f"{len(lines)} DID entries, expected 1 to {MAX_ENTRIES}", where)
    return [parse(line, MAX_ENTRY, f"{where}[{place}]") for place, line in enumerate(lines)]


def _check_scid_derivation(first: DidEntry) -> str:
    """Rule 1. Return the SCID."""
    scid = first.scid or ""
    draft = canonical({**first.unsigned, "versionId": PLACEHOLDER})
    if entry_hash(draft.replace(scid.encode(), PLACEHOLDER.encode())) != scid:
        raise _broken("scid_not_derived", first, f"does not give the SCID {scid}")
    return scid


def _check_hash(entry: DidEntry, predecessor: str, number: int) -> None:
    """Rule 2. `predecessor` is the version id before, for the first entry the SCID."""
    digits = entry_hash(canonical({**entry.unsigned, "versionId": predecessor}))
    if entry.version_id != f"{number}-{digits}":
        raise _broken(
            "hash_chain_broken", entry, f"does not follow {predecessor} as entry {number}"
        )


def _check_succession(previous: DidEntry, entry: DidEntry) -> None:
    """Rules 3 and 4, from one entry to the next."""
    if entry.version_time <= previous.version_time:
        raise _broken("time_not_increasing", entry, "is not later than the entry before it")
    for key in entry.update_keys:
        if next_key_hash(key) not in previous.next_key_hashes:
            raise _broken(
                "key_not_announced", entry, f"uses {ed25519_multikey(key)}, never announced"
            )


def _check_authority(entry: DidEntry) -> None:
    """Rule 5."""
    if entry.proof.key not in entry.update_keys:
        key = ed25519_multikey(entry.proof.key)
        raise _broken("not_an_update_key", entry, f"is signed by {key}, not by an update key of it")
    try:
        check_proof(entry.unsigned, entry.proof, "proof")
    except VerificationFailed as error:
        raise _broken("bad_proof", entry, "has a proof that does not hold") from error


def _broken(reason: str, entry: DidEntry, message: str) -> VerificationFailed:
    return VerificationFailed(STEP, reason, f"DID entry {entry.version_id} {message}")
