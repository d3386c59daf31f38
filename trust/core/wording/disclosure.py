"""The disclosure in sentences: the creator's own words first, then people, then each AI.

What nobody stated is not said. A person who is named but has not accepted it stands in a sentence
that begins `It says NAME ..`, because so far only the signer says so; the signer themself is named
plainly. The sentences still hold names from outside: whoever shows them escapes them.
"""

import re
from collections.abc import Iterable, Sequence

from trust.core.signing.disclosure import Contribution, Contributor, Disclosure

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_INVOLVEMENT = {
    "human-only": "said to be done without AI",
    "ai-assisted": "AI-assisted",
    "ai-generated-human-edited": "AI-generated, then edited by a person",
    "ai-generated": "AI-generated",
    "automated": "automated",
}
_EXTENT = {
    "none": "to no extent",
    "minor": "to a minor extent",
    "substantial": "to a substantial extent",
    "full": "in full",
}
_OVERSIGHT = {
    "human_validated": "It says that a person checked the result",
    "prompt_guided": "It says that a person guided the software by prompts",
    "fully_autonomous": "It says that the software worked without any person's oversight",
    None: "Nothing is said about a person's oversight",
}


def disclosure_sentences(disclosure: Disclosure, signer_scid: str | None = None) -> tuple[str, ...]:
    """Return a disclosure as sentences, the creator's `statement` word for word as the first.

    `signer_scid` is the verified signer: an accountable person with this SCID is named without
    `It says`. The statement may hold line feeds; the other sentences hold none of their own.
    """
    voice = _Voice(disclosure, signer_scid)
    people = [item for item in disclosure.contributors if item.type == "person"]
    software = [item for item in disclosure.contributors if item.type == "software"]
    return (
        disclosure.statement,
        *(f"{voice.says(item)} answers for this work." for item in people if item.accountable),
        *(sentence for item in people for sentence in voice.about_person(item)),
        *(sentence for item in software for sentence in voice.about_software(item)),
        _completeness(disclosure),
    )


class _Voice:
    """Who may be named plainly, and whose rows are whose."""

    def __init__(self, disclosure: Disclosure, signer_scid: str | None) -> None:
        self._disclosure = disclosure
        self._signer_scid = signer_scid
        self._software = {item.id for item in disclosure.contributors if item.type == "software"}

    def says(self, person: Contributor) -> str:
        """Begin a sentence about a person."""
        return person.name if self._is_signer(person) else f"It says {person.name}"

    def about_person(self, person: Contributor) -> Iterable[str]:
        """Say what this person decided and did, in work that no software performed."""
        rows = [
            row
            for row in self._disclosure.contributions
            if not self._software.intersection(row.performed_by)
        ]
        for verbs, decided, performed in (
            ("decided and did", True, True),
            ("decided", True, False),
            ("did", False, True),
        ):
            own = [
                row
                for row in rows
                if (row.decided_by == person.id) is decided
                and (person.id in row.performed_by) is performed
            ]
            alone = [row for row in own if row.involvement == "human-only"]
            others = [row for row in own if row.involvement != "human-only"]
            without = " without AI" if performed else ""
            if alone:
                yield f"{self.says(person)} {verbs}{without}: {_tasks(alone)}."
            if others:
                yield f"{self.says(person)} {verbs}: {_list(map(_described, others))}."
            if performed:
                yield from _oversight(others)

    def about_software(self, software: Contributor) -> Iterable[str]:
        """Say who ran it, what it performed, who decided that, and what is said about oversight."""
        operator = self._disclosure.contributor(software.operated_by or "")
        provider = f" (by {software.provider})" if software.provider else ""
        rows = [row for row in self._disclosure.contributions if software.id in row.performed_by]
        own = [row for row in rows if row.decided_by == operator.id]
        start = f"{self.says(operator)} operated {software.name}{provider}"
        yield f"{start} and decided what it did here." if own and own == rows else f"{start}."
        if rows:
            yield f"{software.name} performed: {_list(self._performed(software, rows))}."
        if own != rows:
            for person in self._disclosure.contributors:
                decided = [row for row in rows if row.decided_by == person.id]
                if decided:
                    yield f"{self.says(person)} decided: {_tasks(decided)}."
        yield from _oversight(rows)

    def _performed(self, software: Contributor, rows: Sequence[Contribution]) -> Iterable[str]:
        """Describe rows, naming the others who took part in them."""
        for row in rows:
            others = [
                self._disclosure.contributor(name).name
                for name in row.performed_by
                if name != software.id
            ]
            yield f"{_described(row)}{f', together with {_list(others)}' if others else ''}"

    def _is_signer(self, person: Contributor) -> bool:
        return person.accountable and person.scid is not None and person.scid == self._signer_scid


def _described(row: Contribution) -> str:
    """Name a row with how far AI was in it, as far as that was stated."""
    extent = f", {_EXTENT[row.extent]}" if row.extent is not None else ""
    return _task(row, f"{_INVOLVEMENT[row.involvement]}{extent}")


def _task(row: Contribution, detail: str = "") -> str:
    """Name a task as people read it; the creator's own description stands in quotation marks."""
    name = row.task.replace("-", " ") if _SLUG.fullmatch(row.task) else row.task
    quoted = f" \u201c{_one_line(row.description)}\u201d" if row.description else ""
    details = "; ".join(filter(None, (_one_line(row.applies_to or ""), detail)))
    return f"{_one_line(name)}{quoted}{f' ({details})' if details else ''}"


def _tasks(rows: Sequence[Contribution]) -> str:
    return _list(map(_task, rows))


def _oversight(rows: Sequence[Contribution]) -> Iterable[str]:
    """One sentence per level; silence is named only where AI took part."""
    for level, words in _OVERSIGHT.items():
        named = [
            row
            for row in rows
            if row.oversight == level and (level or row.involvement.startswith("ai-"))
        ]
        if named:
            yield f"{words}: {_tasks(named)}."


def _completeness(disclosure: Disclosure) -> str:
    if disclosure.complete is None:
        return "It does not say whether this list covers every contribution."
    if disclosure.complete:
        return "It says that this list covers every contribution."
    return "It says that this list does not cover every contribution."


def _list(items: Iterable[str]) -> str:
    """Join with commas, and `and` before the last."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))
