"""Backups: whole, consistent while the registry serves, and put back only as they were."""

import hashlib
import json
import os
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stranger import check_whole
from world import World

from trust.core.canonical import canonical
from trust.core.errors import Conflict, Malformed, NotFound, TouchplateError, Unavailable
from trust.service.backup import MANIFEST, back_up, restore
from trust.service.restored import Mark

FILES = {"a.txt": b"a"}
NOW = 1_793_714_527


@pytest.fixture
def data(world: World) -> Path:
    """The data folder of a registry that serves, with something in it."""
    world.join("ana").sign(FILES)
    return world.settings.data


def restored(world: World, data: Path) -> World:
    """Serve a copy, by the word of its operator that the log ends here."""
    mark = Mark.read(data)
    assert mark is not None
    world.close()
    copy = World.__new__(World)
    copy.offset = 0
    copy.settings = world.settings.__class__(
        data=data, public_url=world.settings.public_url, port=8123, restored_at=mark.size
    )
    copy.registry = copy.open()
    return copy


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_a_registry_comes_back_and_goes_on(
    world: World, data: Path, tmp_path: Path, name: str
) -> None:
    size = world.registry.facts().size
    made = back_up(data, tmp_path / name, NOW)
    assert (made.size, made.made) == (size, "2026-11-03T14:02:07Z")
    assert restore(tmp_path / name, tmp_path / "copy") == made
    before = world.registry.trust_file(None)
    copy = restored(world, tmp_path / "copy")
    assert copy.registry.trust_file(None) == before
    assert copy.registry.person("@ana")["attestations"] == 1
    copy.join("ben").sign({"b.txt": b"b"})
    assert copy.registry.facts().size == size + 6
    check_whole(copy)
    copy.close()


def test_the_passphrase_is_not_in_it_and_nobody_else_can_read_it(
    world: World, data: Path, tmp_path: Path
) -> None:
    assert world.registry.facts().size
    (data / "passphrase").write_text("correct horse")
    back_up(data, tmp_path / "backup", NOW)
    back_up(data, tmp_path / "backup.tar", NOW)
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert "passphrase" not in {path.name for path in files}
    assert b"correct horse" not in (tmp_path / "backup.tar").read_bytes()
    assert {path.stat().st_mode & 0o077 for path in [*files, tmp_path / "backup.tar"]} == {0}


def test_a_backup_made_while_many_write_is_one_moment(
    world: World, data: Path, tmp_path: Path
) -> None:
    ben, done = world.join("ben"), threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            ben.sign({"b.txt": b"%d" % number})

    writer = threading.Thread(target=write)
    writer.start()
    made = [back_up(data, tmp_path / f"backup-{number}", NOW) for number in range(4)]
    done.set()
    writer.join()
    sizes = [item.size for item in made]
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]
    for number in range(4):
        restore(tmp_path / f"backup-{number}", tmp_path / f"copy-{number}")
    for number in (0, 3):
        copy = restored(world, tmp_path / f"copy-{number}")
        assert copy.registry.facts().size == sizes[number]
        check_whole(copy)
        copy.close()


def test_a_backup_never_replaces_anything(world: World, data: Path, tmp_path: Path) -> None:
    assert world.registry.facts().size
    (tmp_path / "there").mkdir()
    with pytest.raises(Conflict, match="never replaces"):
        back_up(data, tmp_path / "there", NOW)
    back_up(data, tmp_path / "backup", NOW)
    with pytest.raises(Conflict, match="where nothing is"):
        restore(tmp_path / "backup", data)


def test_nothing_is_backed_up_where_nothing_lies(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no registry at"):
        back_up(tmp_path / "nowhere", tmp_path / "backup", NOW)
    for name in ("nowhere", "nowhere.tar"):
        with pytest.raises(NotFound):
            restore(tmp_path / name, tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_leaves_nothing(
    world: World, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.registry.facts().size

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(tmp_path.iterdir())
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", full)
        with pytest.raises(Unavailable, match="No space left"):
            back_up(data, tmp_path / "backup", NOW)
    assert sorted(tmp_path.iterdir()) == before


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    """A backup, as a folder, for somebody to change."""
    back_up(data, tmp_path / "backup", NOW)
    return tmp_path / "backup"


@pytest.mark.parametrize(
    "name", ["registry.db", "keys.json", "public/*/checkpoint", "public/*/tile/0/000.p/*"]
)
@pytest.mark.parametrize("change", ["flip", "cut", "remove"])
def test_a_changed_file_is_named_and_nothing_is_put_back(
    backup: Path, tmp_path: Path, name: str, change: str
) -> None:
    path = next(backup.glob(name))
    content = path.read_bytes()
    path.unlink()
    if change == "flip":
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    elif change == "cut":
        path.write_bytes(content[:-1])
    with pytest.raises((Malformed, NotFound), match=path.relative_to(backup).as_posix()):
        restore(backup, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    "name",
    ["../thief", "/thief", "public/../../thief", "public/x.example/tile/../../../thief",
     "public/x.example/thief", "keys-0.json", "keys-01.json", "keys-2.json/..", "passphrase",
     "restored.json", "public/../tile/0/000", "public/../checkpoint", "public/X.example/checkpoint", ""],
)  # fmt: skip
def test_a_manifest_writes_nothing_elsewhere(backup: Path, tmp_path: Path, name: str) -> None:
    manifest = json.loads((backup / MANIFEST).read_bytes())
    manifest["files"][name] = hashlib.sha256(b"mine").hexdigest()
    (backup / MANIFEST).write_bytes(canonical(manifest))
    (tmp_path / "deep").mkdir()
    with pytest.raises(Malformed):
        restore(backup, tmp_path / "deep" / "copy")
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_link_in_an_archive_is_not_followed(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes((backup / "keys.json").read_bytes())
    (backup / "keys.json").unlink()
    (backup / "keys.json").symlink_to(tmp_path / "secret")
    with tarfile.open(tmp_path / "evil.tar", "w:") as tar:
        for path in backup.rglob("*"):
            tar.add(path, path.relative_to(backup).as_posix(), recursive=False)
    with pytest.raises(Malformed, match="keys.json"):
        restore(tmp_path / "evil.tar", tmp_path / "copy")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 2000, bytes(10240)])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(content)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / MANIFEST).write_bytes(content)
    for name in ("x.tar", "x"):
        with pytest.raises(TouchplateError):
            restore(tmp_path / name, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_tiles_that_the_database_copy_does_not_know_are_left_out(
    world: World, data: Path, tmp_path: Path
) -> None:
    """The log grows while it is copied: a newer tile would contradict what the copy logs next."""
    size = world.registry.facts().size
    older = tmp_path / "older"
    shutil.copytree(data, older)
    newer = next(older.glob("public/*/tile/0/000.p"))
    (newer / str(size + 1)).write_bytes(b"newer")
    back_up(older, tmp_path / "backup", NOW)
    assert (next((tmp_path / "backup").glob("public/*/tile/0/000.p")) / str(size)).exists()
    assert not (next((tmp_path / "backup").glob("public/*/tile/0/000.p")) / str(size + 1)).exists()


def test_a_partial_tile_that_goes_while_it_is_copied_is_not_missed(
    world: World, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log grows to a full tile, which makes its partial ones superfluous."""
    ben = world.join("ben")
    ben.sign({"b.txt": b"b"})
    size, walk = world.registry.facts().size, os.walk

    def prune(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for place, folders, names in walk(top):
            if place.endswith("000.p"):
                for name in names:
                    (Path(place) / name).unlink()
            yield place, folders, names

    with monkeypatch.context() as growing:
        growing.setattr("trust.service.backup.os.walk", prune)
        back_up(data, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", tmp_path / "copy")
    copy = restored(world, tmp_path / "copy")
    assert copy.registry.facts().size == size
    check_whole(copy)
    copy.close()
