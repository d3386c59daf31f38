"""URLs that people configure: where a witness is. No I/O."""

from string import ascii_letters, digits
from urllib.parse import SplitResult, urlsplit

from trust.core.errors import Malformed

_PATH = frozenset(f"{ascii_letters}{digits}-._~!$&'()*+,;=:@/")  # RFC 3986: pchar, no escapes
_NETLOC = frozenset(f"{ascii_letters}{digits}-.:[]")


def url_prefix(text: str, where: str) -> SplitResult:
    """Read a URL to which paths are added, `http(s)://host[:port][/path]`; a last slash is cut off.

    Raises:
        Malformed: another scheme, a user, a query, an escape, a port that is none.
    """
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises unless it is a number that a port can be
    except ValueError as error:
        raise Malformed(f"{text[:200]!r}: {error}", where) from error
    whole = f"{parts.scheme}://{parts.netloc}{parts.path}" == text
    plain = _NETLOC.issuperset(parts.netloc) and _PATH.issuperset(parts.path)
    if not (whole and plain and parts.scheme in {"http", "https"} and parts.hostname):
        raise Malformed(f"{text[:200]!r}, expected http(s)://host[:port][/path]", where)
    return parts._replace(path=parts.path.rstrip("/"))
