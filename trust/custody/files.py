"""Writing a secret file so that it is whole, private and never replaces another."""

import os
import secrets
from pathlib import Path

PRIVATE = 0o600


def create_exclusively(path: Path, data: bytes) -> None:
    """Write a new file of mode 0600 and return when it is durable.

    The bytes go to a temporary file beside it, are synced, and only then get the name, by a link
    that fails if the name is taken (a rename would replace). A crash before the link leaves only a
    `.tmp` file with encrypted content, after it a whole file.

    Raises:
        FileExistsError: something stands at `path`.
        OSError: the disk or the folder refused.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
