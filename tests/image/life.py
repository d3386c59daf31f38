"""The life of a registry in a container: join, sign, verify, restart, stop; by the command line."""

import json
import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from checks import NotHeld, Visitor

from tests.image.containers import Image, podman_run, tool

DATA = "/srv/touchplate"
START_SECONDS = 60
STOP_SECONDS = 15
VERIFY = ("verify", "mark.txt", "--signer", "@ana")


def live(image: Image, folder: Path) -> list[tuple[str, str]]:
    """Serve, use and restart an image; return rows for the table.

    Raises:
        NotHeld: the first thing that did not hold.
    """
    volume = f"touchplate-image-{os.getpid()}"
    url = f"http://localhost:{free_port()}"
    ana = Visitor(folder / "ana")
    ana.folder.mkdir()
    tool("podman", "volume", "create", volume)
    try:
        with serving(image, volume, url) as started:
            rows = [("serves", f"after {started:.1f} s, read-only, without capabilities")]
            rows += used(ana, url)
        with serving(image, volume, url):
            ana.touchplate(*VERIFY, "--online")
        rows += [
            ("after a restart", "the same registry: verify --online exits 0"),
            ("stopped", "both times by SIGTERM, exit 0"),
        ]
    finally:
        tool("podman", "volume", "rm", "--force", volume)
    return rows + verified_inside(image, ana)


@contextmanager
def serving(image: Image, volume: str, url: str) -> Iterator[float]:
    """Serve from a volume until the block ends; give the seconds until it was ready."""
    words = podman_run("--detach", "--network=host", f"--volume={volume}:{DATA}")
    serve = ["serve", f"--data={DATA}", f"--port={url.rpartition(':')[2]}", f"--public-url={url}"]
    container = tool(*words, image.id, *serve).strip()
    try:
        yield wait(url, container)
        tool("podman", "stop", f"--time={STOP_SECONDS}", container)
        status = tool("podman", "wait", container).strip()
        if status != "0":
            raise NotHeld(f"stopped with {status}, expected 0:\n{said(container)}")
    finally:
        tool("podman", "rm", "--force", container)


def said(container: str) -> str:
    """What a container wrote."""
    return tool("podman", "logs", container)


def wait(url: str, container: str) -> float:
    """Return the seconds until the registry was ready."""
    start = time.monotonic()
    while time.monotonic() < start + START_SECONDS:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310 - ours
                if json.load(answer) == {"status": "ready"}:
                    return time.monotonic() - start
        except OSError:
            time.sleep(0.1)
    raise NotHeld(f"not ready after {START_SECONDS} s:\n{said(container)}")


def used(ana: Visitor, url: str) -> list[tuple[str, str]]:
    """Join, sign and verify against the container; a changed file is refused."""
    (ana.folder / "passphrase").write_text("a passphrase of Ana\n")
    mark = ana.folder / "mark.txt"
    mark.write_text("struck on the plate\n")
    key = ["--passphrase-file", "passphrase"]
    ana.touchplate("join", "--registry", url, "--handle", "ana", *key)
    ana.touchplate("sign", mark.name, *key)
    verdict = ana.touchplate(*VERIFY).out.splitlines()[-1]
    ana.touchplate(*VERIFY, "--online")
    original = mark.read_bytes()
    mark.write_bytes(original + b"!")
    ana.touchplate(*VERIFY, expected=1)
    mark.write_bytes(original)
    return [("join, sign, verify", f"{verdict[:72]} ..."), ("a changed file", "verify exits 1")]


def verified_inside(image: Image, ana: Visitor) -> list[tuple[str, str]]:
    """Verify with the image's own command line, without any network; the folder is read-only."""
    tool("chmod", "--recursive", "a+rX", ana.folder.parent)
    words = podman_run("--rm", "--network=none", f"--volume={ana.folder}:/srv/work:ro")
    words += ["--env=TOUCHPLATE_HOME=/srv/work/home", "--workdir=/srv/work"]
    tool(*words, image.id, *VERIFY)
    return [("verify in the image", "exits 0 without a network")]


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
