"""Where a registry keeps its log, by its settings: on this machine alone, or shared by processes.

PostgreSQL and S3 are imported only where they are asked for.
"""

from trust.service.append_path import AppendPath
from trust.service.appender import Appender
from trust.service.authorities import Authorities
from trust.service.clock import Clock
from trust.service.follower import Follower
from trust.service.opening import DATABASE
from trust.service.sequencer import Sequencer
from trust.service.settings import BUCKET, Settings
from trust.service.term import Term
from trust.service.witnesses import Witnesses
from trust.storage.database import Database
from trust.storage.ports import Tables, Tiles
from trust.storage.tiles import TileFolder


def open_tables(settings: Settings) -> Tables:
    """Return SQLite in the data folder, or the PostgreSQL database of the settings.

    Raises:
        Conflict: another process uses the folder, or a newer program the database.
        Unavailable: disk or server refuse.
    """
    if settings.database is None:
        return Database(settings.data / DATABASE)
    from trust.storage.postgres import PostgresTables  # noqa: PLC0415

    return PostgresTables(settings.database)


def open_tiles(settings: Settings, origin: str) -> Tiles:
    """Return the folder or the bucket that holds the public side of a log.

    Raises:
        Malformed: no URL of a bucket.
        Unavailable: the disk refuses.
    """
    place = settings.tiles or str(settings.data / "public")
    if not place.startswith(BUCKET):
        return TileFolder(settings.data / place / origin)
    from trust.storage.bucket import TileBucket  # noqa: PLC0415

    return TileBucket(place, origin)


def open_appender(
    settings: Settings,
    database: Tables,
    tiles: Tiles,
    authorities: Authorities,
    clock: Clock,
    witnesses: Witnesses,
) -> Appender:
    """Return what appends: this process, or the one that leads of those on the database.

    Raises:
        Unavailable: the stored log does not hold, or the disk refuses.
    """
    if settings.database is None:
        path = AppendPath(database, tiles, authorities, clock, witnesses)
        return Sequencer(path, settings.resign_seconds, read_only=settings.read_only)
    from trust.service.member import Member  # noqa: PLC0415
    from trust.storage.leases import Lease  # noqa: PLC0415
    from trust.storage.postgres import PostgresTables  # noqa: PLC0415

    if not isinstance(database, PostgresTables):
        raise TypeError("several processes share PostgreSQL, and nothing else")

    def open_path(term: Term) -> AppendPath:
        return AppendPath(database, tiles, authorities, clock, witnesses, term)

    lease = Lease(database)
    follower = Follower(database, lease, authorities, clock)
    return Member(
        database,
        lease,
        follower,
        open_path,
        settings.resign_seconds,
        read_only=settings.read_only,
    )
