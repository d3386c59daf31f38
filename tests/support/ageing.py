"""A registry on loopback whose clock, and that of the command line, tests move by days."""

import contextlib
import http.server
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from world import PASSPHRASE

from trust.commands.server import listen, running
from trust.service.registry import Registry
from trust.service.settings import Settings

DAY = 24 * 3600
_real = time.time


class Ageing:
    """The registry that is served, and a clock that is `offset` seconds ahead."""

    def __init__(self, folder: Path) -> None:
        self.offset = 0
        self.listener = listen("127.0.0.1", 0)
        self.port = int(self.listener.getsockname()[1])
        self.url = f"http://localhost:{self.port}"
        self.settings = Settings(data=folder, public_url=self.url, port=self.port)
        self._registry: Registry | None = None

    @property
    def registry(self) -> Registry:
        """The registry, while it is served."""
        assert self._registry is not None
        return self._registry

    def clock(self) -> float:
        """The present of registry and command line."""
        return _real() + self.offset

    @contextlib.contextmanager
    def served(self) -> Iterator["Ageing"]:
        """Serve until the block ends."""
        with running(self.settings, PASSPHRASE, self.listener, self.clock) as server:
            self._registry = server.registry
            yield self
        self._registry = None

    def travel(self, days: int) -> None:
        """Move to `days` after the start; the registry does what is due by then."""
        self.offset = days * DAY
        self.registry._upkeep.tick()


@contextlib.contextmanager
def answering(port: int, answers: Mapping[str, bytes]) -> Iterator[None]:
    """Serve fixed answers by path, as a registry that lies would; everything else is a 404."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers.get(self.path, b"{}")
            self.send_response(200 if self.path in answers else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
