"""New keys for old ones: what `admin rotate` prepares while no registry serves.

A rotation makes the next version of the trust file, which appends the new key and ends the old one
(succession.py), and stores it as what is about to be logged. The next start goes over: it signs
with the new key, logs `trust`, and serves the new version. Everything signed before stays valid,
because keys are judged at the time of what they signed.

The new key lies in a key file of its own, which counts only from the commit on that stores the
rest: a rotation that a crash cut off never happened.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import b64encode, format_time
from trust.core.errors import Conflict, NotAllowed
from trust.core.keys.p256 import ed25519_spki, spki
from trust.core.keys.signer import Signer
from trust.core.registry.succession import advance
from trust.core.registry.trust_file import (
    MAX_TRUST_FILE,
    MEDIA_TYPE,
    ListedKey,
    TrustFile,
    Validity,
    encode_trust_file,
    listed_key_json,
    root_json,
)
from trust.core.signing.envelope import parse_envelope
from trust.core.x509.certificate import parse_certificate
from trust.service.authorities import DAY, KEYS, YEAR, Authorities, next_ca, next_tsa
from trust.service.intents import stored_intent
from trust.service.keyring import Keyring
from trust.service.log_recovery import open_stored
from trust.service.opening import KEY_FILES, ROOTS, once, open_authorities
from trust.service.renewals import CERTIFICATE, TRUST
from trust.service.settings import Settings
from trust.service.trust_files import TrustFiles
from trust.storage.ports import Tables

NAMES: Final = ("ca", "tsa", "sct", "status", "registry", "root")
# What they signed is used for as long as a certificate lasts: their end lies beyond the last one's.
_LASTING: Final = frozenset({"ca", "sct"})

Payload = dict[str, Json]


class Rotated(NamedTuple):
    """The version of the trust file that the next start logs, and its root code."""

    version: int
    code: str


class _Change(NamedTuple):
    """What a rotation puts into the payload of a trust file."""

    payload: Payload
    start: int
    end: int


def rotate(
    data: Path,
    database: Tables,
    passphrase: bytes,
    name: str,
    now: int,
    compromised_since: int | None = None,
) -> Rotated:
    """Prepare a new key under a name of NAMES; nobody else may have the data folder open.

    Args:
        data: the folder of the registry.
        database: its database, open for writing.
        passphrase: of its key files.
        name: which key.
        now: seconds.
        compromised_since: the old key counts for nothing from then on, in seconds.

    Raises:
        NotAllowed: a wrong passphrase; a date that cannot be; a key for which a date says nothing.
        Conflict: the version before is not logged yet: start `serve` once.
    """
    public_url = bytes(database.row("select value from meta where name = 'public_url'")[0])
    settings = Settings(data, public_url.decode())
    old = open_authorities(settings, database, passphrase, now)
    trust = TrustFiles(database, old, now).newest
    if stored_intent(database, TRUST) or stored_intent(database, CERTIFICATE):
        raise Conflict("something is made and not logged yet: start `serve` once, then rotate")
    (note,) = database.row("select note from checkpoints order by seq desc limit 1")
    now = max(now, open_stored(note, old).time + 1)
    end = _end(name, trust, now, compromised_since)
    keyring = Keyring(data, passphrase, _in_use(database, data, passphrase))
    made = keyring.add({name: KEYS[name]})
    new, roots = _go_over(old, name, made[name], now)
    change = _Change({**_payload(trust), "version": trust.version + 1}, now, end)
    _CHANGES[name](change, new)
    change.payload["expires"] = format_time(now + YEAR)
    signers = [old.keys["root"]] + ([new.keys["root"]] if name == "root" else [])
    document = encode_trust_file(change.payload, signers)
    successor = advance(trust, document)  # nothing is kept that no client would take
    intent: Json = {"request": {"file": b64encode(document)}, "statement": None}
    with database.write() as transaction:
        for key, value in (
            (ROOTS, roots),
            (KEY_FILES, str(keyring.count).encode()),
            (f"intent:{TRUST}", canonical(intent)),
        ):
            transaction.execute("delete from meta where name = ?", (key,))
            transaction.execute("insert into meta values (?, ?)", (key, value))
    return Rotated(successor.version, successor.code)


def _end(name: str, trust: TrustFile, now: int, compromised_since: int | None) -> int:
    """Return the moment from which the old key counts for nothing."""
    if compromised_since is None:
        return now + YEAR + DAY if name in _LASTING else now
    if name in _LASTING:
        raise NotAllowed(
            f"every certificate hangs on the {name} key: to end it in the past would end what "
            "everybody signed since. Rotate it without a date; then each renewal leaves it behind"
        )
    if name == "root":
        raise NotAllowed(
            "a root key has no end: whoever stole it can sign a next version as well. Rotate it "
            "without a date, and tell everyone the new code"
        )
    first = min(key.validity.start for key in trust.registry_keys)
    if not first <= compromised_since <= now:
        raise NotAllowed(
            f"{format_time(compromised_since)}, expected a date from {format_time(first)} to now"
        )
    return compromised_since


def _go_over(old: Authorities, name: str, signer: Signer, now: int) -> tuple[Authorities, bytes]:
    """Return the authorities with a new key, and the certificates to keep."""
    new = old._replace(keys={**old.keys, name: signer})
    if name == "ca":
        new = new._replace(ca=parse_certificate(next_ca(new, secrets.token_hex(2), now)))
    if name == "tsa":
        new = new._replace(tsa=parse_certificate(next_tsa(new, now)))
    items: list[Json] = [b64encode(item.der) for item in (new.ca, new.tsa_root, new.tsa)]
    return new, canonical(items)


def _payload(trust: TrustFile) -> Payload:
    envelope = parse_envelope(
        parse(trust.encoded, MAX_TRUST_FILE), MEDIA_TYPE, "trust file", most_signatures=16
    )
    payload = parse(envelope.payload, MAX_TRUST_FILE)
    return payload if isinstance(payload, dict) else {}


def _trusted(change: _Change, member: str, new: Authorities) -> None:
    """Append to a list of the trust root, after ending what it lists."""
    root = change.payload["trustedRoot"]
    added = new.trusted_root(change.start)[member]
    if not (isinstance(root, dict) and isinstance(added, list)):
        raise TypeError("a checked trust file has another shape")
    listed = root[member]
    for item in listed if isinstance(listed, list) else []:
        holder = item.get("publicKey", item) if isinstance(item, dict) else None
        if isinstance(holder, dict):
            _end_once(holder["validFor"], change.end)
    if isinstance(listed, list):
        listed += added


def _listed(change: _Change, member: str, key: bytes) -> None:
    """Append to a list of ours, after ending what it lists."""
    listed = change.payload[member]
    if not isinstance(listed, list):
        raise TypeError("a checked trust file has another shape")
    for item in listed:
        _end_once(item, change.end)
    listed.append(listed_key_json(ListedKey(key, Validity(change.start))))


def _end_once(holder: Json, end: int) -> None:
    """Give an end to what has none; what has ended stays ended."""
    if isinstance(holder, dict) and holder.get("end") is None:
        holder["end"] = format_time(end)


def _root(change: _Change, new: Authorities) -> None:
    change.payload["root"] = root_json([new.keys["root"]], 1)


_CHANGES: Final[dict[str, Callable[[_Change, Authorities], None]]] = {
    "ca": lambda change, new: _trusted(change, "certificateAuthorities", new),
    "tsa": lambda change, new: _trusted(change, "timestampAuthorities", new),
    "sct": lambda change, new: _trusted(change, "ctlogs", new),
    "status": lambda change, new: _listed(
        change, "statusKeys", ed25519_spki(new.keys["status"].public_key)
    ),
    "registry": lambda change, new: _listed(
        change, "registryKeys", spki(new.keys["registry"].public_key)
    ),
    "root": _root,
}


def _in_use(database: Tables, data: Path, passphrase: bytes) -> int:
    """Return how many key files count, and keep that before another is made."""
    count = str(Keyring(data, passphrase).count).encode()
    return int(once(database, KEY_FILES, lambda: count))
