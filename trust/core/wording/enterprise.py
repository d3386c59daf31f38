"""An enterprise in sentences: what it calls itself, who belongs to it, how many must approve."""

from collections.abc import Mapping

from trust.core.canonical import Json
from trust.core.encoding import parse_time, quoted
from trust.core.wording.dates import day


def enterprise_name(name: str | None, enterprise: str) -> str:
    """Name an enterprise in its own words, in quotation marks, or else by its id."""
    return f"the enterprise {enterprise}" if name is None else f"the enterprise {quoted(name)}"


def enterprise_sentence(found: Mapping[str, Json], host: str) -> str:
    """Return the heading of an enterprise's page."""
    count = sum(item.get("until") is None for item in _members(found))
    name = found.get("name")
    called = enterprise_name(name if isinstance(name, str) else None, str(found.get("id")))
    people = f"{count} {'person' if count == 1 else 'people'}"
    return f"{called[0].upper()}{called[1:]} at {host}: {people}. Nobody has checked that name."


def enterprise_rows(found: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """Return questions and sentences about an enterprise."""
    needed = found.get("needed")
    rule = (
        "Any one of its members."
        if needed == 1
        else f"{needed} of its members together, the one who signs included."
    )
    rows = [
        ("Since when?", f"Founded on {_day(found.get('founded'))}."),
        ("Who decides what it delivers?", rule),
    ]
    for item in _members(found):
        handle = item.get("handle")
        who = f"@{handle}" if isinstance(handle, str) else str(item.get("scid"))
        left = item.get("until")
        until = (
            ""
            if left is None
            else f", left on {_day(left)}, and answers for what they signed before"
        )
        rows.append((who, f"A member since {_day(item.get('since'))}{until}."))
    return tuple(rows)


def _members(found: Mapping[str, Json]) -> list[dict[str, Json]]:
    members = found.get("members")
    return [item for item in members if isinstance(item, dict)] if isinstance(members, list) else []


def _day(value: Json) -> str:
    return day(parse_time(str(value), "time"))
