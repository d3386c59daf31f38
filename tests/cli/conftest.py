"""The command as a person runs it, in this process; a home and a folder for each test."""

import contextlib
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import Ran, Run, Served, Signed
from world import PASSPHRASE, World

from trust.commands.server import listen, running
from trust.service.settings import Settings
from trust_cli import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `touchplate` in an empty folder with a home of its own."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TOUCHPLATE_HOME", str(tmp_path / "home"))

    def command(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        status = main.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return command


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one registry for the whole run, and let Ana join it from a subprocess-free CLI."""
    folder = tmp_path_factory.mktemp("served")
    secret = folder / "passphrase"
    secret.write_bytes(PASSPHRASE + b"\n")
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(
        data=folder / "registry",
        public_url=f"http://localhost:{port}",
        host="127.0.0.1",
        port=port,
    )
    with running(settings, PASSPHRASE, listener) as server:
        home = folder / "home"
        joined = _join(settings.public_url, server.registry.trust.code, home, secret)
        yield Served(settings.public_url, server.registry.trust.code, home, secret, joined)


def _join(url: str, code: str, home: Path, secret: Path) -> Ran:
    before = os.environ.get("TOUCHPLATE_HOME")
    os.environ["TOUCHPLATE_HOME"] = str(home)
    out, err = io.StringIO(), io.StringIO()
    arguments = ["join", "--registry", url, "--handle", "ana", "--name", "Ana López"]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main.main([*arguments, "--key", code, "--passphrase-file", str(secret)])
    finally:
        os.environ.pop("TOUCHPLATE_HOME")
        if before is not None:
            os.environ["TOUCHPLATE_HOME"] = before
    return Ran(status, out.getvalue(), err.getvalue())


@pytest.fixture
def ana(run: Run, served: Served, tmp_path: Path) -> Run:
    """Run commands as Ana, in a copy of her home."""
    shutil.copytree(served.home, tmp_path / "home")
    signing = {"sign", "push", "withdraw", "erase"}

    def command(*arguments: str | Path) -> Ran:
        if arguments[0] in signing and "--passphrase-file" not in arguments:
            return run(*arguments, "--passphrase-file", served.passphrase)
        return run(*arguments)

    return command


@pytest.fixture
def signed(world: World, run: Run) -> Signed:
    """Sign `a.txt`, write its dossier beside it, and pin the registry as compared."""
    person = world.join("ana", "Ana López")
    item = person.sign({"a.txt": b"the work\n"}, title="Work")
    dossier = world.registry.dossier(item.id)
    Path("a.txt").write_bytes(b"the work\n")
    Path("a.txt.touchplate.json").write_bytes(dossier)
    trust = Path("../trust.json")
    trust.write_bytes(world.registry.trust_file(None))
    pinned = run("trust", "add", trust, "--key", world.registry.trust.code)
    assert pinned.exit == 0, pinned.err
    return Signed(world, person, item.id, dossier)
