"""RFC 3161 tokens: one fixed shape, over one signature, by one authority."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.drafts import Draft
from tests.vectors.generate.edit import flipped
from tests.vectors.generate.keys import P256
from tests.vectors.generate.registry import LONG, START, Registry
from tests.vectors.generate.scene import standard
from trust.core.encoding import format_time
from trust.core.keys import der
from trust.core.keys.p256 import spki
from trust.core.x509 import certificate as profile
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.core.x509.timestamp import issue_timestamp

SIGNED = b"a signature"
NONCE = 2**62 + 1
OTHER = Registry("other.example")


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    registry = standard().registry
    yield from _good(registry)
    yield from _invalid(registry)
    yield from _malformed(registry)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _given(
    registry: Registry, token: bytes, signed: bytes = SIGNED, tsa: Certificate | None = None
) -> dict[str, Any]:
    return {
        "token": _b64(token),
        "signed": _b64(signed),
        "tsa": _b64((tsa or registry.tsa).der),
        "root": _b64(registry.tsa_root.der),
    }


def _token(registry: Registry, at: int = START, tsa: Certificate | None = None) -> bytes:
    return issue_timestamp(SIGNED, tsa or registry.tsa, registry.keys["tsa"], 12, NONCE, at)


def _good(registry: Registry) -> Iterator[Vector]:
    plain = _given(registry, _token(registry))
    yield valid("timestamp", "plain", "a token over a signature", plain, format_time(START))
    last = _given(registry, _token(registry, LONG[1] - 1))
    says = "in the last second of the authority"
    yield valid("timestamp", "last-second", says, last, format_time(LONG[1] - 1))


def _invalid(registry: Registry) -> Iterator[Vector]:
    good = _token(registry)
    other = issue_timestamp(SIGNED, OTHER.tsa, OTHER.keys["tsa"], 12, NONCE, START)
    stranger = issue_timestamp(SIGNED, registry.tsa, P256("a stranger"), 12, NONCE, START)
    again = P256("tsa again")
    new_tsa = parse_certificate(
        Draft.of(registry.tsa.der)
        .field("key", _spki(again))
        .issue(registry.keys["tsa root"])
    )  # fmt: skip
    for fault, says, case, reason in (
        ("other-authority", "a token of another registry's authority", _given(registry, other), "other_tsa"),
        ("other-signature", "a token over another signature", _given(registry, good, b"another"), "other_imprint"),
        ("imprint-changed", "one bit of the digest in the token", _given(registry, _swap(good, _imprint(), flipped(_imprint()))), "other_imprint"),
        ("stranger", "signed by another key in the authority's name", _given(registry, stranger), "bad_token"),
        ("signature-changed", "one bit of the signature", _given(registry, flipped(good)), "bad_token"),
        ("time-changed", "the time was changed", _given(registry, _swap(good, der.generalized_time(START), der.generalized_time(START + 1))), "bad_token"),
        ("signing-time-changed", "only the signed time attribute was changed", _given(registry, _swap(good, der.time(START), der.time(START + 1))), "bad_token"),
        ("nonce-changed", "the nonce was changed", _given(registry, _swap(good, der.integer(NONCE), der.integer(NONCE + 1))), "bad_token"),
        ("serial-changed", "the serial number was changed", _given(registry, _swap(good, der.integer(12) + der.generalized_time(START), der.integer(13) + der.generalized_time(START))), "bad_token"),
        ("other-policy", "another policy", _given(registry, _swap(good, der.oid("2.999.1"), der.oid("2.999.2"))), "bad_token"),
        ("rejected", "a response that says rejection", _given(registry, _swap(good, der.sequence(der.integer(0)), der.sequence(der.integer(2)))), "bad_token"),
        ("imprint-other-hash", "a digest that claims to be SHA-512", _given(registry, _imprint_sha512(good)), "bad_token"),
        ("accuracy-changed", "an accuracy of two seconds", _given(registry, _swap(good, der.sequence(der.integer(1)) + der.integer(NONCE), der.sequence(der.integer(2)) + der.integer(NONCE))), "bad_token"),
        ("attributes-out-of-order", "two signed attributes in the wrong order", _given(registry, _out_of_order(good)), "bad_token"),
        ("before-the-authority", "before the authority's certificate", _given(registry, _token(registry, LONG[0] - 1)), "bad_token"),
        ("after-the-authority", "at the end of the authority's certificate", _given(registry, _token(registry, LONG[1])), "bad_token"),
        ("other-certificate", "another certificate of the same serial number", _given(registry, good, tsa=new_tsa), "bad_token"),
        ("for-signing-works", "an authority whose certificate is for signing works", _wrong_usage(registry), "bad_token"),
        ("usage-not-critical", "an authority whose usage is not critical", _usage_not_critical(registry), "bad_token"),
        ("other-root", "an authority under another root", {**_given(registry, good), "root": _b64(OTHER.tsa_root.der)}, "bad_token"),
    ):  # fmt: skip
        yield invalid("timestamp", fault, says, case, 4, reason)


def _malformed(registry: Registry) -> Iterator[Vector]:
    good = _token(registry)
    for fault, says, token, words in (
        ("empty", "no bytes", b"", "the end"),
        ("text", "text", b"2026-11-03T14:00:00Z", "expected tag 0x30"),
        ("trailing-byte", "a byte behind the token", good + b"\0", "1 bytes too many"),
        ("truncated", "a byte too few", good[:-1], "runs past the end"),
        ("no-token", "a status and no token", der.sequence(der.sequence(der.integer(2))), "the end"),
        ("bare-content", "the signed data without the response around it", _bare(good), "expected tag"),
        ("negative-serial", "a negative serial number", _swap(good, der.integer(12) + der.generalized_time(START), der.tlv(2, b"\xf4") + der.generalized_time(START)), "negative or not minimal"),
        ("time-on-fraction", "a time that is no time", _swap(good, der.generalized_time(START), der.tlv(der.GENERALIZED_TIME, b"2026110314000.Z")), "a time that is not like"),
        ("time-impossible", "month 13", _swap(good, der.generalized_time(START), der.tlv(der.GENERALIZED_TIME, b"20261303140000Z")), "a time that is not like"),
        ("nonce-negative", "a negative nonce", _swap(good, der.integer(NONCE), der.tlv(2, b"\xc0" + bytes(7))), "negative or not minimal"),
    ):  # fmt: skip
        yield malformed("timestamp", fault, says, _given(registry, token), words)


def _imprint() -> bytes:
    return hashlib.sha256(SIGNED).digest()


def _swap(token: bytes, old: bytes, new: bytes) -> bytes:
    """Replace a part once by one of the same length."""
    if token.count(old) < 1 or len(old) != len(new):
        raise ValueError(f"{old.hex()} is not in the token, or {new.hex()} is longer")
    return token.replace(old, new, 1)


def _imprint_sha512(token: bytes) -> bytes:
    sha256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
    sha512 = der.sequence(der.oid("2.16.840.1.101.3.4.2.3"))
    part = sha256 + der.octets(_imprint())
    return _swap(token, part, sha512 + der.octets(_imprint()))


def _out_of_order(token: bytes) -> bytes:
    """Exchange two neighbours of the set of signed attributes."""
    kind = der.sequence(
        der.oid("1.2.840.113549.1.9.3"), der.set_of(der.oid("1.2.840.113549.1.9.16.1.4"))
    )
    time = der.sequence(der.oid("1.2.840.113549.1.9.5"), der.set_of(der.time(START)))
    both = kind + time if kind + time in token else time + kind
    return _swap(token, both, time + kind if both == kind + time else kind + time)


def _bare(token: bytes) -> bytes:
    response = der.Reader(token, "token").enter()
    response.take(der.SEQUENCE)
    return response.element(der.SEQUENCE)


def _spki(signer: P256) -> bytes:
    return spki(signer.public_key)


def _reissued(registry: Registry, draft: Draft) -> dict[str, Any]:
    tsa = parse_certificate(draft.issue(registry.keys["tsa root"]))
    return _given(registry, _token(registry, tsa=tsa), tsa=tsa)


def _wrong_usage(registry: Registry) -> dict[str, Any]:
    usage = der.sequence(profile.CODE_SIGNING)
    return _reissued(registry, Draft.of(registry.tsa.der).put(profile.EKU, usage))


def _usage_not_critical(registry: Registry) -> dict[str, Any]:
    usage = der.sequence(profile.TIME_STAMPING)
    return _reissued(registry, Draft.of(registry.tsa.der).put(profile.EKU, usage, flag=b""))
