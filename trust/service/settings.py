"""Settings of a registry: a frozen value that refuses what could not work."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from trust.core.errors import Malformed

RESIGN_SECONDS = 600  # an idle registry signs its checkpoint again at least this often
JOINS_PER_DAY = 20  # of one network; the loopback network is not counted


@dataclass(frozen=True)
class Settings:
    """Where the data lies, and what everyone calls the registry.

    Raises:
        Malformed: a public URL with a path, in upper case, or plain http for a public host.
    """

    data: Path
    public_url: str
    host: str = "127.0.0.1"
    port: int = 8080
    organisation: str = "Touchplate registry"
    resign_seconds: int = RESIGN_SECONDS
    joins_per_day: int = JOINS_PER_DAY

    def __post_init__(self) -> None:
        """Check the public URL, which is fixed for ever at first start."""
        scheme, _, netloc = self.public_url.partition("://")
        if (
            scheme not in {"http", "https"}
            or not netloc
            or self.public_url.lower() != (self.public_url)
        ):
            raise Malformed(f"{self.public_url!r}, expected http(s)://host[:port] in lower case")
        if any(mark in netloc for mark in "/?#@ "):
            raise Malformed(f"{self.public_url!r} has more than scheme, host and port")
        if scheme == "http" and not self.is_private:
            raise Malformed(
                f"{self.public_url!r}: plain http is for localhost and private addresses"
            )

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return self.public_url.partition("://")[0]

    @property
    def netloc(self) -> str:
        """Host and port."""
        return self.public_url.partition("://")[2]

    @property
    def hostname(self) -> str:
        """The host alone."""
        return self.netloc.rsplit(":", 1)[0] if ":" in self.netloc else self.netloc

    @property
    def port_suffix(self) -> str:
        """`:port`, or nothing."""
        return self.netloc.removeprefix(self.hostname)

    @property
    def is_local(self) -> bool:
        """Whether the host is localhost or an IP address, which no DID may carry."""
        return self.hostname == "localhost" or self._address is not None

    @property
    def is_private(self) -> bool:
        """Whether plain http is acceptable."""
        address = self._address
        named = self.hostname == "localhost" or self.hostname.endswith(".localhost")
        return named or (address is not None and address.is_private)

    @property
    def _address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        try:
            return ipaddress.ip_address(self.hostname.strip("[]"))
        except ValueError:
            return None
