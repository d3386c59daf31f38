"""The tree over all lines of the status: built once for a snapshot, then asked for proofs."""

from bisect import bisect_left
from collections.abc import Sequence

from trust.core.log.merkle import path_in, root_hash, tree_levels
from trust.core.registry.status_line import Line, LineProof, StatusProof


class StatusTree:
    """The lines at one size of the log, sorted by k, with every level of their tree."""

    def __init__(self, lines: Sequence[Line] = ()) -> None:
        """Hash every line; requires them sorted by k, one per k."""
        self.lines = tuple(lines)
        self._names = [line.k for line in self.lines]
        self._levels = tree_levels([line.leaf for line in self.lines])

    @property
    def root(self) -> bytes:
        """The RFC 6962 root over the lines; of none, SHA-256 of nothing."""
        return root_hash(self._levels[-1])

    def prove(self, k: bytes) -> StatusProof:
        """Prove the presence or absence of k; O(log n), and nothing is hashed."""
        place = bisect_left(self._names, k)
        if place < len(self.lines) and self._names[place] == k:
            return StatusProof(k, self._proof(place), None, None)
        return StatusProof(k, None, self._proof(place - 1), self._proof(place))

    def _proof(self, index: int) -> LineProof | None:
        if not 0 <= index < len(self.lines):
            return None
        return LineProof(self.lines[index], index, tuple(path_in(self._levels, index)))
