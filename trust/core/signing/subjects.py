"""Step 1: are the files in hand the ones that were signed?"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from trust.core.encoding import quoted, short_digest
from trust.core.errors import SubjectMismatch
from trust.core.signing.manifest import manifest_digest
from trust.core.signing.statement import Statement, is_manifest


class Subjects(NamedTuple):
    """The files in hand: SHA-256 digests by name, `/` between folders.

    `whole`: they claim to be the complete set (a directory, or all files of a dossier); otherwise
    each is one file that may be one of several. `signed_names`, in subject order, come from the
    private part, when there is one; without names a set is compared by its digests.
    """

    files: Mapping[str, bytes]
    whole: bool = False
    signed_names: tuple[str, ...] | None = None


def match_subjects(statement: Statement, subjects: Subjects) -> None:
    """Compare the files in hand with the subjects of a statement.

    Raises:
        SubjectMismatch: changed, missing or additional files, by name where names are known.
    """
    if not subjects.files:
        raise SubjectMismatch("no_subject", "there is no file to compare")
    if is_manifest(statement):
        _match_manifest(statement, subjects)
    elif not subjects.whole:
        _match_each(statement, subjects)
    elif subjects.signed_names is None:
        _match_digests(statement, subjects)
    else:
        _match_names(statement, subjects, subjects.signed_names)


def _match_manifest(statement: Statement, subjects: Subjects) -> None:
    """A directory is compared by the manifest that is built again; the manifest also fits."""
    signed = statement.subjects[0]
    if subjects.whole:
        found = manifest_digest(subjects.files)
        if found != signed:
            raise SubjectMismatch(
                "changed",
                f"At least one of the {len(subjects.files)} files here was changed, added, removed "
                f"or renamed: manifest sha256 {short_digest(found)}, expected "
                f"{short_digest(signed)}",
            )
        return
    for name, digest in subjects.files.items():
        if digest != signed:
            raise SubjectMismatch(
                "not_whole",
                f"{quoted(name)}: a single file, but a whole directory was signed, expected it",
            )


def _match_each(statement: Statement, subjects: Subjects) -> None:
    for name, digest in subjects.files.items():
        if digest not in statement.subjects:
            count = len(statement.subjects)
            one = f"sha256 {short_digest(statement.subjects[0])}"
            expected = one if count == 1 else f"one of {count} signed files"
            raise SubjectMismatch(
                "changed",
                f"{quoted(name)}: expected {expected}, found sha256 {short_digest(digest)}",
            )


def _match_digests(statement: Statement, subjects: Subjects) -> None:
    wanted, found = Counter(statement.subjects), Counter(subjects.files.values())
    if wanted != found:
        missing, more = (wanted - found).total(), (found - wanted).total()
        raise SubjectMismatch("changed", f"{missing} signed files are not here, {more} here differ")


def _match_names(statement: Statement, subjects: Subjects, names: tuple[str, ...]) -> None:
    signed = dict(zip(names, statement.subjects, strict=True))
    changed = sorted(n for n, d in subjects.files.items() if n in signed and signed[n] != d)
    missing = sorted(set(signed) - set(subjects.files))
    added = sorted(set(subjects.files) - set(signed))
    for reason, found in (("changed", changed), ("missing", missing), ("added", added)):
        if found:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            raise SubjectMismatch(reason, f"{reason}: {quoted(found[0])}{more}")
