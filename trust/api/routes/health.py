"""For whoever watches the process."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from trust.api import problems
from trust.api.access import JSON, TheRegistry
from trust.api.metrics import MEDIA_TYPE, Metrics
from trust.core.canonical import canonical

router = APIRouter()

_OK: dict[int | str, dict[str, Any]] = {200: {"content": {JSON: {"schema": {"type": "object"}}}}}
_NEVER_CACHED = {"Cache-Control": "no-store"}


@router.get("/healthz", responses=_OK, summary="The process answers")
async def healthz() -> Response:
    """Answer 200 as long as there is a process."""
    return Response(canonical({"status": "ok"}), 200, _NEVER_CACHED, JSON)


@router.get("/readyz", responses=_OK, summary="The registry can do its work")
def readyz(request: Request, registry: TheRegistry) -> Response:
    """Answer 200 if the registry can take statements, 503 with every reason if not.

    It cannot before its first checkpoint is published, once its writer has stopped, while too few
    witnesses cosign, while its checkpoint is older than it may be, and while its disk is nearly
    full. One that was started read-only says so, with 200: it can do all that it is there for.
    """
    facts = registry.facts()
    faults = list(facts.faults())
    if faults:
        return problems.response(
            problems.NOT_READY, "; ".join(faults), problems.request_id(request)
        )
    status = "read-only" if facts.read_only else "ready"
    return Response(canonical({"status": status}), 200, _NEVER_CACHED, JSON)


@router.get(
    "/metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    summary="Counts and gauges, for Prometheus",
)
def metrics(request: Request, registry: TheRegistry) -> Response:
    """Answer with the text format of Prometheus. Labels are of closed sets, nobody is in them."""
    counted = request.app.state.metrics
    if not isinstance(counted, Metrics):
        raise TypeError("the app was not made by create_app")
    return Response(counted.text(registry.facts().gauges()), 200, _NEVER_CACHED, MEDIA_TYPE)
