"""Registering a passkey: the statement by which a person says that it is theirs."""

import hashlib

from trust.client.statements import Author, Signed, sign_made
from trust.core.keys.p256 import spki
from trust.core.people.presence import PasskeyFacts


def make_passkey(author: Author, key: bytes, not_before: str, salt: bytes) -> Signed:
    """Register a passkey, given as a 65-byte P-256 point, as one of the author's."""
    subject = hashlib.sha256(spki(key)).digest()
    return sign_made(author, "passkey", (subject,), not_before, salt, PasskeyFacts(key), None)
