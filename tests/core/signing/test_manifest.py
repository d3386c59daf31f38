"""The manifest of a directory, and statements whose subject it is."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import Person, World

from trust.core.canonical import canonical, parse
from trust.core.errors import Malformed
from trust.core.signing.manifest import manifest_digest, manifest_lines
from trust.core.signing.statement import parse_statement

A, B = hashlib.sha256(b"a").digest(), hashlib.sha256(b"b").digest()
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1)


@pytest.fixture
def ana(world: World) -> Person:
    return world.join("ana")


def test_lines_are_those_of_sha256sum_in_the_order_of_bytes() -> None:
    # U+FF5E is before U+1F600 in UTF-8, and behind it in the UTF-16 of Java and JavaScript.
    files = {"b/x": A, "\U0001f600": A, "\uff5e": B, "B": B, "b": A, "b.txt": B}
    assert b"".join(manifest_lines(files)).decode() == (
        f"{B.hex()}  B\n"
        f"{A.hex()}  b\n"
        f"{B.hex()}  b.txt\n"
        f"{A.hex()}  b/x\n"
        f"{B.hex()}  \uff5e\n"
        f"{A.hex()}  \U0001f600\n"
    )


@given(st.dictionaries(NAMES, st.sampled_from([A, B]), min_size=1))
def test_the_digest_is_of_the_lines_however_the_files_were_found(files: dict[str, bytes]) -> None:
    lines = b"".join(manifest_lines(files))
    assert manifest_digest(files) == hashlib.sha256(lines).digest()
    assert manifest_digest(dict(reversed(files.items()))) == manifest_digest(files)
    assert lines.count(b"\n") == len(files)


def test_a_manifest_is_one_subject(ana: Person) -> None:
    payload = ana.prepare({"a": A, "b": B}).envelope.payload
    document = parse(payload, len(payload), "payload")
    document["predicate"]["facts"]["form"] = "manifest"  # type: ignore[index,call-overload]
    with pytest.raises(Malformed, match="a manifest has exactly one subject"):
        parse_statement(canonical(document))
