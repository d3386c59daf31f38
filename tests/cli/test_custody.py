"""Statement keys that are not in the key file: in an ssh-agent, and in a PKCS#11 token."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import softhsm
from commandline import Ran, Run, Served

from trust.core.errors import Malformed, Unavailable
from trust.core.keys.p256 import verify
from trust.custody.keyfile import KeyFile
from trust.custody.ssh_agent import MAX_MESSAGE, SshAgentSigner, find_key, list_keys
from trust.custody.token import Token

pytestmark = pytest.mark.loopback

TOOLS = ("ssh-agent", "ssh-add", "ssh-keygen")
TOUCHPLATE = str(Path(sys.executable).parent / "touchplate")
AGENT, ADD, KEYGEN = (shutil.which(tool) or "" for tool in TOOLS)


class Agent:
    """OpenSSH's agent with the keys that a test puts into it."""

    def __init__(self, folder: Path, path: Path) -> None:
        self.folder, self.path = folder, path

    def add(self, comment: str, *kind: str) -> None:
        """Make a key and give it to the agent."""
        file = self.folder / f"key-{len(list(self.folder.iterdir()))}"
        made = [KEYGEN, "-q", "-N", "", "-C", comment, "-f", str(file), *kind]
        subprocess.run(made, check=True)
        self._add(str(file))

    def forget(self) -> None:
        """Take all keys away from it."""
        self._add("-D")

    def _add(self, *arguments: str) -> None:
        environment = {**os.environ, "SSH_AUTH_SOCK": str(self.path)}
        subprocess.run([ADD, "-q", *arguments], check=True, env=environment)


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    """Run an agent with a P-256 key `work` and an Ed25519 key `login`."""
    if not (AGENT and ADD and KEYGEN):
        why = "OpenSSH is not installed: no ssh-agent, ssh-add or ssh-keygen"
        (pytest.fail if "TOUCHPLATE_REQUIRE_SSH" in os.environ else pytest.skip)(why)
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    path = folder / "socket"
    with subprocess.Popen([AGENT, "-D", "-a", str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            found = Agent(folder, path)
            found.add("work", "-t", "ecdsa", "-b", "256")
            found.add("login", "-t", "ed25519")
            monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
            yield found
        finally:
            process.terminate()


@pytest.fixture
def apart(run: Run) -> Run:
    """Run commands each in a process of its own: a session with a token lasts as long as one."""
    del run  # has made the folder and the home

    def command(*arguments: str | Path) -> Ran:
        done = subprocess.run([TOUCHPLATE, *arguments], capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    return command


def join(run: Run, served: Served, *options: str) -> str:
    joined = run(
        *("join", "--registry", served.url, "--handle", options[0], "--key", served.code),
        *("--passphrase-file", served.passphrase, *options[1:]),
    )
    assert joined.exit == 0, joined.err
    return joined.err


def test_an_agent_signs_with_a_low_s_what_our_verifier_takes(agent: Agent) -> None:
    (key,) = list_keys(str(agent.path))
    assert key.comment == "work"
    signer = SshAgentSigner(str(agent.path), key.point)
    for number in range(20):  # half of what an agent gives has a high S
        message = b"DSSEv1 %d" % number
        verify(signer.public_key, message, signer.sign(message), low_s=True)


def test_a_person_joins_and_signs_with_the_key_of_their_agent(
    run: Run, served: Served, agent: Agent, tmp_path: Path
) -> None:
    said = join(run, served, "agatha", "--ssh-agent", "work")
    assert "signs from your ssh-agent, as 'work'" in said
    Path("poem.txt").write_text("a poem\n")
    signed = run("sign", "poem.txt")  # no passphrase: only the agent is asked
    assert signed.exit == 0, signed.err
    assert run("verify", "poem.txt", "--signer", "@agatha").exit == 0
    assert "in your ssh-agent, as 'work'" in run("status").out
    (file,) = (tmp_path / "home").glob("registries/*/keys.json")
    assert set(KeyFile.open(file, served.passphrase.read_bytes().strip())) == {"update", "next"}
    agent.forget()
    refused = run("sign", "poem.txt", "-o", "again.json")
    assert refused.exit == 75
    assert "does not hold the key any more" in refused.why


def test_a_key_that_cannot_be_told_or_is_of_another_kind_is_not_taken(
    run: Run, served: Served, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (
        *("join", "--registry", served.url, "--handle", "agnes", "--key", served.code),
        *("--passphrase-file", str(served.passphrase), "--ssh-agent"),
    )
    refused = run(*asked, "login")
    assert (refused.exit, "those it holds: 'work'" in refused.why) == (3, True)
    agent.add("work", "-t", "ecdsa", "-b", "256")
    refused = run(*asked, "work")
    assert (refused.exit, "2 P-256 keys in the ssh-agent" in refused.why) == (8, True)
    agent.path.unlink()
    refused = run(*asked, "work")
    assert (refused.exit, "no ssh-agent answers" in refused.why) == (75, True)
    monkeypatch.delenv("SSH_AUTH_SOCK")
    refused = run(*asked, "work")
    assert (refused.exit, "SSH_AUTH_SOCK is not set" in refused.why) == (75, True)
    assert run("status").out.count("@agnes") == 0


def test_a_person_joins_and_signs_with_a_key_that_never_leaves_its_token(
    apart: Run, served: Served, tmp_path: Path
) -> None:
    module = str(softhsm.module())
    pin, wrong = tmp_path / "pin", tmp_path / "wrong"
    pin.write_bytes(softhsm.PIN + b"\n")
    wrong.write_bytes(b"9999\n")
    token = ("--token", "person", "--module", module, "--pin-file")
    said = join(apart, served, "tokena", *token, str(pin))
    assert "signs from the token 'person', as 'touchplate localhost" in said
    Path("poem.txt").write_text("another poem\n")
    refused = apart("sign", "poem.txt", "--pin-file", wrong)
    assert (refused.exit, "PIN does not open the token 'person'" in refused.why) == (7, True)
    signed = apart("sign", "poem.txt", "--pin-file", pin)
    assert signed.exit == 0, signed.err
    assert apart("verify", "poem.txt", "--signer", "@tokena").exit == 0
    assert "in the token 'person'" in apart("status").out


def test_the_key_of_somebody_else_in_a_token_is_not_taken_over(
    run: Run, served: Served, tmp_path: Path
) -> None:
    pin = tmp_path / "pin"
    pin.write_bytes(softhsm.PIN + b"\n")
    token = Token(softhsm.module(), "taken", softhsm.PIN)
    token.add({f"touchplate {served.url.removeprefix('http://')}": "p256"})
    token.close()
    refused = run(
        *("join", "--registry", served.url, "--handle", "taker", "--key", served.code),
        *("--passphrase-file", served.passphrase, "--pin-file", pin),
        *("--token", "taken", "--module", softhsm.module()),
    )
    assert (refused.exit, "of somebody else's" in refused.why) == (8, True)


@pytest.mark.parametrize(
    "options",
    [
        ["--token", "person"],
        ["--module", "/usr/lib/x.so"],
        ["--ssh-agent", "work", "--token", "person", "--module", "/usr/lib/x.so"],
    ],
    ids=" ".join,
)
def test_half_of_a_place_for_a_key_is_a_usage_error(
    run: Run, served: Served, options: list[str]
) -> None:
    asked = ("join", "--registry", served.url, "--handle", "halfway", "--key", served.code)
    refused = run(*asked, "--passphrase-file", served.passphrase, *options)
    assert (refused.exit, "expected" in refused.why) == (2, True)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0\0\0\0", id="empty"),
        pytest.param(b"\xff\xff\xff\xff" + b"x" * 64, id="endless"),
        pytest.param(b"\0\0\0\x05\x0c\0\0\0\x07", id="seven keys, none there"),
        pytest.param(b"\0\0\0\x05\x0c\xff\xff\xff\xff", id="four thousand million keys"),
        pytest.param(b"\0\0\0\x06\x0c\0\0\0\0x", id="a byte too many"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="a web server"),
    ],
)
def test_a_socket_that_is_no_agent_is_named_as_such(tmp_path: Path, answer: bytes) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def serve() -> None:
            with listener.accept()[0] as peer:
                peer.recv(64)
                peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(Unavailable, match="agent"):
            find_key(path, "work")
        thread.join()


def test_a_message_longer_than_an_agent_takes_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    signer = SshAgentSigner(str(tmp_path / "nobody"), bytes(65))
    with pytest.raises(Malformed, match="an ssh-agent takes at most 262144"):
        signer.sign(bytes(MAX_MESSAGE))
