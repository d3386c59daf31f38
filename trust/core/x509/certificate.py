"""Certificates: reading the X.509 profile of our CA and TSA, and checking a chain of two.

Only what the profile holds is read (RFC 5280): P-256 keys, ECDSA with SHA-256, and the extensions
below. An unknown critical extension is refused, an unknown other one is passed over. Times are
half-open: valid from notBefore, no longer valid at notAfter.
"""

from typing import Any, NamedTuple

from trust.core.errors import Malformed, NotInTrustFile, TouchplateError, VerificationFailed
from trust.core.keys import der
from trust.core.keys.p256 import point_from_spki, verify
from trust.core.x509.sct import sct_message, split_sct

STEP = 3
ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
SKI, KEY_USAGE, SAN = der.oid("2.5.29.14"), der.oid("2.5.29.15"), der.oid("2.5.29.17")
BASIC, AKI, EKU = der.oid("2.5.29.19"), der.oid("2.5.29.35"), der.oid("2.5.29.37")
ISSUER_RAW = der.oid("1.3.6.1.4.1.57264.1.1")  # the issuer's URL as Sigstore first wrote it
ISSUER_DER = der.oid("1.3.6.1.4.1.57264.1.8")  # and as a DER UTF8String
SCT_LIST = der.oid("1.3.6.1.4.1.11129.2.4.2")
CODE_SIGNING, TIME_STAMPING = der.oid("1.3.6.1.5.5.7.3.3"), der.oid("1.3.6.1.5.5.7.3.8")
DIGITAL_SIGNATURE, KEY_CERT_SIGN = 0x80, 0x04  # bits of the first byte of KeyUsage
URI_TAG = 0x86  # GeneralName [6]
MAX_URL = 1024  # characters of the SAN URI and of the issuer's URL
MAX_SERIAL_BITS = 159  # RFC 5280, 4.1.2.2: 20 bytes, not negative
_LOWEST, _HIGHEST = "!", "~"  # visible ASCII, the characters of a URI
_ISSUER_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-:[]")
_KNOWN = {SKI, KEY_USAGE, SAN, BASIC, AKI, EKU, ISSUER_RAW, ISSUER_DER, SCT_LIST}


class Certificate(NamedTuple):
    """A parsed certificate. Names and usages are DER; times are seconds."""

    der: bytes
    tbs: bytes
    serial: int
    issuer: bytes
    subject: bytes
    not_before: int
    not_after: int
    point: bytes
    signature: bytes
    is_ca: bool
    key_usage: int
    eku: tuple[bytes, ...]
    eku_critical: bool
    san_uri: str | None
    issuer_url: str | None
    sct: bytes | None
    precertificate_tbs: bytes  # the TBS without its SCT list: what the SCT covers


class _Extension(NamedTuple):
    oid: bytes
    critical: bool
    value: bytes
    encoded: bytes


def parse_certificate(data: bytes, where: str = "certificate") -> Certificate:
    """Parse a certificate of our profile; raise Malformed for anything else."""
    outer = der.Reader(data, where)
    body = outer.enter()
    outer.done()
    tbs = body.element(der.SEQUENCE)
    _expect(body.element(der.SEQUENCE), ECDSA_SHA256, "signature algorithm", where)
    signature = body.take(der.BIT_STRING)
    body.done()
    _expect(signature[:1], b"\0", "unused bits", where)
    fields = der.Reader(tbs, where).enter()
    _expect(fields.element(0xA0), der.context(0, der.integer(2)), "version", where)
    serial = fields.integer()
    _expect(fields.element(der.SEQUENCE), ECDSA_SHA256, "signature algorithm", where)
    issuer = fields.element(der.SEQUENCE)
    validity = fields.enter()
    not_before, not_after = validity.time(), validity.time()
    validity.done()
    subject = fields.element(der.SEQUENCE)
    point = point_from_spki(fields.element(der.SEQUENCE))
    extensions = _extensions(fields.enter(0xA3))
    fields.done()
    if not 0 < serial.bit_length() <= MAX_SERIAL_BITS:
        raise Malformed(f"a serial number of {serial.bit_length()} bits, expected 1 to 159", where)
    if subject == der.sequence() and not any(
        item.oid == SAN and item.critical for item in extensions
    ):
        raise Malformed("an empty subject without a critical alternative name", where)
    return Certificate(
        der=data,
        tbs=tbs,
        serial=serial,
        issuer=issuer,
        subject=subject,
        not_before=not_before,
        not_after=not_after,
        point=point,
        signature=signature[1:],
        precertificate_tbs=_without_sct(tbs, extensions),
        **_read_extensions({item.oid: item for item in extensions}, where),
    )


def check_leaf(leaf: Certificate, ca: Certificate, at: int) -> None:
    """Check a signer's certificate against its CA at a moment.

    Raises:
        VerificationFailed: step 3, with the reason.
    """
    _check_issued(leaf, ca, at)
    if leaf.is_ca or leaf.eku != (CODE_SIGNING,) or leaf.key_usage != DIGITAL_SIGNATURE:
        raise VerificationFailed(STEP, "wrong_usage", "the certificate is not for signing works")


def check_tsa(leaf: Certificate, root: Certificate, at: int) -> None:
    """Check a time-stamping certificate: its EKU must be critical and the only one (RFC 3161)."""
    _check_issued(leaf, root, at)
    if leaf.is_ca or leaf.eku != (TIME_STAMPING,) or not leaf.eku_critical:
        raise VerificationFailed(STEP, "wrong_usage", "the certificate is not for time stamps")


def check_sct(leaf: Certificate, ca: Certificate, keys: dict[bytes, bytes]) -> None:
    """Check the one embedded SCT; `keys` maps log ids (SHA-256 of SPKI) to P-256 points.

    Raises:
        VerificationFailed: no SCT, or one that does not hold.
        NotInTrustFile: by a key that is not in `keys`.
    """
    if leaf.sct is None:
        raise VerificationFailed(STEP, "no_sct", "the certificate has no SCT")
    log_id, time_ms, signature = split_sct(leaf.sct)
    if log_id not in keys:
        raise NotInTrustFile(STEP, "sct_key", "the SCT key of the certificate")
    try:
        signed = sct_message(ca.point, leaf.precertificate_tbs, time_ms)
        verify(keys[log_id], signed, signature, low_s=False)
    except TouchplateError as error:
        raise VerificationFailed(STEP, "bad_sct", f"SCT: {error}") from error


def _check_issued(leaf: Certificate, ca: Certificate, at: int) -> None:
    if leaf.issuer != ca.subject or not ca.is_ca or not ca.key_usage & KEY_CERT_SIGN:
        raise VerificationFailed(STEP, "wrong_issuer", "the issuer of the certificate is no CA")
    try:
        verify(ca.point, leaf.tbs, leaf.signature, low_s=False)
    except TouchplateError as error:
        raise VerificationFailed(STEP, "bad_ca_signature", f"CA signature: {error}") from error
    for certificate in (leaf, ca):
        if at < certificate.not_before:
            raise VerificationFailed(STEP, "certificate_not_yet_valid", "not yet valid then")
        if at >= certificate.not_after:
            raise VerificationFailed(STEP, "certificate_expired", "the certificate had expired")


def _expect(found: bytes, expected: bytes, what: str, where: str) -> None:
    if found != expected:
        raise Malformed(f"{what} {found.hex()[:40]}, expected {expected.hex()}", where)


def _extensions(holder: der.Reader) -> list[_Extension]:
    items = holder.enter()
    holder.done()
    found: list[_Extension] = []
    while items.peek() is not None:
        encoded = items.element(der.SEQUENCE)
        item = der.Reader(encoded, items.where).enter()
        oid = item.element(der.OID)
        critical = item.peek() == der.BOOLEAN
        if critical:
            _expect(item.take(der.BOOLEAN), b"\xff", "critical", items.where)
        value = item.take(der.OCTET_STRING)
        item.done()
        if critical and oid not in _KNOWN:
            raise Malformed(f"unknown critical extension {oid.hex()}", items.where)
        if any(other.oid == oid for other in found):
            raise Malformed(f"extension {oid.hex()} twice", items.where)
        found.append(_Extension(oid, critical, value, encoded))
    return found


def _read_extensions(found: dict[bytes, _Extension], where: str) -> dict[str, Any]:
    eku = found.get(EKU)
    return {
        "is_ca": _is_ca(found.get(BASIC)),
        "key_usage": _key_usage(found.get(KEY_USAGE)),
        "eku": _usages(eku),
        "eku_critical": eku is not None and eku.critical,
        "san_uri": _san(found.get(SAN)),
        "issuer_url": _issuer_url(found, where),
        "sct": _sct(found.get(SCT_LIST)),
    }


def _is_ca(extension: _Extension | None) -> bool:
    if extension is None:
        return False
    basic = _opened(extension, "basicConstraints")
    is_ca = basic.peek() == der.BOOLEAN
    if is_ca:
        _expect(basic.take(der.BOOLEAN), b"\xff", "cA", basic.where)
        if basic.peek() == der.INTEGER:
            basic.integer()
    basic.done()
    return is_ca


def _key_usage(extension: _Extension | None) -> int:
    """The named bits, all in one byte; DER cuts the zero bits at its end."""
    if extension is None:
        return 0
    usage = extension.value[-1] if extension.value else 0
    spare = (usage & -usage).bit_length() - 1
    if not usage or extension.value != der.bits(bytes([usage]), spare):
        raise Malformed(f"{extension.value.hex()[:40]}, expected one byte of bits", "keyUsage")
    return usage


def _usages(extension: _Extension | None) -> tuple[bytes, ...]:
    if extension is None:
        return ()
    items = _opened(extension, "extKeyUsage")
    usages = []
    while items.peek() is not None:
        usages.append(items.element(der.OID))
    return tuple(usages)


def _san(extension: _Extension | None) -> str | None:
    """The one URI of the SAN; other or further names are not ours."""
    if extension is None:
        return None
    names = _opened(extension, "certificate.san")
    uri = names.take(URI_TAG).decode("latin-1")
    names.done()
    if not 0 < len(uri) <= MAX_URL or not all(_LOWEST <= item <= _HIGHEST for item in uri):
        raise Malformed(f"{uri[:60]!r} is not a URI in visible ASCII", names.where)
    return uri


def _issuer_url(found: dict[bytes, _Extension], where: str) -> str | None:
    """The public URL: scheme, host and port.

    It is shown before anything is verified, inside a command to copy: no character of it may mean
    anything to a terminal or a shell.
    """
    raw, encoded = found.get(ISSUER_RAW), found.get(ISSUER_DER)
    if raw is None and encoded is None:
        return None
    if raw is None or encoded is None or encoded.value != der.tlv(der.UTF8_STRING, raw.value):
        raise Malformed("the two issuer extensions differ", where)
    url = raw.value.decode("latin-1")
    scheme, _, host = url.partition("://")
    if scheme not in {"http", "https"} or not host or not _ISSUER_CHARACTERS.issuperset(host):
        raise Malformed(f"{url[:60]!r} is not scheme, host and port", where)
    return url


def _sct(extension: _Extension | None) -> bytes | None:
    """The only SCT of the list: length(2) | length(2) | SCT."""
    if extension is None:
        return None
    reader = der.Reader(extension.value, "certificate.sct")
    data = reader.take(der.OCTET_STRING)
    reader.done()
    sct = data[4:]
    size = len(sct)
    if not sct or data[:4] != (size + 2).to_bytes(2, "big") + size.to_bytes(2, "big"):
        raise Malformed("expected exactly one SCT", reader.where)
    return sct


def _opened(extension: _Extension, where: str) -> der.Reader:
    """Return a reader of the content of the one SEQUENCE that an extension's value is."""
    outer = der.Reader(extension.value, where)
    inner = outer.enter()
    outer.done()
    return inner


def _without_sct(tbs: bytes, extensions: list[_Extension]) -> bytes:
    """Lay the TBS again without the SCT list (RFC 6962 section 3.2)."""
    fields = der.Reader(tbs, "certificate").enter()
    parts = [fields.element(0xA0), fields.element(der.INTEGER)]
    parts += [fields.element(der.SEQUENCE) for _ in range(5)]
    kept = b"".join(item.encoded for item in extensions if item.oid != SCT_LIST)
    return der.sequence(*parts, der.context(3, der.tlv(der.SEQUENCE, kept)))
