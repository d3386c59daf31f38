"""Opening the data folder: keys, authorities and trust file, made once on first start."""

import hashlib
import time
from collections.abc import Callable

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Conflict, Malformed
from trust.core.registry.trust_file import TrustFile, parse_trust_file
from trust.core.signing.identity import Principal
from trust.core.x509.certificate import parse_certificate
from trust.custody.keyfile import KeyFile
from trust.custody.signers import generate_ed25519, generate_p256
from trust.service.authorities import KEYS, Authorities, make_roots
from trust.service.settings import Settings
from trust.storage.database import Database


def stored(database: Database, name: str, make: Callable[[], bytes]) -> bytes:
    """Return a value of `meta`, making and keeping it the first time."""
    row = database.row("select value from meta where name = ?", (name,))
    if row is not None:
        return bytes(row[0])
    value = make()
    with database.write() as connection:
        connection.execute("insert into meta values (?, ?)", (name, value))
    return value


def open_authorities(
    settings: Settings, database: Database, passphrase: bytes, now: int
) -> Authorities:
    """Open keys and certificates.

    Raises:
        Conflict: the folder is of another public URL.
        NotAllowed: a wrong passphrase.
    """
    public_url = stored(database, "public_url", settings.public_url.encode).decode()
    if public_url != settings.public_url:
        raise Conflict(
            f"this data folder is of {public_url}, which is fixed for ever; "
            f"it cannot serve {settings.public_url}"
        )
    path = settings.data / "keys.json"
    if not path.exists():
        make = {"p256": generate_p256, "ed25519": generate_ed25519}
        KeyFile.create(path, {n: (kind, make[kind]()) for n, kind in KEYS.items()}, passphrase)
    keys = KeyFile.open(path, passphrase)
    key_digest = hashlib.sha256(keys["log"].public_key).hexdigest()
    year = time.gmtime(now).tm_year
    name = (
        f"{key_digest[:8]}.localhost" if settings.is_local else f"log{year}-1.{settings.hostname}"
    )
    origin = stored(database, "origin", name.encode).decode()
    roots = canonical([b64encode(item) for item in make_roots(settings, keys, now)])
    listed = _read_list(stored(database, "roots", lambda: roots))
    return Authorities(settings, origin, keys, *(parse_certificate(item) for item in listed))


def _read_list(document: bytes) -> list[bytes]:

    values = parse(document, 64 * 1024)
    return [b64decode(str(item)) for item in values] if isinstance(values, list) else []


def open_trust_file(database: Database, authorities: Authorities, now: int) -> TrustFile:
    """Return the newest trust file, signing the first one on first start."""
    row = database.row("select document from trust_files order by version desc limit 1")
    if row is not None:
        return parse_trust_file(row[0])
    document = authorities.trust_file(1, now)
    with database.write() as connection:
        connection.execute("insert into trust_files values (1, ?)", (document,))
    return parse_trust_file(document)


def own_request(database: Database, authorities: Authorities, now: int) -> dict[str, Json]:
    """Serial and validity of the registry's own certificate, chosen once."""
    uri = Principal("registry").uri(authorities.settings.public_url)
    point = authorities.keys["registry"].public_key
    document = stored(
        database,
        "own_request",
        lambda: canonical(authorities.precertificate(point, uri, now)),
    )
    request = parse(document, 4096)
    if not isinstance(request, dict):
        raise Malformed("the registry's own certificate request", "meta")
    return request


def own_certificate(
    database: Database, authorities: Authorities, request: dict[str, Json], now: int
) -> bytes:
    """The registry's own certificate with its SCT, issued once entry 0 is logged."""
    point = authorities.keys["registry"].public_key
    return stored(database, "own_certificate", lambda: authorities.certificate(request, point, now))
