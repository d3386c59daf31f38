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
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_bytes() == b'{"a":1}'


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    (target / "in the way").touch()
    with pytest.raises(Malformed, match="taken: cannot be written"):
        write_file(str(target), b"new")
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_in_place_of_the_temporary_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("old")
    (tmp_path / f".a.{os.getpid()}.tmp").symlink_to(victim)
    with pytest.raises(Malformed, match="cannot be written"):
        write_file(str(tmp_path / "a"), b"new")
    assert victim.read_text() == "old"


def test_a_read_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_file(str(path), 5) == b"12345"
    with pytest.raises(Malformed, match="too large, expected at most 4 bytes"):
        read_file(str(path), 4)
    assert read_file(str(tmp_path / "none")) is None
