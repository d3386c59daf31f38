"""Older and foreign data folders, whole and in parts: a log must not go on from them.

Three states of one log: `old`; `new`, which went on from it and was seen by readers; `other`, a
copy of `old` that went on elsewhere. A data folder is put together from the database of one, the
tiles of one and the checkpoint of one, in every way; then it is started and appended to.
"""

import itertools
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.torture.outcome import Outcome
from tests.torture.scene import MEMORY, Life, Scene
from trust.core.errors import TouchplateError

STATES = ("old", "new", "other")


class Mixture(NamedTuple):
    """Which state each part of a data folder is of."""

    database: str
    tiles: str
    checkpoint: str


# What a crash leaves, what was never touched, and what has lost its tiles, which are laid again.
RIGHT = {
    Mixture("new", tiles, checkpoint)
    for tiles, checkpoint in (("new", "new"), ("new", "old"), ("old", "old"), ("old", "new"))
}


def knowable(mixture: Mixture) -> bool:
    """Say whether anything in the folder gives away that it must not go on.

    Where the checkpoint is not newer than the database and the tiles fit both, nothing does: the
    whole folder is of an earlier time, or of a copy. Only a witness has seen more.
    """
    fitting = ("old", mixture.database)
    return mixture not in RIGHT and (
        mixture.checkpoint not in fitting
        or (mixture.database == "new" and mixture.tiles == "other")
    )


MIXTURES = [
    mixture for place in itertools.product(STATES, repeat=3) if knowable(mixture := Mixture(*place))
]


def refused(scene: Scene, states: dict[str, Path], mixture: Mixture) -> str | None:
    """Start a mixture and append to it; return why it was refused, None if it was not."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        data = Path(name) / "data"
        shutil.copytree(states[mixture.database], data)
        public, checkpoint = scene.public(data), scene.public(states[mixture.checkpoint])
        shutil.rmtree(public)
        shutil.copytree(scene.public(states[mixture.tiles]), public)
        shutil.copy(checkpoint / "checkpoint", public / "checkpoint")
        tables, tiles = scene.storage(data)
        try:
            life = Life(scene, tables, tiles)
            life.append(scene.batch("after the restoration", 2))
            life.close()
        except TouchplateError as error:
            return str(error)
        finally:
            tables.close()
    return None


def states_of(scene: Scene, folder: Path) -> dict[str, Path]:
    """Make the three states."""
    states = {"old": scene.copy(folder / "old")}
    _grow(scene, states["old"], "old", 3)
    for name, size in (("new", 4), ("other", 5)):
        states[name] = folder / name
        shutil.copytree(states["old"], states[name])
        _grow(scene, states[name], name, size)
    return states


def _grow(scene: Scene, data: Path, name: str, count: int) -> None:
    tables, tiles = scene.storage(data)
    life = Life(scene, tables, tiles)
    for number in range(count):
        life.append(scene.batch(f"{name} {number}", 1 + number % 2))
    life.close()
    tables.close()


def mixtures(folder: Path, start: int, count: int) -> Outcome:
    """Start some of the mixtures; one that goes on is a fork."""
    scene = Scene.make(folder / "scene")
    states = states_of(scene, folder)
    chosen = MIXTURES[start : start + count]
    details = [
        f"fork: {mixture} was started and went on"
        for mixture in chosen
        if refused(scene, states, mixture) is None
    ]
    return Outcome(len(chosen), 0, Counter(fork=len(details)), details)
