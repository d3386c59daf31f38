"""What the registry says in its own words: attestations, people, pages of entries."""

from trust.core.canonical import Json
from trust.core.encoding import b64encode, format_time
from trust.core.errors import NotFound
from trust.core.judging.revocation import FROZEN
from trust.core.people.handle import check_handle
from trust.core.people.keycode import key_code
from trust.core.registry.status_line import BY_RULING
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import status_key
from trust.core.signing.private import (
    DeliverablePart,
    ProfilePart,
    WithdrawalPart,
    parse_private,
)
from trust.core.signing.statement import Statement, parse_statement
from trust.core.watching.published import ERASED, UNLISTED
from trust.service.append_path import Published
from trust.service.checks import known_parts, open_note
from trust.service.enterprises import Enterprises
from trust.service.enterprises import view as enterprise_view
from trust.service.erasures import Redactions
from trust.service.ledger import Ledger
from trust.service.projections import VISIBLE
from trust.service.records import Records, Row
from trust.service.recoveries import Recoveries
from trust.service.replacements import Replacements
from trust.service.takedowns import Takedowns
from trust.service.trust_files import TrustFiles
from trust.storage.ports import Tables

PAGE = 256  # entries of one page


class Views:
    """Every method takes one published state and never looks beyond its size."""

    def __init__(
        self,
        database: Tables,
        records: Records,
        trust: TrustFiles,
        takedowns: Takedowns,
        recoveries: Recoveries,
    ) -> None:
        self._recoveries = recoveries
        self._database, self._records, self._trust = database, records, trust
        self._takedowns, self._replacements = takedowns, Replacements(database, records)
        self._redactions, self._ledger = Redactions(database), Ledger(database, records)
        self._enterprises = Enterprises(database, records)

    def attestation(self, published: Published, row: Row) -> dict[str, Json]:
        """Return what the API says of an entry, without a verdict."""
        statement = parse_statement(row.payload)
        document = self._records.private(row.private)
        part = None if document is None else parse_private(document, statement.type)
        deliverable = part if isinstance(part, DeliverablePart) else None
        facts = statement.facts if isinstance(statement.facts, DeliverableFacts) else None
        newer = self._replacements.newest_of(row, published.size)
        redaction = self._redactions.of(row, published.size)
        taken_down = self._takedowns.of(row.id) if part is None else None
        return {
            "id": row.id,
            "type": row.type,
            "index": row.index,
            "notBefore": self._not_before(statement),
            "signedAt": format_time(row.signed_at),
            "signer": self._signer(published, row.scid),
            "subjects": [f"sha256:{digest.hex()}" for digest in statement.subjects],
            "title": deliverable.title if deliverable else None,
            "names": list(deliverable.names) if deliverable else [],
            "unlisted": facts.unlisted if facts else False,
            "supersedes": facts.supersedes if facts else None,
            "supersededBy": newer.id if newer else None,
            "withdrawn": self.withdrawn(published, row),
            "erased": redaction.erased.to_json() if redaction else None,
            "takenDown": taken_down.to_json() if taken_down else None,
            "page": f"{self._trust.newest.public_url}/v/{row.id}",
        }

    def attestations(self, published: Published, digest: bytes) -> list[dict[str, Json]]:
        """Return every deliverable with this subject, oldest first."""
        rows = self._records.find(
            "idx in (select idx from subjects where digest = ?) and idx < ? order by idx limit 100",
            (digest, published.size),
        )
        return [self.attestation(published, row) for row in rows]

    def withdrawn(self, published: Published, row: Row) -> dict[str, Json] | None:
        """Return when its signer first withdrew a statement, and why while that is kept."""
        found = self._records.find(
            "idx = (select min(idx) from status_events where k = ? and by = ? "
            "and state = 'withdrawn') and idx < ?",
            (status_key("statement", row.id), row.scid, published.size),
        )
        if not found or not row.scid:
            return None
        document = self._records.private(found[0].private)
        part = None if document is None else parse_private(document, "withdrawal")
        return {
            "since": format_time(found[0].signed_at),
            "reason": part.reason if isinstance(part, WithdrawalPart) else None,
        }

    def person(self, published: Published, who: str) -> dict[str, Json]:
        """Return a visible person by SCID or @handle."""
        column = "handle" if who.startswith("@") else "scid"
        value = check_handle(who[1:]) if who.startswith("@") else who
        row = self._database.row(
            f"select scid, handle, joined, handled, profile from people "  # noqa: S608 - our own words
            f"where {column} = :who and {VISIBLE}",
            {"who": value, "size": published.size},
        )
        if row is None:
            raise NotFound(f"no person {who[:80]}")
        scid, handle, joined, handled, profile = row
        redaction = self._redactions.of(self._records.at(handled), published.size)
        did = self._records.did_log(scid, published.size)[-1]
        (count,) = self._database.row(
            "select (select count(*) from entries where scid = :scid and type = 'deliverable' "
            "and idx < :size) "
            "- (select count(*) from unlisted where scid = :scid and idx < :size)",
            {"scid": scid, "size": published.size},
        )
        state = did["state"] if isinstance(did, dict) else None
        return {
            "scid": scid,
            "did": state["id"] if isinstance(state, dict) else None,
            "handle": handle or None,  # erased
            "keyCode": key_code(scid),
            "name": self._name(profile),
            "frozen": self.frozen(published, scid),
            "erased": redaction.erased.to_json() if redaction else None,
            "joined": format_time(joined),
            "attestations": count,
            "ledger": self._ledger.of(published, scid),
            "recovery": self._recovery(published, scid),
            "page": f"{self._trust.newest.public_url}/p/{scid}",
        }

    def enterprise(self, published: Published, enterprise: str) -> dict[str, Json]:
        """Return an enterprise by the id of its founding."""
        url = self._trust.newest.public_url
        return enterprise_view(self._enterprises, self._records, published, enterprise, url)

    def _recovery(self, published: Published, scid: str) -> Json:
        """Return what waits in a person's key history."""
        found = self._recoveries.waiting(scid, published.size)
        if found is None:
            return None
        return {
            "kind": found.kind,
            "version": found.version,
            "digest": found.digest.hex(),
            "until": format_time(found.until),
            "vetoed": None if found.vetoed is None else format_time(found.vetoed),
        }

    def entries(self, published: Published, page: int) -> dict[str, Json]:
        """Return 256 entries with what a replay needs; of private parts only handles."""
        start = page * PAGE
        if start and start >= published.size:
            raise NotFound(f"page {page} starts beyond the {published.size} entries")
        rows = self._records.find(
            "idx >= ? and idx < ? order by idx", (start, min(start + PAGE, published.size))
        )
        hidden = self._database.rows(
            "select idx from unlisted where idx >= ? and idx < ?", (start, start + PAGE)
        )
        unlisted = {index for (index,) in hidden}
        kept = known_parts(self._database, [row.private for row in rows], erased=False)
        return {
            "origin": published.checkpoint.checkpoint.origin,
            "page": page,
            "size": published.size,
            "entries": [
                {"index": row.index, "private": UNLISTED}
                if row.index in unlisted
                else self._published_entry(row, kept)
                for row in rows
            ],
        }

    def _published_entry(self, row: Row, kept: frozenset[bytes]) -> dict[str, Json]:
        private: Json = None
        if row.private is not None:
            document = self._records.private(row.private) if row.type == "handle" else None
            private = row.private.hex() if row.private in kept else ERASED
            private = {"handle": document} if document is not None else private
        return {
            "index": row.index,
            "envelope": row.envelope.to_json(),
            "certificate": b64encode(row.certificate),
            "token": b64encode(row.token),
            "private": private,
        }

    def _not_before(self, statement: Statement) -> str | None:
        """Return the time of the checkpoint over which a statement was signed."""
        log = self._trust.newest.log(statement.registry.origin)
        if log is None:
            return None
        return format_time(open_note(statement.not_before, log.log_key, log.clock_key).time)

    def frozen(self, published: Published, scid: str) -> str | None:
        """Return since when a person is frozen; None if they are not."""
        last = self._database.row(
            "select state, logged from status_events where k = ? and by in (?, ?) "
            "and state in ('frozen', 'unfrozen') and idx < ? order by idx desc limit 1",
            (status_key("person", scid), scid, BY_RULING, published.size),
        )
        return format_time(last[1]) if last is not None and last[0] == FROZEN else None

    def _signer(self, published: Published, scid: str) -> dict[str, Json]:
        row = self._database.row("select handle from people where scid = ?", (scid,))
        return {
            "scid": scid,
            "handle": (row[0] or None) if row else None,
            "keyCode": key_code(scid) if scid else "",
            "frozen": self.frozen(published, scid) if scid else None,
        }

    def _name(self, profile: int) -> str | None:
        document = self._records.private(self._records.at(profile).private)
        if document is None:  # erased
            return None
        part = parse_private(document, "profile")
        return part.name if isinstance(part, ProfilePart) else None
