"""RFC 8785 bytes: the quick encoder and the library's write the same."""

from enum import StrEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from trust.core.canonical import canonical
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
