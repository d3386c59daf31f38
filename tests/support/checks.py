"""For checks that run whole programs outside pytest: run one, and say plainly what did not hold."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TOUCHPLATE = str(Path(sys.executable).parent / "touchplate")
# Debian's packages, where they are not called like their programs.
PACKAGES = {
    "ip": "iproute2",
    "mount": "util-linux",
    "nginx": "nginx-light",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}
_SAID = 25  # lines of a failed command's output


class NotHeld(Exception):  # noqa: N818 - says what happened
    """Something did not hold, or is not installed; the message is for a person."""


class Ended(NamedTuple):
    """How a command ended."""

    exit: int
    out: str
    err: str


def run(
    command: Sequence[str | Path],
    variables: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
    seconds: float = 120,
    expected: int = 0,
) -> Ended:
    """Run a command without standard input, its environment this one's and `variables`.

    Raises:
        NotHeld: another exit status than expected, or no end in time.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotHeld(f"{' '.join(words)[:300]}\ntook longer than {seconds} s") from error
    if done.returncode != expected:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-_SAID:])
        raise NotHeld(
            f"{' '.join(words)[:300]}\nended with {done.returncode}, expected {expected}:\n{said}"
        )
    return Ended(done.returncode, done.stdout, done.stderr)


def require(*tools: str) -> None:
    """Raise NotHeld with what to install, unless all are there."""
    if missing := [name for name in tools if shutil.which(name) is None]:
        packages = sorted({PACKAGES.get(name, name) for name in missing})
        raise NotHeld(
            f"not installed: {', '.join(missing)}\n"
            f"hint: apt-get install --no-install-recommends {' '.join(packages)}"
        )


class Visitor(NamedTuple):
    """A person at a machine, who uses the command line as it is installed.

    `prefix` stands before each command, such as one that enters another network.
    """

    folder: Path
    prefix: tuple[str, ...] = ()
    variables: Mapping[str, str] = {}

    def touchplate(self, *arguments: str, expected: int = 0) -> Ended:
        """Run one command in the person's folder; raises NotHeld as `run` does."""
        home = {"TOUCHPLATE_HOME": str(self.folder / "home")}
        command = [*self.prefix, TOUCHPLATE, *arguments]
        return run(command, {**home, **self.variables}, folder=self.folder, expected=expected)


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Return rows as aligned lines."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:{width}}  {value}" for name, value in rows)
