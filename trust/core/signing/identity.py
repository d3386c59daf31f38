"""Who signs: the URI in a certificate's SAN, and the ids and status names that follow from it.

    person or customer's browser key   <public_url>/p/<scid>
    agent                              <public_url>/p/<scid>/a/<n>
    organisation                       <public_url>/o/<scid>
    registry                           <public_url>/registry

The SAN carries no name, handle or address. What is compared is always the SCID.
"""

import hashlib
from typing import Literal, NamedTuple

from trust.core.encoding import crockford, crockford_normal, decimal
from trust.core.errors import Malformed
from trust.core.people.did import check_scid
from trust.core.record import Record

Kind = Literal["person", "agent", "organisation", "registry"]

SALT_SIZE = 16  # 128 random bits
ID_DIGITS = 16  # 80 bits of SHA-256: not guessable, and short enough to type


class Principal(NamedTuple):
    """A signer as a certificate names it. `scid` is empty for the registry."""

    kind: Kind
    scid: str = ""
    number: int = 0  # an agent's number; 0 for all others

    @property
    def who(self) -> str:
        """The text that enters a statement's id: the SCID (an agent's person's) or `registry`."""
        return self.scid or "registry"

    def uri(self, public_url: str) -> str:
        """Return the SAN URI under a registry's public URL."""
        if self.kind == "registry":
            return f"{public_url}/registry"
        folder = "o" if self.kind == "organisation" else "p"
        suffix = f"/a/{self.number}" if self.kind == "agent" else ""
        return f"{public_url}/{folder}/{self.scid}{suffix}"


def parse_principal(uri: str, public_url: str) -> Principal:
    """Read a SAN URI of this registry.

    Raises:
        Malformed: another registry's prefix, or no signer of ours.
    """
    prefix = f"{public_url}/"
    if not uri.startswith(prefix):
        raise Malformed(f"{uri!r} does not start with {prefix!r}", "certificate.san")
    match uri.removeprefix(prefix).split("/"):
        case ["registry"]:
            return Principal("registry")
        case ["p", scid]:
            return Principal("person", check_scid(scid))
        case ["o", scid]:
            return Principal("organisation", check_scid(scid))
        case ["p", scid, "a", number] if decimal(number, "certificate.san") > 0:
            return Principal("agent", check_scid(scid), int(number))
    raise Malformed(f"{uri!r} names no signer", "certificate.san")


def statement_id(origin: str, who: str, salt: bytes) -> str:
    """Return the id of a statement: 16 Crockford digits, known before it is signed.

    SHA-256 over "touchplate-id-v1" LF origin LF who LF salt as hex text; `who` is `Principal.who`.
    """
    text = f"touchplate-id-v1\n{origin}\n{who}\n{salt.hex()}"
    return crockford(hashlib.sha256(text.encode()).digest(), ID_DIGITS)


def parse_id(text: str) -> str:
    """Return a typed id in its canonical form: lower case, I L O as 1 1 0, dashes dropped."""
    digits = crockford_normal(text)
    if len(digits) != ID_DIGITS:
        raise Malformed(f"{text[:60]!r} has {len(digits)} digits, an id has {ID_DIGITS}")
    return digits


def canonical_id(record: Record, name: str) -> str:
    """Take an id as it is written in a document: 16 digits in lower case."""
    found = record.text(name)
    if parse_id(found) != found:
        raise Malformed(f"{found[:60]!r} is not a canonical id", f"{record.where}.{name}")
    return found


def member_key(enterprise: str, scid: str) -> bytes:
    """Return the name of the status line that says when a person left an enterprise."""
    return status_key("member", f"{enterprise}/{scid}")


def status_key(kind: Literal["statement", "key", "person", "member"], name: str) -> bytes:
    """Return k, the name of a status line: SHA-256(kind LF name).

    `name` is a statement's id, the hex SHA-256 of a key's SPKI, a person's SCID, or for a member
    the enterprise's id, a slash and the SCID.
    """
    return hashlib.sha256(f"{kind}\n{name}".encode()).digest()
