"""Private parts: what may be erased. Names, titles, free text.

A private part is a document of its own with its own 128-bit random `blind`, named in the predicate
by the SHA-256 of its RFC 8785 bytes. The blind is erased with it, so that what remains of it, the
digest, says nothing about a guess.
"""

import hashlib
from typing import NamedTuple

from trust.core.canonical import Json, canonical, check_text, parse_canonical
from trust.core.errors import Malformed
from trust.core.people.handle import check_handle
from trust.core.record import Record, repeated
from trust.core.signing.disclosure import Disclosure, parse_disclosure

BLIND_SIZE = 16  # 128 random bits
MAX_PRIVATE = 256 * 1024  # bytes, the same as a payload
MAX_NAME = 1024  # characters of one file name with its folders
MAX_SUBJECTS = 1000  # stock Go clients stop at 1,024 subjects
MAX_TITLE = 200  # characters
MAX_REASON = 500  # characters
MAX_ENTERPRISE_NAME = 100  # characters


class DeliverablePart(NamedTuple):
    """Names in subject order, and what the creator says about the work."""

    names: tuple[str, ...]
    title: str | None = None
    disclosure: Disclosure | None = None
    licence: str | None = None
    not_claimed: tuple[str, ...] = ()


class HandlePart(NamedTuple):
    """The handle that a person consents to."""

    handle: str


class ProfilePart(NamedTuple):
    """A private name and links; both are the person's own word."""

    name: str | None = None
    links: tuple[str, ...] = ()


class WithdrawalPart(NamedTuple):
    """Why a statement is withdrawn."""

    reason: str


class FoundingPart(NamedTuple):
    """What an enterprise is called; its founder's own word."""

    name: str


PrivatePart = DeliverablePart | HandlePart | ProfilePart | WithdrawalPart | FoundingPart


def private_digest(document: dict[str, Json]) -> bytes:
    """Return the SHA-256 by which a predicate names this private part."""
    return hashlib.sha256(canonical(document)).digest()


def parse_private_bytes(data: bytes, statement_type: str) -> PrivatePart:
    """Parse a private part from its canonical bytes; raise Malformed for anything else."""
    return parse_private(parse_canonical(data, MAX_PRIVATE, "private"), statement_type)


def parse_private(value: Json, statement_type: str, where: str = "private") -> PrivatePart:
    """Read the private part of a statement of a type.

    Raises:
        Malformed: a type that has none, an unknown member, a name that could leave its folder.
    """
    record = Record(value, where)
    record.digest("blind", BLIND_SIZE)
    match statement_type:
        case "deliverable":
            part: PrivatePart = _deliverable(record)
        case "handle":
            part = HandlePart(check_handle(record.text("handle", 64)))
        case "profile":
            part = _profile(record)
        case "founding":
            part = FoundingPart(_one_line(record, "name", MAX_ENTERPRISE_NAME))
        case "withdrawal":
            part = WithdrawalPart(_free_text(record, "reason", MAX_REASON))
        case _:
            raise Malformed(f"a {statement_type} has no private part", where)
    record.done()
    return part


def _deliverable(record: Record) -> DeliverablePart:
    names = record.texts("names", 1, MAX_SUBJECTS, MAX_NAME)
    for name in names:
        _check_name(name, f"{record.where}.names")
    if len(set(names)) != len(names):
        raise Malformed(
            f"one name appears twice, {repeated(names)[:60]!r}", f"{record.where}.names"
        )
    return DeliverablePart(
        names=names,
        title=record.optional("title", lambda name: _free_text(record, name, MAX_TITLE)),
        disclosure=record.optional(
            "disclosure", lambda name: parse_disclosure(record.raw(name), f"{record.where}.{name}")
        ),
        licence=record.optional("licence", lambda name: _free_text(record, name, MAX_TITLE)),
        not_claimed=record.optional("notClaimed", lambda name: record.texts(name, 1, 20, 200))
        or (),
    )


def _profile(record: Record) -> ProfilePart:
    return ProfilePart(
        name=record.optional("name", lambda name: _free_text(record, name, MAX_TITLE)),
        links=record.optional("links", lambda name: record.texts(name, 1, 20, 400)) or (),
    )


def _free_text(record: Record, name: str, limit: int) -> str:
    text = record.text(name, limit)
    if not text.strip():
        raise Malformed("empty, expected text", f"{record.where}.{name}")
    return check_text(text, f"{record.where}.{name}")


def _one_line(record: Record, name: str, limit: int) -> str:
    text = _free_text(record, name, limit)
    if "\n" in text:
        raise Malformed("several lines, expected one", f"{record.where}.{name}")
    return text


def _check_name(name: str, where: str) -> None:
    """A name is a relative path with `/` between its parts; none may be empty, `.` or `..`."""
    check_text(name, where)
    if "\n" in name:
        raise Malformed(f"{name[:60]!r} holds a line feed", where)
    if any(part in {"", ".", ".."} for part in name.split("/")):
        raise Malformed(f"{name[:60]!r} is not a plain relative path", where)
