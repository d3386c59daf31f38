"""Reading: bundles, dossiers, statuses, people and entry pages, each from one published state."""

from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import Json, parse
from trust.core.encoding import b64encode, format_time
from trust.core.errors import NotFound, Unavailable, VerificationFailed
from trust.core.judging.standing import decisive_names
from trust.core.keys.p256 import spki
from trust.core.log.merkle import check_inclusion, leaf_hash, prove_inclusion
from trust.core.people.handle import check_handle
from trust.core.people.keycode import key_code
from trust.core.registry.dossier import Dossier
from trust.core.registry.status import MAX_SNAPSHOT, Status, parse_status
from trust.core.registry.status_tree import StatusTree
from trust.core.signing.bundle import Bundle, LogProof
from trust.core.signing.envelope import STATEMENT_PAYLOAD, Envelope, Signature
from trust.core.signing.identity import status_key
from trust.core.signing.private import (
    MAX_PRIVATE,
    DeliverablePart,
    ProfilePart,
    WithdrawalPart,
    parse_private,
)
from trust.core.signing.statement import parse_statement
from trust.core.x509.certificate import parse_certificate
from trust.service.append_path import Published
from trust.service.projections import EVENTS_SQL, status_lines
from trust.service.subtrees import Subtrees
from trust.service.trust_files import TrustFiles
from trust.storage.ports import Tables, Tiles

PAGE = 256  # entries of one page
OLD_TREES = 4  # status trees of earlier sizes that are kept
KEPT_NAMES = 1024  # names of keys, by certificate
_ROW = (
    "select idx, id, type, scid, leaf, payload, signature, certificate, token, private from entries"
)
_VISIBLE = (
    "identity < :size and issuance < :size and enrolment < :size and handled < :size "
    "and profile < :size"
)


class Row(NamedTuple):
    """One row of the log."""

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

    @property
    def envelope(self) -> Envelope:
        """The signed statement."""
        return Envelope(STATEMENT_PAYLOAD, self.payload, (Signature(self.signature),))

    @property
    def names(self) -> list[bytes]:
        """The names of status lines that decide about the statement."""
        return list(decisive_names(self.id, _key_name(self.certificate), self.scid))


class Views:
    """Read access. Every method takes one published state and never looks beyond its size."""

    def __init__(self, database: Tables, tiles: Tiles, trust: TrustFiles) -> None:
        self._database, self._trust = database, trust
        self._subtrees = Subtrees(tiles)
        self._tree_after = lru_cache(OLD_TREES)(self._build_tree)

    def row(self, published: Published, statement_id: str) -> Row:
        """Return the entry of an id; raise NotFound before a checkpoint covers it."""
        row = self._database.row(f"{_ROW} where id = ? and idx < ?", (statement_id, published.size))
        if row is None:
            raise NotFound(f"nothing is recorded under {statement_id}")
        return Row(*row)

    def bundle(self, published: Published, row: Row) -> Bundle:
        """Return the bundle of an entry, its proof led to the published checkpoint."""
        _, size, root = published.checkpoint.checkpoint
        hashes = tuple(prove_inclusion(row.index, size, self._subtrees.reader(size)))
        try:
            check_inclusion(row.index, size, leaf_hash(row.leaf), hashes, root)
        except VerificationFailed as error:
            raise Unavailable(f"the stored tiles do not hold: {error}") from error
        proof = LogProof(
            index=row.index,
            log_id=self._trust.newest.newest_log.log_key.full_id,
            root=root,
            size=size,
            hashes=hashes,
            checkpoint=published.checkpoint.note,
            leaf=row.leaf,
        )
        return Bundle(row.envelope, row.certificate, proof, row.token)

    def dossier(self, published: Published, row: Row) -> Dossier:
        """Return the dossier of an entry: everything that an offline reader needs."""
        bundle = self.bundle(published, row)
        supporting = [self._at(published, index) for index in self._introductions(published, row)]
        private = {}
        for item in (row, *supporting):
            document = self.private(item.private)
            if document is not None and item.private is not None:
                private[item.private] = document
        return Dossier(
            bundle=bundle,
            private=private,
            did_logs=(self.did_log(row.scid),) if row.scid else (),
            supporting=tuple(self.bundle(published, item) for item in supporting),
            status=self.status(published, row.names),
        )

    def status(self, published: Published, names: list[bytes]) -> Status:
        """Return the published snapshot with a proof for each name."""
        return _with_proofs(published.status, published.tree, names)

    def status_at(self, published: Published, size: int, names: list[bytes]) -> Status:
        """Return the newest snapshot of an earlier published size."""
        if size > published.size:
            raise NotFound(f"no checkpoint of size {size} was published")
        row = self._database.row(
            "select snapshot from checkpoints where size = ? order by seq desc limit 1", (size,)
        )
        if row is None:
            raise NotFound(f"no checkpoint of size {size} was published")
        document: Json = {"snapshot": parse(row[0], 2 * MAX_SNAPSHOT), "proofs": []}
        (last,) = self._database.row("select max(idx) from status_events where idx < ?", (size,))
        return _with_proofs(parse_status(document), self._tree_after(last), names)

    def _build_tree(self, last: int | None) -> StatusTree:
        """Return the status tree after the event at an index; None: before the first."""
        events = () if last is None else self._database.rows(EVENTS_SQL, (last + 1,))
        return StatusTree(status_lines(events))

    def did_log(self, scid: str) -> list[Json]:
        """Return the DID entries of a person, oldest first."""
        rows = self._database.rows(
            "select document from did_entries where scid = ? order by number", (scid,)
        )
        if not rows:
            raise NotFound(f"no person {scid}")
        return [parse(document, MAX_PRIVATE) for (document,) in rows]

    def private(self, digest: bytes | None) -> dict[str, Json] | None:
        """Return a private part that is still kept."""
        row = self._database.row("select document from private_parts where digest = ?", (digest,))
        document = None if row is None else parse(row[0], MAX_PRIVATE)
        return document if isinstance(document, dict) else None

    def withdrawal_reason(self, published: Published, row: Row) -> str | None:
        """Return why its signer withdrew a statement, while that is kept; the first time counts."""
        found = self._database.row(
            "select private from entries join status_events using (idx) "
            "where k = ? and by = ? and idx < ? order by idx limit 1",
            (status_key("statement", row.id), row.scid, published.size),
        )
        document = None if found is None else self.private(found[0])
        part = None if document is None else parse_private(document, "withdrawal")
        return part.reason if isinstance(part, WithdrawalPart) else None

    def attestation(self, row: Row) -> dict[str, Json]:
        """Return what the API says of an entry, without a verdict."""
        statement = parse_statement(row.payload)
        part = None
        document = self.private(row.private)
        if document is not None:
            part = parse_private(document, statement.type)
        deliverable = part if isinstance(part, DeliverablePart) else None
        (signed_at,) = self._database.row(
            "select signed_at from entries where idx = ?", (row.index,)
        )
        return {
            "id": row.id,
            "type": row.type,
            "index": row.index,
            "signedAt": format_time(signed_at),
            "signer": self._signer(row.scid),
            "subjects": [f"sha256:{digest.hex()}" for digest in statement.subjects],
            "title": deliverable.title if deliverable else None,
            "names": list(deliverable.names) if deliverable else [],
            "page": f"{self._trust.newest.public_url}/v/{row.id}",
        }

    def attestations(self, published: Published, digest: bytes) -> list[dict[str, Json]]:
        """Return every deliverable with this subject, oldest first."""
        rows = self._database.rows(
            f"{_ROW} where idx in (select idx from subjects where digest = ?) and idx < ? "  # noqa: S608
            "order by idx limit 100",
            (digest, published.size),
        )
        return [self.attestation(Row(*row)) for row in rows]

    def person(self, published: Published, who: str) -> dict[str, Json]:
        """Return a visible person by SCID or @handle."""
        column = "handle" if who.startswith("@") else "scid"
        value = check_handle(who[1:]) if who.startswith("@") else who
        row = self._database.row(
            f"select scid, handle, joined, profile from people "  # noqa: S608 - our own words
            f"where {column} = :who and {_VISIBLE}",
            {"who": value, "size": published.size},
        )
        if row is None:
            raise NotFound(f"no person {who[:80]}")
        scid, handle, joined, profile = row
        did = self.did_log(scid)[-1]
        (count,) = self._database.row(
            "select count(*) from entries where scid = ? and type = 'deliverable' and idx < ?",
            (scid, published.size),
        )
        state = did["state"] if isinstance(did, dict) else None
        return {
            "scid": scid,
            "did": state["id"] if isinstance(state, dict) else None,
            "handle": handle,
            "keyCode": key_code(scid),
            "name": self._name(published, profile),
            "joined": format_time(joined),
            "attestations": count,
            "page": f"{self._trust.newest.public_url}/p/{scid}",
        }

    def entries(self, published: Published, page: int) -> dict[str, Json]:
        """Return 256 entries with what a replay needs; of private parts only handles."""
        start = page * PAGE
        if start and start >= published.size:
            raise NotFound(f"page {page} starts beyond the {published.size} entries")
        rows = self._database.rows(
            f"{_ROW} where idx >= ? and idx < ? order by idx",
            (start, min(start + PAGE, published.size)),
        )
        return {
            "origin": published.checkpoint.checkpoint.origin,
            "page": page,
            "size": published.size,
            "entries": [self._published_entry(Row(*row)) for row in rows],
        }

    def _published_entry(self, row: Row) -> dict[str, Json]:
        private: Json = None
        if row.private is not None:
            document = self.private(row.private) if row.type == "handle" else None
            private = {"handle": document} if document is not None else row.private.hex()
        return {
            "index": row.index,
            "envelope": row.envelope.to_json(),
            "certificate": b64encode(row.certificate),
            "token": b64encode(row.token),
            "private": private,
        }

    def _at(self, published: Published, index: int) -> Row:
        return Row(
            *self._database.row(f"{_ROW} where idx = ? and idx < ?", (index, published.size))
        )

    def _introductions(self, published: Published, row: Row) -> list[int]:
        """Indexes of identity, handle and profile of the signer, without the entry itself."""
        found = self._database.row(
            f"select identity, handled, profile from people where scid = :scid and {_VISIBLE}",  # noqa: S608
            {"scid": row.scid, "size": published.size},
        )
        return [index for index in found or () if index != row.index]

    def _signer(self, scid: str) -> dict[str, Json]:
        row = self._database.row("select handle from people where scid = ?", (scid,))
        return {
            "scid": scid,
            "handle": row[0] if row else None,
            "keyCode": key_code(scid) if scid else "",
        }

    def _name(self, published: Published, index: int) -> str | None:
        document = self.private(self._at(published, index).private)
        if document is None:
            return None
        part = parse_private(document, "profile")
        return part.name if isinstance(part, ProfilePart) else None


@lru_cache(maxsize=KEPT_NAMES)
def _key_name(certificate: bytes) -> str:
    """Return the name of a certificate's key in status lines."""
    return sha256(spki(parse_certificate(certificate).point)).hexdigest()


def _with_proofs(status: Status, tree: StatusTree, names: list[bytes]) -> Status:
    """Add a proof for each name to a snapshot of the tree."""
    return status._replace(proofs=tuple(map(tree.prove, dict.fromkeys(names))))
