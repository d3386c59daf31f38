"""Which names a delegation reaches."""

import pytest

from trust.core.errors import Malformed
from trust.core.people.pattern import (
    check_media_type,
    check_pattern,
    is_of_type,
    matches,
    media_type_of,
)


@pytest.mark.parametrize(
    ("pattern", "names", "others"),
    [
        ("report.txt", ["report.txt"], ["report.txt.exe", "a/report.txt", "Report.txt", "report"]),
        ("*.md", ["a.md", ".md"], ["a.md.exe", "posts/a.md", "amd"]),
        ("posts/*.md", ["posts/a.md"], ["posts/old/a.md", "a.md", "posts/a.txt", "posts/md"]),
        ("posts/**", ["posts/a", "posts/old/a.md", "posts"], ["post/a", "a/posts/b"]),
        ("**", ["a", "a/b/c"], []),
        ("**/draft.md", ["draft.md", "a/draft.md", "a/b/draft.md"], ["a/draft.md/b", "xdraft.md"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["a/z/b", "b/z"]),
        ("a*b*c", ["abc", "a-b-c", "abbc"], ["acb", "ab", "abcd", "a/b/c"]),
        ("ab*ba", ["abba", "abxba"], ["aba"]),
        ("*a*a*", ["aa", "xaya"], ["a"]),
    ],
)
def test_what_a_pattern_reaches(pattern: str, names: list[str], others: list[str]) -> None:
    assert check_pattern(pattern, "here") == pattern
    assert [name for name in names if not matches(pattern, name)] == []
    assert [name for name in others if matches(pattern, name)] == []


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    """A matcher that tries every way through `*a*a*a..` would not come back in a lifetime."""
    assert not matches("*a" * 90 + "b", "a" * 1000)
    assert not matches("**/" * 60 + "b", "/".join("a" * 300))


@pytest.mark.parametrize(
    "pattern",
    ["", "/etc/passwd", "a/../b", "./a", "a//b", "a/", "a**", "**.md", "a b", "ä.md", "x" * 201, "a\\b"],
)  # fmt: skip
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(Malformed, match="here"):
        check_pattern(pattern, "here")


def test_the_type_of_a_name_is_that_of_its_last_suffix() -> None:
    assert media_type_of("a/b.TXT") == "text/plain"
    assert [media_type_of(name) for name in ("txt", "a.txt/b", "a.exe", "a.txt.", "")] == [None] * 5
    assert is_of_type("a.png", "image/*")
    assert is_of_type("a.png", "image/png")
    assert not is_of_type("a.png", "image/jpeg")
    assert not is_of_type("a.exe", "application/*")


@pytest.mark.parametrize("text", ["", "image", "image/", "/png", "*/*", "*/png", "image/p*", "Image/png", "a/b/c"])  # fmt: skip
def test_what_is_no_media_type(text: str) -> None:
    with pytest.raises(Malformed, match="expected type/subtype"):
        check_media_type(text, "here")
