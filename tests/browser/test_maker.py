"""People who join and sign on a page, with a key that their browser makes and keeps."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trust.core.people.did import next_key_hash, parse_log
from trust.core.people.keycode import parse_recovery
from trust.custody.signers import Ed25519Signer
from trust.service.registry import Registry

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.loopback

TOUCHPLATE = str(Path(sys.executable).parent / "touchplate")
# Every key that the browser keeps: can it be read out, and by which way?
READ_OUT = """async () => {
  const { load } = await import('/static/store.js');
  const found = [];
  for (const [name, pair] of Object.entries((await load()).keys)) {
    for (const format of ['pkcs8', 'jwk', 'raw']) {
      const got = await crypto.subtle.exportKey(format, pair.privateKey).catch(() => null);
      if (pair.privateKey.extractable || got !== null) found.push(`${name} ${format}`);
    }
  }
  return found;
}"""


def join(page: "Page", registry: Registry, handle: str, name: str = "") -> str:
    """Join; return the recovery key that was shown."""
    page.goto(f"{registry.settings.public_url}/join")
    page.fill("#handle", handle)
    page.fill("#name", name)
    page.click("#ask-form button")
    page.wait_for_selector("#recovery-key:visible")
    recovery = str(page.inner_text("#recovery-key"))
    assert page.is_disabled("#go-on")
    page.check("#written")
    page.click("#go-on")
    page.wait_for_selector("#handle-shown:visible")
    assert page.inner_text("#handle-shown") == f"@{handle}"
    return recovery


def sign(page: "Page", registry: Registry, *files: Path, title: str = "") -> str:
    """Sign files on the page; return the id."""
    page.goto(f"{registry.settings.public_url}/sign")
    page.set_input_files("#files", [str(file) for file in files])
    page.fill("#title", title)
    page.click("#ask-form button")
    page.wait_for_selector("#page-link:visible")
    return str(page.inner_text("#page-link")).rpartition("/")[2]


def test_a_person_joins_signs_and_a_customer_verifies(
    page: "Page", registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery = join(page, registry, "berta", "Berta Rojas ✏")
    file = tmp_path / "plate.svg"
    file.write_bytes(b"<svg/>" * 1000)
    sign(page, registry, file, title="Ein Teller")
    with page.expect_download() as download:
        page.click("#dossier-link")
    assert download.value.suggested_filename == "plate.svg.touchplate.json"
    download.value.save_as(tmp_path / "plate.svg.touchplate.json")

    monkeypatch.setenv("TOUCHPLATE_HOME", str(tmp_path / "customer"))
    url, code = registry.settings.public_url, registry.trust.code
    subprocess.run([TOUCHPLATE, "trust", "add", url, "--key", code], check=True)
    check = page.inner_text("#check").split()
    assert check == ["touchplate", "verify", "plate.svg", "--signer", "@berta"]
    done = subprocess.run(
        [TOUCHPLATE, *check[1:], "--json"], cwd=tmp_path, capture_output=True, check=True
    )
    verdict = json.loads(done.stdout)
    assert verdict["verdict"] == "valid"

    page.click("#page-link")
    assert "@berta" in page.inner_text("h1")
    person = registry.person("@berta")
    (entry,) = parse_log(registry.did_log(str(person["scid"]))).entries
    announced = next_key_hash(Ed25519Signer(parse_recovery(recovery)).public_key)
    assert announced == entry.next_key_hashes[1]


def test_no_key_can_be_read_out_of_the_browser(page: "Page", registry: Registry) -> None:
    recovery = join(page, registry, "carla")
    assert page.evaluate(READ_OUT) == []
    kept = page.evaluate(
        "async () => JSON.stringify(await (await import('/static/store.js')).load())"
    )
    assert recovery.replace("-", "").lower() not in kept
    page.reload()
    page.wait_for_selector("#handle-shown:visible")
    assert recovery not in page.content()


def test_every_signature_of_the_browser_has_a_low_s(
    page: "Page", registry: Registry, tmp_path: Path
) -> None:
    join(page, registry, "dagny")
    file = tmp_path / "a.txt"
    for number in range(8):  # half of what WebCrypto gives has a high one, which is refused
        file.write_bytes(b"%d" % number)
        assert registry.attestation(sign(page, registry, file))["id"]


def test_a_handle_that_is_taken_is_asked_for_again_and_nothing_is_lost(
    page: "Page", chromium: "Browser", registry: Registry
) -> None:
    registry_url = registry.settings.public_url
    join(page, registry, "edda")
    with chromium.new_context() as other:
        second = other.new_page()
        second.goto(f"{registry_url}/join")
        second.fill("#handle", "edda")
        second.click("#ask-form button")
        second.wait_for_selector("#recovery-key:visible")
        second.check("#written")
        second.click("#go-on")
        second.wait_for_selector("#fault:visible")
        assert "@edda is taken" in second.inner_text("#fault-text")
        second.fill("#handle", "edda-two")
        second.click("#ask-form button")
        second.wait_for_selector("#handle-shown:visible")
        assert second.inner_text("#handle-shown") == "@edda-two"


def test_several_files_under_a_hostile_name_are_one_statement(
    page: "Page", registry: Registry, tmp_path: Path
) -> None:
    join(page, registry, "frida")
    files = [tmp_path / "a.txt", tmp_path / "it's <b>bold<b>; rm -rf.txt"]
    for number, file in enumerate(files):
        file.write_bytes(b"%d" % number)
    signed = sign(page, registry, *files)
    assert len(registry.bundle(signed).envelope.payload) > 0
    single = sign(page, registry, files[1])
    assert page.inner_text("#check").startswith(
        "touchplate verify 'it'\\''s <b>bold<b>; rm -rf.txt'"
    )
    page.goto(f"{registry.settings.public_url}/v/{single}")
    assert "<b>bold<b>" in page.inner_text("main")


def test_a_browser_that_nobody_joined_from_is_led_to_do_so(
    page: "Page", registry: Registry
) -> None:
    page.goto(f"{registry.settings.public_url}/sign")
    page.wait_for_selector("text=Join first")


def test_a_registry_that_is_down_is_said_and_the_same_again_goes_on(
    page: "Page", registry: Registry, tmp_path: Path
) -> None:
    join(page, registry, "greta")
    page.goto(f"{registry.settings.public_url}/sign")
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    page.set_input_files("#files", str(file))
    page.context.set_offline(True)
    page.click("#ask-form button")
    page.wait_for_selector("#fault:visible")
    assert "does not answer" in page.inner_text("#fault-text")
    page.context.set_offline(False)
    page.click("#ask-form button")
    page.wait_for_selector("#page-link:visible")


def test_an_answer_that_is_lost_does_not_make_two_statements_of_one(
    page: "Page", registry: Registry, tmp_path: Path
) -> None:
    join(page, registry, "hanna")
    page.goto(f"{registry.settings.public_url}/sign")
    file = tmp_path / "a.txt"
    file.write_bytes(b"once")
    page.set_input_files("#files", str(file))

    def lose(route: Any) -> None:
        if route.request.method == "POST":
            route.fetch()  # it arrives, and nobody hears of it
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/statements", lose)
    page.click("#ask-form button")
    page.wait_for_selector("#fault:visible")
    page.unroute("**/v1/statements")
    page.click("#ask-form button")
    page.wait_for_selector("#page-link:visible")
    digest = hashlib.sha256(b"once").digest()
    assert len(registry.attestations(digest)) == 1


def authenticator(page: "Page", *, verified: bool = True) -> Any:
    """Give the browser an authenticator of its own, as a phone or laptop has one."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def set_verified(value: bool) -> None:  # noqa: FBT001
        arguments = {"authenticatorId": made["authenticatorId"], "isUserVerified": value}
        session.send("WebAuthn.setUserVerified", arguments)

    return set_verified


def test_a_passkey_shows_that_somebody_was_there(
    page: "Page", registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticator(page)
    join(page, registry, "ingrid")
    page.goto(f"{registry.settings.public_url}/sign")
    page.click("#add-passkey")
    page.wait_for_selector("#present:visible")
    file = tmp_path / "b.txt"
    file.write_bytes(b"I was there")
    sign(page, registry, file)
    with page.expect_download() as download:
        page.click("#dossier-link")
    download.value.save_as(tmp_path / "b.txt.touchplate.json")
    monkeypatch.setenv("TOUCHPLATE_HOME", str(tmp_path / "customer"))
    url, code = registry.settings.public_url, registry.trust.code
    subprocess.run([TOUCHPLATE, "trust", "add", url, "--key", code], check=True)
    done = subprocess.run(
        [TOUCHPLATE, "verify", "b.txt", "--signer", "@ingrid"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "passkey" in done.stdout
    page.click("#page-link")
    assert "passkey" in page.inner_text("h1")


def test_who_is_not_verified_shows_nothing_and_signs_nothing(
    page: "Page", registry: Registry, tmp_path: Path
) -> None:
    set_verified = authenticator(page)
    join(page, registry, "jorun")
    page.goto(f"{registry.settings.public_url}/sign")
    page.click("#add-passkey")
    page.wait_for_selector("#present:visible")
    set_verified(False)
    file = tmp_path / "c.txt"
    file.write_bytes(b"nobody was there")
    page.set_input_files("#files", str(file))
    page.click("#ask-form button")
    page.wait_for_selector("#fault:visible")
    assert registry.attestations(hashlib.sha256(b"nobody was there").digest()) == []
