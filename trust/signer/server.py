"""Answers on a Unix socket, for processes of this user alone."""

import contextlib
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from trust.core.canonical import Json
from trust.core.errors import TouchplateError, Unavailable
from trust.custody import frames
from trust.custody.peers import is_ours
from trust.signer.signer import Signer

MOST_AT_ONCE: Final = 16  # connections; a registry wants one
_PRIVATE: Final = 0o177  # the umask of a socket of mode 0600
_WHERE: Final = "question"
_log = logging.getLogger(__name__)


@contextlib.contextmanager
def serving(signer: Signer, path: Path) -> Iterator[None]:
    """Answer at a socket of mode 0600 until the block ends; what a crash left there makes way.

    Raises:
        Unavailable: somebody answers there already, or no socket can be made.
    """
    _clear(path)
    mask = os.umask(_PRIVATE)
    try:
        server = _Server(str(path), _Questions)
    except OSError as error:
        why = str(error.strerror or error).lower()
        raise Unavailable(f"cannot listen at {path}: {why}") from error
    finally:
        os.umask(mask)
    server.signer = signer
    thread = threading.Thread(target=server.serve_forever, name="signer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 2 * MOST_AT_ONCE
    block_on_close = False  # a registry keeps its connection for as long as it runs
    signer: Signer

    def __init__(self, path: str, handler: type["_Questions"]) -> None:
        super().__init__(path, handler)
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401, ARG002
        if not is_ours(request):
            _log.warning("somebody else's process has knocked at the socket")
            return False
        return self._free.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


class _Questions(socketserver.BaseRequestHandler):
    """One connection: question, answer, question, until the other side is done."""

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while self._one():
                pass

    def _one(self) -> bool:
        try:
            question = frames.receive(self.request, _WHERE)
        except TouchplateError as error:
            # Where the next frame begins, nobody knows.
            frames.send(self.request, _refused(error))
            return False
        if question is None:
            return False
        frames.send(self.request, self._answer(question))
        return True

    def _answer(self, question: Json) -> dict[str, Json]:
        try:
            return self.server.signer.answer(question)  # type: ignore[attr-defined,no-any-return]
        except TouchplateError as error:
            _log.warning("refused: %s", error)
            return _refused(error)


def _refused(error: TouchplateError) -> dict[str, Json]:
    return {"refused": str(error)[:1000]}


def _clear(path: Path) -> None:
    """Take away the socket of a signer that is gone; raise Unavailable if one answers."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise Unavailable(f"cannot listen at {path}: {error}") from error
    raise Unavailable(f"another signer answers at {path}: stop it first")
