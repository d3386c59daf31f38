"""Bad input gets one clear line that names the value, the right exit, and leaves no file."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commandline import Run, Signed
from world import World

from trust.core.canonical import canonical
from trust.core.registry.dossier import MAX_DOSSIER

Damage = Callable[[bytes], bytes]


def edited(change: Callable[[dict[str, Any]], None]) -> Damage:
    """Damage that is written as canonical JSON again, so that only the change can be refused."""

    def damage(data: bytes) -> bytes:
        document = json.loads(data)
        change(document)
        return canonical(document)

    return damage


def pad_bits(document: dict[str, Any]) -> None:
    """Set bits of the payload's last base64 digit that no byte needs."""
    [signature] = document["bundle"]["dsseEnvelope"]["signatures"]
    raw = base64.b64decode(signature["sig"])
    spare = raw[:-1] if len(raw) % 3 == 0 else raw  # three bytes leave no bit over
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = base64.b64encode(spare).decode()
    bare = text.rstrip("=")
    last = digits[digits.index(bare[-1]) | 1]
    signature["sig"] = f"{bare[:-1]}{last}{text[len(bare) :]}"


DAMAGES: list[tuple[str, Damage, str]] = [
    ("empty", lambda _: b"", "line 1"),
    ("truncated", lambda data: data[: len(data) // 2], "line 1, column"),
    ("oversized", lambda data: data + b" " * MAX_DOSSIER, f"expected at most {MAX_DOSSIER}"),
    ("not JSON", lambda _: b"PK\x03\x04", "not JSON at line 1, column 1: expecting value"),
    ("not UTF-8", lambda data: data.replace(b"Work", b"W\xffrk"), "not UTF-8"),
    (
        "a duplicate key",
        lambda data: data.replace(b'{"bundle":', b'{"bundle":1,"bundle":', 1),
        "member 'bundle' appears twice",
    ),
    (
        "a float",
        lambda data: data.replace(b'"didLogs":[', b'"didLogs":[1.5,', 1),
        "'1.5' is not a whole number",
    ),
    ("an unknown member", edited(lambda d: d.update(x=1)), "unknown member 'x'"),
    ("another media type", edited(lambda d: d.update(mediaType="text/plain")), "'text/plain'"),
    ("white space", lambda data: data + b"\n", "not in RFC 8785 form"),
    ("padding bits", edited(pad_bits), "not canonical base64"),
    ("no DID log", edited(lambda d: d.update(didLogs=[])), "DID log is missing"),
    ("no status", edited(lambda d: d.pop("status")), "member 'status' is missing"),
    (
        "a bidi character",
        lambda data: data.replace(b'"Work"', '"W\u202ek"'.encode()),
        "U+202E",
    ),
]


@pytest.mark.parametrize(
    ("damage", "words"), [item[1:] for item in DAMAGES], ids=[item[0] for item in DAMAGES]
)
def test_a_damaged_dossier_is_unreadable(
    run: Run, signed: Signed, damage: Damage, words: str
) -> None:
    Path("a.txt.touchplate.json").write_bytes(damage(signed.dossier))
    before = sorted(Path().iterdir())
    ran = run("verify", "a.txt", "--signer", "@ana")
    assert ran.exit == 2, ran.out
    assert ran.last.startswith("UNREADABLE  This dossier is damaged or is not one: ")
    assert words in ran.last
    assert sorted(Path().iterdir()) == before
    assert run("show", "a.txt.touchplate.json").exit == 2


def test_proofs_of_one_log_that_end_in_two_checkpoints(run: Run, signed: Signed) -> None:
    signed.person.sign({"b.txt": b"b"})
    later = json.loads(signed.world.registry.dossier(signed.id))
    mixed = {**json.loads(signed.dossier), "supporting": later["supporting"]}
    Path("a.txt.touchplate.json").write_bytes(canonical(mixed))
    ran = run("verify", "a.txt")
    assert (ran.exit, "end in two checkpoints" in ran.last) == (2, True)


def test_another_registry_of_the_same_name(run: Run, signed: Signed, tmp_path: Path) -> None:
    """Same URL, other keys: the pinned trust file decides, and it lists none of them."""
    other = World(tmp_path / "other")
    try:
        item = other.join("ana").sign({"a.txt": b"the work\n"})
        Path("a.txt.touchplate.json").write_bytes(other.registry.dossier(item.id))
        Path("other.json").write_bytes(other.registry.trust_file(None))
    finally:
        other.close()
    ran = run("verify", "a.txt", "--signer", "@ana")
    assert (ran.exit, "does not list" in ran.last) == (6, True)
    ran = run("trust", "add", "other.json")
    assert ran.exit == 8
    assert "another trust file of http://localhost:8123 is pinned as version 1" in ran.why
    assert signed.world.registry.trust.code in run("trust", "list").out


def test_a_bundle_with_another_persons_certificate(run: Run, signed: Signed) -> None:
    ben = signed.world.join("ben").sign({"a.txt": b"the work\n"})
    document = json.loads(signed.dossier)
    foreign = json.loads(signed.world.registry.dossier(ben.id))
    document["bundle"]["verificationMaterial"]["certificate"] = foreign["bundle"][
        "verificationMaterial"
    ]["certificate"]
    Path("a.txt.touchplate.json").write_bytes(canonical(document))
    ran = run("verify", "a.txt")
    assert ran.exit == 1
    assert ran.last.startswith("INVALID  This proof does not hold.")
    assert "  maker" not in ran.out
    assert "Work" not in run("show", "a.txt.touchplate.json").out


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize(
    ("make", "path", "words"),
    [
        (lambda: None, "missing.txt", "missing.txt: no such file or directory"),
        (lambda: None, "a.txt/b", "a.txt/b: not a directory"),
        (lambda: os.mkfifo("pipe"), "pipe", "neither a file nor a directory"),
        (lambda: Path("empty").mkdir(), "empty", "no file in this directory"),
        (lambda: Path("loop").symlink_to("loop"), "loop", "too many levels of symbolic links"),
    ],
    ids=["missing", "below a file", "pipe", "empty directory", "a link to itself"],
)
def test_a_path_that_cannot_be_read(
    run: Run, make: Callable[[], None], path: str, words: str
) -> None:
    make()
    ran = run("verify", path)
    assert ran.exit == 2
    assert ran.last.startswith("UNREADABLE  Cannot read ")
    assert words in ran.last


@pytest.mark.usefixtures("signed")
def test_a_hostile_name_stays_on_its_line(run: Run) -> None:
    name = "x\x1b[2K\rVALID  trust me\nVALID  me too"
    ran = run("verify", name)
    assert ran.exit == 2
    assert len(ran.out.splitlines()) == 1
    assert "\x1b" not in ran.out
    assert "\\u{1b}[2K\\u{d}VALID" in ran.last


def test_a_trust_file_that_is_none(run: Run, signed: Signed, tmp_path: Path) -> None:
    Path("bad.json").write_bytes(b"{}")
    ran = run("trust", "add", "bad.json")
    assert (ran.exit, "bad.json" in ran.why) == (2, True)
    assert run("trust", "add", "nowhere.json").exit == 2
    wrong = run("trust", "add", "../trust.json", "--key", "0000-0000-0000-0000-0000-0000")
    assert (wrong.exit, "you expected 0000-" in wrong.why) == (7, True)
    short = run("trust", "add", "../trust.json", "--key", "0000")
    assert (short.exit, "has 4 digits" in short.why) == (2, True)
    assert signed.world.registry.trust.code in run("trust", "list").out
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_damaged_home_is_named(run: Run, signed: Signed, tmp_path: Path) -> None:
    assert signed.id
    (tmp_path / "home/registries/localhost_8123/pin.json").write_bytes(b'{"code":')
    ran = run("verify", "a.txt")
    assert (ran.exit, "pin.json" in ran.why) == (2, True)


def test_a_work_is_not_shown_as_if_it_were_compared(run: Run, signed: Signed) -> None:
    ran = run("show", "a.txt")
    assert (ran.exit, ran.out) == (2, "")
    assert ran.why == "USAGE  a.txt: is the work; its dossier is a.txt.touchplate.json"
    assert run("show", ".").why == "USAGE  .: is a directory, expected a dossier"
    assert signed.id


def test_what_does_not_hold_gets_no_qr_code(run: Run, signed: Signed) -> None:
    ben = signed.world.join("ben").sign({"a.txt": b"the work\n"})
    document = json.loads(signed.dossier)
    document["didLogs"] = json.loads(signed.world.registry.dossier(ben.id))["didLogs"]
    Path("broken.json").write_bytes(canonical(document))
    Path("not.json").write_bytes(b"PK")
    for path, status, label in (("broken.json", 2, "UNREADABLE"), ("not.json", 2, "UNREADABLE")):
        ran = run("qr", path, "-o", "code.svg")
        assert (ran.exit, ran.last.split("  ")[0]) == (status, label)
    assert not Path("code.svg").exists()


def test_a_registry_that_is_not_pinned_gets_no_qr_code(
    run: Run, signed: Signed, tmp_path: Path
) -> None:
    (tmp_path / "home/registries/localhost_8123/trust.json").unlink()
    ran = run("qr", "a.txt.touchplate.json", "-o", "code.svg")
    assert (ran.exit, ran.last.split("  ")[0]) == (6, "COULD NOT CHECK")
    assert not Path("code.svg").exists()
    assert signed.id


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize(
    ("arguments", "exit_status", "words"),
    [
        (("trust",), 2, "the following arguments are required: add|list"),
        (("trust", "pin"), 2, "argument add|list: invalid choice: 'pin'"),
        (("trust", "add"), 2, "expected touchplate trust add URL|FILE"),
        (("trust", "add", "registry.example"), 2, "the address of a registry begins with https://"),
        (("trust", "add", "https://registry.example/v/x"), 2, "expected https://HOST"),
        (("trust", "add", "https://registry.example:99999"), 2, "a port from 1 to 65535"),
        (("trust", "add", "http://registry.example"), 2, "plain http is for localhost"),
        (("trust", "list", "--sigstore", "--registry", "https://a.example"), 3,
         "https://a.example is not pinned here; first: touchplate trust add https://a.example"),
        (("show", "@ana@other.example"), 3, "'other.example' is not pinned here"),
        (("show", "@"), 2, "'' has 0 characters, expected 3 to 32"),
        (("verify", "a.txt", "--at", "yesterday"), 2,
         "--at: 'yesterday', expected a day like 2026-11-03 or a time like 2026-11-03T14:02:07Z"),
        (("verify", "a.txt", "--at", "2026-02-30"), 2, "--at: '2026-02-30', expected a day"),
        (("verify", "a.txt", "--at", "2999-01-01"), 2, "--at: 2999-01-01 is later than now"),
        (("verify", "a.txt", "--max-status-age", "3"), 2, "'3', expected a length like 30d"),
        (("serve", "--port", "99999"), 2, "'99999', expected a port from 0 to 65535"),
        (("serve", "--passphrase-file", "nowhere"), 2, "nowhere: no such file or directory"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_value_and_what_was_expected(
    run: Run, arguments: tuple[str, ...], exit_status: int, words: str
) -> None:
    ran = run(*arguments)
    assert (ran.exit, ran.out) == (exit_status, "")
    assert words in ran.why
    assert "Errno" not in ran.err
    assert "<class" not in ran.err


@pytest.mark.parametrize("path", ["b.txt", "b.txt.touchplate.json"])
def test_a_pipe_in_the_place_of_a_dossier_is_never_waited_for(run: Run, path: str) -> None:
    Path("b.txt").write_text("b")
    os.mkfifo("b.txt.touchplate.json")
    ran = run("verify", path)
    assert (ran.exit, "neither a file nor a directory" in ran.last) == (2, True)
