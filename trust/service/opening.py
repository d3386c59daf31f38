"""Opening the data folder: keys, origin and authorities, made once on first start.

Each thing is made, stored, and only then used, so that a start after a crash goes on with what the
one before it had made.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from trust.core.canonical import canonical, parse
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Conflict, NotFound
from trust.core.keys.signer import Signer
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.custody.remote import RemoteKeys
from trust.custody.signers import KeySigner
from trust.service.authorities import KEYS, Authorities, make_roots
from trust.service.keyring import FIRST, Keyring, is_key_file
from trust.service.settings import Settings
from trust.storage.ports import Tables

DATABASE = "registry.db"
ROOTS, KEY_FILES = "roots", "key_files"  # of `meta`: certificates, and how many key files count
MAX_STORED = 64 * 1024  # bytes of one value
_STORED_SQL = "select value from meta where name = ?"


def once(database: Tables, name: str, make: Callable[[], bytes]) -> bytes:
    """Return a value of `meta`, making and keeping it the first time."""
    value = stored(database, name)
    if value is None:
        made = make()
        with database.write() as transaction:
            transaction.insert("meta", [(name, made)], ignore=True)
            (value,) = transaction.row(_STORED_SQL, (name,))  # another process was faster
    return value


def open_authorities(
    settings: Settings, database: Tables, passphrase: bytes, now: int
) -> Authorities:
    """Return the registry's keys and certificates, making them on first start.

    Raises:
        Conflict: the data folder is of another public URL, or its keys are of another log.
        NotAllowed: a wrong passphrase.
        NotFound: the data folder is in use, but a key file is gone.
        Unavailable: the signer that holds the keys does not answer.
    """
    public_url = once(database, "public_url", settings.public_url.encode).decode()
    if public_url != settings.public_url:
        raise Conflict(
            f"this data folder is of {public_url}, which is fixed for ever; "
            f"it cannot serve {settings.public_url}"
        )
    if settings.signer is None:
        keys: Mapping[str, Signer] = _open_keys(settings.data, database, passphrase)
    else:
        keys = _ask_signer(settings.data, settings.signer)
    try:
        return _open_with(keys, settings, database, now)
    except BaseException:
        if isinstance(keys, RemoteKeys):
            keys.close()
        raise


def _open_with(
    keys: Mapping[str, Signer], settings: Settings, database: Tables, now: int
) -> Authorities:
    """Return origin and certificates that go with the keys, making them on first start."""
    if once(database, "log_key", lambda: keys["log"].public_key) != keys["log"].public_key:
        where = settings.signer or settings.data
        raise Conflict(f"the keys in {where} are of another log than the database")
    key_digest = hashlib.sha256(keys["log"].public_key).hexdigest()
    year = time.gmtime(now).tm_year
    name = (
        f"{key_digest[:8]}.localhost" if settings.is_local else f"log{year}-1.{settings.hostname}"
    )
    origin = once(database, "origin", name.encode).decode()
    roots = once(
        database,
        ROOTS,
        lambda: canonical([b64encode(item) for item in make_roots(settings, keys, now)]),
    )
    listed = parse(roots, MAX_STORED)
    items = listed if isinstance(listed, list) else []
    ca, tsa_root, tsa = (parse_certificate(b64decode(str(item))) for item in items)
    for key, certificate in (("ca", ca), ("tsa-root", tsa_root), ("tsa", tsa)):
        check_key(settings, keys, key, certificate)
    return Authorities(settings, origin, keys, ca, tsa_root, tsa)


def check_key(
    settings: Settings, keys: Mapping[str, Signer], name: str, certificate: Certificate
) -> None:
    """Require that a key is the one of its certificate.

    Raises:
        Conflict: it is another; what it signs would hold for nobody.
    """
    if keys[name].public_key != certificate.point:
        raise Conflict(
            f"the key {name!r} in {settings.signer or settings.data} is not the one of the "
            "certificate in the database: bring the key files of the process that made it"
        )


def _ask_signer(folder: Path, path: Path) -> RemoteKeys:
    """Return the keys that another process holds; none may lie here then."""
    left = next((item.name for item in sorted(folder.iterdir()) if is_key_file(item.name)), None)
    if left is not None:
        raise Conflict(
            f"{folder / left} still holds keys of this registry: move every key file to the folder "
            "of the signer, and start the signer with --adopt"
        )
    keys = RemoteKeys(path)
    missing = [name for name in KEYS if name not in keys]
    if missing:
        keys.close()
        raise NotFound(f"the signer at {path} has no key {missing[0]!r}")
    return keys


def _open_keys(folder: Path, database: Tables, passphrase: bytes) -> dict[str, KeySigner]:
    """Return the keys in use, making those that this folder does not have yet."""
    count = stored(database, KEY_FILES)
    keyring = Keyring(folder, passphrase, None if count is None else int(count))
    if keyring.count == 0 and stored(database, "origin") is not None:
        raise NotFound(
            f"{folder / FIRST} is gone, and with it the keys of this log; restore "
            "it, or name the signer that holds them with --signer"
        )
    keys = keyring.open()
    missing = {name: kind for name, kind in KEYS.items() if name not in keys}
    if missing:
        keys.update(keyring.add(missing))
        if count is not None:
            with database.write() as transaction:
                value = str(keyring.count).encode()
                transaction.execute("update meta set value = ? where name = ?", (value, KEY_FILES))
    return keys


def stored(database: Tables, name: str) -> bytes | None:
    """Return a value of `meta`, if it is kept."""
    row = database.row(_STORED_SQL, (name,))
    return None if row is None else bytes(row[0])
