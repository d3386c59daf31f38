"""The registry's clock never goes back."""

import time

import pytest

from trust.core.errors import Unavailable
from trust.service.clock import PATIENCE, Clock


def test_a_step_back_is_not_shown() -> None:
    readings = iter([100.9, 90.0, 101.0])
    clock = Clock(lambda: next(readings))
    assert [clock.now() for _ in range(3)] == [100, 100, 101]


def test_the_log_waits_until_the_clock_has_caught_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    readings = iter([100.0, 98.0, 99.0, 100.0])
    clock = Clock(lambda: next(readings))
    assert [clock.reading() for _ in range(2)] == [100, 100]
    assert next(readings, None) is None


def test_a_clock_that_stays_behind_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = Clock(lambda: 50.0)
    clock.advance(51)
    with pytest.raises(Unavailable):
        clock.reading()
    assert sum(slept) == pytest.approx(PATIENCE)
