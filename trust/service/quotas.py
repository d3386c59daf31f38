"""How much one person may log in a day, and what counts as one network."""

import ipaddress

from trust.core.errors import TooMany
from trust.service.authorities import DAY
from trust.service.settings import Settings
from trust.storage.ports import Tables

KEPT = 1024  # counts that are kept
_SQL = (
    "select count(*), min(signed_at) from entries "
    "where scid = ? and type = ? and signed_at > ? and idx < ?"
)


class Quotas:
    """Counts what is published: a burst that arrives at once may go beyond by its own size."""

    def __init__(self, database: Tables, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}  # size and count, by whose

    def check(self, scid: str, statement_type: str, size: int, now: int) -> None:
        """Require that one more statement of a type is within the person's day.

        Raises:
            TooMany: it is not; carries the seconds until it is.
        """
        most = self._settings.per_person_and_day(statement_type)
        counted_at, count = self._counts.get((scid, statement_type), (-1, 0))
        if counted_at == size and count < most:
            return  # of the same entries, time that goes on only makes fewer count
        count, oldest = self._database.row(_SQL, (scid, statement_type, now - DAY, size))
        if len(self._counts) >= KEPT:
            self._counts.clear()
        self._counts[scid, statement_type] = size, count
        if count >= most:
            raise TooMany(
                f"one person may log {most} statements of type {statement_type!r} in 24 hours, "
                f"and you have logged {count}",
                max(1, oldest + DAY - now),
            )


def quota_network(address: str) -> str:
    """Return the network that shares a quota: /24 of IPv4, /64 of IPv6; empty for loopback."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    ip = mapped or ip
    if ip.is_loopback:
        return ""
    prefix = 24 if isinstance(ip, ipaddress.IPv4Address) else 64
    return str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False))
