"""The witness over HTTP: a submission, what was cosigned last, and who it is."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from trust.core.errors import NotFound, Unavailable
from trust.core.log.cosigning import MAX_REQUEST, PATH
from trust.witness.witness import TEXT, Said, Witness, said

BODY_SECONDS: Final = 10.0  # for the whole body; slow senders do not hold a connection for ever
RETRY_SECONDS: Final = 5  # after which whoever got a 503 may ask again

Answering = Callable[[Witness, Request], Awaitable[Said]]


def create_app(witness: Witness, prefix: str = "", body_seconds: float = BODY_SECONDS) -> Starlette:
    """Return the ASGI application of a witness, served under a path prefix.

    A body that is not whole after `body_seconds` is given up.
    """

    def route(path: str, answer: Answering, method: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return _response(await _answered(answer, witness, request))

        return Route(f"{prefix}/{path}", endpoint, methods=[method])

    return Starlette(
        routes=[
            route(PATH, partial(_submission, seconds=body_seconds), "POST"),
            route("{digest}/checkpoint", _newest, "GET"),
            route("", _about, "GET"),
        ]
    )


async def _submission(witness: Witness, request: Request, seconds: float) -> Said:
    try:
        async with asyncio.timeout(seconds):
            body = await _body(request)
    except TimeoutError:
        return said(408, f"the body is not whole after {seconds:g} s")
    if body is None:
        return said(413, f"longer than {MAX_REQUEST} bytes")
    return await asyncio.to_thread(witness.add_checkpoint, body)


async def _newest(witness: Witness, request: Request) -> Said:
    note = await asyncio.to_thread(witness.checkpoint, request.path_params["digest"])
    return Said(200, TEXT, note.encode())


async def _about(witness: Witness, _: Request) -> Said:
    return said(200, f"a witness of transparency logs\n\n{witness.policy_line}")


async def _answered(answer: Answering, witness: Witness, request: Request) -> Said:
    """Answer, or say what the error means in HTTP."""
    try:
        return await answer(witness, request)
    except ClientDisconnect:
        return said(400, "the body broke off")  # nobody reads it
    except NotFound as error:
        return said(404, str(error))
    except Unavailable as error:
        return said(503, str(error))


async def _body(request: Request) -> bytes | None:
    """Read the whole body, None if it is too long."""
    pieces = bytearray()
    async for piece in request.stream():
        pieces += piece
        if len(pieces) > MAX_REQUEST:
            return None
    return bytes(pieces)


def _response(answer: Said) -> Response:
    headers = {
        "Content-Type": answer.media_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if answer.status in {408, 413}:
        headers["Connection"] = "close"  # the rest of the body is not read
    if answer.status == 503:  # noqa: PLR2004 - HTTP
        headers["Retry-After"] = str(RETRY_SECONDS)
    return Response(answer.body, answer.status, headers)
