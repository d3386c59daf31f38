"""`serve` and its thread, over real sockets of this machine."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from trust.commands.server import listen, running
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
