"""Laying certificates: the two roots, the time-stamping leaf and the signers' leaves.

Pure: serial numbers and times are parameters, the CA's key is a Signer. A leaf is laid without its
SCT first (the precertificate TBS, which gets logged), then with it.
"""

import hashlib

from trust.core.keys import der
from trust.core.keys.p256 import spki
from trust.core.keys.signer import Signer
from trust.core.x509 import certificate as profile

_ORGANISATION, _COMMON_NAME = der.oid("2.5.4.10"), der.oid("2.5.4.3")
_CA_USAGE = der.bits(b"\x06", 1)  # keyCertSign, cRLSign
_LEAF_USAGE = der.bits(b"\x80", 7)  # digitalSignature


def name(organisation: str, common_name: str) -> bytes:
    """Return a DER Name of organisation and common name."""
    return der.sequence(
        der.set_of(der.sequence(_ORGANISATION, der.text(organisation))),
        der.set_of(der.sequence(_COMMON_NAME, der.text(common_name))),
    )


def root_certificate(
    signer: Signer, subject: bytes, serial: int, not_before: int, not_after: int
) -> bytes:
    """Return a self-signed root that may issue leaves only (path length 0)."""
    extensions = (
        *_key_ids(signer.public_key, signer.public_key),
        _extension(
            profile.BASIC, der.sequence(der.boolean(value=True), der.integer(0)), critical=True
        ),
        _extension(profile.KEY_USAGE, _CA_USAGE, critical=True),
    )
    point = signer.public_key
    tbs = _tbs(serial, subject, (not_before, not_after), subject, point, extensions)
    return issue(tbs, signer)


def tsa_certificate(
    root: profile.Certificate,
    root_signer: Signer,
    point: bytes,
    subject: bytes,
    serial: int,
    validity: tuple[int, int],
) -> bytes:
    """Return a time-stamping leaf."""
    usage = der.sequence(profile.TIME_STAMPING)
    extensions = (
        *_key_ids(point, root.point),
        _extension(profile.BASIC, der.sequence(), critical=True),
        _extension(profile.KEY_USAGE, _LEAF_USAGE, critical=True),
        _extension(profile.EKU, usage, critical=True),
    )
    return issue(_tbs(serial, root.subject, validity, subject, point, extensions), root_signer)


def signer_tbs(
    ca: profile.Certificate,
    point: bytes,
    san_uri: str,
    issuer_url: str,
    serial: int,
    validity: tuple[int, int],
    sct: bytes | None = None,
) -> bytes:
    """Return the TBS of a signer's certificate; without an SCT it is the precertificate's."""
    url = issuer_url.encode("ascii")
    extensions = [
        *_key_ids(point, ca.point),
        _extension(profile.KEY_USAGE, _LEAF_USAGE, critical=True),
        _extension(profile.EKU, der.sequence(profile.CODE_SIGNING)),
        # The subject is empty, so RFC 5280 wants the SAN critical.
        _extension(
            profile.SAN,
            der.sequence(der.tlv(profile.URI_TAG, san_uri.encode("ascii"))),
            critical=True,
        ),
        _extension(profile.ISSUER_RAW, url),
        _extension(profile.ISSUER_DER, der.text(issuer_url)),
    ]
    if sct is not None:
        size = len(sct)
        listed = (size + 2).to_bytes(2, "big") + size.to_bytes(2, "big") + sct
        extensions.append(_extension(profile.SCT_LIST, der.octets(listed)))
    return _tbs(serial, ca.subject, validity, der.sequence(), point, tuple(extensions))


def issue(tbs: bytes, signer: Signer) -> bytes:
    """Sign a TBS; return the certificate."""
    return der.sequence(tbs, profile.ECDSA_SHA256, der.bits(signer.sign(tbs)))


def _tbs(
    serial: int,
    issuer: bytes,
    validity: tuple[int, int],
    subject: bytes,
    point: bytes,
    extensions: tuple[bytes, ...],
) -> bytes:
    return der.sequence(
        der.context(0, der.integer(2)),
        der.integer(serial),
        profile.ECDSA_SHA256,
        issuer,
        der.sequence(der.time(validity[0]), der.time(validity[1])),
        subject,
        spki(point),
        der.context(3, der.sequence(*extensions)),
    )


def _key_ids(point: bytes, issuer_point: bytes) -> tuple[bytes, bytes]:
    """Subject and authority key identifiers: SHA-1 of the point, as RFC 5280 suggests."""
    own = hashlib.sha1(point, usedforsecurity=False).digest()
    issuer = hashlib.sha1(issuer_point, usedforsecurity=False).digest()
    return (
        _extension(profile.SKI, der.octets(own)),
        _extension(profile.AKI, der.sequence(der.context(0, issuer, constructed=False))),
    )


def _extension(oid: bytes, value: bytes, *, critical: bool = False) -> bytes:
    flag = (der.boolean(value=True),) if critical else ()
    return der.sequence(oid, *flag, der.octets(value))
