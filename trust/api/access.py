"""What the routes share: the registry of the app, and answers that caches may keep."""

import hashlib
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.responses import Response

from trust.core.canonical import Encodable, canonical
from trust.service.registry import Registry

JSON: Final = "application/json"
REVALIDATE: Final = "public, no-cache"  # keep it, and ask each time whether it still stands
IMMUTABLE: Final = "public, max-age=31536000, immutable"


async def _registry(request: Request) -> Registry:
    registry = request.app.state.registry
    if not isinstance(registry, Registry):
        raise TypeError("the app was not made by create_app")
    return registry


TheRegistry = Annotated[Registry, Depends(_registry)]


def cached(request: Request, body: bytes, media_type: str, cache: str = REVALIDATE) -> Response:
    """Return `body` with its ETag, or 304 when the client already holds exactly that."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": cache}
    held = [item.strip().removeprefix("W/") for item in _if_none_match(request).split(",")]
    if tag in held or held == ["*"]:
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type)


def cached_json(request: Request, value: Encodable, cache: str = REVALIDATE) -> Response:
    """Return a JSON value as its RFC 8785 bytes, with an ETag."""
    return cached(request, canonical(value), JSON, cache)


def _if_none_match(request: Request) -> str:
    return request.headers.get("if-none-match", "")
