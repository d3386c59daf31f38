"""The catalogue of sentences, second part: what stands around the verdict on a page.

Templates place these texts and write none of their own. Arguments that come from outside are not
escaped here.
"""

from collections.abc import Mapping
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import grouped, parse_time, quoted
from trust.core.verdict import Check, Code, Result, SignerView, Verdict
from trust.core.wording.dates import day, moment
from trust.core.wording.ledger import ledger_rows

QUESTIONS = {
    "intact": "Is this record intact?",
    "in_force": "Is it still in force?",
    "who": "Who signed, and who says so?",
    "person": "A real, accountable person?",
}
ANSWERS = {
    Result.YES: "Yes",
    Result.NO: "No",
    Result.COULD_NOT_CHECK: "We could not check",
    Result.NOT_CHECKED: "Not checked by this version",
}

MAKER_HEADING = "What the maker wrote"
FILES_HEADING = "Compare the copy you received"
CHECKED_HEADING = "What was checked"
RECORDED_HEADING = "What is recorded here"
UNTOLD_HEADING = "What this does not tell you"
INDEPENDENT_HEADING = "Check it without us"
WITHDRAWN_LABEL = "Withdrawn"
REPLACED_LABEL = "Replaced"
NEWER = "The newer version"
OLDER = "The version that this one says it replaces"
PRIVATE = (
    "This record is private: no list here names it. Whoever has the address of this page can open "
    "it, so pass it on only to those who may read it."
)
STOPPED_LABELS = {
    Code.REVOKED: "Revoked",
    Code.DISPUTED: "Disputed",
    Code.FROZEN: "Frozen",
}
ATTENTION_LABEL = "Attention"
NOT_FOUND_LABEL = "Not found"
NOT_FOUND_HEADING = "Nothing is recorded under this code"
NO_PERSON_HEADING = "Nobody is recorded under this name"
NO_ENTERPRISE_HEADING = "No enterprise is recorded under this code"

FILES_HELP = (
    "A copy is the signed one if its SHA-256 is the one below its name. These commands print it on "
    "a computer; this page cannot compare a file for you:"
)
HOME_TEXT = (
    "People sign what they deliver with keys of their own. Each signature is recorded here, in a "
    "log to which entries are only ever added. Anyone may look up a record: no account is needed."
)
HOME_UNTOLD = (
    "A record says who answers for a work. It does not say that the work is good, and a printed "
    "code proves nothing about the object that it is stuck on."
)
CODE_HEADING = "Look up a code"
CODE_HELP = "The 16 digits that came with the work, with or without hyphens:"
CODE_BUTTON = "Show the record"
ANOTHER_CODE = "Type another code"
NAMES_GONE = "The names of the files are not here; they may have been erased."
NAMES_ERASED = "The names of the files were erased; what each digest below is of is not known here."
PERSON_UNTOLD = (
    "It says nothing about who this person is, or about the quality of their work: so far nobody "
    "has vouched for a name."
)
ENTERPRISE_UNTOLD = (
    "It says nothing about who these people are, whether this is a firm in the eyes of the law, or "
    "about the quality of its work."
)
KEY_HISTORY = "The person's own key history, which the registry cannot write:"
CODE_PROVES_NOTHING = (
    "A printed code proves nothing about the object that it is stuck on: compare the title, the "
    "file and the maker named here with what you have in hand."
)


class Command(NamedTuple):
    """A line to type, and what it is for."""

    purpose: str
    line: str


HASH_COMMANDS = (
    Command("Linux", "sha256sum FILE"),
    Command("Mac", "shasum -a 256 FILE"),
    Command("Windows", "certutil -hashfile FILE SHA256"),
)


def title_of(verdict: Verdict, title: str | None, names: tuple[str, ...]) -> str:
    """Name the thing: its title, else its file, else how many files, else its code."""
    if title:
        return title
    if len(names) == 1:
        return names[0]
    if names:
        return f"{len(names)} files"
    return f"Record {grouped(verdict.id)}" if verdict.id else "A record"


def banner(host: str, statement_id: str) -> tuple[str, str]:
    """Say where the reader is, and the code to compare with the printed one."""
    return on_host(host), f"Code {grouped(statement_id)}"


def claimed_by(signer: SignerView | None) -> str:
    """Introduce what the maker typed, apart from what was checked."""
    who = f"@{signer.handle}" if signer is not None and signer.handle else "the signer"
    return f"These are the words of {who}; nobody has checked them."


def answer(check: Check) -> str:
    """Return a row's text as a sentence; of what was not checked, `ANSWERS` says it all."""
    if check.result is Result.NOT_CHECKED:
        return ""
    return f"{check.text[:1].upper()}{check.text[1:]}."


def untold(verdict: Verdict) -> str:
    """Say what the verdict is silent about."""
    *first, last = [item for item in verdict.not_said if not item.startswith("that ")]
    claims = [item for item in verdict.not_said if item.startswith("that ")]
    about = f"It says nothing about {', '.join(first)} or {last}."
    return f"{about} It does not say {', or '.join(claims)}."


def reason_given(reason: str) -> str:
    """Quote why something was withdrawn."""
    return f"The reason given: {quoted(reason)}"


def taken_down(host: str, since: int, reason: str) -> str:
    """Say that the registry took down the words of a record, since when (in seconds) and why."""
    return (
        f"On {day(since)} {host} took down what this record said in names and words. What was "
        f"signed, and everything that can be checked, is as it was. The reason given: "
        f"{quoted(reason)}"
    )


def served_by(host: str) -> str:
    """Say whose word the page is."""
    return (
        f"This page is served by {host}, the registry that it speaks about. To check without it, "
        "type these lines on a computer of your own. Compare the code that the first one prints "
        "with a second source, such as a letterhead."
    )


def commands(public_url: str, signer: SignerView | None) -> tuple[Command, ...]:
    """Return the lines that check a copy without believing this page."""
    who = f" --signer @{signer.handle}" if signer is not None and signer.handle else ""
    return (
        Command("once", f"touchplate trust add {public_url}"),
        Command("for each copy", f"touchplate verify FILE{who} --online"),
    )


def not_found(text: str, host: str) -> str:
    """Say that nothing is recorded, and that this is no judgement."""
    return (
        f"{host} has no record under {text}. That does not mean that something is bad: a digit may "
        "be mistyped, or the record may be kept by another registry."
    )


def person_sentence(
    handle: str | None, host: str, name: str | None, erased: int | None = None
) -> str:
    """Introduce a person, with the claimed name in a sentence of its own.

    `erased`: since when, in seconds, the handle is, as the person asked.
    """
    if erased is not None:
        gone = f"Handle and name were erased on {day(erased)}, as this person asked"
        return f"This person signs at {host}. {gone}; what they signed stands as it was."
    who = f"@{handle} signs at {host}." if handle else f"This person signs at {host}."
    return f"{who} The profile says {quoted(name)}; nobody has checked that name." if name else who


def label(verdict: Verdict) -> str:
    """Return the word above a verdict that is not good."""
    if verdict.code is Code.REVOKED and verdict.says("withdrawn"):
        return WITHDRAWN_LABEL
    if verdict.code is Code.SUPERSEDED:
        return REPLACED_LABEL
    return STOPPED_LABELS.get(verdict.code, ATTENTION_LABEL)


def tone(code: Code) -> str:
    """Return how a page draws a verdict: `stands`, `caution` or `broken`."""
    if code.holds and code is not Code.SUPERSEDED:
        return "stands"
    broken = code in {Code.INVALID, Code.UNREADABLE, Code.MISMATCH}
    return "broken" if broken else "caution"


def on_host(host: str) -> str:
    """Say where the reader is."""
    return f"You are on {host}."


def home_heading(host: str) -> str:
    """Say what this registry is."""
    return f"{host} keeps a public record of who answers for which work."


def about_person(signer: SignerView) -> str:
    """Name the link to the page of a signer."""
    who = f"@{signer.handle}" if signer.handle else "this person"
    return f"What is recorded about {who}"


def more_files(count: int) -> str:
    """Say that the page leaves files out."""
    return f"And {count} more; the dossier names them all."


def licence(text: str) -> str:
    """Place the licence that the maker named."""
    return f"Licence: {text}"


def not_claimed(items: tuple[str, ...]) -> str:
    """Place what the maker says they do not claim."""
    return f"The maker does not claim: {'; '.join(items)}."


def key_code_text(code: str) -> str:
    """Place a person's key code."""
    return f"Key code {code}"


def records(count: int) -> str:
    """Say how many deliverables a person signed, without those that are in no list."""
    return f"{count} record{'' if count == 1 else 's'} that anyone can look up"


def frozen_rows(since: str | None) -> tuple[tuple[str, str], ...]:
    """Say that a person is frozen, and what that means; nothing if they are not."""
    if since is None:
        return ()
    text = (
        f"Frozen since {moment(parse_time(since))}: everything that is signed in this person's "
        "name is stopped for now, old and new."
    )
    return (("May they sign?", text),)


def person_rows(
    code: str, joined: str, attestations: int, ledger: Mapping[str, Json], frozen: str | None
) -> tuple[tuple[str, str], ...]:
    """Return the facts about a person as questions and sentences; times are texts."""
    return (
        *frozen_rows(frozen),
        ("Which key?", f"Key code {code}, by the person's own key history."),
        ("Since when?", f"Joined on {day(parse_time(joined))}."),
        ("Signed how much?", f"{records(attestations)}."),
        *ledger_rows(ledger),
        (QUESTIONS["person"], f"{ANSWERS[Result.NOT_CHECKED]}."),
    )
