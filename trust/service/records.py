"""What is stored of the log: entries, private parts, DID entries; read up to a published size."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import Json, parse
from trust.core.errors import NotFound
from trust.core.judging.standing import decisive_names
from trust.core.keys.p256 import spki
from trust.core.signing.envelope import STATEMENT_PAYLOAD, Envelope, Signature
from trust.core.signing.private import MAX_PRIVATE
from trust.core.x509.certificate import parse_certificate
from trust.storage.ports import Reader, Values

KEPT_NAMES = 1024  # names of keys, by certificate
MOST_NAMED = 500  # ids in a query
HISTORY_SQL = (
    "select document from did_entries where scid = ? and number in "
    "(select number from identities where scid = ? and idx < ?) order by number"
)
_ROW = (
    "select idx, id, type, scid, leaf, payload, signature, certificate, token, private, signed_at "
    "from entries where "
)
# The members of a deliverable's facts that name another statement, as RFC 8785 writes them.
_RESTS_ON = (b'"delegation":', b'"onBehalfOf":', b'"presence":')


class Row(NamedTuple):
    """One row of the log. `private` is a digest, `signed_at` in seconds."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    id: str
    type: str
    scid: str
    leaf: bytes
    payload: bytes
    signature: bytes
    certificate: bytes
    token: bytes
    private: bytes | None
    signed_at: int

    @property
    def envelope(self) -> Envelope:
        """The signed statement."""
        return Envelope(STATEMENT_PAYLOAD, self.payload, (Signature(self.signature),))

    @property
    def key_name(self) -> str:
        """The name of the signing key in status lines."""
        return _key_name(self.certificate)

    @property
    def is_alone(self) -> bool:
        """Whether it rests on no other statement, as its bytes tell without being read."""
        return self.type != "deliverable" or not any(name in self.payload for name in _RESTS_ON)

    @property
    def names(self) -> list[bytes]:
        """The names of status lines that decide about the statement."""
        return list(decisive_names(self.id, self.key_name, self.scid))


class Records:
    """Read access to what is stored. Whoever asks says how many entries are published."""

    def __init__(self, database: Reader) -> None:
        self._database = database

    def named(self, statement_id: str, size: int) -> Row:
        """Return the entry of an id; raise NotFound before a checkpoint covers it."""
        found = self.find("id = ? and idx < ?", (statement_id, size))
        if not found:
            raise NotFound(f"nothing is recorded under {statement_id}")
        return found[0]

    def all_named(self, ids: Sequence[str], size: int) -> dict[str, Row]:
        """Return by their ids the entries, of any number, that a checkpoint covers."""
        found: dict[str, Row] = {}
        for start in range(0, len(ids), MOST_NAMED):
            part = ids[start : start + MOST_NAMED]
            marks = ", ".join("?" * len(part))
            rows = self.find(f"id in ({marks}) and idx < ?", (*part, size))
            found.update((row.id, row) for row in rows)
        return found

    def at(self, index: int) -> Row:
        """Return the entry at an index that is known to be published."""
        return self.find("idx = ?", (index,))[0]

    def find(self, condition: str, values: Values) -> Sequence[Row]:
        """Return the entries that fulfil a condition of ours."""
        return [Row(*row) for row in self._database.rows(_ROW + condition, values)]

    def handle(self, scid: str) -> str | None:
        """Return the handle of a person, None if it is not known or was erased."""
        row = self._database.row("select handle from people where scid = ?", (scid,))
        return (row[0] or None) if row else None

    def did_log(self, scid: str, size: int) -> list[Json]:
        """Return the DID entries of a person that are logged, oldest first."""
        rows = self._database.rows(HISTORY_SQL, (scid, scid, size))
        if not rows:
            raise NotFound(f"no person {scid}")
        return [parse(document, MAX_PRIVATE) for (document,) in rows]

    def private(self, digest: bytes | None) -> dict[str, Json] | None:
        """Return a private part that is still kept."""
        row = self._database.row("select document from private_parts where digest = ?", (digest,))
        document = None if row is None else parse(row[0], MAX_PRIVATE)
        return document if isinstance(document, dict) else None


@lru_cache(maxsize=KEPT_NAMES)
def _key_name(certificate: bytes) -> str:
    """Return the name of a certificate's key in status lines."""
    return sha256(spki(parse_certificate(certificate).point)).hexdigest()
