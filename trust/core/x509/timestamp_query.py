"""What a time-stamping authority is asked over HTTP, and what it answers (RFC 3161).

    TimeStampReq  {version 1, MessageImprint {algorithm, digest}, policy?, nonce?, certReq?}
    TimeStampResp {PKIStatusInfo {granted}, token}
                  {PKIStatusInfo {rejection, [why, for people], failInfo}}

Requests are read strictly: DER, nothing left over, no extensions. A request that cannot be granted
is answered by a refusal in the protocol itself, which every client can read.
"""

from enum import IntEnum
from typing import NamedTuple

from trust.core.errors import Malformed, TouchplateError
from trust.core.keys import der
from trust.core.keys.signer import Signer
from trust.core.x509.certificate import Certificate
from trust.core.x509.token import POLICY, Stamp, encode_token, signed_attributes

MAX_QUERY = 1024  # bytes; one with every member, SHA-512 and the largest nonce has about 150
MAX_NONCE_BITS = 159  # 20 bytes, as of a serial number; stock clients send 8
WHERE = "time-stamp request"

_NULL = der.tlv(der.NULL, b"")
_EXTENSIONS = 0xA0
_DIGEST_SIZES = {  # of SHA-256, SHA-384 and SHA-512, in bytes
    der.oid("2.16.840.1.101.3.4.2.1"): 32,
    der.oid("2.16.840.1.101.3.4.2.2"): 48,
    der.oid("2.16.840.1.101.3.4.2.3"): 64,
}
_REJECTION = 2


class FailInfo(IntEnum):
    """Why a request was refused: bits of PKIFailureInfo (RFC 3161, section 2.4.2)."""

    BAD_ALGORITHM = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    SYSTEM_FAILURE = 25


class Refused(TouchplateError):  # noqa: N818 - a state of the request, read as an adjective
    """A request that is not granted."""

    def __init__(self, info: FailInfo, why: str) -> None:
        super().__init__(why)
        self.info = info


class Query(NamedTuple):
    """A request that can be granted. `imprint` is echoed as it came."""

    imprint: bytes
    nonce: int | None
    wants_certificate: bool


def parse_query(data: bytes) -> Query:
    """Read a TimeStampReq.

    Raises:
        Refused: with the bit of failInfo that says why.
    """
    if len(data) > MAX_QUERY:
        raise Refused(FailInfo.BAD_DATA_FORMAT, f"{len(data)} bytes, expected at most {MAX_QUERY}")
    try:
        return _query(data)
    except Malformed as error:
        raise Refused(FailInfo.BAD_DATA_FORMAT, str(error)) from error


def grant(query: Query, tsa: Certificate, signer: Signer, serial: int, seconds: int) -> bytes:
    """Return the DER TimeStampResp with a token dated `seconds`."""
    stamp = Stamp(query.imprint, serial, seconds, query.nonce)
    signature = signer.sign(signed_attributes(stamp, tsa))
    return encode_token(stamp, tsa, signature, with_certificate=query.wants_certificate)


def refusal(refused: Refused) -> bytes:
    """Return the DER TimeStampResp that refuses."""
    place, bit = divmod(refused.info, 8)
    bits = bytes(place) + bytes([0x80 >> bit])
    why = der.sequence(der.text(str(refused)))
    status = der.sequence(der.integer(_REJECTION), why, der.bits(bits, 7 - bit))
    return der.sequence(status)


def _query(data: bytes) -> Query:
    outer = der.Reader(data, WHERE)
    request = outer.enter()
    outer.done()
    version = request.integer()
    if version != 1:
        raise Refused(FailInfo.BAD_REQUEST, f"version {version}, expected 1")
    imprint = request.element(der.SEQUENCE)
    _check_imprint(imprint)
    if request.peek() == der.OID and request.element(der.OID) != POLICY:
        raise Refused(FailInfo.UNACCEPTED_POLICY, "the only policy here is 2.999.1")
    nonce = request.integer() if request.peek() == der.INTEGER else None
    if nonce is not None and nonce.bit_length() > MAX_NONCE_BITS:
        raise Malformed(f"a nonce of more than {MAX_NONCE_BITS} bits", WHERE)
    wants = request.peek() == der.BOOLEAN
    # DER leaves the default, false, out.
    if wants and request.element(der.BOOLEAN) != der.boolean(value=True):
        raise Malformed("certReq is there and is not true", WHERE)
    if request.peek() == _EXTENSIONS:
        raise Refused(FailInfo.UNACCEPTED_EXTENSION, "no extension is taken here")
    request.done()
    return Query(imprint, nonce, wants)


def _check_imprint(encoded: bytes) -> None:
    imprint = der.Reader(encoded, WHERE).enter()
    algorithm = imprint.enter()
    name = algorithm.element(der.OID)
    digest = imprint.take(der.OCTET_STRING)
    imprint.done()
    size = _DIGEST_SIZES.get(name)
    if size is None:
        raise Refused(FailInfo.BAD_ALGORITHM, "expected a digest of SHA-256, SHA-384 or SHA-512")
    if algorithm.peek() is not None and algorithm.element(der.NULL) != _NULL:
        raise Malformed("a digest algorithm with parameters", WHERE)
    algorithm.done()
    if len(digest) != size:
        raise Malformed(f"a digest of {len(digest)} bytes, expected {size}", WHERE)
