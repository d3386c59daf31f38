"""A registry on loopback and a real Chromium, which makes and keeps the keys."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from world import PASSPHRASE

from trust.commands.server import listen, running
from trust.service.registry import Registry
from trust.service.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = (
    *("--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-proxy-server"),
)
PATIENCE = 20_000  # milliseconds
# What Chromium says of answers that a test wants, and of passkeys that are of P-256 alone.
EXPECTED = ("Failed to load resource", "publicKey.pubKeyCredParams is missing")


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Serve a registry."""
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(
        data=tmp_path_factory.mktemp("served") / "registry",
        public_url=f"http://localhost:{port}",
        host="127.0.0.1",
        port=port,
        disk_floor=0,
    )
    with running(settings, PASSPHRASE, listener) as server:
        yield server.registry


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """Start the system's Chromium; skip with the reason where there is none."""
    program = shutil.which("chromium")
    if program is None or find_spec("playwright") is None:
        why = "no Chromium, or no Playwright: apt-get install chromium, then make browser"
        (pytest.fail if "TOUCHPLATE_REQUIRE_BROWSER" in os.environ else pytest.skip)(why)
        raise AssertionError(why)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=False, args=list(FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: "Browser") -> "Iterator[BrowserContext]":
    """Someone's own browser, empty at first."""
    with chromium.new_context(accept_downloads=True) as made:
        made.set_default_timeout(PATIENCE)
        yield made


@pytest.fixture
def page(context: "BrowserContext", tmp_path: Path) -> "Iterator[Page]":
    """A page of it; nothing may be refused by the policy, or fail, without a word."""
    said: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    yield page
    page.screenshot(path=str(tmp_path / "last.png"), full_page=True)
    assert [text for text in said if not text.startswith(EXPECTED)] == []
