"""For whoever watches the process."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from trust.api import problems
from trust.api.access import JSON, TheRegistry
from trust.core.canonical import canonical

router = APIRouter()

_OK: dict[int | str, dict[str, Any]] = {200: {"content": {JSON: {"schema": {"type": "object"}}}}}
_NEVER_CACHED = {"Cache-Control": "no-store"}


@router.get("/healthz", responses=_OK, summary="The process answers")
async def healthz() -> Response:
    """Answer 200 as long as there is a process."""
    return Response(canonical({"status": "ok"}), 200, _NEVER_CACHED, JSON)


@router.get("/readyz", responses=_OK, summary="A checkpoint is published")
def readyz(request: Request, registry: TheRegistry) -> Response:
    """Answer 200 once a checkpoint is published, 503 before."""
    if not registry.ready():
        return problems.response(
            problems.NOT_READY, "no checkpoint is published yet", problems.request_id(request)
        )
    return Response(canonical({"status": "ready"}), 200, _NEVER_CACHED, JSON)
