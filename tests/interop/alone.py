"""Runs a server in a network namespace of its own: it reaches nobody, and we reach it by a socket.

    unshare -n python alone.py SOCKET PORT COMMAND...

Inside, every connection to the Unix socket is passed on to the server's port; outside, `reached`
does the reverse. Where namespaces are not permitted the server runs as it is, with proxies that
lead nowhere.
"""

import contextlib
import fcntl
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
_INTERFACE = struct.Struct("16sH14x")  # struct ifreq, as far as it matters
_PIECE = 64 * 1024
Connect = Callable[[], socket.socket]


@cache
def namespace() -> tuple[str, ...] | None:
    """Return the command that enters a new network namespace, None where none is permitted."""
    for command in (("unshare", "-n"), ("unshare", "-rn")):
        with contextlib.suppress(OSError):
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
    return None


@contextlib.contextmanager
def reached(path: str) -> Iterator[int]:
    """Yield a port of this machine that leads to the server behind a Unix socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_relay, args=(listener, partial(_unix, path)), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def main(path: str, port: int, command: Sequence[str]) -> int:
    """Run the command; end when it ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name, flags = _INTERFACE.unpack(
            fcntl.ioctl(any_socket, _GET_FLAGS, _INTERFACE.pack(b"lo", 0))
        )
        fcntl.ioctl(any_socket, _SET_FLAGS, _INTERFACE.pack(name, flags | _UP))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        there = partial(socket.create_connection, ("127.0.0.1", port))
        threading.Thread(target=_relay, args=(listener, there), daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: None)  # the command ends, and this after it
        return subprocess.run(command, check=False).returncode


def _unix(path: str) -> socket.socket:
    connected = socket.socket(socket.AF_UNIX)
    try:
        connected.connect(path)
    except OSError:
        connected.close()
        raise
    return connected


def _relay(listener: socket.socket, connect: Connect) -> None:
    with contextlib.suppress(OSError):  # it is closed at the end
        while True:
            near, _ = listener.accept()
            threading.Thread(target=_join, args=(near, connect), daemon=True).start()


def _join(near: socket.socket, connect: Connect) -> None:
    with near, contextlib.suppress(OSError), connect() as far:
        back = threading.Thread(target=_pass_on, args=(far, near), daemon=True)
        back.start()
        _pass_on(near, far)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
