"""Clients are pinned by version and hash, and no file says from which host they come."""

import json
import re

import pytest

from tests.interop.case import FOLDER, Json

EXACT = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
SUM = re.compile(r"[^ ]+ v[^ ]+ h1:[A-Za-z0-9+/]{43}=")


def read(name: str) -> Json:
    found: Json = json.loads((FOLDER / "node" / name).read_bytes())
    return found


def test_the_lock_file_of_node_holds_hashes_and_no_host() -> None:
    packages = {name: item for name, item in read("package-lock.json")["packages"].items() if name}
    assert packages
    assert [name for name, item in packages.items() if "sha512-" not in item["integrity"]] == []
    assert [name for name, item in packages.items() if "resolved" in item] == []


def test_node_is_asked_for_exact_versions() -> None:
    wanted = read("package.json")["dependencies"]
    locked = read("package-lock.json")["packages"]
    assert all(EXACT.fullmatch(version) for version in wanted.values())
    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}


@pytest.mark.parametrize("module", ["cosign", "go", "versitygw"])
def test_every_module_of_go_has_its_hash(module: str) -> None:
    lines = (FOLDER / module / "go.sum").read_text().splitlines()
    assert lines
    assert [line for line in lines if not SUM.fullmatch(line)] == []
    assert "replace" not in (FOLDER / module / "go.mod").read_text()
