"""From a verdict and a dossier to what a page shows. Pure: no I/O, no clock, no HTML."""

from typing import NamedTuple

from trust.core import qr
from trust.core.registry.dossier import Dossier
from trust.core.signing.disclosure import Disclosure
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.private import DeliverablePart, parse_private
from trust.core.signing.statement import Statement, parse_statement
from trust.core.verdict import Code, Result, Verdict
from trust.core.wording import page
from trust.core.wording.disclosure import disclosure_sentences

MOST_FILES = 20  # on a page; the dossier names up to 1,000
LONGEST_NAME = 120  # characters of a file name on a page; the end of a name says what it is

_ICONS = {
    Result.YES: ("yes", "✓"),
    Result.NO: ("no", "✕"),
    Result.COULD_NOT_CHECK: ("unknown", "?"),
    Result.NOT_CHECKED: ("unknown", "-"),
}
_NOTHING_IS_FACT = frozenset({Code.INVALID, Code.UNREADABLE})


class Row(NamedTuple):
    """One of the four questions: `state` and `icon` never stand without `word`."""

    question: str
    state: str
    icon: str
    word: str
    text: str


class File(NamedTuple):
    """A signed file by its shortened name and its SHA-256 in hex."""

    name: str
    digest: str


class Link(NamedTuple):
    """A page of this registry, and the words that lead there."""

    path: str
    text: str


class Maker(NamedTuple):
    """What the maker typed. `statement` is word for word, in `language`."""

    introduction: str
    statement: tuple[str, ...]
    language: str
    sentences: tuple[str, ...]
    licence: str | None
    not_claimed: tuple[str, ...]


class AttestationView(NamedTuple):
    """Everything that the page of an attestation places."""

    title: str
    place: str
    code: str
    tone: str
    sentence: str
    stopped: bool  # withdrawn, revoked, disputed or frozen
    label: str
    reason: str | None
    taken_down: str | None
    private: str | None
    rows: tuple[Row, ...]
    person: Link | None
    versions: tuple[Link, ...]
    files: tuple[File, ...]
    more: int
    files_note: str | None
    maker: Maker | None
    untold: str
    served_by: str
    commands: tuple[page.Command, ...]
    svg: str


def attestation_view(
    verdict: Verdict,
    dossier: Dossier,
    public_url: str,
    statement_id: str,
    reason: str | None = None,
    taken_down: str | None = None,
) -> AttestationView:
    """Arrange a verdict for the page.

    After a failed signature nothing of the record is shown as fact: no names, no digests, no
    disclosure. `reason` is why its signer withdrew it, if that is known; `taken_down` what the
    registry says of having taken down its words.
    """
    host = public_url.split("://", 1)[1]
    statement: Statement | None = None
    part = None
    if verdict.code not in _NOTHING_IS_FACT:
        statement = parse_statement(dossier.bundle.envelope.payload)
        part = _deliverable_part(statement, dossier)
    files = _files(statement, part)
    facts = _facts(statement)
    place, code = page.banner(host, statement_id)
    return AttestationView(
        title=page.title_of(verdict, part.title if part else None, part.names if part else ()),
        place=place,
        code=code,
        tone=page.tone(verdict.code),
        sentence=verdict.sentence,
        stopped=verdict.code in page.STOPPED_LABELS,
        label=page.label(verdict),
        private=page.PRIVATE if facts and facts.unlisted else None,
        reason=page.reason_given(reason) if reason else None,
        taken_down=taken_down,
        rows=_rows(verdict),
        person=_person(verdict),
        versions=_versions(verdict, facts),
        files=files[:MOST_FILES],
        more=max(0, len(files) - MOST_FILES),
        files_note=_files_note(verdict) if files and part is None else None,
        maker=_maker(verdict, part),
        untold=page.untold(verdict),
        served_by=page.served_by(host),
        commands=page.commands(public_url, verdict.signer),
        svg=qr.svg(qr.page_code_text(public_url, statement_id)),
    )


def shortened(name: str) -> str:
    """Return a name with its middle left out where it is too long for a page."""
    if len(name) <= LONGEST_NAME:
        return name
    half = (LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def groups(digest: str) -> tuple[str, ...]:
    """Return a hex digest in groups of eight, which a page sets apart without spaces between them.

    So eyes find their place, and the digest that a command printed is still found in the page.
    """
    return tuple(digest[start : start + 8] for start in range(0, len(digest), 8))


def _rows(verdict: Verdict) -> tuple[Row, ...]:
    return tuple(
        Row(
            page.QUESTIONS[check.id],
            *_ICONS[check.result],
            page.ANSWERS[check.result],
            page.answer(check),
        )
        for check in verdict.rows
    )


def _person(verdict: Verdict) -> Link | None:
    """Lead to the person who signed; the registry has no such page."""
    signer = verdict.signer
    if signer is None or not signer.scid or verdict.code in _NOTHING_IS_FACT:
        return None
    return Link(f"/p/{signer.scid}", page.about_person(signer))


def _facts(statement: Statement | None) -> DeliverableFacts | None:
    facts = statement.facts if statement is not None else None
    return facts if isinstance(facts, DeliverableFacts) else None


def _versions(verdict: Verdict, facts: DeliverableFacts | None) -> tuple[Link, ...]:
    """Lead to the statement that replaced this one, and to the one that it replaced."""
    links = []
    if verdict.superseded_by is not None:
        links.append(Link(f"/v/{verdict.superseded_by}", page.NEWER))
    if facts is not None and facts.supersedes is not None:
        links.append(Link(f"/v/{facts.supersedes}", page.OLDER))
    return tuple(links)


def _deliverable_part(statement: Statement, dossier: Dossier) -> DeliverablePart | None:
    if statement.private is None or statement.private not in dossier.private:
        return None
    part = parse_private(dossier.private[statement.private], statement.type)
    return part if isinstance(part, DeliverablePart) else None


def _files(statement: Statement | None, part: DeliverablePart | None) -> tuple[File, ...]:
    if statement is None or statement.type != "deliverable":
        return ()
    names = part.names if part is not None else ("",) * len(statement.subjects)
    return tuple(
        File(shortened(name), digest.hex())
        for name, digest in zip(names, statement.subjects, strict=True)
    )


def _files_note(verdict: Verdict) -> str:
    return page.NAMES_GONE if verdict.erased is None else page.NAMES_ERASED


def _maker(verdict: Verdict, part: DeliverablePart | None) -> Maker | None:
    """Return what the maker typed beside names and title, if there is any."""
    if part is None or not (part.disclosure or part.licence or part.not_claimed):
        return None
    statement, *sentences = _sentences(part.disclosure, verdict)
    return Maker(
        introduction=page.claimed_by(verdict.signer),
        statement=tuple(statement.split("\n")) if statement else (),
        language=part.disclosure.language if part.disclosure else "",
        sentences=tuple(sentences),
        licence=part.licence,
        not_claimed=part.not_claimed,
    )


def _sentences(disclosure: Disclosure | None, verdict: Verdict) -> tuple[str, ...]:
    if disclosure is None:
        return ("",)
    scid = verdict.signer.scid if verdict.signer is not None else None
    return disclosure_sentences(disclosure, scid)
