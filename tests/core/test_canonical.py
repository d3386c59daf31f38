"""RFC 8785 bytes: the quick encoder and the library's write the same, and so with what is read."""

import json
import unicodedata
from enum import StrEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from trust.core.canonical import MAX_DEPTH, canonical, parse
from trust.core.encoding import MAX_INTEGER
from trust.core.errors import Malformed

WORDS = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | WORDS
    | st.text('\x00\x1f"\\/\x7f\u2028é')
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner) | st.tuples(inner, inner),
    max_leaves=30,
)


# Pieces of which JSON is made that looks as if nothing in it had to be looked at.
PIECES = st.sampled_from(
    [
        "a",
        "n",
        "\u2014",
        "\\n",
        "\\\\",
        "\\\\n",
        "\\u0007",
        "\\t",
        "\\u200e",
        "\x7f",
        "e\u0301",
        "\\ud800",
        "[",
    ]
)
HIDDEN = {"\x07", "\t", "\u200e", "\x7f", "\ud800"}


class Colour(StrEnum):
    RED = "red"


@given(VALUES)
def test_the_bytes_are_those_of_the_library(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_names_outside_ascii_are_sorted_by_utf_16() -> None:
    # U+10000 is D800 DC00 in UTF-16 and so stands before U+E000, though its number is higher.
    assert canonical({"\ue000": 1, "\U00010000": 2}) == '{"\U00010000":2,"\ue000":1}'.encode()


def test_a_value_of_a_type_of_ours_is_written_as_its_text() -> None:
    assert canonical([Colour.RED]) == b'["red"]'


@pytest.mark.parametrize(
    "value",
    [
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        {"a": [2**70]},
        {1: "a"},
        {None: "a"},
        float("nan"),
        {"a": {b"b"}},
        "\ud800",
        {"\ud800": 1},
    ],
    ids=repr,
)
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(Malformed, match="cannot be written"):
        canonical(value)  # type: ignore[arg-type]


@given(st.lists(PIECES, max_size=8))
def test_no_text_hides_in_bytes_that_look_harmless(pieces: list[str]) -> None:
    data = f'{{"a":["{"".join(pieces)}"]}}'.encode()
    text = json.loads(data)["a"][0]
    if HIDDEN & set(text) or not unicodedata.is_normalized("NFC", text):
        with pytest.raises(Malformed):
            parse(data, 1000)
    else:
        assert parse(data, 1000) == {"a": [text]}


@pytest.mark.parametrize("inner", [b"", b'"[{[{"', b'"\\n"', b'"\\\\n"'])
def test_nesting_ends_at_16_whatever_stands_inside(inner: bytes) -> None:
    def nested(depth: int) -> bytes:
        return b"[" * depth + inner + b"]" * depth

    assert parse(nested(MAX_DEPTH), 1000)
    with pytest.raises(Malformed, match="nested deeper than 16"):
        parse(nested(MAX_DEPTH + 1), 1000)
