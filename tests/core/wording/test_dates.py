import pytest

from trust.core.encoding import parse_time
from trust.core.wording.dates import age, clock, day, interval, moment

T = parse_time


def test_a_date_names_its_month() -> None:
    seconds = T("2026-11-03T16:00:59Z")
    assert day(seconds) == "3 Nov 2026"
    assert clock(seconds) == "16:00"
    assert moment(seconds) == "3 Nov 2026, 16:00 UTC"


@pytest.mark.parametrize("month", range(1, 13))
def test_months_are_english_in_every_locale(month: int) -> None:
    names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    assert day(T(f"2026-{month:02}-28T00:00:00Z")) == f"28 {names.split()[month - 1]} 2026"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-03T14:02:07Z", "2026-11-03T14:02:59Z", "on 3 Nov 2026 at 14:02 UTC"),
        ("2026-11-03T14:02:59Z", "2026-11-03T14:03:00Z",
         "on 3 Nov 2026 between 14:02 and 14:03 UTC"),
        ("2026-11-01T09:00:00Z", "2026-11-03T14:03:11Z",
         "between 1 Nov 2026, 09:00 UTC and 3 Nov 2026, 14:03 UTC"),
        ("2026-11-02T23:59:59Z", "2026-11-03T00:00:00Z",
         "between 2 Nov 2026, 23:59 UTC and 3 Nov 2026, 00:00 UTC"),
    ],
)  # fmt: skip
def test_an_interval_says_no_more_than_it_knows(first: str, last: str, words: str) -> None:
    assert interval(T(first), T(last)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (7200, "2 hours"),
        (86399, "23 hours"),
        (86400, "1 day"),
        (9 * 86400 + 5, "9 days"),
    ],
)
def test_an_age_has_one_unit_and_rounds_down(seconds: int, words: str) -> None:
    assert age(seconds) == words
