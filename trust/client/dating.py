"""Time stamps of others (RFC 3161): asking for one, and verifying those that a dossier carries.

Any authority may be asked; whom to believe is for whoever verifies, who names its root. Reading and
verifying foreign tokens is `rfc3161-client`'s: they come in many shapes, ours in one.
"""

from collections.abc import Sequence
from datetime import UTC
from hashlib import sha256, sha384, sha512
from typing import Final

import rfc3161_client as rfc3161
from cryptography import x509

from trust.core.errors import Malformed, Unavailable
from trust.core.verdict import Dated
from trust.transport.http import Server, exchange
from trust.transport.url import url_prefix

QUERY: Final = "application/timestamp-query"
REPLY: Final = "application/timestamp-reply"
MAX_REPLY: Final = 18 * 1024  # bytes, which make 24 kB of base64
SECONDS: Final = 30.0
MAX_NAME: Final = 200  # characters


def ask(url: str, signature: bytes) -> bytes:
    """Have an authority date a signature; return its answer, which is about that signature.

    Raises:
        Malformed: no URL, or an answer that is none or about something else.
        Unavailable: it does not answer, or refuses.
    """
    parts = url_prefix(url, "--tsa")
    query = (
        rfc3161.TimestampRequestBuilder()
        .data(signature)
        .hash_algorithm(rfc3161.HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .nonce(nonce=True)
        .build()
    )
    try:
        answer = exchange(
            Server.of(parts.scheme, parts.netloc),
            "POST",
            parts.path or "/",
            [("Content-Type", QUERY), ("Accept", REPLY)],
            query.as_bytes(),
            limit=MAX_REPLY,
            seconds=SECONDS,
        )
    except Unavailable as error:
        raise Unavailable(f"{url} {error}") from error
    if answer.status != 200 or answer.media_type != REPLY:  # noqa: PLR2004 - HTTP
        raise Unavailable(f"{url} answered {answer.status} {answer.media_type[:60]!r}")
    token = check(answer.body, signature, url)
    if rfc3161.decode_timestamp_response(token).tst_info.nonce != query.nonce:
        raise Malformed("the answer to another question: its nonce differs", url)
    return token


def check(token: bytes, signature: bytes, where: str) -> bytes:
    """Return a token that claims to date this signature. Whether it holds is not looked at.

    Raises:
        Malformed: a refusal, not a time stamp, or about something else.
    """
    try:
        answer = rfc3161.decode_timestamp_response(token)
        granted = answer.status == rfc3161.PKIStatus.GRANTED
        imprint = answer.tst_info.message_imprint.message if granted else b""
    except ValueError as error:
        raise Malformed(f"not a time stamp (RFC 3161): {error}", where) from error
    if not granted:
        said = "; ".join(answer.status_string)[:200]
        raise Malformed(f"the authority refused{': ' if said else ''}{said}", where)
    if imprint not in _imprints(signature):
        raise Malformed("a time stamp of something else than this signature", where)
    return token


def roots_in(pem: bytes, where: str) -> list[x509.Certificate]:
    """Read the certificates of authorities to believe; raise Malformed without any."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise Malformed("no certificate in PEM", where) from error


def dated(
    tokens: Sequence[bytes], signature: bytes, roots: Sequence[x509.Certificate]
) -> tuple[Dated, ...]:
    """Return by whom, among those under `roots`, and when a signature was dated; oldest first.

    A token that does not hold, or is of nobody under these roots, says nothing and is left out:
    anyone can add one to a dossier.
    """
    found = [_dated(token, signature, root) for token in tokens for root in roots]
    return tuple(sorted({item for item in found if item is not None}, key=lambda item: item.time))


def _dated(token: bytes, signature: bytes, root: x509.Certificate) -> Dated | None:
    try:
        answer = rfc3161.decode_timestamp_response(token)
        verifier = rfc3161.VerifierBuilder(roots=[root]).build()
        verifier.verify_message(answer, signature)
        seconds = int(answer.tst_info.gen_time.replace(tzinfo=UTC).timestamp())
    except (ValueError, rfc3161.VerificationError):
        return None
    return Dated(_name(root), seconds)


def _name(root: x509.Certificate) -> str:
    """Name an authority by the root that the relying party chose, not by what it calls itself."""
    for kind in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME):
        for attribute in root.subject.get_attributes_for_oid(kind):
            return str(attribute.value)[:MAX_NAME]
    return root.subject.rfc4514_string()[:MAX_NAME]


def _imprints(signature: bytes) -> set[bytes]:
    return {make(signature).digest() for make in (sha256, sha384, sha512)}
