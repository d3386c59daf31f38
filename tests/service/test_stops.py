"""What is on its way into the log does not overtake the end of the key that signed it."""

import secrets
import threading
from typing import Any

import pytest
from devices import Holder
from stranger import check_whole
from world import World

from trust.client.statements import make_freeze
from trust.core.errors import NotAllowed, TouchplateError, Unavailable
from trust.service import intake as intake_module

FILES = {"a.txt": b"hello"}


def freeze(device: Holder) -> Any:
    note = device.world.registry.checkpoint()
    return device.publish(make_freeze(device.author(), note, secrets.token_bytes(16)))


def types(world: World) -> list[str]:
    rows = world.registry._database.rows("select type from entries order by idx")
    return [kind for (kind,) in rows]


def test_what_was_checked_before_a_freeze_is_not_logged_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race, held still: the freeze comes between the check and the way into the log."""
    ana = world.join("ana")
    device = Holder.first(ana)
    send = intake_module.Intake._send

    def late(self: Any, checked: Any, size: int) -> Any:
        monkeypatch.undo()
        freeze(device)
        return send(self, checked, size)

    monkeypatch.setattr(intake_module.Intake, "_send", late)
    with pytest.raises(Unavailable, match="send it again"):
        ana.sign(FILES)
    assert types(world)[-1] == "freeze"
    with pytest.raises(NotAllowed, match="you are frozen since"):
        ana.sign(FILES)
    check_whole(world)


def test_whoever_floods_and_freezes_meanwhile_makes_no_registry_look_dishonest(
    world: World,
) -> None:
    ana = world.join("ana")
    device = Holder.first(ana)
    bodies = [ana.prepare({"a": b"%d" % number}).to_json() for number in range(60)]
    answers: list[Any] = []

    def flood() -> None:
        for start in range(0, len(bodies), 10):
            for taken in world.registry.begin_all(bodies[start : start + 10], ""):
                try:
                    answers.append(taken if isinstance(taken, TouchplateError) else taken.answer())
                except TouchplateError as error:
                    answers.append(error)

    thread = threading.Thread(target=flood)
    thread.start()
    freeze(device)
    thread.join()
    assert len(answers) == len(bodies)
    kinds = types(world)
    after = kinds[kinds.index("freeze") :]
    assert "deliverable" not in after
    logged = sum(not isinstance(answer, TouchplateError) for answer in answers)
    assert logged == kinds.count("deliverable")
    check_whole(world)


def test_other_people_go_on_meanwhile(world: World) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    stops = world.registry._intake._stops
    with stops.of(ana.scid):
        ben.sign(FILES)
        with pytest.raises(Unavailable, match="send it again"):
            ana.sign(FILES)
    ana.sign(FILES)
