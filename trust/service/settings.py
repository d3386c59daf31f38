"""Settings of a registry: a frozen value that refuses what could not work."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from trust.core.errors import Malformed
from trust.core.log.witness import WitnessPolicy

RESIGN_SECONDS = 600  # an idle registry signs its checkpoint again at least this often
JOINS_PER_DAY = 20  # of one network; the loopback network is not counted
TIMESTAMPS_PER_HOUR = 1000  # for one network, likewise: a build server dates every artefact
# Of one person and type. A studio delivers hundreds of files; each withdrawal makes a status line,
# and every snapshot signs all lines, so they are the dearer kind.
STATEMENTS_PER_DAY = 10_000
WITHDRAWALS_PER_DAY = 100
UPKEEP_SECONDS = 60  # between two looks at what is due
BUCKET = "s3://"  # begins the URL of a bucket for tiles
# With less of the disk free nothing is taken that would be written: bytes, or the part of the whole
# disk if that is more. A disk that fills up in the middle of a write stops the writer for good.
DISK_FLOOR = 2**30
DISK_PART = 0.05
SNAPSHOT_SECONDS = 3600  # a `snapshot` statement is logged at most this often

# Types of which a person may log few a day: they change what stands, or make keys.
RARE = frozenset(
    {"withdrawal", "delegation", "revocation", "freeze", "unfreeze", "erasure", "passkey"}
)


@dataclass(frozen=True)
class Settings:
    """Where the data lies, and what everyone calls the registry.

    `trusted_proxies` are addresses and networks: a request that comes from one of them is counted
    as its X-Forwarded-For says. Nobody else's is read.

    `witness_policy` is the text of a policy that becomes the trust file's; None leaves what that
    says. `witnesses_required`: what too few witnesses cosign is not published, and writers get 503
    until enough do.

    `database` is the URL of a PostgreSQL database, for several processes; without it, SQLite in
    `data`. `tiles` is where the public side of the log lies: a folder (relative to `data`), or
    s3://bucket/prefix; without it, `public` in `data`.

    `signer` is the socket of the process that holds the private keys; None: the data folder does.

    `disk_floor` is how many bytes of the disk must be free for a write; None is the larger of 1 GiB
    and 5 % of the disk, 0 is no limit.

    Raises:
        Malformed: a public URL with a path, in upper case, or plain http for a public host; a
            proxy that is no address and no network, or that is everybody; no witness policy; a
            database of another kind, or with its password in the URL.
    """

    data: Path
    public_url: str
    host: str = "127.0.0.1"
    port: int = 8080
    organisation: str = "Touchplate registry"
    resign_seconds: int = RESIGN_SECONDS
    joins_per_day: int = JOINS_PER_DAY
    timestamps_per_hour: int = TIMESTAMPS_PER_HOUR
    statements_per_day: int = STATEMENTS_PER_DAY
    withdrawals_per_day: int = WITHDRAWALS_PER_DAY
    upkeep_seconds: int = UPKEEP_SECONDS
    snapshot_seconds: int = SNAPSHOT_SECONDS
    disk_floor: int | None = None
    signer: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    witness_policy: str | None = None
    witnesses_required: bool = False
    read_only: bool = False  # reads go on, and nothing is written or signed
    restored_at: int | None = None  # see restored.py
    database: str | None = None
    tiles: str | None = None

    def __post_init__(self) -> None:
        """Check the public URL, which is fixed for ever at first start."""
        parts = self._parts
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Malformed(f"{self.public_url!r}, expected http(s)://host[:port]")
        if f"{parts.scheme}://{self.hostname}{self.port_suffix}" != self.public_url:
            raise Malformed(
                f"{self.public_url!r}, expected scheme, host and port alone, in lower case"
            )
        if parts.scheme == "http" and not self.is_private:
            raise Malformed(
                f"{self.public_url!r}: plain http is for localhost and private addresses, expected "
                "https"
            )
        for proxy in self.trusted_proxies:
            _check_proxy(proxy)
        if self.witness_policy is not None:
            WitnessPolicy.parse(self.witness_policy)
        if self.database is not None:
            _check_database(self.database)

    def per_person_and_day(self, statement_type: str) -> int:
        """How many statements of a type one person may log in 24 hours."""
        if statement_type in RARE:
            return self.withdrawals_per_day
        return self.statements_per_day

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return self._parts.scheme

    @property
    def netloc(self) -> str:
        """Host and port."""
        return f"{self.hostname}{self.port_suffix}"

    @property
    def hostname(self) -> str:
        """The host alone; an IPv6 address in its brackets."""
        host = self._parts.hostname or ""
        return f"[{host}]" if ":" in host else host

    @property
    def port_suffix(self) -> str:
        """`:port`, or nothing."""
        return "" if self._parts.port is None else f":{self._parts.port}"

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
    def _parts(self) -> SplitResult:
        try:
            parts = urlsplit(self.public_url)
            _ = parts.port  # raises unless it is a number that a port can be
        except ValueError as error:
            raise Malformed(f"{self.public_url!r}: {error}") from error
        return parts

    @property
    def _address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        try:
            return ipaddress.ip_address(self.hostname.strip("[]"))
        except ValueError:
            return None


def _check_database(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise Malformed(f"{url[:80]!r}, expected postgresql://..", "database")
    if parts.password or "password=" in parts.query:
        raise Malformed(
            "the URL holds a password, which others on this machine can read: put it into the file"
            " that PGPASSFILE names",
            "database",
        )


def _check_proxy(proxy: str) -> None:
    try:
        network = ipaddress.ip_network(proxy)
    except ValueError as error:
        raise Malformed(f"{error}, expected an address or a network", "trusted proxy") from error
    if network.prefixlen == 0:
        raise Malformed(f"{proxy!r} is everybody, expected your own proxy", "trusted proxy")
