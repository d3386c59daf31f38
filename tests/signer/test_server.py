"""The socket of the signer: for this user alone, and no question can exhaust or confuse it."""

import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from apart import SignerProcess, signing
from world import PASSPHRASE

from trust.core.canonical import Json
from trust.core.errors import NotAllowed, Unavailable
from trust.custody import frames, peers
from trust.custody.remote import RemoteKeys
from trust.service.keyring import Keyring
from trust.signer.server import MOST_AT_ONCE, serving
from trust.signer.signer import Signer

NOBODY = 65534


def connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(str(path))
    return connection


def refusal(connection: socket.socket) -> str:
    answer = frames.receive(connection, "answer")
    assert isinstance(answer, dict)
    return str(answer["refused"])


def test_the_socket_is_for_its_user_alone(signer_socket: Path) -> None:
    assert stat.S_IMODE(signer_socket.stat().st_mode) == 0o600


def test_an_oversized_frame_is_refused_before_it_is_read(signer_socket: Path) -> None:
    with connect(signer_socket) as connection:
        connection.sendall((frames.MAX_FRAME + 1).to_bytes(4, "big"))
        assert refusal(connection) == (
            f"question: a frame of {frames.MAX_FRAME + 1} bytes, expected at most {frames.MAX_FRAME}"
        )
        assert connection.recv(1) == b""
    RemoteKeys(signer_socket).close()  # it answers others as before


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{ "ask":"keys"}', b"\xff", b'{"ask":"keys","x":1}']
)
def test_nonsense_is_refused_by_name(signer_socket: Path, body: bytes) -> None:
    with connect(signer_socket) as connection:
        connection.sendall(len(body).to_bytes(4, "big") + body)
        assert "question" in refusal(connection)


@pytest.mark.parametrize(
    "question",
    [
        {"ask": "secret"},
        {"ask": "sign", "key": "ca"},
        {"ask": "sign", "key": "log", "message": ""},
        {"ask": "extend", "message": "", "old": -1, "proof": []},
        {"ask": "extend", "message": "", "old": True, "proof": []},
        {"ask": "extend", "message": "", "old": 0, "proof": [""] * 65},
    ],
)
def test_a_question_that_is_none_is_refused_and_the_next_is_answered(
    signer_socket: Path, question: dict[str, Json]
) -> None:
    with connect(signer_socket) as connection:
        frames.send(connection, question)
        assert refusal(connection)
        frames.send(connection, {"ask": "keys"})
        answer = frames.receive(connection, "answer")
        assert isinstance(answer, dict)
        assert len(str(answer["keys"])) > 11


def test_a_frame_that_ends_early_ends_the_connection(signer_socket: Path) -> None:
    with connect(signer_socket) as connection:
        connection.sendall(b"\0\0\1\0{")
        connection.shutdown(socket.SHUT_WR)
        assert "ended within a frame" in refusal(connection)


def test_more_connections_than_a_registry_wants_find_it_closed(signer_socket: Path) -> None:
    held = [connect(signer_socket) for _ in range(MOST_AT_ONCE)]
    for connection in held:
        frames.send(connection, {"ask": "keys"})
        assert frames.receive(connection, "answer")
    with pytest.raises(Unavailable, match="does not answer"):
        RemoteKeys(signer_socket)
    for connection in held:
        connection.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user for a moment")
def test_another_user_gets_no_answer_even_where_the_mode_is_open(tmp_path: Path) -> None:
    program = (
        "import socket, sys\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.connect('socket')\n"
        "try:\n"
        "    s.sendall(b'\\0\\0\\0\\x0e' + b'{\"ask\":\"keys\"}')\n"
        "    sys.exit(len(s.recv(10)))\n"
        "except ConnectionError:\n"
        "    sys.exit(0)\n"
    )
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    with signing(tmp_path / "signer") as path:
        path.chmod(0o666)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            for user, answered in ((0, 10), (NOBODY, 0)):
                done = subprocess.run(
                    [python, "-I", "-c", program], user=user, check=False, capture_output=True,
                    cwd=f"/proc/{os.getpid()}/fd/{folder}", timeout=20,
                )  # fmt: skip
                assert (done.returncode, done.stderr) == (answered, b"")
        finally:
            os.close(folder)


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="the kernel names no peer here")
def test_a_socket_that_another_user_planted_is_asked_nothing(
    signer_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    monkeypatch.setattr(peers, "_ROOT", NOBODY)
    with pytest.raises(NotAllowed, match="is of another user"):
        RemoteKeys(signer_socket)


def test_a_second_signer_on_one_socket_is_refused_and_a_dead_ones_makes_way(
    tmp_path: Path, signer_socket: Path
) -> None:
    (tmp_path / "second").mkdir()
    signer = Signer.open(tmp_path / "second", Keyring(tmp_path / "second", PASSPHRASE))
    with (
        pytest.raises(Unavailable, match="another signer answers at"),
        serving(signer, signer_socket),
    ):
        pass
    dead = tmp_path / "dead"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(dead))
    with serving(signer, dead):
        RemoteKeys(dead).close()
    assert not dead.exists()


def test_the_process_says_what_it_does_and_stops_cleanly(tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    process = SignerProcess(tmp_path / "signer", passphrase)
    RemoteKeys(process.socket).close()
    process.kill()
    process.restart()  # over the socket that it left
    RemoteKeys(process.socket).close()
    assert process.stop() == 0
    assert not process.socket.exists()
    assert stat.S_IMODE((tmp_path / "signer" / "keys.json").stat().st_mode) == 0o600


def test_many_threads_share_one_connection(signer_socket: Path) -> None:
    keys = RemoteKeys(signer_socket)
    wrong: list[str] = []

    def ask() -> None:
        for name in sorted(set(keys) - {"log"}):
            try:
                keys[name].sign(b"free bytes")
                wrong.append(name)
            except NotAllowed as error:
                if repr(name) not in str(error):
                    wrong.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys.close()
    assert wrong == []
