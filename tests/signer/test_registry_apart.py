"""A registry whose private keys are in another process: all works, and no crash loses or forks."""

import dataclasses
from pathlib import Path

import pytest
from apart import SignerProcess, WorldApart, signing
from stranger import check_whole
from world import PASSPHRASE, World

from trust.core.errors import Conflict, NotAllowed, NotFound, Unavailable
from trust.service.append_path import AppendPath
from trust.service.registry import Registry
from trust.storage.tiles import TileFolder

FILE = {"poem.txt": b"a poem"}


def test_it_does_its_whole_work_and_holds_no_key(apart: WorldApart, tmp_path: Path) -> None:
    ana = apart.join("ana")
    signed = ana.sign(FILE)
    ana.withdraw(ana.sign({"other.txt": b"other"}).id)
    apart.restart()
    assert apart.assess(apart.dossier(signed.id), FILE).code == "valid"
    assert check_whole(apart) == 10
    assert not list((tmp_path / "registry").glob("keys*"))
    assert (tmp_path / "signer" / "keys.json").exists()


def test_time_stamps_for_anyone_come_from_the_signer_too(apart: WorldApart) -> None:
    assert apart.registry.timestamp(b"no request", "").startswith(b"\x30")


@pytest.mark.parametrize("place", ["_complete", "_cosigned"])
@pytest.mark.parametrize("done", [False, True])
def test_a_crash_on_either_side_of_the_signature_loses_and_forks_nothing(
    apart: WorldApart,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    done: bool,  # noqa: FBT001
) -> None:
    """The log's key has signed a tree that nobody kept: another tree would be a second history."""
    ana = apart.join("ana")
    size = apart.registry._published.size
    original = getattr(AppendPath, place)

    def cut(path: AppendPath, signed: object) -> object:
        if done:
            original(path, signed)
        raise OSError(5, "power cut")

    pending = ana.prepare(FILE)
    with monkeypatch.context() as patch:
        patch.setattr(AppendPath, place, cut)
        with pytest.raises(Unavailable, match="the writer has stopped"):
            apart.registry.submit(pending.to_json(), "")
        apart.registry.close()
    apart.registry = apart.open()
    assert check_whole(apart) == size + 1  # committed, so the next start publishes it
    apart.registry.submit(pending.to_json(), "")
    assert check_whole(apart) == size + 1
    ana.sign({"next.txt": b"next"})
    assert check_whole(apart) == size + 2


def test_a_registry_set_back_behind_its_signer_signs_nothing(
    apart: WorldApart, tmp_path: Path
) -> None:
    ana = apart.join("ana")
    apart.close()
    database = tmp_path / "registry" / "registry.db"
    old = database.read_bytes()
    public = next((tmp_path / "registry" / "public").iterdir()) / "checkpoint"
    note = public.read_bytes()
    apart.registry = apart.open()
    ana.sign(FILE)
    apart.close()
    for path in database.parent.glob("registry.db-*"):
        path.unlink()
    database.write_bytes(old)
    public.write_bytes(note)
    with pytest.raises(NotAllowed, match=r"has signed a tree of 8 entries, this one has 7"):
        apart.open()
    assert public.read_bytes() == note


def test_without_a_signer_it_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="start `touchplate signer serve` first"):
        WorldApart(tmp_path, tmp_path / "nobody")


def test_the_signer_of_another_registry_is_refused(apart: WorldApart, tmp_path: Path) -> None:
    apart.close()
    with signing(tmp_path / "other") as socket:
        apart.socket = socket
        with pytest.raises(Conflict, match="are of another log than the database"):
            apart.open()


def test_a_registry_that_forgets_its_signer_is_told(apart: WorldApart) -> None:
    apart.close()
    with pytest.raises(NotFound, match="name the signer that holds them with --signer"):
        Registry.open(dataclasses.replace(apart.settings, signer=None), PASSPHRASE)


def test_keys_that_still_lie_in_the_data_folder_are_named(
    world: World, signer_socket: Path
) -> None:
    world.close()
    settings = dataclasses.replace(world.settings, signer=signer_socket)
    with pytest.raises(Conflict, match=r"keys\.json still holds keys of this registry"):
        Registry.open(settings, b"")


def test_a_signer_killed_in_a_batch_stops_the_writer_and_both_go_on_after_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    process = SignerProcess(tmp_path / "signer", passphrase)
    world = WorldApart(tmp_path, process.socket)
    ana = world.join("ana")
    size, note = world.registry._published.size, world.registry.checkpoint()
    write = TileFolder.write

    def killed(tiles: TileFolder, files: object) -> None:
        process.kill()
        write(tiles, files)  # type: ignore[arg-type]

    pending = ana.prepare(FILE)
    with monkeypatch.context() as patch:
        patch.setattr(TileFolder, "write", killed)
        with pytest.raises(
            Unavailable, match=r"^the writer has stopped: the signer at \S+ does not answer \(.*\)"
        ) as stopped:
            world.registry.submit(pending.to_json(), "")
    assert "\n" not in str(stopped.value)
    assert world.registry.checkpoint() == note  # reads go on
    with pytest.raises(Unavailable, match="the writer has stopped"):
        world.registry.submit(pending.to_json(), "")
    process.restart()
    world.restart()
    assert check_whole(world) == size + 1
    world.registry.submit(pending.to_json(), "")
    ana.sign({"next.txt": b"next"})
    assert check_whole(world) == size + 2
    world.close()
    assert process.stop() == 0
