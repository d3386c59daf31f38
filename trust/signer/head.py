"""The tree that the log's key signed last, durably: it signs only what continues this one.

A file of the checkpoint's text, empty before the first. It is made before the keys are: keys
without it have lost what they signed, and would sign a second history.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from trust.core.errors import NotAllowed, TouchplateError, Unavailable, VerificationFailed
from trust.core.log.checkpoint import Checkpoint, check_origin, log_vkey
from trust.core.log.merkle import check_consistency
from trust.core.log.note import Note
from trust.custody.files import replace

NAME: Final = "log-head"
_MAX: Final = 1024  # bytes


class Head:
    """One file. After the first fault of the disk nothing is signed any more."""

    def __init__(self, path: Path) -> None:
        """Read what is there; raise Malformed or OSError if it is not such a file."""
        self._path = path
        with path.open("rb") as file:
            text = file.read(_MAX).decode("utf-8", "replace")
        self._last = Checkpoint.parse(text, str(path)) if text else None
        self.fault: str | None = None

    @staticmethod
    def create(path: Path) -> None:
        """Make the record of a key that has signed nothing."""
        replace(path, b"")

    @staticmethod
    def adopt(path: Path, note: str, key: bytes) -> None:
        """Make the record of a key that has signed this checkpoint, and nothing after it.

        Raises:
            VerificationFailed, Malformed: no checkpoint that this key has signed.
        """
        parsed = Note.parse(note, "checkpoint")
        checkpoint = Checkpoint.parse(parsed.text)
        parsed.verify((log_vkey(check_origin(checkpoint.origin, "checkpoint"), key),))
        replace(path, checkpoint.text().encode())

    @property
    def origin(self) -> str | None:
        """The origin of the log, None before the first signature."""
        return None if self._last is None else self._last.origin

    @property
    def size(self) -> int:
        """Entries of the tree that was signed last."""
        return 0 if self._last is None else self._last.size

    def advance(self, message: bytes, old: int, proof: Sequence[bytes]) -> None:
        """Write down a tree that is about to be signed.

        Args:
            message: the text of its checkpoint.
            old: the size from which `proof` leads to it.
            proof: as of RFC 6962.

        Raises:
            NotAllowed: it does not continue the tree before, or is none of this log.
            Unavailable: the disk has refused, now or before.
        """
        if self.fault is not None:
            raise Unavailable(self.fault)
        try:
            checkpoint = Checkpoint.parse(message.decode())
            self._check(checkpoint, old, proof)
        except UnicodeDecodeError as error:
            raise NotAllowed("the key 'log' does not sign this: not UTF-8") from error
        except TouchplateError as error:
            raise NotAllowed(f"the key 'log' does not sign this: {error}") from error
        if checkpoint == self._last:
            return
        try:
            replace(self._path, message)
        except OSError as error:
            self.fault = f"the disk of the signer refused a write: {error.strerror}"
            raise Unavailable(self.fault) from error
        self._last = checkpoint

    def _check(self, checkpoint: Checkpoint, old: int, proof: Sequence[bytes]) -> None:
        last = self._last
        if last is None:
            check_origin(checkpoint.origin, "checkpoint")
            if checkpoint.size:
                raise NotAllowed(
                    f"a first tree of {checkpoint.size} entries, expected an empty one"
                )
            return
        if checkpoint.origin != last.origin:
            raise NotAllowed(f"origin {checkpoint.origin[:100]!r}, expected {last.origin!r}")
        if checkpoint.size < last.size:
            raise NotAllowed(f"a tree of {checkpoint.size} entries after one of {last.size}")
        if old != last.size:
            raise NotAllowed(f"a proof from size {old}, expected one from {last.size}")
        try:
            check_consistency(old, checkpoint.size, last.root, checkpoint.root, proof)
        except VerificationFailed as error:
            raise NotAllowed(f"it does not continue the tree of {old} entries: {error}") from error
