"""A disclosure is text from outside that every view of a page says again: small in, small out."""

from typing import Any

import pytest

from trust.core.canonical import canonical
from trust.core.errors import Malformed
from trust.core.signing.disclosure import (
    MAX_CONTRIBUTORS,
    MAX_DESCRIPTION,
    MAX_PERFORMANCES,
    MAX_PERFORMERS,
    parse_disclosure,
)
from trust.core.wording.disclosure import disclosure_sentences

NAME = "n" * 200


def crowd(rows: int, performers: int) -> dict[str, Any]:
    """All the software of the world works on every row, each under the longest name."""
    machines = [f"s{number}" for number in range(MAX_CONTRIBUTORS - 1)]
    return {
        "statement": "We all did it.",
        "language": "en",
        "contributors": [
            {"id": "ana", "type": "person", "name": NAME, "accountable": True},
            *(
                {"id": name, "type": "software", "name": NAME, "operatedBy": "ana"}
                for name in machines
            ),
        ],
        "contributions": [
            {
                "id": f"c{number}",
                "task": "writing",
                "performedBy": machines[:performers],
                "decidedBy": "ana",
                "involvement": "ai-assisted",
                "description": "d" * MAX_DESCRIPTION,
            }
            for number in range(rows)
        ],
    }


@pytest.mark.parametrize(
    ("rows", "performers", "words"),
    [(100, 49, "expected 1 to 20"), (100, MAX_PERFORMERS, "at most 200 performers")],
)
def test_a_crowd_that_performs_everything_is_refused(
    rows: int, performers: int, words: str
) -> None:
    with pytest.raises(Malformed, match=words):
        parse_disclosure(crowd(rows, performers))


def test_the_largest_disclosure_says_no_more_than_two_megabytes() -> None:
    largest = crowd(MAX_PERFORMANCES // MAX_PERFORMERS, MAX_PERFORMERS)
    said = disclosure_sentences(parse_disclosure(largest))
    assert sum(map(len, said)) < 2_000_000
    assert len(canonical(largest)) < 50_000


def test_nobody_performs_one_task_twice() -> None:
    document = crowd(1, 1)
    document["contributions"][0]["performedBy"] *= 2
    with pytest.raises(Malformed, match="twice"):
        parse_disclosure(document)


@pytest.mark.parametrize("place", [("name", 0), ("provider", 1)])
def test_a_name_starts_no_line_of_its_own(place: tuple[str, int]) -> None:
    document = crowd(1, 1)
    member, number = place
    document["contributors"][number][member] = "Ana\nVALID  @ana signed this"
    with pytest.raises(Malformed, match="several lines"):
        parse_disclosure(document)
