"""The only write: signed statements. The statement is the authentication."""

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from trust.api import schemas
from trust.api.access import JSON, TheRegistry
from trust.api.limits import MAX_BODY
from trust.core.canonical import canonical, parse
from trust.service.registry import Registry

router = APIRouter()

# A submit waits until it is published. Its threads are its own, so that waiting writes never keep
# reads from an answer; as many as one group commit takes.
SUBMITTERS = 256


@router.post(
    "/v1/statements",
    status_code=201,
    responses={201: {"model": schemas.Published | list[schemas.Published]}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": schemas.reference(schemas.Submission)}},
        }
    },
    summary="Publish a signed statement, or join",
)
async def submit(request: Request, registry: TheRegistry) -> Response:
    """Answer 201 only once a published checkpoint covers the statement.

    The same payload again, even while the first is in flight, gets the first result; another
    payload under the same id is a conflict.

    A join that is sent again goes on where the last one stopped, and gets its result. The same DID
    with another handle, name or link is a conflict: for ever once it has joined, and else until 24
    hours after it was first asked for; then the new request takes its place. A DID that is dated
    after the registry's clock is not allowed.

    Who logs too much in a day gets 429 and, in `Retry-After`, the seconds until there is room: a
    network too many joins, a person too many statements of a type, withdrawals among them.
    """
    body = await request.body()
    network = request.client.host if request.client is not None else ""
    limiter: anyio.CapacityLimiter = request.app.state.submitters
    answer = await anyio.to_thread.run_sync(_submit, registry, body, network, limiter=limiter)
    return Response(answer, 201, {"Cache-Control": "no-store"}, JSON)


def _submit(registry: Registry, body: bytes, network: str) -> bytes:
    return canonical(registry.submit(parse(body, MAX_BODY, "body"), network))
