"""Times in the words of people: always UTC, month by name, so that no reader swaps day and month.

Times are whole seconds since 1970 UTC. Nothing here depends on a locale.
"""

from datetime import UTC, datetime

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - one table row
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def day(seconds: int) -> str:
    """Return a date such as `3 Nov 2026`."""
    date = datetime.fromtimestamp(seconds, UTC)
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def clock(seconds: int) -> str:
    """Return a time of day such as `16:00`, in UTC, which it does not say."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M")


def moment(seconds: int) -> str:
    """Return a date with its time, such as `3 Nov 2026, 16:00 UTC`."""
    return f"{day(seconds)}, {clock(seconds)} UTC"


def interval(first: int, last: int) -> str:
    """Say between which two times something happened; requires first <= last.

    `on 3 Nov 2026 at 14:02 UTC`, `on 3 Nov 2026 between 14:02 and 14:03 UTC` or `between
    1 Nov 2026, 09:00 UTC and 3 Nov 2026, 14:03 UTC`: it follows `signed` in a sentence.
    """
    if day(first) != day(last):
        return f"between {moment(first)} and {moment(last)}"
    if clock(first) == clock(last):
        return f"on {day(first)} at {clock(first)} UTC"
    return f"on {day(first)} between {clock(first)} and {clock(last)} UTC"


def age(seconds: int) -> str:
    """Return a length of time in its largest whole unit: `9 days`, `2 hours`, `1 minute`.

    Rounds down; under a minute, a negative length too, it is `less than a minute`.
    """
    for unit, size in _UNITS:
        count = seconds // size
        if count >= 1:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
