"""buildah and podman: build docker/Dockerfile, and run what was built as compose.yaml hardens it.

Builds in a chroot, and runs with limits of its own under runc: that works on any machine, inside a
container or a small virtual machine, too.
"""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import checks
import compose
from checks import NotHeld

TOOLS = ("buildah", "podman", "runc")
STAND_IN = "localhost/touchplate-stand-in:bookworm"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
LONG = 900  # seconds, for what loads packages


class Image(NamedTuple):
    """A built image: `digest` is over its manifest, which names every layer by its digest.

    `layers` are their sizes in bytes, the last of them ours.
    """

    id: str
    digest: str
    layers: list[int]
    config: dict[str, Any]


def tool(*command: str | Path, seconds: float = 120) -> str:
    """Run buildah or podman; return its standard output. Raises NotHeld as `checks.run` does."""
    return checks.run(command, {"BUILDAH_ISOLATION": "chroot"}, seconds=seconds).out


def base(reference: str) -> tuple[str, str]:
    """Return a base to build on and how it came: pulled, or a stand-in where none can be.

    The stand-in is Debian's own Python on the same release of Debian, made once from Debian's
    packages: the Dockerfile is the same, the bytes of the base are not those of the real one.
    """
    try:
        tool("buildah", "pull", "--quiet", reference, seconds=LONG)
    except NotHeld:
        print(f"  {reference} cannot be pulled here: building on a stand-in", file=sys.stderr)
    else:
        return reference, "pulled"
    if not _known(STAND_IN):
        _make_stand_in()
    return STAND_IN, f"a STAND-IN for {reference}"


def forget(name: str) -> None:
    """Remove an image of ours that an earlier run left, if there is one."""
    if _known(name):
        tool("buildah", "rmi", "--force", name)


def _known(name: str) -> bool:
    return bool(tool("buildah", "images", "--noheading", f"--filter=reference={name}").strip())


def _make_stand_in() -> None:
    checks.require("mmdebstrap")
    print("  making the stand-in from Debian's packages, once (1 to 3 minutes)", file=sys.stderr)
    root = Path("build/image/root.tar")
    root.parent.mkdir(parents=True, exist_ok=True)
    unneeded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale")]
    tool(
        "mmdebstrap", "--variant=minbase", "--include=ca-certificates,netbase,python3-venv,tzdata",
        *unneeded, "--customize-hook=ln -s /usr/bin/python3 $1/usr/local/bin/python3",
        "bookworm", root, seconds=LONG,
    )  # fmt: skip
    container = tool("buildah", "from", "scratch").strip()
    try:
        path = "PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"
        tool("buildah", "add", "--quiet", container, root, "/")
        tool("buildah", "config", "--env", path, container)
        tool("buildah", "commit", "--quiet", container, STAND_IN)
    finally:
        tool("buildah", "rm", container)
        root.unlink()


def build(context: Path, base_image: str, epoch: int, name: str) -> Image:
    """Build docker/Dockerfile of a context, without any cache; every date becomes `epoch`."""
    trusted = [f"--volume={CERTIFICATES}:{CERTIFICATES}:ro"] if CERTIFICATES.exists() else []
    tool(
        "buildah", "bud", "--quiet", "--pull-never", "--no-cache", "--force-rm", *trusted,
        "--timestamp", str(epoch), "--build-arg", f"BASE={base_image}", "--tag", name,
        "--ignorefile", context / "docker/Dockerfile.dockerignore",
        "--file", context / "docker/Dockerfile", context, seconds=LONG,
    )  # fmt: skip
    document = json.loads(tool("buildah", "inspect", "--type", "image", name))
    layers = [layer["size"] for layer in json.loads(document["Manifest"])["layers"]]
    return Image(
        document["FromImageID"], document["FromImageDigest"], layers, document["OCIv1"]["config"]
    )


def podman_run(*options: str) -> list[str]:
    """The start of a `podman run`, hardened as compose.yaml hardens the registry."""
    service = compose.read({"TOUCHPLATE_HOST": "registry.example"}).services["registry"]
    if service["read_only"] is not True:
        raise NotHeld("compose.yaml does not run the registry read-only")
    return [
        *("podman", "--runtime=runc", "run", "--pull=never", "--read-only"),
        *(f"--cap-drop={name}" for name in service["cap_drop"]),
        *(f"--security-opt={option.replace(':true', '')}" for option in service["security_opt"]),
        f"--memory={service['mem_limit']}",
        f"--pids-limit={service['pids_limit']}",
        *("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"),  # no more than we may set
        *options,
    ]
