"""One registry, served on loopback, for every stock client."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.case import Case, make_case

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """A file that Ana signed, and what a stranger needs to check it."""
    made = make_case(tmp_path_factory.mktemp("interop"))
    yield made
    made.world.close()


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give clients an empty home, and no answer when they ask another machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "400")  # some wrap their messages
    for name in PROXIES:
        monkeypatch.setenv(name, NOBODY)
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
