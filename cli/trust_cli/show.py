"""`touchplate show`: say in words what a dossier, an id or a handle is."""

import argparse
import time

from trust.core.canonical import Json
from trust.core.encoding import grouped, parse_time
from trust.core.errors import Malformed, NotFound
from trust.core.registry.dossier import Dossier
from trust.core.signing.bundle import Bundle
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.private import (
    DeliverablePart,
    HandlePart,
    PrivatePart,
    ProfilePart,
    WithdrawalPart,
)
from trust.core.signing.statement import Statement, is_manifest, parse_statement
from trust.core.verdict import Code, Verdict
from trust.core.wording.dates import age, day, interval, moment
from trust.core.wording.disclosure import disclosure_sentences
from trust.core.wording.page import records
from trust_cli.home import Home
from trust_cli.material import deliverable_part
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `show`."""
    parser.description = (
        "Say in words what a dossier says: title, files, who signed, the disclosure; or what a "
        "registry says about an id or a person. It compares no file: `touchplate verify` does."
    )
    parser.add_argument("what", metavar="DOSSIER|ID|@HANDLE", help="a file, an id or a handle")
    parser.add_argument("--why", action="store_true", help="print every numbered step of the check")
    parser.add_argument("--registry", metavar="URL", help="which one, if several are pinned")


def run(args: argparse.Namespace) -> int:
    """Show; return the exit status of the verdict, 0 for a person."""
    from trust_cli.lookup import look  # noqa: PLC0415 - the HTTP client

    home, output = Home.find(), Output(json=args.json)
    if args.what.startswith("@"):
        return _person(home, args.what, args.registry, output)
    found = look(home, args.what, args.registry)
    document: dict[str, Json] = {**found.verdict.to_json()}
    if found.material is not None and found.verdict.code not in {Code.INVALID, Code.UNREADABLE}:
        document["content"] = _content(found.material, found.verdict, output)
    if args.why:
        for step in found.verdict.steps:
            output.row(f"step {step.id}", f"{step.result.value}: {step.text}")
        for reason in found.verdict.reasons:
            output.row("because", reason.text)
    output.verdict_line(found.verdict.code, found.verdict.sentence)
    output.json(document)
    return found.verdict.code.exit_status


def _person(home: Home, who: str, url: str | None, output: Output) -> int:
    from trust.client import requests  # noqa: PLC0415
    from trust.client.address import public_url  # noqa: PLC0415
    from trust.client.http import Client  # noqa: PLC0415
    from trust.core.people.handle import check_handle  # noqa: PLC0415
    from trust_cli.home import the_only  # noqa: PLC0415

    handle, at, host = who[1:].partition("@")
    check_handle(handle)
    pinned = home.pinned()
    if at:
        pinned = [item for item in pinned if item.trust.host == host]
        if not pinned:
            raise NotFound(
                f"{host!r} is not pinned here; first: touchplate trust add https://{host}"
            )
    chosen = the_only(pinned, None if url is None else public_url(url))
    client = Client(chosen.trust.public_url)
    person = client.ask(requests.person(f"@{handle}"))
    registry = chosen.trust.host
    output.row("according", f"to {registry}; the signer's own key history was not checked here")
    output.row("handle", f"@{_text(person, 'handle')}, key code {_text(person, 'keyCode')}")
    if person.get("name") is not None:
        output.row("name", f"{_text(person, 'name')} (nobody has checked that name)")
    output.row("joined", f"on {day(parse_time(_text(person, 'joined'), 'answer.joined'))}")
    output.row("signed", records(_count(person, "attestations")))
    output.row("did", _text(person, "did"))
    output.row("page", _text(person, "page"))
    output.json(person)
    return 0


def _count(person: dict[str, Json], name: str) -> int:
    value = person.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed("expected a whole number", f"answer.{name}")
    return value


def _text(person: dict[str, Json], name: str) -> str:
    value = person.get(name)
    if not isinstance(value, str):
        raise Malformed("expected text", f"answer.{name}")
    return value


def _content(material: Dossier | Bundle, verdict: Verdict, output: Output) -> dict[str, Json]:
    """Print what the statement says; the disclosure first, in the creator's own words."""
    bundle = material.bundle if isinstance(material, Dossier) else material
    statement = parse_statement(bundle.envelope.payload)
    part = deliverable_part(material)
    scid = verdict.signer.scid if verdict.signer is not None else None
    content: dict[str, Json] = {"type": statement.type}
    if isinstance(part, DeliverablePart):
        content.update(_deliverable(part, statement, scid, output))
    else:
        content.update(_other(part, statement, output))
    if verdict.signer is not None:
        _signed_by(verdict, output)
    else:
        output.row("checked", "nothing of this; it is what the dossier claims")
    return content


def _deliverable(
    part: DeliverablePart, statement: Statement, scid: str | None, output: Output
) -> dict[str, Json]:
    says: tuple[str, ...] = ()
    if part.title is not None:
        output.row("title", part.title)
    if part.disclosure is not None:
        says = disclosure_sentences(part.disclosure, scid)
    for sentence in says:
        output.row("maker", sentence)
    listing = _listing(statement, output)
    for name, digest in zip(part.names, statement.subjects, strict=True):
        label = "manifest" if is_manifest(statement) else "file"
        output.row(label, f"{name}  sha256 {digest.hex()}")
    if part.licence is not None:
        output.row("licence", part.licence)
    for claim in part.not_claimed:
        output.row("no claim", claim)
    return {
        "title": part.title,
        "says": list(says),
        **listing,
        "files": [
            {"name": name, "sha256": digest.hex()}
            for name, digest in zip(part.names, statement.subjects, strict=True)
        ],
    }


def _listing(statement: Statement, output: Output) -> dict[str, Json]:
    """Print whether lists name a work, and which one it replaces."""
    facts = statement.facts
    if not isinstance(facts, DeliverableFacts):
        return {}
    if facts.unlisted:
        output.row("private", "no list names it; whoever has its id can open it")
    if facts.supersedes is not None:
        output.row("replaces", grouped(facts.supersedes))
    return {"unlisted": facts.unlisted, "supersedes": facts.supersedes}


def _other(part: PrivatePart | None, statement: Statement, output: Output) -> dict[str, Json]:
    output.row("type", statement.type)
    match part:
        case HandlePart(handle):
            output.row("handle", f"@{handle}")
        case ProfilePart(name) if name is not None:
            output.row("name", name)
        case WithdrawalPart(reason):
            output.row("reason", reason)
        case _:
            for digest in statement.subjects:
                output.row("subject", f"sha256 {digest.hex()}")
    return {"subjects": [digest.hex() for digest in statement.subjects]}


def _signed_by(verdict: Verdict, output: Output) -> None:
    signer = verdict.signer
    if signer is None:
        return
    name = f"@{signer.handle}" if signer.handle else "a person"
    who = f"{name} at {signer.registry}, key code {signer.key_code}"
    output.row("signer", who if signer.scid else signer.registry)
    if signer.name:
        output.row("name", f"{signer.name} (nobody has checked that name)")
    if verdict.signed is not None:
        output.row("signed", interval(*verdict.signed))
    if verdict.id is not None:
        output.row("id", grouped(verdict.id))
    if verdict.as_of is not None:
        old = age(max(int(time.time()) - verdict.as_of, 0))
        output.row("status", f"as of {moment(verdict.as_of)}, {old} old")
