"""What a data folder has of its log, held against what witnesses have, before anything is signed.

A folder may have been put back without our knowing, as a snapshot of a disk is, or be a copy of
another that went on. Nothing in it need say so, but a checkpoint that a witness serves does, and it
is signed by the log's own key. Where no witness answers, a start goes on: the log outlives them.
"""

from typing import NamedTuple

from trust.core.errors import NotAllowed, TouchplateError
from trust.core.log.checkpoint import Checkpoint, SignedCheckpoint
from trust.core.log.merkle import check_consistency, prove_consistency
from trust.core.log.tile import hash_reader
from trust.core.log.witness import WitnessPolicy
from trust.core.registry.trust_file import TrustFile
from trust.service.authorities import Authorities
from trust.service.log_recovery import open_committed, stored_root
from trust.service.restored import Mark, check_restored, refusal
from trust.service.settings import Settings
from trust.service.witnesses import Witnesses
from trust.storage.ports import Tables, Tiles


class History(NamedTuple):
    """The log as a data folder has it."""

    database: Tables
    tiles: Tiles
    authorities: Authorities

    def committed(self) -> SignedCheckpoint | None:
        """Return the newest committed checkpoint."""
        row = self.database.row("select note from checkpoints order by seq desc limit 1")
        return None if row is None else open_committed(row[0], self.authorities)

    def prove(self, old: int, new: int) -> list[bytes]:
        """Prove by the tiles that one size continues another."""
        return prove_consistency(old, new, hash_reader(new, self.tiles.read))

    def has(self, held: Checkpoint, committed: Checkpoint) -> bool:
        """Say whether a checkpoint is of this history."""
        old, new = held.size, committed.size
        if old > new:
            return False
        try:
            proof = [] if old in {0, new} else self.prove(old, new)
            check_consistency(old, new, held.root, committed.root, proof)
        except TouchplateError:  # tiles may be gone, and are laid again: the entries know
            return stored_root(self.database, old) == held.root
        return True


def check_history(
    settings: Settings, history: History, trust: TrustFile, wanted: WitnessPolicy
) -> None:
    """Require that a data folder is as far as its log ever was, as far as anyone can say.

    The witnesses of the trust file are asked as well as those that are wanted from now on: they
    know more of this log than whoever takes their place. A read-only start asks nobody.

    Raises:
        NotAllowed: a witness holds a checkpoint that this log's key has signed and that is not of
            this history; or a copy whose size nobody vouches for, as `check_restored` says.
        Conflict: see `check_restored`.
        Malformed: a policy that cannot be asked.
    """
    if settings.read_only:
        return
    mark = Mark.read(settings.data)
    policies = tuple(dict.fromkeys((trust.witness_policy, wanted)))
    log = trust.newest_log.log_key
    # Asked first: what a witness holds was committed before, though maybe by another process.
    held = [item for policy in policies for item in Witnesses(policy).held(log).items()]
    committed = history.committed()
    for name, found in held:
        size = 0 if committed is None else committed.checkpoint.size
        if committed is None or not history.has(found, committed.checkpoint):
            other = "a " if found.size > size else "another "
            raise NotAllowed(refusal(mark, size, f"witness {name} holds {other}", found.size))
    if mark is not None and committed is not None:
        check_restored(mark, committed, policies, history.prove, settings.restored_at)
        mark.clear(settings.data)
