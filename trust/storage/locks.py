"""Locks on files: the system frees them when their process ends, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from trust.core.errors import Conflict, Unavailable

_POLL: Final = 0.02  # seconds
_MAX_NOTE: Final = 32  # bytes


@contextmanager
def held(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a file, which is made if it is not there, until the block ends.

    Raises:
        Unavailable: another process held it all the time.
        OSError: the file cannot be made.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(handle, path, seconds)
        yield
    finally:
        os.close(handle)


class FolderLock:
    """One process a folder. The lock is a file in it that holds the number of the process."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            Conflict: another process holds it.
            OSError: the folder cannot be written to.
        """
        self._handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            by = os.pread(self._handle, _MAX_NOTE, 0).decode("ascii", "replace").strip()
            os.close(self._handle)
            raise Conflict(
                f"{folder} is in use by process {by or 'unknown'}: a log in SQLite has one process"
            ) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, b"%d\n" % os.getpid(), 0)

    def close(self) -> None:
        """Let others in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _wait(handle: int, path: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"another process holds {path.name} and does not go on"
                ) from error
            time.sleep(_POLL)
        else:
            return
