"""`make image`: build docker/Dockerfile twice, compare, and do the whole job against the image.

Needs buildah, podman and runc. Prints a table and leaves the image as localhost/touchplate:latest.
Everything else that it makes, it removes.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from checks import NotHeld, require, table

from tests.image import containers
from tests.image.containers import Image, tool
from tests.image.life import live

ROOT = Path(__file__).resolve().parents[2]
NAME = "localhost/touchplate:latest"
AGAIN = "localhost/touchplate:again"
SOURCES = ("LICENSE", "README.md", "pyproject.toml", "cli", "docker", "requirements", "trust")
USER = "10001:10001"
# Run inside the image, by its own Python: what a server needs no more than its guests do.
FAULTS = r"""
import importlib.util, os, pathlib, shutil, stat, sys
tools = "pip pip3 cc gcc c++ make git uv hatchling curl wget".split()
for name in tools:
    if shutil.which(name): print("tool", name)
for name in ("pip", "setuptools", "wheel", "ensurepip", "hatchling", "pytest"):
    if importlib.util.find_spec(name): print("module", name)
for folder, folders, files in os.walk("/"):
    folders[:] = [] if folder in ("/proc", "/sys", "/dev") else folders
    for path in (pathlib.Path(folder, name) for name in files + folders):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and mode & 0o6000: print("setuid", path)
        if path.is_relative_to("/opt") and path.lstat().st_uid == os.getuid(): print("own", path)
if os.getuid() != 10001: print("user", os.getuid())
print("looked at", sys.prefix)
"""


def main() -> int:
    """Build, compare, run; return 0 if all held."""
    reference = os.environ.get("BASE") or default_base()
    try:
        require(*containers.TOOLS)
        rows = checked(reference)
    except NotHeld as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(rows))
    return 0


def default_base() -> str:
    """The base that the Dockerfile names."""
    found = re.search(r"^ARG BASE=(\S+)$", (ROOT / "docker/Dockerfile").read_text(), re.MULTILINE)
    assert found
    return found[1]


def checked(reference: str) -> list[tuple[str, str]]:
    """Do all of it, in a folder of its own; return the rows of the table.

    Raises:
        NotHeld: the first thing that did not hold.
    """
    base, origin = containers.base(reference)
    with tempfile.TemporaryDirectory(prefix="touchplate-image-") as name:
        folder = Path(name)
        image, rows = built_twice(folder, base)
        archive = folder / "image.tar"
        tool("buildah", "push", "--quiet", NAME, f"oci-archive:{archive}:touchplate")
        rows += sizes(image, archive)
        tool("podman", "load", "--quiet", "--input", archive)
        rows += looked_into(image)
        rows += live(image, folder)
    return [("base", f"{base} ({origin})"), *rows]


def built_twice(folder: Path, base: str) -> tuple[Image, list[tuple[str, str]]]:
    """Build the checkout, then a copy of it under other dates and modes: one image, or NotHeld."""
    copy = folder / "copy"
    copy.mkdir()
    for source in SOURCES:
        tool("cp", "--recursive", "--no-preserve=all", ROOT / source, copy / source)
    tool("chmod", "--recursive", "go=", copy)
    containers.forget(NAME)
    start = time.monotonic()
    first = containers.build(ROOT, base, epoch(), NAME)
    middle = time.monotonic()
    second = containers.build(copy, base, epoch(), AGAIN)
    end = time.monotonic()
    tool("buildah", "rmi", AGAIN)
    if first.digest != second.digest:
        raise NotHeld(f"two builds of one source differ: {first.digest} and {second.digest}")
    return first, [
        ("first build", f"{middle - start:.0f} s"),
        ("second build", f"{end - middle:.0f} s, another folder, dates and modes: the same image"),
        ("digest", first.digest),
    ]


def epoch() -> int:
    """SOURCE_DATE_EPOCH: the date of the commit; without git (an unpacked archive), a fixed one."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return 1_700_000_000
    git = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return int(subprocess.run(git, check=True, capture_output=True, text=True).stdout)


def sizes(image: Image, archive: Path) -> list[tuple[str, str]]:
    """Say how large it is: in all, and what it adds to its base."""
    layers = image.layers
    return [
        ("size", f"{sum(layers) / 1e6:.0f} MB, of which ours {layers[-1] / 1e6:.0f} MB"),
        ("to download", f"{archive.stat().st_size / 1e6:.0f} MB"),
    ]


def looked_into(image: Image) -> list[tuple[str, str]]:
    """Check who it runs as and what it holds, from inside and as that user."""
    if image.config["User"] != USER:
        raise NotHeld(f"runs as {image.config['config']['User']!r}, expected {USER}")
    found = tool(*containers.podman_run("--rm", "--entrypoint=python3"), image.id, "-c", FAULTS)
    *faults, last = found.splitlines()
    if faults or last != "looked at /opt/touchplate":
        raise NotHeld("the image holds what it should not:\n" + found)
    return [("inside", f"user {USER}; no build tool, no setuid file, no code of its own to write")]


if __name__ == "__main__":
    sys.exit(main())
