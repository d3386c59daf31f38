"""`serve` and its thread, over real sockets of this machine."""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from world import PASSPHRASE as OF_WORLD
from world import Person, World

from trust.commands.server import listen, running
from trust.core.canonical import Json, canonical
from trust.core.errors import NotAllowed, Unavailable
from trust.service.settings import Settings

pytestmark = pytest.mark.loopback
PASSPHRASE = b"correct horse"


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - this machine
        body: bytes = answer.read()
        return body


def test_a_registry_answers_as_long_as_the_block_lasts(tmp_path: Path) -> None:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(data=tmp_path / "data", public_url=f"http://localhost:{port}", port=port)
    with running(settings, PASSPHRASE, listener) as server:
        assert json.loads(get(f"http://localhost:{port}/readyz")) == {"status": "ready"}
        assert get(f"http://localhost:{port}/v1/trust") == server.registry.trust_file(None)
        assert not server.failed.is_set()
    with pytest.raises(urllib.error.URLError):
        get(f"http://localhost:{port}/readyz")


def test_what_opening_raises_comes_out_and_frees_the_port(tmp_path: Path) -> None:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(data=tmp_path / "data", public_url=f"http://localhost:{port}", port=port)
    with running(settings, PASSPHRASE, listener):
        pass
    with pytest.raises(NotAllowed), running(settings, b"wrong"):
        pass
    listen("127.0.0.1", port).close()


def test_an_answer_leaves_at_once_on_a_kept_connection() -> None:
    with listen("127.0.0.1", 0) as listener:
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_taken_port_is_said_by_name() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"127.0.0.1 port {port}: address already in use$"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_how_to_pin_it_and_stops_cleanly(
    tmp_path: Path, root: Path, stop: signal.Signals
) -> None:
    code = (
        "import argparse, sys\n"
        "from trust.commands import serve\n"
        "parser = argparse.ArgumentParser()\n"
        "serve.add_arguments(parser)\n"
        "sys.exit(serve.run(parser.parse_args()))\n"
    )
    command = [sys.executable, "-c", code, "--data", str(tmp_path / "data"), "--port", "0"]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = ""
        while "pin it with" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        url = said.split("serving ")[1].split()[0]
        assert json.loads(get(f"{url}/readyz")) == {"status": "ready"}
        process.send_signal(stop)
        out, rest = process.communicate(timeout=30)
    assert process.returncode == 0
    assert rest.endswith("stopped\n")
    assert out == ""
    key = said.split("--key ")[1].split()[0]
    assert f"root key {key}" in said
    assert f"touchplate trust add {url} --key" in said
    assert (tmp_path / "data" / "keys.json").stat().st_mode & 0o777 == 0o600


def join(url: str, body: Json, forwarded: str) -> int:
    """Join, and say on whose behalf, as a proxy does and an attacker may."""
    request = urllib.request.Request(  # noqa: S310 - this machine
        f"{url}/v1/statements",
        canonical(body),
        {"Content-Type": "application/json", "X-Forwarded-For": forwarded},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - this machine
            status: int = answer.status
    except urllib.error.HTTPError as error:
        with error:
            status = error.code
    return status


@pytest.mark.parametrize(
    ("trusted", "statuses"),
    [
        # the proxy is believed: one join of each network, whatever the client wrote before it
        (("127.0.0.1",), [201, 429, 429, 201]),
        # nobody is believed: all four are of the network that connected, and loopback has no quota
        ((), [201, 201, 201, 201]),
        (("192.0.2.1",), [201, 201, 201, 201]),
    ],
)
def test_quotas_count_whom_a_trusted_proxy_names(
    tmp_path: Path, trusted: tuple[str, ...], statuses: list[int]
) -> None:
    world = World(tmp_path)
    bodies = [Person(world, f"person-{n}", None).join_body for n in range(4)]
    world.close()
    settings = dataclasses.replace(world.settings, joins_per_day=1, trusted_proxies=trusted)
    listener = listen("127.0.0.1", 0)
    url = f"http://localhost:{listener.getsockname()[1]}"
    named = ["198.51.100.1", "198.51.100.77", "203.0.113.9, 198.51.100.1", "203.0.113.9"]
    with running(settings, OF_WORLD, listener):
        assert [join(url, *each) for each in zip(bodies, named, strict=True)] == statuses
