"""The client of one registry: sends the requests of `trust.client.requests` and reads the answers.

Plain http goes to this machine and to private addresses only. A person may think for minutes
between two requests, so each is a connection of its own.
"""

from typing import Final, TypeVar

from trust.client.address import public_url
from trust.client.requests import Call, Request
from trust.core.errors import Unavailable
from trust.transport.answer import Answer
from trust.transport.http import Server, exchange

Value = TypeVar("Value")

ANSWER_SECONDS: Final = 60.0  # a statement is answered when it is published


class Client:
    """Speaks with one registry."""

    def __init__(self, url: str, seconds: float = ANSWER_SECONDS) -> None:
        """Take the registry's public URL; `seconds` is the time that one request may take.

        Raises:
            Malformed: not a registry's URL, or plain http to a public address.
        """
        self.url = public_url(url)
        self._seconds = seconds
        scheme, _, netloc = self.url.partition("://")
        self._server = Server.of(scheme, netloc)

    def ask(self, call: Call[Value]) -> Value:
        """Send a request and read its answer.

        Raises:
            Unavailable: no connection, no answer in time, or not the answer of a registry.
            TouchplateError: what the registry's problem means, or what reading its answer raises.
        """
        try:
            return call.read(self._send(call.request))
        except Unavailable as error:
            raise Unavailable(f"{self.url} {error}") from error

    def _send(self, request: Request) -> Answer:
        headers = [("Accept", request.accept)]
        if request.body is not None:
            headers.append(("Content-Type", "application/json"))
        return exchange(
            self._server,
            request.method,
            request.path,
            headers,
            request.body,
            limit=request.limit,
            seconds=self._seconds,
        )
