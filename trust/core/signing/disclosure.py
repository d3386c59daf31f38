"""The disclosure: who decided, who performed, which AI, and how far a human oversaw it.

It is part of a deliverable's private part. `statement` is the creator's own sentence and is shown
first, word for word; everything else is what they chose to state. Nothing is derived and stored,
and what nobody stated is absent. Vocabularies: IPTC digital source types, CRediT roles, the
oversight levels of C2PA 2.4 (specs/disclosure.md).
"""

from typing import NamedTuple

from trust.core.canonical import Json, check_text
from trust.core.errors import Malformed
from trust.core.people.did import check_scid
from trust.core.record import Record, repeated

INVOLVEMENTS = (
    "human-only",
    "ai-assisted",
    "ai-generated-human-edited",
    "ai-generated",
    "automated",
)
EXTENTS = ("none", "minor", "substantial", "full")
OVERSIGHT_LEVELS = ("fully_autonomous", "prompt_guided", "human_validated")
SOURCE_TYPES = (  # IPTC NewsCodes, digitalsourcetype, 2024-10; the retired ones are left out
    "algorithmicMedia",
    "algorithmicallyEnhanced",
    "composite",
    "compositeCapture",
    "compositeSynthetic",
    "compositeWithTrainedAlgorithmicMedia",
    "computationalCapture",
    "dataDrivenMedia",
    "digitalCapture",
    "digitalCreation",
    "humanEdits",
    "negativeFilm",
    "positiveFilm",
    "print",
    "screenCapture",
    "trainedAlgorithmicMedia",
    "virtualRecording",
)
CREDIT_ROLES = (  # ANSI/NISO Z39.104-2022; people only
    "conceptualization",
    "data-curation",
    "formal-analysis",
    "funding-acquisition",
    "investigation",
    "methodology",
    "project-administration",
    "resources",
    "software",
    "supervision",
    "validation",
    "visualization",
    "writing-original-draft",
    "writing-review-editing",
)
MAX_CONTRIBUTORS = 50
MAX_CONTRIBUTIONS = 100
MAX_PERFORMERS = 20  # of one contribution
# Of all contributions together. The sentences name them to each other: without a bound 56 kB said
# 49 MB on every view of a page.
MAX_PERFORMANCES = 200
MAX_DESCRIPTION = 1000  # characters
MAX_STATEMENT = 2000  # characters


class Contributor(NamedTuple):
    """A person or a piece of software that took part."""

    id: str
    type: str  # "person" or "software"
    name: str
    scid: str | None = None  # of a person who is known here
    accountable: bool = False  # a person who answers for the work
    provider: str | None = None  # of software
    operated_by: str | None = None  # the id of the person who ran the software


class Contribution(NamedTuple):
    """One task: who performed it, who decided it, and how far AI was in it."""

    id: str
    task: str
    performed_by: tuple[str, ...]
    decided_by: str
    involvement: str
    description: str | None = None
    extent: str | None = None
    oversight: str | None = None
    credit: tuple[str, ...] = ()
    source_type: str | None = None
    applies_to: str | None = None
    action: str | None = None  # a C2PA action, such as c2pa.edited


class Disclosure(NamedTuple):
    """A checked disclosure. `document` is the JSON as written, which is what gets signed."""

    statement: str
    language: str
    complete: bool | None  # whether the list is said to cover every contribution; None: not said
    contributors: tuple[Contributor, ...]
    contributions: tuple[Contribution, ...]
    document: dict[str, Json]

    def contributor(self, contributor_id: str) -> Contributor:
        """Return the contributor with this id; every id used in a contribution has one."""
        return next(item for item in self.contributors if item.id == contributor_id)


def parse_disclosure(value: Json, where: str = "disclosure") -> Disclosure:
    """Check a parsed disclosure.

    Raises:
        Malformed: an unknown member or word, an id that nobody has, software that no person
            operates, no accountable person, or a word that is no CRediT role.
    """
    record = Record(value, where)
    statement = record.text("statement", MAX_STATEMENT)
    if not statement.strip():
        raise Malformed("empty, expected the creator's own sentence", f"{where}.statement")
    disclosure = Disclosure(
        statement=check_text(statement, f"{where}.statement"),
        language=_language(record),
        complete=record.optional("complete", record.boolean),
        contributors=tuple(
            _contributor(item) for item in record.records("contributors", 1, MAX_CONTRIBUTORS)
        ),
        contributions=tuple(
            _contribution(item) for item in record.records("contributions", 0, MAX_CONTRIBUTIONS)
        ),
        document=value if isinstance(value, dict) else {},
    )
    record.done()
    _check_references(disclosure, where)
    return disclosure


def _language(record: Record) -> str:
    """Take a BCP 47 tag in its common shape: letters, digits and hyphens, `en` or `pt-BR`."""
    tag = record.text("language", 35)
    if not (tag and tag.isascii() and tag.replace("-", "").isalnum() and tag[:2].isalpha()):
        raise Malformed(f"{tag!r} is not a language tag like 'en'", f"{record.where}.language")
    return tag


def _contributor(record: Record) -> Contributor:
    kind = record.one_of("type", ("person", "software"))
    contributor = Contributor(
        id=record.text("id", 64),
        type=kind,
        name=record.text("name", 200),
        scid=record.optional("scid", record.text) if kind == "person" else None,
        accountable=record.boolean("accountable") if kind == "person" else False,
        provider=record.optional("provider", lambda name: record.text(name, 200))
        if kind == "software"
        else None,
        operated_by=record.text("operatedBy", 64) if kind == "software" else None,
    )
    if kind == "person":
        record.optional("role", lambda name: record.texts(name, 0, 10, 100))
    else:
        record.optional("modelType", lambda name: record.text(name, 100))
    record.done()
    if not contributor.name.strip():
        raise Malformed("empty, expected a name", f"{record.where}.name")
    if "\n" in f"{contributor.name}{contributor.provider}":
        raise Malformed("a name of several lines", record.where)
    if contributor.scid is not None:
        check_scid(contributor.scid)
    return contributor


def _contribution(record: Record) -> Contribution:
    contribution = Contribution(
        id=record.text("id", 64),
        task=record.text("task", 200),
        performed_by=record.texts("performedBy", 1, MAX_PERFORMERS, 64),
        decided_by=record.text("decidedBy", 64),
        involvement=record.one_of("involvement", INVOLVEMENTS),
        description=record.optional("description", lambda name: record.text(name, MAX_DESCRIPTION)),
        extent=record.optional("extent", lambda name: record.one_of(name, EXTENTS)),
        oversight=record.optional(
            "humanOversightLevel", lambda name: record.one_of(name, OVERSIGHT_LEVELS)
        ),
        credit=record.optional("credit", lambda name: record.texts(name, 0, 14, 64)) or (),
        source_type=record.optional(
            "digitalSourceType", lambda name: record.one_of(name, SOURCE_TYPES)
        ),
        applies_to=record.optional("appliesTo", lambda name: record.text(name, 200)),
        action=record.optional("c2paAction", lambda name: record.text(name, 100)),
    )
    record.done()
    if len(set(contribution.performed_by)) != len(contribution.performed_by):
        raise Malformed("one performer stands there twice", f"{record.where}.performedBy")
    for role in contribution.credit:
        if role not in CREDIT_ROLES:
            raise Malformed(f"{role[:60]!r} is not a CRediT role", f"{record.where}.credit")
    return contribution


def _check_references(disclosure: Disclosure, where: str) -> None:  # noqa: C901 - a list of rules
    """Every id is unique and known; software is operated, and decisions made, by a person."""
    kinds = {item.id: item.type for item in disclosure.contributors}
    if len(kinds) != len(disclosure.contributors):
        twice = repeated([item.id for item in disclosure.contributors])
        raise Malformed(f"two contributors have one id, {twice!r}", f"{where}.contributors")
    if len({item.id for item in disclosure.contributions}) != len(disclosure.contributions):
        twice = repeated([item.id for item in disclosure.contributions])
        raise Malformed(f"two contributions have one id, {twice!r}", f"{where}.contributions")
    if sum(len(item.performed_by) for item in disclosure.contributions) > MAX_PERFORMANCES:
        raise Malformed(
            f"expected at most {MAX_PERFORMANCES} performers in all contributions together",
            f"{where}.contributions",
        )
    if not any(item.accountable for item in disclosure.contributors):
        raise Malformed("no person is accountable, expected at least one", f"{where}.contributors")
    for item in disclosure.contributors:
        if item.operated_by is not None and kinds.get(item.operated_by) != "person":
            raise Malformed(
                f"{item.operated_by!r} is no person in contributors",
                f"{where}.contributors.{item.id}.operatedBy",
            )
    for work in disclosure.contributions:
        place = f"{where}.contributions.{work.id}"
        if kinds.get(work.decided_by) != "person":
            raise Malformed(f"{work.decided_by!r} is no person in contributors", place)
        for performer in work.performed_by:
            if performer not in kinds:
                raise Malformed(f"{performer!r} is not in contributors", place)
