"""The application: routers, problems and middleware around one registry."""

import time
from collections.abc import Callable
from typing import Final

import anyio
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from trust.api import problems, schemas
from trust.api.access import JSON
from trust.api.batch import MAX_BATCH, NDJSON
from trust.api.desk import Desk
from trust.api.frame import Frame, host_name
from trust.api.limits import MAX_BODY, Body, BodyLimit
from trust.api.metrics import Measure, Metrics
from trust.api.routes import (
    attestations,
    entries,
    health,
    people,
    statements,
    status,
    tiles,
    timestamp,
    trust,
)
from trust.api.shortcut import Shortcut
from trust.core.canonical import Json
from trust.service.registry import Registry
from trust.web import pages

TITLE: Final = "Touchplate registry"
VERSION: Final = "1"
ROUTERS: Final[tuple[APIRouter, ...]] = (
    statements.router,
    attestations.router,
    people.router,
    entries.router,
    status.router,
    trust.router,
    timestamp.router,
    tiles.router,
    health.router,
)

BODIES: Final = {  # of the paths that take another body than everyone
    timestamp.PATH: (Body(timestamp.QUERY, timestamp.MAX_BODY),),
    statements.PATH: (Body(JSON, MAX_BODY), Body(NDJSON, MAX_BATCH)),
}


def create_app(registry: Registry, clock: Callable[[], float] = time.time) -> FastAPI:
    """Return the ASGI application of an open registry; whoever opened the registry closes it.

    `clock` gives seconds; pages judge by it, and it should be the registry's own.
    """
    app = _routes()
    app.include_router(pages.router)
    app.state.registry = registry
    app.state.clock = clock
    app.state.metrics = Metrics()
    app.state.pages = pages.Pages.load()
    app.state.submitters = anyio.CapacityLimiter(statements.SUBMITTERS)
    app.state.desk = Desk()

    def hosts() -> frozenset[str]:
        return frozenset({registry.settings.hostname, host_name(registry.trust.newest_log.origin)})

    app.add_middleware(Shortcut, registry=registry)
    app.add_middleware(BodyLimit, paths=BODIES)
    app.add_middleware(Frame, hosts=hosts)
    app.add_middleware(Measure, metrics=app.state.metrics)
    return app


def openapi() -> dict[str, Json]:
    """Return the OpenAPI 3.1 document of the routes. Pages are not part of it.

    FastAPI would document its own 422 body; ours are all problems.
    """
    app = _routes()
    document: dict[str, Json] = get_openapi(
        title=TITLE,
        version=VERSION,
        routes=app.routes,
        description="Reads are anonymous and cacheable. The only write is a signed statement; "
        "a time stamp for anyone changes nothing here.",
    )
    components = document["components"]
    paths = document["paths"]
    if not (isinstance(components, dict) and isinstance(paths, dict)):
        raise TypeError("get_openapi returned another shape")
    shapes = components["schemas"]
    if not isinstance(shapes, dict):
        raise TypeError("get_openapi returned another shape")
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    for shape in (schemas.Problem, schemas.Submission):
        shapes[shape.__name__] = shape.model_json_schema()
    for operations in paths.values():
        for operation in operations.values() if isinstance(operations, dict) else ():
            if isinstance(operation, dict):
                _only_problems(operation)
    return document


def _routes() -> FastAPI:
    """Return an application with the API's routes and no registry behind them."""
    app = FastAPI(title=TITLE, version=VERSION, openapi_url=None, redirect_slashes=False)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _only_problems(operation: dict[str, Json]) -> None:
    responses = operation["responses"]
    if isinstance(responses, dict):
        responses.pop("422", None)
        reference = schemas.reference(schemas.Problem)
        content: dict[str, Json] = {problems.MEDIA_TYPE: {"schema": {**reference}}}
        responses["default"] = {"description": "A problem (RFC 9457)", "content": content}
