"""Making the next version of a person's key history: pure but for the signers."""

from collections.abc import Sequence

from trust.core.canonical import Json
from trust.core.errors import Malformed
from trust.core.keys.signer import Signer
from trust.core.people.did import (
    DidEntry,
    DidLog,
    did_document,
    key_parameters,
    make_entry,
    next_key_hash,
    parse_log,
)
from trust.core.people.key_rules import Device, check_change, devices
from trust.core.people.recovery import recovery_hash


def next_version(
    log: DidLog, wanted: Sequence[Device], update: Signer, at: int
) -> tuple[dict[str, Json], DidEntry]:
    """Continue a key history; return the new entry, and what it says.

    Args:
        log: the history as it is now.
        wanted: the devices after the change, in their order.
        update: the announced update key of the device that makes the change.
        at: seconds; if that is not after the newest version, the second after it.

    Raises:
        Malformed: the update key was never announced: this device was taken out.
        NotAllowed: a change that no registry takes.
    """
    previous = log.entries[-1]
    if next_key_hash(update.public_key) not in previous.next_key_hashes:
        raise Malformed("this device is not in the newest version of your key history any more")
    parameters = key_parameters([update.public_key], [])
    parameters["nextKeyHashes"] = [*(item.next_hash for item in wanted), recovery_hash(previous)]
    state = did_document(previous.did, [item.point for item in wanted])
    raw = make_entry(previous, parameters, state, update, max(at, previous.version_time + 1))
    entry = parse_log([*(item.raw for item in log.entries), raw], known=log).entries[-1]
    check_change(previous, entry)
    return raw, entry


def replaced(entry: DidEntry, point: bytes, device: Device | None) -> list[Device]:
    """Return the devices of a version with one of them replaced, or taken out."""
    changed = [device if item.point == point else item for item in devices(entry)]
    return [item for item in changed if item is not None]


def own_device(entry: DidEntry, point: bytes) -> Device:
    """Return the device with this key; raise Malformed if the version has none."""
    for item in devices(entry):
        if item.point == point:
            return item
    raise Malformed("this device is not in the newest version of your key history any more")
