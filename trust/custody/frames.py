"""Messages between a registry and its signer: length(4) | RFC 8785 bytes, one answer a question."""

import socket
from collections.abc import Mapping
from typing import Final

from trust.core.canonical import Json, canonical, parse_canonical
from trust.core.errors import Malformed, Unavailable

MAX_FRAME: Final = 512 * 1024  # bytes: a statement or a trust file of 256 KiB, in base64
_LENGTH: Final = 4


def send(connection: socket.socket, message: Mapping[str, Json]) -> None:
    """Send one message; raise OSError if the other side is gone."""
    body = canonical(dict(message))
    connection.sendall(len(body).to_bytes(_LENGTH, "big") + body)


def receive(connection: socket.socket, where: str) -> Json:
    """Return the next message; None at the end between two.

    Raises:
        Malformed: a frame over MAX_FRAME, whose bytes are not read, or no RFC 8785 JSON in it.
        Unavailable: the end within a frame.
        OSError: the other side is gone, or silent for too long.
    """
    head = _take(connection, _LENGTH)
    if not head:
        return None
    size = int.from_bytes(head)
    if len(head) == _LENGTH and size > MAX_FRAME:
        raise Malformed(f"a frame of {size} bytes, expected at most {MAX_FRAME}", where)
    body = _take(connection, size) if len(head) == _LENGTH else b""
    if len(head) != _LENGTH or len(body) != size:
        raise Unavailable(f"{where}: the connection ended within a frame")
    return parse_canonical(body, MAX_FRAME, where)


def _take(connection: socket.socket, size: int) -> bytes:
    """Read so many bytes, fewer only at the end."""
    data = bytearray()
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            break
        data += part
    return bytes(data)
