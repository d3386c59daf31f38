"""A registry in a temporary folder and people who sign at it: the real parts, without sockets."""

import hashlib
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trust.client.enterprises import make_founding, make_membership, make_release
from trust.client.statements import (
    Agency,
    Author,
    Chance,
    Signed,
    agent_author,
    first_author,
    make_delegation,
    make_deliverable,
    make_erasure,
    make_identity,
    make_join,
    make_withdrawal,
)
from trust.core.assess import assess
from trust.core.encoding import b64decode
from trust.core.people.delegation import Budget, DelegationFacts, Scope
from trust.core.people.enterprise import MembershipFacts
from trust.core.policy import Policy
from trust.core.registry.dossier import Dossier, parse_dossier
from trust.core.signing.statement import parse_statement
from trust.core.signing.subjects import Subjects
from trust.core.verdict import Verdict
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256
from trust.service.registry import Registry
from trust.service.settings import Settings

PASSPHRASE = b"correct horse battery staple"
PUBLIC_URL = "http://localhost:8123"


def chance() -> Chance:
    """Return a fresh salt and blind."""
    return Chance(secrets.token_bytes(16), secrets.token_bytes(16))


class Person:
    """Someone with a key who may join and sign."""

    def __init__(self, world: "World", handle: str, name: str | None) -> None:
        self.world, self.handle, self.name = world, handle, name
        self.signer = P256Signer(generate_p256())
        update, following, recovery = (Ed25519Signer(generate_ed25519()) for _ in range(3))
        self.following, self.recovery = following, recovery
        self.entry = make_identity(
            self.signer,
            update,
            [following.public_key, recovery.public_key],
            world.registry.trust,
            int(world.clock()),
        )
        self.author: Author = first_author(self.signer, self.entry, world.registry.trust)
        self.join_body = make_join(
            self.author,
            self.entry,
            world.registry.checkpoint(),
            (chance(), chance(), chance()),
            handle=handle,
            name=name,
        ).to_json()

    @property
    def scid(self) -> str:
        """The SCID."""
        return self.author.scid

    def prepare(self, files: Mapping[str, bytes], **options: Any) -> Signed:
        """Sign for files given by their content, without sending."""
        digests = {name: hashlib.sha256(data).digest() for name, data in files.items()}
        note = options.pop("not_before", None) or self.world.registry.checkpoint()
        return make_deliverable(self.author, digests, note, chance(), **options)

    def sign(self, files: Mapping[str, bytes], **options: Any) -> Signed:
        """Sign for files and publish."""
        signed = self.prepare(files, **options)
        self.world.registry.submit(signed.to_json(), "")
        return signed

    def delegate(self, **options: Any) -> "Agent":
        """Let a new agent sign; without options anything, for 30 days."""
        return Agent(self, **options)

    def erase(self, target: str | None) -> Signed:
        """Have the words of a statement erased, None: of everything."""
        signed = make_erasure(
            self.author, target, self.world.registry.checkpoint(), secrets.token_bytes(16)
        )
        self.world.registry.submit(signed.to_json(), "")
        return signed

    def found(self, name: str = "Studio Five", needed: int = 1) -> str:
        """Found an enterprise; return its id."""
        note = self.world.registry.checkpoint()
        return self._submit(make_founding(self.author, name, needed, note, chance()))

    def step(self, enterprise: str, step: str, **more: Any) -> str:
        """Offer a membership, accept one, or leave; return the statement's id."""
        facts, note = MembershipFacts(enterprise, step, **more), self.world.registry.checkpoint()
        return self._submit(make_membership(self.author, facts, note, chance().salt))

    def invite(self, enterprise: str, other: "Person") -> str:
        """Make somebody a member, who accepts; return the id of the accept."""
        offer = self.step(enterprise, "offer", member=other.scid)
        return other.step(enterprise, "accept", offer=offer)

    def release(self, target: str, enterprise: str | None = None) -> str:
        """Approve of a deliverable."""
        note = self.world.registry.checkpoint()
        return self._submit(make_release(self.author, target, enterprise, note, chance().salt))

    def _submit(self, signed: Signed) -> str:
        self.world.registry.submit(signed.to_json(), "")
        return signed.id

    def withdraw(self, target: str, reason: str | None = None) -> Signed:
        """Withdraw a statement by its id."""
        signed = make_withdrawal(
            self.author, target, self.world.registry.checkpoint(), chance(), reason=reason
        )
        self.world.registry.submit(signed.to_json(), "")
        return signed


class Agent:
    """A key that a person delegated, and that signs by itself."""

    def __init__(self, person: Person, **options: Any) -> None:
        self.person, self.world = person, person.world
        self.signer = options.pop("signer", None) or P256Signer(generate_p256())
        self.facts = delegation_facts(self.signer, self.world.now, **options)
        self.delegation = make_delegation(
            person.author, self.facts, self.world.registry.checkpoint(), chance().salt
        )
        answer = self.world.registry.submit(self.delegation.to_json(), "")
        assert isinstance(answer, dict)
        self.certificate = b64decode(str(answer["certificate"]))
        statement = parse_statement(self.delegation.envelope.payload)
        self.author = agent_author(self.signer, statement, self.world.registry.trust)
        self.number = 0

    def prepare(self, files: Mapping[str, bytes], number: int = 0, **options: Any) -> Signed:
        """Sign for files with the next number, or with a given one, without sending."""
        self.number = number or self.number + 1
        digests = {name: hashlib.sha256(data).digest() for name, data in files.items()}
        agency = Agency(self.delegation.id, self.number)
        note = self.world.registry.checkpoint()
        return make_deliverable(self.author, digests, note, chance(), agency=agency, **options)

    def sign(self, files: Mapping[str, bytes], number: int = 0, **options: Any) -> Signed:
        """Sign for files and publish."""
        signed = self.prepare(files, number, **options)
        self.world.registry.submit(signed.to_json(), "")
        return signed


def delegation_facts(signer: P256Signer, now: int, **options: Any) -> DelegationFacts:
    """Return what lets agent 1 sign anything for 30 days, with changes."""
    scope = Scope(
        options.pop("media_types", ()), options.pop("paths", ()), options.pop("enterprise", None)
    )
    budget = Budget(options.pop("per_day", 10), options.pop("total", 100))
    usual = {"agent": 1, "expires": now + 30 * 24 * 3600, **options}
    return DelegationFacts(key=signer.public_key, scope=scope, budget=budget, **usual)


class World:
    """One registry, and what tests need of it. `offset` moves its clock, in seconds."""

    def __init__(
        self, folder: Path, public_url: str = PUBLIC_URL, database: str | None = None
    ) -> None:
        self.offset = 0
        self.settings = Settings(
            data=folder / "registry",
            public_url=public_url,
            port=8123,
            database=database,
            disk_floor=0,
        )
        self.registry = self.open()

    def clock(self) -> float:
        """The present of this world."""
        return time.time() + self.offset

    @property
    def now(self) -> int:
        """The present in whole seconds, never before the newest checkpoint."""
        return int(self.clock())

    def open(self) -> Registry:
        """Open the registry (again)."""
        return Registry.open(self.settings, PASSPHRASE, self.clock)

    def restart(self) -> None:
        """Close the registry and open it again."""
        self.registry.close()
        self.registry = self.open()

    def close(self) -> None:
        """Close the registry."""
        self.registry.close()

    def join(self, handle: str, name: str | None = None) -> Person:
        """Let a person join."""
        person = Person(self, handle, name)
        self.registry.submit(person.join_body, "")
        return person

    def dossier(self, statement_id: str) -> Dossier:
        """Return a dossier, read back from its bytes."""
        return parse_dossier(self.registry.dossier(statement_id))

    def assess(self, material: Any, files: Mapping[str, bytes] | None, **options: Any) -> Verdict:
        """Judge material with the registry's own trust file, files given by their content."""
        subjects = None
        if files is not None:
            digests = {name: hashlib.sha256(data).digest() for name, data in files.items()}
            subjects = Subjects(digests, whole=options.pop("whole", False))
        policy = options.pop("policy", Policy())
        at = options.pop("at", self.now)
        trust = options.pop("trust", self.registry.trust)
        return assess(material, subjects, trust, at, policy, now=self.now, **options)
