"""Registries in processes of their own, which somebody will kill.

A start of `touchplate serve` spends two seconds in importing. Most victims are therefore forked from
a process that has imported everything, and then open and serve the registry by the very code of
`serve`; every tenth is `touchplate serve` itself.
"""

import http.client
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tests.torture.crowd import Door
from tests.torture.planted import IN_A_REGISTRY, UNDER_RESTARTS
from trust.commands.server import listen, running
from trust.service import member
from trust.service.settings import Settings
from trust.storage import leases

TOUCHPLATE = str(Path(sys.executable).parent / "touchplate")
START_SECONDS = 60.0
PASSPHRASE = b"a passphrase that guards nothing"
_POLL = 0.01

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__])


class Place(NamedTuple):
    """Where a registry lies, and under which port it answers."""

    folder: Path
    port: int
    disk_floor: int = 0  # of the forked ones
    database: str | None = None  # a URL of PostgreSQL
    named: int | None = None  # the port in its public URL, if that is another one

    @property
    def url(self) -> str:
        """What everyone calls it."""
        return f"http://localhost:{self.named or self.port}"

    @property
    def errors(self) -> Path:
        """What its process wrote."""
        return self.folder / f"stderr-{self.port}"

    @property
    def public(self) -> Path:
        """The public files of its one log; there are none before its first start."""
        return next((self.folder / "data" / "public").iterdir())


class Victim:
    """A registry that runs until it is killed."""

    def __init__(self, place: Place, *, command: bool, planted: str | None = None) -> None:
        """Start it: by the command, or forked, with a planted fault of a registry."""
        self._place = place
        self._started = time.monotonic()
        self._forked = None
        self._command = _serve(place) if command else None
        if not command:
            self._forked = _context.Process(target=_main, args=(place, planted), daemon=True)
            self._forked.start()

    def wait_ready(self) -> float:
        """Return after how many seconds it answered that it is ready.

        Raises:
            TimeoutError: it ended, or never answered.
        """
        while time.monotonic() - self._started < START_SECONDS:
            with closing(Door(self._place.port, self._place.named)) as door:
                try:
                    door.get("/readyz")
                except (OSError, http.client.HTTPException):
                    if self.ended:
                        raise TimeoutError(f"the start ended: {self.last_words}") from None
                    time.sleep(_POLL)
                else:
                    return time.monotonic() - self._started
        raise TimeoutError(f"not ready after {START_SECONDS:g} s")

    def kill(self) -> None:
        """Kill it, with no chance to do anything."""
        process = self._forked or self._command
        if process is None or process.pid is None:
            raise ValueError("nothing was started")
        os.kill(process.pid, signal.SIGKILL)
        self.wait()

    def limit_files(self, size: int) -> None:
        """Let no file of it grow beyond a size in bytes; -1 takes the limit away."""
        process = self._forked or self._command
        if process is None or process.pid is None:
            raise ValueError("nothing was started")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def wait(self) -> None:
        """Wait until it is gone."""
        if self._forked is not None:
            self._forked.join()
            self._forked.close()
        if self._command is not None:
            self._command.wait()

    @property
    def ended(self) -> bool:
        """Whether its process is gone."""
        if self._forked is not None:
            return not self._forked.is_alive()
        return self._command is not None and self._command.poll() is not None

    @property
    def last_words(self) -> str:
        """The last line that it wrote."""
        lines = self._place.errors.read_text(errors="replace").splitlines()
        return lines[-1] if lines else "without a word"


def _serve(place: Place) -> subprocess.Popen[bytes]:
    command = [TOUCHPLATE, "serve", "--data", str(place.folder / "data"), "--port", str(place.port)]
    command += ["--disk-floor", "0", "--passphrase-file", str(place.folder / "passphrase")]
    command += ["--public-url", place.url]
    command += [] if place.database is None else ["--database", place.database]
    with place.errors.open("wb") as errors:
        return subprocess.Popen(command, stderr=errors, stdin=subprocess.DEVNULL)


def _main(place: Place, planted: str | None) -> None:
    """Be a registry."""
    errors = os.open(place.errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(errors, 2)
    if planted is not None:
        {**IN_A_REGISTRY, **UNDER_RESTARTS}[planted]()
    if place.database is not None:
        # Whoever comes after a killed one waits for the end of its lease: here not for 5 seconds.
        leases.LEASE_SECONDS, member._RENEW_SECONDS = 1, 0.2  # type: ignore[misc]
    settings = Settings(
        data=place.folder / "data",
        public_url=place.url,
        port=place.port,
        disk_floor=place.disk_floor,
        database=place.database,
    )
    with running(settings, PASSPHRASE):
        signal.pause()


def new_place(folder: Path, database: str | None = None) -> Place:
    """Take a free port for a registry that is not made yet."""
    folder.mkdir(parents=True)
    (folder / "passphrase").write_bytes(PASSPHRASE)
    with listen("127.0.0.1", 0) as bound:
        return Place(folder, bound.getsockname()[1], database=database)
