"""The manifest of a directory: what is signed when its files are too many for subjects.

One line for each file: SHA-256 in lower-case hex, two spaces, the name, a line feed; sorted by the
UTF-8 bytes of the names. That is what `sha256sum` prints, so that anyone can build it again; it is
never carried in a dossier. Names are never escaped: none holds a line feed.
"""

import hashlib
from collections.abc import Iterator, Mapping


def manifest_lines(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """Yield the lines for SHA-256 digests by name (in NFC, `/` between folders)."""
    for name in sorted(files, key=str.encode):
        yield f"{files[name].hex()}  {name}\n".encode()


def manifest_digest(files: Mapping[str, bytes]) -> bytes:
    """Return the SHA-256 of the manifest: the one subject of a deliverable of form `manifest`."""
    digest = hashlib.sha256()
    for line in manifest_lines(files):
        digest.update(line)
    return digest.digest()
