"""URLs of witnesses: what a policy and a command line may say."""

import pytest

from trust.core.errors import Malformed
from trust.transport.url import url_prefix


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("http://localhost:7380", ""),
        ("http://localhost:7380/", ""),
        ("https://guild.example/witness", "/witness"),
        ("https://guild.example/a/b/", "/a/b"),
        ("http://[::1]:7380", ""),
    ],
)
def test_a_url_gives_the_path_to_which_others_are_added(url: str, prefix: str) -> None:
    assert url_prefix(url, "test").path == prefix


@pytest.mark.parametrize(
    "url",
    [
        "",
        "guild.example",
        "ftp://guild.example",
        "https://",
        "https:///witness",
        "HTTPS://guild.example",
        "https://guild.example/ü",
        "https://gíld.example",
        "https://guild.example/\r\nX: y",
        "https://guild.example/?",
        "https://guild.example/?a=b",
        "https://guild.example/#",
        "https://ana@guild.example",
        "https://guild.example/a b",
        "https://guild.example/{digest}",
        "https://guild.example/%20",
        "https://guild.example:x",
        "https://guild.example:99999",
        "https://guild.example\n",
        "https://[guild.example",
    ],
)
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(Malformed, match="^public URL: "):
        url_prefix(url, "public URL")
