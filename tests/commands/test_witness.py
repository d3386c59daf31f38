"""`witness serve` as a process: what it prints, how it stops, and what kill -9 cannot undo."""

import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from witnessed import HashLog

from trust.core.errors import Malformed, NotAllowed
from trust.core.log.cosigning import Answer, Kind, cosignature, read_answer
from trust.core.log.witness import Witness, WitnessPolicy
from trust.custody.keyfile import KeyFile
from trust.custody.signers import generate_ed25519
from trust.witness.records import Records
from trust_cli.main import verb_parser

pytestmark = pytest.mark.loopback
CODE = (
    "import argparse, sys\n"
    "from trust.commands import witness\n"
    "parser = argparse.ArgumentParser()\n"
    "witness.add_arguments(parser)\n"
    "sys.exit(witness.run(parser.parse_args()))\n"
)


class Started(NamedTuple):
    """A witness that runs, by the policy line that it printed."""

    process: "subprocess.Popen[str]"
    listed: Witness
    said: str

    def ask(self, log: HashLog, old: int, size: int) -> Answer:
        """Ask for a cosignature, as a log does."""
        request = urllib.request.Request(  # noqa: S310 - this machine
            f"{self.listed.url}/add-checkpoint", log.request(old, size), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - this machine
                found = answer.status, answer.headers.get_content_type(), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                found = error.status, error.headers.get_content_type(), error.read()
        text = log.sign(size).checkpoint.text()
        answered = read_answer(*found, text)
        if answered.kind is Kind.COSIGNED:
            cosignature(answered, text, self.listed.key)
        return answered


@contextmanager
def started(root: Path, *arguments: str) -> Iterator[Started]:
    """Start a witness on a free port; kill it at the end, if it still runs."""
    command = [sys.executable, "-c", CODE, "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = line = ""
        try:
            while not line.startswith("witness "):
                line = process.stderr.readline()
                assert line, said
                said += line
            listed = WitnessPolicy.parse(f"{line}quorum none\n").witnesses[0]
            yield Started(process, listed, said)
        finally:
            process.kill()


def test_it_prints_its_policy_line_and_stops_cleanly(tmp_path: Path, root: Path) -> None:
    log = HashLog()
    data = tmp_path / "data"
    with started(root, "--log", str(log.vkey), "--data", str(data)) as witness:
        assert witness.ask(log, 0, 10).kind is Kind.COSIGNED
        assert witness.ask(log, 0, 20) == Answer(Kind.OTHER_SIZE, size=10)
        witness.process.send_signal(signal.SIGTERM)
        out, rest = witness.process.communicate(timeout=30)
    assert (witness.process.returncode, out, rest) == (0, "", "stopped\n")
    assert f"cosigning 1 logs as {witness.listed.key}\n" in witness.said
    assert witness.listed.url == f"http://{witness.listed.name}"
    assert "the keys are only as safe as that folder" in witness.said


def test_it_is_called_what_it_was_told(tmp_path: Path, root: Path) -> None:
    log, other = HashLog(), HashLog("other.example")
    (tmp_path / "logs").write_text(f"# the guild\n{log.vkey}\n{other.vkey}\n")
    (tmp_path / "passphrase").write_text("correct horse\n")
    options = (
        *("--logs", str(tmp_path / "logs"), "--data", str(tmp_path / "data")),
        *("--public-url", "https://guild.example/w/", "--name", "guild.example/w1"),
        *("--passphrase-file", str(tmp_path / "passphrase")),
    )
    with started(root, *options) as witness:
        assert witness.listed.url == "https://guild.example/w"
        assert witness.listed.name == witness.listed.key.name == "guild.example/w1"
        assert "cosigning 2 logs" in witness.said
        assert "only as safe" not in witness.said


def test_kill_9_takes_back_nothing_that_was_answered(tmp_path: Path, root: Path) -> None:
    log = HashLog()
    answered = asked = 0
    for after in (1, 7, 20):
        with started(root, "--log", str(log.vkey), "--data", str(tmp_path / "data")) as witness:
            known = witness.ask(log, 0, asked + 1)
            recorded = known.size if known.kind is Kind.OTHER_SIZE else asked + 1
            assert known.kind is Kind.COSIGNED or answered <= recorded <= asked
            answered = asked = recorded
            timer = threading.Timer(after / 100, witness.process.kill)
            timer.start()
            try:
                while answered < len(log.leaves):
                    asked = answered + 1
                    assert witness.ask(log, answered, asked).kind is Kind.COSIGNED
                    answered = asked
            except OSError:
                pass
            timer.join()
            assert witness.process.wait(10) == -signal.SIGKILL


def run(*arguments: str) -> int:
    """Run the verb in this process, until it refuses."""
    parser = verb_parser("witness")
    args = parser.parse_args(["serve", "--port", "0", *arguments])
    from trust.commands import witness  # noqa: PLC0415 - the server's

    return witness.run(args)


def test_what_cannot_start_says_why(tmp_path: Path) -> None:
    log = HashLog()
    data = ("--data", str(tmp_path / "data"))
    with pytest.raises(Malformed, match="no log to cosign, expected --log VKEY or --logs FILE"):
        run(*data)
    with pytest.raises(Malformed, match="--log: .* is no verifier key"):
        run(*data, "--log", f"x{log.vkey}")
    with pytest.raises(FileNotFoundError):
        run(*data, "--logs", str(tmp_path / "missing"))
    with pytest.raises(Malformed, match="public URL"):
        run(*data, "--log", str(log.vkey), "--public-url", "guild.example")
    with pytest.raises(Malformed, match="invalid choice: 'server'"):
        verb_parser("witness").parse_args(["server"])


def test_a_key_file_of_something_else_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "passphrase").write_text("correct horse")
    Records(data / "witness.db").close()
    KeyFile.create(data / "keys.json", {"log": ("ed25519", generate_ed25519())}, b"correct horse")
    with pytest.raises(NotAllowed, match="a second history"):
        run("--data", str(data), "--log", str(HashLog().vkey))
