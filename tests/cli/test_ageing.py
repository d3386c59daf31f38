"""What a home meets after months and years: trust files step by step, certificates that end."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ageing import DAY, Ageing, answering
from commandline import Ran, Run
from world import PASSPHRASE, World

from trust.core.people.did import scid_of
from trust.core.registry.dossier import parse_dossier
from trust.core.signing.identity import statement_id
from trust.core.signing.statement import parse_statement
from trust.core.wording.dates import day
from trust.core.x509.certificate import parse_certificate
from trust_cli.home import Home

SIGNING = {"join", "sign", "push", "withdraw"}

pytestmark = pytest.mark.loopback


@pytest.fixture
def ageing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ageing]:
    """A registry of the test's own that is served, and whose clock is the command's too."""
    made = Ageing(tmp_path / "registry")
    monkeypatch.setattr(time, "time", made.clock)
    (tmp_path / "passphrase").write_bytes(PASSPHRASE + b"\n")
    with made.served():
        yield made


def pinned_version(tmp_path: Path) -> int:
    (pinned,) = Home(str(tmp_path / "home")).pinned()
    return pinned.trust.version


def test_a_home_steps_up_from_version_1_to_3(run: Run, ageing: Ageing, tmp_path: Path) -> None:
    code = ageing.registry.trust.code
    assert run("trust", "add", ageing.url, "--key", code).exit == 0
    assert pinned_version(tmp_path) == 1
    for days in (200, 400):
        ageing.travel(days)
    assert ageing.registry.trust.version == 3
    added = run("trust", "add", ageing.url)
    assert added.exit == 0, added.err
    assert " version 3, good until " in added.out
    assert added.out.rstrip().endswith(f"root key {code}, compared")
    assert pinned_version(tmp_path) == 3
    assert run("trust", "add", ageing.url).exit == 0  # and nothing changes


def test_a_first_pin_takes_the_newest(run: Run, ageing: Ageing, tmp_path: Path) -> None:
    ageing.travel(200)
    assert run("trust", "add", ageing.url, "--key", ageing.registry.trust.code).exit == 0
    assert pinned_version(tmp_path) == 2


class Versions:
    """Versions 1 to 3 of a registry's trust file, and those of one that claims its URL."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.true = self._make(folder / "true")
        self.foreign = self._make(folder / "foreign")

    def _make(self, folder: Path) -> list[bytes]:
        world = World(folder, self.url)
        files = [world.registry.trust_file(None)]
        for days in (200, 400):
            world.offset = days * DAY
            world.registry._upkeep.tick()
            files.append(world.registry.trust_file(None))
        world.close()
        return files


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    ageing = Ageing(tmp_path_factory.mktemp("unused"))
    ageing.listener.close()  # a free port, for the URL that stands in the files
    return Versions(tmp_path_factory.mktemp("versions"), ageing.url)


def ask(run: Run, versions: Versions, answers: dict[str, bytes]) -> Ran:
    """Bring the pin up to date from a registry with these answers."""
    with answering(int(versions.url.rpartition(":")[2]), answers):
        return run("trust", "add", versions.url)


def pin(run: Run, versions: Versions, *numbers: int) -> None:
    for number in numbers:
        Path("trust.json").write_bytes(versions.true[number - 1])
        added = run("trust", "add", "trust.json")
        assert added.exit == 0, added.err


@pytest.mark.parametrize(
    ("newest", "second", "exit_status", "why"),
    [
        ("true 3", "true 3", 8, "the versions between are missing"),  # a gap
        ("true 3", None, 75, "answered 404"),  # a version that is gone
        ("true 3", "foreign 2", 1, "0 of 1 root signatures"),  # by another key
        ("true 3", "true 1", 8, ""),  # standing still
        ("foreign 2", None, 1, "0 of 1 root signatures"),
        ("foreign 1", None, 8, "another trust file"),  # a twin of what is pinned
    ],
)
def test_steps_that_do_not_hold_are_refused_and_the_pin_stays(
    run: Run,
    versions: Versions,
    tmp_path: Path,
    newest: str,
    second: str | None,
    exit_status: int,
    why: str,
) -> None:
    def document(name: str) -> bytes:
        kind, number = name.split()
        files: list[bytes] = getattr(versions, kind)
        return files[int(number) - 1]

    pin(run, versions, 1)
    answers = {"/v1/trust": document(newest)}
    if second is not None:
        answers["/v1/trust/2"] = document(second)
    answer = ask(run, versions, answers)
    assert (answer.exit, why in answer.why) == (exit_status, True), answer.err
    assert pinned_version(tmp_path) == 1


@pytest.mark.parametrize("older", [1, 2])
def test_an_older_version_is_never_taken(
    run: Run, versions: Versions, tmp_path: Path, older: int
) -> None:
    pin(run, versions, 1, 2, 3)
    answer = ask(run, versions, {"/v1/trust": versions.true[older - 1]})
    assert (answer.exit, "an older version is never taken" in answer.why) == (8, True), answer.err
    Path("older.json").write_bytes(versions.true[older - 1])
    assert run("trust", "add", "older.json").exit == 8
    assert pinned_version(tmp_path) == 3


def test_a_file_that_leaves_out_a_version_says_how_to_get_it(
    run: Run, versions: Versions, tmp_path: Path
) -> None:
    pin(run, versions, 1)
    Path("third.json").write_bytes(versions.true[2])
    answer = run("trust", "add", "third.json")
    assert (answer.exit, f"touchplate trust add {versions.url}" in answer.why) == (8, True)
    assert pinned_version(tmp_path) == 1


@pytest.fixture
def ana(run: Run, ageing: Ageing, tmp_path: Path) -> Run:
    """Ana has joined; her commands have her passphrase."""
    secret = ("--passphrase-file", tmp_path / "passphrase")

    def command(*arguments: str | Path) -> Ran:
        return run(*arguments, *(secret if arguments[0] in SIGNING else ()))

    code = ageing.registry.trust.code
    joined = command("join", "--registry", ageing.url, "--handle", "ana", "--key", code)
    assert joined.exit == 0, joined.err
    return command


def sign(ana: Run, name: str, *options: str) -> Ran:
    Path(name).write_text(f"the work {name}")
    signed = ana("sign", name, *options)
    assert signed.exit == 0, signed.err
    return signed


def certificate_of(home: Path) -> Path:
    (pinned,) = Home(str(home)).pinned()
    return Path(pinned.folder.place("certificate.der"))


def end(certificate: bytes) -> int:
    return parse_certificate(certificate).not_after


def used(name: str) -> bytes:
    """The certificate that a file was signed with, from its dossier."""
    return parse_dossier(Path(f"{name}.touchplate.json").read_bytes()).bundle.certificate


AT = pytest.mark.parametrize(
    ("days", "words"),
    [(340, "would have ended on"), (366, "ended on"), (1200, "ended on")],
    ids=["about to end", "just ended", "ended years ago"],
)


@AT
def test_a_certificate_that_ends_is_renewed_by_the_next_signature(
    ana: Run, ageing: Ageing, tmp_path: Path, days: int, words: str
) -> None:
    kept = certificate_of(tmp_path / "home")
    first = kept.read_bytes()
    assert "renewed" not in sign(ana, "a.txt").err
    ageing.travel(days)
    second = sign(ana, "b.txt").err
    assert f"renewed   your certificate, which {words} {day(end(first))}" in second
    renewed = kept.read_bytes()
    assert end(renewed) > ageing.clock() + 360 * DAY
    assert (used("a.txt"), used("b.txt")) == (first, renewed)
    assert parse_certificate(renewed).point == parse_certificate(first).point  # the same key
    assert ana("verify", "b.txt", "--signer", "@ana").exit == 0
    assert ana("verify", "a.txt", "--signer", "@ana", "--online").exit == 0  # still stands
    assert "renewed" not in sign(ana, "c.txt").err
    assert f"good until {day(end(renewed))}" in ana("status").out


@AT
def test_what_waited_offline_is_delivered_with_a_renewed_certificate(
    ana: Run, ageing: Ageing, tmp_path: Path, days: int, words: str
) -> None:
    first = certificate_of(tmp_path / "home").read_bytes()
    sign(ana, "a.txt", "--offline")
    ageing.travel(days)
    pushed = ana("push")
    assert pushed.exit == 0, pushed.err
    assert f"your certificate, which {words} {day(end(first))}" in pushed.err
    assert used("a.txt") == certificate_of(tmp_path / "home").read_bytes() != first
    assert ana("verify", "a.txt", "--signer", "@ana").exit == 0


@AT
def test_a_withdrawal_renews_first(ana: Run, ageing: Ageing, days: int, words: str) -> None:
    sign(ana, "a.txt")
    ageing.travel(days)
    gone = ana("withdraw", id_of("a.txt"))
    assert gone.exit == 0, gone.err
    assert f"your certificate, which {words} " in gone.err
    assert ana("verify", "a.txt").exit == 5


def id_of(name: str) -> str:
    dossier = parse_dossier(Path(f"{name}.touchplate.json").read_bytes())
    statement = parse_statement(dossier.bundle.envelope.payload)
    return statement_id(statement.registry.origin, scid_of(statement.signer.id), statement.salt)


@AT
def test_a_renewal_whose_answer_was_lost_is_in_nobodys_way(
    ana: Run, ageing: Ageing, tmp_path: Path, days: int, words: str
) -> None:
    kept = certificate_of(tmp_path / "home")
    first = kept.read_bytes()
    ageing.travel(days)
    assert words in sign(ana, "a.txt").err
    renewed = kept.read_bytes()
    kept.write_bytes(first)  # as if the answer had never come
    again = sign(ana, "b.txt")
    assert "renewed" not in again.err
    assert (used("b.txt"), kept.read_bytes()) == (renewed, renewed)


def test_what_is_too_much_for_a_day_is_kept_and_says_when(ana: Run, ageing: Ageing) -> None:
    for name in ("a.txt", "b.txt"):
        sign(ana, name)
    object.__setattr__(ageing.registry.settings, "withdrawals_per_day", 1)
    assert ana("withdraw", id_of("a.txt")).exit == 0
    late = ana("withdraw", id_of("b.txt"))
    assert (late.exit, late.why.startswith("TRY LATER  in ")) == (8, True), late.err
    assert "may log 1 statements of type 'withdrawal' in 24 hours" in late.why
    assert "is signed and kept: touchplate push delivers it" in late.why
    assert ana("push").exit == 8
    assert " for touchplate push" in ana("status").out
    object.__setattr__(ageing.registry.settings, "withdrawals_per_day", 2)
    assert ana("push").exit == 0
    assert ana("verify", "b.txt").exit == 5


def test_a_clock_that_is_ahead_does_not_make_a_did_of_the_future(
    run: Run, ageing: Ageing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: ageing.clock() + 30)  # the machine's, not the host's
    joined = run(
        *("join", "--registry", ageing.url, "--handle", "ana"),
        *("--key", ageing.registry.trust.code, "--passphrase-file", tmp_path / "passphrase"),
    )
    assert joined.exit == 0, joined.err


def test_a_certificate_file_that_was_lost_comes_back_with_the_next_signature(
    ana: Run, tmp_path: Path, ageing: Ageing
) -> None:
    kept = certificate_of(tmp_path / "home")
    first = kept.read_bytes()
    kept.unlink()
    sign(ana, "a.txt")
    assert kept.read_bytes() == first == used("a.txt")
    assert ageing.registry.person("@ana")["attestations"] == 1


def test_a_dossier_of_version_1_verifies_after_its_trust_file_has_ended(
    ana: Run, run: Run, ageing: Ageing, tmp_path: Path
) -> None:
    sign(ana, "a.txt")
    ageing.travel(370)
    late = run("verify", "a.txt", "--signer", "@ana")
    assert (late.exit, "trust file" in late.out) == (6, True), late.out + late.err
    online = run("verify", "a.txt", "--signer", "@ana", "--online")
    assert online.exit == 0, online.out + online.err
    assert pinned_version(tmp_path) == 2
    assert run("verify", "a.txt", "--signer", "@ana").exit == 0  # both were kept
