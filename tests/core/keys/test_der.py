"""DER as X.690 has it: one spelling for each value, and no input that is answered otherwise."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.errors import Malformed
from trust.core.keys import der

Y2050 = 2524608000


def reader(text: str) -> der.Reader:
    return der.Reader(bytes.fromhex(text), "test")


@pytest.mark.parametrize(
    ("laid", "expected"),
    [
        (der.integer(0), "020100"),
        (der.integer(127), "02017f"),
        (der.integer(128), "02020080"),
        (der.integer(2**64), "0209010000000000000000"),
        (der.oid("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"),
        (der.oid("2.999.1"), "0603883701"),  # ITU-T X.690, 8.19.5: 2.999 is 88 37
        (der.oid("2.5.29.17"), "0603551d11"),
        (der.octets(b"ab"), "04026162"),
        (der.bits(b"\x06", 1), "03020106"),
        (der.text("\u00e9"), "0c02c3a9"),
        (der.sequence(der.integer(1), der.integer(2)), "3006020101020102"),
        (der.set_of(der.integer(2), der.integer(1)), "3106020101020102"),
        (der.context(0, der.integer(2)), "a003020102"),
        (der.context(6, b"a", constructed=False), "860161"),
        (der.time(1793714527), "170d3236313130333134303230375a"),
        (der.time(Y2050 - 1), "170d3439313233313233353935395a"),
        (der.time(Y2050), "180f32303530303130313030303030305a"),
    ],
)
def test_known_encodings(laid: bytes, expected: str) -> None:
    assert laid.hex() == expected


@pytest.mark.parametrize(
    ("size", "head"),
    [(127, "047f"), (128, "048180"), (255, "0481ff"), (256, "04820100"), (65_000, "0482fde8")],
)
def test_lengths_are_minimal_and_read_back(size: int, head: str) -> None:
    laid = der.octets(bytes(size))
    assert laid[: len(laid) - size].hex() == head
    back = der.Reader(laid, "test")
    assert back.take(der.OCTET_STRING) == bytes(size)
    back.done()


@pytest.mark.parametrize(
    "hostile",
    [
        "",  # nothing
        "30",  # no length
        "3080",  # indefinite
        "30800000",
        "30810100",  # 1 in the long form
        "3081",  # the length itself is cut
        "3082",
        "308200",
        "30820001ff",  # padded
        "308200ff" + "00" * 255,
        "3083000100" + "00" * 256,
        "308400000001ff",
        "3088ffffffffffffffff",  # a length of 2^64-1
        "30ff" + "ff" * 127,
        "308280000000",  # beyond the end
        "300500",
        "3005",
        "1f8100",  # a tag of several bytes
        "31020000",  # a SET
    ],
)
def test_a_sequence_has_one_spelling(hostile: str) -> None:
    with pytest.raises(Malformed):
        reader(hostile).enter()


@pytest.mark.parametrize(
    "hostile", ["0200", "02020001", "02020000", "0201ff", "020180", "0202ff7f"]
)
def test_integers_are_minimal_and_not_negative(hostile: str) -> None:
    with pytest.raises(Malformed):
        reader(hostile).integer()


def test_an_integer_of_a_whole_document_is_refused_or_read_at_once() -> None:
    laid = der.tlv(der.INTEGER, b"\x7f" * 65_000)
    assert der.Reader(laid, "test").integer().bit_length() == 8 * 65_000 - 1


def as_time(content: bytes, tag: int = der.UTC_TIME) -> der.Reader:
    return der.Reader(der.tlv(tag, content), "test")


@pytest.mark.parametrize("seconds", [0, 1, 951782400, 1793714527, Y2050 - 1, Y2050, 253402300799])
def test_times_read_back(seconds: int) -> None:
    assert der.Reader(der.time(seconds), "test").time() == seconds
    assert der.Reader(der.generalized_time(seconds), "test").generalized_time() == seconds


def test_an_x509_time_before_2050_is_utc_time() -> None:  # RFC 5280, 4.1.2.5
    with pytest.raises(Malformed, match="GeneralizedTime before 2050"):
        der.Reader(der.generalized_time(Y2050 - 1), "test").time()


@pytest.mark.parametrize(
    ("content", "tag"),
    [
        (b"2611031402Z", der.UTC_TIME),  # without seconds
        (b"261103140207", der.UTC_TIME),
        (b"261103140207+0100", der.UTC_TIME),
        (b"20261103140207Z", der.UTC_TIME),
        (b"261303140207Z", der.UTC_TIME),
        (b"260230140207Z", der.UTC_TIME),
        (b"261103240000Z", der.UTC_TIME),
        (b"261103140260Z", der.UTC_TIME),  # a leap second
        (b" 61103140207Z", der.UTC_TIME),
        (b"261103 40207Z", der.UTC_TIME),
        (b"26110314020\xb2Z", der.UTC_TIME),
        (b"", der.UTC_TIME),
        (b"20261103140207.5Z", der.GENERALIZED_TIME),
        (b"20261103140207", der.GENERALIZED_TIME),
        (b"20261103140207z", der.GENERALIZED_TIME),
        (b"00001103140207Z", der.GENERALIZED_TIME),
        (b"261103140207Z", der.GENERALIZED_TIME),
    ],
)
def test_other_spellings_of_a_time_are_refused(content: bytes, tag: int) -> None:
    with pytest.raises(Malformed):
        as_time(content, tag).time()
    if tag == der.GENERALIZED_TIME:
        with pytest.raises(Malformed, match="like 20261103140207Z"):
            as_time(content, tag).generalized_time()


def test_two_digit_years_are_of_1950_to_2049() -> None:
    assert as_time(b"500101000000Z").time() < 0
    assert as_time(b"491231235959Z").time() == Y2050 - 1


def test_what_is_left_over_is_refused() -> None:
    opened = reader("3003020101").enter()
    with pytest.raises(Malformed, match="3 bytes too many"):
        opened.done()
    opened.integer()
    opened.done()


def test_a_document_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(Malformed, match="expected at most 65536"):
        der.Reader(b"0" * (der.MAX_SIZE + 1), "test")


READS: list[Callable[[der.Reader], object]] = [
    lambda item: item.enter(),
    lambda item: item.integer(),
    lambda item: item.time(),
    lambda item: item.generalized_time(),
    lambda item: item.take(der.OID),
    lambda item: item.element(der.OCTET_STRING),
]


@given(st.binary(max_size=40), st.sampled_from(READS), st.sampled_from([2, 4, 6, 23, 24, 48]))
def test_arbitrary_bytes_are_malformed_or_read(
    data: bytes, read: Callable[[der.Reader], object], tag: int
) -> None:
    item = der.Reader(bytes([tag]) + data, "test")
    try:
        read(item)
    except Malformed:
        return
    # What was read is DER: laying it again gives the same bytes.
    taken = der.Reader(bytes([tag]) + data, "test").take(tag)
    assert (bytes([tag]) + data).startswith(der.tlv(tag, taken))
