"""The public URL is fixed for ever, so a bad one is refused before anything is made."""

from pathlib import Path

import pytest

from trust.core.errors import Malformed
from trust.service.settings import Settings


def settings(public_url: str, *proxies: str) -> Settings:
    return Settings(data=Path("unused"), public_url=public_url, trusted_proxies=proxies)


@pytest.mark.parametrize(
    ("url", "hostname", "suffix", "local"),
    [
        ("http://localhost:8080", "localhost", ":8080", True),
        ("http://127.0.0.1:80", "127.0.0.1", ":80", True),
        ("http://192.168.1.20", "192.168.1.20", "", True),
        ("http://[::1]", "[::1]", "", True),
        ("http://[::1]:8080", "[::1]", ":8080", True),
        ("http://abcd.localhost:1", "abcd.localhost", ":1", False),
        ("https://registry.example", "registry.example", "", False),
        ("https://registry.example:444", "registry.example", ":444", False),
    ],
)
def test_the_parts_of_a_url(url: str, hostname: str, suffix: str, *, local: bool) -> None:
    made = settings(url)
    assert (made.hostname, made.port_suffix, made.is_local) == (hostname, suffix, local)
    assert f"{made.scheme}://{made.netloc}" == url


@pytest.mark.parametrize(
    "url",
    [
        "http://registry.example",
        "http://8.8.8.8",
        "https://Registry.example",
        "HTTPS://registry.example",
        "https://registry.example/",
        "https://registry.example/path",
        "https://registry.example?query",
        "https://registry.example#part",
        "https://user@registry.example",
        "https://registry.example:",
        "https://registry.example:port",
        "https://registry.example:99999",
        "https://registry.example:0443",
        "https://",
        "https://[::1",
        "registry.example",
        "ftp://registry.example",
        "",
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(Malformed):
        settings(url)


def test_a_proxy_is_an_address_or_a_network() -> None:
    proxies = ("10.0.0.2", "fd00::2", "10.1.0.0/29")
    assert settings("https://registry.example", *proxies).trusted_proxies == proxies


@pytest.mark.parametrize(
    "proxy", ["*", "", "proxy", "10.0.0.2:80", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.2, ::1"]
)
def test_any_other_proxy_is_refused(proxy: str) -> None:
    with pytest.raises(Malformed):
        settings("https://registry.example", "10.0.0.2", proxy)
