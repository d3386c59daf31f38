"""Signers whose private keys another process holds: the client side of `touchplate signer serve`.

Questions, one at a time on one connection, and their answers (frames.py):

    {"ask": "keys"}                      {"keys": [{"name", "public"}, ..], "size"}
    {"ask": "sign", "key", "message"}    {"signature"}
    {"ask": "extend", "message", "old", "proof"}    {"signature"}, by the log's key
    any of them                          {"refused": why}

`size` is that of the tree which the log's key signed last. After a fault of the connection nobody
knows what the signer has signed, so nothing more is asked over it: a new start finds out.
"""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from trust.core.canonical import Json
from trust.core.encoding import b64encode
from trust.core.errors import Malformed, NotAllowed, TouchplateError, Unavailable
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import Checkpoint
from trust.core.record import Record
from trust.custody import frames
from trust.custody.peers import is_ours

LOG: Final = "log"
Prove = Callable[[int, int], Sequence[bytes]]
SECONDS: Final = 30.0  # for an answer
_MOST_KEYS: Final = 64


class RemoteSigner:
    """A key that signs what it is for, over there."""

    def __init__(self, line: "_Line", name: str, public_key: bytes) -> None:
        self._line, self._name, self._public_key = line, name, public_key

    @property
    def public_key(self) -> bytes:
        """The public half, as the signer tells it."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Have a message signed.

        Raises:
            NotAllowed: the signer does not sign such bytes with this key.
            Unavailable: it does not answer.
        """
        return self._line.signature(
            {"ask": "sign", "key": self._name, "message": b64encode(message)}
        )


class RemoteLogSigner(RemoteSigner):
    """The log's key: it signs a tree only with the proof that it continues the one before."""

    @property
    def size(self) -> int:
        """Entries of the tree that was signed last: asked, for another process may have led."""
        return self._line.ask({"ask": "keys"}).integer("size")

    def proving(self, prove: Prove) -> Signer:
        """Return this key as a signer that asks `prove` for the consistency proofs."""
        return _Proving(self, prove)

    def extend(self, message: bytes, prove: Prove) -> bytes:
        """Have the text of a checkpoint signed.

        Raises:
            NotAllowed: it does not continue what was signed last.
            Unavailable: the signer does not answer.
        """
        size, old = Checkpoint.parse(message.decode()).size, self.size
        if size < old:
            raise NotAllowed(
                f"the signer has signed a tree of {old} entries, this one has {size}: the "
                "data folder is older than its signer; restore a newer one"
            )
        question: dict[str, Json] = {
            "ask": "extend",
            "message": b64encode(message),
            "old": old,
            "proof": [b64encode(item) for item in prove(old, size)],
        }
        return self._line.signature(question)


class _Proving:
    """The log's key together with whoever has the tree."""

    def __init__(self, log: RemoteLogSigner, prove: Prove) -> None:
        self._log, self._prove = log, prove

    @property
    def public_key(self) -> bytes:
        return self._log.public_key

    def sign(self, message: bytes) -> bytes:
        return self._log.extend(message, self._prove)


class RemoteKeys(Mapping[str, Signer]):
    """The keys of a signer by name, over one connection. Thread-safe."""

    def __init__(self, path: Path) -> None:
        """Connect to the socket at `path`.

        Raises:
            Unavailable: nobody answers there, or somebody who is no signer.
            NotAllowed: the socket is of another user.
        """
        self._line = _Line(path)
        try:
            self._keys = dict(self._read(self._line.ask({"ask": "keys"})))
        except BaseException:
            self._line.close()
            raise

    def close(self) -> None:
        """End the connection."""
        self._line.close()

    def __getitem__(self, name: str) -> Signer:
        """Return the signer of this name."""
        return self._keys[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._keys)

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._keys)

    def _read(self, answer: Record) -> Iterator[tuple[str, Signer]]:
        answer.integer("size")
        for item in answer.records("keys", 1, _MOST_KEYS):
            name, public = item.text("name", 32), item.base64("public", 128)
            item.done()
            kind = RemoteLogSigner if name == LOG else RemoteSigner
            yield name, kind(self._line, name, public)
        answer.done()


class _Line:
    """One connection, used by one thread at a time, and not again after a fault."""

    def __init__(self, path: Path) -> None:
        self._where = f"signer at {path}"
        self._lock = threading.Lock()
        self._fault: str | None = None
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SECONDS)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            why = str(error.strerror or error).lower()
            raise Unavailable(
                f"no signer answers at {path}: {why}; start `touchplate signer serve` first"
            ) from error
        if not is_ours(self._socket):
            self._socket.close()
            raise NotAllowed(f"the socket {path} is of another user, who is no signer of ours")

    def signature(self, question: Mapping[str, Json]) -> bytes:
        """Ask for a signature."""
        answer = self.ask(question)
        signature = answer.base64("signature", 128)
        answer.done()
        return signature

    def ask(self, question: Mapping[str, Json]) -> Record:
        """Ask, and return the answer; raise NotAllowed for a refusal."""
        with self._lock:
            if self._fault is not None:
                raise Unavailable(self._fault)
            try:
                frames.send(self._socket, question)
                found = frames.receive(self._socket, self._where)
            except (OSError, TouchplateError) as error:
                raise self._broken(str(error)) from error
            if found is None:
                raise self._broken("it ended the connection")
        try:
            answer = Record(found, self._where)
            refused = answer.text("refused") if answer.has("refused") else None
        except Malformed as error:
            raise Unavailable(str(error)) from error
        if refused is not None:
            raise NotAllowed(f"the signer refuses: {refused}")
        return answer

    def close(self) -> None:
        """End the connection."""
        self._fault = self._fault or "the connection to the signer is closed"
        self._socket.close()

    def _broken(self, why: str) -> Unavailable:
        self._fault = (
            f"the {self._where} does not answer ({why.lower()}): start it, then this registry again"
        )
        return Unavailable(self._fault)
