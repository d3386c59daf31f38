"""Statements on their way from one process to the one that leads: lengths and bytes."""

from collections.abc import Iterator, Sequence
from typing import Final

from trust.core.errors import Malformed
from trust.core.signing.envelope import STATEMENT_PAYLOAD, Envelope, Signature
from trust.core.signing.statement import parse_statement
from trust.service.append_path import Submission

_LENGTH: Final = 4  # bytes
_NONE: Final = 2 ** (8 * _LENGTH) - 1  # in the place of a length
_FIELDS: Final = 6  # of a statement


def pack(submissions: Sequence[Submission]) -> bytes:
    """Write statements that were checked, all that the log keeps of them."""
    parts: list[bytes] = []
    for item in submissions:
        for field in (
            item.id.encode(),
            item.scid.encode(),
            item.envelope.payload,
            item.envelope.signature,
            item.certificate,
            item.private,
        ):
            length = _NONE if field is None else len(field)
            parts += [length.to_bytes(_LENGTH, "big"), field or b""]
    return b"".join(parts)


def unpack(content: bytes) -> list[Submission]:
    """Read what `pack` wrote.

    Raises:
        Malformed: something else wrote it.
    """
    fields = list(_fields(content))
    if len(fields) % _FIELDS:
        raise Malformed(f"{len(fields)} fields, expected a multiple of {_FIELDS}", "parcel")
    return [_submission(fields[at : at + _FIELDS]) for at in range(0, len(fields), _FIELDS)]


def _submission(fields: Sequence[bytes | None]) -> Submission:
    name, scid, payload, signature, certificate = (field or b"" for field in fields[:-1])
    return Submission(
        id=name.decode(),
        scid=scid.decode(),
        envelope=Envelope(STATEMENT_PAYLOAD, payload, (Signature(signature),)),
        statement=parse_statement(payload),
        certificate=certificate,
        private=fields[-1],
    )


def _fields(content: bytes) -> Iterator[bytes | None]:
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + _LENGTH], "big")
        at += _LENGTH
        if length == _NONE:
            yield None
            continue
        if at + length > len(content):
            raise Malformed(f"{len(content)} bytes, and a field that ends beyond", "parcel")
        yield content[at : at + length]
        at += length
