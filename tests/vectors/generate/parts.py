"""Private parts and the disclosure: names, titles and free text, which may be erased."""

import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, edited
from tests.vectors.generate.keys import chance
from tests.vectors.generate.scene import standard
from trust.core.canonical import canonical

BLIND = chance("a blind").hex()
DELIVERABLE: dict[str, Any] = {
    "blind": BLIND,
    "names": ["report.txt", "b/c.txt"],
    "title": "A report",
    "licence": "CC-BY-4.0",
    "notClaimed": ["The photograph on page 3 is not ours."],
}
DISCLOSURE: dict[str, Any] = {
    "statement": "I wrote it. A program suggested the title and drew the chart.",
    "language": "en",
    "complete": True,
    "contributors": [
        {"id": "#ana", "type": "person", "name": "Ana L\u00f3pez", "accountable": True},
        {"id": "#ben", "type": "person", "name": "Ben", "accountable": False, "role": ["editor"]},
        {"id": "#tool", "type": "software", "name": "DrawTool 2", "operatedBy": "#ana"},
    ],
    "contributions": [
        {
            "id": "#text",
            "task": "wrote the text",
            "performedBy": ["#ana"],
            "decidedBy": "#ana",
            "involvement": "human-only",
            "credit": ["writing-original-draft"],
        },
        {
            "id": "#chart",
            "task": "drew the chart",
            "performedBy": ["#tool"],
            "decidedBy": "#ana",
            "involvement": "ai-generated-human-edited",
            "extent": "minor",
            "humanOversightLevel": "human_validated",
            "digitalSourceType": "compositeWithTrainedAlgorithmicMedia",
            "appliesTo": "page 3",
        },
    ],
}

# name, description, where, what stands there, words of our message
PARTS: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("no-blind", "no blind, so that the digest gives a guess away", ("blind",), ABSENT, "'blind' is missing"),
    ("blind-short", "a blind of 15 bytes", ("blind",), "ab" * 15, "32 lower-case hex digits"),
    ("blind-upper-case", "a blind in upper case", ("blind",), "AB" * 16, "32 lower-case hex digits"),
    ("no-names", "no names", ("names",), ABSENT, "'names' is missing"),
    ("names-empty", "an empty list of names", ("names",), [], "0 items, expected 1 to 1000"),
    ("name-twice", "one name twice", ("names", 1), "report.txt", "one name appears twice"),
    ("name-empty", "an empty name", ("names", 0), "", "is not a plain relative path"),
    ("name-absolute", "an absolute path", ("names", 0), "/etc/passwd", "is not a plain relative path"),
    ("name-parent", "a path that leaves its folder", ("names", 0), "../report.txt", "is not a plain relative path"),
    ("name-parent-inside", "a path that leaves its folder on the way", ("names", 0), "a/../../b", "is not a plain relative path"),
    ("name-dot", "a path through the folder itself", ("names", 0), "./report.txt", "is not a plain relative path"),
    ("name-double-slash", "an empty part of a path", ("names", 0), "a//b", "is not a plain relative path"),
    ("name-final-slash", "a folder", ("names", 0), "a/", "is not a plain relative path"),
    ("name-line-feed", "a line feed in a name", ("names", 0), "a\nb", "holds a line feed"),
    ("name-too-long", "a name of over 1,024 characters", ("names", 0), "x" * 1025, "at most 1024 characters"),
    ("name-number", "a number as a name", ("names", 0), 7, "expected text"),
    ("title-empty", "a title of white space", ("title",), "  ", "empty, expected text"),
    ("title-too-long", "a title of 201 characters", ("title",), "x" * 201, "expected at most 200"),
    ("title-null", "null instead of no title", ("title",), None, "null, expected text"),
    ("not-claimed-empty", "an empty list of what is not claimed", ("notClaimed",), [], "0 items, expected 1 to 20"),
    ("unknown-member", "a member that nobody defined", ("price",), 5, "unknown member 'price'"),
    ("disclosure-empty", "a disclosure that is none", ("disclosure",), {}, "'statement' is missing"),
)  # fmt: skip

DISCLOSURES: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("no-statement", "no sentence of the creator", ("statement",), ABSENT, "'statement' is missing"),
    ("statement-empty", "a sentence of white space", ("statement",), " \n", "empty, expected the creator's own sentence"),
    ("statement-too-long", "a sentence of over 2,000 characters", ("statement",), "x" * 2001, "expected at most 2000"),
    ("statement-list", "several sentences in a list", ("statement",), ["x"], "expected text"),
    ("language-name", "a language by its name", ("language",), "1n", "is not a language tag"),
    ("language-underscore", "an underscore in the language", ("language",), "pt_BR", "is not a language tag"),
    ("language-empty", "no language", ("language",), "", "is not a language tag"),
    ("complete-text", "a text instead of true", ("complete",), "yes", "expected true or false"),
    ("no-contributor", "nobody took part", ("contributors",), [], "0 items, expected 1 to 50"),
    ("nobody-accountable", "nobody answers for it", ("contributors", 0, "accountable"), False, "no person is accountable"),
    ("contributor-twice", "two contributors of one id", ("contributors", 1, "id"), "#ana", "two contributors have one id"),
    ("contributor-unknown-type", "a contributor of a third type", ("contributors", 0, "type"), "company", "expected one of person, software"),
    ("contributor-without-name", "a name of white space", ("contributors", 0, "name"), " ", "empty, expected a name"),
    ("contributor-bad-scid", "a SCID that is none", ("contributors", 0, "scid"), "Qm1", "is not a SHA-256 multihash"),
    ("accountable-missing", "a person of whom it is not said", ("contributors", 1, "accountable"), ABSENT, "'accountable' is missing"),
    ("software-accountable", "software that answers for it", ("contributors", 2, "accountable"), True, "unknown member 'accountable'"),
    ("software-unoperated", "software that nobody ran", ("contributors", 2, "operatedBy"), ABSENT, "'operatedBy' is missing"),
    ("software-by-software", "software that software ran", ("contributors", 2, "operatedBy"), "#tool", "is no person in contributors"),
    ("software-by-nobody", "software run by an unknown person", ("contributors", 2, "operatedBy"), "#eva", "is no person in contributors"),
    ("person-operated", "a person whom somebody ran", ("contributors", 1, "operatedBy"), "#ana", "unknown member 'operatedBy'"),
    ("contribution-twice", "two contributions of one id", ("contributions", 1, "id"), "#text", "two contributions have one id"),
    ("decided-by-software", "software that decided", ("contributions", 1, "decidedBy"), "#tool", "is no person in contributors"),
    ("decided-by-nobody", "a decision of an unknown person", ("contributions", 0, "decidedBy"), "#eva", "is no person in contributors"),
    ("performed-by-nobody", "work of an unknown contributor", ("contributions", 0, "performedBy"), ["#eva"], "is not in contributors"),
    ("performed-by-none", "work without a contributor", ("contributions", 0, "performedBy"), [], "0 items, expected 1 to 20"),
    ("performed-by-twice", "one performer twice", ("contributions", 0, "performedBy"), ["#ana", "#ana"], "one performer stands there twice"),
    ("performed-by-many", "21 performers of one contribution", ("contributions", 0, "performedBy"), ["#ana"] * 21, "21 items, expected 1 to 20"),
    ("name-of-two-lines", "a name of two lines", ("contributors", 1, "name"), "Ben\nand Eva", "a name of several lines"),
    ("description-too-long", "a description of 1,001 characters", ("contributions", 0, "description"), "x" * 1001, "expected at most 1000"),
    ("involvement-unknown", "an involvement that nobody defined", ("contributions", 0, "involvement"), "some-ai", "expected one of human-only"),
    ("involvement-missing", "no word on the involvement of AI", ("contributions", 0, "involvement"), ABSENT, "'involvement' is missing"),
    ("extent-unknown", "an extent that nobody defined", ("contributions", 1, "extent"), "50%", "expected one of none, minor"),
    ("oversight-unknown", "an oversight level that nobody defined", ("contributions", 1, "humanOversightLevel"), "high", "expected one of fully_autonomous"),
    ("source-type-retired", "a source type that IPTC retired", ("contributions", 1, "digitalSourceType"), "softwareImage", "expected one of algorithmicMedia"),
    ("source-type-uri", "a source type as a URI", ("contributions", 1, "digitalSourceType"), "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits", "expected one of algorithmicMedia"),
    ("credit-unknown", "a role that CRediT does not have", ("contributions", 0, "credit"), ["author"], "is not a CRediT role"),
    ("unknown-member", "a member that nobody defined", ("score",), 97, "unknown member 'score'"),
    ("contribution-unknown-member", "a member of a contribution that nobody defined", ("contributions", 0, "percent"), 50, "unknown member 'percent'"),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _good_parts()
    yield from _bad_parts()
    yield from _disclosures()


def _part(document: Any, statement_type: str) -> dict[str, Any]:
    return {"data": canonical(document).decode(), "type": statement_type}


def _good_parts() -> Iterator[Vector]:
    full = {**DELIVERABLE, "disclosure": DISCLOSURE}
    longest = {"blind": BLIND, "names": ["x" * 1024]}
    poem = {"blind": BLIND, "name": "Ana L\u00f3pez", "links": ["https://ana.example"]}
    for name, says, document, kind in (
        ("deliverable", "of a deliverable, with everything", full, "deliverable"),
        ("deliverable-only-names", "of a deliverable, names only", {"blind": BLIND, "names": ["a"]}, "deliverable"),
        ("deliverable-longest-name", "a name of 1,024 characters", longest, "deliverable"),
        ("deliverable-hidden-file", "a name that begins with a dot", {"blind": BLIND, "names": [".a/..b"]}, "deliverable"),
        ("handle", "of a handle", {"blind": BLIND, "handle": "ana"}, "handle"),
        ("profile", "of a profile", poem, "profile"),
        ("profile-empty", "of a profile that says nothing", {"blind": BLIND}, "profile"),
        ("withdrawal", "of a withdrawal", {"blind": BLIND, "reason": "Wrong fonts.\nA new one follows."}, "withdrawal"),
    ):  # fmt: skip
        yield valid("private-part", name, says, _part(document, kind))


def _bad_parts() -> Iterator[Vector]:
    for fault, says, path, to, words in PARTS:
        document = edited(DELIVERABLE, path, to)
        yield malformed("private-part", fault, says, _part(document, "deliverable"), words)
    handle = {"blind": BLIND, "handle": "ana"}
    for fault, says, document, kind, words in (
        ("handle-upper-case", "a handle in upper case", {**handle, "handle": "Ana"}, "handle", "single hyphens inside"),
        ("handle-as-profile", "the part of a handle for a profile", handle, "profile", "unknown member 'handle'"),
        ("of-an-enrolment", "of a type that has none", handle, "enrolment", "has no private part"),
        ("of-an-unknown-type", "of a type that nobody defined", handle, "horoscope", "has no private part"),
        ("reason-too-long", "a reason of 501 characters", {"blind": BLIND, "reason": "x" * 501}, "withdrawal", "expected at most 500"),
        ("profile-name-empty", "a name of white space", {"blind": BLIND, "name": " "}, "profile", "empty, expected text"),
    ):  # fmt: skip
        yield malformed("private-part", fault, says, _part(document, kind), words)
    loose = {"data": json.dumps(handle), "type": "handle"}
    yield malformed("private-part", "white-space", "white space", loose, "not in RFC 8785 form")
    cut = {"data": canonical(handle).decode()[:-1], "type": "handle"}
    yield malformed("private-part", "truncated", "a byte too few", cut, "line 1")
    for fault, says, name, words in (
        ("bidi-name", "a name that reorders text for the eye", "gpj.\\u202etxt.exe", "U+202E"),
        ("control-name", "a name that a terminal obeys", "a\\u001b[2J", "U+001B"),
        ("not-nfc-name", "a name that is not in NFC", "e\u0301.txt", "NFC"),
    ):
        given = {"data": _named(name), "type": "deliverable"}
        yield malformed("private-part", fault, says, given, words)


def _named(name: str) -> str:
    return f'{{"blind":"{BLIND}","names":["{name}"]}}'


def _disclosures() -> Iterator[Vector]:
    def given(document: Any) -> dict[str, Any]:
        return {"data": canonical(document).decode()}

    least: dict[str, Any] = {
        "statement": "Mine.",
        "language": "pt-BR",
        "contributors": [{"id": "a", "type": "person", "name": "Ana", "accountable": True}],
        "contributions": [],
    }
    known = edited(DISCLOSURE, ("contributors", 0, "scid"), standard().ana.scid)
    for name, says, document in (
        ("full", "three contributors, two contributions", DISCLOSURE),
        ("least", "one person, no list of contributions", least),
        ("known-person", "a person who is known here", known),
    ):
        yield valid("disclosure", name, says, given(document))
    for fault, says, path, to, words in DISCLOSURES:
        yield malformed("disclosure", fault, says, given(edited(DISCLOSURE, path, to)), words)
    everybody = [
        {"id": str(n), "type": "person", "name": "x", "accountable": True} for n in range(20)
    ]
    task = {
        "task": "x",
        "performedBy": [str(n) for n in range(20)],
        "decidedBy": "0",
        "involvement": "human-only",
    }
    crowd = {**least, "contributors": everybody}
    for count in (10, 11):
        crowd["contributions"] = [{"id": str(n), **task} for n in range(count)]
        if count == 10:
            yield valid("disclosure", "200-performances", "200 performers in all", given(crowd))
        else:
            words = "expected at most 200 performers"
            says = "220 performers in all, which would make very long sentences"
            yield malformed("disclosure", "220-performances", says, given(crowd), words)
    hidden = canonical(least).decode().replace("Mine.", "Mine\\u200f.")
    words = "U+200F"
    yield malformed("disclosure", "bidi", "a mark that reorders text", {"data": hidden}, words)
