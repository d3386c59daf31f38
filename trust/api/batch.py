"""Many statements in one request, one a line, each answered for itself.

A line of the answer is the body that its statement would have been answered with if it had come
alone: a result has an `id`, a problem (RFC 9457) a `type`. The lines are in the order of the
request. One that is refused costs the others nothing.
"""

from typing import Final, NamedTuple

from trust.api import problems
from trust.api.limits import MAX_BODY
from trust.core.canonical import Json, canonical, parse
from trust.core.errors import Malformed, TouchplateError
from trust.service.records import Row
from trust.service.registry import Registry
from trust.service.taken import Taken

NDJSON: Final = "application/x-ndjson"
MAX_BATCH: Final = 4 * 2**20  # bytes: some 2,000 statements about one file each
MAX_LINES: Final = 1000


def submit_all(registry: Registry, body: bytes, network: str, request_id: str) -> bytes:
    """Return a line for each line of the body, once all are published or refused.

    Raises:
        Malformed: no line, or more than 1,000.
    """
    lines = body.removesuffix(b"\n").split(b"\n")
    if body in {b"", b"\n"} or len(lines) > MAX_LINES:
        raise Malformed(f"{len(lines)} lines, expected 1 to {MAX_LINES} that are not empty", "body")
    read = [_read(line, place) for place, line in enumerate(lines)]
    # All are on their way before the first is waited for, so that they share checkpoints.
    begun = iter(
        registry.begin_all([item.body for item in read if isinstance(item, _Line)], network)
    )
    taken = [next(begun) if isinstance(item, _Line) else item for item in read]
    rows = registry.read_together([item for item in taken if isinstance(item, Taken)])
    return b"".join(_answer(item, rows, request_id) + b"\n" for item in taken)


class _Line(NamedTuple):
    body: Json


def _read(line: bytes, place: int) -> _Line | TouchplateError:
    try:
        return _Line(parse(line, MAX_BODY, f"line {place + 1}"))
    except TouchplateError as error:
        return error


def _answer(taken: Taken | TouchplateError, rows: dict[str, Row], request_id: str) -> bytes:
    try:
        if isinstance(taken, TouchplateError):
            raise taken
        return canonical(taken.answer(rows.get(taken.id or "")))
    except TouchplateError as error:
        return bytes(problems.of(error, request_id).body)
