"""The log itself: C2SP tlog-tiles, under both families of tile paths.

C2SP says `tile/<L>/<N>` and `tile/entries/<N>`; Go's `tlog` says `tile/8/<L>/<N>` and
`tile/8/data/<N>` for the same bytes.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trust.api.access import IMMUTABLE, TheRegistry, cached
from trust.core.errors import Malformed, NotFound

router = APIRouter()

PREFIX: Final = "/api/v2/"  # before the paths that C2SP gives
CHECKPOINT: Final = f"{PREFIX}checkpoint"
TILES: Final = f"{PREFIX}tile/"
TILE_ROUTE: Final = f"{TILES}{{path:path}}"
NOTE = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"


@router.get(
    CHECKPOINT,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    summary="The newest published checkpoint",
)
def checkpoint(request: Request, registry: TheRegistry) -> Response:
    """Answer with the signed note."""
    return checkpoint_answer(request, registry.checkpoint())


def checkpoint_answer(request: Request, note: str) -> Response:
    """Answer with a checkpoint, which the next one replaces."""
    return cached(request, note.encode(), NOTE)


@router.get(
    TILE_ROUTE,
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
    return tile_answer(request, data)


def tile_answer(request: Request, data: bytes) -> Response:
    """Answer with a tile, which is the same for ever."""
    return cached(request, data, BYTES, IMMUTABLE)
