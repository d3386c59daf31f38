"""One job of `sign`: what is to be signed, and what is said of it at the end."""

import os
from typing import NamedTuple

from trust.client.statements import Signed
from trust.core.encoding import short_digest
from trust.core.people.keycode import key_code
from trust.core.registry.dossier import SUFFIX
from trust.core.signing.disclosure import Disclosure
from trust.core.verdict import Verdict
from trust_cli import delivery
from trust_cli.hashing import Hashed
from trust_cli.home import Identity
from trust_cli.output import Output, size
from trust_cli.session import Session


class Job(NamedTuple):
    """What is to be signed, and where its dossier goes."""

    paths: tuple[str, ...]
    hashed: Hashed
    name: str  # of the directory, the file, or the first of several files
    title: str | None
    disclosure: Disclosure | None
    dossier: str
    sigstore: bool
    private: bool
    supersedes: str | None

    @property
    def subjects(self) -> dict[str, bytes]:
        """Digests by the names that become public."""
        hashed = self.hashed
        return {self.name: hashed.known_by} if hashed.by_manifest else hashed.files

    def work(self, signed: Signed, now: int) -> delivery.Work:
        """Return what is kept of it until it is delivered."""
        return delivery.Work(
            signed=signed.to_json(),
            made=now,
            files=self.subjects,
            whole=self.hashed.whole and not self.hashed.by_manifest,
            dossier=os.path.abspath(self.dossier),
            sigstore=self.sigstore,
            target=None if self.private else self.supersedes,
        )


def report(opened: Session, job: Job, delivered: delivery.Delivered, output: Output) -> None:
    """Say what was made, and the exact commands that check it and undo it."""
    trust, handle = opened.pinned.trust, opened.identity.handle
    page = f"{trust.public_url}/v/{delivered.id}"
    expected = how_to_name(delivered.verdict, opened.identity, trust.public_url)
    check = check_command(job.paths, job.dossier, expected)
    bare = delivery.bare_path(job.dossier) if job.sigstore else None
    output.note("signed", _subject(job.paths, job.hashed))
    by = delivered.verdict.signer and delivered.verdict.signer.delegation
    who = f"{f'agent {by.agent} of ' if by else ''}@{handle} at {trust.host}"
    output.note("as", f"{who}, key code {key_code(opened.identity.scid)}")
    if delivered.verdict.code.exit_status:
        output.note("but", delivered.verdict.sentence)
    for_whom = "whoever has it can open it" if job.private else "send this to your customer"
    output.copyable("page", f"{page}    {for_whom}")
    output.copyable("dossier", f"{job.dossier}    keep it beside the work: it verifies without us")
    if bare is not None:
        output.copyable("bundle", f"{bare}    for the tools of Sigstore")
    output.copyable("check", check)
    output.copyable("customer", f"touchplate trust add {trust.public_url} --key {trust.code}")
    names = tuple(os.path.basename(path.rstrip("/")) or path for path in job.paths)
    output.copyable("", check_command(names, os.path.basename(job.dossier), expected))
    output.copyable("undo", f"touchplate withdraw {delivered.id}")
    output.result(job.dossier)
    output.json(
        {
            "id": delivered.id,
            "page": page,
            "dossier": job.dossier,
            "bundle": bare,
            "check": check,
            "verdict": delivered.verdict.to_json(),
        }
    )


def how_to_name(verdict: Verdict, identity: Identity, public_url: str) -> str:
    """Return what `--signer` says of this person: the handle, and after `erase --me` the page."""
    named = verdict.signer is not None and verdict.signer.handle is not None
    return f"@{identity.handle}" if named else f"{public_url}/p/{identity.scid}"


def check_command(paths: tuple[str, ...], dossier: str, who: str) -> str:
    """Return the line that verifies what was made, complete for a shell in this folder."""
    folder = os.path.dirname(dossier)
    if len(paths) > 1 and all(os.path.dirname(path) == folder for path in paths):
        words = [_quoted(dossier)]  # compares the set as a whole
    elif len(paths) > 1 or paths[0].rstrip("/") + SUFFIX != dossier:
        words = [*map(_quoted, paths), "--bundle", _quoted(dossier)]
    else:
        words = [_quoted(paths[0])]
    return " ".join(["touchplate verify", *words, f"--signer {who}"])


def _subject(paths: tuple[str, ...], hashed: Hashed) -> str:
    if len(hashed.files) == 1:
        digest = next(iter(hashed.files.values()))
        return f"{paths[0]}  {size(hashed.size)}  sha256 {short_digest(digest)}"
    what = f"{len(hashed.files)} files, {size(hashed.size)}"
    return what if len(paths) > 1 else f"{paths[0]}  {what}"


def _quoted(text: str) -> str:
    import shlex  # noqa: PLC0415

    return shlex.quote(text)
