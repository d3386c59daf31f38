"""A copy that was put back from a backup: what it must know before it may sign.

The backup may be older than what the world has seen. To sign then would make a second history, a
fork, which anybody can prove for ever. So a restored copy asks the witnesses first: it signs only
if none of them holds a larger checkpoint of its log, and at least one of them knows it: a witness
that is new would cosign any copy, so that it is not even asked to. Where no witness can say,
whoever runs the registry has to: `serve --restored-at SIZE`.
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from trust.core.canonical import canonical, parse_canonical
from trust.core.errors import Conflict, NotAllowed
from trust.core.log.checkpoint import SignedCheckpoint
from trust.core.log.witness import WitnessPolicy
from trust.core.record import Record
from trust.service.witnesses import Fault, Prove, Witnesses

MARK: Final = "restored.json"
_MAX: Final = 1024  # bytes
_log = logging.getLogger(__name__)


class Mark(NamedTuple):
    """That a data folder is a copy: of how many entries, made when."""

    size: int
    made: str

    @classmethod
    def read(cls, folder: Path) -> "Mark | None":
        """Return the mark of a data folder, None where there is none."""
        try:
            data = (folder / MARK).read_bytes()
        except FileNotFoundError:
            return None
        record = Record(parse_canonical(data, _MAX, MARK), MARK)
        mark = cls(record.integer("size"), record.text("made"))
        record.done()
        return mark

    def write(self, folder: Path) -> None:
        """Put the mark into a folder that is not in use yet."""
        (folder / MARK).write_bytes(canonical({"size": self.size, "made": self.made}))

    def clear(self, folder: Path) -> None:
        """Take the mark away: this copy is the log from now on."""
        (folder / MARK).unlink()


def check_restored(
    mark: Mark,
    committed: SignedCheckpoint,
    policies: Sequence[WitnessPolicy],
    prove: Prove,
    assured: int | None,
) -> None:
    """Require that somebody says that a restored copy is as far as its log ever was.

    What witnesses can prove, `check_history` has looked at before.

    Args:
        mark: of the copy.
        committed: its newest checkpoint.
        policies: whose witnesses are asked.
        prove: as of `Witnesses.cosign`.
        assured: the size beyond which nothing was published, by the word of the operator.

    Raises:
        NotAllowed: a witness claims a larger checkpoint, or nobody says that none does.
        Malformed: a policy that cannot be asked.
    """
    size = committed.checkpoint.size
    faults: list[Fault] = []
    spoke: list[str] = []
    for policy in policies:
        found = Witnesses(policy).cosign(committed, prove, only_known=True).faults
        silent = {fault.name for fault in found}
        spoke += [item.name for item in policy.witnesses if item.url and item.name not in silent]
        faults += found
    for fault in faults:
        if fault.size is not None and fault.size > size and assured is None:
            raise NotAllowed(refusal(mark, size, f"witness {fault.name} claims a ", fault.size))
    if assured is not None and assured != size:
        raise Conflict(f"--restored-at {assured}, but this copy has {size} entries")
    if not spoke and assured is None:
        raise NotAllowed("; ".join(_nobody(mark, size, faults)))
    _log.warning(
        "restored from the backup of %s: the log goes on after %d entries, by the word of %s",
        mark.made,
        size,
        ", ".join(dict.fromkeys(spoke)) if spoke else "whoever runs this registry",
    )


def refusal(mark: Mark | None, size: int, who: str, other: int) -> str:
    """Say that somebody has a checkpoint of `other` entries that a folder of `size` lacks."""
    copy = "" if mark is None else f" was restored from the backup of {mark.made} and"
    return (
        f"{who}checkpoint of {other} entries of this log, and this data folder{copy} has "
        f"{size}: to sign here would make a second history. Restore a "
        "newer backup; until then `serve --read-only` serves what is here"
    )


def _nobody(mark: Mark, size: int, faults: Sequence[Fault]) -> Iterator[str]:
    yield (
        f"this data folder was restored from the backup of {mark.made}, with {size} entries, and "
        "no witness can say whether the log had gone further"
    )
    yield from (f"witness {fault.name}: {fault.why}" for fault in faults)
    yield (
        f"if nothing was published after those, say so: serve --restored-at {size}. Until then "
        "`serve --read-only` serves what is here"
    )
