"""What `make torture` says of parts that held, that did not, and that did nothing."""

from collections import Counter
from pathlib import Path

import pytest

from tests.torture import main
from tests.torture.main import State, show
from tests.torture.outcome import Outcome
from tests.torture.parts import PARTS

PART = PARTS[0]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.setattr(main, "BUILD", tmp_path)
    state = State("short")
    state.keep_planted(PART.name, {"checkpoint first": True})
    return state


def test_a_part_that_did_nothing_is_no_success(
    state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not show([PART], state)
    assert "nothing was done here, so that nothing is known" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("faults", "seen", "held"),
    [({}, True, True), ({"lost": 1}, True, False), ({}, False, False)],
)
def test_a_fault_or_a_planted_one_that_was_not_found_breaks_it(
    state: State, faults: dict[str, int], *, seen: bool, held: bool
) -> None:
    state.keep_planted(PART.name, {"checkpoint first": seen})
    state.add(PART.name, Outcome(1, 1, Counter(faults), []))
    assert show([PART], state) is held
