"""Laying time-stamp tokens: one CMS of one fixed shape (RFC 3161, RFC 5652, RFC 5816).

TimeStampResp {status granted, ContentInfo {signedData, SignedData {
    version 3, {SHA-256}, TSTInfo, certificates or none, SignerInfo {issuer and serial, SHA-256,
        [contentType, signingTime, messageDigest, signingCertificateV2], ECDSA-SHA256, sig}}}}
"""

import hashlib
from functools import lru_cache
from typing import NamedTuple

from trust.core.encoding import DIGEST_SIZE
from trust.core.errors import Malformed
from trust.core.keys import der
from trust.core.x509.certificate import ECDSA_SHA256, Certificate

KEPT = 16  # authorities whose certificate was named a moment ago
POLICY = der.oid("2.999.1")  # the example arc of ITU-T X.660: we claim no policy of our own yet
ACCURACY = der.sequence(der.integer(1))  # one second
SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))

_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = der.oid("1.2.840.113549.1.9.5")
_SIGNING_CERTIFICATE = der.oid("1.2.840.113549.1.9.16.2.47")
_CONTENT_TYPE_IS_INFO = der.sequence(_CONTENT_TYPE, der.set_of(_TST_INFO))
_ATTRIBUTES = {_CONTENT_TYPE, _SIGNING_TIME, _MESSAGE_DIGEST, _SIGNING_CERTIFICATE}
_GRANTED = der.sequence(der.integer(0))


class Stamp(NamedTuple):
    """What a token says. `imprint` is a DER MessageImprint, `time` in seconds."""

    imprint: bytes
    serial: int
    time: int
    nonce: int | None

    @property
    def info(self) -> bytes:
        """The DER of its TSTInfo."""
        return der.sequence(
            der.integer(1),
            POLICY,
            self.imprint,
            der.integer(self.serial),
            der.generalized_time(self.time),
            ACCURACY,
            b"" if self.nonce is None else der.integer(self.nonce),
        )


def sha256_imprint(digest: bytes) -> bytes:
    """Return the MessageImprint of a SHA-256 digest; its algorithm has no parameters."""
    return der.sequence(SHA256, der.octets(digest))


def signed_attributes(stamp: Stamp, tsa: Certificate) -> bytes:
    """Return what the authority signs: a SET OF attributes in DER order."""
    info = hashlib.sha256(stamp.info).digest()
    return _attributes(stamp.time, info, _signed_with(tsa.der))


def check_signed_attributes(data: bytes, where: str) -> None:
    """Check that bytes are those of `signed_attributes` for some stamp and some authority.

    Raises:
        Malformed: they say anything else, or say it in another spelling.
    """
    outer = der.Reader(data, where)
    items = outer.enter(der.SET)
    outer.done()
    found: dict[bytes, der.Reader] = {}
    while items.peek() is not None:
        item = items.enter()
        name = item.element(der.OID)
        found[name] = item.enter(der.SET)
    if set(found) != _ATTRIBUTES:
        raise Malformed("other attributes than those of a time-stamp token", where)
    seconds = found[_SIGNING_TIME].time()
    info = found[_MESSAGE_DIGEST].take(der.OCTET_STRING)
    certificate = found[_SIGNING_CERTIFICATE].enter().enter().enter().take(der.OCTET_STRING)
    if len(info) != DIGEST_SIZE or len(certificate) != DIGEST_SIZE:
        raise Malformed("a digest that is not SHA-256", where)
    if _attributes(seconds, info, _named_by(certificate)) != data:
        raise Malformed("not the attributes of a token of ours", where)


def _attributes(seconds: int, info: bytes, signed_with: bytes) -> bytes:
    return der.set_of(
        _CONTENT_TYPE_IS_INFO,
        der.sequence(_SIGNING_TIME, der.set_of(der.time(seconds))),
        der.sequence(_MESSAGE_DIGEST, der.set_of(der.octets(info))),
        signed_with,
    )


@lru_cache(maxsize=KEPT)
def _signed_with(certificate: bytes) -> bytes:
    """Return the attribute that names the authority's certificate by its digest."""
    return _named_by(hashlib.sha256(certificate).digest())


def _named_by(digest: bytes) -> bytes:
    identifier = der.sequence(der.sequence(der.sequence(der.octets(digest))))
    return der.sequence(_SIGNING_CERTIFICATE, der.set_of(identifier))


def signer_id(tsa: Certificate) -> bytes:
    """Return the DER IssuerAndSerialNumber of an authority."""
    return der.sequence(tsa.issuer, der.integer(tsa.serial))


def encode_token(
    stamp: Stamp, tsa: Certificate, signature: bytes, *, with_certificate: bool = False
) -> bytes:
    """Return a DER TimeStampResp; the authority's certificate is in it only where it is asked."""
    signer = der.sequence(
        der.integer(1),
        signer_id(tsa),
        SHA256,
        b"\xa0" + signed_attributes(stamp, tsa)[1:],  # the same SET under an implicit [0]
        ECDSA_SHA256,
        der.octets(signature),
    )
    data = der.sequence(
        der.integer(3),
        der.set_of(SHA256),
        der.sequence(_TST_INFO, der.context(0, der.octets(stamp.info))),
        der.context(0, tsa.der) if with_certificate else b"",
        der.set_of(signer),
    )
    return der.sequence(_GRANTED, der.sequence(_SIGNED_DATA, der.context(0, data)))
