"""The transport against a real socket that answers whatever an attacker would."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from trust.client import requests
from trust.client.http import Client
from trust.core.errors import NotFound, Unavailable

pytestmark = pytest.mark.loopback

Serve = Callable[[bytes], Client]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answer one connection with these bytes, then close it."""
    opened: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: bytes) -> Client:
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)
        thread = threading.Thread(target=_answer, args=(listener, answer))
        thread.start()
        threads.append(thread)
        return Client(f"http://localhost:{listener.getsockname()[1]}", seconds=1)

    yield start
    for thread in threads:
        thread.join(5)
    for listener in opened:
        listener.close()


def _answer(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(4096)
        connection.sendall(answer)


def reply(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    length = f"Content-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status}\r\n{length}{headers}\r\n".encode() + body


def test_an_answer_arrives(serve: Serve) -> None:
    assert serve(reply(b"note")).ask(requests.checkpoint()) == "note"


def test_a_problem_is_read(serve: Serve) -> None:
    answer = reply(
        b'{"detail":"no record"}', "404 Not Found", "Content-Type: application/problem+json\r\n"
    )
    with pytest.raises(NotFound, match="no record"):
        serve(answer).ask(requests.checkpoint())


def test_a_redirect_is_never_followed(serve: Serve) -> None:
    answer = reply(b"", "302 Found", "Location: http://localhost:1/\r\n")
    with pytest.raises(Unavailable, match="redirect"):
        serve(answer).ask(requests.checkpoint())


def test_an_endless_answer_is_cut_off(serve: Serve) -> None:
    with pytest.raises(Unavailable, match="more than"):
        serve(reply(b"x" * (requests.checkpoint().request.limit + 1))).ask(requests.checkpoint())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
    ids=["nothing", "no HTTP", "half", "200 headers"],
)
def test_what_is_no_answer_is_unavailable(serve: Serve, answer: bytes) -> None:
    with pytest.raises(Unavailable, match="http://localhost"):
        serve(answer).ask(requests.checkpoint())


def test_silence_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = Client(f"http://localhost:{listener.getsockname()[1]}", seconds=0.2)
        with pytest.raises(Unavailable, match="in time"):
            client.ask(requests.checkpoint())


@pytest.mark.parametrize(
    "drip",
    [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 40, b"HTTP/1.1 100 Continue\r\n\r\n" * 10],
    ids=["a header", "100 Continue"],
)
def test_an_answer_that_drips_is_given_up_though_each_byte_is_in_time(drip: bytes) -> None:
    """The server drips for four seconds and then answers well: nobody must be there any more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = Client(f"http://localhost:{listener.getsockname()[1]}", seconds=0.5)
        thread = threading.Thread(target=_drip, args=(listener, drip))
        thread.start()
        with pytest.raises(Unavailable, match="in time"):
            client.ask(requests.checkpoint())
        thread.join(10)


def _drip(listener: socket.socket, drip: bytes) -> None:
    connection, _ = listener.accept()
    pieces = [drip[at : at + len(drip) // 40] for at in range(0, len(drip), len(drip) // 40)]
    with connection, contextlib.suppress(OSError):
        connection.recv(4096)
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.1)
        connection.sendall(b"\r\n\r\n" if drip.endswith(b"y") else reply(b"note"))


def test_a_closed_port_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match="does not answer"):
        Client(f"http://registry.localhost:{port}").ask(requests.checkpoint())
