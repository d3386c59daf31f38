"""What anyone can verify: bundles, dossiers and statuses, each from one published state."""

from functools import lru_cache

from trust.core.canonical import Json, parse
from trust.core.errors import NotFound, Unavailable, VerificationFailed
from trust.core.judging.present import presence_of
from trust.core.log.merkle import check_inclusion, leaf_hash, prove_inclusion
from trust.core.registry.dossier import MAX_DOSSIER, Dossier
from trust.core.registry.status import MAX_SNAPSHOT, Status, parse_status
from trust.core.registry.status_tree import StatusTree
from trust.core.signing.bundle import Bundle, LogProof
from trust.core.signing.statement import parse_statement
from trust.service.agents import named_delegation
from trust.service.append_path import Published
from trust.service.enterprises import Enterprises, Evidence
from trust.service.erasures import Redactions
from trust.service.projections import EVENTS_SQL, VISIBLE, status_lines
from trust.service.records import Records, Row
from trust.service.replacements import Replacements
from trust.service.subtrees import Subtrees
from trust.service.trust_files import TrustFiles
from trust.storage.ports import Tables, Tiles

OLD_TREES = 4  # status trees of earlier sizes that are kept


class Proofs:
    """Every method takes one published state and never looks beyond its size."""

    def __init__(self, database: Tables, tiles: Tiles, records: Records, trust: TrustFiles) -> None:
        self._database, self._records, self._trust = database, records, trust
        self._replacements, self._redactions = Replacements(database, records), Redactions(database)
        self._evidence = Evidence(database, records, Enterprises(database, records))
        self._subtrees = Subtrees(tiles)
        self._tree_after = lru_cache(OLD_TREES)(self._build_tree)

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
        introductions = [self._records.at(index) for index in self._introductions(published, row)]
        introductions += self._behind(published, row)
        firm = self._evidence.rows(published, row)
        scids = list(dict.fromkeys(item.scid for item in (row, *firm) if item.scid))
        known = {item.index for item in introductions}
        more = firm + self._identities(published, firm)
        introductions += [item for item in more if item.index not in known]
        private = {}
        for item in (row, *introductions):
            document = self._records.private(item.private)
            if document is not None and item.private is not None:
                private[item.private] = document
        dossier = Dossier(
            bundle=bundle,
            private=private,
            did_logs=tuple(self._records.did_log(scid, published.size) for scid in scids),
            supporting=tuple(self.bundle(published, item) for item in introductions),
            status=self.status(published, self.names(published, row)),
        )
        redaction = self._redactions.of(row, published.size)
        if redaction is not None:
            beside = self.bundle(published, self._records.at(redaction.index))
            dossier = dossier._replace(supporting=(*dossier.supporting, beside))
        newer = self._replacements.newest_of(row, published.size)
        return dossier if newer is None else _beside(dossier, self.bundle(published, newer))

    def names(self, published: Published, row: Row) -> list[bytes]:
        """Return the names that decide about an entry, and about what its authority rests on."""
        if row.is_alone:
            return row.names
        found = [name for item in (row, *self._behind(published, row)) for name in item.names]
        return found + self._evidence.names(published, row)

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

    def _behind(self, published: Published, row: Row) -> list[Row]:
        """Return the delegation or the passkey that an entry names; nothing for all others."""
        if row.type != "deliverable":
            return []
        statement = parse_statement(row.payload)
        presence, named = presence_of(statement), named_delegation(statement)
        named = presence.passkey if presence is not None else named
        return [] if named is None else [self._records.named(named, published.size)]

    def _identities(self, published: Published, signed: list[Row]) -> list[Row]:
        """Return where the registry logged the versions of keys that statements name."""
        places = {self._identity(published, row): None for row in signed}
        return [self._records.at(index) for index in places if index is not None]

    def _identity(self, published: Published, row: Row) -> int | None:
        version = parse_statement(row.payload).signer.version or "0"
        (index,) = self._database.row(
            "select max(idx) from identities where scid = ? and number = ? and idx < ?",
            (row.scid, int(version.partition("-")[0]), published.size),
        )
        return None if index is None else int(index)

    def _introductions(self, published: Published, row: Row) -> list[int]:
        """Indexes of identity, handle and profile of the signer, without the entry itself.

        The identity is that of the version which the entry names.
        """
        found = self._database.row(
            f"select handled, profile from people where scid = :scid and {VISIBLE}",  # noqa: S608
            {"scid": row.scid, "size": published.size},
        )
        found = None if found is None else (self._identity(published, row), *found)
        return [index for index in found or () if index not in {None, row.index}]


def _beside(dossier: Dossier, newer: Bundle) -> Dossier:
    """Add the statement that replaced this one, unless the two are too large for one dossier."""
    both = dossier._replace(supporting=(*dossier.supporting, newer))
    return both if len(both.encode()) <= MAX_DOSSIER else dossier


def _with_proofs(status: Status, tree: StatusTree, names: list[bytes]) -> Status:
    """Add a proof for each name to a snapshot of the tree."""
    return status._replace(proofs=tuple(map(tree.prove, dict.fromkeys(names))))
