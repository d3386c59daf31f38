"""The transport: one request to a registry over HTTP/1.1, with `http.client` and nothing else.

No redirects, no proxies, no cookies, no compression. `localhost` and the names under it are this
machine (RFC 6761), whatever a resolver says. Plain http goes to this machine and to private
addresses only. A request has a time and an answer a size that it may not exceed. Each request is a
connection of its own: a person may think for minutes between two of them.
"""

import http.client
import io
import socket
import ssl
import time
from typing import Final, TypeVar

from trust.client.address import is_local, public_url
from trust.client.requests import MAX_RETRY, Answer, Call, Request
from trust.core.errors import Unavailable

Value = TypeVar("Value")

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0  # a statement is answered when it is published
USER_AGENT: Final = "touchplate"
_PIECE: Final = 64 * 1024  # bytes read at once
_LOOPBACK: Final = "127.0.0.1"


class Client:
    """Speaks with one registry."""

    def __init__(self, url: str, seconds: float = ANSWER_SECONDS) -> None:
        """Take the registry's public URL; `seconds` is the time that one request may take.

        Raises:
            Malformed: not a registry's URL, or plain http to a public address.
        """
        self.url = public_url(url)
        self._seconds = seconds
        scheme, _, self._netloc = self.url.partition("://")
        self._secure = scheme == "https"
        plain = http.client.HTTPConnection(self._netloc)  # splits host and port, connects nowhere
        self._host = plain.host.strip("[]")
        self._port = plain.port if not self._secure else _https_port(self._netloc)

    def ask(self, call: Call[Value]) -> Value:
        """Send a request and read its answer.

        Raises:
            Unavailable: no connection, no answer in time, or not the answer of a registry.
            TouchplateError: what the registry's problem means, or what reading its answer raises.
        """
        try:
            answer = self._send(call.request)
            return call.read(answer)
        except Unavailable as error:
            raise Unavailable(f"{self.url} {error}") from error
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(
                f"{self.url}: its TLS certificate does not hold: {error.verify_message}"
            ) from error
        except ssl.SSLError as error:
            why = (error.reason or "no TLS").lower().replace("_", " ")
            raise Unavailable(f"{self.url} does not answer in TLS: {why}") from error
        except TimeoutError as error:
            raise Unavailable(f"{self.url} did not answer in time") from error
        except OSError as error:
            raise Unavailable(
                f"{self.url} does not answer: {str(error.strerror or error).lower()}"
            ) from error
        except http.client.HTTPException as error:
            raise Unavailable(
                f"{self.url} did not answer as HTTP: {type(error).__name__}"
            ) from error

    def _send(self, request: Request) -> Answer:
        deadline = time.monotonic() + self._seconds
        connection = http.client.HTTPConnection(self._host, self._port)
        with self._connect() as connected:
            connection.sock = _Timed(connected, deadline)
            connection.putrequest(
                request.method, request.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self._headers(request):
                connection.putheader(name, value)
            connection.endheaders(request.body)
            return _receive(connection, request.limit)

    def _connect(self) -> socket.socket:
        address = _LOOPBACK if is_local(self._host) else self._host
        connected = socket.create_connection((address, self._port), CONNECT_SECONDS)
        try:
            if self._secure:
                context = ssl.create_default_context()
                connected = context.wrap_socket(connected, server_hostname=self._host)
        except OSError:
            connected.close()
            raise
        return connected

    def _headers(self, request: Request) -> list[tuple[str, str]]:
        headers = [
            ("Host", self._netloc),
            ("User-Agent", USER_AGENT),
            ("Accept", request.accept),
            ("Connection", "close"),
        ]
        if request.body is not None:
            headers.append(("Content-Type", "application/json"))
            headers.append(("Content-Length", str(len(request.body))))
        return headers


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


def _https_port(netloc: str) -> int:
    return http.client.HTTPSConnection(netloc).port


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
