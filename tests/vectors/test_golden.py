"""What a released version wrote verifies for ever: offline, with its own trust file, as of its date."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.corpus import ROOT
from tests.vectors.golden import GOLDEN, Case, make, sums
from tests.vectors.whole import verification

VERSIONS = sorted(path.name for path in GOLDEN.iterdir())
FAR = "2126-11-03T14:00:00Z"  # a hundred years later, when every certificate has long expired

# SHA-256 of each version's list of digests. A line is written once and never changed after the
# release: whoever breaks the reading of an old version cannot mend it here.
SEALS = {
    "0.1.0": "cbff116bfdeb7c017c62c69de7c7cff8c4787ae51328614cb2bb37c921229715",
}


def cases() -> list[tuple[str, Case]]:
    return [
        (version, Case(**document))
        for version in VERSIONS
        for document in json.loads((GOLDEN / version / "expected.json").read_text())
    ]


def given(folder: Path, case: Case) -> dict[str, Any]:
    files = None
    if case.files is not None:
        files = {
            name: hashlib.sha256((folder / path).read_bytes()).hexdigest()
            for name, path in case.files.items()
        }
    return {
        "material": (folder / case.material).read_text(encoding="utf-8"),
        "trust": (folder / "trust.json").read_text(encoding="utf-8"),
        "files": files,
        "whole": case.whole,
        "at": case.at,
        "now": FAR,
        "policy": case.policy or {},
    }


def test_every_version_has_its_corpus_and_its_seal() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version in VERSIONS
    assert sorted(SEALS) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_in_it_was_changed(version: str) -> None:
    listed = (GOLDEN / version / "SHA256SUMS").read_bytes()
    assert listed == sums(GOLDEN / version)
    assert hashlib.sha256(listed).hexdigest() == SEALS[version]


@pytest.mark.parametrize(
    ("version", "case"), cases(), ids=[f"{version}-{case.material}" for version, case in cases()]
)
def test_it_is_judged_as_on_its_day(version: str, case: Case) -> None:
    answer = verification(given(GOLDEN / version, case))
    expected = (case.verdict, case.exit, case.reasons)
    assert (answer["verdict"], answer["exit"], answer["reasons"]) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_there_is_one_of_every_kind(version: str) -> None:
    found = [case for name, case in cases() if name == version]
    assert {case.verdict for case in found} >= {"valid", "revoked", "mismatch", "could_not_check"}
    assert sum(case.verdict == "valid" for case in found) >= 6


def test_this_version_still_makes_what_it_made(tmp_path: Path) -> None:
    """The maker works, so that the next release can have its corpus too."""
    folder = tmp_path / "new"
    make(folder, tmp_path / "data")
    made = [Case(**document) for document in json.loads((folder / "expected.json").read_text())]
    assert len(made) == len([name for name, _ in cases() if name == VERSIONS[-1]])
    for case in made:
        assert verification(given(folder, case))["verdict"] == case.verdict
