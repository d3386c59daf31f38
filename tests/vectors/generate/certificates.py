"""Certificates: the profile, and the chain to a CA with the promise of a log."""

import base64
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.drafts import Draft
from tests.vectors.generate.edit import flipped
from tests.vectors.generate.keys import P256
from tests.vectors.generate.registry import LONG, START, YEAR, Registry
from tests.vectors.generate.scene import standard
from trust.core.encoding import format_time
from trust.core.keys import der
from trust.core.keys.p256 import ed25519_spki, spki
from trust.core.x509 import certificate as profile
from trust.core.x509 import writer
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.core.x509.sct import split_sct

STRANGER = P256("a stranger")
ECDSA_SHA384 = der.sequence(der.oid("1.2.840.10045.4.3.3"))
UNKNOWN = der.oid("1.3.6.1.4.1.32473.1")  # the arc of examples
TRUE = der.boolean(value=True)
URI = "https://registry.example/p/"


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    registry, ana = standard().registry, standard().ana
    base = Draft.of(ana.certificate)
    yield from _good(registry, ana.certificate, ana.uri)
    yield from _bad_fields(registry, base)
    yield from _bad_extensions(registry, base)
    yield from _bad_frames(ana.certificate)
    yield from _chains(registry, base)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _good(registry: Registry, certificate: bytes, uri: str) -> Iterator[Vector]:
    term = {"notBefore": format_time(START), "notAfter": format_time(START + YEAR)}
    url = registry.public_url
    value: dict[str, Any] = {"uri": uri, "issuerUrl": url, **term, "sct": True}
    yield valid("certificate", "person", "of a person", {"certificate": _b64(certificate)}, value)
    bare = {**value, "uri": f"{url}/registry", "sct": False}
    first = {"certificate": _b64(registry.entries[0].certificate)}
    yield valid("certificate", "registry-without-sct", "the registry's first one", first, bare)
    long = {"notBefore": format_time(LONG[0]), "notAfter": format_time(LONG[1])}
    root: dict[str, Any] = {"uri": None, "issuerUrl": None, **long, "sct": False}
    yield valid(
        "certificate", "ca", "of the CA itself", {"certificate": _b64(registry.ca.der)}, root
    )
    extended = Draft.of(certificate).put(UNKNOWN, der.octets(b"x"))
    given = {"certificate": _b64(extended.issue(registry.keys["ca"]))}
    says = "an unknown extension that is not critical"
    yield valid("certificate", "unknown-extension", says, given, value)
    tilde = Draft.of(certificate).put(profile.SAN, der.sequence(_uri(f"{URI}!~")))
    given = {"certificate": _b64(tilde.issue(registry.keys["ca"]))}
    says = "the first and the last visible character in the URI"
    yield valid("certificate", "visible-ascii", says, given, {**value, "uri": f"{URI}!~"})
    exact = Draft.of(certificate).put(UNKNOWN, bytes(128))
    given = {"certificate": _b64(exact.issue(registry.keys["ca"]))}
    says = "an element of exactly 128 bytes, the first that takes the long form"
    yield valid("certificate", "length-128", says, given, value)
    old = der.sequence(der.tlv(der.UTC_TIME, b"500101000000Z"), der.time(START + YEAR))
    given = {
        "certificate": _b64(Draft.of(certificate).field("validity", old).issue(registry.keys["ca"]))
    }
    says = "a UTCTime of the year 50 is of 1950"
    yield valid(
        "certificate", "since-1950", says, given, {**value, "notBefore": "1950-01-01T00:00:00Z"}
    )
    later = Draft.of(certificate).field(
        "validity", der.sequence(der.time(START), der.time(2524608000))
    )
    until = {**value, "notAfter": "2050-01-01T00:00:00Z"}
    given = {"certificate": _b64(later.issue(registry.keys["ca"]))}
    yield valid("certificate", "until-2050", "GeneralizedTime from 2050 on", given, until)


def _bad_fields(registry: Registry, base: Draft) -> Iterator[Vector]:
    serial = der.tlv(der.INTEGER, b"\xff" * 16)
    utc = der.time(START + YEAR)
    for fault, says, draft, words in (
        ("version-1", "a certificate of version 1", base.field("version", der.context(0, der.integer(0))), "version"),
        ("version-2", "a certificate of version 2", base.field("version", der.context(0, der.integer(1))), "version"),
        ("no-version", "no version", base.field("version", b""), "expected tag 0xa0"),
        ("negative-serial", "a negative serial number", base.field("serial", serial), "negative or not minimal"),
        ("serial-zero", "serial number 0", base.field("serial", der.integer(0)), "a serial number of 0 bits"),
        ("serial-too-long", "a serial number of 160 bits", base.field("serial", der.integer(2**160 - 1)), "a serial number of 160 bits"),
        ("serial-leading-zero", "a serial number with a zero too many", base.field("serial", der.tlv(der.INTEGER, b"\0\1")), "negative or not minimal"),
        ("other-algorithm-inside", "the algorithm inside is another one", base.field("algorithm", ECDSA_SHA384), "signature algorithm"),
        ("time-without-seconds", "a time without seconds", base.field("validity", der.sequence(der.tlv(der.UTC_TIME, b"2611031400Z"), utc)), "a time that is not like"),
        ("time-with-offset", "a time with an offset", base.field("validity", der.sequence(der.tlv(der.UTC_TIME, b"261103140000+0000"), utc)), "a time that is not like"),
        ("time-wrong-form", "GeneralizedTime with a fraction", base.field("validity", der.sequence(der.tlv(der.GENERALIZED_TIME, b"20261103140000.5Z"), utc)), "a time that is not like"),
        ("generalized-time-too-early", "GeneralizedTime before 2050", base.field("validity", der.sequence(der.generalized_time(START), utc)), "GeneralizedTime before 2050"),
        ("no-end", "no end of validity", base.field("validity", der.sequence(der.time(START))), "expected tag 0x17"),
        ("ed25519-key", "a key of another kind", base.field("key", ed25519_spki(bytes(32))), "not the SPKI of an uncompressed P-256 key"),
        ("key-of-other-curve", "a key of another curve", base.field("key", base.fields["key"].replace(bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06052b8104000a"))), "P-256 key"),
        ("unique-id", "an issuer's unique id between key and extensions", base._replace(more=der.tlv(0x81, b"\0x")), "expected tag 0xa3"),
    ):  # fmt: skip
        yield _malformed(fault, says, draft.issue(registry.keys["ca"]), words)
    outer = base.issue(registry.keys["ca"], ECDSA_SHA384)
    yield _malformed("other-algorithm-outside", "the algorithm outside is another one", outer, "signature algorithm")  # fmt: skip


def _malformed(fault: str, says: str, data: bytes, words: str) -> Vector:
    return malformed("certificate", fault, says, {"certificate": _b64(data)}, words)


def _uri(text: str, tag: int = profile.URI_TAG) -> bytes:
    return der.tlv(tag, text.encode("latin-1"))


def _bad_extensions(registry: Registry, base: Draft) -> Iterator[Vector]:
    san, first = _uri(f"{URI}x"), base.extensions[0]
    raw = b"https://registry.example"
    sct = next(item.value for item in base.extensions if item.oid == profile.SCT_LIST)
    one = sct[6:]
    for fault, says, draft, words in (
        ("unknown-critical", "an unknown extension that is critical", base.put(UNKNOWN, b"x", flag=TRUE), "unknown critical extension"),
        ("extension-twice", "an extension twice", base._replace(extensions=(*base.extensions, first)), "twice"),
        ("critical-false", "a default that is written out", base.put(first.oid, first.value, flag=der.boolean(value=False)), "critical"),
        ("critical-one", "a truth value that is not 0xff", base.put(profile.SAN, der.sequence(san), flag=der.tlv(der.BOOLEAN, b"\1")), "critical"),
        ("san-not-critical", "no subject, and a SAN that is not critical", base.put(profile.SAN, der.sequence(san), flag=b""), "an empty subject without a critical"),
        ("no-san", "neither subject nor SAN", base.without(profile.SAN), "an empty subject without a critical"),
        ("san-two-uris", "two URIs", base.put(profile.SAN, der.sequence(san, _uri(f"{URI}y"))), "bytes too many"),
        ("san-uri-and-mail", "a URI and an e-mail address", base.put(profile.SAN, der.sequence(san, _uri("ana@x.example", 0x81))), "bytes too many"),
        ("san-dns", "a host name", base.put(profile.SAN, der.sequence(_uri("registry.example", 0x82))), "expected tag 0x86"),
        ("san-none", "no name", base.put(profile.SAN, der.sequence()), "expected tag 0x86"),
        ("san-empty", "an empty URI", base.put(profile.SAN, der.sequence(_uri(""))), "is not a URI in visible ASCII"),
        ("san-space", "a blank in the URI", base.put(profile.SAN, der.sequence(_uri(f"{URI} x"))), "is not a URI in visible ASCII"),
        ("san-nul", "a NUL in the URI", base.put(profile.SAN, der.sequence(_uri(f"{URI}x\0.example"))), "is not a URI in visible ASCII"),
        ("san-non-ascii", "a letter beyond ASCII", base.put(profile.SAN, der.sequence(_uri(f"{URI}\u00e9"))), "is not a URI in visible ASCII"),
        ("san-too-long", "a URI of over 1,024 characters", base.put(profile.SAN, der.sequence(_uri(URI + "x" * 1024))), "is not a URI in visible ASCII"),
        ("issuers-differ", "the two issuer extensions differ", base.put(profile.ISSUER_RAW, b"https://other.example"), "the two issuer extensions differ"),
        ("one-issuer", "only one issuer extension", base.without(profile.ISSUER_DER), "the two issuer extensions differ"),
        ("issuer-with-path", "an issuer with a path", _issuer(base, raw + b"/a"), "is not scheme, host and port"),
        ("issuer-for-a-shell", "an issuer that a shell would obey", _issuer(base, raw + b";reboot"), "is not scheme, host and port"),
        ("issuer-upper-case", "an issuer in upper case", _issuer(base, b"https://Registry.example"), "is not scheme, host and port"),
        ("issuer-other-scheme", "another scheme", _issuer(base, b"ftp://registry.example"), "is not scheme, host and port"),
        ("issuer-without-host", "no host", _issuer(base, b"https://"), "is not scheme, host and port"),
        ("key-usage-two-bytes", "key usage in two bytes", base.put(profile.KEY_USAGE, der.bits(b"\x80\x80", 7)), "expected one byte of bits"),
        ("key-usage-spare-bits", "key usage with bits that should be cut", base.put(profile.KEY_USAGE, der.bits(b"\x80", 0)), "expected one byte of bits"),
        ("key-usage-empty", "no key usage", base.put(profile.KEY_USAGE, der.bits(b"", 0)), "expected one byte of bits"),
        ("basic-constraints-false", "cA false written out", base.put(profile.BASIC, der.sequence(der.boolean(value=False)), flag=TRUE), "cA"),
        ("two-scts", "two SCTs", base.put_scts(one, one), "expected exactly one SCT"),
        ("no-sct-in-list", "a list of no SCT", base.put_scts(), "expected exactly one SCT"),
        ("sct-list-too-long", "an SCT list with a byte too many", base.put(profile.SCT_LIST, der.octets(sct[2:] + b"\0")), "expected exactly one SCT"),
        ("extension-trailing-byte", "a byte behind an extension's value", base.put(profile.SAN, der.sequence(san) + b"\0"), "bytes too many"),
        ("no-extensions", "no extensions", base._replace(extensions=()), "an empty subject without a critical"),
    ):  # fmt: skip
        yield _malformed(fault, says, draft.issue(registry.keys["ca"]), words)


def _issuer(base: Draft, url: bytes) -> Draft:
    both = base.put(profile.ISSUER_RAW, url)
    return both.put(profile.ISSUER_DER, der.tlv(der.UTF8_STRING, url))


def _bad_frames(good: bytes) -> Iterator[Vector]:
    for fault, says, data, words in (
        ("empty", "no bytes", b"", "the end"),
        ("pem", "PEM instead of DER", b"-----BEGIN CERTIFICATE-----\n", "expected tag 0x30"),
        ("trailing-byte", "a byte behind the certificate", good + b"\0", "1 bytes too many"),
        ("truncated", "a byte too few", good[:-1], "runs past the end"),
        (
            "indefinite-length",
            "an indefinite length",
            b"\x30\x80" + good[4:] + b"\0\0",
            "not minimal",
        ),
        ("long-length", "a length with a zero in front", b"\x30\x83\0" + good[2:], "not minimal"),
        ("two-certificates", "two certificates", good * 2, "bytes too many"),
    ):
        yield _malformed(fault, says, data, words)
    marker = der.tlv(der.BIT_STRING, b"")[:1]
    place = good.rindex(marker + bytes([good[good.rindex(b"\x00\x30") - 1]]))
    spare = good[: place + 2] + b"\1" + good[place + 3 :]
    yield _malformed("signature-unused-bits", "spare bits in the signature", spare, "unused bits")


def _chains(registry: Registry, base: Draft) -> Iterator[Vector]:
    ca, ca_key, sct_key = registry.ca, registry.keys["ca"], registry.keys["sct"]

    def given(data: bytes, at: int = START, ca: Certificate = ca) -> dict[str, Any]:
        return {
            "certificate": _b64(data),
            "ca": _b64(ca.der),
            "sctKeys": [_b64(spki(sct_key.public_key))],
            "at": format_time(at),
        }

    def made(draft: Draft, at: int = START, ca: Certificate = ca) -> dict[str, Any]:
        return given(draft.promise(ca, sct_key, START).issue(ca_key), at, ca)

    good = base.issue(ca_key)
    yield valid("certificate-chain", "plain", "a signer's certificate", given(good))
    last = given(good, START + YEAR - 1)
    yield valid("certificate-chain", "last-second", "in its last second", last)
    signing, stamping = profile.CODE_SIGNING, profile.TIME_STAMPING
    sct = parse_certificate(good).sct or b""
    log_id, time_ms, signature = split_sct(sct)
    stranger_id = parse_certificate(base.promise(ca, STRANGER, START).issue(ca_key)).sct or b""
    for fault, says, case, reason in (
        ("not-yet-valid", "a second before its start", given(good, START - 1), "certificate_not_yet_valid"),
        ("expired", "at its end, which is no longer inside", given(good, START + YEAR), "certificate_expired"),
        ("ca-expired", "after the end of the CA", made(base.field("validity", der.sequence(der.time(START), der.time(LONG[1] + YEAR))), LONG[1]), "certificate_expired"),
        ("other-ca-key", "signed by another key under the CA's name", given(base.issue(STRANGER)), "bad_ca_signature"),
        ("self-signed", "signed by the signer's own key", given(base.issue(standard().ana.signer)), "bad_ca_signature"),
        ("content-changed", "the serial number was changed after signing", given(_changed(base, good)), "bad_ca_signature"),
        ("other-issuer", "issued by another CA", made(base.field("issuer", writer.name("x", "CA"))), "wrong_issuer"),
        ("issuer-no-ca", "issued by a certificate that is no CA", _under_leaf(registry, base), "wrong_issuer"),
        ("for-time-stamps", "for time stamps", made(base.put(profile.EKU, der.sequence(stamping))), "wrong_usage"),
        ("two-usages", "for signing and for time stamps", made(base.put(profile.EKU, der.sequence(signing, stamping))), "wrong_usage"),
        ("no-usage", "for no stated use", made(base.without(profile.EKU)), "wrong_usage"),
        ("may-issue", "may also sign certificates", made(base.put(profile.KEY_USAGE, der.bits(b"\x84", 2))), "wrong_usage"),
        ("no-key-usage", "without key usage", made(base.without(profile.KEY_USAGE)), "wrong_usage"),
        ("is-ca", "a CA's certificate that signs", made(base.put(profile.BASIC, der.sequence(TRUE), flag=TRUE)), "wrong_usage"),
        ("no-sct", "without an SCT", given(base.without(profile.SCT_LIST).issue(ca_key)), "no_sct"),
        ("unlisted-sct-key", "an SCT by a key that is not listed", given(base.put_scts(stranger_id).issue(ca_key)), "unlisted_sct_key"),
        ("forged-sct", "an SCT by another key under the listed key's id", given(base.put_scts(_renamed(stranger_id, log_id)).issue(ca_key)), "bad_sct"),
        ("sct-time-changed", "the time in the SCT was changed", given(base.put_scts(sct[:33] + (time_ms + 1).to_bytes(8) + sct[41:]).issue(ca_key)), "bad_sct"),
        ("sct-of-another", "the SCT of another certificate", given(base.put_scts(parse_certificate(standard().ben.certificate).sct or b"").issue(ca_key)), "bad_sct"),
        ("sct-signature-changed", "one bit of the SCT's signature", given(base.put_scts(sct[: -len(signature)] + flipped(signature)).issue(ca_key)), "bad_sct"),
    ):  # fmt: skip
        yield invalid("certificate-chain", fault, says, case, 3, reason)
    for fault, says, other in (
        ("sct-version", "an SCT of another version", b"\1" + sct[1:]),
        ("sct-extensions", "an SCT with extensions", sct[:41] + b"\0\1x" + sct[43:]),
        ("sct-other-hash", "an SCT with another hash", sct[:43] + b"\5" + sct[44:]),
        ("sct-trailing-byte", "a byte behind the SCT's signature", sct + b"\0"),
    ):
        case = given(base.put_scts(other).issue(ca_key))
        yield malformed("certificate-chain", fault, says, case, "not an SCT of version 1")


def _changed(base: Draft, good: bytes) -> bytes:
    serial = base.fields["serial"]
    return good.replace(serial, flipped(serial))


def _renamed(sct: bytes, log_id: bytes) -> bytes:
    return sct[:1] + log_id + sct[33:]


def _under_leaf(registry: Registry, base: Draft) -> dict[str, Any]:
    """Ana issues a certificate under her own: her certificate has a subject for it."""
    ana, sct_key = standard().ana, registry.keys["sct"]
    subject = writer.name("registry.example", "Ana's CA")
    parent = base.field("subject", subject).issue(registry.keys["ca"])
    issuer = parse_certificate(parent)
    child = base.field("issuer", subject).field("key", spki(STRANGER.public_key))
    return {
        "certificate": _b64(child.promise(issuer, sct_key, START).issue(ana.signer)),
        "ca": _b64(parent),
        "sctKeys": [_b64(spki(sct_key.public_key))],
        "at": format_time(START),
    }
