"""The parts of a run: what is done, how often, and which faults it plants in itself."""

import logging
import multiprocessing
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from postgres_server import PostgresServer

from tests.torture import bits, planted
from tests.torture.double import Doubles, Plan
from tests.torture.full import Way, fill, ways
from tests.torture.kill import Loop
from tests.torture.ledger import FAULTS
from tests.torture.outcome import Outcome
from tests.torture.power import WRONG, cuts
from tests.torture.restart import restarted
from tests.torture.rollback import MIXTURES, mixtures
from tests.torture.scene import MEMORY
from tests.torture.seen import KINDS, starts

SEEDED_KILLS = 30  # at most, for each planted fault
SEEDED_PLANS = 60
SEEDED_CUTS = 40
SEEDED_FLIPS = 200
SEEDED_FILLINGS = 6
SEEDED_RESTARTS = 10
SEEDED_PATIENCE = 5.0  # seconds; what is in order is back in two
DOUBLES_IN_CI = 100


class Part(NamedTuple):
    """One way to break a registry."""

    name: str
    title: str
    unit: str
    trials: Callable[..., int]  # how many, given `short` and `cycles`
    piece: int  # trials between two savings of the state
    run: Callable[[Path, int, int], Outcome]  # in a folder, from a trial on, so many
    plant: Callable[[], dict[str, bool]]  # each planted fault, and whether it was found
    folder: str | None = None  # where the folder lies
    faults: tuple[str, ...] = FAULTS  # what is counted


def alone(function: Callable[[], bool]) -> bool:
    """Call a function in a process of its own: what it plants there is gone with it."""
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function).result()


# A registry that is killed.


def kills(*, short: bool, cycles: int) -> int:
    """50 in CI."""
    return 50 if short else cycles


def kill(folder: Path, start: int, count: int) -> Outcome:
    """Kill a new registry `count` times."""
    return Loop(folder / "registry", seed=start).run(count)


def plant_in_registries() -> dict[str, bool]:
    """Kill registries that write in a wrong order."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for place, fault in enumerate(planted.IN_A_REGISTRY):
            loop = Loop(Path(name) / str(place), seed=place, planted=fault)
            found[fault] = bool(loop.run(SEEDED_KILLS).faults)
    return found


def kills_on_postgres(*, short: bool, cycles: int) -> int:
    """10 in CI: whoever comes next waits for the end of a lease."""
    return 10 if short else cycles


def kill_on_postgres(folder: Path, start: int, count: int) -> Outcome:
    """Kill a new registry on PostgreSQL `count` times."""
    with PostgresServer.running() as postgres, postgres.database() as url:
        return Loop(folder / "registry", seed=start, database=url).run(count)


def plant_on_postgres() -> dict[str, bool]:
    """Kill registries that write in a wrong order, on PostgreSQL."""
    found = {}
    with tempfile.TemporaryDirectory() as name, PostgresServer.running() as postgres:
        for place, fault in enumerate(planted.ON_POSTGRES):
            with postgres.database() as url:
                loop = Loop(Path(name) / str(place), seed=place, planted=fault, database=url)
                found[fault] = bool(loop.run(SEEDED_KILLS).faults)
    return found


# PostgreSQL that is restarted under three processes.


def restarts(*, short: bool, cycles: int) -> int:
    """2 in CI, else 100."""
    del cycles
    return 2 if short else 100


def restart(folder: Path, start: int, count: int) -> Outcome:
    """Restart the database of a new registry `count` times."""
    place = folder / "registry"
    with (
        PostgresServer.running() as server,
        server.database() as url,
        restarted(place, server, url, seed=start) as loop,
    ):
        return loop.run(start, count)


def plant_under_restarts() -> dict[str, bool]:
    """Restart it under processes that do not bear it."""
    found = {}
    with tempfile.TemporaryDirectory() as name, PostgresServer.running() as server:
        for place, fault in enumerate(planted.UNDER_RESTARTS):
            folder = Path(name) / str(place)
            with server.database() as url, restarted(folder, server, url, place, fault) as loop:
                found[fault] = bool(loop.run(0, SEEDED_RESTARTS, SEEDED_PATIENCE).faults)
    return found


# Storage calls that fail, one or two of them.


def double(folder: Path, start: int, count: int) -> Outcome:
    """Run some of the plans: all of them in the end, spread over the pieces."""
    logging.disable()
    doubles = Doubles(folder)
    plans = spread(doubles.plans())
    return doubles.run(plans[start : start + count])


def doubles(*, short: bool, cycles: int) -> int:
    """Every single fault and every pair, or some of them."""
    del cycles
    if short:
        return DOUBLES_IN_CI
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        return len(Doubles(Path(name)).plans())


def spread(items: list[Plan]) -> list[Plan]:
    """Order items so that the first few are from everywhere."""
    step = 7
    return [item for first in range(step) for item in items[first::step]]


def plant_under_faults() -> dict[str, bool]:
    """Let calls fail under writers that do not bear it."""
    return {name: alone(partial(_double_fault, name)) for name in planted.UNDER_FAULTS}


def _double_fault(name: str) -> bool:
    logging.disable()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        doubles = Doubles(Path(folder))
        planted.WINDOW = 0
        planted.UNDER_FAULTS[name]()
        return any(doubles.run([plan]).faults for plan in doubles.plans()[:SEEDED_PLANS])


# A power cut, after which only what was synced is sure.


def power_cuts(*, short: bool, cycles: int) -> int:
    """100 in CI, else 2,000."""
    del cycles
    return 100 if short else 2000


def power(folder: Path, start: int, count: int) -> Outcome:
    """Record one life of a writer, and cut it at as many moments."""
    logging.disable()
    return cuts(folder, start, count)


def plant_under_power() -> dict[str, bool]:
    """Cut lives that do not sync, or write in a wrong order."""
    return {name: alone(partial(_power_fault, name)) for name in WRONG}


def _power_fault(name: str) -> bool:
    logging.disable()
    planted.WINDOW = 0
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return bool(cuts(Path(folder), 0, SEEDED_CUTS, **WRONG[name]).faults)


# Older and foreign data folders.


def rollbacks(*, short: bool, cycles: int) -> int:
    """All mixtures that a start can know to be wrong."""
    del short, cycles
    return len(MIXTURES)


def rollback(folder: Path, start: int, count: int) -> Outcome:
    """Start mixtures of data folders."""
    logging.disable()
    return mixtures(folder, start, count)


def plant_in_starts() -> dict[str, bool]:
    """Start them with a start that does not look."""
    return {name: alone(partial(_rollback_fault, name)) for name in planted.OLD_FOLDERS}


def _rollback_fault(name: str) -> bool:
    logging.disable()
    planted.OLD_FOLDERS[name]()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return bool(mixtures(Path(folder), 0, len(MIXTURES)).faults)


# The same, where witnesses have seen more.


def kinds_seen(*, short: bool, cycles: int) -> int:
    """All kinds, also those in which the folder itself is of one piece."""
    del short, cycles
    return len(KINDS)


def rollback_seen(folder: Path, start: int, count: int) -> Outcome:
    """Start kinds of data folders under witnesses."""
    logging.disable()
    return starts(folder, start, count)


def plant_in_seen_starts() -> dict[str, bool]:
    """Start them without asking, or without comparing."""
    return {name: alone(partial(_seen_fault, name)) for name in planted.SEEN_FOLDERS}


def _seen_fault(name: str) -> bool:
    logging.disable()
    planted.SEEN_FOLDERS[name]()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return bool(starts(Path(folder), 0, len(KINDS)).faults)


# A disk that is full.


def fillings(*, short: bool, cycles: int) -> int:
    """6 in CI, each way twice; else 50."""
    del cycles
    return 6 if short else 50


def plant_on_full_disks() -> dict[str, bool]:
    """Fill disks under registries that write in a wrong order."""
    found = {}
    for name in planted.ON_A_FULL_DISK:
        with tempfile.TemporaryDirectory() as folder:
            found[name] = bool(fill(Path(folder), 0, SEEDED_FILLINGS, name).faults)
    return found


# A bit that flips in what is committed.


def flippings(*, short: bool, cycles: int) -> int:
    """50 in CI, else 1,000."""
    del cycles
    return 50 if short else 1000


def plant_in_checks() -> dict[str, bool]:
    """Look for bits with checks that look at less."""
    return bits.plant(SEEDED_FLIPS)


PARTS = (
    Part(
        "kill_sqlite",
        "kill -9 while 8 write, SQLite",
        "kills",
        kills,
        50,
        kill,
        plant_in_registries,
    ),
    Part(
        "kill_postgres",
        "kill -9 while 8 write, PostgreSQL",
        "kills",
        kills_on_postgres,
        50,
        kill_on_postgres,
        plant_on_postgres,
    ),
    Part(
        "restart_postgres",
        "PostgreSQL restarted under three",
        "restarts",
        restarts,
        25,
        restart,
        plant_under_restarts,
    ),
    Part(
        "double_fault",
        "two storage calls fail",
        "runs",
        doubles,
        200,
        double,
        plant_under_faults,
        MEMORY,
    ),
    Part(
        "power_cut",
        "power cuts, SQLite and files",
        "cuts",
        power_cuts,
        100,
        power,
        plant_under_power,
        MEMORY,
    ),
    Part(
        "rollback",
        "older and foreign data folders",
        "mixtures",
        rollbacks,
        100,
        rollback,
        plant_in_starts,
        MEMORY,
        ("fork",),
    ),
    Part(
        "rollback_witnessed",
        "the same, and witnesses saw more",
        "kinds",
        kinds_seen,
        100,
        rollback_seen,
        plant_in_seen_starts,
        MEMORY,
        ("fork",),
    ),
    Part(
        "disk_full",
        "full disk: tmpfs, floor, file limit"
        if Way.END in ways()
        else "full disk: file limit, as no root",
        "fillings",
        fillings,
        10,
        fill,
        plant_on_full_disks,
    ),
    Part(
        "bit_flip",
        "flipped bits, and fsck after each",
        "flips",
        flippings,
        50,
        bits.flips,
        plant_in_checks,
        MEMORY,
        (bits.UNFOUND,),
    ),
)
