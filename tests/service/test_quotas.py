"""Nobody floods the log: a person has so many statements and withdrawals a day, and is told."""

import pytest
from browser import client_of
from world import Person, World, chance

from trust.client.statements import Signed, make_withdrawal
from trust.core.canonical import canonical
from trust.core.errors import TooMany
from trust.service.settings import WITHDRAWALS_PER_DAY

DAY = 24 * 3600


def limit(world: World, **settings: int) -> None:
    for name, value in settings.items():
        object.__setattr__(world.settings, name, value)
    world.restart()


def withdrawal(person: Person, target: str) -> Signed:
    return make_withdrawal(person.author, target, person.world.registry.checkpoint(), chance())


def test_a_person_has_so_many_statements_a_day(world: World) -> None:
    limit(world, statements_per_day=3)
    ana, ben = world.join("ana"), world.join("ben")
    for number in range(3):
        ana.sign({"a.txt": b"%d" % number})
    over = ana.prepare({"a.txt": b"one more"}, offline=True)  # good for more than a day
    with pytest.raises(TooMany, match="may log 3 statements of type 'deliverable'") as refusal:
        world.registry.submit(over.to_json(), "")
    assert DAY - 60 < refusal.value.retry_after <= DAY
    ben.sign({"b.txt": b"b"})  # whom it does not concern
    world.offset = refusal.value.retry_after
    world.registry.submit(over.to_json(), "")  # and nothing was lost
    assert world.registry.person("@ana")["attestations"] == 4


def test_what_is_published_is_answered_however_much_there_is(world: World) -> None:
    limit(world, statements_per_day=1)
    ana = world.join("ana")
    item = ana.sign({"a.txt": b"a"})
    with pytest.raises(TooMany):
        ana.sign({"a.txt": b"b"})
    world.registry.submit(item.to_json(), "")


def test_withdrawals_have_a_quota_of_their_own(world: World) -> None:
    limit(world, withdrawals_per_day=2, statements_per_day=5)
    ana, eve = world.join("ana"), world.join("eve")
    items = [ana.sign({"a.txt": b"%d" % number}) for number in range(4)]
    for item in items[:2]:
        world.registry.submit(withdrawal(eve, item.id).to_json(), "")  # counts for nothing, but is
    with pytest.raises(TooMany, match="2 statements of type 'withdrawal'"):
        world.registry.submit(withdrawal(eve, "0" * 16).to_json(), "")
    ana.withdraw(items[0].id)
    ana.sign({"a.txt": b"again"})
    assert world.registry.status(None, []).snapshot.count == 2


def test_a_flood_of_withdrawals_stops_at_the_quota(world: World) -> None:
    eve = world.join("eve")
    targets = [f"{number:016}" for number in range(WITHDRAWALS_PER_DAY + 20)]
    taken = 0
    for target in targets:
        try:
            world.registry.submit(withdrawal(eve, target).to_json(), "")
        except TooMany:
            continue
        taken += 1
    assert taken == WITHDRAWALS_PER_DAY == world.registry.status(None, []).snapshot.count


def test_over_http_it_is_a_429_that_says_when(world: World) -> None:
    limit(world, withdrawals_per_day=1)
    ana = world.join("ana")
    first, second = (ana.sign({"a.txt": b"%d" % number}) for number in range(2))
    ana.withdraw(first.id)
    with client_of(world) as client:
        answer = client.post(
            "/v1/statements",
            content=canonical(withdrawal(ana, second.id).to_json()),
            headers={"content-type": "application/json"},
        )
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert 0 < int(answer.headers["retry-after"]) <= DAY
    assert answer.json()["detail"] == (
        "one person may log 1 statements of type 'withdrawal' in 24 hours, and you have logged 1"
    )
