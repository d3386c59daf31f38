"""Copies of a data folder that can be put back, made while the registry serves.

    DIR or FILE.tar
        backup.json         what this is, how far the log goes, the SHA-256 of every other file
        registry.db         one committed state
        keys.json, ..       the key files as they are: encrypted. The passphrase is not here
        public/<origin>/    the published checkpoint, and the tiles up to the committed size

The order keeps a copy consistent without stopping anybody: the published checkpoint first, so that
it is never ahead of the database; then the database; then tiles, which never change, and are made
again from the entries where they are missing; the key files last, because a key is there before the
database speaks of it.

A copy that was put back holds a mark: `restored.py` says what it may do.
"""

import hashlib
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Protocol

from trust.core.canonical import Json, canonical, parse_canonical
from trust.core.encoding import format_time
from trust.core.errors import Conflict, Malformed, NotFound, Unavailable
from trust.core.log.checkpoint import Checkpoint, check_origin
from trust.core.log.note import Note
from trust.core.log.tile import ENTRIES, WIDTH, TilePath
from trust.core.record import Record
from trust.custody.files import sync_folder
from trust.service.keyring import is_key_file
from trust.service.opening import DATABASE
from trust.service.restored import Mark
from trust.storage.copying import check_database, copy_database, newest_note
from trust.storage.tiles import CHECKPOINT

TYPE: Final = "touchplate-backup-v1"
MANIFEST: Final = "backup.json"
PUBLIC: Final = "public"
_MAX_MANIFEST: Final = 256 * 1024 * 1024  # bytes: a hundred a tile, and a tile a checkpoint
_PIECE: Final = 1024 * 1024


class Summary(NamedTuple):
    """What a backup holds."""

    origin: str
    size: int
    made: str  # a time as text
    files: int


class _Source(Protocol):
    """A backup that is read."""

    def open(self, name: str) -> BinaryIO:
        """Open a file of it; raise NotFound."""


def back_up(data: Path, target: Path, now: int) -> Summary:
    """Copy the data folder of a registry to a new folder, or to a new file that ends in `.tar`.

    Raises:
        NotFound: no registry lies there.
        Conflict: something stands at `target`.
        Unavailable: the disk refused; nothing stands at `target`.
    """
    if os.path.lexists(target):
        raise Conflict(f"{target} exists already, a backup never replaces anything")
    with _disk(target), _beside(target) as folder:
        origin, size, files = _copy_all(data, folder)
        manifest: dict[str, Json] = {
            "type": TYPE,
            "origin": origin,
            "size": size,
            "made": format_time(now),
            "files": {**files},
        }
        _write(folder / MANIFEST, canonical(manifest))
        _put_in_place(folder, target)
    return Summary(origin, size, format_time(now), len(files))


def restore(source: Path, data: Path) -> Summary:
    """Put a backup back as a data folder that is not there yet; every file is checked.

    Raises:
        NotFound: no backup lies there, or a file of it is gone.
        Malformed: not a backup, or a file of it was changed.
        Conflict: something stands at `data`.
        Unavailable: the disk refused; nothing stands at `data`.
    """
    if os.path.lexists(data):
        raise Conflict(f"{data} exists already; a backup is put back where nothing is")
    with _disk(data), _opened(source) as backup, _beside(data) as folder:
        summary, files = _manifest(backup)
        for name, digest in files.items():
            with backup.open(name) as stream:
                if _copy(stream, folder / name) != digest:
                    raise Malformed("the file was changed after the backup", name)
        check_database(folder / DATABASE)
        Mark(summary.size, summary.made).write(folder)
        _put_in_place(folder, data)
    return summary


def _copy_all(data: Path, folder: Path) -> tuple[str, int, dict[str, str]]:
    """Copy in the order that is said above; return origin, committed size and digests."""
    if not (data / DATABASE).is_file():
        raise NotFound(f"no registry at {data}")
    files: dict[str, str] = {}

    def take(path: Path) -> None:
        name = path.relative_to(data).as_posix()
        with path.open("rb") as stream:
            files[name] = _copy(stream, folder / name)

    for path in data.glob(f"{PUBLIC}/*/{CHECKPOINT}"):
        take(path)
    copy_database(data / DATABASE, folder / DATABASE)
    files[DATABASE] = _digest(folder / DATABASE)
    committed = Checkpoint.parse(Note.parse(newest_note(folder / DATABASE)).text)
    for path in _tiles(data / PUBLIC / committed.origin, committed.size):
        with suppress(FileNotFoundError):  # a partial tile goes once its full one is published
            take(path)
    for path in sorted(data.glob("keys*.json")):
        if is_key_file(path.name):
            take(path)
    return committed.origin, committed.size, files


def _tiles(folder: Path, size: int) -> Iterator[Path]:
    """Yield the tiles of the first `size` entries; what is newer is not in the database copy."""
    for place, _, names in os.walk(folder / "tile"):
        for name in names:
            path = Path(place) / name
            if not name.startswith(".") and _covered(path.relative_to(folder).as_posix(), size):
                yield path


def _covered(name: str, size: int) -> bool:
    tile = TilePath.parse(name)
    unit = 1 if tile.level == ENTRIES else WIDTH**tile.level
    return (tile.number * WIDTH + tile.width) * unit <= size


def _manifest(backup: _Source) -> tuple[Summary, dict[str, str]]:
    with backup.open(MANIFEST) as stream:
        data = stream.read(_MAX_MANIFEST + 1)
    record = Record(parse_canonical(data, _MAX_MANIFEST, MANIFEST), MANIFEST)
    record.constant("type", TYPE)
    origin = check_origin(record.text("origin", 300), f"{MANIFEST}.origin")
    size, made = record.integer("size"), format_time(record.time("made"))
    listed = record.raw("files")
    record.done()
    if not isinstance(listed, dict) or DATABASE not in listed:
        raise Malformed("lists no database", MANIFEST)
    files = {name: str(digest) for name, digest in listed.items()}
    for name in files:
        _check_name(name)
    return Summary(origin, size, made, len(files)), files


def _check_name(name: str) -> None:
    """A name of a manifest becomes a path: only those that a backup makes are taken."""
    if name == DATABASE or is_key_file(name):
        return
    parts = name.split("/", 2)
    if len(parts) == 3 and parts[0] == PUBLIC and parts[1].strip("."):  # noqa: PLR2004
        check_origin(parts[1], MANIFEST)
        if parts[2] == CHECKPOINT or str(TilePath.parse(parts[2])) == parts[2]:
            return
    raise Malformed(f"{name[:80]!r} is no file of a backup", MANIFEST)


class _Folder(NamedTuple):
    path: Path

    def open(self, name: str) -> BinaryIO:
        """Open a file of the folder."""
        try:
            return (self.path / name).open("rb")
        except FileNotFoundError as error:
            raise NotFound(f"{name} is not in the backup {self.path}") from error


class _Archive(NamedTuple):
    path: Path
    tar: tarfile.TarFile

    def open(self, name: str) -> BinaryIO:
        """Open a file of the archive; links and devices are not files."""
        try:
            member = self.tar.getmember(name)
        except KeyError as error:
            raise NotFound(f"{name} is not in the backup {self.path}") from error
        stream = self.tar.extractfile(member) if member.isreg() else None
        if stream is None:
            raise Malformed("is no plain file", name)
        return stream  # type: ignore[return-value]  # an IO[bytes]


@contextmanager
def _opened(source: Path) -> Iterator[_Source]:
    if source.is_dir():
        yield _Folder(source)
        return
    with ExitStack() as stack:
        try:
            tar = stack.enter_context(tarfile.open(source, "r:"))
        except FileNotFoundError as error:
            raise NotFound(f"no backup at {source}") from error
        except tarfile.TarError as error:
            raise Malformed(f"is no backup: {error}", str(source)) from error
        yield _Archive(source, tar)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Yield a new folder beside the target, which is gone afterwards unless it was renamed."""
    folder = target.absolute().with_name(f".{target.name}.{secrets.token_hex(4)}")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(folder: Path, target: Path) -> None:
    """Give a whole copy its name, durably; of a `.tar` first make the one file."""
    with ExitStack() as stack:
        whole = folder
        if target.suffix == ".tar":
            whole = folder.with_name(f"{folder.name}.tar")
            stack.callback(whole.unlink, missing_ok=True)
            with whole.open("xb") as file:
                whole.chmod(0o600)
                with tarfile.open(fileobj=file, mode="w:") as tar:
                    for path in sorted(folder.rglob("*")):
                        tar.add(path, path.relative_to(folder).as_posix(), recursive=False)
                file.flush()
                os.fsync(file.fileno())
        else:
            for place, _, _ in os.walk(folder):
                sync_folder(Path(place))
        whole.rename(target)
        sync_folder(target.absolute().parent)


def _copy(stream: BinaryIO, target: Path) -> str:
    """Write a stream to a new private file, durably; return its SHA-256 in hex."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _disk(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, tarfile.TarError) as error:
        raise Unavailable(f"cannot write {target}: {error}") from error
