"""The key file: named private keys, encrypted under a passphrase.

    {"box": base64 of nonce and XSalsa20-Poly1305 ciphertext (libsodium secretbox),
     "kdf": {"memory": bytes, "name": "argon2id", "passes": 2, "salt": base64 of 16 bytes},
     "type": "touchplate-key-file-v1"}

as RFC 8785 bytes. Inside the box: {"keys": [{"kind", "name", "secret"}, ..]}, sorted by name.

The parameters stand in the file and are bounded when it is read, so that a file from elsewhere can
neither exhaust the machine nor ask for less work than ours. Public halves are not stored: they are
derived. A file is made once and never overwritten.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse_canonical
from trust.core.encoding import b64encode
from trust.core.errors import Conflict, Malformed, NotAllowed, NotFound, Unavailable
from trust.core.record import Record
from trust.custody.files import create_exclusively
from trust.custody.signers import KeySigner, signer_from

TYPE = "touchplate-key-file-v1"
MAX_FILE = 64 * 1024  # bytes
MAX_KEYS = 64
MAX_NAME = 32  # characters of a key's name

# libsodium's INTERACTIVE: 64 MiB, 0.2 s. The upper bounds: 256 MiB and about 3 s.
PASSES = 2
MEMORY = 64 * 1024 * 1024
MAX_PASSES = 4
MAX_MEMORY = 4 * MEMORY
SALT_SIZE = 16


class _Kdf(NamedTuple):
    """Parameters of argon2id, as libsodium counts them."""

    salt: bytes
    passes: int = PASSES
    memory: int = MEMORY

    def to_json(self) -> dict[str, Json]:
        return {
            "name": "argon2id",
            "salt": b64encode(self.salt),
            "passes": self.passes,
            "memory": self.memory,
        }


class KeyFile:
    """Making and opening key files. Secrets leave only as signers."""

    @staticmethod
    def create(path: Path, keys: Mapping[str, tuple[str, bytes]], passphrase: bytes) -> None:
        """Write named keys, each (kind `p256` or `ed25519`, 32-byte secret), mode 0600.

        When this returns, the file is on the disk; a crash leaves it whole or not there.

        Raises:
            Malformed: no key, too many, a bad name, kind or secret.
            NotAllowed: an empty passphrase.
            Conflict: something stands at `path` already; it is left as it is.
            Unavailable: the disk refused.
        """
        if not passphrase:
            raise NotAllowed("an empty passphrase protects nothing")
        plain = canonical(
            {
                "keys": [
                    {"kind": kind, "name": name, "secret": b64encode(secret)}
                    for name, (kind, secret) in sorted(keys.items())
                ]
            }
        )
        _read_keys(plain, "keys")  # what cannot be read back is not written
        kdf = _Kdf(os.urandom(SALT_SIZE))
        document: dict[str, Json] = {
            "type": TYPE,
            "kdf": kdf.to_json(),
            "box": b64encode(_seal(plain, passphrase, kdf)),
        }
        try:
            create_exclusively(path, canonical(document))
        except FileExistsError as error:
            raise Conflict(f"{path} exists already, a key file is never overwritten") from error
        except OSError as error:
            raise Unavailable(f"cannot write the key file {path}: {error.strerror}") from error

    @staticmethod
    def succeed(
        path: Path,
        target: Path,
        kept: Mapping[str, str],
        new: Mapping[str, tuple[str, bytes]],
        passphrase: bytes,
    ) -> None:
        """Write at `target` the key file that will follow the one at `path`, same passphrase.

        `kept` gives keys of the old file by their new names; `new` as for `create`.

        Raises:
            NotFound, Malformed, NotAllowed, Conflict, Unavailable: as `open` and `create`.
        """
        _read_keys(plain := _open(path, passphrase), str(path))
        old = {
            item.text("name"): (item.text("kind"), item.base64("secret"))
            for item in Record(parse_canonical(plain, MAX_FILE), str(path)).records(
                "keys", 1, MAX_KEYS
            )
        }
        keys = {name: old[before] for name, before in kept.items() if before in old}
        KeyFile.create(target, {**keys, **new}, passphrase)

    @staticmethod
    def open(path: Path, passphrase: bytes) -> dict[str, KeySigner]:
        """Decrypt a key file and return its keys by name, as signers.

        Raises:
            NotFound: no such file.
            Malformed: not a key file, or damaged; the message names the file.
            NotAllowed: a wrong passphrase (or a changed box: the two cannot be told apart).
            Unavailable: the disk refused, or there is not enough memory for argon2id.
        """
        return _read_keys(_open(path, passphrase), str(path))


def _open(path: Path, passphrase: bytes) -> bytes:
    """Return what is in the box of a key file."""
    where = str(path)
    record = Record(parse_canonical(_read(path), MAX_FILE, where), where)
    record.constant("type", TYPE)
    kdf = _read_kdf(record.record("kdf"))
    box = record.base64("box", MAX_FILE)
    record.done()
    return _unseal(box, passphrase, kdf, where)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except FileNotFoundError as error:
        raise NotFound(f"no key file at {path}") from error
    except OSError as error:
        raise Unavailable(f"cannot read the key file {path}: {error.strerror}") from error


def _read_kdf(record: Record) -> _Kdf:
    record.constant("name", "argon2id")
    kdf = _Kdf(
        salt=record.base64("salt", 64),
        passes=record.integer("passes", PASSES),
        memory=record.integer("memory", MEMORY),
    )
    record.done()
    if kdf.passes > MAX_PASSES or kdf.memory > MAX_MEMORY:
        raise Malformed(
            f"{kdf.passes} passes over {kdf.memory} bytes, expected at most {MAX_PASSES} over"
            f" {MAX_MEMORY}",
            record.where,
        )
    if len(kdf.salt) != SALT_SIZE:
        raise Malformed(f"{len(kdf.salt)} bytes, expected {SALT_SIZE}", f"{record.where}.salt")
    return kdf


def _read_keys(plain: bytes, where: str) -> dict[str, KeySigner]:
    record = Record(parse_canonical(plain, MAX_FILE, where), where)
    signers: dict[str, KeySigner] = {}
    for item in record.records("keys", 1, MAX_KEYS):
        name = item.text("name", MAX_NAME)
        if name in signers or not name.replace("-", "").isalnum() or not name.isascii():
            raise Malformed(f"{name!r} is no name of a key, or twice one", item.where)
        try:
            signers[name] = signer_from(item.text("kind"), item.base64("secret", 64))
        except Malformed as error:
            raise Malformed(f"key {name!r}: {error}", where) from error
        item.done()
    record.done()
    return signers


def _seal(plain: bytes, passphrase: bytes, kdf: _Kdf) -> bytes:
    # PyNaCl costs 20 ms to import; `verify` and `show` come through here without needing it.
    from nacl.secret import SecretBox  # noqa: PLC0415

    return bytes(SecretBox(_derive(passphrase, kdf)).encrypt(plain))


def _unseal(box: bytes, passphrase: bytes, kdf: _Kdf, where: str) -> bytes:
    from nacl.exceptions import CryptoError  # noqa: PLC0415
    from nacl.secret import SecretBox  # noqa: PLC0415

    if len(box) < SecretBox.NONCE_SIZE + SecretBox.MACBYTES:
        raise Malformed(f"{len(box)} bytes, too few for a box", f"{where}.box")
    key = SecretBox(_derive(passphrase, kdf))
    try:
        return key.decrypt(box)
    except CryptoError as error:
        raise NotAllowed(f"the passphrase does not open {where}") from error


def _derive(passphrase: bytes, kdf: _Kdf) -> bytes:
    from nacl.exceptions import RuntimeError as NoMemory  # noqa: PLC0415
    from nacl.pwhash import argon2id  # noqa: PLC0415
    from nacl.secret import SecretBox  # noqa: PLC0415

    try:
        return argon2id.kdf(
            SecretBox.KEY_SIZE, passphrase, kdf.salt, opslimit=kdf.passes, memlimit=kdf.memory
        )
    except NoMemory as error:
        raise Unavailable(f"argon2id could not get {kdf.memory} bytes of memory") from error
