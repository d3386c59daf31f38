"""The proxy that we ship, in front of a registry on this machine: nginx with docker/nginx.conf.

Changed are the addresses alone, and TLS is left out, whose cost is the client's as much as ours.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench.load import Server
from tests.torture.crowd import ADDRESS, Door
from trust.commands.server import listen

CONFIGURATION = Path(__file__).resolve().parents[2] / "docker" / "nginx.conf"
NGINX = shutil.which("nginx")
START_SECONDS = 10.0


class Proxy(NamedTuple):
    """What answers under a port; whose CPU it takes is not measured."""

    port: int

    def cpu(self) -> float:
        """Nothing, always."""
        return 0.0


@contextmanager
def proxied(folder: Path, server: Server) -> Iterator[Proxy]:
    """Run nginx in front of a registry until the block ends."""
    if NGINX is None:
        raise OSError("nginx is not installed")
    folder.mkdir()
    with listen(ADDRESS, 0) as one, listen(ADDRESS, 0) as other:
        ports = one.getsockname()[1], other.getsockname()[1]
    (folder / "nginx.conf").write_text(_configuration(server.port, *ports), encoding="utf-8")
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", _globals()]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(ports[0])
            yield Proxy(ports[0])
        finally:
            process.terminate()


def _configuration(registry: int, port: int, redirects: int) -> str:
    text = CONFIGURATION.read_text(encoding="utf-8")
    text = re.sub(r"^ *(ssl_|listen \[).*\n", "", text, flags=re.MULTILINE)
    for old, new in (
        ("server registry:8080;", f"server {ADDRESS}:{registry};"),
        ("listen 80;", f"listen {ADDRESS}:{redirects};"),
        ("listen 443 ssl;", f"listen {ADDRESS}:{port};"),
    ):
        if text.count(old) != 1:
            raise ValueError(f"{CONFIGURATION.name} does not say {old!r} once")
        text = text.replace(old, new)
    return text


def _globals() -> str:
    """Run in front, and as who we are: the folder is ours alone."""
    return "daemon off;" + (" user root;" if os.geteuid() == 0 else "")


def _wait(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with closing(Door(port)) as door:
                door.get("/readyz")
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
