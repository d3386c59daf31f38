"""The walk-throughs of specs/walkthroughs/ end as they say: on the command line, HTTP and page."""

import difflib
import shutil
from pathlib import Path

import pytest

from tests.docs import sessions


@pytest.mark.loopback
@pytest.mark.parametrize("walk", sessions.WALKS, ids=[path.stem for path in sessions.WALKS])
def test_a_walk_through_ends_as_it_says(walk: Path, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed, which walk-throughs ask the API with")
    (fresh,) = sessions.play([walk], tmp_path, sessions.STAND_INS)
    written = sessions.normal(walk.read_text(encoding="utf-8")).split()
    words = difflib.unified_diff(
        written, sessions.normal(fresh).split(), walk.name, "now", n=8, lineterm=""
    )
    difference = " ".join(words)
    assert not difference, f"run `make docs`: {difference}"


@pytest.mark.parametrize("walk", sessions.WALKS, ids=[path.stem for path in sessions.WALKS])
def test_every_console_of_a_walk_through_is_run(walk: Path) -> None:
    text = walk.read_text(encoding="utf-8")
    assert text.count("```console") == len(list(sessions._BLOCK.finditer(text))) > 0
    assert text.count("<!-- later") == len(list(sessions._LATER.finditer(text)))
    assert str(sessions.ROOT) not in text
