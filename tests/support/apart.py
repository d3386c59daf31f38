"""A registry whose keys are with a signer: in this process for most tests, behind a real socket."""

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from world import PASSPHRASE, World

from trust.service.keyring import Keyring
from trust.service.registry import Registry
from trust.signer.server import serving
from trust.signer.signer import Signer


class WorldApart(World):
    """A world without a key in its data folder."""

    def __init__(self, folder: Path, socket: Path) -> None:
        self.socket = socket
        super().__init__(folder)

    def open(self) -> Registry:
        """Open the registry with no passphrase, and with the signer at the socket."""
        self.settings = dataclasses.replace(self.settings, signer=self.socket)
        return Registry.open(self.settings, b"", self.clock)


@contextmanager
def signing(folder: Path) -> Iterator[Path]:
    """Run a signer over a folder, yield its socket."""
    folder.mkdir(exist_ok=True)
    socket = folder / "socket"
    with serving(Signer.open(folder, Keyring(folder, PASSPHRASE)), socket):
        yield socket


class SignerProcess:
    """`touchplate signer serve` as a process that can be killed."""

    def __init__(self, folder: Path, passphrase: Path) -> None:
        self.socket = folder / "socket"
        self._command = [
            *(sys.executable, "-m", "trust_cli.main", "signer", "serve", "--data", str(folder)),
            *("--socket", str(self.socket), "--passphrase-file", str(passphrase)),
        ]
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("signing at"), line + process.stderr.read()
        return process

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start it again."""
        self.process = self._start()

    def _end(self, number: int) -> int:
        os.kill(self.process.pid, number)
        code = self.process.wait(20)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code
