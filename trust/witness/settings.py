"""Settings of a witness, and the list of the logs that it cosigns."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult

from trust.core.errors import Malformed
from trust.core.log.note import ED25519, VerifierKey

MAX_LIST = 1024 * 1024  # bytes of a file of verifier keys: some thousand logs
MAX_NAME = 200  # characters of a witness's name

Logs = Mapping[str, tuple[VerifierKey, ...]]


class Settings(NamedTuple):
    """Where a witness keeps its key and records, what everyone calls it, and its logs by origin."""

    data: Path
    public_url: SplitResult  # from `url_prefix`
    logs: Logs
    name: str | None = None  # what it was called at first start; by default the URL, no scheme

    @property
    def prefix(self) -> str:
        """The path under which it is served: that of its public URL."""
        return self.public_url.path


def check_name(name: str) -> str:
    """Return the name of a witness; raise Malformed if a policy or a note could not hold it."""
    plain = name.isascii() and name.isprintable() and not set(name) & {" ", "+"}
    if not (plain and 0 < len(name) <= MAX_NAME and not name.startswith("#")):
        raise Malformed(
            f"{name[:60]!r}, expected 1 to {MAX_NAME} characters, such as guild.example/witness,"
            " without space and plus",
            "name of the witness",
        )
    return name


def read_logs(lines: Iterable[str], path: Path | None = None) -> Logs:
    """Read verifier keys of logs, given one by one and in a file.

    In the file a line holds one key; empty lines and lines that begin with `#` say nothing. The
    name of a key is the origin of its log, which may have several keys.

    Raises:
        Malformed: a line that is no verifier key of a log, named by its number; no log at all.
        OSError: the file cannot be read.
    """
    found: dict[str, list[VerifierKey]] = {}
    places = [("--log", line) for line in lines]
    if path is not None:
        places += [(f"{path}, line {number}", line) for number, line in _file(path)]
    for where, line in places:
        key = _log_key(line, where)
        keys = found.setdefault(key.name, [])
        if any(other.key_id == key.key_id and other != key for other in keys):
            raise Malformed(f"two keys of {key.name!r} with one key id", where)
        if key not in keys:
            keys.append(key)
    if not found:
        raise Malformed("no log to cosign, expected --log VKEY or --logs FILE with keys in it")
    return {origin: tuple(keys) for origin, keys in found.items()}


def _file(path: Path) -> list[tuple[int, str]]:
    with path.open("rb") as file:
        data = file.read(MAX_LIST + 1)
    if len(data) > MAX_LIST:
        raise Malformed(f"longer than {MAX_LIST} bytes", str(path))
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8", str(path)) from error
    numbered = [(number, line.strip()) for number, line in enumerate(lines, start=1)]
    return [(number, line) for number, line in numbered if line and not line.startswith("#")]


def _log_key(text: str, where: str) -> VerifierKey:
    try:
        key = VerifierKey.parse(text)
    except Malformed as error:
        raise Malformed(str(error), where) from error
    if key.type != ED25519:
        raise Malformed(f"{text[:80]!r}: a log signs with a key of type 1", where)
    return key
