"""Tiles are written once and for ever; a crash in between is never in the way of the next start."""

import os
from pathlib import Path

import pytest
from contracts import PATH, TilesContract

from trust.core.errors import NotFound, Unavailable
from trust.storage.locks import held
from trust.storage.tiles import TileFolder


def test_a_tile_lies_at_its_path_and_cannot_be_written_to(tmp_path: Path) -> None:
    tiles = TileFolder(tmp_path / "public")
    tiles.write({PATH: b"hashes"})
    assert tiles.read(PATH) == b"hashes"
    file = tmp_path / "public" / "tile/0/x001/x234/567.p/3"
    assert file.stat().st_mode & 0o777 == 0o444


@pytest.fixture
def tiles(tmp_path: Path) -> TileFolder:
    return TileFolder(tmp_path / "public")


class TestContract(TilesContract):
    """A folder fulfils it."""


def test_what_a_crash_left_half_written_is_not_in_the_way(tmp_path: Path) -> None:
    left = tmp_path / "tile/0/x001/x234/567.p/.3.new"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"has")
    left.chmod(0o444)
    tiles = TileFolder(tmp_path)
    tiles.write({PATH: b"hashes"})
    assert tiles.read(PATH) == b"hashes"
    assert not left.exists()


def test_what_another_process_has_only_begun_to_write_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leader that stood still wakes up while the next one lays the same tile, and is killed."""
    tiles, link, others = TileFolder(tmp_path), os.link, [True]

    def late(source: Path, target: Path) -> None:
        if others:  # the next leader makes way for itself, opens its file, and is killed
            others.clear()
            source.unlink()
            source.touch()
        link(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", late)
        with pytest.raises(Unavailable, match="another process writes"):
            tiles.write({PATH: b"hashes"})
    tiles.write({PATH: b"hashes"})
    assert tiles.read(PATH) == b"hashes"


def test_a_crash_before_the_link_publishes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles = TileFolder(tmp_path)

    def power_cut(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", power_cut)
        with pytest.raises(Unavailable):
            tiles.write({PATH: b"hashes"})
    with pytest.raises(NotFound):
        tiles.read(PATH)


def test_the_checkpoint_is_replaced_whole(tmp_path: Path) -> None:
    tiles = TileFolder(tmp_path)
    tiles.write_checkpoint("one", None)
    tiles.write_checkpoint("two", "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "checkpoint"]


def test_a_process_that_stands_still_in_the_exchange_is_not_overtaken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trust.storage.tiles._PATIENCE", 0.1)
    TileFolder(tmp_path).write_checkpoint("one", None)
    with (
        held(tmp_path / ".lock", 0),
        pytest.raises(Unavailable, match=r"another process holds \.lock and does not go on"),
    ):
        TileFolder(tmp_path).write_checkpoint("two", "one")
    assert TileFolder(tmp_path).read_checkpoint() == "one"


def test_every_new_name_is_made_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def watch(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    TileFolder(tmp_path).write({PATH: b"hashes"})
    folders = [str(tmp_path / name) for name in ("", "tile", "tile/0", "tile/0/x001")]
    assert [name.rstrip("/") for name in synced][:4] == [name.rstrip("/") for name in folders]
    file = str(tmp_path / "tile/0/x001/x234/567.p/.3.new")
    assert synced[-2:] == [file, str(Path(file).parent)]
