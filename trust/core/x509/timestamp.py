"""RFC 3161 time-stamp tokens: a CMS of one fixed shape, written and read.

    TimeStampResp {status granted, ContentInfo {signedData, SignedData {
        version 3, {SHA-256}, TSTInfo, SignerInfo {issuer and serial, SHA-256,
            [contentType, signingTime, messageDigest, signingCertificateV2], ECDSA-SHA256, sig}}}}

The token carries no certificate: it is in the trust root. Three details decide whether stock
clients take it: the imprint is SHA-256, there is a nonce, every SET OF is in DER order. Laid by
hand because a CMS library costs 12 to 18 ms a token; reading lays the token again from what it
read and compares, so that one token has one spelling.
"""

import hashlib
from typing import NamedTuple

from trust.core.errors import TouchplateError, VerificationFailed
from trust.core.keys import der
from trust.core.keys.p256 import verify
from trust.core.keys.signer import Signer
from trust.core.x509.certificate import Certificate, check_tsa

STEP = 4
POLICY = der.oid("2.999.1")  # the example arc of ITU-T X.660: we claim no policy of our own yet
ACCURACY = der.sequence(der.integer(1))  # one second

_SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
_ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = der.oid("1.2.840.113549.1.9.5")
_SIGNING_CERTIFICATE = der.oid("1.2.840.113549.1.9.16.2.47")
_GRANTED = der.sequence(der.integer(0))


class _Token(NamedTuple):
    """What differs from token to token."""

    imprint: bytes
    serial: int
    time: int
    nonce: int
    signature: bytes


def issue_timestamp(
    signed: bytes, tsa: Certificate, signer: Signer, serial: int, nonce: int, seconds: int
) -> bytes:
    """Return a DER TimeStampResp over SHA-256 of `signed`, dated `seconds`."""
    token = _Token(hashlib.sha256(signed).digest(), serial, seconds, nonce, b"")
    attributes = _attributes(token, tsa)
    return _encode(token._replace(signature=signer.sign(der.set_of(*attributes))), tsa)


def verify_timestamp(data: bytes, signed: bytes, tsa: Certificate, root: Certificate) -> int:
    """Return the time, in seconds, at which `tsa` says that `signed` existed.

    Raises:
        VerificationFailed: step 4: `other_tsa` when another authority made it, else the fault.
        Malformed: not a token of our shape.
    """
    token, signer_id = _read(data)
    if signer_id != _signer_id(tsa):
        raise VerificationFailed(STEP, "other_tsa", "the token is of another authority")
    if token.imprint != hashlib.sha256(signed).digest():
        raise VerificationFailed(STEP, "other_imprint", "the token covers another signature")
    if _encode(token, tsa) != data:
        raise VerificationFailed(STEP, "bad_token", "the token is not of our form")
    try:
        verify(tsa.point, der.set_of(*_attributes(token, tsa)), token.signature, low_s=False)
        check_tsa(tsa, root, token.time)
    except TouchplateError as error:
        raise VerificationFailed(STEP, "bad_token", f"time-stamp token: {error}") from error
    return token.time


def _tst_info(token: _Token) -> bytes:
    return der.sequence(
        der.integer(1),
        POLICY,
        der.sequence(_SHA256, der.octets(token.imprint)),
        der.integer(token.serial),
        der.generalized_time(token.time),
        ACCURACY,
        der.integer(token.nonce),
    )


def _attributes(token: _Token, tsa: Certificate) -> tuple[bytes, ...]:
    info = hashlib.sha256(_tst_info(token)).digest()
    certificate = hashlib.sha256(tsa.der).digest()
    identifier = der.sequence(der.sequence(der.sequence(der.octets(certificate))))
    return (
        der.sequence(_CONTENT_TYPE, der.set_of(_TST_INFO)),
        der.sequence(_SIGNING_TIME, der.set_of(der.time(token.time))),
        der.sequence(_MESSAGE_DIGEST, der.set_of(der.octets(info))),
        der.sequence(_SIGNING_CERTIFICATE, der.set_of(identifier)),
    )


def _signer_id(tsa: Certificate) -> bytes:
    return der.sequence(tsa.issuer, der.integer(tsa.serial))


def _encode(token: _Token, tsa: Certificate) -> bytes:
    attributes = der.set_of(*_attributes(token, tsa))
    signer = der.sequence(
        der.integer(1),
        _signer_id(tsa),
        _SHA256,
        b"\xa0" + attributes[1:],  # the same SET under an implicit [0]
        _ECDSA_SHA256,
        der.octets(token.signature),
    )
    content = der.sequence(_TST_INFO, der.context(0, der.octets(_tst_info(token))))
    data = der.sequence(der.integer(3), der.set_of(_SHA256), content, der.set_of(signer))
    return der.sequence(_GRANTED, der.sequence(_SIGNED_DATA, der.context(0, data)))


def _read(data: bytes) -> tuple[_Token, bytes]:
    """Take what differs out of the fixed shape; `_encode` then proves the rest."""
    outer = der.Reader(data, "time-stamp token")
    response = outer.enter()
    outer.done()
    response.take(der.SEQUENCE)
    content = response.enter()
    content.take(der.OID)
    signed = content.enter(0xA0).enter()
    signed.integer()
    signed.take(der.SET)
    encapsulated = signed.enter()
    encapsulated.take(der.OID)
    info = der.Reader(encapsulated.enter(0xA0).take(der.OCTET_STRING), "time-stamp token").enter()
    signer = signed.enter(der.SET).enter()
    signer.integer()
    signer_id = signer.element(der.SEQUENCE)
    signer.take(der.SEQUENCE)
    signer.take(0xA0)
    signer.take(der.SEQUENCE)
    return _token(info, signer.take(der.OCTET_STRING)), signer_id


def _token(info: der.Reader, signature: bytes) -> _Token:
    info.integer()
    info.take(der.OID)
    imprint = info.enter()
    imprint.take(der.SEQUENCE)
    digest = imprint.take(der.OCTET_STRING)
    serial, seconds = info.integer(), info.generalized_time()
    info.take(der.SEQUENCE)
    return _Token(digest, serial, seconds, info.integer(), signature)
