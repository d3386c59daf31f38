"""The versions of the trust file: the one that holds now, and those before it."""

from trust.core.errors import NotFound
from trust.core.registry.trust_file import TrustFile, parse_trust_file
from trust.service.authorities import Authorities
from trust.storage.ports import Tables

_NEWEST_SQL = "select document from trust_files order by version desc limit 1"


class TrustFiles:
    """What everyone in the registry looks up; `newest` is swapped whole when the next is logged."""

    def __init__(self, database: Tables, authorities: Authorities, now: int) -> None:
        """Read the newest version, making the first at `now`, in seconds."""
        self._database = database
        row = database.row(_NEWEST_SQL)
        document = authorities.trust_file(now) if row is None else bytes(row[0])
        self.newest: TrustFile = parse_trust_file(document)
        if row is None:
            with database.write() as transaction:
                transaction.execute(
                    "insert into trust_files values (?, ?)", (self.newest.version, document)
                )

    def refresh(self) -> None:
        """Take up a version that another process has logged."""
        row = self._database.row(_NEWEST_SQL)
        if row is not None and bytes(row[0]) != self.newest.encoded:
            self.newest = parse_trust_file(bytes(row[0]))

    def document(self, version: int) -> bytes:
        """Return the bytes of a version; raise NotFound before it is logged."""
        row = self._database.row("select document from trust_files where version = ?", (version,))
        if row is None:
            raise NotFound(f"no version {version} of the trust file")
        return bytes(row[0])
