"""The registry's key files: keys.json of the first start, and beside it what came later.

A key file is made once and never overwritten, so a key that is added or replaced stands in a file
of its own: keys-2.json, keys-3.json, and so on. Of several keys of one name the last is in use.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trust.core.errors import NotFound
from trust.custody.keyfile import KeyFile
from trust.custody.signers import KeySigner, generate_ed25519, generate_p256

FIRST: Final = "keys.json"
_MAKE: Final = {"p256": generate_p256, "ed25519": generate_ed25519}


def open_keys(
    folder: Path, wanted: Mapping[str, str], passphrase: bytes, *, may_make: bool
) -> dict[str, KeySigner]:
    """Return the keys in use by name, making those of `wanted` (name to kind) that are missing.

    Raises:
        NotAllowed: a wrong passphrase.
        NotFound: a key file is gone, or there is none and none may be made.
    """
    files = _files(folder)
    if not files and not may_make:
        raise NotFound(f"{folder / FIRST} is gone, and with it the keys of this log; restore it")
    keys: dict[str, KeySigner] = {}
    for path in files:
        keys.update(KeyFile.open(path, passphrase))
    missing = {name: kind for name, kind in wanted.items() if name not in keys}
    if missing:
        keys.update(add_keys(folder, missing, passphrase))
    return keys


def add_keys(folder: Path, kinds: Mapping[str, str], passphrase: bytes) -> dict[str, KeySigner]:
    """Make new keys, in a key file of their own; from the next start they are in use."""
    path = folder / _name(len(_files(folder)) + 1)
    KeyFile.create(path, {name: (kind, _MAKE[kind]()) for name, kind in kinds.items()}, passphrase)
    return KeyFile.open(path, passphrase)


def is_key_file(name: str) -> bool:
    """Say whether a file of the data folder is one of these."""
    number = name.removeprefix("keys-").removesuffix(".json")
    if name == FIRST or not (number.isascii() and number.isdigit()):
        return name == FIRST
    return int(number) > 1 and name == _name(int(number))


def _name(number: int) -> str:
    return FIRST if number == 1 else f"keys-{number}.json"


def _files(folder: Path) -> list[Path]:
    """Return the key files in their order; none may be missing between two others."""
    count = len(list(folder.glob("keys-*.json"))) + (folder / FIRST).exists()
    paths = [folder / _name(number) for number in range(1, count + 1)]
    gone = next((path for path in paths if not path.exists()), None)
    if gone is not None:
        raise NotFound(f"{gone} is gone, and with it keys of this registry; restore it")
    return paths
