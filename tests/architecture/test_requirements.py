"""Every requirement is pinned, hashed, and the same wherever it appears."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "requirements"
PINNED = (
    *("browser", "build", "guardians", "interop", "lint", "lock", "mcp"),
    *("pkcs11", "run", "server", "test"),
)
# interop is a stranger's environment, and lock a tool's: neither shares the rooms of the others
TOGETHER = ("browser", "build", "guardians", "lint", "mcp", "pkcs11", "run", "server", "test")
PIN = re.compile(r"([a-z0-9-]+)==([^ ;\\]+)")


def requirements(name: str) -> list[str]:
    """The logical lines of one file: continuations joined, comments gone."""
    text = (FOLDER / f"{name}.txt").read_text().replace("\\\n", " ")
    bare = (line.split(" #")[0].strip() for line in text.splitlines())
    return [line for line in bare if line and not line.startswith("#")]


def pins(name: str) -> dict[str, str]:
    matches = [PIN.match(line) for line in requirements(name)]
    return {match[1]: match[2] for match in matches if match}


def names(specifiers: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", each)[0].lower().replace("_", "-") for each in specifiers}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_file_is_known() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == sorted(PINNED)


@pytest.mark.parametrize("name", PINNED)
def test_every_line_is_one_version_with_its_hashes(name: str) -> None:
    lines = requirements(name)
    assert lines
    assert [line for line in lines if not PIN.match(line) or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("name", TOGETHER)
def test_files_installed_together_agree(name: str) -> None:
    mine = pins(name)
    for other in TOGETHER:
        theirs = pins(other)
        shared = mine.keys() & theirs.keys()
        assert {each: mine[each] for each in shared} == {each: theirs[each] for each in shared}


def test_what_the_project_asks_for_is_pinned() -> None:
    declared = project()["project"]
    groups = project()["dependency-groups"]
    assert names(declared["dependencies"]) <= pins("run").keys()
    assert names(declared["optional-dependencies"]["server"]) <= pins("server").keys()
    for extra in ("guardians", "mcp", "pkcs11"):
        assert names(declared["optional-dependencies"][extra]) <= pins(extra).keys()
    assert names(groups["test"]) <= pins("test").keys()
    assert names(groups["lint"]) <= pins("lint").keys()


def test_the_command_line_pins_no_web_framework() -> None:
    assert pins("run").keys().isdisjoint({"fastapi", "sqlmodel", "starlette", "uvicorn", "jinja2"})
