"""Presence: that somebody unlocked a passkey of the signer for exactly this statement (WebAuthn).

    {"passkey": the id of the statement that registered it,
     "authenticatorData": base64, "clientDataJSON": base64, "signature": base64 of DER}

The challenge is SHA-256 of the statement's RFC 8785 bytes without its `presence` member. An
assertion without user verification is refused. It shows that somebody was there who could unlock
the passkey, by fingerprint, face or PIN: not who it was, and not that they are one person.

    authenticatorData (W3C WebAuthn Level 3, section 6.1), 37 bytes, no extensions:
    0   32  SHA-256 of the relying party's id: the host of the registry's public URL
    32   1  flags: 01 user present, 04 user verified, 08 may be backed up, 10 is backed up
    33   4  counter of the authenticator, big-endian; not judged
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import NamedTuple

from trust.core.canonical import Json, parse
from trust.core.encoding import b64encode
from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys.p256 import verify as verify_p256
from trust.core.people.multikey import p256_multikey, parse_p256
from trust.core.record import Record

STEP = 7
KEY_DETAILS = "PKIX_ECDSA_P256_SHA_256"
DATA_SIZE = 37  # bytes of authenticatorData without extensions
MAX_CLIENT_DATA = 1024  # bytes; browsers write about 200
MAX_SIGNATURE = 72  # bytes of a DER signature
_USER_PRESENT, _USER_VERIFIED, _MAY_BE_BACKED_UP, _IS_BACKED_UP = 0x01, 0x04, 0x08, 0x10
_KNOWN = _USER_PRESENT | _USER_VERIFIED | _MAY_BE_BACKED_UP | _IS_BACKED_UP
HUMAN_VERIFIED = "human-verified"  # the passkey may be on several devices
SUBJECT_PRESENT = "subject-present"  # it cannot leave the one device that it was made on


class PasskeyFacts(NamedTuple):
    """The public key of a passkey that a person registers, a 65-byte point of P-256."""

    key: bytes

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"key": p256_multikey(self.key), "keyDetails": KEY_DETAILS}


class Presence(NamedTuple):
    """A WebAuthn assertion; `passkey` is the id of the statement that registered its key."""

    passkey: str
    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def to_json(self) -> dict[str, Json]:
        """Return the member `presence` of the facts."""
        return {
            "passkey": self.passkey,
            "authenticatorData": b64encode(self.authenticator_data),
            "clientDataJSON": b64encode(self.client_data),
            "signature": b64encode(self.signature),
        }


def parse_passkey(record: Record) -> PasskeyFacts:
    """Read the facts of a `passkey`; raise Malformed for anything else."""
    record.constant("keyDetails", KEY_DETAILS)
    key = parse_p256(record.text("key", 100), f"{record.where}.key")
    if key is None:
        raise Malformed("expected a Multikey of P-256", f"{record.where}.key")
    return PasskeyFacts(key)


def parse_presence(record: Record, read_id: Callable[[Record, str], str]) -> Presence:
    """Read the form of an assertion; whether it holds is asked by `check_presence`."""
    presence = Presence(
        passkey=read_id(record, "passkey"),
        authenticator_data=record.base64("authenticatorData", 64),
        client_data=record.base64("clientDataJSON", 2 * MAX_CLIENT_DATA),
        signature=record.base64("signature", 2 * MAX_SIGNATURE),
    )
    record.done()
    if len(presence.authenticator_data) != DATA_SIZE:
        raise Malformed(
            f"{len(presence.authenticator_data)} bytes, expected {DATA_SIZE}",
            f"{record.where}.authenticatorData",
        )
    if len(presence.client_data) > MAX_CLIENT_DATA:
        where = f"{record.where}.clientDataJSON"
        raise Malformed(f"expected at most {MAX_CLIENT_DATA} bytes", where)
    return presence


def check_presence(presence: Presence, key: bytes, challenge: bytes, public_url: str) -> str:
    """Return the level of an assertion by a passkey for one statement at one registry.

    Args:
        presence: as read.
        key: of the passkey, a 65-byte point.
        challenge: SHA-256 of the statement without its `presence`.
        public_url: of the registry, which is the origin of the page that asked.

    Raises:
        VerificationFailed: step 7, `bad_presence`.
    """
    flags = presence.authenticator_data[32]
    if presence.authenticator_data[:32] != hashlib.sha256(_host(public_url)).digest():
        raise _bad("made for another site")
    if flags & ~_KNOWN or (flags & _IS_BACKED_UP and not flags & _MAY_BE_BACKED_UP):
        raise _bad(f"flags {flags:#04x}, which no assertion has")
    if not flags & _USER_PRESENT or not flags & _USER_VERIFIED:
        raise _bad("the authenticator did not verify its user")
    _check_client_data(presence.client_data, challenge, public_url)
    signed = presence.authenticator_data + hashlib.sha256(presence.client_data).digest()
    try:
        verify_p256(key, signed, presence.signature, low_s=False)
    except (Malformed, VerificationFailed) as error:
        raise _bad(str(error)) from error
    return HUMAN_VERIFIED if flags & _MAY_BE_BACKED_UP else SUBJECT_PRESENT


def _check_client_data(data: bytes, challenge: bytes, public_url: str) -> None:
    """Members that are not named here may be there: browsers add some, so that nobody relies."""
    try:
        document = parse(data, MAX_CLIENT_DATA, "clientDataJSON")
    except Malformed as error:
        raise _bad(str(error)) from error
    members = document if isinstance(document, dict) else {}
    if members.get("type") != "webauthn.get":
        raise _bad("made for something else than an assertion")
    if members.get("challenge") != urlsafe_b64encode(challenge).rstrip(b"=").decode():
        raise _bad("made for another statement")
    if members.get("origin") != public_url:
        raise _bad("asked for by another page")
    if members.get("crossOrigin", False) is not False or "topOrigin" in members:
        raise _bad("asked for inside a page of somebody else")


def _host(public_url: str) -> bytes:
    """Return the relying party's id: the host of the public URL, without its port."""
    netloc = public_url.split("://", 1)[1]
    return netloc.rsplit(":", 1)[0].encode() if not netloc.endswith("]") else netloc.encode()


def _bad(why: str) -> VerificationFailed:
    return VerificationFailed(STEP, "bad_presence", f"presence: {why}")
