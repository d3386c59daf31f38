"""From paths to SHA-256 digests by name: what is signed and what is verified.

Files are read in pieces of 64 KiB (larger ones measured 1.2 to 1.5 times slower) and never held. A
directory is walked in sorted order; links are followed, and a link that leads back to a folder it
stands in is refused. A name is the path below the directory with `/` between its parts, in NFC; it
must be UTF-8, and no two may be equal after NFC. A dossier or bare bundle at the top of a directory
is not part of the work.

Over 1,000 files of a directory are signed by their manifest. Standard input is read once.
"""

# pathlib would cost a tenth of what `verify` may take to start.

import hashlib
import os
import stat
import sys
import unicodedata
from typing import NamedTuple

from trust.core.canonical import check_text
from trust.core.errors import Malformed
from trust.core.registry.dossier import BARE_SUFFIX, MAX_DOSSIER, SUFFIX
from trust.core.registry.dossier import MEDIA_TYPE as DOSSIER_TYPE
from trust.core.signing.bundle import MEDIA_TYPE as BUNDLE_TYPE
from trust.core.signing.manifest import manifest_digest
from trust.core.signing.private import MAX_NAME, MAX_SUBJECTS
from trust_cli.home import reason
from trust_cli.output import Progress

PIECE = 64 * 1024  # bytes
MAX_FILES = 1_000_000  # of a directory: their names are held in memory
MAX_FOLDERS = 100_000  # that one directory is walked through
STDIN = "-"
_DOSSIER_START = b'{"bundle":'  # the first member in RFC 8785 order
_MEDIA_TYPES = (DOSSIER_TYPE.encode(), BUNDLE_TYPE.encode())


class Found(NamedTuple):
    """A file that was found: where it lies and its size in bytes."""

    path: str
    size: int


class Hashed(NamedTuple):
    """Digests by name. `whole`: the names are a complete set, such as a directory."""

    files: dict[str, bytes]
    whole: bool
    size: int

    @property
    def by_manifest(self) -> bool:
        """Whether these are too many for one subject each."""
        return len(self.files) > MAX_SUBJECTS

    @property
    def known_by(self) -> bytes:
        """A digest under which a registry lists a deliverable of all of these."""
        return manifest_digest(self.files) if self.by_manifest else next(iter(self.files.values()))


def hash_path(path: str) -> Hashed:
    """Hash a file, or every file of a directory.

    Raises:
        Malformed: missing, unreadable, neither file nor directory; or what `find` refuses.
    """
    if os.path.isdir(path):
        return _hash_all(find(path), whole=True)
    name = checked_name(os.path.basename(path), path)
    return _hash_all({name: found_file(path)}, whole=False)


def hash_stdin(name: str) -> Hashed:
    """Hash standard input to its end, as a file of this name."""
    name = checked_name(name, STDIN)
    digest, size = hashlib.sha256(), 0
    progress = Progress("hashing", 0)
    try:
        while piece := sys.stdin.buffer.read(PIECE):
            digest.update(piece)
            size += len(piece)
            progress.add(len(piece))
    except OSError as error:
        raise Malformed(reason(error), STDIN) from error
    finally:
        progress.end()
    return Hashed({name: digest.digest()}, whole=False, size=size)


def hash_files(paths: list[str]) -> Hashed:
    """Hash several files, named by the last part of their paths; at most 1,000, all different."""
    found: dict[str, Found] = {}
    for path in paths:
        if os.path.isdir(path):
            raise Malformed(
                "a directory among several paths, expected one directory or files", path
            )
        _add(found, os.path.basename(path), found_file(path))
    if len(found) > MAX_SUBJECTS:
        raise Malformed(
            f"{len(found)} files, expected at most {MAX_SUBJECTS} by name; sign their directory"
        )
    return _hash_all(found, whole=len(found) > 1)


def hash_named(files: dict[str, str]) -> Hashed:
    """Hash the files at these paths under the names of a dossier."""
    return _hash_all({name: found_file(path) for name, path in files.items()}, whole=True)


def find(directory: str) -> dict[str, Found]:
    """Return every file of a directory by name, sorted.

    Raises:
        Malformed: no file, over 1,000,000, a link without a target or in a loop, folders without
            end, a device or pipe, a name that is not UTF-8, too long, that a terminal would obey,
            or equal to another after NFC.
    """
    walk = _Walk()
    walk.into(directory, "", frozenset())
    if not walk.found:
        raise Malformed("no file in this directory, nothing to sign or verify", directory)
    return dict(sorted(walk.found.items()))


def is_proof(path: str) -> bool:
    """Say whether a file is a dossier or a bare bundle, by its own words and not by its name.

    A damaged one counts: whoever reads it says what is wrong with it.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_DOSSIER:
            return False  # of a pipe nobody knows when, or whether, it is read to its end
        with open(path, "rb") as file:
            data = file.read(MAX_DOSSIER)
    except (OSError, ValueError):
        return False
    if data.startswith(_DOSSIER_START):
        return True
    return data.lstrip()[:1] == b"{" and any(kind in data for kind in _MEDIA_TYPES)


def found_file(path: str) -> Found:
    """Return a regular file; raise Malformed for anything else."""
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        raise Malformed(reason(error), path) from error
    if not stat.S_ISREG(status.st_mode):
        raise Malformed("neither a file nor a directory", path)
    return Found(path, status.st_size)


def checked_name(name: str, path: str) -> str:
    """Return a file name as it is signed, in NFC.

    Raises:
        Malformed: not UTF-8, or a control or bidi character in it.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed("the file name is not UTF-8", repr(os.fsencode(path))[2:-1]) from error
    name = unicodedata.normalize("NFC", name)
    if "\n" in name:
        raise Malformed("the file name holds a line feed", path)
    return check_text(name, path)


class _Walk:
    """One walk over a directory: what it found, and how many folders it went into."""

    def __init__(self) -> None:
        self.found: dict[str, Found] = {}
        self._folders = 0

    def into(self, folder: str, prefix: str, above: frozenset[tuple[int, int]]) -> None:
        """Take every file of a folder; `above` are the folders that it stands in."""
        self._folders += 1  # links can lead through few folders in many ways, with no file in any
        if self._folders > MAX_FOLDERS:
            raise Malformed(f"more than {MAX_FOLDERS} folders below it", folder)
        if len(prefix) > MAX_NAME:
            raise Malformed(f"{len(prefix)} characters of a name, expected at most {MAX_NAME}")
        try:
            status = os.stat(folder)
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise Malformed(reason(error), folder) from error
        identity = (status.st_dev, status.st_ino)
        if identity in above:
            raise Malformed("a link that leads back to a folder it stands in", folder)
        for entry in listed:
            if not prefix and entry.name.endswith((SUFFIX, BARE_SUFFIX)) and is_proof(entry.path):
                continue
            if _is_folder(entry):
                checked_name(entry.name, entry.path)
                self.into(entry.path, f"{prefix}{entry.name}/", above | {identity})
            else:
                _add(self.found, prefix + entry.name, found_file(entry.path))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError as error:  # a link to itself
        raise Malformed(reason(error), entry.path) from error


def _add(found: dict[str, Found], name: str, file: Found) -> None:
    name = checked_name(name, file.path)
    if name in found:
        raise Malformed(
            f"the same name as {found[name].path!r} (names are compared in Unicode NFC)", file.path
        )
    found[name] = file
    if len(found) > MAX_FILES:
        raise Malformed(f"over {MAX_FILES} files, expected at most that many", file.path)


def _hash_all(found: dict[str, Found], *, whole: bool) -> Hashed:
    total = sum(file.size for file in found.values())
    progress = Progress("hashing", total)
    buffer = bytearray(PIECE)
    try:
        digests = {name: _digest(file.path, buffer, progress) for name, file in found.items()}
    finally:
        progress.end()
    return Hashed(digests, whole, total)


def _digest(path: str, buffer: bytearray, progress: Progress) -> bytes:
    digest = hashlib.sha256()
    view = memoryview(buffer)
    try:
        with open(path, "rb", buffering=0) as file:
            while count := file.readinto(buffer):
                digest.update(view[:count])
                progress.add(count)
    except OSError as error:
        raise Malformed(reason(error), path) from error
    return digest.digest()
