"""A registry that goes back on what it said, and a second one that stands in its place."""

import json
from pathlib import Path

import pytest
from commandline import Run, Served, Signed
from world import World

from trust.client.http import Client
from trust.client.requests import Request
from trust.core.errors import Unavailable
from trust.transport.answer import Answer


@pytest.mark.loopback
def test_a_log_that_shrinks_is_not_signed_for(ana: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry set back to an old copy would log other entries in the place of known ones."""
    send, notes = Client._send, []

    def remembered(self: Client, request: Request) -> Answer:
        answer = send(self, request)
        if request.path.endswith("/checkpoint"):
            notes.append(answer)
            return notes[0]
        return answer

    Path("a.txt").write_text("a")
    monkeypatch.setattr(Client, "_send", remembered)
    assert ana("sign", "a.txt").exit == 0
    monkeypatch.setattr(Client, "_send", send)
    Path("b.txt").write_text("b")
    assert ana("sign", "b.txt").exit == 0
    monkeypatch.setattr(Client, "_send", remembered)
    ran = ana("sign", "b.txt")
    assert (ran.exit, "entries were seen here" in ran.why) == (1, True)


@pytest.mark.loopback
def test_a_join_whose_answer_was_lost_tells_the_handle_that_was_logged(
    run: Run, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry took the first request; what is asked for the second time is not its handle."""
    arguments = ("join", "--registry", served.url, "--passphrase-file", served.passphrase)
    send = Client._send

    def lost(self: Client, request: Request) -> Answer:
        answer = send(self, request)
        if request.method == "POST":
            raise Unavailable("did not answer in time")
        return answer

    monkeypatch.setattr(Client, "_send", lost)
    assert run(*arguments, "--handle", "first-choice").exit == 75
    monkeypatch.setattr(Client, "_send", send)
    second = run(*arguments, "--handle", "second-choice")
    assert (second.exit, "@first-choice" in second.why) == (8, True)
    assert json.loads(run("status", "--json").out)["registries"][0]["handle"] is None
    assert run(*arguments, "--handle", "first-choice").exit == 0
    assert json.loads(run("status", "--json").out)["registries"][0]["handle"] == "first-choice"


def test_a_registry_of_the_same_host_does_not_take_the_place_of_a_pinned_one(
    run: Run, signed: Signed, tmp_path: Path
) -> None:
    other = World(tmp_path / "other", "https://localhost:8123")
    Path("other.json").write_bytes(other.registry.trust_file(None))
    code = other.registry.trust.code
    other.close()
    ran = run("trust", "add", "other.json", "--key", code)
    assert (ran.exit, "http://localhost:8123 is pinned here" in ran.why) == (8, True)
    assert run("verify", "a.txt", "--signer", "@ana").exit == 0
    assert signed.id


@pytest.mark.loopback
def test_nobody_at_the_terminal_is_no_fault_of_ours(
    ana: Run, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-D at the question for the passphrase."""

    def nobody(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", nobody)
    Path("a.txt").write_text("a")
    assert ana("status").exit == 0
    ran = run("sign", "a.txt")
    assert (ran.exit, "no passphrase" in ran.why) == (2, True)
