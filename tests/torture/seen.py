"""Every kind of older or foreign data folder, where witnesses have seen the newest one.

`rollback` asks what a folder alone gives away. Here the registry asks three witnesses, our own, that
have cosigned `new`: whatever was put back must be refused, and where the database is the older or
the foreign one, the sentence names the checkpoint that the witnesses hold.
"""

import dataclasses
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from guild import NAMES, Guild
from world import PASSPHRASE, Person, World

from tests.torture.outcome import Outcome
from tests.torture.rollback import RIGHT, STATES, Mixture
from tests.torture.scene import DATABASE, MEMORY
from trust.core.errors import TouchplateError
from trust.service.backup import back_up, restore
from trust.service.registry import Registry


class Kind(NamedTuple):
    """What was put back: how it is made in a folder that is not there yet, out of the states."""

    name: str
    make: Callable[[dict[str, Path], Path], None]
    named: bool  # whether the refusal must name what the witnesses hold


def _mixture(mixture: Mixture) -> Kind:
    def make(states: dict[str, Path], data: Path) -> None:
        shutil.copytree(states[mixture.database], data)
        public = _public(data)
        shutil.rmtree(public)
        shutil.copytree(_public(states[mixture.tiles]), public)
        shutil.copy(_public(states[mixture.checkpoint]) / "checkpoint", public)

    return Kind(str(mixture), make, mixture.database != "new")


def _without_tiles(state: str) -> Kind:
    def make(states: dict[str, Path], data: Path) -> None:
        shutil.copytree(states[state], data)
        shutil.rmtree(_public(data))

    return Kind(f"{state}, and nothing is published", make, named=True)


def _without_database(states: dict[str, Path], data: Path) -> None:
    shutil.copytree(states["old"], data)
    shutil.rmtree(_public(data))
    for path in data.glob(f"{DATABASE}*"):
        path.unlink()


def _restored(states: dict[str, Path], data: Path) -> None:
    backup = data.with_name("backup")
    back_up(states["old"], backup, 0)
    restore(backup, data)


KINDS = (
    *(
        _mixture(mixture)
        for place in itertools.product(STATES, repeat=3)
        if (mixture := Mixture(*place)) not in RIGHT
    ),
    _without_tiles("old"),
    _without_tiles("other"),
    Kind("keys alone, and a new database", _without_database, named=True),
    Kind("a backup that is old, restored", _restored, named=True),
)


def _public(data: Path) -> Path:
    return next((data / "public").iterdir())


class Seen:
    """A registry whose newest state was cosigned, and older and foreign states of it."""

    def __init__(self, folder: Path) -> None:
        self._world = world = World(folder / "world")
        self._guild = Guild(folder / "guild", world.registry.trust.newest_log.log_key, world.clock)
        world.settings = dataclasses.replace(world.settings, witness_policy=self._guild.policy)
        world.restart()
        person = world.join("ana")
        self._states = {"old": self._keep(folder / "old")}
        world.registry = world.open()
        self._guild.stop(*NAMES)  # nobody sees how the copy goes on
        self._grow(person, "other", 5)
        self._states["other"] = self._keep(folder / "other")
        for name in NAMES:
            self._guild.start(name)
        shutil.rmtree(world.settings.data)
        shutil.copytree(self._states["old"], world.settings.data)
        world.registry = world.open()
        self._grow(person, "new", 4)
        self.size = world.registry.facts().size
        self._states["new"] = self._keep(folder / "new")

    def close(self) -> None:
        """Stop the witnesses."""
        self._guild.close()

    def start(self, kind: Kind) -> str | None:
        """Start what was put back; return what is wrong with how that ends, None if nothing."""
        with tempfile.TemporaryDirectory(dir=MEMORY) as name:
            data = Path(name) / "data"
            kind.make(self._states, data)
            settings = dataclasses.replace(self._world.settings, data=data)
            try:
                Registry.open(settings, PASSPHRASE, self._world.clock).close()
            except TouchplateError as error:
                if kind.named and not self._names(str(error)):
                    return f"{kind.name}: refused without the newer checkpoint: {error}"
                return None
            return f"{kind.name}: it was started and went on"

    def _names(self, sentence: str) -> bool:
        return any(
            f"witness {name} holds {article} checkpoint of {self.size} entries" in sentence
            for name, article in itertools.product(NAMES, ("a", "another"))
        )

    def _grow(self, person: Person, name: str, count: int) -> None:
        for number in range(count):
            person.sign({f"{name}.txt": f"{name} {number}".encode()})

    def _keep(self, target: Path) -> Path:
        self._world.close()
        shutil.copytree(self._world.settings.data, target)
        return target


def starts(folder: Path, start: int, count: int) -> Outcome:
    """Start some of the kinds; one that goes on is a fork."""
    seen = Seen(folder)
    try:
        chosen = KINDS[start : start + count]
        details = [f"fork: {wrong}" for kind in chosen if (wrong := seen.start(kind)) is not None]
    finally:
        seen.close()
    return Outcome(len(chosen), 0, Counter(fork=len(details)) if details else Counter(), details)
