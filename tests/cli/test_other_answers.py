"""What a registry, or somebody between, answers instead of what it was asked for."""

import json
from pathlib import Path

import pytest
from commandline import Run, Served, Signed

from trust.client.http import Client
from trust.client.requests import Request
from trust.transport.answer import Answer

pytestmark = pytest.mark.loopback


def swapped(monkeypatch: pytest.MonkeyPatch, asked: str, other: str) -> None:
    """Let somebody between client and registry ask for another record."""
    send = Client._send

    def lie(self: Client, request: Request) -> Answer:
        return send(self, request._replace(path=request.path.replace(asked, other)))

    monkeypatch.setattr(Client, "_send", lie)


@pytest.mark.parametrize("verb", ["show", "qr"])
def test_the_dossier_of_another_statement_is_no_answer(
    ana: Run, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """Else a registry shows, and prints the code of, whatever it likes under any id."""
    ids = []
    for name in ("a.txt", "b.txt"):
        Path(name).write_text(name)
        ids.append(json.loads(ana("sign", name, "--json").out)["id"])
    swapped(monkeypatch, *ids)
    ran = ana(verb, ids[0])
    assert (ran.exit, ran.out) == (1, "")
    assert f"answered with {ids[1]}" in ran.why


def test_the_dossier_of_another_registry_is_no_answer(
    ana: Run, served: Served, signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lie(_self: Client, _request: Request) -> Answer:
        return Answer(200, "application/vnd.touchplate.dossier.v1+json", signed.dossier)

    monkeypatch.setattr(Client, "_send", lie)
    ran = ana("show", "0123456789abcdef", "--registry", served.url)
    assert (ran.exit, ran.out) == (1, "")
    assert "a record of another registry" in ran.why
