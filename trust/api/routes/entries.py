"""Entries: what a replay of the log needs."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trust.api import schemas
from trust.api.access import TheRegistry, cached_json

router = APIRouter()


@router.get(
    "/v1/entries/{origin}/{page}",
    responses={200: {"model": schemas.EntryPage}},
    summary="256 entries of a log",
)
def read(
    request: Request,
    registry: TheRegistry,
    origin: Annotated[str, Path(max_length=300)],
    page: Annotated[int, Path(ge=0, le=2**45, description="entries 256 * page and following")],
) -> Response:
    """Answer with the published entries of a page; of private parts only handles."""
    return cached_json(request, registry.entries(origin, page))
