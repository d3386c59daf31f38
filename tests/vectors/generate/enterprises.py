"""Enterprises: founding, membership and release, and what is signed on behalf of one."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.agents import Agent
from tests.vectors.generate.cases import malformed, valid
from tests.vectors.generate.edit import ABSENT, Path, text
from tests.vectors.generate.keys import chance
from tests.vectors.generate.scene import REPORT, Person, digests, standard
from tests.vectors.generate.verdicts import NO, UNKNOWN, inputs, verdict
from trust.client.enterprises import make_founding, make_membership, make_release
from trust.client.statements import (
    Chance,
    Signed,
    make_deliverable,
)
from trust.core.canonical import canonical
from trust.core.judging.standing import needed
from trust.core.people.enterprise import MembershipFacts
from trust.core.registry.dossier import Dossier
from trust.core.registry.status_line import Line, State
from trust.core.registry.trust_file import parse_trust_file
from trust.core.signing.identity import member_key
from trust.core.verify import verify

FACTS = ("predicate", "facts")


class Firm:
    """An enterprise of Ana's in a scene of its own; `entries` are the indexes of what is said."""

    def __init__(self, needed_members: int = 1) -> None:
        self.scene = standard().fork()
        self.ana, self.ben = self.scene.ana, self.scene.ben
        word = f"founding {needed_members}"
        drawn = Chance(chance(word), chance(f"{word} blind"))
        note = self.scene.registry.note()
        founding = make_founding(self.ana.author, "Studio Five", needed_members, note, drawn)
        self.id, self.entries = founding.id, [self.scene.add(founding, self.ana)]
        self.entries += [
            self.scene.ana.supporting["identity"],
            self.scene.ben.supporting["identity"],
        ]

    def step(self, person: Person, step: str, **more: Any) -> str:
        """Log a step of a membership; return its id."""
        facts = MembershipFacts(self.id, step, **more)
        signed = self._signed(
            make_membership(person.author, facts, self.scene.registry.note(), self._salt())
        )
        self._add(signed, person)
        if step == "leave":
            at, k = self.scene.registry.clock, member_key(self.id, person.scid)
            lines = self.scene.registry.lines
            self.scene.registry.lines = [*lines, Line(k, (State("retired", at, at, person.scid),))]
        return signed.id

    def let_in(self, person: Person) -> None:
        """Offer a membership to somebody, who accepts."""
        self.step(person, "accept", offer=self.step(self.ana, "offer", member=person.scid))

    def release(self, person: Person, index: int, enterprise: str | None) -> None:
        """Approve of a deliverable."""
        target, note = self.scene.ids[index], self.scene.registry.note()
        signed = make_release(person.author, target, enterprise, note, self._salt())
        self._add(self._signed(signed), person)

    def sign(self, person: Person, firm: str | None = None) -> int:
        """Sign the report on behalf of the enterprise."""
        word = f"for a firm {len(self.scene.registry.entries)}"
        signed = make_deliverable(
            person.author,
            digests(REPORT),
            self.scene.registry.note(),
            Chance(chance(word), chance(f"{word} blind")),
            on_behalf_of=firm or self.id,
        )
        return self.scene.add(signed, person)

    def dossier(self, index: int, people: Sequence[Person], without: Sequence[int] = ()) -> Dossier:
        """Return a dossier with everything that was said, and the key histories of these people."""
        registry, trust = self.scene.registry, parse_trust_file(self.scene.trust)
        chosen = [item for item in self.entries if item not in without]
        wanted = {person.scid for person in people}
        supporting = []
        for item in map(registry.bundle, chosen):
            found = verify(item, None, trust, registry.clock)
            facts: Any = found.statement.facts
            scid = found.principal.scid or facts.scid
            if scid in wanted:
                supporting.append(item)
        bundle = registry.bundle(index)
        everything = [verify(item, None, trust, registry.clock) for item in (bundle, *supporting)]
        named = {item.statement.private for item in everything}
        ks = [k for item in everything if item.principal.scid for k in needed(item)]
        ks += [member_key(self.id, person.scid) for person in people]
        private = {key: part for key, part in self.scene.private.items() if key in named}
        return Dossier(
            bundle,
            private,
            tuple(list(person.did_log) for person in people),
            tuple(supporting),
            registry.status(list(dict.fromkeys(ks))),
        )

    def _salt(self) -> bytes:
        return chance(f"a step {len(self.scene.registry.entries)}")

    @staticmethod
    def _signed(signed: Signed) -> Signed:
        return signed

    def _add(self, signed: Signed, person: Person) -> None:
        self.entries.append(self.scene.add(signed, person))


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _statements()
    yield from _parts()
    yield from _members()
    yield from _strangers()
    yield from _releases()


OFFER: tuple[tuple[str, str, Path, Any, str], ...] = (
    ("other-subject", "a subject that is not the enterprise", ("subject", 0, "digest", "sha256"), "00" * 32, "the subject is not the enterprise"),
    ("unknown-step", "a step that nobody defined", (*FACTS, "step"), "expel", "expected one of offer, accept, leave"),
    ("offer-to-nobody", "an offer to nobody", (*FACTS, "member"), ABSENT, "'member' is missing"),
    ("offer-to-a-handle", "an offer to a handle", (*FACTS, "member"), "@ben", "is not a SHA-256 multihash"),
    ("offer-with-offer", "an offer that names an offer", (*FACTS, "offer"), "40n7vn4e0tpqbpme", "unknown member 'offer'"),
    ("enterprise-upper-case", "an enterprise in upper case", (*FACTS, "enterprise"), "40N7VN4E0TPQBPME", "is not a canonical id"),
)  # fmt: skip


def _statements() -> Iterator[Vector]:
    firm = Firm()
    firm.let_in(firm.ben)
    index = firm.sign(firm.ben)
    firm.release(firm.ana, index, firm.id)
    firm.step(firm.ben, "leave")
    made = [firm.scene.registry.entries[at].envelope.payload for at in firm.entries]
    founding, offer, accept, release, leave = made[0], *made[3:]
    for name, payload in (("founding", founding), ("membership-offer", offer), ("membership-accept", accept), ("membership-leave", leave), ("release", release)):  # fmt: skip
        value = {"type": name.split("-")[0], "subjects": 1}
        says = f"a statement of type {name.replace('-', ', ')}"
        yield valid("statement", name, says, {"data": payload.decode()}, value)
    for fault, says, path, to, words in OFFER:
        yield malformed(
            "statement", f"membership-{fault}", says, {"data": text(offer, path, to)}, words
        )
    for fault, says, payload, path, to, words in (
        ("founding-needs-six", "six members who must approve", founding, (*FACTS, "needed"), 6, "expected at most 5"),
        ("founding-needs-none", "nobody who must approve", founding, (*FACTS, "needed"), 0, "expected at least 1"),
        ("founding-without-name", "a founding without a private part", founding, ("predicate", "private"), None, "needs a private part"),
        ("founding-other-subject", "a subject that is not the private part", founding, ("subject", 0, "digest", "sha256"), "00" * 32, "the subject is not the private part"),
        ("membership-accept-nothing", "an accept that accepts nothing", accept, (*FACTS, "offer"), ABSENT, "'offer' is missing"),
        ("membership-leave-with-member", "somebody leaves for somebody else", leave, (*FACTS, "member"), firm.ana.scid, "unknown member 'member'"),
        ("release-name", "an enterprise by its name", release, (*FACTS, "enterprise"), "Studio Five", "digits"),
        ("release-two-subjects", "a release of two works", release, ("subject", 1), {"name": "", "digest": {"sha256": "00" * 32}}, "has exactly one subject"),
    ):  # fmt: skip
        yield malformed("statement", fault, says, {"data": text(payload, path, to)}, words)
    ks = {"kind": "member", "name": f"{firm.id}/{firm.ben.scid}"}
    k = member_key(firm.id, firm.ben.scid).hex()
    yield valid("status-name", "member", "the line of a member", ks, k)


def _parts() -> Iterator[Vector]:
    part = {"blind": chance("a firm").hex(), "name": "Studio Five"}
    given = {"data": canonical(part).decode(), "type": "founding"}
    yield valid("private-part", "founding", "of a founding", given)
    for fault, says, name, words in (
        ("founding-name-empty", "a name of white space", " ", "empty, expected text"),
        ("founding-name-lines", "a name of two lines", "Studio\nFive", "several lines"),
        ("founding-name-too-long", "a name of 101 characters", "x" * 101, "at most 100"),
    ):
        given = {"data": canonical({**part, "name": name}).decode(), "type": "founding"}
        yield malformed("private-part", fault, says, given, words)


def _members() -> Iterator[Vector]:
    firm = Firm()
    given = inputs(firm.scene, firm.dossier(firm.sign(firm.ana), [firm.ana]))
    yield verdict("firm-founder", "signed by the founder", given, "valid", changes={})
    firm.let_in(firm.ben)
    by_ben = firm.sign(firm.ben)
    both = [firm.ben, firm.ana]
    given = inputs(firm.scene, firm.dossier(by_ben, both))
    yield verdict("firm-member", "signed by a member", given, "valid", changes={})
    firm.step(firm.ben, "leave")
    given = inputs(firm.scene, firm.dossier(by_ben, both))
    says = "the member left afterwards"
    yield verdict("firm-left-later", says, given, "valid", changes={})
    after = firm.sign(firm.ben)
    given = inputs(firm.scene, firm.dossier(after, both))
    says = "the member had left before"
    yield verdict("firm-left-before", says, given, "invalid", "not_a_member", changes={7: NO})
    dossier = firm.dossier(after, both)
    short = firm.scene.registry.status([proof.k for proof in dossier.status.proofs[:3]])
    given = inputs(firm.scene, dossier._replace(status=short))
    says = "the status says nothing of who left"
    yield verdict("firm-silent-status", says, given, "could_not_check", "no_status", changes={8: UNKNOWN})  # fmt: skip
    founding = dossier.private
    bare = {key: part for key, part in founding.items() if part.get("name") != "Studio Five"}
    given = inputs(firm.scene, firm.dossier(by_ben, both)._replace(private={key: bare[key] for key in bare if key in firm.dossier(by_ben, both).private}))  # fmt: skip
    yield verdict("firm-name-erased", "its name was erased", given, "valid", changes={})


def _strangers() -> Iterator[Vector]:
    firm = Firm()
    index = firm.sign(firm.ben)
    both = [firm.ben, firm.ana]
    given = inputs(firm.scene, firm.dossier(index, both))
    says = "signed by a stranger"
    yield verdict("firm-stranger", says, given, "could_not_check", "no_membership", changes={7: UNKNOWN})  # fmt: skip
    firm.step(firm.ben, "accept", offer=firm.step(firm.ben, "offer", member=firm.ben.scid))
    given = inputs(firm.scene, firm.dossier(firm.sign(firm.ben), both))
    says = "a stranger who offered the membership to himself"
    yield verdict("firm-self-made", says, given, "could_not_check", "no_membership", changes={7: UNKNOWN})  # fmt: skip
    firm = Firm()
    early = firm.sign(firm.ben)
    firm.let_in(firm.ben)
    given = inputs(firm.scene, firm.dossier(early, both))
    says = "a member only after the signature"
    yield verdict("firm-too-early", says, given, "could_not_check", "no_membership", changes={7: UNKNOWN})  # fmt: skip
    index = firm.sign(firm.ben)
    given = inputs(firm.scene, firm.dossier(index, both, firm.entries[:1]))
    says = "the founding is not at hand"
    yield verdict("firm-no-founding", says, given, "could_not_check", "no_membership", changes={7: UNKNOWN})  # fmt: skip
    dossier = firm.dossier(index, both)
    given = inputs(firm.scene, dossier._replace(did_logs=dossier.did_logs[:1]))
    says = "no key history of the founder"
    yield verdict("firm-no-history-of-founder", says, given, "invalid", "other_key_history", changes={7: NO})  # fmt: skip
    given = inputs(firm.scene, firm.dossier(index, both, firm.entries[1:2]))
    says = "the founder's key history is not shown to be logged"
    yield verdict("firm-history-not-logged", says, given, "could_not_check", "key_history_not_logged", changes={7: UNKNOWN})  # fmt: skip
    twice = dossier._replace(did_logs=(*dossier.did_logs, dossier.did_logs[0]))
    yield verdict("firm-history-twice", "one key history twice", inputs(firm.scene, twice), "unreadable", "unreadable", changes={7: NO}, words="the DID log is of")  # fmt: skip


def _releases() -> Iterator[Vector]:
    firm = Firm(2)
    firm.let_in(firm.ben)
    both = [firm.ben, firm.ana]
    index = firm.sign(firm.ben)
    given = inputs(firm.scene, firm.dossier(index, both))
    says = "two must approve, and one has"
    yield verdict("firm-not-released", says, given, "could_not_check", "not_released", changes={7: UNKNOWN})  # fmt: skip
    firm.release(firm.ben, index, firm.id)
    given = inputs(firm.scene, firm.dossier(index, both))
    says = "two must approve, and one did so twice"
    yield verdict("firm-released-twice", says, given, "could_not_check", "not_released", changes={7: UNKNOWN})  # fmt: skip
    other = firm.sign(firm.ben)
    firm.release(firm.ana, other, firm.id)
    given = inputs(firm.scene, firm.dossier(index, both))
    says = "the second member approved of another work"
    yield verdict("firm-released-another", says, given, "could_not_check", "not_released", changes={7: UNKNOWN})  # fmt: skip
    given = inputs(firm.scene, firm.dossier(other, both))
    yield verdict("firm-released", "two must approve, and two did", given, "valid", changes={})
    agent = Agent(human_review=True)
    by_agent = agent.sign()
    note, salt = agent.scene.registry.note(), chance("a review")
    review = make_release(agent.person.author, agent.scene.ids[by_agent], None, note, salt)
    dossier = agent.dossier(by_agent)
    at = agent.scene.add(review, agent.person)
    dossier = agent.dossier(by_agent)
    dossier = dossier._replace(supporting=(*dossier.supporting, agent.scene.registry.bundle(at)))
    yield verdict("by-agent-reviewed", "a human reviewed it", inputs(agent.scene, dossier), "valid", changes={})  # fmt: skip
