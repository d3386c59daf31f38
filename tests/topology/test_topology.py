"""What `make topology` runs is what compose.yaml says: all of it, and nothing else."""

import re
from pathlib import Path

import compose
import pytest

from tests.topology import main
from tests.topology.services import PROGRAMS, Service

FILES = (compose.FILE, compose.POSTGRES)
COMPOSED = {file: compose.read({"TOUCHPLATE_HOST": main.HOST}, file) for file in FILES}
EACH = pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file in FILES for name in COMPOSED[file].services]
)


def named_in(file: Path) -> list[str]:
    """Read by indentation, so that a fault of the reader is no excuse."""
    services = file.read_text().split("\nservices:\n")[1].split("\nnetworks:\n")[0]
    return re.findall(r"^  ([\w-]+):$", services, re.MULTILINE)


def service(file: Path, name: str, folder: Path) -> Service:
    return Service(name, COMPOSED[file], folder)


@pytest.mark.parametrize("file", FILES)
def test_it_runs_exactly_the_services_of_compose(file: Path) -> None:
    names = named_in(file)
    assert sorted(main.order(COMPOSED[file])) == sorted(names)
    assert set(names) <= set(PROGRAMS)


def test_every_compose_file_is_run_but_the_one_that_is_laid_over_another() -> None:
    """`tests/docker/test_signer_files.py` compares that one; its parts run in `tests/signer`."""
    found = sorted(compose.FILE.parent.glob("compose*.yaml"))
    assert sorted([*FILES, compose.FILE.with_name("compose.signer.yaml")]) == found


@EACH
def test_a_service_starts_after_what_it_depends_on(file: Path, name: str) -> None:
    order = main.order(COMPOSED[file])
    for earlier in COMPOSED[file].services[name].get("depends_on", {}):
        assert order.index(earlier) < order.index(name)
    if name.startswith("registry"):
        assert order.index(name) < order.index("proxy")


@EACH
def test_a_service_is_the_program_of_its_image_with_the_arguments_of_compose(
    file: Path, name: str, tmp_path: Path
) -> None:
    spec = COMPOSED[file].services[name]
    words = service(file, name, tmp_path).command()
    assert words[: len(words) - len(spec["command"])][-1] == PROGRAMS[name]
    assert words[-len(spec["command"]) :] == spec["command"]
    dockerfile = (compose.FILE.parent / "Dockerfile").read_text()
    brought = spec.get("entrypoint") or re.findall(
        r'^ENTRYPOINT \["(\w+)"\]$', dockerfile, re.MULTILINE
    )
    assert brought == [Path(PROGRAMS[name]).name]


@EACH
def test_it_sees_its_own_secrets_configurations_and_volumes(
    file: Path, name: str, tmp_path: Path
) -> None:
    spec = COMPOSED[file].services[name]
    mounts = service(file, name, tmp_path).mounts()
    expected = [f"/run/secrets/{each}" for each in spec.get("secrets", [])]
    expected += [each["target"] for each in spec.get("configs", [])]
    expected += [each.partition(":")[2] for each in spec.get("volumes", [])]
    expected += [each.partition(":")[0] for each in spec.get("tmpfs", [])]
    assert mounts[2::3] == expected
    assert set(mounts[0::3]) <= {"file", "folder", "tmpfs"}


@EACH
def test_every_property_of_a_service_is_known_to_be_honoured(file: Path, name: str) -> None:
    """A new one must be honoured by the processes, or be named here as Docker's alone."""
    honoured = {
        "command", "configs", "depends_on", "entrypoint", "environment", "healthcheck", "networks",
        "ports", "secrets", "sysctls", "tmpfs", "user", "volumes", "read_only", "cap_drop",
        "security_opt",
    }  # fmt: skip
    dockers = {
        "build", "image", "logging", "mem_limit", "pids_limit", "restart", "stop_grace_period",
    }  # fmt: skip
    assert set(COMPOSED[file].services[name]) <= honoured | dockers
