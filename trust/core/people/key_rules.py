"""What a new version of a key history may change, beside what did:webvh itself asks for.

    verificationMethod  [device 1, device 2, ..]                 P-256 statement keys
    nextKeyHashes       [of device 1, of device 2, .., recovery] Ed25519 update keys to come

One announced update key for each device, in the order of the document's keys, and the recovery
key's last. So everyone can tell which announcement goes with which device, and that the recovery
key is still announced: who drops it takes the person's way back.
"""

from collections.abc import Sequence
from typing import NamedTuple

from trust.core.errors import NotAllowed
from trust.core.people.did import next_key_hash
from trust.core.people.did_entry import DidEntry
from trust.core.people.recovery import kind_of, recovery_hash

MAX_DEVICES = 16  # keys that one person signs with at a time


class Device(NamedTuple):
    """One device of a person: its 65-byte statement key, and the hash of its next update key."""

    point: bytes
    next_hash: str


def devices(entry: DidEntry) -> tuple[Device, ...]:
    """Return the devices of a version, in its order; requires that it has the form above."""
    return tuple(map(Device, entry.signing_keys, entry.next_key_hashes[:-1]))


def check_change(previous: DidEntry, entry: DidEntry, *, waited: bool = False) -> None:
    """Require that a version follows the rules above, and keeps host and recovery key.

    `waited`: it was announced, and nobody vetoed it in time: it may be by the recovery key, or
    announce another one.

    Raises:
        NotAllowed: it does not; names the rule.
    """
    if entry.did != previous.did:
        raise NotAllowed(f"the DID would become {entry.did}: it cannot move in this version")
    kind = kind_of(previous, entry)
    if not waited and kind == "recovery":
        raise NotAllowed("the recovery key signs this: it is announced first, and waits")
    if not waited and kind == "drop":
        raise NotAllowed(
            "the recovery key would no longer be announced: a change that drops it, or announces "
            "another one, is not accepted at once"
        )
    if kind == "device" and recovery_hash(previous) in map(next_key_hash, entry.update_keys):
        raise NotAllowed("the recovery key signs nothing but a recovery")
    count = len(entry.signing_keys)
    if not 1 <= count <= MAX_DEVICES or len(entry.next_key_hashes) != count + 1:
        raise NotAllowed(
            f"{count} keys and {len(entry.next_key_hashes)} announced update keys: expected 1 to "
            f"{MAX_DEVICES} keys, one announced update key for each, and the recovery key last"
        )
    if added(previous, entry)[1:]:
        raise NotAllowed("a change adds one key at most")


def added(previous: DidEntry, entry: DidEntry) -> Sequence[bytes]:
    """Return the keys that a version has and its predecessor has not."""
    return [point for point in entry.signing_keys if point not in previous.signing_keys]


def dropped(previous: DidEntry, entry: DidEntry) -> Sequence[bytes]:
    """Return the keys that a version's predecessor has and it has not."""
    return [point for point in previous.signing_keys if point not in entry.signing_keys]
