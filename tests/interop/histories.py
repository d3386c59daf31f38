"""Key histories as did:webvh logs, and forgeries of them, each altered in one place."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tests.interop.case import Json
from trust.core.people.did import (
    DidEntry,
    did_document,
    genesis,
    key_parameters,
    make_entry,
    parse_log,
)
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256

START = 1700000000  # 2023-11-14T22:13:20Z
HOST = "registry.example"
NEW_HOST = "elsewhere.example"


class Keys(NamedTuple):
    """The update keys of a device, one after the other, the recovery key, and two signing keys."""

    device: tuple[Ed25519Signer, ...]
    recovery: Ed25519Signer
    first: P256Signer
    second: P256Signer


def new_keys() -> Keys:
    first, second = (P256Signer(generate_p256()) for _ in range(2))
    recovery, *device = (Ed25519Signer(generate_ed25519()) for _ in range(5))
    return Keys(tuple(device), recovery, first, second)


def begun(keys: Keys) -> list[Json]:
    announced = [keys.device[1].public_key, keys.recovery.public_key]
    return [genesis(HOST, START, keys.device[0], announced, keys.first.public_key)]


def continued(
    log: list[Json],
    signer: Ed25519Signer,
    following: Sequence[Ed25519Signer],
    *,
    keys: Sequence[P256Signer],
    host: str = HOST,
    update: Ed25519Signer | None = None,
    later: int = 60,
) -> list[Json]:
    """Add an entry; `update` is the key that it reveals, by default the signer's."""
    last = parse_log(log).entries[-1]
    parameters = key_parameters(
        [(update or signer).public_key], [item.public_key for item in following]
    )
    state = did_document(did_at(last, host), [item.public_key for item in keys])
    return [*log, make_entry(last, parameters, state, signer, last.version_time + later)]


def did_at(entry: DidEntry, host: str) -> str:
    scid = entry.did.split(":")[2]
    return f"did:webvh:{scid}:{host}:p:{scid}"


def history(keys: Keys) -> list[Json]:
    """A second device, then a loss that the recovery key mends, then a move to another host."""
    one, two = keys.first, keys.second
    log = begun(keys)
    log = continued(log, keys.device[1], [keys.device[2], keys.recovery], keys=[one, two])
    log = continued(log, keys.recovery, [keys.device[3]], keys=[two])
    return continued(log, keys.device[3], [keys.device[2]], keys=[two], host=NEW_HOST)


Forgery = Callable[[list[Json], Keys], list[Json]]


def add_a_stranger_to_the_first_document(log: list[Json], _: Keys) -> list[Json]:
    log[0]["state"] = _with_a_stranger(log[0]["state"])
    return log


def add_a_stranger_to_a_later_document(log: list[Json], _: Keys) -> list[Json]:
    log[1]["state"] = _with_a_stranger(log[1]["state"])
    return log


def leave_an_entry_out(log: list[Json], _: Keys) -> list[Json]:
    return [log[0], *log[2:]]


def take_another_proof(log: list[Json], _: Keys) -> list[Json]:
    log[1]["proof"][0]["proofValue"] = log[0]["proof"][0]["proofValue"]
    return log


def reveal_a_key_that_was_not_announced(log: list[Json], keys: Keys) -> list[Json]:
    return continued(log[:1], keys.device[3], [keys.device[2]], keys=[keys.first])


def sign_with_the_key_before(log: list[Json], keys: Keys) -> list[Json]:
    return continued(
        log[:1], keys.device[0], [keys.device[2]], keys=[keys.first], update=keys.device[1]
    )


def turn_back_the_time(log: list[Json], keys: Keys) -> list[Json]:
    return continued(log[:1], keys.device[1], [keys.device[2]], keys=[keys.first], later=-60)


def _with_a_stranger(document: dict[str, Any]) -> Json:
    """What a registry would write that wants to speak for a person."""
    keys = [P256Signer(generate_p256()).public_key]
    return did_document(document["id"], keys)


# What each says of it: didwebvh-ts in its message, our parser by the reason of its error.
FORGERIES: dict[Forgery, tuple[str, str]] = {
    add_a_stranger_to_the_first_document: ("not derived from logEntryHash", "scid_not_derived"),
    add_a_stranger_to_a_later_document: ("Hash chain broken at '2-", "hash_chain_broken"),
    leave_an_entry_out: ("version '3' in log doesn't match expected '2'", "hash_chain_broken"),
    take_another_proof: ("Proof 0 failed verification", "bad_proof"),
    reveal_a_key_that_was_not_announced: ("Not found in nextKeyHashes", "key_not_announced"),
    sign_with_the_key_before: ("is not authorized to update", "not_an_update_key"),
    turn_back_the_time: ("must be greater than previous entry time", "time_not_increasing"),
}
