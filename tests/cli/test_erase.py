"""`touchplate erase` as its users meet it."""

import json
from pathlib import Path

import pytest
from commandline import Run, Served

pytestmark = pytest.mark.loopback


def test_one_statement_is_erased_and_its_dossier_still_verifies(ana: Run) -> None:
    Path("memoir.txt").write_text("all of it")
    signed = json.loads(ana("sign", "memoir.txt", "--title", "My secret", "--json").out)["id"]
    ran = ana("erase", signed)
    assert ran.exit == 0, ran.err
    assert "the signature, its time, digests and proofs: dossiers verify as before" in ran.err
    assert "the registry's backups keep it until they are deleted" in ran.err
    shown = ana("show", signed)
    assert shown.exit == 0
    assert "as its signer asked" in shown.last
    assert "secret" not in shown.out
    old = ana("verify", "memoir.txt", "--signer", "@ana", "--online")
    assert old.exit == 0
    again = ana("erase", signed)
    assert (again.exit, "erased already" in again.why) == (8, True)


def test_what_is_asked_must_be_one_thing_and_mine(ana: Run) -> None:
    for arguments in ((), ("0" * 16, "--me")):
        ran = ana("erase", *arguments)
        assert (ran.exit, "expected either the ID of a statement or --me" in ran.why) == (2, True)
    gone = ana("erase", "0" * 16)
    assert (gone.exit, "nothing is recorded" in gone.why) == (3, True)


def test_a_person_is_erased_and_signs_on_by_key_code(run: Run, served: Served) -> None:
    secret = ("--passphrase-file", str(served.passphrase))
    joined = run("join", "--registry", served.url, "--handle", "gone-tomorrow", "--name", "Gone",
                 "--key", served.code, *secret)  # fmt: skip
    assert joined.exit == 0, joined.err
    Path("a.txt").write_text("of somebody who leaves")
    assert run("sign", "a.txt", *secret).exit == 0
    ran = run("erase", "--me", *secret)
    assert ran.exit == 0, ran.err
    assert "erases    handle, profile, every name and word, for ever" in ran.err
    assert run("show", "@gone-tomorrow").exit == 3
    assert run("verify", "a.txt", "--online").exit == 0
    Path("b.txt").write_text("signed afterwards")
    after = run("sign", "b.txt", *secret)
    assert after.exit == 0, after.err
    verified = run("verify", "b.txt")
    assert "The person with key code" in verified.last
