"""What every process sees: the state that the leader announced last, read from the database."""

from trust.core.canonical import Json, parse
from trust.core.errors import Unavailable
from trust.core.registry.status import MAX_SNAPSHOT, parse_status
from trust.core.registry.status_tree import StatusTree
from trust.service.append_path import Published
from trust.service.authorities import Authorities
from trust.service.clock import Clock
from trust.service.log_recovery import open_stored
from trust.service.projections import EVENTS_SQL, status_lines
from trust.storage.leases import Announcement, Lease
from trust.storage.ports import Tables


class Follower:
    """Follows what is announced. `published` is swapped whole and never goes back."""

    def __init__(
        self, database: Tables, lease: Lease, authorities: Authorities, clock: Clock
    ) -> None:
        self._database, self._lease = database, lease
        self._authorities, self._clock = authorities, clock
        self._seen: Announcement | None = None
        self._last: int | None = -1  # index of the newest status event in `_tree`
        self._tree = StatusTree([])
        self.published: Published | None = None

    @property
    def row(self) -> int:
        """The `seq` of the checkpoint that is published; 0 before the first."""
        return 0 if self._seen is None else self._seen.seq

    def refresh(self) -> None:
        """Take up what was announced since.

        Raises:
            Unavailable: the database does not answer, or holds something else than was signed.
        """
        announced = self._lease.announced()
        if announced is None or announced == self._seen or announced.seq < self.row:
            return
        checkpoint = open_stored(announced.note, self._authorities)
        row = self._database.row("select snapshot from checkpoints where seq = ?", (announced.seq,))
        if row is None:
            raise Unavailable(f"no checkpoint {announced.seq}, which was announced")
        document: Json = {"snapshot": parse(row[0], 2 * MAX_SNAPSHOT), "proofs": []}
        status = parse_status(document)
        size = checkpoint.checkpoint.size
        (last,) = self._database.row("select max(idx) from status_events where idx < ?", (size,))
        if last != self._last:
            events = self._database.rows(EVENTS_SQL, (size,))
            self._last, self._tree = last, StatusTree(status_lines(events))
        self._clock.advance(checkpoint.time)  # never give an earlier time than the leader's
        self.published = Published(checkpoint, status, self._tree)
        self._seen = announced
