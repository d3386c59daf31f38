"""Durable files: each synced before it has its name, each folder once, nothing left beside them."""

import os
from pathlib import Path

import pytest

from trust.custody.files import FOR_EVER, create, create_exclusively, replace

EIO = OSError(5, "Input/output error")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What is asked of the disk, in order: `sync NAME`, `link NAME`."""
    seen: list[str] = []
    fsync, link = os.fsync, os.link

    def watched_fsync(handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))  # noqa: PTH115
        seen.append(f"sync {path.relative_to(tmp_path)}")
        fsync(handle)

    def watched_link(source: Path, target: Path) -> None:
        seen.append(f"link {target.relative_to(tmp_path)}")
        link(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "link", watched_link)
    return seen


def test_all_files_are_synced_then_named_then_each_folder_once(
    tmp_path: Path, calls: list[str]
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = {tmp_path / name: name.encode() for name in ("a/1", "a/2", "b/3")}
    create(files, FOR_EVER)
    assert calls == [
        "sync a/.1.new", "sync a/.2.new", "sync b/.3.new",
        "link a/1", "link a/2", "link b/3",
        "sync a", "sync b",
    ]  # fmt: skip
    assert {path: path.read_bytes() for path in files} == files
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["1", "2", "3", "a", "b"]


def test_hundreds_at_a_time_do_not_run_out_of_handles(tmp_path: Path, calls: list[str]) -> None:
    files = {tmp_path / str(number): b"%d" % number for number in range(1200)}
    create(files, FOR_EVER)
    assert {path: path.read_bytes() for path in files} == files
    assert calls.count("sync .") == 1


def test_a_failed_sync_gives_no_file_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_handle: int) -> None:
        raise EIO

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output error"):
            create({tmp_path / "one": b"1", tmp_path / "two": b"2"}, FOR_EVER)
    assert list(tmp_path.iterdir()) == []


def test_what_stands_there_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"first")
    with pytest.raises(FileExistsError):
        create({tmp_path / "new": b"1", tmp_path / "there": b"second"}, FOR_EVER)
    assert (tmp_path / "there").read_bytes() == b"first"
    with pytest.raises(FileExistsError):
        create_exclusively(tmp_path / "there", b"third")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["new", "there"]


def test_what_a_crash_left_makes_way(tmp_path: Path) -> None:
    for name in (".tile.new", ".note.new"):
        (tmp_path / name).write_bytes(b"ha")
        (tmp_path / name).chmod(0o444)
    create({tmp_path / "tile": b"whole"}, FOR_EVER)
    replace(tmp_path / "note", b"whole")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["note", "tile"]
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == [b"whole", b"whole"]


def test_a_replacement_is_synced_before_it_has_the_name(tmp_path: Path, calls: list[str]) -> None:
    replace(tmp_path / "note", b"one")
    replace(tmp_path / "note", b"two")
    assert calls == ["sync .note.new", "sync ."] * 2
    assert (tmp_path / "note").read_bytes() == b"two"
    assert (tmp_path / "note").stat().st_mode & 0o777 == 0o644


def test_a_replacement_that_fails_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_handle: int) -> None:
        raise EIO

    replace(tmp_path / "note", b"one")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output error"):
            replace(tmp_path / "note", b"two")
    assert (tmp_path / "note").read_bytes() == b"one"


def test_nobody_else_reads_a_private_file(tmp_path: Path) -> None:
    create_exclusively(tmp_path / "keys.json", b"{}")
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]
