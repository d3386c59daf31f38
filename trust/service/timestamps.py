"""The time-stamping authority for anyone: RFC 3161 over HTTP, by keys of its own.

Its certificate stands under a root of its own, which no trust root lists: whoever has a token of it
made over a signature has no token of an entry. The key that dates entries never signs what a client
chose.
"""

import secrets
import threading
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from trust.core.canonical import canonical, parse
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import TooMany, Unavailable
from trust.core.keys.signer import Signer
from trust.core.x509 import writer
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.core.x509.timestamp_query import FailInfo, Refused, grant, parse_query, refusal
from trust.service.authorities import DAY, ROOT_YEARS, SERIAL_BITS, YEAR
from trust.service.clock import Clock
from trust.service.opening import MAX_STORED, check_key, once
from trust.service.settings import Settings
from trust.storage.ports import Tables

HOUR = 3600
MOST_NETWORKS = 65_536  # counted apart in one hour; whoever comes after them shares one count
_OTHERS = "others"
_STORED = "timestamping"


class TimestampAuthority(NamedTuple):
    """The certificates and the key that sign tokens for anyone."""

    certificate: Certificate
    root: Certificate
    signer: Signer


class Timestamps:
    """Answers requests, and counts them by network. Thread-safe; nothing is stored."""

    def __init__(self, authority: TimestampAuthority, clock: Clock, per_hour: int) -> None:
        self.authority = authority
        self._clock, self._per_hour = clock, per_hour
        self._hour = 0
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def reply(self, request: bytes, network: str) -> bytes:
        """Return a DER TimeStampResp: a token, or a refusal that says why.

        Args:
            request: a DER TimeStampReq.
            network: as of `quota_network`; nothing is counted for an empty one.

        Raises:
            TooMany: this network asked too often within this hour.
        """
        self._count(network)
        try:
            query = parse_query(request)
            seconds = self._seconds()
            serial = secrets.randbits(SERIAL_BITS)
            return grant(query, self.authority.certificate, self.authority.signer, serial, seconds)
        except Refused as refused:
            return refusal(refused)

    def _seconds(self) -> int:
        """Return the time, if it can be told now."""
        certificate = self.authority.certificate
        try:
            seconds = self._clock.reading()
        except Unavailable as error:
            raise Refused(FailInfo.TIME_NOT_AVAILABLE, str(error)) from error
        if not certificate.not_before <= seconds < certificate.not_after:
            raise Refused(FailInfo.SYSTEM_FAILURE, "the certificate of this authority has run out")
        return seconds

    def _count(self, network: str) -> None:
        if not network:
            return
        now = self._clock.now()
        with self._lock:
            if now // HOUR != self._hour:
                self._hour = now // HOUR
                self._asked.clear()
            if network not in self._asked and len(self._asked) >= MOST_NETWORKS:
                network = _OTHERS
            if self._asked[network] >= self._per_hour:
                raise TooMany(
                    f"your network has asked for {self._per_hour} time stamps in this hour",
                    HOUR - now % HOUR,
                )
            self._asked[network] += 1


def open_timestamps(
    settings: Settings, database: Tables, keys: Mapping[str, Signer], clock: Clock
) -> Timestamps:
    """Return the authority of this registry, making its certificates on first start.

    Raises:
        Conflict: the key is not the one of its certificate.
    """
    stored = once(
        database,
        _STORED,
        lambda: canonical([b64encode(item) for item in _certificates(settings, keys, clock.now())]),
    )
    listed = parse(stored, MAX_STORED)
    items = listed if isinstance(listed, list) else []
    leaf, root = (parse_certificate(b64decode(str(item))) for item in items)
    check_key(settings, keys, "timestamp", leaf)
    authority = TimestampAuthority(leaf, root, keys["timestamp"])
    return Timestamps(authority, clock, settings.timestamps_per_hour)


def _certificates(settings: Settings, keys: Mapping[str, Signer], now: int) -> tuple[bytes, bytes]:
    """Return the DER of leaf and root."""
    validity = (now - DAY, now + ROOT_YEARS * YEAR)
    serials = [secrets.randbits(SERIAL_BITS) for _ in range(2)]

    def name(common: str) -> bytes:
        return writer.name(settings.organisation, common)

    signer = keys["timestamp-root"]
    root = writer.root_certificate(signer, name("Time stamps root"), serials[0], *validity)
    leaf = writer.tsa_certificate(
        parse_certificate(root),
        signer,
        keys["timestamp"].public_key,
        name("Time stamps"),
        serials[1],
        validity,
    )
    return leaf, root
