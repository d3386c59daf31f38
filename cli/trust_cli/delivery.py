"""From a signed statement to a dossier on the disk: what `sign`, `push` and `withdraw` share.

A statement is kept in `pending/` before it is sent and until all is done, so that whatever breaks
in between, `push` finishes it: the registry answers the same statement with the same result.
"""

import os
import time
from typing import NamedTuple

from trust.client import requests
from trust.client.http import Client
from trust.client.statements import Signed
from trust.core.assess import assess
from trust.core.canonical import Json, canonical
from trust.core.encoding import hex_decode
from trust.core.errors import (
    Conflict,
    Malformed,
    NotAllowed,
    TooMany,
    Unavailable,
    VerificationFailed,
)
from trust.core.policy import Expected, Policy
from trust.core.record import Record
from trust.core.registry.dossier import BARE_SUFFIX, SUFFIX, parse_dossier
from trust.core.registry.status import check_status
from trust.core.signing.subjects import Subjects
from trust.core.verdict import Verdict
from trust.core.verify import verify
from trust.core.x509.certificate import parse_certificate
from trust_cli.hashing import is_proof
from trust_cli.home import Identity, Pinned, read_file, remove, write_file, write_json

REFUSED = (Malformed, NotAllowed, Conflict)  # for good: the same statement will not be taken
LATER = (Unavailable, TooMany)  # not now: it stays kept
WAITING = {"review_not_at_hand", "not_released"}  # reasons that other people can take away
_READABLE = 0o666  # less the umask: a dossier is for everyone


class Work(NamedTuple):
    """A signed statement and what is to be done once it is published. `made` is in seconds.

    A deliverable: digests by name, the dossier's path, and the id of the one that it replaces in
    public. A withdrawal: its target's id. An erasure: what it erases, for whoever reads it.
    """

    signed: dict[str, Json]
    made: int
    files: dict[str, bytes]
    whole: bool = False
    dossier: str | None = None
    sigstore: bool = False
    target: str | None = None
    erases: str | None = None


class Delivered(NamedTuple):
    """A deliverable whose dossier was verified and written."""

    id: str
    dossier: str
    bare: str | None
    verdict: Verdict


def keep(pinned: Pinned, signed: Signed, work: Work) -> None:
    """Keep a signed statement for delivery, before it is sent."""
    write_json(
        _place(pinned, signed.id),
        {
            "dossier": work.dossier,
            **({} if work.erases is None else {"erases": work.erases}),
            "files": {name: digest.hex() for name, digest in work.files.items()},
            "made": work.made,
            "sigstore": work.sigstore,
            "signed": work.signed,
            "target": work.target,
            "whole": work.whole,
        },
    )


def kept(pinned: Pinned, statement_id: str) -> Work:
    """Return what was kept under an id; raise Malformed if it was damaged."""
    where = _place(pinned, statement_id)
    record = Record(pinned.folder.load("pending", f"{statement_id}.json"), where)
    signed, files = record.raw("signed"), record.raw("files")
    work = Work(
        signed=signed if isinstance(signed, dict) else {},
        made=record.integer("made"),
        files={
            name: hex_decode(str(digest), where)
            for name, digest in (files if isinstance(files, dict) else {}).items()
        },
        whole=record.boolean("whole"),
        dossier=record.nullable("dossier", record.text),
        sigstore=record.boolean("sigstore"),
        target=record.nullable("target", record.text),
        erases=record.optional("erases", record.text),
    )
    record.done()
    return work


def forget(pinned: Pinned, statement_id: str) -> None:
    """Remove a statement that is delivered, or that the registry refuses for good."""
    remove(_place(pinned, statement_id))


def send(pinned: Pinned, work: Work, statement_id: str) -> requests.Published:
    """Send a statement; return when a published checkpoint covers it.

    Raises:
        Malformed, NotAllowed, Conflict: the registry refuses it for good; it is kept no longer.
    """
    try:
        return Client(pinned.trust.public_url).ask(requests.publish(work.signed))
    except REFUSED:
        forget(pinned, statement_id)
        raise


def deliver(pinned: Pinned, identity: Identity, work: Work, statement_id: str) -> Delivered:
    """Send a deliverable, fetch its dossier, verify that against the files, and write it.

    Raises:
        Unavailable: the registry does not answer; the statement stays kept.
        VerificationFailed: what it answered does not hold; nothing was written.
        Malformed, NotAllowed, Conflict: the registry refuses it, and it is kept no longer; or the
            disk does, or another file came into the dossier's place, and it stays kept.
    """
    published = send(pinned, work, statement_id)
    client = Client(pinned.trust.public_url)
    data = client.ask(requests.dossier(statement_id))
    verdict = _assess(data, pinned, identity, work)
    if not _is_ours(verdict) or verdict.id != statement_id or work.dossier is None:
        raise VerificationFailed(
            11, "bad_dossier", f"{client.url} sent a dossier that is not yours: {verdict.sentence}"
        )
    bundle = parse_dossier(data).bundle
    bare = bare_path(work.dossier) if work.sigstore else None
    try:
        _write(work.dossier, data)
        if bare is not None:
            _write(bare, canonical(bundle.to_json()))
    except (Malformed, Conflict) as error:
        later = f"{statement_id} is published and kept: touchplate push writes its dossier"
        raise type(error)(f"{error}; {later}") from error
    if work.target is not None:
        check_status(published.status, pinned.trust)
        pinned.folder.keep_status(work.target, published.status)
    _keep_certificate(pinned, bundle.certificate)
    forget(pinned, statement_id)
    return Delivered(statement_id, work.dossier, bare, verdict)


def _is_ours(verdict: Verdict) -> bool:
    """It is valid, or would be if the others had approved who are to approve."""
    words = {item.word for item in verdict.reasons}
    return not verdict.code.exit_status or words <= WAITING


def check_free(path: str) -> None:
    """Raise Conflict unless a dossier may go there: it replaces an earlier one and nothing else."""
    if os.path.lexists(path) and not is_proof(path):
        raise Conflict(f"{path} exists and is no dossier: it is left as it is")


def deliver_withdrawal(pinned: Pinned, work: Work, statement_id: str) -> None:
    """Send a withdrawal, check it, and keep the status that says so under its target's id."""
    published = send(pinned, work, statement_id)
    verified = verify(published.bundle, None, pinned.trust, int(time.time()))
    states = check_status(published.status, pinned.trust).states
    if not states.get(verified.statement.subjects[0]) or verified.id != statement_id:
        raise VerificationFailed(
            8,
            "not_withdrawn",
            f"{pinned.trust.public_url} took the withdrawal, but its status does not say so",
        )
    if work.target is not None:
        pinned.folder.keep_status(work.target, published.status)
    _keep_certificate(pinned, published.bundle.certificate)
    forget(pinned, statement_id)


def deliver_plain(pinned: Pinned, work: Work, statement_id: str) -> int:
    """Send a statement that leaves no file here, and check it; return when it was dated."""
    published = send(pinned, work, statement_id)
    verified = verify(published.bundle, None, pinned.trust, int(time.time()))
    if verified.id != statement_id:
        raise VerificationFailed(
            11, "other_statement", f"{pinned.trust.public_url} answered with {verified.id}"
        )
    _keep_certificate(pinned, published.bundle.certificate)
    forget(pinned, statement_id)
    return verified.signed_at


def still_kept(error: Unavailable | TooMany, statement_id: str) -> Unavailable | TooMany:
    """Return the error that says that a signed statement waits."""
    text = f"{error}; {statement_id} is signed and kept: touchplate push delivers it"
    return TooMany(text, error.retry_after) if isinstance(error, TooMany) else Unavailable(text)


def bare_path(dossier: str) -> str:
    """Return where the bare Sigstore bundle goes, beside the dossier."""
    return (
        f"{dossier.removesuffix('.json').removesuffix(SUFFIX.removesuffix('.json'))}{BARE_SUFFIX}"
    )


def _keep_certificate(pinned: Pinned, certificate: bytes) -> None:
    """Keep the certificate that a statement of ours was logged with, if it ends later than ours."""
    place = pinned.folder.place("certificate.der")
    kept = read_file(place)
    if "/a/" in (parse_certificate(certificate).san_uri or ""):
        return  # an agent's, which is in every dossier of what it signs
    if kept is None or parse_certificate(kept).not_after < parse_certificate(certificate).not_after:
        write_file(place, certificate)


def _write(path: str, data: bytes) -> None:
    check_free(path)  # again: days may have passed since the signature
    write_file(path, data, mode=_READABLE)


def _assess(data: bytes, pinned: Pinned, identity: Identity, work: Work) -> Verdict:
    now = int(time.time())
    expected = Expected(f"@{identity.handle}", identity.scid)
    return assess(
        data,
        Subjects(work.files, work.whole),
        pinned.trust,
        now,
        Policy(expected),
        now=now,
        newest_trust=True,
    )


def _place(pinned: Pinned, statement_id: str) -> str:
    return pinned.folder.place("pending", f"{statement_id}.json")
