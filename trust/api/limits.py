"""What a body may be, decided before anything parses or even routes it.

Pure ASGI, because nothing of a refused body should be kept: its size is counted as it arrives. A
body has exactly one content type and no content coding, so that nothing unpacks to more than it is.
"""

import asyncio
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trust.api import problems

MAX_BODY: Final = 512 * 1024  # bytes: a payload and its private part are 256 KiB each at most
BODY_SECONDS: Final = 30.0  # for the whole body; slow senders do not hold a connection for ever
CONTENT_TYPE: Final = "application/json"
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Body(NamedTuple):
    """What one path takes: exactly this content type, at most so many bytes."""

    content_type: str
    limit: int


_NO_PATHS: Final[Mapping[str, tuple[Body, ...]]] = MappingProxyType({})


class _Refused(Exception):  # noqa: N818 - carries a row of the problem table
    def __init__(self, problem: problems.Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail


class BodyLimit:
    """ASGI middleware: 415, 413 and 408 before routing; what passes is read whole."""

    def __init__(
        self,
        app: ASGIApp,
        limit: int = MAX_BODY,
        seconds: float = BODY_SECONDS,
        paths: Mapping[str, tuple[Body, ...]] = _NO_PATHS,
    ) -> None:
        """Take JSON of up to `limit` bytes everywhere but under the `paths` that take others."""
        self._app = app
        self._usual = (Body(CONTENT_TYPE, limit),)
        self._seconds = seconds
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in _BODILESS:
            await self._app(scope, receive, send)
            return
        try:
            taken = _check_headers(scope["headers"], self._paths.get(scope["path"], self._usual))
            async with asyncio.timeout(self._seconds):
                body = await _read(receive, taken.limit)
        except _Refused as refusal:
            answer = problems.response(
                refusal.problem, refusal.detail, str(scope.get(problems.REQUEST_ID, ""))
            )
        except TimeoutError:
            answer = problems.response(
                problems.BODY_TIMEOUT,
                f"not whole after {self._seconds:g} s",
                str(scope.get(problems.REQUEST_ID, "")),
            )
        else:
            if body is not None:
                await self._app(scope, _replay(body, receive), send)
            return
        answer.headers["Connection"] = "close"  # the rest of the body is not read
        await answer(scope, receive, send)


def _check_headers(headers: Iterable[tuple[bytes, bytes]], offered: tuple[Body, ...]) -> Body:
    """Return which of the offered bodies it is; refuse what the headers give away already."""
    types = [value for name, value in headers if name == b"content-type"]
    codings = [value for name, value in headers if name == b"content-encoding"]
    lengths = [value for name, value in headers if name == b"content-length"]
    if codings:
        raise _Refused(
            problems.UNSUPPORTED_TYPE, f"content-encoding {_shown(codings)}, expected none"
        )
    taken = next((body for body in offered if types == [body.content_type.encode()]), None)
    if taken is None:
        expected = " or ".join(repr(body.content_type) for body in offered)
        raise _Refused(
            problems.UNSUPPORTED_TYPE,
            f"content-type {_shown(types)}, expected exactly {expected}",
        )
    if lengths and lengths[0].isdigit() and int(lengths[0][:20]) > taken.limit:
        length = int(lengths[0][:20])
        raise _Refused(problems.TOO_LARGE, f"{length} bytes, expected at most {taken.limit}")
    return taken


def _shown(values: list[bytes]) -> str:
    """Quote the values of a header, which are text from outside."""
    return ", ".join(repr(value.decode("latin-1")) for value in values)[:200] or "none"


async def _read(receive: Receive, limit: int) -> bytes | None:
    """Read the whole body; None when the client went away."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise _Refused(problems.TOO_LARGE, f"over {limit} bytes")
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give the body once, then whatever the server says next."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
