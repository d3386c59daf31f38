"""The home folder: what this machine knows about registries and about its own person there.

    registries/<host, ':' as '_'>/
      trust.json        the pinned trust file            pin.json      {code, compared}
      checkpoint        the newest note seen             contacts.json {handle: scid}
      statuses/<id>.json  the newest status seen         identity.json {did, handle, scid, version}
      did.jsonl         the person's own key history     certificate.der
      keys.json         the key file                     join.json     a join that is under way
      pending/<id>.json   signed, not delivered yet

Home is `$TOUCHPLATE_HOME`, else the XDG configuration folder. Folders are 0700 and files 0600. A
file is written beside its place, synced and renamed: it is the old one or the new one, never half.
"""

# pathlib would cost a tenth of what `verify` may take to start.

import functools
import os
import re
from typing import NamedTuple

from trust.core.canonical import Encodable, Json, canonical, parse_canonical
from trust.core.errors import Malformed, NotFound
from trust.core.people.did import check_scid
from trust.core.people.handle import check_handle
from trust.core.record import Record
from trust.core.registry.status import Status, parse_status
from trust.core.registry.trust_file import TrustFile, parse_trust_file

MAX_STATE = 2 * 1024 * 1024  # bytes of a file in the home folder
_HOST = re.compile(
    r"(?=.*[a-z0-9])(?!.*\.\.)(?:[a-z0-9][a-z0-9.-]*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
)
_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700


class Pinned(NamedTuple):
    """A registry whose trust file is pinned here."""

    folder: "RegistryFolder"
    trust: TrustFile
    compared: bool


class Identity(NamedTuple):
    """Who this machine's person is at a registry."""

    handle: str
    did: str
    scid: str
    version: str


class Home:
    """All registries that this machine knows."""

    def __init__(self, root: str) -> None:
        """Take the folder; nothing is made before something is written."""
        self.root = root

    @staticmethod
    def find() -> "Home":
        """Return the home that the environment names."""
        given = os.environ.get("TOUCHPLATE_HOME")
        if given:
            return Home(os.path.abspath(given))
        xdg = os.environ.get("XDG_CONFIG_HOME", "")
        base = xdg if os.path.isabs(xdg) else os.path.join(os.path.expanduser("~"), ".config")
        return Home(os.path.join(base, "touchplate"))

    def folder(self, host: str) -> "RegistryFolder":
        """Return the folder of a registry by host and port; raise Malformed for no host."""
        if not _HOST.fullmatch(host):
            raise Malformed(f"{host[:100]!r} is not a host with an optional port")
        return RegistryFolder(os.path.join(self.root, "registries", host.replace(":", "_")))

    def pinned(self) -> list[Pinned]:
        """Return every pinned registry, by folder name."""
        parent = os.path.join(self.root, "registries")
        try:
            names = sorted(os.listdir(parent))
        except FileNotFoundError:
            return []
        folders = [RegistryFolder(os.path.join(parent, name)) for name in names]
        return [item for folder in folders if (item := folder.pinned()) is not None]

    def pinned_at(self, url: str) -> Pinned | None:
        """Return the pinned registry of this public URL, if there is one."""
        host = url.partition("://")[2]
        found = self.folder(host).pinned() if _HOST.fullmatch(host) else None
        return found if found is not None and found.trust.public_url == url else None


class RegistryFolder:
    """What is kept about one registry. Readers return None when nothing is kept."""

    def __init__(self, path: str) -> None:
        """Take the folder, which may not exist yet."""
        self.path = path

    def place(self, *names: str) -> str:
        """Return the path of a file here."""
        return os.path.join(self.path, *names)

    def pinned(self) -> Pinned | None:
        """Return the pinned trust file; raise Malformed if it was damaged."""
        data = read_file(self.place("trust.json"))
        if data is None:
            return None
        trust = _parsed(data, self.place("trust.json"))
        pin = self._record("pin.json")
        compared = pin is not None and pin.boolean("compared") and pin.text("code") == trust.code
        return Pinned(self, trust, compared)

    def pin(self, trust: TrustFile, *, compared: bool) -> Pinned:
        """Keep a trust file. The code that was compared is kept with it."""
        write_json(self.place("pin.json"), {"code": trust.code, "compared": compared})
        write_file(self.place("trust.json"), trust.encoded)
        return Pinned(self, trust, compared)

    def checkpoint(self) -> str | None:
        """Return the newest checkpoint note that was seen."""
        data = read_file(self.place("checkpoint"))
        return None if data is None else data.decode("utf-8", "replace")

    def identity(self) -> Identity | None:
        """Return who this machine's person is here, once a join is complete."""
        record = self._record("identity.json")
        if record is None:
            return None
        return Identity(
            handle=check_handle(record.text("handle")),
            did=record.text("did"),
            scid=check_scid(record.text("scid")),
            version=record.text("version"),
        )

    def contacts(self) -> dict[str, str]:
        """Return the SCIDs of people verified here, by handle."""
        value = self.load("contacts.json")
        if not isinstance(value, dict):
            return {}
        return {
            check_handle(handle): check_scid(str(scid), self.place("contacts.json"))
            for handle, scid in value.items()
        }

    def keep_contact(self, handle: str, scid: str) -> None:
        """Remember that this handle is this person. The first one stands."""
        contacts = self.contacts()
        if handle not in contacts:
            write_json(self.place("contacts.json"), {**contacts, handle: scid})

    def status(self, statement_id: str) -> Status | None:
        """Return the newest status that was seen for a statement."""
        value = self.load("statuses", f"{statement_id}.json")
        where = self.place("statuses", f"{statement_id}.json")
        return None if value is None else parse_status(value, where)

    def keep_status(self, statement_id: str, status: Status) -> None:
        """Keep a checked status, unless it leaves out a state that the kept one proves."""
        before = self.status(statement_id)
        if before is None or _present(before) <= _present(status):
            write_json(self.place("statuses", f"{statement_id}.json"), status.to_json())

    def pending(self) -> list[str]:
        """Return the ids of statements that wait for delivery."""
        try:
            names = sorted(os.listdir(self.place("pending")))
        except FileNotFoundError:
            return []
        return [name.removesuffix(".json") for name in names if name.endswith(".json")]

    def load(self, *names: str) -> Json:
        """Return the value of a JSON file here, None when there is none."""
        data = read_file(self.place(*names))
        return None if data is None else parse_canonical(data, MAX_STATE, self.place(*names))

    def _record(self, name: str) -> Record | None:
        value = self.load(name)
        return None if value is None else Record(value, self.place(name))


def read_file(path: str, limit: int = MAX_STATE, *, cut: bool = False) -> bytes | None:
    """Return the bytes of a file, None if it is not there.

    `cut`: of a larger file return one byte more than `limit`, for whoever words the refusal.

    Raises:
        Malformed: it cannot be read, or is larger than `limit`.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise Malformed(reason(error), path) from error
    if len(data) > limit and not cut:
        raise Malformed(f"too large, expected at most {limit} bytes", path)
    return data


def required_file(path: str, limit: int, *, cut: bool = False) -> bytes:
    """Return the bytes of a file that must be there; raise Malformed naming it otherwise."""
    data = read_file(path, limit, cut=cut)
    if data is None:
        raise Malformed("no such file", path)
    return data


def write_json(path: str, value: Encodable) -> None:
    """Write a JSON file as its RFC 8785 bytes."""
    write_file(path, canonical(value))


def write_file(path: str, data: bytes, *, mode: int = _PRIVATE_FILE) -> None:
    """Write a file so that it is whole or not there, even after a power cut.

    Raises:
        Malformed: the disk or a folder refused, naming the file.
    """
    folder = os.path.dirname(path) or "."
    # A name that nobody can guess: the folder of a work may be one where others write too.
    temporary = os.path.join(folder, f".{os.urandom(8).hex()}.tmp")
    try:
        _make_folder(folder)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            _write_synced(handle, data)
            os.replace(temporary, path)
        except OSError:
            remove(temporary)
            raise
        _sync(folder)
    except OSError as error:
        raise Malformed(f"cannot be written: {reason(error)}", path) from error


def remove(path: str) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def reason(error: OSError | ValueError) -> str:
    """Return the system's words for an error, in lower case."""
    return (getattr(error, "strerror", None) or str(error)).lower()


def the_only(pinned: list[Pinned], url: str | None) -> Pinned:
    """Return the registry of `url`, or the only one there is.

    Raises:
        NotFound: none is pinned, or not that one.
        Malformed: several are pinned and none was named.
    """
    if url is not None:
        pinned = [item for item in pinned if item.trust.public_url == url]
    if not pinned:
        what = "no registry is" if url is None else f"{url} is not"
        raise NotFound(f"{what} pinned here; first: touchplate trust add {url or 'URL'}")
    if len(pinned) > 1:
        hosts = ", ".join(item.trust.public_url for item in pinned)
        raise Malformed(f"several registries are pinned, name one with --registry: {hosts}")
    return pinned[0]


@functools.lru_cache(maxsize=16)
def _parsed(data: bytes, where: str) -> TrustFile:
    """Parse a trust file once a process: checking its signatures is a tenth of a `verify`."""
    return parse_trust_file(data, where)


def _present(status: Status) -> set[bytes]:
    return {proof.k for proof in status.proofs if proof.here is not None}


def _make_folder(folder: str) -> None:
    """Make a folder, and its parents, for its owner only."""
    if not os.path.isdir(folder):
        _make_folder(os.path.dirname(folder) or ".")
        os.makedirs(folder, _PRIVATE_FOLDER, exist_ok=True)


def _write_synced(handle: int, data: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
