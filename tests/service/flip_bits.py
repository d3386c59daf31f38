"""Flips as many bits as it is told in a registry of its own: `python -m tests.service.flip_bits N`.

Run it with `PYTHONPATH=tests/support`. It prints each bit that `fsck` did not find.
"""

import sys
import tempfile
from pathlib import Path

from flips import choose, flip, targets

from tests.service.test_fsck import life
from trust.service.fsck.check import fsck


def main(count: int, seed: int = 0) -> int:
    """Return how many flipped bits were not found."""
    with tempfile.TemporaryDirectory() as folder:
        world = life(Path(folder))
        world.close()
        data, missed = world.settings.data, 0
        for chosen in choose(targets(data), seed, count):
            flip(data, chosen)
            if not fsck(data).findings:
                missed += 1
                sys.stdout.write(f"not found: {chosen}\n")
            flip(data, chosen)
    sys.stdout.write(f"{count} bits flipped, {missed} not found\n")
    return missed


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *map(int, sys.argv[2:])) > 0)
