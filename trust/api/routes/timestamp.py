"""RFC 3161 time stamps for anyone, over HTTP."""

import ssl
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trust.api.access import TheRegistry, cached
from trust.core.x509.timestamp_query import MAX_QUERY

router = APIRouter()

PATH: Final = "/v1/timestamp"
QUERY: Final = "application/timestamp-query"
REPLY: Final = "application/timestamp-reply"
MAX_BODY: Final = 16 * MAX_QUERY  # what is a little too large is refused in the protocol itself
PEM: Final = "application/pem-certificate-chain"


def _binary(media_type: str) -> dict[str, Any]:
    return {media_type: {"schema": {"type": "string", "contentMediaType": media_type}}}


@router.post(
    PATH,
    responses={200: {"content": _binary(REPLY), "description": "A token, or a refusal"}},
    openapi_extra={"requestBody": {"required": True, "content": _binary(QUERY)}},
    summary="An RFC 3161 time stamp",
)
async def stamp(request: Request, registry: TheRegistry) -> Response:
    """Answer with a token over the digest that was sent, or with a refusal and its `failInfo`.

    This is a service for anyone. Its certificate is of a root of its own: such a token is never
    the token of an entry, and no evidence for an entry of this registry. A network that asks too
    often gets 429 and, in `Retry-After`, the seconds until there is room.
    """
    body = await request.body()
    network = request.client.host if request.client is not None else ""
    answer = await run_in_threadpool(registry.timestamp, body, network)
    return Response(answer, 200, {"Cache-Control": "no-store"}, REPLY)


@router.get(
    PATH,
    responses={200: {"content": {PEM: {"schema": {"type": "string"}}}}},
    summary="The certificates of the time-stamping authority",
)
def chain(request: Request, registry: TheRegistry) -> Response:
    """Answer with its certificate and then its root, in PEM."""
    text = "".join(ssl.DER_cert_to_PEM_cert(item) for item in registry.timestamp_chain())
    return cached(request, text.encode(), PEM)
