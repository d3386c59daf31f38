"""A disk that remembers what was done to it, and the states that a power cut may leave.

SQLite writes through an APSW VFS that records; the functions of `os` by which tiles and checkpoint
are laid are recorded too, in one order. Only what was synced is sure: a file's bytes by a sync of
the file, its name by one of its folder. Of the rest, each change is there, torn, or lost, as chance
has it. Temporary files are left out: a start clears them away.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import apsw

SECTOR = 512
VFS = "recorded"
FILE_SYNC, FOLDER_SYNC = "file sync", "folder sync"


class Event(NamedTuple):
    """One thing that was done; what the members mean depends on the kind."""

    kind: str
    name: str = ""
    place: int = 0
    data: bytes = b""


Tape = list[Event]


class _RecordedFile(apsw.VFSFile):
    def __init__(self, tape: Tape, name: Any, flags: Any) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._tape, self._name = tape, Path(path).name
        super().__init__("", name, flags)
        tape.append(Event("open", self._name))

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - the name is APSW's
        self._tape.append(Event("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._tape.append(Event("truncate", self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._tape.append(Event("sync", self._name))
        super().xSync(flags)


class RecordedVfs(apsw.VFS):
    """A file system for SQLite; keep it while a connection uses it."""

    def __init__(self, tape: Tape) -> None:
        super().__init__(VFS, "")
        self._tape = tape

    def xOpen(self, name: Any, flags: Any) -> Any:  # noqa: N802
        """Open a file that is recorded."""
        return _RecordedFile(self._tape, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802
        """Record that a file is gone, and whether that is sure."""
        self._tape.append(Event("unlink", Path(filename).name, int(syncdir)))
        super().xDelete(filename, syncdir)


class _Os:
    """The functions of `os` by which files are laid, recorded."""

    def __init__(self, tape: Tape, without: str | None) -> None:
        self._tape, self._without = tape, without
        self._synced: dict[int, bytes] = {}  # what is sure of a file, by its inode
        self._open, self._fsync, self._link, self._replace = os.open, os.fsync, os.link, os.replace

    def open(self, path: Any, flags: int, *rest: Any) -> int:
        handle = self._open(path, flags, *rest)
        if flags & os.O_CREAT:
            self._synced.pop(os.fstat(handle).st_ino, None)
        return handle

    def fsync(self, handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        folder = path.is_dir()
        if self._without != (FOLDER_SYNC if folder else FILE_SYNC):
            if folder:
                self._tape.append(Event("sync folder", str(path)))
            else:
                self._synced[os.fstat(handle).st_ino] = path.read_bytes()
        self._fsync(handle)

    def link(self, source: Any, target: Any) -> None:
        self._link(source, target)
        self._laid(source, target)

    def replace(self, source: Any, target: Any) -> None:
        self._laid(source, target)
        self._replace(source, target)

    def _laid(self, source: Any, target: Any) -> None:
        data = Path(source).read_bytes()
        sure = self._synced.get(Path(source).stat().st_ino) == data
        self._tape.append(Event("lay", str(target), int(sure), data))


@contextmanager
def recorded_files(tape: Tape, without: str | None) -> Iterator[None]:
    """Record how files are laid; syncs of one kind may be left out, as a hasty change would."""
    recorder = _Os(tape, without)
    with (
        mock.patch.object(os, "open", recorder.open),
        mock.patch.object(os, "fsync", recorder.fsync),
        mock.patch.object(os, "link", recorder.link),
        mock.patch.object(os, "replace", recorder.replace),
    ):
        yield


class _Body:
    """A file of SQLite: what is on the platter, and what is still on its way."""

    def __init__(self, data: bytes) -> None:
        self.sure = bytearray(data)
        self._pending: list[Event] = []

    def change(self, event: Event) -> None:
        self._pending.append(event)

    def sync(self) -> None:
        for event in self._pending:
            _apply(self.sure, event)
        self._pending.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        data = bytearray(self.sure)
        for event in self._pending:
            fate = chance.random()
            if fate < 0.4:
                _apply(data, event)
            elif fate < 0.6 and event.kind == "write" and len(event.data) > SECTOR:
                kept = SECTOR * chance.randrange(1, len(event.data) // SECTOR + 1)
                _apply(data, event._replace(data=event.data[:kept]))
        return bytes(data)


def _apply(data: bytearray, event: Event) -> None:
    if event.kind == "truncate":
        del data[event.place :]
        return
    data.extend(bytes(max(0, event.place - len(data))))
    data[event.place : event.place + len(event.data)] = event.data


def database_after(tape: Tape, before: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """Return the files of SQLite that a cut at the end of the tape may leave."""
    platter = _Platter(before)
    for event in tape:
        platter.take(event)
    return platter.after_cut(chance)


class _Platter:
    """The folder of a SQLite database."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self._files = {name: _Body(data) for name, data in before.items()}
        self._gone: dict[str, _Body] = {}  # unlinked, and the folder not synced since
        self._fresh: set[str] = set()  # made, and the folder not synced since

    def take(self, event: Event) -> None:
        name = event.name
        if event.kind == "open" and name not in self._files:
            self._files[name] = _Body(b"")
            self._fresh.add(name)
        elif event.kind in {"write", "truncate"}:
            self._files[name].change(event)
        elif event.kind == "sync":
            self._sync(name)
        elif event.kind == "unlink" and name in self._files:
            self._gone[name] = self._files.pop(name)
            self._fresh.discard(name)

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        lost = {name for name in sorted(self._fresh) if chance.random() < 0.5}
        kept = {name: body for name, body in self._files.items() if name not in lost}
        kept |= {name: body for name, body in sorted(self._gone.items()) if chance.random() < 0.5}
        return {name: body.after_cut(chance) for name, body in kept.items()}

    def _sync(self, name: str) -> None:
        self._files[name].sync()
        if name in self._fresh and name.endswith(("-journal", "-wal")):
            self._gone.clear()  # SQLite syncs the folder with the first sync of a new journal
            self._fresh.clear()


def files_after(tape: Tape, chance: random.Random) -> dict[str, bytes]:
    """Return the files that were laid, as a cut at the end of the tape may leave them."""
    sure: dict[str, bytes] = {}
    pending: dict[str, list[Event]] = {}  # by path, since the last sync of its folder
    for event in tape:
        if event.kind == "lay":
            pending.setdefault(event.name, []).append(event)
        elif event.kind == "sync folder":
            for name in [name for name in pending if str(Path(name).parent) == event.name]:
                sure[name] = _content(pending.pop(name)[-1], chance)
    for name, events in pending.items():
        reached = chance.randrange(len(events) + 1)  # names change in order
        if reached:
            sure[name] = _content(events[reached - 1], chance)
    return sure


def _content(event: Event, chance: random.Random) -> bytes:
    """The bytes of a file whose name is there: whole if they were synced, else who knows."""
    if event.place:
        return event.data
    return event.data[: chance.choice((0, len(event.data) // 2, len(event.data)))]
