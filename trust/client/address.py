"""Where a registry is: its public URL, and which hosts may be spoken to without TLS."""

import ipaddress

from trust.core.errors import Malformed
from trust.transport.answer import is_local

_MAX_PORT = 0xFFFF


def public_url(text: str) -> str:
    """Return a registry's URL as `<scheme>://<host>[:port]`, in lower case.

    Raises:
        Malformed: a path, query or user, no host, or plain http to a machine that is neither this
            one nor at a private address.
    """
    scheme, mark, rest = text.strip().lower().partition("://")
    host, colon, port = _split(rest.removesuffix("/"))
    plain = host.removeprefix("[").removesuffix("]")
    if scheme not in {"http", "https"} or not mark or not _is_host(host):
        raise Malformed(f"{text[:200]!r}, expected https://HOST or https://HOST:PORT", "registry")
    if colon and not (
        colon == ":" and port.isascii() and port.isdigit() and 0 < int(port) <= _MAX_PORT
    ):
        raise Malformed(
            f"{text[:200]!r}, expected https://HOST:PORT with a port from 1 to 65535 and no path",
            "registry",
        )
    if scheme == "http" and not is_near(plain):
        raise Malformed(
            f"{text[:200]!r}: plain http is for localhost and private addresses, expected https",
            "registry",
        )
    return f"{scheme}://{host}{colon}{port}"


def is_near(host: str) -> bool:
    """Say whether a host may be spoken to without TLS: this machine, or a private address."""
    if is_local(host):
        return True
    address = _address(host)
    return address is not None and (address.is_loopback or address.is_private)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _split(netloc: str) -> tuple[str, str, str]:
    """Split host, colon and port; the colons of an IPv6 address stand in brackets."""
    if netloc.startswith("["):
        inside, bracket, rest = netloc.partition("]")
        return (f"{inside}{bracket}", rest[:1], rest[1:])
    return netloc.partition(":")


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return host.endswith("]") and ":" in host and _address(host[1:-1]) is not None
    labels = host.split(".")
    return host.isascii() and all(
        label and label.replace("-", "").isalnum() and label[0] != "-" for label in labels
    )
