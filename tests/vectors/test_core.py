"""The core answers every vector as expected, through the protocol that any implementation speaks."""

import json

import pytest

from tests.vectors.corpus import CORE, Vector, ask, disagreement, load

VECTORS = load()


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, object]]:
    given = ask(CORE, VECTORS)
    return {vector.path: answer for vector, answer in zip(VECTORS, given, strict=True)}


def test_the_core_agrees_with_every_vector(answers: dict[str, dict[str, object]]) -> None:
    found = [disagreement(vector, answers[vector.path]) for vector in VECTORS]
    assert [text for text in found if text is not None] == []


def test_it_refuses_for_the_fault_and_for_nothing_else(
    answers: dict[str, dict[str, object]],
) -> None:
    """`malformed` alone would also hold of a vector with an accidental second fault."""
    found = [
        f"{vector.path}: {said}"
        for vector in VECTORS
        if vector.says is not None
        and vector.says not in (said := str(answers[vector.path].get("detail")))
    ]
    assert found == []


def test_every_malformed_vector_names_the_fault_in_our_words() -> None:
    silent = [
        vector.path
        for vector in VECTORS
        if vector.expected["result"] in {"malformed", "conflict"} and not vector.says
    ]
    assert silent == []


def test_each_invalid_case_stands_beside_the_valid_ones() -> None:
    """What `valid` holds is accepted, what `invalid` holds is not: the folder does not lie."""
    accepted = {
        vector.path
        for vector in VECTORS
        if vector.expected["result"] == "valid" or vector.expected.get("exit") == 0
    }
    assert accepted == {vector.path for vector in VECTORS if vector.outcome == "valid"}


def test_every_vector_says_what_it_is_about() -> None:
    assert [vector.path for vector in VECTORS if not vector.description] == []


def test_an_unknown_object_is_said_and_not_guessed() -> None:
    stranger = Vector("invalid", "horoscope", "x", "", {}, {})
    assert ask(CORE, [stranger]) == [{"result": "unsupported"}]


def test_a_wrong_answer_is_a_disagreement() -> None:
    vector = VECTORS[0]
    assert disagreement(vector, {**vector.expected, "detail": "anything"}) is None
    assert disagreement(vector, {**vector.expected, "step": 9}) is not None
    assert disagreement(vector, {"result": "unsupported"}) is not None


def test_an_implementation_that_stops_answering_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="0 answers to 1 questions"):
        ask((CORE[0], "-c", "pass"), VECTORS[:1])


def test_questions_are_one_line_each() -> None:
    assert [vector.path for vector in VECTORS if "\n" in vector.question] == []
    assert json.loads(VECTORS[0].question)["object"] == VECTORS[0].object
