"""Changes of a key history that wait: a recovery, and one that would make recovery impossible.

The last hash that a DID entry announces is the recovery key's. An entry is one of three:

    device     a device signed it, and the recovery hash stays: it counts at once
    recovery   the recovery key signed it: whoever lost every device comes back
    drop       a device signed it, and the recovery hash does not stay: what a thief would do

The last two are announced in the log as a `recovery` statement of the registry, wait 72 hours, and
enter the key history only then. Meanwhile a live device can veto a recovery, once; after that only
a ruling helps. A drop is vetoed by the recovery key: a recovery takes its place.

    {"scid": "Qm..", "version": "3-Qm..", "kind": "recovery", "until": "2026-11-28T14:00:00Z"}
    {"version": "3-Qm.."}                                           of a veto
"""

from typing import Literal, NamedTuple

from trust.core.canonical import Json
from trust.core.people.did import DidEntry, check_scid, next_key_hash
from trust.core.record import Record

Kind = Literal["device", "recovery", "drop"]

WAIT = 72 * 3600  # seconds from the token time of the announcement
WAITING_KINDS = ("recovery", "drop")


class RecoveryFacts(NamedTuple):
    """Which entry waits, why, and until when; the subject is the entry's digest."""

    scid: str
    version: str
    kind: str
    until: str

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return self._asdict()


class VetoFacts(NamedTuple):
    """Which waiting entry somebody refuses for themselves; the subject is the entry's digest."""

    version: str

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"version": self.version}


def parse_recovery_facts(record: Record) -> RecoveryFacts:
    """Read the facts of a `recovery`; raise Malformed for any other shape."""
    scid = check_scid(record.text("scid", 64))
    version = record.text("version", 80)
    kind = record.one_of("kind", WAITING_KINDS)
    record.time("until")
    return RecoveryFacts(scid, version, kind, record.text("until"))


def parse_veto_facts(record: Record) -> VetoFacts:
    """Read the facts of a `veto`; raise Malformed for any other shape."""
    return VetoFacts(record.text("version", 80))


def kind_of(previous: DidEntry, entry: DidEntry) -> Kind:
    """Say by whose word an entry follows the one before it. Both are of one DID log that holds."""
    recovery = recovery_hash(previous)
    if next_key_hash(entry.proof.key) == recovery:
        return "recovery"
    return "device" if recovery_hash(entry) == recovery else "drop"


def recovery_hash(entry: DidEntry) -> str:
    """Return the hash of the recovery key that an entry announces: the last one."""
    return entry.next_key_hashes[-1]
