"""`log fsck` as a person runs it: the verdict is the last line, and the exit says the same."""

import json
from pathlib import Path

import pytest
from world import World

from trust_cli import main


@pytest.fixture
def data(world: World) -> Path:
    world.join("ana").sign({"a.txt": b"a"})
    world.close()
    return world.settings.data


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main.main(["log", "fsck", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_sound_registry(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--data", data)
    assert status == 0
    assert out.splitlines()[-1] == "SOUND  all 8 entries and what follows from them"
    assert "  unchecked  the key file: that would need its passphrase" in out.splitlines()


def test_a_damaged_one_names_the_first_fault(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder,) = (data / "public").iterdir()
    tile = folder / "tile/0/000.p/8"
    tile.chmod(0o644)
    tile.write_bytes(b"\0" + tile.read_bytes()[1:])
    status, out, _ = run(capsys, "--data", data)
    where = "file tile/0/000.p/8, byte 0: not what the entries make"
    assert (status, out.splitlines()[0]) == (1, f"  fault      {where}")
    assert out.splitlines()[-1] == f"DAMAGED  1 fault; {where}"
    status, out, _ = run(capsys, "--data", data, "--json")
    found = json.loads(out)
    assert (status, found["sound"], found["checked"]["entries"]) == (1, False, 8)
    assert found["findings"][0]["where"] == "file tile/0/000.p/8, byte 0"


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "--data", tmp_path / "nowhere")
    assert (status, out) == (3, "")
    assert err.startswith("NOT FOUND  no database ")
