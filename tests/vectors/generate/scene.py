"""The people and works of most cases: Ana and Ben at registry.example, on one afternoon.

0 issuance  1 trust  2-6 Ana joins  7-11 Ben joins
12 one file  13 three files  14 offline  15 withdrawn by 16  17 Ben's
"""

import copy
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence

from tests.vectors.generate.keys import P256, chance, ed25519
from tests.vectors.generate.passkeys import Passkey
from tests.vectors.generate.registry import DAY, START, Registry
from trust.client.passkeys import make_passkey
from trust.client.statements import (
    Author,
    Chance,
    Signed,
    first_author,
    make_deliverable,
    make_erasure,
    make_join,
    make_withdrawal,
)
from trust.core.canonical import Json
from trust.core.judging.standing import needed
from trust.core.people.did import genesis, parse_log
from trust.core.people.presence import Presence
from trust.core.registry.dossier import Dossier
from trust.core.registry.status_line import Line, State
from trust.core.registry.trust_file import parse_trust_file
from trust.core.signing.facts import IdentityFacts, IssuanceFacts, TrustFacts
from trust.core.signing.identity import Principal, status_key
from trust.core.signing.private import private_digest
from trust.core.signing.redaction import RedactionFacts
from trust.core.signing.statement import parse_statement
from trust.core.verify import verify
from trust.core.x509.certificate import parse_certificate

Private = dict[bytes, dict[str, Json]]  # private parts by digest

REPORT = {"report.txt": b"A report.\n"}
SET = {"a.txt": b"First.\n", "b/c.txt": b"Second.\n", "d.bin": bytes(range(256))}


class Person:
    """Someone who joins: keys, first DID entry, certificate; the private parts they made."""

    def __init__(self, registry: Registry, handle: str) -> None:
        self.handle = handle
        self.signer = P256(f"{handle} signs")
        self.update, self.next_update, self.recovery = (
            ed25519(f"{handle} {word}") for word in ("updates", "updates next", "recovers")
        )
        announced = [self.next_update.public_key, self.recovery.public_key]
        point = self.signer.public_key
        entry = genesis(registry.host, registry.clock, self.update, announced, point)
        self.first_entry = entry
        self.did_log: list[Json] = [entry]
        trust = parse_trust_file(registry.trust())
        self.author: Author = first_author(self.signer, entry, trust)
        self.uri = Principal("person", self.author.scid).uri(registry.public_url)
        self.certificate = registry.issue(point, self.uri)
        self.supporting: dict[str, int] = {}

    @property
    def scid(self) -> str:
        """The SCID."""
        return self.author.scid


class Scene:
    """A registry, its people, and the index of each work."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = registry or Registry()
        self.private: Private = {}
        self.ids: dict[int, str] = {}
        _bootstrap(self.registry)
        self.trust = self.registry.trust()
        self.ana = self.join("ana", "Ana L\u00f3pez")
        self.ben = self.join("ben", None)
        self.work = self.sign(self.ana, REPORT)
        self.set = self.sign(self.ana, SET)
        early = self.registry.note(at=START - 3 * DAY, size=0)
        self.offline = self.sign(self.ana, REPORT, not_before=early, offline=True)
        self.withdrawn = self.sign(self.ana, {"draft.txt": b"A draft.\n"})
        self.withdrawal = self.withdraw(self.ana, self.withdrawn)
        self.bens = self.sign(self.ben, {"song.txt": b"A song.\n"})

    def fork(self) -> "Scene":
        """Return a copy whose log may grow by itself."""
        twin = copy.copy(self)
        twin.registry = self.registry.fork()
        twin.private, twin.ids = dict(self.private), dict(self.ids)
        return twin

    def join(self, handle: str, name: str | None) -> Person:
        """Log the five entries of a new person."""
        registry = self.registry
        person = Person(registry, handle)
        entry = parse_log(person.did_log).entries[0]
        drawn = [Chance(chance(f"{handle} {n}"), chance(f"{handle} {n}b")) for n in range(3)]
        join = make_join(
            person.author,
            person.first_entry,
            registry.note(),
            (drawn[0], drawn[1], drawn[2]),
            handle=handle,
            name=name,
        )
        facts = IdentityFacts(person.scid, entry.version_id)
        person.supporting["identity"] = registry.say("identity", entry.digest, facts)
        precertificate = _precertificate(person)
        issuance = IssuanceFacts(join.statements[0].id)
        registry.say("issuance", hashlib.sha256(precertificate).digest(), issuance)
        for kind, signed in zip(("enrolment", "handle", "profile"), join.statements, strict=True):
            person.supporting[kind] = self.add(signed, person)
        return person

    def add(self, signed: Signed, person: Person) -> int:
        """Log what a person signed, under their certificate."""
        index = self.registry.log(signed.envelope, person.certificate)
        self.ids[index] = signed.id
        if signed.private is not None:
            self.private[_digest_named(signed)] = signed.private
        return index

    def sign(
        self,
        person: Person,
        files: Mapping[str, bytes],
        *,
        not_before: str | None = None,
        offline: bool = False,
        unlisted: bool = False,
        supersedes: int | None = None,
        prove: Callable[[bytes], Presence] | None = None,
    ) -> int:
        """Sign for files and log it; return its index."""
        word = f"{person.handle} {len(self.registry.entries)}"
        signed = make_deliverable(
            person.author,
            digests(files),
            not_before or self.registry.note(),
            Chance(chance(word), chance(f"{word} blind")),
            offline=offline,
            unlisted=unlisted,
            supersedes=None if supersedes is None else self.ids[supersedes],
            prove=prove,
        )
        index = self.add(signed, person)
        if supersedes is not None and not unlisted:
            self.change("superseded", supersedes, person)
        return index

    def withdraw(self, person: Person, index: int) -> int:
        """Withdraw a statement of whomever; the line names who did it."""
        word = f"{person.handle} withdraws {index}"
        signed = make_withdrawal(
            person.author, self.ids[index], self.registry.note(), Chance(chance(word), b"")
        )
        place = self.add(signed, person)
        self.change("withdrawn", index, person)
        return place

    def register(self, person: Person) -> tuple[int, Passkey]:
        """Log that a person has a passkey; return where, and the passkey."""
        passkey = Passkey(self.registry.public_url, P256(f"{person.handle} unlocks"))
        salt = chance(f"{person.handle} registers a passkey")
        signed = make_passkey(person.author, passkey.key, self.registry.note(), salt)
        return self.add(signed, person), passkey

    def erase(self, person: Person, index: int | None) -> tuple[int, int]:
        """Have the words of a statement erased, None: of all; return erasure and redaction."""
        word = f"{person.handle} erases {index}"
        target = None if index is None else self.ids[index]
        signed = make_erasure(person.author, target, self.registry.note(), chance(word))
        asked = self.add(signed, person)
        statement = parse_statement(signed.envelope.payload)
        facts = RedactionFacts(signed.id)
        return asked, self.registry.say("redaction", statement.subjects[0], facts)

    def change(self, word: str, index: int, person: Person) -> None:
        """Add a state to the line of a statement; the line names who did it."""
        k, lines = status_key("statement", self.ids[index]), self.registry.lines
        state = State(word, self.registry.clock, self.registry.clock, person.scid)
        before = next((line for line in lines if line.k == k), Line(k, ()))
        others = [line for line in lines if line.k != k]
        self.registry.lines = [*others, Line(k, (*before.states, state))]

    def dossier(
        self,
        index: int,
        person: Person,
        supporting: Sequence[str] = ("identity", "handle"),
        *more: int,
    ) -> Dossier:
        """Return the dossier of an entry, with the supporting bundles that are asked for."""
        made = self.unverified(index, person, supporting, *more)
        trust = parse_trust_file(self.trust)
        verified = verify(made.bundle, None, trust, self.registry.clock)
        return made._replace(status=self.registry.status(needed(verified)))

    def unverified(
        self, index: int, person: Person, supporting: Sequence[str], *more: int
    ) -> Dossier:
        """Return the dossier of an entry that may not verify; its status has no proofs."""
        registry = self.registry
        bundle = registry.bundle(index)
        beside = [person.supporting[name] for name in supporting]
        others = tuple(map(registry.bundle, [*beside, *more]))
        named = [item.envelope.payload for item in (bundle, *others)]
        private = {
            digest: document
            for digest, document in self.private.items()
            if any(digest.hex().encode() in payload for payload in named)
        }
        return Dossier(bundle, private, (list(person.did_log),), others, registry.status([]))


def digests(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return SHA-256 by name."""
    return {name: hashlib.sha256(data).digest() for name, data in files.items()}


@functools.cache
def standard() -> Scene:
    """Return the scene that most cases fork."""
    return Scene()


def _digest_named(signed: Signed) -> bytes:

    return private_digest(signed.private or {})


def _precertificate(person: Person) -> bytes:
    """Return the TBS that the SCT of a person's certificate covers."""

    return parse_certificate(person.certificate).precertificate_tbs


def _bootstrap(registry: Registry) -> None:
    """Log the first two entries: the registry's own certificate, and the trust file."""
    point, uri = (
        registry.keys["registry"].public_key,
        Principal("registry").uri(registry.public_url),
    )
    bare = registry.issue(point, uri, sct=False)
    registry.certificate_der = bare

    tbs = parse_certificate(bare).precertificate_tbs
    registry.say("issuance", hashlib.sha256(tbs).digest(), IssuanceFacts(None))
    registry.certificate_der = registry.issue(point, uri)
    digest = hashlib.sha256(registry.trust()).digest()
    registry.say("trust", digest, TrustFacts(1))
