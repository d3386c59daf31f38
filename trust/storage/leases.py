"""What processes on one PostgreSQL database say to each other: who leads, and what is to be logged.

Time is the database's, so that no clock of a process counts. Nothing here is the truth about the
log: a lease that is lost, or a parcel that is, costs a repetition and no entry.
"""

import os
import secrets
import socket
from collections.abc import Sequence
from typing import Final, NamedTuple

from trust.core.errors import Unavailable
from trust.storage.ports import Transaction
from trust.storage.postgres import PostgresTables

LEASE_SECONDS: Final = 5
PARCEL_SECONDS: Final = 60  # after which nobody waits for a parcel any more
MOST_PARCELS: Final = 256  # at a time
PUBLISHED, HANDED_OVER = "touchplate_published", "touchplate_handed_over"  # channels
_TAKE: Final = (
    "insert into leases values ('log', 1, :holder, "
    "(extract(epoch from clock_timestamp()) * 1000)::bigint + :milliseconds, 0, '') "
    "on conflict (name) do update set epoch = leases.epoch + 1, "
    "holder = excluded.holder, until = excluded.until "
    "where leases.until < (extract(epoch from clock_timestamp()) * 1000)::bigint returning epoch"
)
_RENEW: Final = (
    "update leases set until = (extract(epoch from clock_timestamp()) * 1000)::bigint"
    " + :milliseconds where name = 'log' and epoch = :epoch and holder = :holder returning 1"
)
_GIVE_UP: Final = (
    "update leases set until = 0 where name = 'log' and epoch = :epoch and holder = :holder"
)
_CHECK: Final = (
    "select 1 from leases where name = 'log' and epoch = :epoch and holder = :holder for share"
)
_ANNOUNCE: Final = (
    "with told as (update leases set published = :seq, note = :note "
    "where name = 'log' and epoch = :epoch and holder = :holder returning 1) "
    "select pg_notify(:channel, '') from told"
)
_HAND_OVER: Final = (
    "with parcel as (insert into parcels values (?, ?, "
    "(extract(epoch from clock_timestamp()) * 1000)::bigint, ?, null) "
    "on conflict do nothing returning 1) "
    "select pg_notify(?, '') from parcel"
)
_WAITING: Final = (
    "select id, content from parcels where done is null "
    "and made > (extract(epoch from clock_timestamp()) * 1000)::bigint - ? "
    "and (epoch is null or epoch = ?) order by made, id limit ?"
)
_SWEEP: Final = (
    "delete from parcels where made < (extract(epoch from clock_timestamp()) * 1000)::bigint - ?"
)


class Announcement(NamedTuple):
    """What was published last: `seq` of the checkpoint, and its note with all signatures."""

    seq: int
    note: str


class Parcel(NamedTuple):
    """Statements that wait to be logged together; `content` is for those who pack it."""

    id: int
    content: bytes


class Lease:
    """The right to append, of one process: renewed in time, or somebody else's."""

    def __init__(self, database: PostgresTables) -> None:
        self._database = database
        self._holder = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(8)}"

    def take(self) -> int | None:
        """Take a lease that is free or has run out; return its epoch, higher than all before."""
        rows = self._database.apart(_TAKE, self._values(0))
        return rows[0][0] if rows else None

    def renew(self, epoch: int) -> bool:
        """Hold the lease for another five seconds; say whether it is still ours."""
        return bool(self._database.apart(_RENEW, self._values(epoch)))

    def give_up(self, epoch: int) -> None:
        """Let others lead at once."""
        self._database.apart(_GIVE_UP, self._values(epoch))

    def check(self, transaction: Transaction, epoch: int) -> None:
        """Require that the lease is ours until the transaction ends.

        Raises:
            Unavailable: another process has taken it.
        """
        if transaction.row(_CHECK, self._values(epoch)) is None:
            raise Unavailable("another process leads now")

    def announce(self, epoch: int, announcement: Announcement) -> None:
        """Tell every process what is published; nothing if another one leads."""
        self._database.apart(
            _ANNOUNCE,
            {**self._values(epoch), **announcement._asdict(), "channel": PUBLISHED},
        )

    def announced(self) -> Announcement | None:
        """Return what was announced last, None before the first."""
        row = self._database.row("select published, note from leases where note <> ''")
        return None if row is None else Announcement(*row)

    def _values(self, epoch: int) -> dict[str, object]:
        return {
            "epoch": epoch,
            "holder": self._holder,
            "milliseconds": LEASE_SECONDS * 1000,
        }


class Parcels:
    """What processes hand to the one that leads."""

    def __init__(self, database: PostgresTables) -> None:
        self._database = database

    def hand_over(self, parcel: Parcel, epoch: int | None) -> None:
        """Let whoever leads log a parcel, unless it is there; of an `epoch`, only its leader."""
        self._database.apart(_HAND_OVER, (parcel.id, epoch, parcel.content, HANDED_OVER))

    def waiting(self, epoch: int) -> list[Parcel]:
        """Return parcels that the leader of an epoch may log, in the order of their coming."""
        rows = self._database.rows(_WAITING, (PARCEL_SECONDS * 1000, epoch, MOST_PARCELS))
        return [Parcel(*row) for row in rows]

    def mark(self, transaction: Transaction, parcels: Sequence[Parcel], seq: int) -> None:
        """Say in the transaction that logs them by which checkpoint parcels are covered."""
        ids = [parcel.id for parcel in parcels]
        transaction.execute("update parcels set done = ? where id = any(?)", (seq, ids))

    def done(self, ids: Sequence[int], seq: int) -> list[int]:
        """Return which of some parcels are covered by a checkpoint, or by one before it."""
        rows = self._database.rows(
            "select id from parcels where id = any(?) and done <= ?", (list(ids), seq)
        )
        return [row[0] for row in rows]

    def take_back(self, parcel_id: int) -> None:
        """Take back a parcel for which nobody waits any more; it may be too late."""
        self._database.apart("delete from parcels where id = ? and done is null", (parcel_id,))

    def sweep(self) -> None:
        """Drop the parcels for which nobody waits any more."""
        self._database.apart(_SWEEP, (2 * PARCEL_SECONDS * 1000,))

    def logged(self, ids: Sequence[str]) -> set[str]:
        """Return which statements are committed, of some ids."""
        rows = self._database.rows("select id from entries where id = any(?)", (list(ids),))
        return {row[0] for row in rows}
