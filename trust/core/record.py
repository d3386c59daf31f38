"""Reading the members of a parsed JSON object into values of a known type.

A `Record` knows where it stands in the document, so that each refusal names its place, and it
refuses members that nobody asked for: in our own formats an unknown field is an error.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from trust.core.canonical import Json
from trust.core.encoding import DIGEST_SIZE, b64decode, hex_decode, parse_time
from trust.core.errors import Malformed

Value = TypeVar("Value")


class Record:
    """One JSON object being read. Call `done()` after the last member."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{_kind(value)}, expected an object", where)
        self._members = value
        self._left = set(value)
        self.where = where

    def has(self, name: str) -> bool:
        """Say whether the member is present at all."""
        return name in self._members

    def names(self) -> tuple[str, ...]:
        """Return the names of all members, for an object that is a table."""
        return tuple(self._members)

    def raw(self, name: str) -> Json:
        """Take a member that must be present, whatever its type."""
        if name not in self._members:
            raise Malformed(f"member {name!r} is missing", self.where)
        self._left.discard(name)
        return self._members[name]

    def text(self, name: str, limit: int = 4096) -> str:
        """Take a text of at most `limit` characters."""
        value = self.raw(name)
        if not isinstance(value, str):
            raise Malformed(f"{_kind(value)}, expected text", f"{self.where}.{name}")
        if len(value) > limit:
            raise Malformed(
                f"{len(value)} characters, expected at most {limit}", f"{self.where}.{name}"
            )
        return value

    def constant(self, name: str, expected: str) -> None:
        """Take a text that must be exactly `expected`."""
        value = self.raw(name)
        if value != expected:
            raise Malformed(f"{value!r}, expected {expected!r}"[:200], f"{self.where}.{name}")

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """Take a text that must be one of a closed list."""
        value = self.text(name)
        if value not in allowed:
            raise Malformed(
                f"{value[:60]!r}, expected one of {', '.join(allowed)}", f"{self.where}.{name}"
            )
        return value

    def integer(self, name: str, lowest: int = 0) -> int:
        """Take a whole number; true and false are not numbers."""
        value = self.raw(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Malformed(f"{_kind(value)}, expected a whole number", f"{self.where}.{name}")
        if value < lowest:
            raise Malformed(f"{value}, expected at least {lowest}", f"{self.where}.{name}")
        return value

    def boolean(self, name: str) -> bool:
        """Take true or false."""
        value = self.raw(name)
        if not isinstance(value, bool):
            raise Malformed(f"{_kind(value)}, expected true or false", f"{self.where}.{name}")
        return value

    def digest(self, name: str, size: int = DIGEST_SIZE) -> bytes:
        """Take lower-case hex of `size` bytes."""
        return hex_decode(self.text(name), f"{self.where}.{name}", size)

    def base64(self, name: str, limit: int = 1 << 20) -> bytes:
        """Take standard base64 of at most `limit` characters."""
        return b64decode(self.text(name, limit), f"{self.where}.{name}")

    def time(self, name: str) -> int:
        """Take a time as seconds since 1970."""
        return parse_time(self.text(name), f"{self.where}.{name}")

    def record(self, name: str) -> "Record":
        """Take an object."""
        return Record(self.raw(name), f"{self.where}.{name}")

    def items(self, name: str, lowest: int, highest: int) -> list[Json]:
        """Take a list of `lowest` to `highest` items."""
        value = self.raw(name)
        if not isinstance(value, list):
            raise Malformed(f"{_kind(value)}, expected a list", f"{self.where}.{name}")
        if not lowest <= len(value) <= highest:
            raise Malformed(
                f"{len(value)} items, expected {lowest} to {highest}", f"{self.where}.{name}"
            )
        return value

    def records(self, name: str, lowest: int, highest: int) -> list["Record"]:
        """Take a list of objects."""
        return [
            Record(item, f"{self.where}.{name}[{place}]")
            for place, item in enumerate(self.items(name, lowest, highest))
        ]

    def texts(self, name: str, lowest: int, highest: int, limit: int = 4096) -> tuple[str, ...]:
        """Take a list of texts."""
        values = self.items(name, lowest, highest)
        for place, value in enumerate(values):
            if not isinstance(value, str) or len(value) > limit:
                raise Malformed(
                    f"expected text of at most {limit} characters", f"{self.where}.{name}[{place}]"
                )
        return tuple(str(value) for value in values)

    def optional(self, name: str, take: Callable[[str], Value]) -> Value | None:
        """Take a member with `take` if it is there; absent is None, null is refused by `take`."""
        return take(name) if self.has(name) else None

    def nullable(self, name: str, take: Callable[[str], Value]) -> Value | None:
        """Take a member that must be there and may be null."""
        if self.raw(name) is None:
            return None
        return take(name)

    def done(self) -> None:
        """Refuse the members that nobody took."""
        if self._left:
            raise Malformed(f"unknown member {min(self._left)[:60]!r}", self.where)


def repeated(texts: Sequence[str]) -> str:
    """Return the first text that stands there twice; requires one."""
    return next(text for place, text in enumerate(texts) if text in texts[:place])


def _kind(value: Json) -> str:
    names = {bool: "a truth value", int: "a number", str: "text", list: "a list", dict: "an object"}
    return "null" if value is None else names[type(value)]
