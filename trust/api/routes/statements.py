"""The only write: signed statements. The statement is the authentication."""

from functools import partial
from typing import Any, Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from trust.api import problems, schemas
from trust.api.access import JSON, TheRegistry
from trust.api.batch import NDJSON, submit_all
from trust.api.desk import Desk
from trust.api.limits import MAX_BODY
from trust.core.canonical import canonical, parse
from trust.service.registry import Registry
from trust.service.taken import Taken

router = APIRouter()

PATH: Final = "/v1/statements"
_LINES: Final[dict[str, Any]] = {"schema": {"type": "string", "contentMediaType": NDJSON}}

# What waits for the log: joins and the like, each in a thread of its own, so that waiting writes
# never keep reads from an answer.
SUBMITTERS = 256


@router.post(
    PATH,
    status_code=201,
    responses={
        200: {"description": "A batch: a line for each line", "content": {NDJSON: _LINES}},
        201: {"model": schemas.Published | list[schemas.Published]},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": schemas.reference(schemas.Submission)},
                NDJSON: _LINES,
            },
        }
    },
    summary="Publish a signed statement, join, change keys, or publish a batch",
)
async def submit(request: Request, registry: TheRegistry) -> Response:
    """Answer 201 only once a published checkpoint covers the statement.

    The same payload again, even while the first is in flight, gets the first result; another
    payload under the same id is a conflict.

    A join that is sent again goes on where the last one stopped, and gets its result. The same DID
    with another handle, name or link is a conflict: for ever once it has joined, and else until 24
    hours after it was first asked for; then the new request takes its place. A DID that is dated
    after the registry's clock is not allowed.

    A change of keys is sent like a join: the whole key history with one version more in `didLog`,
    and the statements that go with it. One that does not follow the newest version is a conflict:
    another device was faster, and nothing was changed.

    Who logs too much in a day gets 429 and, in `Retry-After`, the seconds until there is room: a
    network too many joins, a person too many statements of a type, withdrawals among them.

    A batch is one such body a line, up to 1,000 lines. Its answer, 200, has a line for each in the
    same order: what that body alone would have been answered with, a result or a problem.
    """
    body = await request.body()
    network = request.client.host if request.client is not None else ""
    limiter: anyio.CapacityLimiter = request.app.state.submitters
    if request.headers["content-type"] == NDJSON:
        identity = problems.request_id(request)
        lines = await anyio.to_thread.run_sync(
            submit_all, registry, body, network, identity, limiter=limiter
        )
        return Response(lines, 200, {"Cache-Control": "no-store"}, NDJSON)
    desk: Desk = request.app.state.desk
    taken = await desk.run(partial(_begin, registry, body, network))
    if taken.logged is None:
        answer = await anyio.to_thread.run_sync(_answer, taken, limiter=limiter)
    else:
        answer = await desk.after(taken.logged, partial(_answer, taken))
    return Response(answer, 201, {"Cache-Control": "no-store"}, JSON)


def _begin(registry: Registry, body: bytes, network: str) -> Taken:
    return registry.begin(parse(body, MAX_BODY, "body"), network)


def _answer(taken: Taken) -> bytes:
    return canonical(taken.answer())
