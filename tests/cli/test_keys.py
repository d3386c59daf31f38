"""A second device, new keys, a lost device and a freeze, as a person types them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commandline import Ran, Run
from world import PASSPHRASE

from trust.client.http import Client
from trust.commands.server import Running, listen, running
from trust.core.errors import Unavailable
from trust.service.settings import Settings

pytestmark = pytest.mark.loopback

As = Callable[..., Ran]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(tmp_path / "registry", f"http://localhost:{port}", port=port, disk_floor=0)
    with running(settings, PASSPHRASE, listener) as server:
        yield server


@pytest.fixture
def on(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> As:
    """Run a command on a device of Ana's: `on("laptop", "key", "list")`."""
    secret = tmp_path / "passphrase"
    secret.write_bytes(PASSPHRASE)
    keyless = {"verify", "show", "status"}

    def command(device: str, *words: str) -> Ran:
        monkeypatch.setenv("TOUCHPLATE_HOME", str(tmp_path / device))
        plain = words[0] in keyless or words[:2] == ("key", "list")
        return run(*words, *(() if plain else ("--passphrase-file", str(secret))))

    return command


@pytest.fixture
def url(server: Running, on: As) -> str:
    """Return the registry that Ana joined from her laptop."""
    url = server.registry.settings.public_url
    joined = on("laptop", "join", "--registry", url, "--handle", "ana")
    assert joined.exit == 0, joined.err
    return url


def add_phone(on: As, url: str) -> None:
    begin = ("key", "add", "--registry", url, "--handle", "ana")
    asked = on("phone", *begin)
    assert asked.exit == 0, asked.err
    code = asked.out.strip()
    assert f"touchplate key add {code}" in asked.err
    assert on("phone", *begin).out.strip() == code  # asked twice: the same code
    added = on("laptop", "key", "add", code)
    assert added.exit == 0, added.err
    became = on("phone", *begin)
    assert became.exit == 0, became.err
    assert became.out.startswith("did:webvh:")
    [name] = [line.split()[1] for line in became.err.splitlines() if line.startswith("  key ")]
    assert added.out.strip() == name


def listed(on: As, device: str) -> list[dict[str, object]]:
    shown = on(device, "key", "list", "--json")
    assert shown.exit == 0, shown.err
    found: list[dict[str, object]] = json.loads(shown.out)["keys"]
    return found


def sign(on: As, device: str, name: str = "work.txt") -> Ran:
    Path(name).write_text(name)
    return on(device, "sign", name)


def test_a_second_device_signs_for_the_same_person(on: As, url: str) -> None:
    add_phone(on, url)
    signed = sign(on, "phone")
    assert signed.exit == 0, signed.err
    checked = on("phone", "verify", "work.txt", "--signer", "@ana")
    assert checked.last.startswith("VALID  @ana")
    assert sign(on, "laptop", "other.txt").exit == 0
    keys = listed(on, "laptop")
    assert [item["inUse"] for item in keys] == [True, True]
    assert [item["thisDevice"] for item in keys] == [True, False]
    assert [item["thisDevice"] for item in listed(on, "phone")] == [False, True]


@pytest.mark.usefixtures("url")
def test_after_a_rotation_the_new_key_signs_and_old_work_stands(on: As) -> None:
    assert sign(on, "laptop").exit == 0
    rotated = on("laptop", "key", "rotate")
    assert rotated.exit == 0, rotated.err
    assert sign(on, "laptop", "new.txt").exit == 0
    assert on("laptop", "verify", "new.txt").last.startswith("VALID  ")
    old = on("laptop", "verify", "work.txt", "--online")
    assert old.exit == 0
    assert old.last.startswith("VALID BEFORE REVOCATION  @ana")
    assert "this signature is older and stands" in old.last
    assert [item["inUse"] for item in listed(on, "laptop")] == [False, True]
    assert on("laptop", "key", "rotate").exit == 0  # and again


def test_a_lost_phone_signs_nothing_any_more(on: As, url: str) -> None:
    add_phone(on, url)
    assert sign(on, "phone").exit == 0
    [name] = [str(item["key"]) for item in listed(on, "laptop") if not item["thisDevice"]]
    lost = on("laptop", "key", "lost", name[:4])
    assert lost.exit == 0, lost.err
    refused = sign(on, "phone", "late.txt")
    assert (refused.exit, "this key was reported as lost" in refused.why) == (7, True)
    assert on("phone", "key", "rotate").exit == 2  # it is in the newest version no more
    assert on("laptop", "verify", "work.txt", "--online").last.startswith("VALID BEFORE REV")
    later = on("laptop", "key", "revoke", name, "--reason", "compromised", "--since", "2020-01-01")
    assert (later.exit, "more than 30 days ago" in later.why) == (7, True)


def test_a_stolen_phone_is_frozen_out_before_it_is_revoked(on: As, url: str) -> None:
    add_phone(on, url)
    assert sign(on, "phone").exit == 0
    frozen = on("laptop", "freeze")
    assert frozen.exit == 0, frozen.err
    assert on("laptop", "verify", "work.txt", "--online").last.startswith("FROZEN  @ana at ")
    assert on("phone", "unfreeze").exit == 7
    assert sign(on, "phone", "stolen.txt").exit == 7
    [name] = [str(item["key"]) for item in listed(on, "laptop") if not item["thisDevice"]]
    revoked = on("laptop", "key", "revoke", name, "--reason", "lost")
    assert revoked.exit == 0, revoked.err
    assert on("laptop", "unfreeze").exit == 0
    lifted = on("laptop", "verify", "work.txt", "--online")
    assert lifted.last.startswith("VALID BEFORE REVOCATION  @ana at ")
    assert sign(on, "laptop", "after.txt").exit == 0
    assert on("laptop", "freeze").exit == 0
    twice = on("laptop", "freeze")
    assert (twice.exit, "you are frozen since" in twice.why) == (8, True)


@pytest.mark.usefixtures("url")
def test_a_change_whose_answer_was_lost_is_finished_by_the_next_command(
    on: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Client.ask

    def deaf(self: Client, call: object) -> object:
        answer: object = ask(self, call)  # type: ignore[arg-type]
        if b'"didLog"' in (call.request.body or b""):  # type: ignore[attr-defined]
            raise Unavailable("the line went dead")
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Client, "ask", deaf)
        assert on("laptop", "key", "rotate").exit == 75
    went_on = on("laptop", "key", "rotate")
    assert went_on.exit == 0, went_on.err
    assert "going on" in went_on.err
    assert [item["inUse"] for item in listed(on, "laptop")] == [False, False, True]
    assert sign(on, "laptop").exit == 0


def test_two_devices_that_rotate_at_once_lose_nothing(
    on: As, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone acts between the laptop's look and its change."""
    add_phone(on, url)
    ask = Client.ask
    raced: list[bool] = []

    def slow(self: Client, call: object) -> object:
        if b'"didLog"' in (call.request.body or b"") and not raced:  # type: ignore[attr-defined]
            raced.append(True)
            assert on("phone", "key", "rotate").exit == 0
        return ask(self, call)  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "ask", slow)
    late = on("laptop", "key", "rotate")
    assert (late.exit, "another device changed it meanwhile" in late.why) == (8, True)
    again = on("laptop", "key", "rotate")
    assert again.exit == 0, again.err
    for device in ("laptop", "phone"):
        assert sign(on, device, f"{device}.txt").exit == 0


@pytest.mark.parametrize(
    ("words", "exit_status", "why"),
    [
        (("key", "add", "touchplate1.x"), 2, "is no code of a device"),
        (("key", "add"), 2, "expected CODE"),
        (("key", "lost", "zz"), 2, "expected 4 to 12 digits"),
        (("key", "lost", "ZZZZ"), 3, "you have no key ZZZZ"),
        (("key", "revoke", "ZZZZ", "--reason", "compromised"), 2, "expected since when"),
        (
            ("key", "revoke", "ZZZZ", "--reason", "lost", "--since", "2026-01-01"),
            2,
            "not for 'lost'",
        ),
        (("key", "rotate", "--reason", "compromised", "--since", "soon"), 2, "expected a day like"),
        (("unfreeze",), 8, "you are not frozen"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    on: As, url: str, words: tuple[str, ...], exit_status: int, why: str
) -> None:
    assert url
    refused = on("laptop", *words)
    assert (refused.exit, why in refused.why) == (exit_status, True), refused.err


def test_the_key_of_this_device_is_replaced_and_not_revoked(on: As, url: str) -> None:
    assert url
    [own] = listed(on, "laptop")
    refused = on("laptop", "key", "revoke", str(own["key"]), "--reason", "lost")
    assert (refused.exit, "touchplate key rotate --reason lost" in refused.why) == (2, True)
