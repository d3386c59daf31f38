"""Text from outside may not move a cursor, hide, reorder, or start a line of its own."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.wording.untrusted import shown


@pytest.mark.parametrize(
    "plain",
    ["", "logo-pack.zip", "Ana López", "紙の地図.pdf", "prix\u00a0: 3 €", "a\\b", "ع", "🎨"],
)
def test_ordinary_text_of_any_script_stays_as_it_is(plain: str) -> None:
    assert shown(plain) == plain


@pytest.mark.parametrize(
    ("attack", "harmless"),
    [
        ("\x1b[2J\x1b[H", "\\u{1b}[2J\\u{1b}[H"),  # clear the screen, go home
        ("\x1b]0;title\x07", "\\u{1b}]0;title\\u{7}"),  # set the window's title
        ("\x9b31m", "\\u{9b}31m"),  # the one-character CSI of C1
        ("name\rVALID", "name\\u{d}VALID"),  # write over the start of the line
        ("name\nVALID  @ana signed", "name\\u{a}VALID  @ana signed"),  # imitate the verdict
        ("a\x08b\x7f", "a\\u{8}b\\u{7f}"),
        ("fdp.\u202eexe", "fdp.\\u{202e}exe"),  # read right to left
        ("a\u2066b\u2069", "a\\u{2066}b\\u{2069}"),
        ("a\u200bb\ufeffc\u2060d", "a\\u{200b}b\\u{feff}c\\u{2060}d"),  # no width
        ("a\u2028b\u2029c", "a\\u{2028}b\\u{2029}c"),  # line and paragraph separators
        ("\U000e0041", "\\u{e0041}"),  # a tag character
        ("\u3164\u115f\u2800", "\\u{3164}\\u{115f}\\u{2800}"),  # letters that draw nothing
        ("\udcff", "\\u{dcff}"),  # what a file name that is not UTF-8 turns into
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_escaped(attack: str, harmless: str) -> None:
    assert shown(attack) == harmless


def test_a_text_that_imitates_an_escape_is_told_apart() -> None:
    assert shown("\\u{1b}") == "\\u{5c}u{1b}"
    assert shown("\x1b") == "\\u{1b}"


@given(st.text(), st.text())
def test_two_texts_never_look_the_same(one: str, other: str) -> None:
    assert (shown(one) == shown(other)) == (one == other)


@given(st.text(alphabet=st.characters()))
def test_nothing_invisible_is_left(text: str) -> None:
    assert {unicodedata.category(c) for c in shown(text)}.isdisjoint(
        {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )
