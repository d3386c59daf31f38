"""Files that are whole and durable, or not there.

Bytes go to a temporary file beside the target and are synced; only then do they get the name, and
the folder is synced too, because a file's fsync does not cover its name. A crash leaves at most a
temporary file. After a failed fsync nobody knows what the disk holds: whoever meets one stops.
"""

import errno
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644
FOR_EVER = 0o444  # of what is never written again
_MOST_OPEN = 64  # files at a time


def create_exclusively(path: Path, data: bytes) -> None:
    """Write a new file of mode 0600 and return when it is durable; others may try the same.

    Raises:
        FileExistsError: something stands at `path`.
        OSError: the disk or the folder refused.
    """
    create({path: data}, PRIVATE, mark=secrets.token_hex(8))


def create(files: Mapping[Path, bytes], mode: int, *, mark: str = "new") -> None:
    """Write new files and return when all are durable: each is synced once, each folder once.

    They get their names by a link that fails if a name is taken; a rename would replace. What a
    crash left under the same `mark` makes way. So does what another writer with that mark is about
    to write: whoever finds the other's half-written file under its own name takes it away again.

    Raises:
        FileExistsError: something stands at one of the paths; some others may be there already.
        OSError: the disk or a folder refused, or another process writes the same file.
    """
    paths = list(files)
    for start in range(0, len(paths), _MOST_OPEN):
        group = paths[start : start + _MOST_OPEN]
        temporaries = [_beside(path, mark) for path in group]
        try:
            with _written(temporaries, [files[path] for path in group], mode) as handles:
                for temporary, path, handle in zip(temporaries, group, handles, strict=True):
                    _link(temporary, path, handle)
        finally:
            for temporary in temporaries:
                temporary.unlink(missing_ok=True)
    for folder in dict.fromkeys(path.parent for path in paths):
        sync_folder(folder)


def replace(path: Path, data: bytes) -> None:
    """Put a file of mode 0644 in the place of another, durably: readers see the old or the new."""
    write_beside(path, data, "new").replace(path)
    sync_folder(path.parent)


def write_beside(path: Path, data: bytes, mark: str) -> Path:
    """Write a file of mode 0644 that is to take the place of `path`; return when it is durable."""
    temporary = _beside(path, mark)
    with _written([temporary], [data], PUBLIC):
        return temporary


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, each durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _beside(path: Path, mark: str) -> Path:
    return path.with_name(f".{path.name}.{mark}")


def _link(temporary: Path, path: Path, handle: int) -> None:
    """Give a written file its name; raise OSError if it is another's that lay there meanwhile."""
    os.link(temporary, path)
    if not os.path.samestat(os.fstat(handle), path.stat()):
        path.unlink()
        raise BlockingIOError(errno.EAGAIN, f"another process writes {path.name}")


@contextmanager
def _written(
    paths: Sequence[Path], contents: Sequence[bytes], mode: int
) -> Iterator[Sequence[int]]:
    """Write files, then sync them all: the disk may take what waits for it in one go.

    Yields a handle of each: as long as it is open no other file can be taken for this one.
    """
    with ExitStack() as stack:
        handles = []
        for path, data in zip(paths, contents, strict=True):
            path.unlink(missing_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
            file = stack.enter_context(os.fdopen(handle, "wb"))
            os.fchmod(handle, mode)
            file.write(data)
            file.flush()
            handles.append(handle)
        for handle in handles:
            os.fsync(handle)
        yield handles
