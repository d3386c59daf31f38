"""The frame around the verbs: exits, help, and what is imported when."""

import json
import os
import pty
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
from commandline import Run, Signed

from trust.core.errors import (
    Conflict,
    Malformed,
    NotAllowed,
    NotFound,
    TooMany,
    Unavailable,
    VerificationFailed,
)
from trust_cli import main, status

HEAVY = (
    "http.client",
    "ssl",
    "socket",
    "pathlib",
    "dataclasses",
    "tomllib",
    "nacl",
    "trust.custody",
    "trust.client",
    "trust.service",
    "trust_cli.sign",
    "fastapi",
    "pydantic",
    "sqlalchemy",
    "importlib.metadata",
)


def touchplate(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trust_cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TOUCHPLATE_HOME": str(home)},
    )


@pytest.mark.parametrize(
    ("error", "status_", "line"),
    [
        (Malformed("odd", "a.json"), 2, "USAGE  a.json: odd"),
        (NotFound("nothing"), 3, "NOT FOUND  nothing"),
        (NotAllowed("no"), 7, "NOT ALLOWED  no"),
        (Conflict("taken"), 8, "CONFLICT  taken"),
        (TooMany("many", 30), 8, "TRY LATER  in 30 s: many"),
        (Unavailable("down"), 75, "UNAVAILABLE  down"),
        (VerificationFailed(5, "x", "false"), 1, "INVALID  false"),
        (FileNotFoundError(2, "No such file", "x"), 2, "USAGE  x: no such file"),
        (KeyboardInterrupt(), 130, "INTERRUPTED  nothing more was done"),
    ],
)
def test_every_error_has_its_exit_and_its_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, status_: int, line: str
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(status, "run", fail)
    ran = run("status")
    assert (ran.exit, ran.out, ran.why) == (status_, "", line)
    found = json.loads(run("status", "--json").out)
    assert found["exit"] == status_


def test_a_fault_of_ours_is_never_a_success(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise ZeroDivisionError("\x1b[2J")

    monkeypatch.setattr(status, "run", fail)
    ran = run("status")
    assert (ran.exit, ran.out) == (70, "")
    assert ran.why.startswith("INTERNAL ERROR  please report ")
    assert run("status").why == ran.why  # the same fault, the same name
    assert "\x1b" not in ran.err


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize(
    "place",
    [
        "trust_cli.judging.assess",
        "trust_cli.judging.read_material",
        "trust_cli.verify.gather",
        "trust.core.judge.compose",
        "trust.core.verify.verify_p256",
    ],
)
def test_a_fault_anywhere_under_verify_is_no_pass(
    run: Run, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IndexError("a fault")

    monkeypatch.setattr(place, fail)
    ran = run("verify", "a.txt")
    assert ran.exit == 70
    assert "VALID" not in ran.out


def test_usage(run: Run) -> None:
    assert run().exit == 2
    assert run("frob").why.startswith("USAGE  'frob' is no verb, expected one of trust, join, ")
    assert run("sign").why == "USAGE  the following arguments are required: PATH"
    assert run("verify", "a", "--onlin").exit == 2  # no abbreviations: they would become API
    assert run("--help").exit == 0
    assert all(verb in run("--help").out for verb in (*main.VERBS, *main.SERVER_VERBS))


def test_a_server_verb_without_the_server_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = [EntryPoint("serve", "no_such_package.serve", main.GROUP)]
    for found in ([], needs):
        monkeypatch.setattr(
            "importlib.metadata.entry_points", lambda found=found, **_: EntryPoints(found)
        )
        ran = run("serve")
        assert (ran.exit, ran.why) == (
            2,
            "USAGE  'serve' needs the server: pip install 'touchplate[server]'",
        )


def test_verify_imports_little(signed: Signed, tmp_path: Path) -> None:
    """Its CPU may be ten times that of an empty program, and the imports alone are most of it."""
    assert signed.id
    code = (
        "import sys; from trust_cli import main; status = main.main(sys.argv[1:]);"
        f"print([name for name in {HEAVY!r} if name in sys.modules]); sys.exit(status)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "verify", "a.txt", "--signer", "@ana"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TOUCHPLATE_HOME": str(tmp_path / "home")},
    )
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "[]"), ran.stdout + ran.stderr


@pytest.mark.usefixtures("signed")
def test_an_encoding_that_cannot_say_a_name_is_no_crash(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "trust_cli.main", "verify", "a.txt"],
        capture_output=True,
        check=False,
        env={
            **os.environ,
            "TOUCHPLATE_HOME": str(tmp_path / "home"),
            "PYTHONIOENCODING": "ascii",
        },
    )
    assert ran.returncode == 0
    assert b"Ana L\\xf3pez" in ran.stdout


@pytest.mark.usefixtures("signed")
def test_a_reader_that_goes_away_is_no_success(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "trust_cli.main", "verify", "a.txt"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, "TOUCHPLATE_HOME": str(tmp_path / "home")},
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (2, b"")


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_colour_is_for_terminals_and_only_the_colour_differs(
    tmp_path: Path, no_colour: str
) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": no_colour}
    ran = subprocess.run(
        [sys.executable, "-m", "trust_cli.main", "verify", "missing.txt"],
        stdout=theirs,
        check=False,
        env={**environment, "TOUCHPLATE_HOME": str(tmp_path / "home")},
    )
    os.close(theirs)
    printed = read_all(ours).replace("\r\n", "\n")
    assert ran.returncode == 2
    assert ("\x1b[1;31mUNREADABLE\x1b[0m" in printed) is not bool(no_colour)
    piped = touchplate("verify", "missing.txt", home=tmp_path / "home").stdout
    assert printed.replace("\x1b[1;31m", "").replace("\x1b[0m", "") == piped


@pytest.mark.parametrize(
    ("typed", "exit_", "pinned"),
    [("y\n", 0, "compared"), ("\n", 0, "not compared"), ("n\n", 7, "")],
)
def test_a_terminal_is_asked_to_compare_the_root_code(
    signed: Signed, tmp_path: Path, typed: str, exit_: int, pinned: str
) -> None:
    home = tmp_path / "fresh"
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    ran = subprocess.run(
        [sys.executable, "-m", "trust_cli.main", "trust", "add", str(tmp_path / "trust.json")],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        env={**os.environ, "TOUCHPLATE_HOME": str(home)},
    )
    os.close(theirs)
    printed = read_all(ours)
    assert signed.world.registry.trust.code in printed
    assert ran.returncode == exit_, printed
    assert home.exists() is bool(pinned)
    assert ran.stdout.decode().strip().endswith(f", {pinned}" if pinned else "")


def read_all(terminal: int) -> str:
    """Read what a program wrote to a pseudo terminal that it has closed."""
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the other side is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()
