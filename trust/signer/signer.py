"""The signer itself: opens the keys, and answers what is asked of them."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from trust.core.canonical import Json
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Malformed, NotAllowed, NotFound
from trust.core.keys.signer import Signer as Key
from trust.core.record import Record
from trust.custody.remote import LOG
from trust.service.authorities import KEYS
from trust.signer import rules
from trust.signer.head import NAME, Head

_MAX_HASHES: Final = 64  # of a proof: the largest tree has 53 levels
_HASH_DIGITS: Final = 44
_LOST: Final = (
    "{} is gone, and with it what the log's key has signed: without it this key would sign a second"
    " history. Restore it; keys that were moved here from a registry want --adopt with the newest"
    " checkpoint that was published"
)


class Store(Protocol):
    """Where keys are made and kept: key files (service/keyring.py), or a token."""

    def open(self) -> Mapping[str, Key]:
        """Return the keys by name."""

    def add(self, kinds: Mapping[str, str]) -> Mapping[str, Key]:
        """Make keys, name to kind, and return them."""


class Signer:
    """Made by `open`. Thread-safe."""

    def __init__(self, keys: Mapping[str, Key], head: Head) -> None:
        self._keys, self._head = keys, head
        self._lock = threading.Lock()  # of the head: no tree is signed between check and record

    @staticmethod
    def open(data: Path, store: Store, adopt: str | None = None) -> "Signer":
        """Open the keys of a store, making those that are missing.

        Args:
            data: the folder where it keeps what was signed last.
            store: where the keys are.
            adopt: the newest checkpoint that keys from elsewhere have signed, a note.

        Raises:
            NotAllowed: a wrong passphrase or PIN; keys without the record of what they signed.
            NotFound: the record without its keys.
            Malformed, VerificationFailed: `adopt` is no checkpoint that the log's key has signed.
            OSError: the disk refuses.
        """
        path, keys = data / NAME, dict(store.open())
        if adopt is not None:
            _adopt(path, adopt, keys)
        if keys and not path.exists():
            raise NotAllowed(_LOST.format(path))
        if not path.exists():
            Head.create(path)
        head = Head(path)
        if head.origin is not None and LOG not in keys:
            raise NotFound(f"the keys are gone that signed what {path} says; restore them")
        missing = {name: kind for name, kind in KEYS.items() if name not in keys}
        if missing:
            keys.update(store.add(missing))
        return Signer(keys, head)

    @property
    def fault(self) -> str | None:
        """Why it signs no tree any more, once its disk has refused."""
        return self._head.fault

    @property
    def size(self) -> int:
        """Entries of the tree that was signed last."""
        return self._head.size

    def answer(self, question: Json) -> dict[str, Json]:
        """Answer a question (custody/remote.py).

        Raises:
            Malformed: none of the questions.
            NotAllowed: the key is not for this message.
            Unavailable: the disk refused.
        """
        record = Record(question, "question")
        match record.one_of("ask", ("keys", "sign", "extend")):
            case "keys":
                record.done()
                return self._listed()
            case "sign":
                return self._sign(record)
            case _:
                return self._extend(record)

    def _listed(self) -> dict[str, Json]:
        listed: list[Json] = [
            {"name": name, "public": b64encode(key.public_key)} for name, key in self._keys.items()
        ]
        return {"keys": listed, "size": self._head.size}

    def _sign(self, record: Record) -> dict[str, Json]:
        name, message = record.text("key", 32), record.base64("message")
        record.done()
        rules.check(name, message, self._keys, self._head.origin)
        return {"signature": b64encode(self._keys[name].sign(message))}

    def _extend(self, record: Record) -> dict[str, Json]:
        message, old = record.base64("message"), record.integer("old")
        texts = record.texts("proof", 0, _MAX_HASHES, _HASH_DIGITS)
        record.done()
        proof = [b64decode(text, "question.proof") for text in texts]
        with self._lock:
            self._head.advance(message, old, proof)
            # A crash here: written down and not signed; asked again, it is signed.
            return {"signature": b64encode(self._keys[LOG].sign(message))}


def _adopt(path: Path, note: str, keys: Mapping[str, Key]) -> None:
    if path.exists():
        raise NotAllowed(f"{path} says already what these keys have signed; start without --adopt")
    if LOG not in keys:
        raise Malformed("no keys to adopt a checkpoint for", str(path.parent))
    Head.adopt(path, note, keys[LOG].public_key)
