"""Load on a registry of its own process: 64 clients of this machine, each with one connection."""

import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from tests.torture.crowd import ADDRESS, Door, Writer, join
from trust.commands.server import listen

TOUCHPLATE = str(Path(sys.executable).parent / "touchplate")
START_SECONDS = 60.0
_TICKS = 100  # of /proc/PID/stat in a second
_CHUNK = 64 * 1024


class Measured(NamedTuple):
    """What a load came to; `cpu` is of the server, user and system."""

    answers: int
    wall: float
    cpu: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        """Answers in a second of wall time."""
        return self.answers / self.wall

    @property
    def p50(self) -> float:
        """Seconds within which half of the answers came."""
        return statistics.median(self.latencies)

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 answers came."""
        return statistics.quantiles(self.latencies, n=100)[-1]

    @property
    def cpu_ms(self) -> float:
        """CPU of the server for one answer, in milliseconds."""
        return self.cpu / self.answers * 1000


class Server:
    """`touchplate serve` in a process of its own."""

    def __init__(self, folder: Path, *more: str) -> None:
        with listen(ADDRESS, 0) as bound:
            self.port = bound.getsockname()[1]
        self.data = folder / "data"
        command = [TOUCHPLATE, "serve", "--data", str(self.data), "--port", str(self.port), *more]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def wait_ready(self) -> None:
        """Return once it is ready."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                with closing(Door(self.port)) as door:
                    door.get("/readyz")
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def cpu(self) -> float:
        """Seconds of CPU that it and its children have used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS

    def close(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait()


@contextmanager
def served(folder: Path, *more: str) -> Iterator[Server]:
    """Run a registry with an empty log until the block ends."""
    with closing(Server(folder, *more)) as server:
        server.wait_ready()
        yield server


def writers(server: Server, count: int) -> list[Writer]:
    """Let people join."""
    return [join(server.port, f"writer-{place}") for place in range(count)]


def post(port: int, body: bytes, media_type: str = "application/json") -> bytes:
    """Return a request, ready to be sent."""
    head = f"POST /v1/statements HTTP/1.1\r\nHost: localhost:{port}\r\n"
    head += f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(port: int, path: str) -> bytes:
    """Return a request, ready to be sent."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()


class Measurable(Protocol):
    """Something on this machine that is asked under a port."""

    @property
    def port(self) -> int:
        """The port."""

    def cpu(self) -> float:
        """Seconds of CPU so far."""


def measure(server: Measurable, shares: Sequence[Sequence[bytes]], *, expected: int) -> Measured:
    """Send requests, each share over a connection of its own, one after the answer to the other.

    Raises:
        OSError: an answer with another status than `expected`.
    """
    latencies: list[float] = []
    errors: list[Exception] = []

    def client(share: Sequence[bytes]) -> None:
        try:
            with closing(socket.create_connection((ADDRESS, server.port))) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for request in share:
                    start = time.perf_counter()
                    connection.sendall(request)
                    status = _answer(connection)
                    latencies.append(time.perf_counter() - start)
                    if status != expected:
                        errors.append(OSError(f"status {status}, expected {expected}"))
        except (OSError, ValueError) as error:
            errors.append(error)

    threads = [threading.Thread(target=client, args=(share,)) for share in shares]
    cpu, start = server.cpu(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, used = time.perf_counter() - start, server.cpu() - cpu
    if errors:
        raise errors[0]
    return Measured(len(latencies), wall, used, latencies)


def _answer(connection: socket.socket) -> int:
    """Read one answer; return its status."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    got = len(body)
    while got < length:
        got += len(_more(connection))
    return int(head[9:12])


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(_CHUNK)
    if not data:
        raise OSError("the connection was closed")
    return data
