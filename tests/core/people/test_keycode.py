"""Key code and the recovery key on paper."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.encoding import CROCKFORD
from trust.core.errors import Malformed
from trust.core.people.keycode import key_code, parse_recovery, recovery_text

SEED = bytes(range(32))
TEXT = recovery_text(SEED)


def test_key_code_is_twelve_digits_of_the_hash() -> None:
    # printf %s QmXyz | sha256sum gives 40a277493c019a20..; the first 60 bits, five at a time
    assert key_code("QmXyz") == "82H7-EJ9W-06D2"


def test_recovery_text_has_fourteen_groups_of_four() -> None:
    assert re.fullmatch(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){13}", TEXT)


@given(st.binary(min_size=32, max_size=32))
def test_every_seed_comes_back(seed: bytes) -> None:
    assert parse_recovery(recovery_text(seed)) == seed


@pytest.mark.parametrize(
    "typed",
    [
        TEXT.lower(),
        TEXT.replace("-", ""),
        TEXT.replace("-", " "),
        f"  {TEXT}\n",
        TEXT.replace("0", "O").replace("1", "I"),
        TEXT.replace("1", "l"),
    ],
)
def test_what_hands_do_to_it(typed: str) -> None:
    assert parse_recovery(typed) == SEED


@pytest.mark.parametrize("place", [place for place, digit in enumerate(TEXT) if digit != "-"])
def test_any_one_wrong_digit_is_noticed(place: int) -> None:
    upper = CROCKFORD.upper()
    wrong = upper[(upper.index(TEXT[place]) + 1) % 32]
    with pytest.raises(Malformed):
        parse_recovery(TEXT[:place] + wrong + TEXT[place + 1 :])


def test_two_groups_exchanged_are_noticed() -> None:
    groups = TEXT.split("-")
    groups[2], groups[3] = groups[3], groups[2]
    with pytest.raises(Malformed, match="check digits"):
        parse_recovery("-".join(groups))


@pytest.mark.parametrize("typed", ["", TEXT[:-1], TEXT + "0", TEXT[:-5], "U" + TEXT[1:], "é"])
def test_another_length_or_character(typed: str) -> None:
    with pytest.raises(Malformed):
        parse_recovery(typed)


@pytest.mark.parametrize("typed", [TEXT[:-1] + "!", TEXT[:-1], TEXT[:-1] + "U"])
def test_an_error_never_quotes_the_key(typed: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_recovery(typed)
    error: BaseException | None = caught.value
    while error is not None:
        assert TEXT[:9].lower() not in str(error).lower()
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_seed_of_another_size_is_not_written() -> None:
    with pytest.raises(Malformed):
        recovery_text(bytes(31))


def test_a_letter_that_only_becomes_ascii_in_lower_case_is_none() -> None:
    with pytest.raises(Malformed):
        parse_recovery(TEXT.replace("K", "\u212a") if "K" in TEXT else f"\u212a{TEXT[1:]}")
