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


class Keyring:
    """The key files of one folder. Only one process at a time may add to them."""

    def __init__(self, folder: Path, passphrase: bytes, count: int | None = None) -> None:
        """Take as many files as are in use; by default all.

        What lies beyond them is left of an addition that a crash cut off.
        """
        self._folder, self._passphrase = folder, passphrase
        self.count = _stored(folder) if count is None else count

    def open(self) -> dict[str, KeySigner]:
        """Return the keys in use by name.

        Raises:
            NotAllowed: a wrong passphrase.
            NotFound: a key file is gone.
        """
        keys: dict[str, KeySigner] = {}
        for path in self._paths():
            keys.update(KeyFile.open(path, self._passphrase))
        return keys

    def add(self, kinds: Mapping[str, str]) -> dict[str, KeySigner]:
        """Make new keys, name to kind, in a key file of their own; return them."""
        for number in range(self.count + 1, _stored(self._folder) + 1):
            (self._folder / _name(number)).unlink()
        path = self._folder / _name(self.count + 1)
        made = {name: (kind, _MAKE[kind]()) for name, kind in kinds.items()}
        KeyFile.create(path, made, self._passphrase)
        self.count += 1
        return KeyFile.open(path, self._passphrase)

    def _paths(self) -> list[Path]:
        paths = [self._folder / _name(number) for number in range(1, self.count + 1)]
        gone = next((path for path in paths if not path.exists()), None)
        if gone is not None:
            raise NotFound(f"{gone} is gone, and with it keys of this registry; restore it")
        return paths


def is_key_file(name: str) -> bool:
    """Say whether a file of the data folder is one of these."""
    number = name.removeprefix("keys-").removesuffix(".json")
    if name == FIRST or not (number.isascii() and number.isdigit()):
        return name == FIRST
    return int(number) > 1 and name == _name(int(number))


def _name(number: int) -> str:
    return FIRST if number == 1 else f"keys-{number}.json"


def _stored(folder: Path) -> int:
    """Return the highest number of a key file; one that is missing below it is missed later."""
    names = [path.name for path in folder.glob("keys*.json") if is_key_file(path.name)]
    return max((int(name[5:-5]) if name != FIRST else 1 for name in names), default=0)
