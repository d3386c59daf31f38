"""Three witnesses of one log, our own, each behind its own port."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from witnessed import PASSPHRASE

from trust.commands.server import listen, serving
from trust.core.log.note import VerifierKey
from trust.transport.url import url_prefix
from trust.witness.app import create_app
from trust.witness.settings import Settings
from trust.witness.witness import Witness

NAMES = ("north", "south", "abroad")


class Guild:
    """Three witnesses of one log, which can be switched off and on again."""

    def __init__(self, folder: Path, log: VerifierKey, clock: Callable[[], float]) -> None:
        self._folder, self._log, self._clock = folder, log, clock
        self._running: dict[str, contextlib.ExitStack] = {}
        self._ports: dict[str, int] = {}
        self.lines = "".join(self.start(name) for name in NAMES)

    @property
    def policy(self) -> str:
        """Two of the three are enough."""
        return f"{self.lines}group all 2 {' '.join(NAMES)}\nquorum all\n"

    def start(self, name: str) -> str:
        """Start a witness on its port; return its line of a policy."""
        stack = contextlib.ExitStack()
        bound = listen("127.0.0.1", self._ports.get(name, 0))
        port = self._ports[name] = bound.getsockname()[1]
        logs = {self._log.name: (self._log,)}
        url = url_prefix(f"http://localhost:{port}", "test")
        settings = Settings(self._folder / name, url, logs, None)
        witness = stack.enter_context(Witness.open(settings, PASSPHRASE, self._clock))
        stack.enter_context(bound)
        stack.enter_context(serving(create_app(witness), bound))
        self._running[name] = stack
        return f"witness {name} {witness.vkey} {url.geturl()}\n"

    def stop(self, *names: str) -> None:
        """Stop witnesses; what they have recorded stays."""
        for name in names:
            self._running.pop(name).close()

    def close(self) -> None:
        """Stop all."""
        self.stop(*self._running)
