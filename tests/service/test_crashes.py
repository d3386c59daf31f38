"""Acknowledged means published: whatever breaks, whenever, nothing is lost and nothing forks.

A fault is put at each call of each storage port, once so that the call did nothing and once so that
it did its work and the answer was lost. After it the registry is opened again, as after a crash.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from stranger import check_whole
from world import PASSPHRASE, World

from trust.client.statements import Signed
from trust.core.errors import Conflict, Unavailable
from trust.service.registry import Registry
from trust.storage.database import Database
from trust.storage.tiles import TileFolder

Point = tuple[Any, str, int]

# Calls of one append: the transaction that stages and swaps, the tiles, the checkpoint.
POINTS: list[Point] = [
    (Database, "write", 0),
    (TileFolder, "write", 0),
    (TileFolder, "write_checkpoint", 0),
]
# And below them: each file and folder of two new tiles (entries, level 0) and the checkpoint.
SYSTEM_CALLS: list[Point] = [
    *((os, "fsync", place) for place in range(6)),
    *((os, "link", place) for place in range(2)),
    (Path, "replace", 0),
]
NAMES = [f"{kind.__name__}.{name}-{place}" for kind, name, place in (*POINTS, *SYSTEM_CALLS)]

# Calls of one start: make the tables, discard what was staged, publish, sign again.
STARTS: list[Point] = [(Database, "write", place) for place in (0, 1, 2)] + [
    (TileFolder, "write", 0),
    (TileFolder, "write", 1),
    (TileFolder, "write_checkpoint", 0),
]
WRITER = "sequencer"


class PowerCut(OSError):  # noqa: N818 - an event
    """What no code of ours expects by name."""


@contextmanager
def fault(
    monkeypatch: pytest.MonkeyPatch, point: Point, *, stored: bool, by: str
) -> Iterator[None]:
    """Let one call fail that the thread `by` makes, before or after it did its work."""
    kind, name, place = point
    original: Callable[..., Any] = getattr(kind, name)
    calls = iter(range(10_000))

    def is_hit() -> bool:
        return threading.current_thread().name == by and next(calls) == place

    def plain(*arguments: Any) -> Any:
        hit = is_hit()
        result = None if hit and not stored else original(*arguments)
        if hit:
            raise PowerCut(5, "power cut")
        return result

    @contextmanager
    def transaction(*arguments: Any) -> Iterator[Any]:
        hit = is_hit()
        if hit and not stored:
            raise PowerCut(5, "power cut")
        with original(*arguments) as connection:
            yield connection
        if hit:
            raise PowerCut(5, "power cut")

    with monkeypatch.context() as patched:
        patched.setattr(kind, name, transaction if name == "write" and kind is Database else plain)
        yield
    assert next(calls) > place, "the fault was never met"


def submit(world: World, signed: Signed) -> int:
    answer = world.registry.submit(signed.to_json(), "")
    assert isinstance(answer, dict)
    assert isinstance(answer["index"], int)
    return answer["index"]


BOTH = pytest.mark.parametrize("stored", [False, True], ids=["not stored", "but stored"])


@BOTH
@pytest.mark.parametrize("point", [*POINTS, *SYSTEM_CALLS], ids=NAMES)
def test_a_fault_at_any_call_of_an_append(
    world: World, monkeypatch: pytest.MonkeyPatch, point: Point, *, stored: bool
) -> None:
    ana = world.join("ana")
    kept = ana.sign({"a.txt": b"kept"})
    flying = ana.prepare({"b.txt": b"in flight"})
    before = check_whole(world)
    with (
        fault(monkeypatch, point, stored=stored, by=WRITER),
        pytest.raises(Unavailable, match="power cut"),
    ):
        submit(world, flying)
    assert world.registry.bundle(kept.id).proof.size == before  # reads go on
    with pytest.raises(Unavailable):
        ana.sign({"c.txt": b"too late"})
    world.restart()
    assert check_whole(world) in {before, before + 1}
    assert submit(world, flying) == before  # neither lost nor doubled
    assert check_whole(world) == before + 1
    assert world.dossier(kept.id).bundle.proof.index < before


@BOTH
@pytest.mark.parametrize("point", STARTS, ids=lambda point: f"{point[1]}-{point[2]}")
def test_a_second_fault_in_the_start_after_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch, point: Point, *, stored: bool
) -> None:
    flying = world.join("ana").prepare({"b.txt": b"in flight"})
    before = check_whole(world)
    committed = (TileFolder, "write", 0)  # in the database, not yet on the public side
    with fault(monkeypatch, committed, stored=False, by=WRITER), pytest.raises(Unavailable):
        submit(world, flying)
    world.close()
    with (
        fault(monkeypatch, point, stored=stored, by=threading.current_thread().name),
        pytest.raises(PowerCut),
    ):
        Registry.open(world.settings, PASSPHRASE, world.clock)
    world.registry = world.open()
    assert submit(world, flying) == before
    assert check_whole(world) == before + 1


@pytest.mark.parametrize("entries", range(2))
def test_a_first_start_that_is_cut_off_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: int
) -> None:
    stage = (Database, "write", entries)
    with fault(monkeypatch, stage, stored=True, by=WRITER), pytest.raises(Unavailable):
        World(tmp_path)
    world = World(tmp_path)
    assert check_whole(world) == 2
    world.join("ana")
    world.close()


def test_bits_that_rot_in_the_database_are_found_before_they_are_signed(world: World) -> None:
    world.join("ana")
    with world.registry._database.write() as connection:
        (leaf,) = connection.row("select leaf from entries where idx = 3")
        rotten = bytes([leaf[0] ^ 1]) + leaf[1:]
        connection.execute("update entries set leaf = ? where idx = 3", (rotten,))
    world.registry.close()
    shutil.rmtree(world.settings.data / "public")  # the tiles would give it away as well
    with pytest.raises(Unavailable, match="do not lead to the newest signed checkpoint"):
        world.open()


def test_a_second_process_on_one_folder_is_refused(world: World) -> None:
    with pytest.raises(Conflict, match=f"in use by process {os.getpid()}: a log in SQLite has one"):
        world.open()
    world.join("ana")
    world.restart()


def test_two_processes_on_one_log_do_not_fork_it(world: World) -> None:
    ana = world.join("ana")
    first = world.registry
    (world.settings.data / "lock").unlink()  # somebody knew better
    second = world.open()  # has signed the checkpoint again: the first has lost the swap
    with pytest.raises(Unavailable, match="another process"):
        first.submit(ana.prepare({"a.txt": b"a"}).to_json(), "")
    first.close()
    world.registry = second
    ana.sign({"b.txt": b"b"})
    check_whole(world)


@pytest.mark.parametrize("found", ["newer", "garbage", "none"])
def test_a_published_checkpoint_that_is_not_ours_stops_the_writer(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture, found: str
) -> None:
    ana = world.join("ana")
    kept, late = ana.sign({"a.txt": b"a"}), ana.prepare({"b.txt": b"b"})
    public = world.settings.data / "public" / world.registry.trust.newest_log.origin / "checkpoint"
    ours = public.read_text()
    if found == "newer":
        shutil.copytree(world.settings.data, tmp_path / "copy" / "registry")
        copy = World(tmp_path / "copy")  # went on elsewhere, and what it published came back
        copy.join("ben")
        public.write_text(copy.registry.checkpoint())
        copy.close()
    elif found == "garbage":
        public.write_text("no note\n")
    else:
        public.unlink()
    with pytest.raises(Unavailable, match="not the one that was published last"):
        submit(world, late)
    (line,) = [item.message for item in caplog.records if item.levelname == "CRITICAL"]
    assert line.startswith("the writer has stopped: the published checkpoint is not")
    assert world.registry.bundle(kept.id).proof.checkpoint == ours  # reads go on
    with world.registry._database.write() as transaction:
        assert transaction.row("select max(idx) from entries") == (late_index(kept, world),)


def late_index(kept: Signed, world: World) -> int:
    """The index of the statement that was logged last."""
    return world.registry.bundle(kept.id).proof.index


CHILD = """
import pathlib, sys
from world import World
world = World(pathlib.Path(sys.argv[1]))
ana = world.join(sys.argv[2])
while True:
    signed = ana.prepare({"a.txt": b"a"})
    answer = world.registry.submit(signed.to_json(), "")
    print(signed.id, answer["index"], flush=True)
"""


def test_a_killed_registry_has_all_that_it_acknowledged(tmp_path: Path, root: Path) -> None:
    acknowledged: dict[str, int] = {}
    path = f"{root}:{root / 'tests/support'}"
    for handle, count in (("ana", 2), ("ben", 8)):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path), handle],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": path},
        )
        assert child.stdout is not None
        lines = [child.stdout.readline().split() for _ in range(count)]
        child.kill()
        lines += [line.split() for line in child.stdout.read().splitlines(keepends=True)]
        child.wait()
        child.stdout.close()
        acknowledged |= {line[0]: int(line[1]) for line in lines if len(line) == 2}
    world = World(tmp_path)
    assert len(acknowledged) >= 10
    assert {name: world.registry.bundle(name).proof.index for name in acknowledged} == acknowledged
    check_whole(world)
    world.close()
