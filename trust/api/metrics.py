"""What a monitoring system reads at /metrics: Prometheus text, written by hand.

Every label is of a closed set: the routes that this application has, three methods, five classes of
status. A path, a name or a header of a request never becomes a label, so nobody can make it grow
and nobody can be found in it.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PREFIX: Final = "touchplate"
OTHER: Final = "other"  # a method that is none of ours, or a request that no route took
_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_NO_ANSWER: Final = "none"
_HELP: Final = {
    "requests_total": ("counter", "Requests by method, route and class of status."),
    "request_seconds": ("summary", "Seconds until the last byte of an answer, by route."),
    "ready": ("gauge", "1 if /readyz says so."),
    "log_entries": ("gauge", "Entries that the published checkpoint covers."),
    "checkpoint_age_seconds": ("gauge", "Age of the published checkpoint."),
    "read_only": ("gauge", "1 if it takes nothing new by the will of whoever runs it."),
    "writer_stopped": ("gauge", "1 after a fault that stopped the writer for good."),
    "waiting_writes": ("gauge", "Writes that the writer has not begun."),
    "disk_free_bytes": ("gauge", "Free bytes of the disk of the data folder."),
}


class Metrics:
    """Counts of one application. Only the event loop writes."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._answers: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()

    def add(self, method: str, route: str, status: int | None, seconds: float) -> None:
        """Count one request; `route` is the template of a route, or OTHER."""
        kind = method if method in _METHODS else OTHER
        answer = _NO_ANSWER if status is None else f"{status // 100}xx"
        self._requests[kind, route, answer] += 1
        self._answers[route] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]  # a Counter of floats

    def text(self, gauges: Mapping[str, int]) -> str:
        """Return the exposition, with the gauges of a registry."""
        return "".join(f"{line}\n" for line in (*self._counts(), *_gauges(gauges)))

    def _counts(self) -> Iterator[str]:
        yield from _head("requests_total")
        for (method, route, status), count in sorted(self._requests.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            yield f"{PREFIX}_requests_total{{{labels}}} {count}"
        yield from _head("request_seconds")
        for route, count in sorted(self._answers.items()):
            labels = f'{{route="{route}"}}'
            yield f"{PREFIX}_request_seconds_sum{labels} {self._seconds[route]:.6f}"
            yield f"{PREFIX}_request_seconds_count{labels} {count}"


class Measure:
    """ASGI middleware, the outermost: counts what was asked and how it was answered."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None
        begun = time.perf_counter()

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            # The router leaves the route that it chose here: a template of ours, never the path.
            route = getattr(scope.get("route"), "path", OTHER)
            self._metrics.add(scope["method"], route, status, time.perf_counter() - begun)


def _gauges(gauges: Mapping[str, int]) -> Iterator[str]:
    for name, value in gauges.items():
        yield from _head(name)
        yield f"{PREFIX}_{name} {value}"


def _head(name: str) -> Iterator[str]:
    kind, text = _HELP[name]
    yield f"# HELP {PREFIX}_{name} {text}"
    yield f"# TYPE {PREFIX}_{name} {kind}"
