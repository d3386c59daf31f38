"""The home folder: whole files, private files, and no way out of it."""

import os
import stat
from pathlib import Path

import pytest

from trust.core.errors import Malformed
from trust_cli.home import Home, read_file, write_file, write_json


def test_where_home_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHPLATE_HOME", "/t")
    assert Home.find().root == "/t"
    monkeypatch.delenv("TOUCHPLATE_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/x")
    assert Home.find().root == "/x/touchplate"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # the XDG rules: to be ignored
    monkeypatch.setenv("HOME", "/h")
    assert Home.find().root == "/h/.config/touchplate"


@pytest.mark.parametrize("host", ["..", ".", "a/b", "../x", "", "a\0b", "A.example", "a_b", ":80"])
def test_a_host_never_leads_out_of_the_folder(host: str) -> None:
    with pytest.raises(Malformed):
        Home("/t").folder(host)
    assert Home("/t").pinned_at(f"https://{host}") is None


def test_a_port_is_part_of_the_name() -> None:
    assert Home("/t").folder("localhost:8080").path == "/t/registries/localhost_8080"


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    path = tmp_path / "home" / "x" / "a.json"
    write_json(str(path), {"a": 1})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert path.read_bytes() == b'{"a":1}'


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    (target / "in the way").touch()
    with pytest.raises(Malformed, match="taken: cannot be written"):
        write_file(str(target), b"new")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("plant", ["symlink_to", "hardlink_to", "mkfifo"])
def test_what_somebody_planted_in_place_of_the_temporary_file_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: str
) -> None:
    """In a folder that others may write to; the name cannot be guessed, here it was."""
    monkeypatch.setattr(os, "urandom", bytes)
    victim = tmp_path / "victim"
    victim.write_text("old")
    planted = tmp_path / f".{bytes(8).hex()}.tmp"
    os.mkfifo(planted) if plant == "mkfifo" else getattr(planted, plant)(victim)
    with pytest.raises(Malformed, match="cannot be written: file exists"):
        write_file(str(tmp_path / "a"), b"new")
    assert victim.read_text() == "old"
    assert os.path.lexists(planted)


def test_the_longest_name_that_a_disk_takes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("\u4e00" * 85)  # 255 bytes
    write_file(str(path), b"new")
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_stray_file_among_the_registries_is_no_registry(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    (tmp_path / "registries").mkdir()
    (tmp_path / "registries" / ".DS_Store").touch()
    assert home.pinned() == []


def test_a_read_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_file(str(path), 5) == b"12345"
    with pytest.raises(Malformed, match="too large, expected at most 4 bytes"):
        read_file(str(path), 4)
    assert read_file(str(tmp_path / "none")) is None
