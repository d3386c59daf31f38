"""The sources beside the log: private parts, key histories, trust files, certificates, joins."""

from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple

from trust.core.canonical import canonical, parse, parse_canonical
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Malformed, TouchplateError
from trust.core.keys.p256 import verify as verify_p256
from trust.core.log.note import VerifierKey
from trust.core.people.did import parse_log
from trust.core.people.did_entry import MAX_ENTRY
from trust.core.people.handle import skeleton
from trust.core.record import Record
from trust.core.registry.succession import advance
from trust.core.registry.trust_file import TrustFile, parse_trust_file
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.private import HandlePart, parse_private, parse_private_bytes
from trust.core.signing.statement import parse_statement
from trust.core.x509.certificate import parse_certificate
from trust.service.fsck.entries import Said
from trust.service.fsck.erased import check_erased_parts, redacted_parts
from trust.service.fsck.folder import name_some
from trust.service.fsck.report import Notes
from trust.service.join_request import MAX_REQUEST
from trust.service.opening import MAX_STORED
from trust.storage.snapshot import Snapshot

_TIMESTAMPING = "timestamping"  # `open_timestamps` keeps it so
_META = {"public_url", "origin", "log_key", "roots", "own_certificate", _TIMESTAMPING}
_TAKEN_DOWN = (  # `Takedowns` keeps it so
    "select id from entries join meta on name = 'takedown ' || id where entries.private = ?"
)


class Trusted(NamedTuple):
    """The newest trust file that holds, and every witness that one of them ever listed."""

    newest: TrustFile
    witnesses: frozenset[VerifierKey]


def read_trust_files(database: Snapshot, notes: Notes) -> Trusted | None:
    """Read every version, each as the successor of the one before; None if none holds."""
    newest: TrustFile | None = None
    witnesses = set[VerifierKey]()
    last = 0
    for version, document in database.table("trust_files", ("version", "document"), ("version",)):
        notes.same("trust_files", version, "version", version, last + 1, f"expected {last + 1}")
        last = version if isinstance(version, int) else last + 1
        try:
            trust = parse_trust_file(document) if newest is None else advance(newest, document)
        except (TouchplateError, TypeError) as error:
            notes.cell("trust_files", version, "document", str(error))
            continue
        notes.same("trust_files", version, "version", version, trust.version, "the file differs")
        newest = trust
        witnesses |= {item.key for item in trust.witness_policy.witnesses}
        notes.count("trust files")
    return None if newest is None else Trusted(newest, frozenset(witnesses))


def check_trust_files(database: Snapshot, said: Said, notes: Notes) -> None:
    """Each version is the one that was logged; the newest may be about to be."""
    there = {}
    for version, document in database.table("trust_files", ("version", "document"), ("version",)):
        there[version] = sha256(document).digest() if isinstance(document, bytes) else b""
        logged = said.trust.get(version)
        if logged is None and said.whole:
            notes.cell("trust_files", version, "version", "no `trust` statement logs this version")
        elif logged not in {None, there[version]}:
            notes.cell("trust_files", version, "document", "it is not the version that was logged")
    for version in said.trust.keys() - there.keys():
        notes.cell("trust_files", version, "version", "it was logged, and there is no such row")


def check_private_parts(database: Snapshot, said: Said, notes: Notes) -> None:
    """Each named part is kept, or was taken down, and is what was named."""
    missing, redacted = dict(said.private), redacted_parts(database)
    check_erased_parts(database, redacted, notes)
    for digest, document in database.table("private_parts", ("digest", "document"), ("digest",)):
        notes.count("private parts")
        true = sha256(document).digest() if isinstance(document, bytes) else b""
        kind = said.private.get(digest)
        missing.pop(digest, None)
        if true != digest:
            column = "document" if kind is not None else "digest"
            notes.cell(
                "private_parts", digest, column, "digest and document do not belong together"
            )
        elif kind is None:
            if said.whole:
                notes.cell("private_parts", digest, "digest", "no statement names it")
        else:
            try:
                parse_private_bytes(document, kind)
            except TouchplateError as error:
                notes.broken("private_parts", digest, "document", error)
    for digest in redacted:
        if missing.pop(digest, None) is None and digest in said.private:
            notes.cell("private_parts", digest, "digest", "it was erased, and is still there")
    _check_missing(database, missing, notes)


def _check_missing(database: Snapshot, missing: dict[bytes, str], notes: Notes) -> None:
    """What no redaction covers may have been taken down before take-downs were logged."""
    for digest, kind in missing.items():
        taken = database.rows(_TAKEN_DOWN, (digest,))
        if taken:
            notes.skip(f"the private part of {taken[0][0]}, which the operator took down")
            continue
        message = f"the private part of a {kind} is missing, and neither erased nor taken down"
        notes.cell("private_parts", digest, "document", message)


def check_histories(database: Snapshot, said: Said, notes: Notes) -> None:
    """Each key history holds, and each of its versions is the one that was logged."""
    columns, key = ("scid", "number", "document"), ("scid", "number")
    seen = set()
    for scid, rows in groupby(database.table("did_entries", columns, key), lambda row: row[0]):
        seen.add(scid)
        _check_history(str(scid), list(rows), said, notes)
    for scid in set(said.replay.enrolled.values()) - seen:
        notes.cell("did_entries", scid, "scid", "there is no key history of this person")


def _check_history(scid: str, rows: list[Any], said: Said, notes: Notes) -> None:
    try:
        history = parse_log([parse_canonical(row[2], MAX_ENTRY) for row in rows])
    except (TouchplateError, TypeError) as error:
        number = rows[0][1] if len(rows) == 1 else f"1 to {len(rows)}"
        notes.cell("did_entries", f"{scid} {number}", "document", str(error))
        return
    logged = said.replay.identities.get(scid, {})
    if history.scid != scid:
        notes.cell("did_entries", scid, "scid", f"the key history is of {history.scid}")
        return
    for entry, (_, number, _) in zip(history.entries, rows, strict=True):
        notes.count("DID entries")
        row = f"{scid} {number}"
        notes.same("did_entries", row, "number", number, entry.number, f"it is {entry.number}")
        identity = logged.get(entry.version_id)
        if identity is None and said.whole:
            notes.cell("did_entries", row, "document", "no `identity` statement logs this version")
        elif identity is not None and identity.digest != entry.digest:
            notes.cell("did_entries", row, "document", "it is not the version that was logged")


def check_certificates(database: Snapshot, said: Said, notes: Notes) -> None:
    """Each certificate was announced, for the enrolment and the person that the row names."""
    columns = ("seq", "scid", "der", "enrolment")
    for seq, scid, der, enrolment in database.table("certificates", columns, ("seq",)):
        notes.count("certificates")
        try:
            certificate = parse_certificate(der)
        except (TouchplateError, TypeError) as error:
            notes.cell("certificates", seq, "der", str(error))
            continue
        digest = sha256(certificate.precertificate_tbs).digest()
        issuance = said.replay.issuances.get(digest)
        if issuance is None:
            if said.whole:
                notes.cell("certificates", seq, "der", "it was never announced in the log")
            continue
        why = f"entry {issuance.index} announced it for {issuance.enrolment}"
        notes.same("certificates", seq, "enrolment", enrolment, issuance.enrolment, why)
        named = (certificate.san_uri or "").rpartition("/p/")[2].partition("/a/")[0]
        notes.same("certificates", seq, "scid", scid, named, f"the certificate names {named}")
        _check_signed(database, seq, der, issuance.enrolment or "", notes)


def _check_signed(
    database: Snapshot, seq: object, der: bytes, enrolment: str, notes: Notes
) -> None:
    """The announcement covers all but the CA's signature and the SCT: the entry has both.

    That of an agent is in no entry before the agent has signed.
    """
    rows = database.rows(
        "select certificate from entries where id = ? and type = 'enrolment' or idx = "
        "(select min(idx) from agent_outputs where delegation = ?)",
        (enrolment, enrolment),
    )
    if rows:
        why = "it is not the one in the entry that it signed"
        notes.same("certificates", seq, "der", der, rows[0][0], why)
    else:
        notes.skip(
            f"certificate {seq}: nobody has used it, so its last bytes are compared with none"
        )


def check_joins(database: Snapshot, notes: Notes) -> None:
    """What a person sent is what was logged for them."""
    columns = ("scid", "skeleton", "request", "progress")
    for scid, look, request, progress in database.table("joins", columns, ("scid",)):
        notes.count("joins")
        if (look, request, progress) == ("", b"", b""):
            continue  # erased
        for column, document in (("request", request), ("progress", progress)):
            try:
                value = parse_canonical(document, MAX_REQUEST, column)
                if column == "request":
                    _check_request(database, (scid, look), Record(value, column), notes)
            except (TouchplateError, TypeError) as error:
                notes.cell("joins", scid, column, str(error))


def _check_request(database: Snapshot, row: tuple[str, str], record: Record, notes: Notes) -> None:
    scid, look = row
    history = parse_log(record.items("didLog", 1, 1))
    notes.same("joins", scid, "scid", scid, history.scid, f"the request is of {history.scid}")
    point = history.entries[0].signing_keys[0]
    for item in record.records("statements", 3, 3):
        envelope = parse_envelope(item.raw("envelope"), STATEMENT_PAYLOAD, item.where)
        # One that a crash cut off is not logged yet: only its signature tells that it is whole.
        verify_p256(point, envelope.pae, envelope.signature, low_s=True)
        statement = parse_statement(envelope.payload)
        document = item.raw("private")
        if document is not None:
            if sha256(canonical(document)).digest() != statement.private:
                raise Malformed("it is not the private part that the statement names", item.where)
            part = parse_private(document, statement.type)
            if isinstance(part, HandlePart):
                shape = skeleton(part.handle)
                notes.same("joins", scid, "skeleton", look, shape, f"the handle is {part.handle}")
        logged = database.rows(
            "select signature from entries where scid = ? and payload = ?",
            (history.scid, envelope.payload),
        )
        if logged and (envelope.signature,) not in logged:
            raise Malformed("its signature is not the one that was logged", item.where)


def check_meta(database: Snapshot, trust: TrustFile, said: Said, notes: Notes) -> None:
    """What was fixed at first start is what the trust file says."""
    rows = dict(database.table("meta", ("name", "value"), ("name",)))
    # Of what `admin rotate` replaced, the last is in use.
    chains = (*trust.authorities[-1].chain, *reversed(trust.timestamp_authorities[-1].chain))
    roots = parse_roots(rows.get("roots"))
    for name, found, expected in (
        ("public_url", rows.get("public_url"), trust.public_url.encode()),
        ("origin", rows.get("origin"), trust.newest_log.origin.encode()),
        ("log_key", rows.get("log_key"), trust.newest_log.log_key.key),
        ("roots", roots, [b64encode(item.der) for item in chains]),
    ):
        notes.same("meta", name, "value", found, expected, "the trust file says otherwise")
    own = rows.get("own_certificate")
    try:
        digest = sha256(parse_certificate(own or b"").precertificate_tbs).digest()
        if digest not in said.replay.issuances and said.whole:
            raise Malformed("it was never announced in the log")
    except (TouchplateError, TypeError) as error:
        notes.cell("meta", "own_certificate", "value", str(error))
    _check_timestamping(rows.get(_TIMESTAMPING), notes)
    others = sorted({str(name).partition(" ")[0] for name in rows.keys() - _META})
    notes.count("meta", len(rows.keys() & _META))
    if others:
        notes.skip(f"what only this registry reads, of table meta: {name_some(others)}")


def _check_timestamping(value: object, notes: Notes) -> None:
    """The authority of the time stamps for anyone, made on first start, is under its own root."""
    if value is None:
        return
    listed = parse_roots(value)
    items = listed if isinstance(listed, list) else []
    try:
        leaf, root = (parse_certificate(b64decode(str(item))) for item in items)
        for certificate in (leaf, root):
            verify_p256(root.point, certificate.tbs, certificate.signature, low_s=False)
    except (TouchplateError, TypeError, ValueError) as error:
        notes.cell("meta", _TIMESTAMPING, "value", f"no certificate under its root: {error}")


def parse_roots(value: object) -> object:
    """Read the stored list of certificates; None if it is none."""
    try:
        return parse(value, MAX_STORED) if isinstance(value, bytes) else None
    except TouchplateError:
        return None
