"""An authenticator in software: it makes the bytes that a browser would hand over."""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

from trust.core.keys.signer import Signer
from trust.core.people.presence import Presence
from trust.custody.signers import P256Signer, generate_p256


class Passkey:
    """One credential for one site. `flags` are those of its assertions."""

    def __init__(self, public_url: str, signer: Signer | None = None) -> None:
        self.public_url = public_url
        self.signer = signer or P256Signer(generate_p256())

    @property
    def key(self) -> bytes:
        """The public key, a point."""
        return self.signer.public_key

    def unlock(
        self, name: str, challenge: bytes, /, *, flags: int = 0x05, **changes: Any
    ) -> Presence:
        """Return an assertion; `changes` are of the client data, None leaves a member out."""
        host = self.public_url.split("://", 1)[1].partition(":")[0]
        client = {
            "type": "webauthn.get",
            "challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "origin": self.public_url,
            "crossOrigin": False,
            **changes,
        }
        members = {member: value for member, value in client.items() if value is not None}
        data = json.dumps(members, separators=(",", ":")).encode()
        counter = (7).to_bytes(4)
        authenticator = hashlib.sha256(host.encode()).digest() + bytes([flags]) + counter
        signed = authenticator + hashlib.sha256(data).digest()
        return Presence(name, authenticator, data, self.signer.sign(signed))
