"""Runs an ASGI application, such as that of a registry, behind uvicorn in a thread."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import uvicorn
from starlette.types import ASGIApp

from trust.api.app import create_app
from trust.commands.process import held
from trust.core.errors import Unavailable
from trust.service.registry import Registry
from trust.service.settings import Settings

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 10  # for answers under way, a statement being published among them
KEEP_ALIVE_SECONDS: Final = 15
_BACKLOG: Final = 1024
_POLL_SECONDS: Final = 0.01


class Running(NamedTuple):
    """A registry that answers. `failed` is set when its server has stopped by itself."""

    registry: Registry
    failed: threading.Event


def listen(host: str, port: int) -> socket.socket:
    """Bind a listening socket; port 0 takes a free one, which `getsockname()[1]` tells.

    Raises:
        Unavailable: the address is taken, or is none of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        # Connections inherit it. Without it each answer on a kept one waits 40 ms for the client:
        # asyncio sets it on those sockets alone whose protocol is named, as this one's is not.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        why = error.strerror if error.errno is None else os.strerror(error.errno)
        raise Unavailable(f"cannot listen on {host} port {port}: {str(why).lower()}") from error
    return bound


@contextlib.contextmanager
def running(
    settings: Settings,
    passphrase: bytes,
    listener: socket.socket | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[Running]:
    """Open the registry of `settings` and serve it until the block ends.

    Args:
        settings: where the data lies, and the public URL.
        passphrase: of the registry's key file.
        listener: from `listen`, which this closes; by default `settings.host` and
            `settings.port`. Whoever wants a free port needs it first, for the public URL.
        clock: the registry's, in seconds.

    Raises:
        Unavailable: it did not answer within 30 seconds, or the address is taken.
        TouchplateError: what opening the registry raises, such as a wrong passphrase.
    """
    with (
        listener or listen(settings.host, settings.port) as bound,
        held(settings.data, alone=False),
        Registry.open(settings, passphrase, clock) as registry,
    ):
        proxies = registry.settings.trusted_proxies
        with serving(create_app(registry, clock), bound, trusted_proxies=proxies) as failed:
            yield Running(registry, failed)


@contextlib.contextmanager
def serving(
    app: ASGIApp,
    bound: socket.socket,
    *,
    trusted_proxies: Sequence[str] = (),
    most_at_once: int | None = None,
) -> Iterator[threading.Event]:
    """Serve an application until the block ends; the event is set when it stops by itself.

    Args:
        app: the application.
        bound: from `listen`.
        trusted_proxies: addresses and networks whose X-Forwarded-For is believed.
        most_at_once: connections; whoever comes beyond them gets 503.

    Raises:
        Unavailable: it did not answer within 30 seconds.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        lifespan="off",
        limit_concurrency=most_at_once,
        log_config=None,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        ws="none",
    )
    server = uvicorn.Server(config)
    failed = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, bound, failed), name="http", daemon=True)
    thread.start()
    try:
        _wait(server, failed)
        yield failed
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS + 1)


def _serve(server: uvicorn.Server, bound: socket.socket, failed: threading.Event) -> None:
    try:
        server.run(sockets=[bound])
    finally:
        failed.set()


def _wait(server: uvicorn.Server, failed: threading.Event) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if failed.is_set() or time.monotonic() > deadline:
            raise Unavailable("the server did not start")
        time.sleep(_POLL_SECONDS)
