"""`touchplate verify`, all without a socket: pytest would refuse one."""

import json
import shutil
import time
from pathlib import Path

import pytest
from commandline import Run, Signed
from world import World

from trust.core.canonical import canonical
from trust_cli.disclosures import read_disclosure

pytestmark = pytest.mark.usefixtures("signed")


def test_a_good_file_is_valid_and_the_verdict_is_the_last_line(run: Run) -> None:
    ran = run("verify", "a.txt", "--signer", "@ana")
    assert (ran.exit, ran.err) == (0, "")
    assert ran.last.startswith("VALID  @ana at localhost:8123 signed “a.txt” on ")
    assert "The profile says “Ana López”; nobody has checked that name." in ran.last
    assert all(line.startswith("  ") for line in ran.out.splitlines()[:-1])


def test_without_signer_it_says_that_nobody_was_expected(run: Run) -> None:
    assert "You did not say whom you expected." in run("verify", "a.txt").last
    found = json.loads(run("verify", "a.txt", "--json").out)
    assert (found["verdict"], found["expectedSigner"]) == ("valid", None)
    assert found["subject"]["name"] == "a.txt"


def test_one_changed_byte_is_a_mismatch(run: Run) -> None:
    Path("a.txt").write_bytes(b"the work.")
    ran = run("verify", "a.txt", "--signer", "@ana")
    assert (ran.exit, ran.last.split()[0]) == (1, "MISMATCH")


def test_another_signer_is_named_with_the_expected_one(run: Run) -> None:
    ran = run("verify", "a.txt", "--signer", "@ben")
    assert ran.exit == 4
    assert ran.last.startswith("OTHER SIGNER  Valid, but signed by @ana; you expected @ben.")


@pytest.mark.parametrize("form", ["@ana", "@ana@localhost:8123", "http://localhost:8123/@ana"])
def test_every_form_of_signer(run: Run, form: str) -> None:
    assert run("verify", "a.txt", "--signer", form).exit == 0


def test_a_signer_by_address_is_compared_by_scid(run: Run, signed: Signed) -> None:
    ben = signed.world.join("ben")
    for person, status in ((signed.person, 0), (ben, 4)):
        url = f"http://localhost:8123/p/{person.scid}"
        assert run("verify", "a.txt", "--signer", url).exit == status


@pytest.mark.parametrize(
    ("signer", "words"),
    [
        ("ana", "expected @handle"),
        ("@a", "expected 3 to 32"),
        ("@ana@other.example", "not pinned"),
        ("https://other.example/p/x", "pinned here"),
    ],
)
def test_a_signer_that_cannot_be_read_is_usage(run: Run, signer: str, words: str) -> None:
    ran = run("verify", "a.txt", "--signer", signer)
    assert (ran.exit, ran.out) == (2, "")
    assert words in ran.why


def test_a_contact_is_kept_and_then_another_person_under_the_handle_is_another_signer(
    run: Run, signed: Signed, tmp_path: Path
) -> None:
    assert run("verify", "a.txt", "--signer", "@ana").exit == 0
    contacts = tmp_path / "home/registries/localhost_8123/contacts.json"
    assert json.loads(contacts.read_text()) == {"ana": signed.person.scid}
    other = signed.world.join("ben").scid
    contacts.write_bytes(canonical({"ana": other}))
    ran = run("verify", "a.txt", "--signer", "@ana")
    assert ran.exit == 4
    assert json.loads(contacts.read_text()) == {"ana": other}


def test_no_contact_is_kept_without_exit_0(run: Run, tmp_path: Path) -> None:
    Path("a.txt").write_bytes(b"changed")
    assert run("verify", "a.txt", "--signer", "@ana").exit == 1
    assert not (tmp_path / "home/registries/localhost_8123/contacts.json").exists()


def test_a_registry_that_is_not_pinned_could_not_be_checked(run: Run, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "home")
    ran = run("verify", "a.txt")
    assert ran.exit == 6
    assert "nobody has checked that" in ran.last
    assert "touchplate trust add http://localhost:8123" in ran.last


def test_a_key_that_was_not_compared_is_said(run: Run, signed: Signed, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "home")
    assert run("trust", "add", "../trust.json").exit == 0
    assert "was not compared with a second source" in run("verify", "a.txt").last
    assert run("trust", "add", "../trust.json", "--key", signed.world.registry.trust.code).exit == 0
    assert "was not compared" not in run("verify", "a.txt").last


def test_without_a_dossier_nothing_is_found_and_nothing_is_said_about_the_file(run: Run) -> None:
    Path("b.txt").write_bytes(b"b")
    ran = run("verify", "b.txt")
    assert ran.exit == 3
    assert ran.last == "NOT FOUND  No dossier for b.txt here; --online asks the registry."


def test_a_bare_bundle_is_the_registrys_word(run: Run, signed: Signed) -> None:
    bundle = signed.world.registry.bundle(signed.id).to_json()
    Path("a.txt.sigstore.json").write_bytes(canonical(bundle))
    for arguments in (("a.txt", "--bundle", "a.txt.sigstore.json"), ("a.txt.sigstore.json",)):
        ran = run("verify", *arguments)
        assert ran.exit == 6
        assert ran.last.startswith("COULD NOT CHECK  According to localhost:8123, the person with")


def test_a_directory_is_whole_or_not_at_all(run: Run, signed: Signed) -> None:
    files = {"index.html": b"i", "css/a.css": b"a"}
    item = signed.person.sign(files)
    for name, data in files.items():
        path = Path("site") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    Path("site.touchplate.json").write_bytes(signed.world.registry.dossier(item.id))
    assert run("verify", "site", "--signer", "@ana").exit == 0
    assert run("verify", "site/").exit == 0
    assert run("verify", "site.touchplate.json").exit == 0
    one = run("verify", "site/css/a.css", "--bundle", "site.touchplate.json")
    assert "one of 2 files" in one.last
    shutil.copy("site.touchplate.json", "site/proof.touchplate.json")
    assert run("verify", "site").exit == 0
    Path("site/added").write_bytes(b"x")
    assert "added: “added" in run("verify", "site").last
    Path("site/added").unlink()
    Path("site/index.html").unlink()
    assert "missing: “index.html”" in run("verify", "site").last
    assert run("verify", "site.touchplate.json").exit == 1


def test_a_dossier_finds_its_files_beside_it(run: Run, signed: Signed) -> None:
    item = signed.person.sign({"b.txt": b"b", "c.txt": b"c"})
    Path("two.json").write_bytes(signed.world.registry.dossier(item.id))
    none = run("verify", "two.json")
    assert (none.exit, "b.txt: no such file beside two.json" in none.last) == (2, True)
    Path("b.txt").write_bytes(b"b")
    assert "missing: “c.txt”" in run("verify", "two.json").last
    Path("c.txt").write_bytes(b"c")
    assert run("verify", "two.json").exit == 0


def test_bulk_ends_with_the_worst(run: Run) -> None:
    Path("b.txt").write_bytes(b"b")
    ran = run("verify", "a.txt", "b.txt", "missing.txt")
    assert ran.exit == 2
    assert ran.last == "UNREADABLE  1 of 3 is valid. The worst: missing.txt"
    assert run("verify", "a.txt", "b.txt").exit == 3
    found = json.loads(run("verify", "a.txt", "b.txt", "--json").out)
    assert (found["exit"], [item["exit"] for item in found["items"]]) == (3, [0, 3])
    assert run("verify", "a.txt", "a.txt").last == "VALID  All 2 are valid."


def test_an_old_status_is_not_enough_unless_accepted(run: Run) -> None:
    time.sleep(2.1)  # there is no status older than its log, so it has to grow old
    ran = run("verify", "a.txt", "--max-status-age", "1s")
    assert ran.exit == 6
    assert "older than you allow" in ran.last
    assert run("verify", "a.txt", "--max-status-age", "1s", "--accept-unknown-status").exit == 0
    assert run("verify", "a.txt", "--max-status-age", "1h").exit == 0


def test_a_status_age_that_is_no_length_is_usage(run: Run) -> None:
    ran = run("verify", "a.txt", "--max-status-age", "0s")
    assert (ran.exit, "expected a length" in ran.why) == (2, True)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2020-01-01", "before the signature"),
        ("2020-01-01T00:00:00Z", "before the signature"),
        ("2999-01-01", "later than now"),
        ("yesterday", "expected a day like"),
        ("2026-13-01", "expected a day like"),
    ],
)
def test_a_moment_that_cannot_be_judged_is_usage(run: Run, at: str, words: str) -> None:
    ran = run("verify", "a.txt", "--at", at)
    assert (ran.exit, ran.out) == (2, "")
    assert words in ran.why


def test_a_reserved_option_is_refused_with_the_reason(run: Run) -> None:
    ran = run("verify", "a.txt", "--policy", "p.json")
    assert (ran.exit, "reserved" in ran.why) == (2, True)


def test_the_disclosure_is_said_in_sentences_the_statement_first(
    run: Run, signed: Signed, root: Path
) -> None:
    disclosure = read_disclosure(str(root / "examples" / "disclosure.json"))
    item = signed.person.sign({"d.txt": b"d"}, disclosure=disclosure)
    Path("d.txt").write_bytes(b"d")
    Path("d.txt.touchplate.json").write_bytes(signed.world.registry.dossier(item.id))
    for ran in (run("verify", "d.txt"), run("show", "d.txt.touchplate.json")):
        said = [line for line in ran.out.splitlines() if line.startswith("  maker")]
        assert said[0] == f"  maker     {disclosure.statement}"
        assert any("Google Gemini performed" in line for line in said[1:])
    Path("d.txt").write_bytes(b"changed")
    assert run("verify", "d.txt").exit == 1


def test_two_registries_ask_for_the_host(run: Run, tmp_path: Path) -> None:
    second = World(tmp_path / "second", "http://localhost:9000")
    try:
        Path("../second.json").write_bytes(second.registry.trust_file(None))
        assert run("trust", "add", "../second.json").exit == 0
    finally:
        second.close()
    ran = run("verify", "a.txt", "--signer", "@ana")
    assert ran.exit == 2
    assert "@ana@localhost:8123 or @ana@localhost:9000" in ran.why
    assert run("verify", "a.txt", "--signer", "@ana@localhost:8123").exit == 0
    assert run("verify", "a.txt", "--signer", "@ana@localhost:9000").exit == 4
