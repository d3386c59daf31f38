"""Key files are made once; what comes later stands beside them, and none may be missing."""

from pathlib import Path

import pytest
from world import PASSPHRASE

from trust.core.errors import NotAllowed, NotFound
from trust.custody.keyfile import KeyFile
from trust.service.keyring import add_keys, open_keys

ONE = {"ca": "p256"}
TWO = {**ONE, "log": "ed25519"}


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = open_keys(tmp_path, TWO, PASSPHRASE, may_make=True)
    again = open_keys(tmp_path, TWO, PASSPHRASE, may_make=False)
    assert {name: key.public_key for name, key in first.items()} == {
        name: key.public_key for name, key in again.items()
    }
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_a_folder_of_before_gets_the_keys_that_it_lacks(tmp_path: Path) -> None:
    before = open_keys(tmp_path, ONE, PASSPHRASE, may_make=True)
    content = (tmp_path / "keys.json").read_bytes()
    after = open_keys(tmp_path, TWO, PASSPHRASE, may_make=False)
    assert after["ca"].public_key == before["ca"].public_key
    assert (tmp_path / "keys.json").read_bytes() == content
    assert (
        after["log"].public_key
        == KeyFile.open(tmp_path / "keys-2.json", PASSPHRASE)["log"].public_key
    )


def test_the_last_key_of_a_name_is_in_use(tmp_path: Path) -> None:
    first = open_keys(tmp_path, TWO, PASSPHRASE, may_make=True)
    added = add_keys(tmp_path, ONE, PASSPHRASE)
    now = open_keys(tmp_path, TWO, PASSPHRASE, may_make=False)
    assert now["ca"].public_key == added["ca"].public_key != first["ca"].public_key
    assert now["log"].public_key == first["log"].public_key


@pytest.mark.parametrize("gone", ["keys.json", "keys-2.json"])
def test_a_key_file_that_is_gone_is_never_made_again(tmp_path: Path, gone: str) -> None:
    open_keys(tmp_path, ONE, PASSPHRASE, may_make=True)
    add_keys(tmp_path, ONE, PASSPHRASE)
    add_keys(tmp_path, ONE, PASSPHRASE)
    (tmp_path / gone).unlink()
    with pytest.raises(NotFound, match=gone):
        open_keys(tmp_path, ONE, PASSPHRASE, may_make=True)


def test_no_key_is_made_under_another_passphrase(tmp_path: Path) -> None:
    open_keys(tmp_path, ONE, PASSPHRASE, may_make=True)
    with pytest.raises(NotAllowed):
        open_keys(tmp_path, TWO, b"another", may_make=False)
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]
