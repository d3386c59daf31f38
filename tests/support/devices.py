"""People with several devices, who change their keys at a real registry."""

import secrets
from collections.abc import Sequence
from typing import Any

from world import Person, World

from trust.client.statements import Author, Signed, make_enrolment, make_revocation
from trust.client.versions import next_version, replaced
from trust.core.canonical import canonical
from trust.core.people.did import (
    DidLog,
    did_document,
    key_parameters,
    make_entry,
    next_key_hash,
    parse_log,
)
from trust.core.people.key_rules import Device, devices
from trust.core.people.revocation import RevocationFacts
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256


def salt() -> bytes:
    return secrets.token_bytes(16)


class Holder:
    """One device of a person: its statement key, and its next update key."""

    def __init__(self, person: Person, signer: P256Signer, following: Ed25519Signer) -> None:
        self.person, self.signer, self.following = person, signer, following

    @staticmethod
    def first(person: Person) -> "Holder":
        """Return the device that joined."""
        return Holder(person, person.signer, person.following)

    @staticmethod
    def new(person: Person) -> "Holder":
        """Return a device that nobody has added yet."""
        return Holder(person, P256Signer(generate_p256()), Ed25519Signer(generate_ed25519()))

    @property
    def world(self) -> World:
        return self.person.world

    @property
    def device(self) -> Device:
        return Device(self.signer.public_key, next_key_hash(self.following.public_key))

    @property
    def history(self) -> DidLog:
        """The key history as the registry gives it out."""
        entries = self.world.registry.did_log(self.person.scid)
        return parse_log(b"".join(canonical(entry) + b"\n" for entry in entries))

    def author(self, version: str | None = None) -> Author:
        """Return this device as an author, under the newest version."""
        log = self.history
        trust = self.world.registry.trust
        return Author(self.signer, log.did, version or log.entries[-1].version_id, trust)

    def publish(self, signed: Signed) -> Any:
        return self.world.registry.submit(signed.to_json(), "")

    def sign(self, files: dict[str, bytes], version: str | None = None) -> str:
        """Sign for files by this device, under a version that it knows; return the id."""
        self.person.author = self.author(version)
        return self.person.sign(files).id

    def enrol(self) -> None:
        """Ask for a certificate."""
        note = self.world.registry.checkpoint()
        self.publish(make_enrolment(self.author(), note, salt()))

    def change(
        self,
        wanted: Sequence[Device],
        following: Ed25519Signer,
        says: Sequence[tuple[P256Signer, bytes | None, RevocationFacts | None]] = (),
        history: DidLog | None = None,
    ) -> dict[str, Any]:
        """Return the body of a change by this device, which announces `following` next.

        `says`: who signs, and the key and facts of a revocation, or None for an enrolment.
        """
        log = history or self.history
        raw, entry = next_version(log, wanted, self.following, self.world.now)
        note, trust = self.world.registry.checkpoint(), self.world.registry.trust
        statements = []
        for signer, key, facts in says:
            author = Author(signer, entry.did, entry.version_id, trust)
            if facts is None or key is None:
                statements.append(make_enrolment(author, note, salt()))
            else:
                statements.append(make_revocation(author, key, facts, note, salt()))
        self.following = following
        return {
            "didLog": [*(item.raw for item in log.entries), raw],
            "statements": [item.to_json() for item in statements],
        }

    def rotation(self, reason: str = "retired", history: DidLog | None = None) -> dict[str, Any]:
        """Return the body that gives this device new keys, and take them into use."""
        log, old = history or self.history, self.signer
        new, following = P256Signer(generate_p256()), Ed25519Signer(generate_ed25519())
        device = Device(new.public_key, next_key_hash(following.public_key))
        wanted = replaced(log.entries[-1], old.public_key, device)
        facts = RevocationFacts(reason)
        body = self.change(
            wanted, following, [(new, None, None), (new, old.public_key, facts)], log
        )
        self.signer = new
        return body

    def rotate(self) -> Any:
        """Rotate; return what the registry answers."""
        return self.world.registry.submit(self.rotation(), "")

    def adding(self, other: "Holder", history: DidLog | None = None) -> dict[str, Any]:
        """Return the body that adds another device."""
        log = history or self.history
        following = Ed25519Signer(generate_ed25519())
        own = Device(self.signer.public_key, next_key_hash(following.public_key))
        wanted = [*replaced(log.entries[-1], self.signer.public_key, own), other.device]
        return self.change(wanted, following, history=log)

    def add(self, other: "Holder") -> None:
        """Add another device, which enrols."""
        self.world.registry.submit(self.adding(other), "")
        other.enrol()

    def removal(self, other: "Holder", facts: RevocationFacts) -> dict[str, Any]:
        """Return the body that takes another device out."""
        log = self.history
        following = Ed25519Signer(generate_ed25519())
        own = Device(self.signer.public_key, next_key_hash(following.public_key))
        point = other.signer.public_key
        wanted = [
            own if item.point == self.signer.public_key else item
            for item in replaced(log.entries[-1], point, None)
        ]
        return self.change(wanted, following, [(self.signer, point, facts)])


class Comeback:
    """Somebody who has the recovery key of a person, and a machine with new keys."""

    def __init__(self, person: Person, signer: Ed25519Signer | None = None) -> None:
        self.person, self.world = person, person.world
        self.new = P256Signer(generate_p256())
        self.following = Ed25519Signer(generate_ed25519())
        self.renewed = Ed25519Signer(generate_ed25519())
        self.log = Holder.first(person).history
        previous = self.log.entries[-1]
        signer = signer or person.recovery
        announced = [self.following.public_key, self.renewed.public_key]
        self.raw = make_entry(
            previous,
            key_parameters([signer.public_key], announced),
            did_document(previous.did, [self.new.public_key]),
            signer,
            max(self.world.now, previous.version_time + 1),
        )
        self.entry = parse_log([*(item.raw for item in self.log.entries), self.raw]).entries[-1]

    def body(self, facts: RevocationFacts | None = None) -> dict[str, Any]:
        """Return the request: with `facts` the second one, which makes the change."""
        statements = []
        if facts is not None:
            trust, note = self.world.registry.trust, self.world.registry.checkpoint()
            author = Author(self.new, self.entry.did, self.entry.version_id, trust)
            statements.append(make_enrolment(author, note, secrets.token_bytes(16)))
            for point in self.log.entries[-1].signing_keys:
                salt = secrets.token_bytes(16)
                statements.append(make_revocation(author, point, facts, note, salt))
        return {
            "didLog": [*(item.raw for item in self.log.entries), self.raw],
            "statements": [item.to_json() for item in statements],
        }

    def ask(self) -> Any:
        """Announce it."""
        return self.world.registry.submit(self.body(), "")

    def finish(self, facts: RevocationFacts | None = None) -> Any:
        """Have it made."""
        return self.world.registry.submit(self.body(facts or RevocationFacts("lost")), "")

    @property
    def holder(self) -> Holder:
        """The device that came back."""
        return Holder(self.person, self.new, self.following)


def second_device(person: Person) -> tuple[Holder, Holder]:
    """Return the first device of a person and a second one that may sign."""
    first = Holder.first(person)
    second = Holder.new(person)
    first.add(second)
    return first, second


__all__ = ["Comeback", "Holder", "devices", "second_device"]
