"""One request over HTTP/1.1, with `http.client` and nothing else.

No redirects, no proxies, no cookies, no compression. `localhost` and the names under it are this
machine (RFC 6761), whatever a resolver says. A request has a time and an answer a size that it may
not exceed. Each request is a connection of its own: minutes may pass between two of them.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from trust.core.errors import Unavailable
from trust.transport.answer import Answer, is_local

CONNECT_SECONDS: Final = 10.0
USER_AGENT: Final = "touchplate"
MAX_RETRY: Final = 24 * 3600  # seconds that a Retry-After may ask for
_PIECE: Final = 64 * 1024  # bytes read at once
_LOOPBACK: Final = "127.0.0.1"


class Server(NamedTuple):
    """Where a request goes. `host` is without brackets, `netloc` what the Host header says."""

    secure: bool
    host: str
    port: int
    netloc: str

    @staticmethod
    def of(scheme: str, netloc: str) -> "Server":
        """Return the server of a URL, which the caller has checked: `http` or `https`, a host."""
        secure = scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        plain = kind(netloc)  # splits host and port, connects nowhere
        return Server(secure, plain.host.strip("[]"), plain.port, netloc)


def exchange(
    server: Server,
    method: str,
    path: str,
    headers: Sequence[tuple[str, str]],
    body: bytes | None,
    *,
    limit: int,
    seconds: float,
) -> Answer:
    """Send a request and return its answer, of at most `limit` bytes, within `seconds`.

    Raises:
        Unavailable: no connection, no answer in time, a redirect, more bytes, or no HTTP. The
            message goes on from the server's name, such as `did not answer in time`.
    """
    deadline = time.monotonic() + seconds
    try:
        connection = http.client.HTTPConnection(server.host, server.port)
        with _connect(server, min(seconds, CONNECT_SECONDS)) as connected:
            connection.sock = _Timed(connected, deadline)
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in _headers(server, headers, body):
                connection.putheader(name, value)
            connection.endheaders(body)
            return _receive(connection, limit)
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message
        raise Unavailable(f"has a TLS certificate that does not hold: {why}") from error
    except ssl.SSLError as error:
        why = (error.reason or "no TLS").lower().replace("_", " ")
        raise Unavailable(f"does not answer in TLS: {why}") from error
    except TimeoutError as error:
        raise Unavailable("did not answer in time") from error
    except OSError as error:
        raise Unavailable(f"does not answer: {str(error.strerror or error).lower()}") from error
    except http.client.HTTPException as error:
        raise Unavailable(f"did not answer as HTTP: {type(error).__name__}") from error


def _headers(
    server: Server, headers: Sequence[tuple[str, str]], body: bytes | None
) -> list[tuple[str, str]]:
    length = [] if body is None else [("Content-Length", str(len(body)))]
    own = [("Host", server.netloc), ("User-Agent", USER_AGENT), ("Connection", "close")]
    return [*own, *headers, *length]


def _connect(server: Server, seconds: float) -> socket.socket:
    address = _LOOPBACK if is_local(server.host) else server.host
    connected = socket.create_connection((address, server.port), seconds)
    try:
        if server.secure:
            context = ssl.create_default_context()
            connected = context.wrap_socket(connected, server_hostname=server.host)
    except OSError:
        connected.close()
        raise
    return connected


class _Timed(io.RawIOBase):
    """What `http.client` needs of a socket, with one deadline for all that is sent and read.

    A timeout of the socket itself begins again with each byte that drips in.
    """

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._connected, self._deadline = connected, deadline

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        self._limited().sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the stream of the answer."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Close nothing: whoever connected closes, after the answer has been read."""

    def readable(self) -> bool:
        """Say so, as a stream."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read what is there."""
        return self._limited().recv_into(buffer)

    def _limited(self) -> socket.socket:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connected.settimeout(left)
        return self._connected


def _receive(connection: http.client.HTTPConnection, limit: int) -> Answer:
    """Read an answer of at most `limit` bytes."""
    with connection.getresponse() as response:
        if 300 <= response.status < 400:  # noqa: PLR2004 - the range of RFC 9110, 15.4
            raise Unavailable(f"answered {response.status}, a redirect, which is never followed")
        pieces: list[bytes] = []
        size = 0
        while piece := response.read1(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise Unavailable(f"answered more than {limit} bytes")
        if response.length:
            raise Unavailable("broke off in the middle of an answer")
        return Answer(
            status=response.status,
            media_type=response.getheader("Content-Type", "").partition(";")[0].strip().lower(),
            body=b"".join(pieces),
            retry_after=_seconds(response.getheader("Retry-After", "")),
        )


def _seconds(text: str) -> int:
    """Read a Retry-After in seconds; a date or nonsense counts as not given."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_RETRY))):
        return 0
    return min(int(text), MAX_RETRY)
