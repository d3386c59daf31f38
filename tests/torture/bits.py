"""Flipped bits in what a registry has committed: `fsck` must find each, wherever it is."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flips import choose, flip, targets

from tests.service.test_fsck import life
from tests.torture.outcome import Outcome
from tests.torture.scene import MEMORY
from trust.service.fsck import check

# Kinds of check that a hasty change could lose. Each must be missed.
SKIPPED = (
    "check_private_parts",
    "check_joins",
    "check_histories",
    "check_certificates",
    "check_checkpoints",
    "check_published",
)
UNFOUND = "unfound"


def flips(folder: Path, start: int, count: int) -> Outcome:
    """Flip bits of a closed registry, one at a time, and check it after each."""
    world = life(folder)
    world.close()
    data = world.settings.data
    details = [f"{UNFOUND}: {where}" for where in unfound(data, start, count)]
    if check.fsck(data).findings:
        raise ValueError("the bits were flipped back, and fsck still finds something")
    return Outcome(count, 0, Counter({UNFOUND: len(details)} if details else {}), details)


def unfound(data: Path, seed: int, count: int) -> Iterator[str]:
    """Yield the places of the flipped bits that `fsck` does not find."""
    for chosen in choose(targets(data), seed, count):
        flip(data, chosen)
        if not check.fsck(data).findings:
            yield str(chosen)
        flip(data, chosen)


def plant(most: int) -> dict[str, bool]:
    """Check with a `fsck` that skips a kind of check, until one of `most` bits is not found."""
    found = {}
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        world = life(Path(folder))
        world.close()
        for name in SKIPPED:
            with _without(name):
                found[f"without {name}"] = any(unfound(world.settings.data, 0, most))
    return found


@contextmanager
def _without(name: str) -> Iterator[None]:
    kept: Callable[..., None] = getattr(check, name)
    setattr(check, name, lambda *_: None)
    try:
        yield
    finally:
        setattr(check, name, kept)
