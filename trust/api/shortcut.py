"""The shortest way to what the log publishes: tiles and checkpoint, past routing and its threads.

Whoever follows a log reads little else. What is answered here is the answer of the route, made by
the same function, with its headers; everything but a plain read that succeeds goes on to the route.
A tile never changes once it is published: its answer is kept, and the least used given up first.
"""

import asyncio
from collections import OrderedDict
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from trust.api.routes import tiles
from trust.core.errors import TouchplateError
from trust.service.registry import Registry

KEPT: Final = 32 * 2**20  # bytes of tiles


class Shortcut:
    """ASGI middleware, the innermost: hosts, limits and counts are those of all requests."""

    def __init__(self, app: ASGIApp, registry: Registry, limit: int = KEPT) -> None:
        """Answer for the routes of tiles; keep at most `limit` bytes."""
        self._app, self._registry, self._limit = app, registry, limit
        # What the router would leave in the scope, for the counts.
        self._routes = {getattr(route, "path", ""): route for route in tiles.router.routes}
        self._kept: OrderedDict[str, Response] = OrderedDict()
        self._size = 0  # bytes of what is kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        answer = None
        if scope["type"] == "http" and _is_plain_read(scope):
            path = scope["path"]
            if path.startswith(tiles.TILES):
                answer = self._recall(path) or await self._read(scope)
                scope["route"] = self._routes[tiles.TILE_ROUTE]
            elif path == tiles.CHECKPOINT:
                note = await asyncio.to_thread(self._registry.checkpoint)
                answer = tiles.checkpoint_answer(Request(scope), note)
                scope["route"] = self._routes[tiles.CHECKPOINT]
        await (answer or self._app)(scope, receive, send)

    async def _read(self, scope: Scope) -> Response | None:
        """Return the answer with a tile and keep it; None if the route has to say why not."""
        path = scope["path"]
        try:
            data = await asyncio.to_thread(self._registry.tile, path.removeprefix(tiles.PREFIX))
        except TouchplateError:
            return None
        answer = tiles.tile_answer(Request(scope), data)
        self._keep(path, answer)
        return answer

    def _recall(self, path: str) -> Response | None:
        answer = self._kept.get(path)
        if answer is not None:
            self._kept.move_to_end(path)
        return answer

    def _keep(self, path: str, answer: Response) -> None:
        """Keep an answer. Only the event loop comes here; two may have read the same tile."""
        if path not in self._kept:
            self._kept[path] = answer
            self._size += len(answer.body)
        while self._size > self._limit:
            _, given_up = self._kept.popitem(last=False)
            self._size -= len(given_up.body)


def _is_plain_read(scope: Scope) -> bool:
    """Say whether it is a GET that asks for the thing itself, whatever the client holds."""
    return scope["method"] == "GET" and all(
        name != b"if-none-match" for name, _ in scope["headers"]
    )
