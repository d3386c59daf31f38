"""The key file: what it keeps, and whom it refuses."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from trust.core.canonical import canonical
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Conflict, Malformed, NotAllowed, NotFound, Unavailable
from trust.custody.keyfile import MAX_FILE, MAX_MEMORY, MAX_PASSES, MEMORY, PASSES, KeyFile
from trust.custody.signers import Ed25519Signer, P256Signer

PASSPHRASE = b"correct horse"
KEYS = {"statement": ("p256", bytes([1] * 32)), "update": ("ed25519", bytes([2] * 32))}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One key file for all tests that only read: argon2id is slow on purpose."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    KeyFile.create(path, KEYS, PASSPHRASE)
    return path


def test_keys_come_back_as_signers(made: Path) -> None:
    signers = KeyFile.open(made, PASSPHRASE)
    assert set(signers) == {"statement", "update"}
    assert signers["statement"].public_key == P256Signer(bytes([1] * 32)).public_key
    assert signers["update"].sign(b"x") == Ed25519Signer(bytes([2] * 32)).sign(b"x")


def test_only_the_owner_may_read_it_and_nothing_is_left_beside_it(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert os.listdir(made.parent) == [made.name]  # noqa: PTH208 - hidden files too


def test_neither_secrets_nor_public_keys_nor_names_stand_in_it(made: Path) -> None:
    data = made.read_bytes()
    for kind, secret in KEYS.values():
        public = (P256Signer if kind == "p256" else Ed25519Signer)(secret).public_key
        for value in (secret, public):
            assert b64encode(value).encode() not in data
            assert value.hex().encode() not in data
    assert b"statement" not in data


def test_libsodium_alone_opens_it(made: Path) -> None:
    document = json.loads(made.read_bytes())
    kdf = document["kdf"]
    assert (kdf["passes"], kdf["memory"]) == (
        argon2id.OPSLIMIT_INTERACTIVE,
        argon2id.MEMLIMIT_INTERACTIVE,
    )
    key = argon2id.kdf(32, PASSPHRASE, b64decode(kdf["salt"]), kdf["passes"], kdf["memory"])
    plain = json.loads(SecretBox(key).decrypt(b64decode(document["box"])))
    assert [item["name"] for item in plain["keys"]] == ["statement", "update"]


def test_a_wrong_passphrase(made: Path) -> None:
    with pytest.raises(NotAllowed, match="passphrase"):
        KeyFile.open(made, b"correct horsf")


def test_a_changed_box_does_not_open(made: Path, tmp_path: Path) -> None:
    document = json.loads(made.read_bytes())
    box = bytearray(b64decode(document["box"]))
    box[-1] ^= 1
    document["box"] = b64encode(bytes(box))
    path = tmp_path / "keys.json"
    path.write_bytes(canonical(document))
    with pytest.raises(NotAllowed):
        KeyFile.open(path, PASSPHRASE)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda doc: doc.update(type="touchplate-key-file-v2"),
        lambda doc: doc.update(comment="hello"),
        lambda doc: doc.update(publicKeys={}),
        lambda doc: doc.pop("box"),
        lambda doc: doc.pop("kdf"),
        lambda doc: doc.update(box="AAAA"),
        lambda doc: doc.update(box="not base64"),
        lambda doc: doc["kdf"].update(name="scrypt"),
        lambda doc: doc["kdf"].update(salt=b64encode(bytes(8))),
        lambda doc: doc["kdf"].update(memory=MAX_MEMORY + 1),
        lambda doc: doc["kdf"].update(memory=2**53 - 1),
        lambda doc: doc["kdf"].update(memory=MEMORY - 1),
        lambda doc: doc["kdf"].update(memory=str(MEMORY)),
        lambda doc: doc["kdf"].update(passes=MAX_PASSES + 1),
        lambda doc: doc["kdf"].update(passes=PASSES - 1),
        lambda doc: doc["kdf"].update(passes=True),
        lambda doc: doc["kdf"].update(threads=4),
    ],
)
def test_a_file_that_is_none_is_named(made: Path, tmp_path: Path, change: Change) -> None:
    document = json.loads(made.read_bytes())
    change(document)
    path = tmp_path / "odd.json"
    path.write_bytes(canonical(document))
    with pytest.raises(Malformed, match=r"odd\.json"):
        KeyFile.open(path, PASSPHRASE)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\x00" * 100, b" " * (MAX_FILE + 1)])
def test_damaged_bytes_are_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(data)
    with pytest.raises(Malformed, match=r"odd\.json"):
        KeyFile.open(path, PASSPHRASE)


def test_a_file_cut_short_is_damaged_at_every_length(made: Path, tmp_path: Path) -> None:
    data = made.read_bytes()
    path = tmp_path / "odd.json"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(Malformed):
            KeyFile.open(path, PASSPHRASE)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b"the only copy of something")
    with pytest.raises(Conflict):
        KeyFile.create(path, KEYS, PASSPHRASE)
    assert path.read_bytes() == b"the only copy of something"
    assert os.listdir(tmp_path) == ["keys.json"]  # noqa: PTH208 - hidden files too


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Conflict):
        KeyFile.create(path, KEYS, PASSPHRASE)
    assert not (tmp_path / "elsewhere").exists()


def test_no_file_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        KeyFile.open(tmp_path / "keys.json", PASSPHRASE)
    with pytest.raises(Unavailable):
        KeyFile.open(tmp_path, PASSPHRASE)
    with pytest.raises(Unavailable):
        KeyFile.create(tmp_path / "missing" / "keys.json", KEYS, PASSPHRASE)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"": ("p256", bytes([1] * 32))},
        {"a b": ("p256", bytes([1] * 32))},
        {"á": ("p256", bytes([1] * 32))},
        {"x" * 33: ("p256", bytes([1] * 32))},
        {"a": ("rsa", bytes([1] * 32))},
        {"a": ("p256", bytes(32))},
        {"a": ("ed25519", bytes(31))},
        {f"k{number}": ("ed25519", bytes(32)) for number in range(65)},
    ],
)
def test_what_could_not_be_read_back_is_not_written(
    tmp_path: Path, keys: dict[str, tuple[str, bytes]]
) -> None:
    with pytest.raises(Malformed):
        KeyFile.create(tmp_path / "keys.json", keys, PASSPHRASE)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - hidden files too


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        KeyFile.create(tmp_path / "keys.json", KEYS, b"")
