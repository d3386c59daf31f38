"""Status: what is withdrawn, as a signed snapshot with short proofs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trust.api import schemas
from trust.api.access import TheRegistry, cached_json
from trust.core.encoding import MAX_INTEGER, hex_decode
from trust.core.registry.status import MAX_PROOFS

router = APIRouter()


@router.get(
    "/v1/status",
    responses={200: {"model": schemas.Status}},
    summary="The signed status, with proofs of presence or absence",
)
def read(
    request: Request,
    registry: TheRegistry,
    at: Annotated[
        int | None, Query(ge=0, le=MAX_INTEGER, description="a published size; else the newest")
    ] = None,
    of: Annotated[
        list[str] | None,
        Query(max_length=MAX_PROOFS, description="names of status lines, 64 hex digits each"),
    ] = None,
) -> Response:
    """Answer with the snapshot of a size and, for each `of`, one proof."""
    names = [hex_decode(name, "of") for name in of or ()]
    return cached_json(request, registry.status(at, names).to_json())
