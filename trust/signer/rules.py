"""What each key of a registry signs: bytes of one kind, laid again from what was read, or nothing.

Whoever has stolen the process that asks can have signed what that process may say. It cannot have
one key sign what only another may, and no key signs bytes that say nothing.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from trust.core.canonical import parse_canonical
from trust.core.encoding import decimal
from trust.core.errors import Malformed, NotAllowed, TouchplateError
from trust.core.keys import der
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import Checkpoint, check_origin
from trust.core.log.note import cosignature_message
from trust.core.people.handle import HANDLES_LABEL
from trust.core.record import Record
from trust.core.registry import status, trust_file
from trust.core.signing.envelope import STATEMENT_PAYLOAD, pre_authentication_encoding
from trust.core.signing.identity import parse_principal
from trust.core.signing.statement import MAX_PAYLOAD, REGISTRY_TYPES, parse_statement
from trust.core.x509 import writer
from trust.core.x509.certificate import (
    CODE_SIGNING,
    ECDSA_SHA256,
    TIME_STAMPING,
    Certificate,
    parse_certificate,
)
from trust.core.x509.sct import sct_message
from trust.core.x509.token import check_signed_attributes

_LONGEST: Final = 366 * 24 * 3600  # seconds of a signer's certificate
_TIME: Final = slice(2, 10)  # of an SCT message
_TBS: Final = slice(47, -2)


class Asked(NamedTuple):
    """A message, the key that is to sign it, and what else a rule needs to know."""

    message: bytes
    key: bytes
    ca: bytes  # the CA's point
    origin: str | None  # of the log, once it has signed something


def check(name: str, message: bytes, keys: Mapping[str, Signer], origin: str | None) -> None:
    """Check that the key of this name is for these bytes.

    Raises:
        NotAllowed: it is not; the log's key is for nothing here, it wants a proof.
    """
    rule = _RULES.get(name)
    if rule is None or name not in keys:
        raise NotAllowed(f"{name[:40]!r} is no key that signs this way")
    try:
        rule(Asked(message, keys[name].public_key, keys["ca"].public_key, origin))
    except (TouchplateError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise NotAllowed(f"the key {name!r} does not sign this: {error}") from error


def _ca(asked: Asked) -> None:
    certificate = _unsigned(asked.message)
    if certificate.is_ca:
        _check_root(asked, certificate)
    else:
        _check_signer(asked.key, certificate)


def _time_root(asked: Asked) -> None:
    certificate = _unsigned(asked.message)
    if certificate.is_ca:
        _check_root(asked, certificate)
        return
    if certificate.eku != (TIME_STAMPING,):
        raise Malformed("a certificate for something else than time stamps")
    laid = writer.tsa_certificate(
        _issuer(asked.key, certificate),
        _Mute(asked.key),
        certificate.point,
        certificate.subject,
        certificate.serial,
        (certificate.not_before, certificate.not_after),
    )
    _same(laid, certificate.der)


def _sct(asked: Asked) -> None:
    tbs, time_ms = asked.message[_TBS], int.from_bytes(asked.message[_TIME])
    certificate = _unsigned(tbs)
    _check_signer(asked.ca, certificate)
    if certificate.sct is not None:
        raise Malformed("a certificate that has its SCT already")
    _same(sct_message(asked.ca, tbs, time_ms), asked.message)


def _token(asked: Asked) -> None:
    check_signed_attributes(asked.message, "attributes")


def _clock(asked: Asked) -> None:
    _, line, text = asked.message.decode().split("\n", 2)
    _check_origin(Checkpoint.parse(text).origin, asked)
    seconds = decimal(line.removeprefix("time "), "time")
    _same(cosignature_message(text, seconds), asked.message)


def _registry(asked: Asked) -> None:
    statement = parse_statement(_payload(asked.message, STATEMENT_PAYLOAD))
    if statement.type not in REGISTRY_TYPES:
        raise Malformed(f"a statement of type {statement.type!r}, which persons make")
    _check_origin(statement.registry.origin, asked)


def _status(asked: Asked) -> None:
    payload = _payload(asked.message, status.MEDIA_TYPE)
    _check_origin(status.parse_snapshot(payload, "snapshot").origin, asked)


def _root(asked: Asked) -> None:
    payload = _payload(asked.message, trust_file.MEDIA_TYPE)
    value = parse_canonical(payload, MAX_PAYLOAD, "trust file")
    trust_file.parse_trust_payload(Record(value, "trust file"), payload)


def _handles(asked: Asked) -> None:
    _same(HANDLES_LABEL, asked.message)


_RULES: Final[dict[str, Callable[[Asked], None]]] = {
    "ca": _ca,
    "sct": _sct,
    "tsa-root": _time_root,
    "tsa": _token,
    "timestamp-root": _time_root,
    "timestamp": _token,
    "registry": _registry,
    "clock": _clock,
    "status": _status,
    "root": _root,
    "handles": _handles,
}


class _Mute(NamedTuple):
    """A signer that lays what would be signed, and signs nothing."""

    public_key: bytes

    def sign(self, _message: bytes) -> bytes:
        return b""


def _unsigned(tbs: bytes) -> Certificate:
    """Read a TBS as the certificate that it would become, with an empty signature."""
    return parse_certificate(der.sequence(tbs, ECDSA_SHA256, der.bits(b"")))


def _issuer(point: bytes, issued: Certificate) -> Certificate:
    """Return as much of the issuing certificate as laying another wants: name and key."""
    return issued._replace(subject=issued.issuer, point=point)


def _check_root(asked: Asked, certificate: Certificate) -> None:
    laid = writer.root_certificate(
        _Mute(asked.key),
        certificate.subject,
        certificate.serial,
        certificate.not_before,
        certificate.not_after,
    )
    _same(laid, certificate.der)


def _check_signer(ca: bytes, certificate: Certificate) -> None:
    """Check a certificate for whoever signs statements, with or without its SCT."""
    uri, url = certificate.san_uri, certificate.issuer_url
    if uri is None or url is None or certificate.eku != (CODE_SIGNING,):
        raise Malformed("no certificate of a signer of statements")
    parse_principal(uri, url)
    validity = certificate.not_before, certificate.not_after
    if not 0 < validity[1] - validity[0] <= _LONGEST:
        raise Malformed("a certificate that does not end within a year")
    laid = writer.signer_tbs(
        _issuer(ca, certificate),
        certificate.point,
        uri,
        url,
        certificate.serial,
        validity,
        certificate.sct,
    )
    _same(laid, certificate.tbs)


def _payload(message: bytes, payload_type: str) -> bytes:
    """Return the payload of a DSSE pre-authentication encoding of this type."""
    head = pre_authentication_encoding(payload_type, b"").removesuffix(b"0 ")
    if not message.startswith(head):
        raise Malformed(f"not what a DSSE envelope of type {payload_type} signs")
    payload = message[len(head) :].partition(b" ")[2]
    _same(pre_authentication_encoding(payload_type, payload), message)
    return payload


def _check_origin(origin: str, asked: Asked) -> None:
    check_origin(origin, "origin")
    if asked.origin not in {None, origin}:
        raise Malformed(f"origin {origin!r}, expected {asked.origin!r}")


def _same(laid: bytes, found: bytes) -> None:
    """What was read, laid again, must be what was sent: one thing has one spelling."""
    if laid != found:
        raise Malformed("not in the form that this key signs")
