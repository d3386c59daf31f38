"""Two implementations that share no code answer alike whatever is done to an attestation."""

import sys

import pytest

from tests.reference.cases import questions
from tests.reference.differential import CORE, SECOND, ask, compare
from tests.reference.sealing import Sealer, open_example

SHARDS = 6
CASES = 500
ALWAYS_VALID = (sys.executable, "-c", 'for _ in open(0): print(\'{"result": "valid"}\')')


@pytest.mark.parametrize("shard", range(SHARDS))
def test_both_judge_every_changed_attestation_alike(shard: int) -> None:
    """`make differential` asks about 10,000."""
    outcome = compare(CASES, shard * 10 * CASES)
    assert outcome.disagreements == []
    # It is not one early check that refuses them all.
    assert len(outcome.seen) >= 30
    assert outcome.seen["valid"] < CASES / 2


@pytest.mark.parametrize("name", ["poem.txt", "plans"])
def test_what_is_sealed_without_a_change_holds(name: str) -> None:
    sealed = Sealer(lambda _, part: part).seal(open_example(name))
    given = {**sealed, "material": sealed["material"].decode(), "trust": sealed["trust"].decode()}
    question = {"object": "verification", "input": given}
    for command in (CORE, SECOND):
        [answer] = ask(command, [question])
        assert (answer["verdict"], answer["reasons"]) == ("valid", [])


def test_an_implementation_that_is_wrong_is_found() -> None:
    outcome = compare(20, 0, ALWAYS_VALID)
    assert len(outcome.disagreements) > 10


def test_the_cases_of_a_seed_are_always_the_same() -> None:
    one, two = questions(7), questions(7)
    assert [next(one) for _ in range(20)] == [next(two) for _ in range(20)]
