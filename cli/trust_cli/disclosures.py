"""Reading a disclosure file, JSON or TOML, into a checked disclosure."""

import tomllib

from trust.core.canonical import Json, canonical, parse
from trust.core.errors import Malformed
from trust.core.signing.disclosure import Disclosure, parse_disclosure
from trust_cli.home import required_file

MAX_DISCLOSURE = 64 * 1024  # bytes


def read_disclosure(path: str) -> Disclosure:
    """Read a file; its name ends in `.toml`, anything else is JSON.

    Raises:
        Malformed: naming the file, the place in it, and what was expected.
    """
    data = required_file(path, MAX_DISCLOSURE)
    value = _from_toml(data, path) if path.endswith(".toml") else parse(data, MAX_DISCLOSURE, path)
    return parse_disclosure(value, path)


def _from_toml(data: bytes, path: str) -> Json:
    """Read TOML, and hold it to the profile of JSON: dates and floats are not in it."""
    try:
        value = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}", path) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Malformed(str(error).lower(), path) from error
    _check(value, path)
    return parse(canonical(value), MAX_DISCLOSURE, path)


def _check(value: object, where: str) -> None:
    """Refuse dates and fractions, which TOML has and the profile has not."""
    if isinstance(value, dict):
        for name, member in value.items():
            _check(member, f"{where}.{name}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _check(item, f"{where}[{place}]")
    elif not isinstance(value, str | int):
        raise Malformed(f"{value}, expected text, a whole number, true or false", where)
