"""The envelope: a payload signed under DSSE (secure-systems-lab/dsse, protocol v1.0.2).

Signed are the bytes of the pre-authentication encoding,

    "DSSEv1" SP len(type) SP type SP len(payload) SP payload      lengths in decimal bytes

and nothing else. There is exactly one signature. Statements carry an ECDSA P-256 signature and no
key id, because the certificate names the key; the trust file and status snapshots carry Ed25519
signatures whose `keyid` is the hex SHA-256 of the key's SPKI.
"""

from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import b64encode
from trust.core.errors import Malformed
from trust.core.record import Record

STATEMENT_PAYLOAD = "application/vnd.in-toto+json"
MAX_SIGNATURE = 128  # characters of base64; DER ECDSA P-256 needs at most 96


class Signature(NamedTuple):
    """One DSSE signature; `key_id` is empty on statements."""

    value: bytes
    key_id: str = ""


class Envelope(NamedTuple):
    """Payload bytes as received, their type, and the signatures."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def pae(self) -> bytes:
        """The bytes that are signed."""
        return pre_authentication_encoding(self.payload_type, self.payload)

    @property
    def signature(self) -> bytes:
        """The signature of an envelope that has exactly one."""
        return self.signatures[0].value

    def to_json(self) -> dict[str, Json]:
        """Return the JSON members, as in a Sigstore bundle's dsseEnvelope."""
        return {
            "payload": b64encode(self.payload),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": item.key_id, "sig": b64encode(item.value)} for item in self.signatures
            ],
        }


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return the DSSE PAE of a payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def parse_envelope(
    value: Json,
    payload_type: str,
    where: str = "envelope",
    *,
    most_signatures: int = 1,
    limit: int = 256 * 1024,
) -> Envelope:
    """Read an envelope of the payload type that the place demands; `limit` in bytes of payload.

    Raises:
        Malformed: another payload type, no signature or too many, base64 in another spelling.
    """
    record = Record(value, where)
    record.constant("payloadType", payload_type)
    payload = record.base64("payload", (limit + 2) // 3 * 4)
    signatures = tuple(
        _signature(item) for item in record.records("signatures", 1, most_signatures)
    )
    record.done()
    if len({item.key_id for item in signatures}) != len(signatures):
        raise Malformed("two signatures of one key", f"{where}.signatures")
    return Envelope(payload_type, payload, signatures)


def _signature(record: Record) -> Signature:
    signature = Signature(record.base64("sig", MAX_SIGNATURE), record.text("keyid", 64))
    record.done()
    return signature
