"""The disclosure in sentences says what was stated, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from trust.core.canonical import parse
from trust.core.signing.disclosure import parse_disclosure
from trust.core.wording.disclosure import disclosure_sentences

EXAMPLE = Path(__file__).parents[3] / "examples" / "disclosure.json"
SENTENCE = (
    "The topic area, key elements to focus on, etc. were decisions made by Braden Kelley, "
    "with a little help from Google Gemini to clean up the article, add images and create "
    "infographics."
)
SCID = "QmNnwYGhqnuvuCFVLpSMv2t6gfXdDLENnB4sdDrLCDzLkS"


def example() -> dict[str, Any]:
    document = parse(EXAMPLE.read_bytes(), 1 << 16)
    assert isinstance(document, dict)
    return document


def said(document: dict[str, Any], signer_scid: str | None = None) -> tuple[str, ...]:
    return disclosure_sentences(parse_disclosure(document), signer_scid)


def row(document: dict[str, Any], place: int, **members: object) -> dict[str, Any]:
    document["contributions"][place].update(members)
    return document


def test_the_example_says_the_authors_sentence_word_for_word() -> None:
    assert example()["statement"] == SENTENCE
    assert said(example())[0] == SENTENCE


def test_the_example_in_sentences_people_first() -> None:
    performed = (
        "Google Gemini performed: copy editing (AI-assisted, to a minor extent), image generation "
        "(AI-generated) and infographic generation (AI-generated)."
    )
    silence = (
        "Nothing is said about a person's oversight: copy editing, image generation and "
        "infographic generation."
    )
    assert said(example())[1:] == (
        "It says Braden Kelley answers for this work.",
        "It says Braden Kelley decided and did without AI: topic selection and content direction.",
        "It says Braden Kelley operated Google Gemini and decided what it did here.",
        performed,
        silence,
        "It does not say whether this list covers every contribution.",
    )


def test_the_example_invents_nothing() -> None:
    text = json.dumps(example())
    assert "humanOversightLevel" not in text
    assert "null" not in text
    assert "writing-original-draft" not in text
    assert "complete" not in example()


def test_the_article_itself_says_the_sentence(shared: Path) -> None:
    article = (shared / "data" / "article.txt").read_text(encoding="utf-8")
    assert SENTENCE in " ".join(article.split())


def test_the_signer_is_named_plainly_and_nobody_else_is() -> None:
    document = example()
    document["contributors"][0]["scid"] = SCID
    document["contributors"].append(
        {"id": "ben", "type": "person", "name": "Ben", "accountable": True}
    )
    row(document, 0, performedBy=["ben"], decidedBy="ben")
    sentences = said(document, SCID)
    assert sentences[1] == "Braden Kelley answers for this work."
    assert sentences[2] == "It says Ben answers for this work."
    assert "Braden Kelley decided and did without AI: content direction." in sentences
    assert "It says Ben decided and did without AI: topic selection." in sentences


def test_a_scid_of_somebody_else_gives_no_plain_name() -> None:
    document = example()
    document["contributors"][0]["scid"] = SCID
    assert said(document, SCID[:-1] + "T")[1] == "It says Braden Kelley answers for this work."
    assert said(document)[1] == "It says Braden Kelley answers for this work."


@pytest.mark.parametrize(
    ("level", "sentence"),
    [
        ("human_validated", "It says that a person checked the result: copy editing."),
        ("prompt_guided", "It says that a person guided the software by prompts: copy editing."),
        ("fully_autonomous",
         "It says that the software worked without any person's oversight: copy editing."),
    ],
)  # fmt: skip
def test_a_stated_oversight_level_is_said_in_words(level: str, sentence: str) -> None:
    sentences = said(row(example(), 2, humanOversightLevel=level))
    assert sentence in sentences
    assert (
        "Nothing is said about a person's oversight: image generation and infographic generation."
        in sentences
    )


def test_silence_about_oversight_is_named_only_where_ai_took_part() -> None:
    document = example()
    for place in (2, 3, 4):
        row(document, place, involvement="automated")
    assert not any("oversight" in sentence for sentence in said(document)[1:])


@pytest.mark.parametrize(
    ("complete", "last"),
    [
        (True, "It says that this list covers every contribution."),
        (False, "It says that this list does not cover every contribution."),
    ],
)
def test_completeness_is_said_as_stated(complete: bool, last: str) -> None:  # noqa: FBT001
    assert said(example() | {"complete": complete})[-1] == last


def test_another_decider_than_the_operator_is_said() -> None:
    document = example()
    document["contributors"].append(
        {"id": "ben", "type": "person", "name": "Ben", "accountable": False}
    )
    row(document, 3, decidedBy="ben", performedBy=["#ai-1", "ben"])
    sentences = said(document)
    assert "It says Braden Kelley operated Google Gemini." in sentences
    assert "It says Braden Kelley decided: copy editing and infographic generation." in sentences
    assert "It says Ben decided: image generation." in sentences
    assert any("image generation (AI-generated), together with Ben" in s for s in sentences)
    assert not any("Ben answers" in sentence for sentence in sentences)


def test_deciding_and_doing_are_kept_apart() -> None:
    document = example()
    document["contributors"].append(
        {"id": "cleo", "type": "person", "name": "Cleo", "accountable": False}
    )
    row(document, 0, performedBy=["cleo"])
    sentences = said(document)
    assert "It says Braden Kelley decided: topic selection." in sentences
    assert "It says Cleo did without AI: topic selection." in sentences


def test_a_row_done_by_a_person_with_ai_shows_how_far() -> None:
    document = row(example(), 0, involvement="ai-assisted", extent="substantial")
    sentences = said(document)
    assert (
        "It says Braden Kelley decided and did: topic selection "
        "(AI-assisted, to a substantial extent)." in sentences
    )
    assert "Nothing is said about a person's oversight: topic selection." in sentences


def test_a_description_stands_in_quotation_marks_on_one_line() -> None:
    document = row(example(), 2, description="Cleaned up\nthe text", appliesTo="text")
    assert any(
        "copy editing \u201cCleaned up the text\u201d (text; AI-assisted, to a minor extent)" in s
        for s in said(document)
    )


def test_software_without_a_row_is_not_said_to_have_done_anything() -> None:
    document = example()
    document["contributors"].append(
        {"id": "x", "type": "software", "name": "Spell", "provider": "Word Co", "operatedBy":
         "#human-1"}
    )  # fmt: skip
    sentences = said(document)
    assert "It says Braden Kelley operated Spell (by Word Co)." in sentences
    assert not any(sentence.startswith("Spell performed") for sentence in sentences)
