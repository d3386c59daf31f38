"""What the outside was promised and shown. After each fault the public files are held against it.

Nothing here asks the registry: checkpoints and tiles are read as a stranger reads them, and judged
by the core. What does not hold is counted under one of these names:

    lost        acknowledged, and not under the newest checkpoint, or not where it was said to be
    fork        two checkpoints that cannot both be of one log
    duplicate   one index for two statements, or one statement at two indexes
    missing     a checkpoint whose tiles are not there, or do not lead to it
    forged      a checkpoint that the log's and the clock's keys did not both sign
    stuck       a start that needed hands
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from trust.core.errors import Malformed, NotFound, TouchplateError, VerificationFailed
from trust.core.log.checkpoint import Checkpoint, open_checkpoint
from trust.core.log.merkle import (
    check_consistency,
    leaf_hash,
    prove_consistency,
    root_from_reader,
)
from trust.core.log.note import VerifierKey
from trust.core.log.tile import ENTRIES, WIDTH, TilePath, hash_reader, parse_entry_bundle

HASH_SIZE = 32  # bytes
FAULTS = ("lost", "fork", "duplicate", "missing", "forged", "stuck")
Read = Callable[[TilePath], bytes]


class Promise(NamedTuple):
    """An acknowledgement: this leaf stands at this index."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    leaf: bytes


class Ledger:
    """Collects promises and checkpoints of one log, and counts what does not hold."""

    def __init__(self, log_key: VerifierKey, clock_key: VerifierKey) -> None:
        self._keys = log_key, clock_key
        self._promised: dict[str, Promise] = {}
        self._leaves: dict[int, bytes] = {}
        self._shown: dict[int, bytes] = {}  # root by size
        self._tied: set[int] = set()  # sizes that a later checkpoint was found to continue
        self._held = 0  # entries that were read and found right
        self.faults: Counter[str] = Counter()
        self.details: list[str] = []

    @property
    def promises(self) -> int:
        """Statements that were acknowledged."""
        return len(self._promised)

    @property
    def size(self) -> int:
        """The largest size that was shown."""
        return max(self._shown, default=0)

    def promise(self, name: str, index: int, leaf: bytes) -> None:
        """Note an acknowledgement of the statement with this id."""
        promise = Promise(index, leaf)
        before = self._promised.setdefault(name, promise)
        other = self._leaves.setdefault(index, leaf)
        if before != promise or other != leaf:
            self._fault("duplicate", f"{name} was acknowledged at {before.index} and at {index}")

    def lose(self, name: str) -> None:
        """Note that a statement was acknowledged which is not even recorded."""
        self._fault("lost", f"{name} is not recorded")

    def show(self, note: str) -> Checkpoint | None:
        """Note a checkpoint that anyone may have seen."""
        try:
            checkpoint = open_checkpoint(note, *self._keys).checkpoint
        except TouchplateError as error:
            self._fault("forged", str(error))
            return None
        if self._shown.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            self._fault("fork", f"two roots of size {checkpoint.size}")
        return checkpoint

    def stuck(self, why: object) -> None:
        """Note a start that failed."""
        self._fault("stuck", str(why))

    def take(self, other: "Ledger") -> None:
        """Take over what did not hold in another ledger."""
        self.faults += other.faults
        self.details += other.details

    def judge(self, note: str | None, read: Read, *, whole: bool = False) -> None:
        """Hold the public files against all that was promised and shown.

        Args:
            note: the checkpoint that stands there now, None without one.
            read: a reader of tiles that raises NotFound.
            whole: read every entry again, not only those that are new since the last time.
        """
        checkpoint = None if note is None else self.show(note)
        if checkpoint is None:
            if self._promised or self._shown:
                self._fault("lost", "no checkpoint is published")
            return
        if checkpoint.size < self.size:
            self._fault("fork", f"size {self.size} was shown, now it is {checkpoint.size}")
        for name, promise in self._promised.items():
            if promise.index >= checkpoint.size:
                self._fault("lost", f"{name} at {promise.index}, the size is {checkpoint.size}")
        try:
            self._check_tiles(checkpoint, read, 0 if whole else self._held)
            self._tie(checkpoint, read)
        except (Malformed, NotFound) as error:
            self._fault("missing", str(error))
        except VerificationFailed as error:
            self._fault("fork", str(error))

    def _check_tiles(self, checkpoint: Checkpoint, read: Read, start: int) -> None:
        """Read entries and hashes from `start` on; they must lead to the root."""
        hashes = hash_reader(checkpoint.size, read)
        for index, leaf in _entries(start, checkpoint.size, read):
            if leaf_hash(leaf) != hashes(0, index):
                self._fault("missing", f"entry {index} is not under its hash")
            if self._leaves.get(index, leaf) != leaf:
                self._fault("lost", f"another entry stands at {index}")
        if root_from_reader(checkpoint.size, hashes) != checkpoint.root:
            self._fault("missing", f"the tiles do not lead to the root of size {checkpoint.size}")
            return
        self._held = checkpoint.size

    def _tie(self, newest: Checkpoint, read: Read) -> None:
        """Every checkpoint that was shown: its own tiles are there, and the newest continues it."""
        for size, root in self._shown.items():
            if size in self._tied or size > newest.size:
                continue
            if root_from_reader(size, hash_reader(size, read)) != root:
                self._fault("missing", f"the tiles of size {size} do not lead to its root")
            proof = prove_consistency(size, newest.size, hash_reader(newest.size, read))
            proof = [] if size in {0, newest.size} else proof
            check_consistency(size, newest.size, root, newest.root, proof)
            if size < newest.size:
                self._tied.add(size)

    def _fault(self, kind: str, detail: str) -> None:
        self.faults[kind] += 1
        self.details.append(f"{kind}: {detail}")


def _entries(start: int, size: int, read: Read) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of a log with their indexes, from the tile of `start` on."""
    for number in range(start // WIDTH, -(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        found = parse_entry_bundle(read(TilePath(ENTRIES, number, width)))
        if len(found) != width:
            raise Malformed(f"{len(found)} entries, expected {width}", f"entry tile {number}")
        yield from enumerate(found, number * WIDTH)


def folder_reader(folder: Path) -> Read:
    """Return a reader of the tiles in a folder."""

    def read(path: TilePath) -> bytes:
        try:
            return (folder / str(path)).read_bytes()
        except FileNotFoundError as error:
            full = folder / str(path._replace(width=WIDTH))
            if path.level != ENTRIES and full.exists():  # a full tile replaces its parts
                return full.read_bytes()[: HASH_SIZE * path.width]
            raise NotFound(f"no tile {path}") from error

    return read


def checkpoint_in(folder: Path) -> str | None:
    """Return the checkpoint that stands in a folder."""
    path = folder / "checkpoint"
    return path.read_text(encoding="utf-8") if path.exists() else None
