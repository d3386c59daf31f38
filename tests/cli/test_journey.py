"""From joining to withdrawing, against a real registry on loopback, as transcripts."""

import json
import os
import shutil
import socket
from pathlib import Path

import pytest
from commandline import Run, Served
from world import PASSPHRASE

from trust.commands.server import running
from trust.core.people.keycode import parse_recovery
from trust.service.settings import Settings
from trust_cli.home import Home

pytestmark = pytest.mark.loopback


def folder_of(home: Path, url: str) -> Path:
    return Path(Home(str(home)).folder(url.partition("://")[2]).path)


def recovery_line(err: str) -> str:
    lines = err.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("  recovery"))
    assert len(lines[at + 1]) < 80, "it fits a terminal in one piece"
    return lines[at + 1].strip()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_join_prints_the_recovery_key_once_and_stores_it_nowhere(served: Served) -> None:
    joined = served.joined
    assert (joined.exit, joined.out.startswith("did:webvh:Qm")) == (0, True)
    recovery = recovery_line(joined.err)
    seed = parse_recovery(recovery)
    kept = [path for path in served.home.rglob("*") if path.is_file()]
    assert {"identity.json", "did.jsonl", "certificate.der", "keys.json", "trust.json"} <= {
        path.name for path in kept
    }
    for path in kept:
        data = path.read_bytes()
        assert seed not in data
        assert recovery.encode() not in data
    assert recovery not in joined.out


def test_a_file_is_signed_verified_shown_and_withdrawn(ana: Run, served: Served) -> None:
    Path("logo.txt").write_text("logo")
    signing = ana("sign", "logo.txt", "--title", "Logo")
    assert (signing.exit, signing.out) == (0, "logo.txt.touchplate.json\n")
    public = signing.err.index("  public ")
    assert public < signing.err.index("  file      logo.txt") < signing.err.index("  title ")
    assert signing.err.index("  title ") < signing.err.index("  signed ")
    assert f"touchplate trust add {served.url} --key {served.code}" in signing.err
    check = next(line for line in signing.err.splitlines() if line.startswith("  check"))
    words = check.split()[2:]
    assert ana(*words).exit == 0
    identifier = signing.err.splitlines()[-1].split()[-1]
    shown = ana("show", identifier)
    assert (shown.exit, "  title     Logo" in shown.out) == (0, True)
    gone = ana("withdraw", identifier, "--reason", "wrong fonts")
    assert gone.exit == 0, gone.err
    assert ana("verify", "logo.txt").exit == 5  # the withdrawal's status was kept
    assert ana("show", identifier).exit == 5


def test_only_a_standing_work_of_ones_own_is_withdrawn(
    ana: Run, run: Run, served: Served, home: Path
) -> None:
    """A mistyped id would be logged, and the work would go on standing."""
    Path("a.txt").write_text("a")
    made = json.loads(ana("sign", "a.txt", "--json").out)
    nothing = ana("withdraw", "0000000000000000")
    assert (nothing.exit, nothing.out) == (3, "")
    assert "nothing is recorded under 0000000000000000" in nothing.why
    empty = ana("withdraw", made["id"], "--reason", "")
    assert (empty.exit, "--reason: empty, expected a text" in empty.why) == (2, True)
    assert ana("withdraw", made["id"]).exit == 0
    again = ana("withdraw", made["id"])
    assert (again.exit, f"{made['id']} is withdrawn already" in again.why) == (8, True)
    shutil.rmtree(home)
    secret = ("--passphrase-file", served.passphrase)
    assert run("join", "--registry", served.url, "--handle", "ben-withdraws", *secret).exit == 0
    foreign = run("withdraw", made["id"], *secret)
    assert foreign.exit == 7
    assert f"{made['id']} is not by @ben-withdraws: " in foreign.why


def test_who_holds_only_the_dossier_learns_of_a_withdrawal_online(
    ana: Run, served: Served, home: Path
) -> None:
    Path("a.txt").write_text("a")
    made = json.loads(ana("sign", "a.txt", "--json").out)
    assert ana("withdraw", made["id"]).exit == 0
    shutil.rmtree(folder_of(home, served.url) / "statuses")
    assert ana("verify", "a.txt").exit == 0
    assert ana("verify", "a.txt", "--online").exit == 5
    assert ana("verify", "a.txt").exit == 5  # and does not forget it


def test_json_is_one_object_and_nothing_secret(ana: Run) -> None:
    Path("a.txt").write_text("a")
    made = json.loads(ana("sign", "a.txt", "--json").out)
    assert made["verdict"]["verdict"] == "valid"
    assert made["dossier"] == "a.txt.touchplate.json"
    status = json.loads(ana("status", "--json").out)["registries"][0]
    assert (status["handle"], status["compared"], status["waiting"]) == ("ana", True, [])
    listed = json.loads(ana("trust", "list", "--json").out)["registries"][0]
    assert listed["compared"] is True


def test_a_directory_several_files_and_the_bare_bundle(ana: Run) -> None:
    Path("site/css").mkdir(parents=True)
    Path("site/index.html").write_text("i")
    Path("site/css/a.css").write_text("a")
    assert ana("sign", "site/", "--sigstore").out == "site.touchplate.json\n"
    assert ana("verify", "site", "--signer", "@ana").exit == 0
    assert ana("verify", "site", "--bundle", "site.sigstore.json").exit == 6
    online = ana("verify", "site", "--bundle", "site.sigstore.json", "--online")
    assert online.exit == 0, online.out  # the registry sends the key history, which is verified
    refused = ana("sign", "site/index.html", "site/css/a.css")
    assert (refused.exit, "need -o OUT" in refused.why) == (2, True)
    both = ana("sign", "site/index.html", "site/css/a.css", "-o", "both.json")
    assert both.out == "both.json\n"
    check = next(line for line in both.err.splitlines() if line.startswith("  check"))
    assert ana(*check.split()[2:]).exit == 0
    Path("index.html").write_text("i")
    Path("a.css").write_text("a")
    customer = both.err.splitlines()[-2].split()
    assert customer == ["touchplate", "verify", "both.json", "--signer", "@ana"]
    assert "these 2 files are byte for byte" in ana(*customer[1:]).out
    Path("a.css").write_text("another")
    assert ana(*customer[1:]).exit == 1  # the set is compared as a whole


def test_offline_is_kept_and_pushed(ana: Run, home: Path, served: Served) -> None:
    Path("a.txt").write_text("a")
    signing = ana("sign", "a.txt", "--offline")
    identifier = signing.out.strip()
    assert signing.exit == 0
    assert not Path("a.txt.touchplate.json").exists()
    assert f"{identifier} for touchplate push" in ana("status").out
    os.chdir(home)  # `push` knows where the dossier goes, wherever it runs
    pushed = ana("push")
    assert (pushed.exit, Path(pushed.out.strip()).name == "a.txt.touchplate.json") == (0, True)
    os.chdir(home / ".." / "work")
    assert ana("verify", "a.txt", "--signer", "@ana").exit == 0
    assert not list((folder_of(home, served.url) / "pending").iterdir())
    assert "nothing waits" in ana("push").err


def test_a_file_found_only_at_the_registry(ana: Run) -> None:
    Path("a.txt").write_text("found by its digest alone")
    assert ana("sign", "a.txt").exit == 0
    Path("a.txt.touchplate.json").unlink()
    assert ana("verify", "a.txt").exit == 3
    assert ana("verify", "a.txt", "--online", "--signer", "@ana").exit == 0
    Path("b.txt").write_text("never signed")
    ran = ana("verify", "b.txt", "--online")
    assert ran.exit == 3
    assert ran.last.startswith("NOT FOUND  Nothing is recorded about b.txt.")


def test_a_person_by_handle_is_the_registrys_word(ana: Run) -> None:
    ran = ana("show", "@ana")
    assert ran.exit == 0
    assert "key history was not checked here" in ran.out.splitlines()[0]
    assert "Ana López (nobody has checked that name)" in ran.out
    nobody = ana("show", "@nobody-here")
    assert (nobody.exit, nobody.why.split("  ")[0]) == (3, "NOT FOUND")


def test_the_qr_code(ana: Run, served: Served) -> None:
    Path("a.txt").write_text("a")
    made = json.loads(ana("sign", "a.txt", "--json").out)
    ran = ana("qr", "a.txt.touchplate.json")
    assert ran.out == f"{served.url}/v/{made['id']}\n"
    assert ran.err.count("\n") > 10
    assert ana("qr", made["id"].upper(), "-o", "code.svg").out == "code.svg\n"
    assert Path("code.svg").read_text().startswith("<svg ")
    assert ana("qr", made["id"], "-o", "code.png").exit == 0
    assert ana("qr", made["id"], "-o", "code.gif").exit == 2
    assert not Path("code.gif").exists()


def test_the_configuration_for_the_sigstore_command(ana: Run) -> None:
    config = json.loads(ana("trust", "list", "--sigstore").out)
    assert config["mediaType"].startswith("application/vnd.dev.sigstore.clienttrustconfig")
    assert config["trustedRoot"]["tlogs"]


def test_joining_again_is_no_second_join(ana: Run, served: Served) -> None:
    again = ana("join", "--registry", served.url, "--handle", "ana")
    assert (again.exit, again.out) == (0, served.joined.out)
    assert "recovery" not in again.err
    other = ana("join", "--registry", served.url, "--handle", "ben")
    assert (other.exit, "you are @ana" in other.why) == (8, True)


def test_a_join_that_broke_off_goes_on_with_the_same_did(
    run: Run, served: Served, home: Path
) -> None:
    """The handle is taken: nothing is lost, and another handle takes the same key and DID."""
    arguments = ("--registry", served.url, "--passphrase-file", served.passphrase)
    taken = run("join", *arguments, "--handle", "ana")
    assert (taken.exit, taken.why.split("  ")[0]) == (8, "CONFLICT")
    assert "also with another --handle, goes on with these keys" in taken.why
    assert recovery_line(taken.err)
    pending = json.loads((folder_of(home, served.url) / "join.json").read_bytes())
    free = run("join", *arguments, "--handle", "carla-of-join")
    assert free.exit == 0, free.err
    assert free.out.strip() == pending["didEntry"]["state"]["id"]
    assert "  recovery" not in free.err
    assert not (folder_of(home, served.url) / "join.json").exists()


def test_a_wrong_passphrase_signs_nothing(ana: Run) -> None:
    Path("a.txt").write_text("a")
    Path("wrong").write_text("not it\n")
    ran = ana("sign", "a.txt", "--passphrase-file", "wrong")
    assert (ran.exit, ran.why.split("  ")[0]) == (7, "NOT ALLOWED")
    assert not Path("a.txt.touchplate.json").exists()
    none = ana("sign", "a.txt", "--passphrase-file", "nowhere")
    assert (none.exit, "nowhere" in none.why) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--supersedes", "0123456789abcde"), "--supersedes: '0123456789abcde' has 15 digits"),
        (("--supersedes", "0123456789abcdef"), "nothing is recorded under 0123456789abcdef"),
        (("--disclosure", "none.json"), "none.json: no such file"),
        (("--disclosure", "float.json"), "'1.5' is not a whole number"),
        (("--disclosure", "date.toml"), "date.toml.statement: 2026-11-03, expected text"),
        (("--disclosure", "half.toml"), "half.toml.contributions[0].extent: 0.5, expected text"),
        (("--title", "a\x1bb"), "--title: character U+001B"),
        (("--title", " "), "--title: empty, expected a text"),
        (("--title", "t" * 201), "expected at most 200"),
        (("-o", "a.txt"), "overwrite the work itself"),
        (("-o", "nowhere/x.json"), "a folder that is there"),
        (("-o", "."), "expected a file in a folder"),
        (("--registry", "https://other.example"), "nobody joined https://other.example"),
    ],
)
def test_what_sign_refuses_leaves_no_file(ana: Run, arguments: tuple[str, ...], words: str) -> None:
    Path("a.txt").write_text("a")
    Path("float.json").write_text('{"statement": 1.5}')
    Path("date.toml").write_text("statement = 2026-11-03\n")
    Path("half.toml").write_text("[[contributions]]\nextent = 0.5\n")
    before = sorted(Path().iterdir())
    ran = ana("sign", "a.txt", *arguments)
    assert ran.exit in {2, 3}
    assert words in ran.why
    assert sorted(Path().iterdir()) == before
    assert ana("push").err.strip() == "nothing waits for delivery"


def test_other_paths_that_sign_refuses(ana: Run) -> None:
    ran = ana("sign", "missing")
    assert (ran.exit, "missing: no such file" in ran.why) == (2, True)
    Path("precious.txt").write_text("keep me")
    Path("a.txt").write_text("a")
    ran = ana("sign", "a.txt", "-o", "precious.txt")
    assert (ran.exit, Path("precious.txt").read_text()) == (8, "keep me")


def test_a_registry_that_is_down(run: Run, tmp_path: Path) -> None:
    """What was signed is kept; what needs an answer says so; verify answers from what it has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = Settings(tmp_path / "registry", f"http://localhost:{port}", port=port)
    secret = ("--passphrase-file", "../secret")
    Path("../secret").write_bytes(PASSPHRASE)
    Path("a.txt").write_text("a")
    Path("b.txt").write_text("b")
    early = run("join", "--registry", settings.public_url, "--handle", "ana", *secret)
    assert (early.exit, "does not answer" in early.why) == (75, True)
    with running(settings, PASSPHRASE):
        joined = run("join", "--registry", settings.public_url, "--handle", "ana", *secret)
        assert joined.exit == 0, joined.err
        assert run("sign", "a.txt", *secret).exit == 0
    signing = run("sign", "b.txt", *secret)
    assert signing.exit == 75
    assert "is signed and kept: touchplate push delivers it" in signing.why
    assert not Path("b.txt.touchplate.json").exists()
    assert run("push").exit == 75
    assert run("verify", "a.txt", "--signer", "@ana").exit == 0
    online = run("verify", "a.txt", "--online")
    assert (online.exit, "Today's status could not be checked" in online.last) == (6, True)
    assert run("verify", "b.txt", "--online").exit == 6
    assert run("show", "@ana").exit == 75
    with running(settings, PASSPHRASE):
        assert run("push").exit == 0
    assert run("verify", "b.txt", "--signer", "@ana").exit == 0
