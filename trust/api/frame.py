"""What every request and answer carries: an id, the host it was meant for, who may read it."""

import secrets
from collections.abc import Callable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trust.api import problems

_ID_HEADER: Final = "X-Request-Id"
# Read by scripts of other sites: data, never pages.
_SHARED = ("/v1/", "/api/", "/p/")
# Asked by address, by whoever watches the process.
_ANY_HOST = frozenset({"/healthz", "/readyz", "/metrics"})


class Frame:
    """ASGI middleware: request ids, the Host, CORS for reads, and no guessing of media types.

    The Host selects the log: the public host and the newest log's origin are served, with or
    without a port. Any other Host was meant for somebody else (or rebinds a name to us) and gets
    421, the health routes excepted.
    """

    def __init__(self, app: ASGIApp, hosts: Callable[[], frozenset[str]]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = f"req_{secrets.token_hex(8)}"
        scope[problems.REQUEST_ID] = identity
        shared = scope["method"] in {"GET", "HEAD"} and scope["path"].startswith(_SHARED)

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[_ID_HEADER] = identity
                headers["X-Content-Type-Options"] = "nosniff"
                if shared:
                    headers["Access-Control-Allow-Origin"] = "*"
            await send(message)

        host = _host(scope)
        if scope["path"] in _ANY_HOST or host in self._hosts():
            await self._app(scope, receive, framed)
            return
        answer = problems.response(
            problems.OTHER_HOST,
            f"host {host[:200]!r}, expected one of {', '.join(sorted(self._hosts()))}",
            identity,
        )
        await answer(scope, receive, framed)


def _host(scope: Scope) -> str:
    """Return the Host without its port, in lower case; empty unless there is exactly one."""
    values = [value for name, value in scope["headers"] if name == b"host"]
    if len(values) != 1:
        return ""
    return host_name(values[0].decode("latin-1"))


def host_name(netloc: str) -> str:
    """Return a host without its port, in lower case; an IPv6 address keeps its brackets."""
    name, colon, port = netloc.rpartition(":")
    return (name if colon and port.isdigit() else netloc).lower()
