"""Agents: what a delegation lets a key sign, and every way to go beyond it."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, text
from tests.vectors.generate.keys import P256, chance
from tests.vectors.generate.registry import DAY, Registry
from tests.vectors.generate.revoked_verdicts import key_name
from tests.vectors.generate.scene import REPORT, Person, Scene, digests, standard
from tests.vectors.generate.valid_verdicts import with_line
from tests.vectors.generate.verdicts import NO, UNKNOWN, hexed, inputs, verdict
from trust.client.statements import Agency, Chance, Signed, make_delegation, make_deliverable
from trust.core.judging.standing import needed
from trust.core.people.delegation import Budget, DelegationFacts, Scope
from trust.core.registry.dossier import Dossier
from trust.core.registry.status_line import Line, State
from trust.core.registry.trust_file import parse_trust_file
from trust.core.signing.facts import IssuanceFacts
from trust.core.signing.identity import Principal, status_key
from trust.core.verify import verify
from trust.core.x509.certificate import parse_certificate

KEY, OTHER = P256("agent 1 of ana"), P256("agent 2 of ana")
FACTS = ("predicate", "facts")


class Agent:
    """An agent of a person in a scene of its own; `delegation` is the index of its entry."""

    def __init__(
        self, scene: Scene | None = None, person: Person | None = None, **changes: Any
    ) -> None:
        self.scene = scene or standard().fork()
        self.person = person or self.scene.ana
        self.facts = facts(self.scene.registry, **changes)
        self.signed = delegate(self.person, self.facts, self.scene.registry)
        self.certificate = certificate(self.scene.registry, self.person.scid)
        precertificate = parse_certificate(self.certificate).precertificate_tbs
        digest = hashlib.sha256(precertificate).digest()
        self.scene.registry.say("issuance", digest, IssuanceFacts(self.signed.id))
        self.delegation = self.scene.add(self.signed, self.person)

    def sign(
        self,
        files: Mapping[str, bytes] = REPORT,
        number: int = 1,
        certificate: bytes | None = None,
        form: str = "files",
    ) -> int:
        """Sign under the delegation and log it; return its index."""
        registry = self.scene.registry
        word = f"agent {len(registry.entries)}"
        signed = make_deliverable(
            self.person.author._replace(signer=KEY),
            digests(files),
            registry.note(),
            Chance(chance(word), chance(f"{word} blind")),
            agency=Agency(self.signed.id, number),
            form=form,
        )
        twin = Person.__new__(Person)
        twin.certificate = certificate or self.certificate
        return self.scene.add(signed, twin)

    def dossier(self, index: int, names: tuple[str, ...] = ("identity", "delegation")) -> Dossier:
        """Return the dossier of what the agent signed, with the proofs for the delegation too."""
        scene, registry = self.scene, self.scene.registry
        supporting = {**self.person.supporting, "delegation": self.delegation}
        twin = Person.__new__(Person)
        twin.__dict__ = {**self.person.__dict__, "supporting": supporting}
        made = scene.dossier(index, twin, names)
        trust = parse_trust_file(scene.trust)
        chain = [
            verify(registry.bundle(at), None, trust, registry.clock)
            for at in (index, self.delegation)
        ]
        ks = dict.fromkeys(k for item in chain for k in needed(item))
        return made._replace(status=registry.status(list(ks)))


def facts(registry: Registry, **changes: Any) -> DelegationFacts:
    """Return what lets agent 1 sign anything for 30 days, with changes."""
    scope = Scope(
        changes.pop("media_types", ()), changes.pop("paths", ()), changes.pop("enterprise", None)
    )
    usual = {"agent": 1, "key": KEY.public_key, "expires": registry.clock + 30 * DAY, **changes}
    return DelegationFacts(scope=scope, budget=Budget(10, 100), **usual)


def delegate(person: Person, made: DelegationFacts, registry: Registry) -> Signed:
    """Sign a delegation."""
    word = f"{person.handle} delegates {len(registry.entries)}"
    return make_delegation(person.author, made, registry.note(), chance(word))


def certificate(registry: Registry, scid: str, number: int = 1, key: P256 = KEY) -> bytes:
    """Issue a certificate for an agent."""
    uri = Principal("agent", scid, number).uri(registry.public_url)
    return registry.issue(key.public_key, uri)


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _patterns()
    yield from _statements()
    yield from _valid()
    yield from _limits()
    yield from _names()
    yield from _chains()
    yield from _ends()


def _patterns() -> Iterator[Vector]:
    for fault, says, pattern, name, reached in (
        ("one-name", "a name itself", "report.txt", "report.txt", True),
        ("longer-name", "a name that begins with the pattern", "report.txt", "report.txt.exe", False),
        ("other-case", "a name in another case", "report.txt", "Report.txt", False),
        ("star", "characters within a part", "posts/*.md", "posts/a.md", True),
        ("star-empty", "no character at all", "*.md", ".md", True),
        ("star-slash", "a star does not reach into a folder", "posts/*.md", "posts/old/a.md", False),
        ("stars-in-order", "pieces in another order", "a*b*c", "acb", False),
        ("stars-overlap", "pieces may not overlap", "ab*ba", "aba", False),
        ("two-stars-one-letter", "each star after the piece before", "*a*a*", "a", False),
        ("any-parts", "any number of parts", "posts/**", "posts/old/a.md", True),
        ("any-parts-none", "no part at all", "posts/**", "posts", True),
        ("any-parts-before", "parts before", "**/draft.md", "a/b/draft.md", True),
        ("any-parts-between", "parts between", "a/**/z", "a/b/c/z", True),
        ("any-parts-end", "the name goes on", "a/**/z", "a/z/b", False),
        ("any-parts-twice", "twice in a row", "**/**", "a", True),
    ):  # fmt: skip
        yield valid("path-pattern", fault, says, {"pattern": pattern, "name": name}, reached)
    for fault, says, pattern in (
        ("empty", "an empty pattern", ""),
        ("absolute", "an absolute path", "/etc/passwd"),
        ("parent", "a path that leaves its folder", "a/../b"),
        ("final-slash", "a folder", "a/"),
        ("stars-in-a-name", "two stars within a part", "a**"),
        ("space", "a space", "a b"),
        ("not-ascii", "a letter that is not ASCII", "\u00e4.md"),
        ("too-long", "201 characters", "x" * 201),
    ):
        given = {"pattern": pattern, "name": "a"}
        yield malformed("path-pattern", fault, says, given, "expected 1 to 200" if fault in {"empty", "space", "not-ascii", "too-long"} else "plain relative path")  # fmt: skip
    for name, says, file, limit, reached in (
        ("suffix", "by its suffix", "a/b.png", "image/png", True),
        ("suffix-upper-case", "a suffix in upper case", "b.PNG", "image/png", True),
        ("any-subtype", "of any subtype", "b.png", "image/*", True),
        ("other-type", "of another type", "b.png", "image/jpeg", False),
        ("last-suffix", "the last suffix counts", "b.png.exe", "image/png", False),
        ("no-suffix", "a name without one", "png", "image/png", False),
        ("dot-in-folder", "a dot in the folder only", "a.png/b", "image/png", False),
        ("unknown-suffix", "a suffix that nobody listed", "b.exe", "application/*", False),
    ):
        yield valid("media-type", name, says, {"name": file, "limit": limit}, reached)
    for fault, says, limit in (
        ("anything", "any type at all", "*/*"),
        ("upper-case", "in upper case", "Image/png"),
        ("no-subtype", "no subtype", "image"),
        ("part-of-subtype", "a part of a subtype", "image/p*"),
    ):
        given = {"name": "a", "limit": limit}
        yield malformed("media-type", fault, says, given, "expected type/subtype or type/*")


DELEGATION: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("other-subject", "a subject that is not the key", ("subject", 0, "digest", "sha256"), "00" * 32, "the subject is not the agent's key"),
    ("agent-zero", "agent 0", (*FACTS, "agent"), 0, "expected at least 1"),
    ("agent-too-high", "an agent above a million", (*FACTS, "agent"), 1_000_001, "expected at most 1000000"),
    ("ed25519-key", "a key of another kind", (*FACTS, "key"), "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "expected a P-256 Multikey"),
    ("other-key-details", "another algorithm", (*FACTS, "keyDetails"), "PKIX_ED25519", "expected 'PKIX_ECDSA_P256_SHA_256'"),
    ("no-scope", "no scope", (*FACTS, "scope"), ABSENT, "'scope' is missing"),
    ("type-twice", "one media type twice", (*FACTS, "scope", "mediaTypes"), ["image/png"] * 2, "stands there twice"),
    ("types-too-many", "17 media types", (*FACTS, "scope", "mediaTypes"), [f"image/x{n}" for n in range(17)], "17 items, expected 0 to 16"),
    ("bad-pattern", "a path that leaves its folder", (*FACTS, "scope", "pathPatterns"), ["../*"], "plain relative path"),
    ("enterprise-name", "an enterprise by its name", (*FACTS, "scope", "enterprise"), "Studio Five", "digits"),
    ("no-budget", "no budget", (*FACTS, "budget"), ABSENT, "'budget' is missing"),
    ("budget-zero", "a budget of nothing", (*FACTS, "budget", "perDay"), 0, "expected at least 1"),
    ("budget-unknown-member", "a budget a month", (*FACTS, "budget", "perMonth"), 5, "unknown member 'perMonth'"),
    ("no-expiry", "for ever", (*FACTS, "expires"), ABSENT, "'expires' is missing"),
    ("review-text", "a review by whom", (*FACTS, "humanReview"), "yes", "expected true or false"),
    ("hops", "a further hop", (*FACTS, "hops"), 1, "unknown member 'hops'"),
    ("with-private", "a private part where there is none", ("predicate", "private"), {"sha256": "00" * 32}, "has no private part"),
)  # fmt: skip


def _statements() -> Iterator[Vector]:
    agent = Agent(media_types=("image/png", "text/*"), paths=("posts/**",), human_review=True)
    base = agent.signed.envelope.payload
    value = {"type": "delegation", "subjects": 1}
    yield valid("statement", "delegation", "a delegation", {"data": base.decode()}, value)
    for fault, says, path, to, words in DELEGATION:
        given = {"data": text(base, path, to)}
        yield malformed("statement", f"delegation-{fault}", says, given, words)
    index = agent.sign()
    made = agent.scene.registry.entries[index].envelope.payload
    value = {"type": "deliverable", "subjects": 1}
    yield valid("statement", "by-agent", "what an agent signs", {"data": made.decode()}, value)
    for fault, says, path, to, words in (
        ("number-alone", "a number without a delegation", (*FACTS, "delegation"), ABSENT, "stand together"),
        ("delegation-alone", "a delegation without a number", (*FACTS, "number"), ABSENT, "stand together"),
        ("number-zero", "number 0", (*FACTS, "number"), 0, "expected at least 1"),
        ("supersedes", "an agent that replaces a work of its person's", (*FACTS, "supersedes"), "40n7vn4e0tpqbpme", "an agent replaces nothing"),
        ("delegation-upper-case", "the id of a delegation in upper case", (*FACTS, "delegation"), "40N7VN4E0TPQBPME", "is not a canonical id"),
    ):  # fmt: skip
        yield malformed(
            "statement", f"by-agent-{fault}", says, {"data": text(made, path, to)}, words
        )


def _valid() -> Iterator[Vector]:
    plain = Agent()
    given = inputs(plain.scene, plain.dossier(plain.sign()))
    yield verdict("by-agent", "signed by an agent", given, "valid", changes={})
    scoped = Agent(paths=("*.txt",), media_types=("text/plain",))
    given = inputs(scoped.scene, scoped.dossier(scoped.sign(number=100)))
    says = "by an agent, within paths and media types, with its last number"
    yield verdict("by-agent-in-scope", says, given, "valid", changes={})
    whole = Agent(paths=("site",))
    index = whole.sign({"site": b"a list"}, form="manifest")
    given = inputs(whole.scene, whole.dossier(index), files=hexed({"site": b"a list"}))
    says = "a directory by an agent that may sign it"
    yield verdict("by-agent-directory", says, given, "valid", changes={})
    longest = Agent()
    until = longest.scene.registry.clock + 90 * DAY
    longest = Agent(expires=until)
    given = inputs(longest.scene, longest.dossier(longest.sign()))
    says = "under a delegation for exactly 90 days"
    yield verdict("by-agent-90-days", says, given, "valid", changes={})


def _limits() -> Iterator[Vector]:
    soon = Agent().scene.registry.clock
    cases: tuple[tuple[str, str, dict[str, Any], int, str], ...] = (
        ("by-agent-at-the-end", "in the second in which the delegation ends", {"expires": soon + 60}, 1, "delegation_expired"),
        ("by-agent-ended-before", "a delegation that ends before it begins", {"expires": soon - 600}, 1, "delegation_expired"),
        ("by-agent-91-days", "a delegation for a second over 90 days", {"expires": soon + 90 * DAY + 1}, 1, "delegation_too_long"),
        ("by-agent-over-budget", "a number beyond the budget", {}, 101, "over_budget"),
    )  # fmt: skip
    for fault, says, changes, number, reason in cases:
        agent = Agent(**changes)
        given = inputs(agent.scene, agent.dossier(agent.sign(number=number)))
        yield verdict(fault, says, given, "invalid", reason, changes={7: NO})


def _names() -> Iterator[Vector]:
    for fault, says, changes in (
        ("by-agent-other-path", "outside its paths", {"paths": ("posts/**",)}),
        ("by-agent-other-type", "of another media type", {"media_types": ("image/*",)}),
        ("by-agent-other-enterprise", "for an enterprise alone, and signed for none", {"enterprise": "40n7vn4e0tpqbpme"}),
    ):  # fmt: skip
        agent = Agent(**changes)
        given = inputs(agent.scene, agent.dossier(agent.sign()))
        yield verdict(fault, says, given, "invalid", "out_of_scope", changes={7: NO})
    whole = Agent(media_types=("text/*",))
    index = whole.sign({"site": b"a list"}, form="manifest")
    given = inputs(whole.scene, whole.dossier(index), files=hexed({"site": b"a list"}))
    says = "a directory has no media type"
    yield verdict(
        "by-agent-directory-type", says, given, "invalid", "out_of_scope", changes={7: NO}
    )
    agent = Agent(paths=("*.txt",), human_review=True)
    dossier = agent.dossier(agent.sign())
    given = inputs(agent.scene, dossier)
    says = "a human was to review it"
    yield verdict("by-agent-unreviewed", says, given, "could_not_check", "review_not_at_hand", changes={7: UNKNOWN})  # fmt: skip
    given = inputs(agent.scene, dossier._replace(private={}))
    says = "its names were erased, and nobody reviewed it"
    yield verdict(
        "by-agent-names-erased", says, given, "could_not_check", "scope_not_at_hand", "review_not_at_hand",
        changes={7: UNKNOWN},
    )  # fmt: skip
    free = Agent()
    given = inputs(free.scene, free.dossier(free.sign())._replace(private={}))
    says = "its names were erased, and were not limited"
    yield verdict("by-agent-names-erased-unlimited", says, given, "valid", changes={})


def _chains() -> Iterator[Vector]:
    agent = Agent()
    index = agent.sign()
    given = inputs(agent.scene, agent.dossier(index, ("identity",)))
    says = "the delegation is not at hand"
    yield verdict("by-agent-no-delegation", says, given, "could_not_check", "no_delegation", changes={7: UNKNOWN})  # fmt: skip
    registry, scid = agent.scene.registry, agent.person.scid
    second = agent.sign(certificate=certificate(registry, scid, 2))
    given = inputs(agent.scene, agent.dossier(second))
    says = "the certificate of another agent of hers"
    yield verdict("by-agent-other-number", says, given, "invalid", "other_delegation", changes={7: NO})  # fmt: skip
    person = registry.issue(KEY.public_key, agent.person.uri)
    as_person = agent.sign(certificate=person)
    given = inputs(agent.scene, agent.scene.unverified(as_person, agent.person, ("identity",)))
    says = "what an agent signs, under a certificate of a person"
    yield verdict("by-agent-as-person", says, given, "invalid", "wrong_signer_kind")
    other = Agent(key=OTHER.public_key)
    given = inputs(other.scene, other.dossier(other.sign()))
    says = "the delegation is to another key"
    yield verdict("by-agent-other-key", says, given, "invalid", "other_delegation", changes={7: NO})
    yield from _false_delegations()


def _false_delegations() -> Iterator[Vector]:
    agent = Agent()
    named = agent.scene.ids[agent.scene.work]
    agent.signed = agent.signed._replace(id=named)
    index, agent.delegation = agent.sign(), agent.scene.work
    given = inputs(agent.scene, agent.dossier(index))
    says = "what it names is a deliverable"
    yield verdict("by-agent-no-such-thing", says, given, "invalid", "other_delegation", changes={7: NO})  # fmt: skip
    late = Agent()
    until = late.scene.registry.clock + 30 * DAY
    twin = standard().fork()
    signed = delegate(twin.ana, facts(twin.registry, expires=until), twin.registry)
    late.scene, late.signed = twin, signed
    late.certificate = certificate(twin.registry, twin.ana.scid)
    index = late.sign()
    late.delegation = twin.add(signed, twin.ana)
    given = inputs(twin, late.dossier(index))
    says = "the delegation was logged after what the agent signed"
    yield verdict("by-agent-too-early", says, given, "invalid", "delegation_later", changes={7: NO})
    yield from _stolen()


def _stolen() -> Iterator[Vector]:
    """A delegation by a key that her history does not hold: the registry's, or another agent's."""
    scene = standard().fork()
    stolen = _by_other(scene, scene.registry.issue(OTHER.public_key, scene.ana.uri))
    minted = Agent(scene, stolen)
    given = inputs(scene, minted.dossier(minted.sign()))
    says = "a delegation by a key that her history does not hold"
    yield verdict("by-agent-minted", says, given, "invalid", "key_not_in_history", changes={7: NO})
    scene = standard().fork()
    hop = Agent(scene, _by_other(scene, certificate(scene.registry, scene.ana.scid, 2, OTHER)))
    dossier = scene.dossier(hop.sign(), scene.ana, ("identity",))
    behind = scene.registry.bundle(hop.delegation)
    given = inputs(scene, dossier._replace(supporting=(*dossier.supporting, behind)))
    says = "a delegation by another agent"
    yield verdict("by-agent-of-an-agent", says, given, "invalid", "wrong_signer_kind", changes={7: NO})  # fmt: skip


def _by_other(scene: Scene, issued: bytes) -> Person:
    """Return Ana with another key than her own, under some certificate."""
    twin = Person.__new__(Person)
    author = scene.ana.author._replace(signer=OTHER)
    twin.__dict__ = {**scene.ana.__dict__, "author": author, "certificate": issued}
    return twin


def _ends() -> Iterator[Vector]:
    agent = Agent()
    before = agent.sign()
    agent.scene.withdraw(agent.person, agent.delegation)
    given = inputs(agent.scene, agent.dossier(before))
    yield verdict(
        "by-agent-ended-later", "the delegation ended after it signed", given, "valid", changes={}
    )
    after = agent.sign(number=2)
    given = inputs(agent.scene, agent.dossier(after))
    says = "the delegation had ended before it signed"
    yield verdict("by-agent-ended", says, given, "invalid", "delegation_ended", changes={7: NO})
    agent = Agent()
    index = agent.sign()
    silent = agent.dossier(index)
    fewer = silent.status._replace(proofs=silent.status.proofs[:3])
    given = inputs(agent.scene, silent._replace(status=fewer))
    says = "a status that says nothing of the delegation"
    yield verdict("by-agent-silent-status", says, given, "could_not_check", "no_status", changes={8: UNKNOWN})  # fmt: skip
    name = status_key("statement", agent.signed.id)
    for fault, says, state, by in (
        ("by-agent-ended-by-stranger", "a stranger withdraws the delegation", "withdrawn", agent.scene.ben.scid),
        ("by-agent-delegation-frozen", "a word that a delegation does not have", "frozen", agent.person.scid),
    ):  # fmt: skip
        twin = Agent(with_line(standard(), name, state, by))
        given = inputs(twin.scene, twin.dossier(twin.sign()))
        yield verdict(fault, says, given, "valid", changes={})
    yield from _by_key_that_ended()


def _by_key_that_ended() -> Iterator[Vector]:
    """What the key that delegated comes to is what its agents come to."""
    agent = Agent()
    index = agent.sign()
    now = agent.scene.registry.clock
    k, scid = key_name(agent.scene), agent.person.scid
    delegated = now - 60  # the agent signed a minute later
    for fault, says, state, since, logged, code, reason, changes in (
        ("by-agent-key-retired", "the key that delegated was retired", "retired", delegated + 1, delegated + 1, "valid", None, {}),
        ("by-agent-key-lost-before", "the key that delegated was lost before the agent signed", "lost", delegated + 1, delegated + 1, "invalid", "delegation_ended", {7: NO}),
        ("by-agent-key-lost-later", "the key that delegated was lost in the second in which the agent signed", "lost", now, now, "valid", None, {}),
        ("by-agent-key-compromised", "the key that delegated was compromised by then", "compromised", delegated, now, "disputed", "key_disputed", {8: NO}),
        ("by-agent-key-compromised-later", "the key that delegated was compromised after that", "compromised", delegated + 1, now, "valid", None, {}),
    ):  # fmt: skip
        twin = agent.scene.fork()
        twin.registry.lines.append(Line(k, (State(state, since, logged, scid),)))
        dossier = agent.dossier(index)
        names = [item.k for item in dossier.status.proofs]
        dossier = dossier._replace(status=twin.registry.status(names))
        reasons = () if reason is None else (reason,)
        yield verdict(fault, says, inputs(twin, dossier), code, *reasons, changes=changes)
