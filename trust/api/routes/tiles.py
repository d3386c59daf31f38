"""The log itself: C2SP tlog-tiles, under both families of tile paths.

C2SP says `tile/<L>/<N>` and `tile/entries/<N>`; Go's `tlog` says `tile/8/<L>/<N>` and
`tile/8/data/<N>` for the same bytes. The second family is mapped to the first.
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
        data = registry.tile(f"tile/{c2sp_path(path)}")
    except Malformed as error:
        raise NotFound(str(error)) from error
    return cached(request, data, BYTES, IMMUTABLE)


def c2sp_path(path: str) -> str:
    """Return the C2SP form of a tile path of either family.

    `8/..` with a level behind it is Go's: `8/000` is C2SP's tile 0 of level 8, `8/0/000` is not.
    """
    head, _, rest = path.partition("/")
    level, slash, _ = rest.partition("/")
    if head != "8" or not slash:
        return path
    if level == "data":
        return f"entries/{rest.removeprefix('data/')}"
    # Groups of three digits belong to N; a level is a number below 64 without leading zeros.
    is_level = level.isascii() and level.isdigit() and len(level) <= 2  # noqa: PLR2004
    return rest if is_level else path
