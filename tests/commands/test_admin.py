"""`touchplate admin`, run as whoever runs a registry types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from world import PASSPHRASE, World

from trust.commands.process import held
from trust.core.errors import Unavailable


def admin(root: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trust_cli.main", "admin", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": f"{root}:{root / 'cli'}"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_backup_and_its_way_back(world: World, tmp_path: Path, root: Path) -> None:
    """The registry of the test goes on running meanwhile."""
    world.join("ana")
    size = world.registry.facts().size
    made = admin(root, "backup", tmp_path / "backup.tar", "--data", world.settings.data)
    assert (made.returncode, made.stdout) == (0, f"{tmp_path / 'backup.tar'}\n")
    assert f": {size} entries, " in made.stderr
    assert "their passphrase is not: keep it elsewhere" in made.stderr
    back = admin(root, "restore", tmp_path / "backup.tar", "--data", tmp_path / "copy")
    assert (back.returncode, back.stdout) == (0, f"{tmp_path / 'copy'}\n")
    assert f": {size} entries\n" in back.stderr
    assert (tmp_path / "copy" / "restored.json").exists()


def test_a_take_down(world: World, root: Path) -> None:
    signed = world.join("ana").sign({"a.txt": b"a"})
    options = ["--reason", "asked for", "--data", world.settings.data]
    done = admin(root, "takedown", signed.id.lower(), *options)
    assert (done.returncode, done.stdout) == (0, f"{signed.id}\n")
    assert world.registry.attestation(signed.id)["names"] == ["a.txt"]
    world.registry._upkeep.tick()
    assert world.registry.attestation(signed.id)["names"] == []
    assert admin(root, "takedown", signed.id, *options).returncode == 0  # for another reason, say


def test_a_rotation_wants_nobody_to_serve_meanwhile(
    world: World, tmp_path: Path, root: Path
) -> None:
    data = world.settings.data
    (tmp_path / "passphrase").write_bytes(PASSPHRASE)
    options = ["--passphrase-file", tmp_path / "passphrase", "--data", data]
    world.close()
    with held(data, alone=False):
        refused = admin(root, "rotate", "root", *options)
    assert (refused.returncode, refused.stdout) == (75, "")
    assert "`serve` is running" in refused.stderr
    done = admin(root, "rotate", "root", *options)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert "the next `serve` logs it and goes over" in done.stderr
    with held(data, alone=True), pytest.raises(Unavailable), held(data, alone=False):
        pass
    world.registry = world.open()
    assert f"its root key is {world.registry.trust.code}:" in done.stderr
    assert world.registry.trust.version == 2


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["backup", "{tmp}/b", "--data", "{tmp}/nowhere"], 3, "no registry at"),
        (["backup", "{data}", "--data", "{data}"], 8, "a backup never replaces anything"),
        (["restore", "{tmp}/nowhere", "--data", "{tmp}/c"], 3, "no backup at"),
        (["restore", "{data}/keys.json", "--data", "{tmp}/c"], 2, "is no backup"),
        (["restore", "{tmp}", "--data", "{data}"], 8, "is put back where nothing is"),
        (["takedown", "0000000000000000", "--reason", "x", "--data", "{data}"], 3, "nothing is"),
        (["takedown", "x", "--reason", "x", "--data", "{data}"], 2, "'x'"),
        (["takedown", "x", "--data", "{data}"], 2, "--reason"),
        (["takedown", "x", "--reason", "x", "--data", "{tmp}/nowhere"], 3, "no registry at"),
        ([], 2, "ACTION"),
        (["shred"], 2, "'shred'"),
        (["rotate", "log", "--data", "{data}"], 2, "'log'"),
        (["rotate", "tsa", "--data", "{tmp}/nowhere"], 3, "no registry at"),
        (
            ["rotate", "tsa", "--compromised-since", "May", "--data", "{data}"],
            2,
            "--compromised-since: 'May'",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    world: World, tmp_path: Path, root: Path, arguments: list[str], status: int, said: str
) -> None:
    known = {"tmp": tmp_path, "data": world.settings.data}
    done = admin(root, *(item.format(**known) for item in arguments))
    assert (done.returncode, done.stdout) == (status, "")
    last = done.stderr.strip().splitlines()[-1]
    assert said in last, done.stderr
    assert not list(tmp_path.glob(".*"))
