"""Every row of the log: its columns against its leaf, and its statement as a stranger sees it."""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from trust.core.canonical import parse
from trust.core.errors import Malformed, TouchplateError, VerificationFailed
from trust.core.log.checkpoint import SignedCheckpoint
from trust.core.log.entry import LeafEntry
from trust.core.log.merkle import leaf_hash, prove_inclusion, root_from_reader
from trust.core.log.note import VerifierKey
from trust.core.log.tile import ENTRIES, WIDTH
from trust.core.people.did import DidLog, parse_log
from trust.core.people.did_entry import MAX_ENTRY
from trust.core.registry.trust_file import Log, TrustFile
from trust.core.signing.bundle import Bundle, LogProof
from trust.core.signing.envelope import (
    STATEMENT_PAYLOAD,
    Envelope,
    Signature,
    pre_authentication_encoding,
)
from trust.core.signing.facts import TrustFacts
from trust.core.signing.statement import Statement
from trust.core.verify import Verified, verify
from trust.core.watching.finding import Finding
from trust.core.watching.replay import NO_HISTORY, Replay
from trust.service.fsck.folder import PublicFolder, full_path
from trust.service.fsck.report import Notes
from trust.service.fsck.tree import Tree, published_entries, rebuilt_leaf
from trust.storage.snapshot import Snapshot

TABLE = "entries"
KEPT = 1024  # key histories
COLUMNS = (
    *("idx", "id", "type", "scid", "leaf", "payload", "signature", "certificate", "token"),
    *("signed_at", "private"),
)
_SQL = f"select {', '.join(COLUMNS)} from entries where idx >= ? and idx < ? order by idx"  # noqa: S608
_TOKEN_STEP = 4
_OF_NOT_BEFORE = {"bad_not_before", "not_before_too_old"}


class Stored(NamedTuple):
    """A row of `entries`, as it is stored: damage may have made anything of it."""

    index: Any
    id: Any
    type: Any
    scid: Any
    leaf: Any
    payload: Any
    signature: Any
    certificate: Any
    token: Any
    signed_at: Any
    private: Any


class Context(NamedTuple):
    """What entries are checked against."""

    database: Snapshot
    folder: PublicFolder
    tree: Tree
    newest: SignedCheckpoint
    trust: TrustFile
    log: Log
    witnesses: frozenset[VerifierKey]


class Said(NamedTuple):
    """What the statements say that the tables beside them must agree with."""

    replay: Replay
    private: dict[bytes, str]  # the type of the statement that names a private part, by its digest
    trust: dict[int, bytes]  # SHA-256 of each version of the trust file
    whole: bool  # every statement held


def check_entries(context: Context, notes: Notes) -> Said:
    """Check every row and replay what holds."""
    said = Said(Replay(), {}, {}, whole=True)
    histories = lru_cache(KEPT)(lambda scid: key_history(context.database, scid))
    roots = lru_cache(KEPT)(lambda size: root_from_reader(size, context.tree.read))
    for row in _rows(context):
        verified = _check_row(row, context, notes)
        notes.progress("statements", row.index + 1, context.tree.size)
        if verified is None:
            if said.whole:
                notes.skip(f"how the statements after entry {row.index} follow from those before")
            said = said._replace(whole=False)
            continue
        notes.count("statements")
        history = histories(verified.principal.scid) if verified.principal.scid else None
        for finding in said.replay.take(verified, history, context.trust, roots):
            if _is_news(finding, said):
                notes.add(finding)
        _hear(verified.statement, said)
    for finding in said.replay.unanswered(context.newest.time):
        notes.skip(str(finding))
    return said


def _is_news(finding: Finding, said: Said) -> bool:
    """A bad key history is named by its table, and after a bad statement others do not follow."""
    return finding.kind == "token_order" or (said.whole and finding.kind != NO_HISTORY)


def _hear(statement: Statement, said: Said) -> None:
    if statement.private is not None:
        said.private[statement.private] = statement.type
    if isinstance(statement.facts, TrustFacts):
        said.trust[statement.facts.version] = statement.subjects[0]


def key_history(database: Snapshot, scid: str) -> DidLog | None:
    """Return a person's key history as it is stored, None if it does not hold."""
    rows = database.rows("select document from did_entries where scid = ? order by number", (scid,))
    try:
        return parse_log([parse(document, MAX_ENTRY) for (document,) in rows])
    except (TouchplateError, TypeError):
        return None


def _rows(context: Context) -> Iterator[Stored]:
    size = context.tree.size
    for start in range(0, size, WIDTH):
        found = context.database.rows(_SQL, (start, min(start + WIDTH, size)))
        yield from (Stored(*row) for row in found)


def _check_row(row: Stored, context: Context, notes: Notes) -> Verified | None:
    """Check a row; return the statement that was logged if payload and token hold."""
    leaf = _true_leaf(row, context)
    if leaf is None:
        notes.cell(TABLE, row.index, "leaf", "no value here makes the entry that was signed")
        return None
    why = "it is not what the log signed"
    notes.same(TABLE, row.index, "leaf", row.leaf, leaf, why)
    entry = LeafEntry.parse(leaf)
    notes.same(TABLE, row.index, "signature", row.signature, entry.signature, why)
    notes.same(TABLE, row.index, "certificate", row.certificate, entry.certificate, why)
    if not isinstance(row.payload, bytes) or _digest(row.payload) != entry.pae_digest:
        notes.cell(TABLE, row.index, "payload", "it is not what was signed and logged")
        return None
    try:
        verified = verify(_bundle(row, entry, leaf, context), None, context.trust, _now(context))
    except TouchplateError as error:
        notes.broken(TABLE, row.index, _column(error), error)
        return None
    _compare_columns(row, verified, notes)
    return verified


def _true_leaf(row: Stored, context: Context) -> bytes | None:
    """Return the bytes that lead to the signed root, from wherever they still are."""
    wanted = context.tree.read(0, row.index)
    number, at = divmod(row.index, WIDTH)
    rebuilt = rebuilt_leaf(row.payload, row.signature, row.certificate)
    for candidate in (row.leaf, rebuilt):
        if isinstance(candidate, bytes) and leaf_hash(candidate) == wanted:
            return candidate
    path = full_path(ENTRIES, number, context.tree.size)
    published = published_entries(context.folder, path)[at : at + 1]
    return next((item for item in published if leaf_hash(item) == wanted), None)


def _digest(payload: bytes) -> bytes:
    return sha256(pre_authentication_encoding(STATEMENT_PAYLOAD, payload)).digest()


def _bundle(row: Stored, entry: LeafEntry, leaf: bytes, context: Context) -> Bundle:
    tree = context.tree
    proof = LogProof(
        index=row.index,
        log_id=context.log.log_key.full_id,
        root=tree.root,
        size=tree.size,
        hashes=tuple(prove_inclusion(row.index, tree.size, tree.read)),
        checkpoint=context.newest.note,
        leaf=leaf,
    )
    envelope = Envelope(STATEMENT_PAYLOAD, row.payload, (Signature(entry.signature),))
    token = row.token if isinstance(row.token, bytes) else b""
    return Bundle(envelope, entry.certificate, proof, token)


def _now(context: Context) -> int:
    return context.newest.time


def _column(error: TouchplateError) -> str:
    """Return the column that a refusal is about; what was signed is in the payload."""
    if isinstance(error, VerificationFailed):
        of_token = error.step == _TOKEN_STEP and error.reason not in _OF_NOT_BEFORE
        return "token" if of_token else "payload"
    of_token = isinstance(error, Malformed) and "time-stamp token" in str(error)
    return "token" if of_token else "payload"


def _compare_columns(row: Stored, verified: Verified, notes: Notes) -> None:
    """Compare what is stored beside a statement with what it says."""
    statement = verified.statement
    for column, found, expected in (
        ("id", row.id, verified.id),
        ("type", row.type, statement.type),
        ("scid", row.scid, verified.principal.scid),
        ("signed_at", row.signed_at, verified.signed_at),
        ("private", row.private, statement.private),
    ):
        why = f"it is {found!r}, and the statement says {expected!r}"
        notes.same(TABLE, row.index, column, found, expected, why)
