"""A copy of a SQLite database that somebody else is using."""

import os
import sqlite3
from pathlib import Path

from trust.core.errors import Malformed, NotFound, Unavailable


def copy_database(source: Path, target: Path) -> None:
    """Write one committed state of a database to a new file, durably.

    Whoever writes to it goes on: the copy is read in one transaction, by a connection that can
    neither write nor checkpoint.

    Raises:
        NotFound: there is no database.
        Unavailable: it, or the disk, refused.
    """
    if not source.is_file():
        raise NotFound(f"no database at {source}")
    try:
        connection = sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)
        try:
            target.touch(mode=0o600, exist_ok=False)  # an empty file is taken as it is
            connection.execute("vacuum into ?", (str(target),))
        finally:
            connection.close()
        with target.open("rb+") as file:
            os.fsync(file.fileno())
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"cannot copy the database {source}: {error}") from error


def check_database(path: Path) -> None:
    """Require that a file is a whole database; raise Malformed otherwise."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            found = connection.execute("pragma integrity_check(1)").fetchall()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise Malformed(str(error), path.name) from error
    if found != [("ok",)]:
        raise Malformed(str(found[0][0]), path.name)


def newest_note(path: Path) -> str:
    """Return the newest committed checkpoint of a copy; raise NotFound before the first."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        row = connection.execute(
            "select note from checkpoints order by seq desc limit 1"
        ).fetchone()
    except sqlite3.Error as error:
        raise Malformed(str(error), path.name) from error
    finally:
        connection.close()
    if row is None:
        raise NotFound("nothing was published yet")
    return str(row[0])
