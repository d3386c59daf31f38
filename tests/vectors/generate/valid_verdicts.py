"""Whole verifications that end well."""

import copy
import hashlib
from collections.abc import Iterator, Sequence

from tests.vectors.corpus import Vector
from tests.vectors.generate.keys import P256, chance, ed25519
from tests.vectors.generate.registry import DAY, START, YEAR, Registry
from tests.vectors.generate.scene import REPORT, SET, Person, Scene, digests, standard
from tests.vectors.generate.verdicts import YES, at, hexed, inputs, lean, status_json, verdict
from trust.client.statements import Author, Chance, make_deliverable
from trust.core.encoding import format_time
from trust.core.judging.standing import needed
from trust.core.keys.p256 import spki
from trust.core.people.did import did_document, key_parameters, make_entry, parse_log
from trust.core.registry.dossier import Dossier
from trust.core.registry.status_line import Line, State
from trust.core.registry.trust_file import parse_trust_file
from trust.core.signing.facts import IdentityFacts
from trust.core.signing.identity import status_key
from trust.core.signing.redaction import RedactionFacts
from trust.core.verify import verify

PHONE = P256("ana's phone")


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _files()
    yield from _policies()
    yield from _times()
    yield from _statuses()
    yield from _histories()
    yield from _registry()
    yield from _replaced()
    yield from _erased()


def changed_person(
    scene: Scene,
    person: Person,
    points: Sequence[bytes],
    *,
    host: str | None = None,
    logged: bool = True,
) -> Person:
    """Let a person change their keys, or move; the registry logs the new DID entry."""
    twin = copy.copy(person)
    twin.supporting = dict(person.supporting)
    previous = parse_log(person.did_log).entries[-1]
    did = previous.did if host is None else f"did:webvh:{person.scid}:{host}:p:{person.scid}"
    following = [ed25519(f"{person.handle} third").public_key, person.recovery.public_key]
    entry = make_entry(
        previous,
        key_parameters([person.next_update.public_key], following),
        did_document(did, points),
        person.next_update,
        scene.registry.clock,
    )
    twin.did_log = [*person.did_log, entry]
    newest = parse_log(twin.did_log).entries[-1]
    if logged:
        facts = IdentityFacts(person.scid, newest.version_id)
        twin.supporting["identity"] = scene.registry.say("identity", newest.digest, facts)
    twin.author = person.author._replace(did=did, version=newest.version_id)
    return twin


def with_line(scene: Scene, name: bytes, state: str, by: str) -> Scene:
    """Return the scene with one more line in its status."""
    twin = scene.fork()
    made = State(state, twin.registry.clock, twin.registry.clock, by)
    twin.registry.lines.append(Line(name, (made,)))
    return twin


def next_log(scene: Scene) -> tuple[Registry, bytes]:
    """Close the log and begin another; return it and the trust file that says so."""
    old = scene.registry
    later = Registry(origin="log2027-1.registry.example")
    later.entries = [old.entries[1]]
    later.clock = old.clock + 60
    logs = [old.listed_log(old.root()), later.listed_log()]
    return later, old.trust(version=2, logs=logs)


def _replaced() -> Iterator[Vector]:
    scene = standard().fork()
    ana = scene.ana
    moment = format_time(scene.registry.clock)
    first = scene.sign(ana, {"report.txt": b"Version 2.\n"}, supersedes=scene.work)
    newest = scene.sign(ana, {"report.txt": b"Version 3.\n"}, supersedes=scene.work)
    dossier = scene.dossier(scene.work, ana, ("identity",), newest)
    code, word = "superseded", "superseded"
    given = inputs(scene, dossier)
    says = "replaced twice by its signer; the newest statement is at hand"
    yield verdict("superseded", says, given, code, word, changes={}, newer=scene.ids[newest])
    given = inputs(scene, scene.dossier(scene.work, ana, ("identity",), first))
    says = "replaced twice by its signer; only the older statement is at hand"
    yield verdict("superseded-older-at-hand", says, given, code, word, changes={})
    given = inputs(scene, scene.dossier(scene.work, ana, ("identity",)))
    yield verdict(
        "superseded-alone", "replaced, and by what is not at hand", given, code, word, changes={}
    )
    given = inputs(scene, dossier, at=moment, now=format_time(scene.registry.clock))
    yield verdict(
        "superseded-later", "replaced after the moment that is judged", given, "valid", changes={}
    )
    bens = scene.sign(scene.ben, {"report.txt": b"Mine.\n"}, supersedes=scene.set)
    given = inputs(
        scene, scene.dossier(scene.set, ana, ("identity",)), files=hexed(SET), whole=True
    )
    says = f"somebody else's statement {bens} is said to replace it, which counts for nothing"
    yield verdict("superseded-by-a-stranger", says, given, "valid", changes={})
    hidden = scene.sign(ana, {"report.txt": b"Hidden.\n"}, supersedes=scene.offline, unlisted=True)
    given = inputs(
        scene, scene.dossier(hidden, ana, ("identity",)), files=hexed({"report.txt": b"Hidden.\n"})
    )
    says = "an unlisted statement that replaces another"
    yield verdict("unlisted", says, given, "valid", changes={})


def _erased() -> Iterator[Vector]:
    scene = standard().fork()
    ana, work = scene.ana, scene.work
    _, first = scene.erase(ana, work)
    once = scene.registry.clock
    unasked = scene.registry.say(
        "redaction", status_key("statement", scene.ids[scene.offline]), RedactionFacts(None)
    )
    taken = scene.registry.clock
    asked, everything = scene.erase(ana, None)
    later = scene.sign(ana, {"report.txt": b"Afterwards.\n"})
    file = hexed(REPORT)
    for fault, says, index, files, more, found in (
        ("erased", "the names of one statement are erased", work, file, (first,), (once, "signer")),
        ("erased-twice", "erased alone, and then with everything", work, file, (everything, first), (once, "signer")),
        ("erased-with-all", "everything of the person is erased", scene.set, hexed(SET), (everything,), (once + 180, "signer")),
        ("erased-unasked", "whoever runs the registry erased the names", scene.offline, file, (unasked,), (taken, "registry")),
        ("erased-another", "a redaction of another statement lies beside it", scene.set, hexed(SET), (first,), None),
        ("erased-before", "signed after everything was erased", later, hexed({"a": b"Afterwards.\n"}), (everything,), None),
        ("erased-without-redaction", "only the request lies beside it", work, file, (asked,), None),
    ):  # fmt: skip
        dossier = scene.dossier(index, ana, ("identity",), *more)._replace(private={})
        given = inputs(scene, dossier, files=files)
        yield verdict(fault, says, given, "valid", changes={}, erased=found)
    given = inputs(scene, scene.dossier(work, ana, ("identity",), first))
    says = "a dossier in which somebody left the private part of an erased statement"
    yield verdict("erased-and-kept", says, given, "valid", changes={}, erased=(once, "signer"))


def _files() -> Iterator[Vector]:
    scene = standard()
    one = lean()
    several = scene.dossier(scene.set, scene.ana, ("identity",))
    yield verdict("one-file", "the file that was signed", inputs(scene, one), "valid", changes={})
    given = inputs(scene, one, files=None)
    says = "no file in hand, as on a page"
    yield verdict("no-file", says, given, "valid", changes={1: "could not check"})
    given = inputs(scene, one, files=hexed({"copy.txt": REPORT["report.txt"]}))
    says = "the file under another name"
    yield verdict("other-name", says, given, "valid", changes={})
    given = inputs(scene, one, whole=True)
    yield verdict("whole-of-one", "the complete set of one file", given, "valid", changes={})
    given = inputs(scene, several, files=hexed({"a.txt": SET["a.txt"]}))
    yield verdict("one-of-three", "one of three files", given, "valid", changes={})
    given = inputs(scene, several, files=hexed(SET), whole=True)
    yield verdict("three-files", "the complete set of three", given, "valid", changes={})
    bare = several._replace(private={})
    given = inputs(
        scene, bare, files=hexed({str(n): data for n, data in enumerate(SET.values())}), whole=True
    )
    says = "the complete set under other names, the names erased"
    yield verdict("names-erased", says, given, "valid", changes={})
    manifest, listed = _manifest(scene.fork())
    given = inputs(listed, manifest, files=hexed(SET), whole=True)
    says = "a directory whose list of files was signed"
    yield verdict("manifest", says, given, "valid", changes={})


def _manifest(scene: Scene) -> tuple[Dossier, Scene]:
    """Sign the list of a directory's files."""
    found = digests(SET)
    lines = "".join(f"{found[name].hex()}  {name}\n" for name in ("a.txt", "b/c.txt", "d.bin"))
    subject = {"directory": hashlib.sha256(lines.encode()).digest()}
    drawn = Chance(chance("a directory"), chance("a directory's blind"))
    note = scene.registry.note()
    signed = make_deliverable(scene.ana.author, subject, note, drawn, form="manifest")
    index = scene.add(signed, scene.ana)
    return scene.dossier(index, scene.ana, ("identity",)), scene


def _policies() -> Iterator[Vector]:
    scene = standard()
    ana = scene.ana
    given = inputs(scene, lean(), policy={"scid": ana.scid})
    yield verdict("expected-scid", "the person who was expected", given, "valid", changes={10: YES})
    full = scene.dossier(scene.work, ana)
    given = inputs(scene, full, policy={"handle": "ana"})
    says = "the handle that was expected, by her own statement"
    yield verdict("expected-handle", says, given, "valid", changes={10: YES})
    profile = scene.dossier(scene.work, ana, ("identity", "handle", "profile"))
    given = inputs(scene, profile)
    yield verdict("with-profile", "a dossier with handle and profile", given, "valid", changes={})


def _times() -> Iterator[Vector]:
    scene = standard()
    one = lean()
    offline = scene.dossier(scene.offline, scene.ana, ("identity",))
    says = "signed without the registry, three days before the token"
    yield verdict("offline", says, inputs(scene, offline), "valid", changes={})
    as_of = scene.registry.clock
    given = inputs(scene, one, at=format_time(as_of + 30 * DAY))
    says = "a status of exactly the greatest age"
    yield verdict("status-30-days", says, given, "valid", changes={})
    given = inputs(
        scene, one, at=format_time(as_of + 90 * DAY), policy={"acceptUnknownStatus": True}
    )
    says = "an old status, which is accepted; the step still says that it is old"
    yield verdict("old-status-accepted", says, given, "valid", changes={8: "could not check"})
    not_before = START + 60 * scene.work
    for name, says, seconds in (
        ("dated-after", "somebody saw the signature after the token", as_of - 1),
        ("dated-before-the-token", "somebody saw the signature before the token", not_before + 1),
        ("dated-within-a-minute", "a minute before notBefore: clocks differ", not_before - 60),
    ):
        given = inputs(scene, one, dated=[format_time(seconds)])
        yield verdict(name, says, given, "valid", changes={})
    given = inputs(scene, one, at=at(60 * scene.work + 60), dated=[format_time(as_of + 99 * DAY)])
    given["policy"] = {"acceptUnknownStatus": True}
    says = "a time stamp that is later than the moment which is judged says nothing"
    yield verdict("dated-later", says, given, "valid", changes={8: "could not check"})
    given = inputs(scene, one, at=format_time(as_of), now=format_time(as_of + 5 * YEAR))
    says = "judged as of a day at which the trust file had not expired"
    yield verdict("archived", says, given, "valid", changes={})
    withdrawn = scene.dossier(scene.withdrawn, scene.ana, ("identity",))
    before = START + 60 * (scene.withdrawal + 1) - 1
    given = inputs(
        scene,
        withdrawn,
        files=hexed({"draft.txt": b"A draft.\n"}),
        at=format_time(before),
        now=format_time(as_of),
    )
    says = "judged as of the second before it was withdrawn"
    yield verdict("withdrawn-later", says, given, "valid", changes={})


def _statuses() -> Iterator[Vector]:
    scene = standard()
    stranger = scene.fork()
    stranger.withdraw(stranger.ben, stranger.work)
    says = "withdrawn by somebody who did not sign it"
    yield verdict(
        "withdrawn-by-a-stranger", says, inputs(stranger, lean(stranger)), "valid", changes={}
    )
    yield from _statuses_from_elsewhere()


def _statuses_from_elsewhere() -> Iterator[Vector]:
    scene = standard()
    grown = scene.fork()
    grown.sign(grown.ben, {"b": b"B"})
    grown.registry.clock = scene.registry.clock + 60 * DAY
    names = [proof.k for proof in lean().status.proofs]
    newer = status_json(grown.registry.status(names))
    given = inputs(scene, lean(), at=format_time(grown.registry.clock), statuses=[newer])
    says = "an old status in the dossier, today's from elsewhere"
    yield verdict("status-from-elsewhere", says, given, "valid", changes={})
    unproven = status_json(grown.registry.status([]))
    given = inputs(scene, lean(), at=format_time(grown.registry.clock), statuses=[unproven])
    says = "today's status without proofs, of the same status root as the old one"
    yield verdict("status-same-root", says, given, "valid", changes={})
    later, trust = next_log(scene)
    later.lines = list(scene.registry.lines)
    dossier = lean()._replace(status=later.status(names))
    given = inputs(scene, dossier, trust=trust.decode(), at=format_time(later.clock))
    says = "of a closed log, with the status of the next one"
    yield verdict("status-of-the-next-log", says, given, "valid", changes={})
    bystander = with_line(scene, status_key("person", scene.ben.scid), "frozen", "ruling")
    for name, says, k in (
        ("frozen-by-a-stranger", "somebody else says that the person is frozen", status_key("person", scene.ana.scid)),
        ("withdrawn-key-by-a-stranger", "somebody else withdrew the name of the key", status_key("key", _key_name(scene.ana))),
    ):  # fmt: skip
        twin = with_line(scene, k, "withdrawn", scene.ben.scid)
        yield verdict(name, says, inputs(twin, lean(twin)), "valid", changes={})
    lagging = inputs(scene, lean(), at=format_time(scene.registry.clock - 60))
    says = "a status a minute ahead of the reader's clock"
    yield verdict("status-a-minute-ahead", says, lagging, "valid", changes={})
    says = "a state of another person"
    yield verdict(
        "another-is-frozen", says, inputs(bystander, lean(bystander)), "valid", changes={}
    )


def _key_name(person: Person) -> str:
    return hashlib.sha256(spki(person.signer.public_key)).hexdigest()


def _histories() -> Iterator[Vector]:
    scene = standard().fork()
    ana = changed_person(scene, scene.ana, [scene.ana.signer.public_key, PHONE.public_key])
    says = "signed under the first version of a key history that has two since"
    dossier = _of(scene, ana, scene.work, ("identity",), first=scene.ana.supporting["identity"])
    yield verdict("history-continued", says, inputs(scene, dossier), "valid", changes={})
    index = _sign_by_phone(scene, ana)
    dossier = scene.dossier(index, ana, ("identity",))
    says = "signed by a second device under the second version"
    yield verdict("second-device", says, inputs(scene, dossier), "valid", changes={})
    scene = standard().fork()
    moved = changed_person(scene, scene.ana, [scene.ana.signer.public_key], host="other.example")
    dossier = _of(scene, moved, scene.work, ("identity",), first=scene.ana.supporting["identity"])
    says = "the DID moved to another host after the signature"
    yield verdict("history-moved", says, inputs(scene, dossier), "valid", changes={})
    scene = standard().fork()
    dropped = changed_person(scene, scene.ana, [PHONE.public_key])
    dossier = _of(scene, dropped, scene.work, ("identity",), first=scene.ana.supporting["identity"])
    says = "the key was taken out of the history after the signature"
    yield verdict("key-dropped-later", says, inputs(scene, dossier), "valid", changes={})


def _of(scene: Scene, person: Person, index: int, names: Sequence[str], *, first: int) -> Dossier:
    """Return a dossier with the person's whole history and the identity of its first entry."""
    twin = copy.copy(person)
    twin.supporting = {**person.supporting, "identity": first}
    return scene.dossier(index, twin, names)


def _sign_by_phone(scene: Scene, ana: Person) -> int:
    """Sign the report by another key of Ana's, under a certificate of its own."""
    author: Author = ana.author._replace(signer=PHONE)
    drawn = Chance(chance("by phone"), chance("by phone, blind"))
    signed = make_deliverable(author, digests(REPORT), scene.registry.note(), drawn)
    twin = copy.copy(ana)
    twin.certificate = scene.registry.issue(PHONE.public_key, ana.uri)
    return scene.add(signed, twin)


def _registry() -> Iterator[Vector]:
    scene = standard()
    registry = scene.registry
    for name, says, index in (
        ("registry-trust", "the registry's own statement of its trust file", 1),
        ("registry-first-entry", "the first entry of the log", 0),
    ):
        bundle = registry.bundle(index)
        status = registry.status(_registry_names(scene, index))
        dossier = Dossier(bundle, {}, (), (), status)
        yield verdict(
            name, says, inputs(scene, dossier, files=None), "valid", changes={1: "could not check"}
        )


def _registry_names(scene: Scene, index: int) -> list[bytes]:
    registry = scene.registry
    verified = verify(registry.bundle(index), None, parse_trust_file(scene.trust), registry.clock)
    return list(needed(verified))
