"""An exception raised inside any call under `verify` is a failure, never a pass."""

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from world import World

from trust.core.verdict import Code

FILES = {"a.txt": b"hello"}


class InjectedError(Exception):
    """Not one of ours: what a bug would raise."""


def _calls(work: Callable[[], object], fail_at: int | None) -> int:
    """Count the calls into trust.core during `work`; raise at call number `fail_at`."""
    count = 0

    def tracer(frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        # A generator is also entered to be closed, where Python swallows what is raised.
        generator = frame.f_code.co_name == "<genexpr>"
        if event == "call" and "/trust/core/" in frame.f_code.co_filename and not generator:
            count += 1
            if count == fail_at:
                raise InjectedError

    sys.settrace(tracer)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


def test_no_fault_is_taken_for_valid(world: World) -> None:
    ana = world.join("ana")
    data = world.registry.dossier(ana.sign(FILES).id)
    tampered = {"a.txt": b"hellx"}

    def record(verdicts: list[Code]) -> None:
        verdicts.append(world.assess(data, tampered).code)

    total = _calls(lambda: world.assess(data, tampered), None)
    assert total > 500
    for place in range(1, total, 7):
        try:
            verdicts: list[Code] = []
            _calls(partial(record, verdicts), place)
        except InjectedError:
            continue
        assert verdicts
        assert Code.VALID not in verdicts


def test_the_same_bytes_are_valid_without_a_fault(world: World) -> None:
    ana = world.join("ana")
    signed = ana.sign(FILES)
    assert world.assess(world.registry.dossier(signed.id), FILES).code is Code.VALID


def test_a_dossier_with_a_flipped_byte_is_never_valid(world: World) -> None:
    ana = world.join("ana")
    data = world.registry.dossier(ana.sign(FILES).id)
    refused = {Code.UNREADABLE, Code.INVALID, Code.COULD_NOT_CHECK}
    for place in range(0, len(data), 101):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert world.assess(flipped, FILES).code in refused, f"byte {place}"
