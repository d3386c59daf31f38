"""A stranger who reads the public checkpoint all the time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture.ledger import Ledger, checkpoint_in

GLANCE = 0.002  # seconds between two looks


@contextmanager
def watched(folder: Path, ledger: Ledger) -> Iterator[None]:
    """Note every checkpoint that a reader could have seen there until the block ends."""
    done = threading.Event()

    def watch() -> None:
        last = None
        while not done.wait(GLANCE):
            note = checkpoint_in(folder)
            if note is not None and note != last:
                ledger.show(note)
                last = note

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
