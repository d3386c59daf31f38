"""Servers that answer whatever an attacker would, over raw sockets of this machine."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator

Answering = Callable[[bytes], Iterable[bytes]]
_PIECE = 64 * 1024


@contextlib.contextmanager
def answering(respond: Answering, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve every connection until the block ends; yield the URL.

    `respond` gets the whole request and gives the bytes of the answer, piece by piece; what it
    raises or gives when nobody listens any more ends that connection only.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, respond, tls), daemon=True)
        thread.start()
        scheme = "http" if tls is None else "https"
        yield f"{scheme}://localhost:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def reply(
    body: bytes, status: str = "200 OK", headers: str = "Content-Type: text/plain\r\n"
) -> bytes:
    """Return an answer in HTTP."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def endless(piece: bytes) -> Iterator[bytes]:
    """Give ten gigabytes."""
    whole = piece * (_PIECE // len(piece))
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    for _ in range(10_000_000_000 // len(whole)):
        yield whole


def drip(data: bytes, seconds: float) -> Iterator[bytes]:
    """Give a byte from time to time."""
    for place in range(len(data)):
        yield data[place : place + 1]
        time.sleep(seconds)


def _accept(listener: socket.socket, respond: Answering, tls: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError):  # it is closed when the block ends
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, respond, tls), daemon=True).start()


def _serve(connection: socket.socket, respond: Answering, tls: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError), connection:
        connection.settimeout(10)
        speaking = connection if tls is None else tls.wrap_socket(connection, server_side=True)
        with speaking:
            for piece in respond(_request(speaking)):
                speaking.sendall(piece)


def _request(connection: socket.socket) -> bytes:
    """Read a request with its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(_PIECE)
        if not piece:
            raise ConnectionError
        received += piece
        if received.startswith(b"\x16"):  # TLS, to a server that does not speak it
            return received
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += connection.recv(_PIECE)
    return head + b"\r\n\r\n" + body
