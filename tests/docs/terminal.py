"""A terminal for the documents: runs a command in a pseudo-terminal and types the answers.

The command sees a real terminal of 100 columns without colours, as a person would, so that
questions are asked and long lines are folded.
"""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

COLUMNS = 100
LATER = Path(__file__).parent / "later"
SECONDS = 1200  # for one command; the longest is `make test`
ANSWERS = (
    (re.compile(r"[Pp]assphrase (of|for) your key: $"), "correct horse battery staple"),
    (re.compile(r"The same again: $"), "correct horse battery staple"),
    (re.compile(r"Enter = not compared\] $"), "y"),
)
# The terminal has to be the controlling one, or the passphrase would be asked for elsewhere.
_LEAD = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execvp('sh', ['sh', '-c', sys.argv[1]])"
)


class Terminal:
    """A person's terminal: a home of its own, in which every command starts."""

    def __init__(self, home: Path, programs: Path, clock: Path | None = None) -> None:
        """Make a home; `clock` is the file by which time is moved, see later/sitecustomize.py."""
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        kept = ("LANG", "LC_ALL", "SSL_CERT_FILE")
        self._env = {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "HOME": str(home),
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
            "TERM": "dumb",
            "PYTHONUTF8": "1",
        }
        if clock is not None:
            self._env |= {"PYTHONPATH": str(LATER), "TOUCHPLATE_LATER": str(clock)}
        self._background: list[tuple[subprocess.Popen[bytes], int]] = []

    def run(self, command: str) -> str:
        """Run a command to its end; return what the terminal showed."""
        process, reader = self._start(command)
        try:
            return self._watch(process, reader, until=None)
        finally:
            _stop(process, reader)

    def leave_running(self, command: str, until: str) -> str:
        """Start a command that goes on until `close`; return what it showed up to a word."""
        process, reader = self._start(command)
        self._background.append((process, reader))
        return self._watch(process, reader, until)

    def close(self) -> None:
        """End what was left running."""
        while self._background:
            _stop(*self._background.pop())

    def _start(self, command: str) -> tuple[subprocess.Popen[bytes], int]:
        reader, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, (50, COLUMNS))
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", _LEAD, command],
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
                cwd=self.home,
                env=self._env,
            )
        finally:
            os.close(terminal)
        return process, reader

    def _watch(self, process: subprocess.Popen[bytes], reader: int, until: str | None) -> str:
        shown, answered = b"", 0
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            text = _text(shown)
            if until is not None and until in text and text.endswith("\n"):
                return text
            for question, answer in ANSWERS:
                if question.search(text[answered:]):
                    os.write(reader, f"{answer}\n".encode())
                    answered = len(text)
            if select.select([reader], [], [], 0.2)[0]:
                piece = _read(reader)
                if not piece:
                    process.wait(SECONDS)
                    return text
                shown += piece
        raise TimeoutError(f"not done after {SECONDS} s: {_text(shown)}")


def _text(shown: bytes) -> str:
    """Return what stands on the screen: a carriage return writes over the line."""
    lines = shown.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    return "\n".join(line.rsplit("\r", 1)[-1] for line in lines)


def _read(reader: int) -> bytes:
    try:
        return os.read(reader, 1 << 16)
    except OSError:  # Linux says so when nobody holds the other side any more
        return b""


def _stop(process: subprocess.Popen[bytes], reader: int) -> None:
    """End a command and whatever it started: it leads a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(30)
    os.close(reader)
