"""`fsck`: everything that a registry has, verified from the entries up.

It reads only, and it may read while the registry runs: the published files are looked at after the
database, whose state they follow. It needs no passphrase, so that it cannot check the key file.
"""

from pathlib import Path

from trust.core.errors import Malformed, TouchplateError
from trust.core.log.checkpoint import SignedCheckpoint, open_checkpoint
from trust.core.log.note import Note
from trust.core.registry.trust_file import TrustFile
from trust.service.fsck.checkpoints import check_checkpoints, check_published
from trust.service.fsck.entries import Context, Said, check_entries
from trust.service.fsck.folder import PublicFolder
from trust.service.fsck.projections import check_projections
from trust.service.fsck.report import Notes, Progress, Report
from trust.service.fsck.tables import (
    check_certificates,
    check_histories,
    check_joins,
    check_meta,
    check_private_parts,
    check_trust_files,
    read_trust_files,
)
from trust.service.fsck.tree import build_tree
from trust.storage.snapshot import Snapshot

DATABASE = "registry.db"
_NEVER = (
    "the key file: that would need its passphrase",
    "what stands only in the operator's own tables: when and from where people joined",
)


def fsck(data: Path, progress: Progress = lambda *_: None) -> Report:
    """Check the data folder of a registry.

    Raises:
        NotFound: there is no registry in the folder.
        Unavailable: its database cannot be read at all.
    """
    notes = Notes(progress)
    with Snapshot(data / DATABASE) as database:
        for sentence in database.structure():
            notes.bad("database", "file registry.db", sentence)
        try:
            _check(data, database, notes)
        except TouchplateError as error:  # a page that SQLite cannot read, in the middle of a table
            notes.bad("database", "file registry.db", str(error))
            notes.skip("what comes after the place where the database could not be read")
    for sentence in _NEVER:
        notes.skip(sentence)
    return notes.report()


def _check(data: Path, database: Snapshot, notes: Notes) -> None:
    trusted = read_trust_files(database, notes)
    if trusted is None:
        notes.skip("everything else: no trust file holds, so that the keys of the log are unknown")
        return
    trust, witnesses = trusted
    folder = PublicFolder(data / "public" / trust.newest_log.origin)
    newest = _newest(database, folder, trust, notes)
    if newest is None:
        notes.skip("the log: no checkpoint holds, neither in the database nor the published one")
        return
    tree = build_tree(database, folder, newest.checkpoint.size, notes)
    context = Context(database, folder, tree, newest, trust, trust.newest_log, witnesses)
    said = None
    if tree.root == newest.checkpoint.root:
        said = check_entries(context, notes)
        _check_sources(context, said, notes)
    else:
        notes.bad(
            "tree",
            f"checkpoint of size {tree.size}",
            "neither the database nor the published entries lead to the root that it signs",
        )
        notes.skip("the statements: it is not known which entries were signed")
    check_checkpoints(context, said.replay if said is not None and said.whole else None, notes)
    check_published(context, notes)
    _check_beyond(database, tree.size, notes)


def _newest(
    database: Snapshot, folder: PublicFolder, trust: TrustFile, notes: Notes
) -> SignedCheckpoint | None:
    """Return the newest committed checkpoint that holds; in its place, the published one."""
    rows = database.rows("select seq, note from checkpoints order by seq desc limit 16")
    for place, (seq, note) in enumerate(rows):
        signed = _opened(note, trust)
        if signed is not None:
            return signed
        notes.cell("checkpoints", seq, "note", "the newest checkpoint does not hold")
        published = _opened((folder.checkpoint() or b"").decode(errors="replace"), trust)
        if place == 0 and published is not None:
            return published
    return None


def _opened(text: str, trust: TrustFile) -> SignedCheckpoint | None:
    """Open a note by the lines of log and clock alone; cosignatures are looked at elsewhere."""
    log = trust.newest_log
    own = {(key.name, key.key_id) for key in (log.log_key, log.clock_key)}
    try:
        note = Note.parse(text)
        lines = tuple(line for line in note.signatures if (line.name, line.key_id) in own)
        bare = note._replace(signatures=lines).encode()
        return open_checkpoint(bare, log.log_key, log.clock_key)
    except (TouchplateError, UnicodeError, TypeError):
        return None


def _check_sources(context: Context, said: Said, notes: Notes) -> None:
    database = context.database
    check_trust_files(database, said, notes)
    check_private_parts(database, said, notes)
    check_histories(database, said, notes)
    check_certificates(database, said, notes)
    check_joins(database, notes)
    check_meta(database, context.trust, said, notes)
    if said.whole:
        try:
            check_projections(database, context.tree.size, notes)
        except Malformed as error:  # a private part, which its own table names
            notes.skip(f"the projections, which follow from a private part that is none: {error}")
    else:
        notes.skip(
            "the projections and snapshots: not every statement holds, from which they follow"
        )


def _check_beyond(database: Snapshot, size: int, notes: Notes) -> None:
    for (index,) in database.rows("select idx from entries where idx >= ? order by idx", (size,)):
        notes.cell("entries", index, "idx", f"it lies beyond the newest checkpoint, of size {size}")
