"""Key files are made once; what comes later stands beside them, and none may be missing."""

from pathlib import Path

import pytest
from world import PASSPHRASE

from trust.core.errors import NotAllowed, NotFound
from trust.service.keyring import Keyring, is_key_file

ONE = {"ca": "p256"}
TWO = {**ONE, "log": "ed25519"}


def made(folder: Path, *kinds: dict[str, str]) -> Keyring:
    keyring = Keyring(folder, PASSPHRASE)
    for item in kinds:
        keyring.add(item)
    return keyring


def point(folder: Path, name: str, count: int | None = None) -> bytes:
    return Keyring(folder, PASSPHRASE, count).open()[name].public_key


def test_keys_stay(tmp_path: Path) -> None:
    made(tmp_path, TWO)
    assert point(tmp_path, "ca") == point(tmp_path, "ca")
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_a_key_file_is_never_written_again(tmp_path: Path) -> None:
    made(tmp_path, ONE)
    content, ca = (tmp_path / "keys.json").read_bytes(), point(tmp_path, "ca")
    made(tmp_path, {"log": "ed25519"})
    assert (tmp_path / "keys.json").read_bytes() == content
    assert point(tmp_path, "ca") == ca


def test_the_last_key_of_a_name_is_in_use(tmp_path: Path) -> None:
    keyring = made(tmp_path, TWO)
    ca, log = point(tmp_path, "ca"), point(tmp_path, "log")
    added = keyring.add(ONE)
    assert point(tmp_path, "ca") == added["ca"].public_key != ca
    assert point(tmp_path, "log") == log


def test_what_a_crash_left_beyond_the_count_is_not_in_use_and_makes_way(tmp_path: Path) -> None:
    ca = made(tmp_path, TWO).open()["ca"].public_key
    left = made(tmp_path, ONE).open()["ca"].public_key
    assert point(tmp_path, "ca", 1) == ca != left
    keyring = Keyring(tmp_path, PASSPHRASE, 1)
    keyring.add({"log": "ed25519"})
    assert keyring.count == 2
    assert point(tmp_path, "ca", 2) == ca


@pytest.mark.parametrize("gone", ["keys.json", "keys-2.json"])
def test_a_key_file_that_is_gone_is_missed(tmp_path: Path, gone: str) -> None:
    made(tmp_path, ONE, ONE, ONE)
    (tmp_path / gone).unlink()
    with pytest.raises(NotFound, match=gone):
        Keyring(tmp_path, PASSPHRASE).open()


def test_another_passphrase_opens_nothing(tmp_path: Path) -> None:
    made(tmp_path, ONE)
    with pytest.raises(NotAllowed):
        Keyring(tmp_path, b"another").open()


@pytest.mark.parametrize("name", ["keys-0.json", "keys-1.json", "keys-02.json", "keys-.json", "x"])
def test_other_names_are_no_key_files(name: str) -> None:
    assert not is_key_file(name)
    assert is_key_file("keys.json")
    assert is_key_file("keys-12.json")
