"""Without --passphrase-file a random passphrase is kept, and the user is told what that means."""

import stat
from pathlib import Path

import pytest

from trust.commands.process import PASSPHRASE_NAME, passphrase_of
from trust.core.errors import Malformed


def test_a_random_one_is_kept_for_the_owner_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "deep" / "data"
    first = passphrase_of(data, None)
    kept = data / PASSPHRASE_NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert len(first) >= 32
    assert passphrase_of(data, None) == first
    printed = capsys.readouterr()
    assert "only as safe as that folder" in printed.err
    assert first.decode() not in printed.err + printed.out
    assert [item.name for item in data.iterdir()] == [PASSPHRASE_NAME]


def test_two_registries_get_two_passphrases(tmp_path: Path) -> None:
    assert passphrase_of(tmp_path / "a", None) != passphrase_of(tmp_path / "b", None)


@pytest.mark.parametrize("content", [b"two words\n", b"two words\r\n", b"two words"])
def test_a_line_end_is_no_part_of_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p"
    path.write_bytes(content)
    assert passphrase_of(tmp_path, path) == b"two words"


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 1025])
def test_an_empty_or_endless_one_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p"
    path.write_bytes(content)
    with pytest.raises(Malformed, match="1 to 1024 bytes"):
        passphrase_of(tmp_path, path)


def test_a_missing_file_is_not_replaced_by_a_random_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        passphrase_of(tmp_path, tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []
