"""The recovery key: split among guardians, put together again, and never said aloud."""

import secrets
from itertools import combinations
from pathlib import Path

import pytest
from commandline import Run
from hypothesis import given
from hypothesis import strategies as st

from trust.core.errors import Malformed, NotAllowed
from trust.core.people.keycode import recovery_text
from trust.custody.guardians import combine_shares, split_seed
from trust_cli import recovery_key

SEED = bytes(range(32))


def test_any_three_of_five_guardians_give_the_key_back_in_any_order() -> None:
    shares = split_seed(SEED, 3, 5)
    assert {len(share.split()) for share in shares} == {33}
    for chosen in combinations(reversed(shares), 3):
        assert combine_shares(chosen) == SEED
    assert combine_shares(shares) == SEED
    assert combine_shares([f"  {shares[0].upper()} ", *shares[1:3], shares[0]]) == SEED


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_guardians_than_needed_do_not_recover_anybody(count: int) -> None:
    shares = split_seed(SEED, 3, 5)[:count]
    with pytest.raises(NotAllowed, match=f"{count} of 3 guardians: {3 - count} more must agree"):
        combine_shares(shares)
    with pytest.raises(NotAllowed):  # one guardian's share, twice, is one guardian
        combine_shares([*shares, shares[0]])


def test_shares_of_another_split_do_not_fit() -> None:
    first, second = split_seed(SEED, 2, 3), split_seed(SEED, 2, 3)
    with pytest.raises(Malformed, match="of several"):
        combine_shares([first[0], second[1]])


@given(st.integers(0, 32), st.integers(0, 2))
def test_a_wrong_word_is_noticed_and_not_quoted(place: int, guardian: int) -> None:
    shares = split_seed(SEED, 3, 3)
    words = shares[guardian].split()
    words[place] = "secretword"
    shares[guardian] = " ".join(words)
    with pytest.raises(Malformed) as raised:
        combine_shares(shares)
    assert f"share {guardian + 1} of those given" in str(raised.value)
    assert not {word for word in words if f" {word} " in f" {raised.value} "} - {"of", "a", "or"}
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(("needed", "guardians"), [(1, 3), (0, 3), (4, 3), (2, 17), (-1, -1)])
def test_a_split_that_protects_nothing_or_is_none_is_refused(needed: int, guardians: int) -> None:
    with pytest.raises(Malformed, match="expected at least 2 of at most 16"):
        split_seed(SEED, needed, guardians)


def test_the_command_shows_shares_that_give_the_key_back(run: Run, tmp_path: Path) -> None:
    seed, key = secrets.token_bytes(32), tmp_path / "key"
    key.write_text(recovery_text(seed) + "\n")
    shown = run("recover", "split", "--guardians", "3", "--needed", "2", "--recovery-file", key)
    assert (shown.exit, shown.out) == (0, "")
    shares = [line.strip() for line in shown.err.splitlines() if len(line.split()) == 33]
    assert len(shares) == 3
    file = tmp_path / "shares"
    file.write_text("\n".join([shares[2], "", shares[0]]))
    assert recovery_key.read(str(file)) == seed
    assert not list((tmp_path / "work").iterdir())


def test_a_key_with_a_wrong_digit_is_not_split(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "key"
    text = recovery_text(SEED)
    key.write_text(text.replace(text[0], "7" if text[0] != "7" else "8", 1))
    refused = run("recover", "split", "--guardians", "3", "--needed", "2", "--recovery-file", key)
    assert (refused.exit, "check digits do not fit" in refused.why) == (2, True)
    assert text[5:14] not in refused.err
    asked = run("recover", "split", "--guardians", "3", "--needed", "2")
    assert (asked.exit, "expected --recovery-file F" in asked.why) == (2, True)
    asked = run("recover", "split", "--guardians", "3", "--needed", "2", "--json")
    assert (asked.exit, "not written as JSON" in asked.err) == (2, True)
