"""The leaf: exact bytes, and every other spelling refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.errors import Malformed
from trust.core.log.entry import LeafEntry, leaf_entry

DIGEST, SIGNATURE, CERTIFICATE = bytes(range(32)), b"\x30\x06sig", b"\x30\x03abc"
LEAF = leaf_entry(DIGEST, SIGNATURE, CERTIFICATE)


def test_the_bytes_are_those_that_stock_clients_rebuild() -> None:
    assert LEAF == (
        b'{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":'
        b'{"algorithm":"SHA2_256","digest":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},'
        b'"signature":{"content":"MAZzaWc=","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256",'
        b'"x509Certificate":{"rawBytes":"MANhYmM="}}}}}}'
    )


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=1, max_size=80),
    st.binary(min_size=1, max_size=200),
)
def test_what_is_written_is_read_back(digest: bytes, signature: bytes, certificate: bytes) -> None:
    leaf = leaf_entry(digest, signature, certificate)
    assert LeafEntry.parse(leaf) == LeafEntry(digest, signature, certificate)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"0.0.2"', b'"0.0.1"'),
        (b'"hashedrekord"', b'"dsse"'),
        (b"SHA2_256", b"SHA2_512"),
        (b"PKIX_ECDSA_P256", b"PKIX_ECDSA_P384"),
        (b"x509Certificate", b"publicKey"),
        (b'"MAZzaWc="', b'"MAZzaWd="'),  # padding bits: another text of the same bytes
        (b'"MAZzaWc="', b'""'),
        (b'"MAZzaWc="', b"7"),
        (b'"MANhYmM="', b'""'),
        (b'"AAECAwQF', b'"AAAAAAECAwQF'),
        (b'"digest"', b'"algorithm"'),
        (b'{"apiVersion"', b'{ "apiVersion"'),
        (b'{"apiVersion"', b'{"a":1,"apiVersion"'),
        (b'"data":{', b'"data":{"a":"",'),
        (b'"spec":{', b'"spec":{"a":null,'),
        (b'{"rawBytes"', b'{"a":true,"rawBytes"'),
    ],
)
def test_another_spelling_is_refused(old: bytes, new: bytes) -> None:
    assert LEAF.count(old) == 1
    with pytest.raises(Malformed):
        LeafEntry.parse(LEAF.replace(old, new))


def test_members_in_another_order_are_refused() -> None:
    document = json.loads(LEAF)
    turned = dict(reversed(document.items()))
    with pytest.raises(Malformed, match="RFC 8785"):
        LeafEntry.parse(json.dumps(turned, separators=(",", ":")).encode())


@pytest.mark.parametrize("cut", range(1, len(LEAF), 7))
def test_a_part_of_a_leaf_is_refused(cut: int) -> None:
    with pytest.raises(Malformed):
        LeafEntry.parse(LEAF[:cut])


def test_an_enormous_leaf_is_refused_before_it_is_read() -> None:
    with pytest.raises(Malformed, match="at most 16384"):
        LeafEntry.parse(leaf_entry(DIGEST, SIGNATURE, bytes(20_000)))


@pytest.mark.parametrize(
    "parts",
    [
        (DIGEST[:31], SIGNATURE, CERTIFICATE),
        (DIGEST + b"\0", SIGNATURE, CERTIFICATE),
        (DIGEST, b"", CERTIFICATE),
        (DIGEST, SIGNATURE, b""),
    ],
)
def test_no_leaf_of_missing_parts(parts: tuple[bytes, bytes, bytes]) -> None:
    with pytest.raises(Malformed):
        leaf_entry(*parts)
