"""The core answers every vector as expected, through the protocol that any implementation speaks."""

import json
import re

import pytest

from tests.vectors.corpus import CORE, ROOT, Vector, ask, disagreement, load
from tests.vectors.objects import OBJECTS
from trust.core.verdict import Code

VECTORS = load()
WITHOUT_REASON = {"malformed", "conflict"}  # answers that do not name the fault


def is_unreadable(vector: Vector) -> bool:
    return vector.expected.get("verdict") == "unreadable"


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
        if not vector.says
        and (vector.expected["result"] in WITHOUT_REASON or is_unreadable(vector))
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


def test_there_are_vectors_of_every_object_that_the_core_answers() -> None:
    accepted = {vector.object for vector in VECTORS if vector.outcome == "valid"}
    refused = {vector.object for vector in VECTORS if vector.outcome == "invalid"}
    assert accepted == set(OBJECTS)
    # These are computed from their input, whatever it is.
    assert set(OBJECTS) - refused == {"key-code", "statement-id", "status-name"}


def test_there_are_vectors_of_every_step_and_verdict() -> None:
    expected = [vector.expected for vector in VECTORS if vector.object == "verification"]
    assert {item["verdict"] for item in expected} == set(Code) - {Code.NOT_FOUND}
    steps = {vector.expected.get("step") for vector in VECTORS if vector.object == "attestation"}
    assert steps == {None, 2, 3, 4, 5, 6}


def test_there_are_vectors_of_every_specified_reason() -> None:
    text = (ROOT / "specs" / "verification.md").read_text(encoding="utf-8")
    tables = text.split("<!-- reasons -->", 1)[1]
    specified = set(re.findall(r"^\| `([a-z0-9_]+)` \| \d+ \|", tables, re.MULTILINE))
    found = {word for vector in VECTORS for word in vector.expected.get("reasons", ())}
    found |= {vector.expected["reason"] for vector in VECTORS if "reason" in vector.expected}
    # Two are the answer of whoever asked a registry or looked for a dossier.
    assert specified - found == {"registry_did_not_answer", "no_attestation"}
    assert found <= specified


def test_there_are_at_least_three_hundred() -> None:
    assert len(VECTORS) >= 300


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
