"""The corpus is what its generator makes, byte for byte; nothing in it was edited by hand."""

from pathlib import Path

import pytest

from tests.vectors.corpus import FOLDER, OUTCOMES
from tests.vectors.generate.__main__ import files, write


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return files()


def committed() -> dict[str, str]:
    paths = [
        path for outcome in OUTCOMES for path in FOLDER.glob(f"{outcome}/**/*") if path.is_file()
    ]
    return {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="ascii") for path in paths}


def test_the_generator_makes_the_committed_corpus(made: dict[str, str]) -> None:
    found = committed()
    assert sorted(found) == sorted(made)
    assert [path for path in made if made[path] != found[path]] == []


def test_it_makes_the_same_bytes_twice(made: dict[str, str]) -> None:
    assert files() == made


def test_writing_replaces_what_was_there(tmp_path: Path, made: dict[str, str]) -> None:
    stale = tmp_path / "invalid" / "json" / "stale.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    assert write(tmp_path) == len(made)
    assert not stale.exists()
    assert (tmp_path / next(iter(made))).read_text(encoding="ascii") == next(iter(made.values()))
