"""RFC 3161 time-stamp tokens of entries, written and read.

A token is laid by `token.py` and carries no certificate: it is in the trust root. Three details
decide whether stock clients take it: the imprint is SHA-256, there is a nonce, every SET OF is in
DER order. Laid by hand because a CMS library costs 12 to 18 ms a token; reading lays the token
again from what it read and compares, so that one token has one spelling.
"""

import hashlib
from typing import NamedTuple

from trust.core.errors import TouchplateError, VerificationFailed
from trust.core.keys import der
from trust.core.keys.p256 import verify
from trust.core.keys.signer import Signer
from trust.core.x509.certificate import Certificate, check_tsa
from trust.core.x509.token import (
    Stamp,
    encode_token,
    sha256_imprint,
    signed_attributes,
    signer_id,
)

STEP = 4


class _Token(NamedTuple):
    """What differs from token to token."""

    digest: bytes
    serial: int
    time: int
    nonce: int
    signature: bytes

    @property
    def stamp(self) -> Stamp:
        return Stamp(sha256_imprint(self.digest), self.serial, self.time, self.nonce)


def issue_timestamp(
    signed: bytes, tsa: Certificate, signer: Signer, serial: int, nonce: int, seconds: int
) -> bytes:
    """Return a DER TimeStampResp over SHA-256 of `signed`, dated `seconds`."""
    stamp = Stamp(sha256_imprint(hashlib.sha256(signed).digest()), serial, seconds, nonce)
    return encode_token(stamp, tsa, signer.sign(signed_attributes(stamp, tsa)))


def verify_timestamp(data: bytes, signed: bytes, tsa: Certificate, root: Certificate) -> int:
    """Return the time, in seconds, at which `tsa` says that `signed` existed.

    Raises:
        VerificationFailed: step 4: `other_tsa` when another authority made it, else the fault.
        Malformed: not a token of our shape.
    """
    token, found = _read(data)
    if found != signer_id(tsa):
        raise VerificationFailed(STEP, "other_tsa", "the token is of another authority")
    if token.digest != hashlib.sha256(signed).digest():
        raise VerificationFailed(STEP, "other_imprint", "the token covers another signature")
    stamp = token.stamp
    if encode_token(stamp, tsa, token.signature) != data:
        raise VerificationFailed(STEP, "bad_token", "the token is not of our form")
    try:
        verify(tsa.point, signed_attributes(stamp, tsa), token.signature, low_s=False)
        check_tsa(tsa, root, token.time)
    except TouchplateError as error:
        raise VerificationFailed(STEP, "bad_token", f"time-stamp token: {error}") from error
    return token.time


def _read(data: bytes) -> tuple[_Token, bytes]:
    """Take what differs out of the fixed shape; laying it again then proves the rest."""
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
    found = signer.element(der.SEQUENCE)
    signer.take(der.SEQUENCE)
    signer.take(0xA0)
    signer.take(der.SEQUENCE)
    return _token(info, signer.take(der.OCTET_STRING)), found


def _token(info: der.Reader, signature: bytes) -> _Token:
    info.integer()
    info.take(der.OID)
    imprint = info.enter()
    imprint.take(der.SEQUENCE)
    digest = imprint.take(der.OCTET_STRING)
    serial, seconds = info.integer(), info.generalized_time()
    info.take(der.SEQUENCE)
    return _Token(digest, serial, seconds, info.integer(), signature)
