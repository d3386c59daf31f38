"""The log itself: C2SP tlog-tiles, under both families of tile paths.

C2SP says `tile/<L>/<N>` and `tile/entries/<N>`; Go's `tlog` says `tile/8/<L>/<N>` and
`tile/8/data/<N>` for the same bytes.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trust.api.access import IMMUTABLE, TheRegistry, cached
from trust.core.errors import Malformed, NotFound

router = APIRouter()

NOTE = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"


@router.get(
    "/api/v2/checkpoint",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    summary="The newest published checkpoint",
)
def checkpoint(request: Request, registry: TheRegistry) -> Response:
    """Answer with the signed note."""
    return cached(request, registry.checkpoint().encode(), NOTE)


@router.get(
    "/api/v2/tile/{path:path}",
    responses={
        200: {"content": {BYTES: {"schema": {"type": "string", "contentMediaType": BYTES}}}}
    },
    summary="A tile of hashes or of entries",
)
def tile(
    request: Request,
    registry: TheRegistry,
    path: Annotated[str, Path(max_length=200, description="L/N, entries/N, 8/L/N or 8/data/N")],
) -> Response:
    """Answer with a full or partial tile, whose bytes never change."""
    try:
        data = registry.tile(f"tile/{path}")
    except Malformed as error:
        raise NotFound(str(error)) from error
    return cached(request, data, BYTES, IMMUTABLE)
