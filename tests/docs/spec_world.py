"""A log and the person who signs in it, the same on every run: what the specifications show."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from tests.docs.spec_registry import ORIGIN, PUBLIC_URL, Authorities, at, secret
from tests.vectors.generate.passkeys import Passkey
from trust.client.enterprises import make_founding, make_membership, make_release
from trust.client.passkeys import make_passkey
from trust.client.statements import (
    Chance,
    Signed,
    first_author,
    make_delegation,
    make_deliverable,
    make_erasure,
    make_freeze,
    make_identity,
    make_join,
    make_revocation,
    make_veto,
    make_withdrawal,
)
from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.keys.p256 import spki
from trust.core.log.checkpoint import Checkpoint, sign_checkpoint
from trust.core.log.entry import leaf_entry
from trust.core.log.merkle import inclusion_proof, leaf_hash, root_hash
from trust.core.people.delegation import LONGEST, Budget, DelegationFacts, Scope
from trust.core.people.did import key_parameters, make_entry, parse_log
from trust.core.people.enterprise import MembershipFacts
from trust.core.people.recovery import RecoveryFacts
from trust.core.people.revocation import RevocationFacts
from trust.core.registry.dossier import Dossier
from trust.core.registry.status import Snapshot, Status, sign_snapshot
from trust.core.registry.status_line import Line, State
from trust.core.registry.status_tree import StatusTree
from trust.core.signing.bundle import Bundle, LogProof
from trust.core.signing.disclosure import parse_disclosure
from trust.core.signing.envelope import Envelope
from trust.core.signing.facts import (
    Facts,
    IdentityFacts,
    IssuanceFacts,
    SnapshotFacts,
    TrustFacts,
)
from trust.core.signing.identity import Principal, statement_id, status_key
from trust.core.signing.private import private_digest
from trust.core.signing.redaction import RedactionFacts
from trust.core.signing.statement import RegistryRef, SignerRef, Statement, sign_statement

POEM: Mapping[str, bytes] = {"poem.txt": b"The maker's mark outlasts the maker.\n"}
PLANS: Mapping[str, bytes] = {
    "back.svg": b"<svg/>\n",
    "front.svg": b"<svg></svg>\n",
    "notes/plan.txt": b"Two rooms, one window.\n",
}
BEN = "QmTSH7srsW4YB4zrTEdjGd82FWRV9VCjc6Rv9VzNPXc5hY"
DISCLOSURE: Json = {
    "statement": "I wrote the poem myself. A program suggested two rhymes.",
    "language": "en",
    "complete": True,
    "contributors": [
        {"id": "#ana", "type": "person", "name": "Ana López", "accountable": True},
        {"id": "#tool", "type": "software", "name": "RhymeTool 2", "operatedBy": "#ana"},
    ],
    "contributions": [
        {
            "id": "c1",
            "task": "writing",
            "performedBy": ["#ana"],
            "decidedBy": "#ana",
            "involvement": "human-only",
            "credit": ["writing-original-draft"],
        },
        {
            "id": "c2",
            "task": "rhymes",
            "performedBy": ["#tool"],
            "decidedBy": "#ana",
            "involvement": "ai-assisted",
            "extent": "minor",
            "humanOversightLevel": "human_validated",
        },
    ],
}


def chance(name: str) -> Chance:
    return Chance(secret(f"{name} salt")[:16], secret(f"{name} blind")[:16])


def digests(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: hashlib.sha256(data).digest() for name, data in files.items()}


class Entry(NamedTuple):
    """One logged statement."""

    id: str
    envelope: Envelope
    certificate: bytes
    token: bytes
    leaf: bytes
    private: dict[str, Json] | None


class SpecWorld(Authorities):
    """Entries are named by what they say; `entries` keeps the order of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, Entry] = {}
        self.lines: list[Line] = []
        self._begin()
        self._join()
        self._work()
        self._alarm()
        self.now = at("16:00:00")

    # What can be read off.

    def checkpoint(self, size: int | None = None, seconds: int | None = None) -> str:
        """Return the signed checkpoint of the first `size` entries at a time; the newest of all."""
        hashes = self.leaves[: len(self.leaves) if size is None else size]
        checkpoint = Checkpoint(ORIGIN, len(hashes), root_hash(hashes))
        log, clock = self.ed25519["log"], self.ed25519["clock"]
        return sign_checkpoint(checkpoint, log, clock, seconds or at("16:00:00"))

    @property
    def leaves(self) -> list[bytes]:
        """The leaf hashes."""
        return [leaf_hash(entry.leaf) for entry in self.entries.values()]

    def bundle(self, name: str) -> Bundle:
        """Return the bundle of an entry, its proof led to the newest checkpoint."""
        entry, index = self.entries[name], list(self.entries).index(name)
        proof = LogProof(
            index=index,
            log_id=self.log_key.full_id,
            root=root_hash(self.leaves),
            size=len(self.leaves),
            hashes=tuple(inclusion_proof(index, self.leaves)),
            checkpoint=self.checkpoint(),
            leaf=entry.leaf,
        )
        return Bundle(entry.envelope, entry.certificate, proof, entry.token)

    def status(self, *names: bytes) -> Status:
        """Return the newest snapshot with a proof for each name."""
        envelope = sign_snapshot(self.snapshot, self.ed25519["status"])
        tree = StatusTree(sorted(self.lines))
        return Status(envelope, self.snapshot, tuple(map(tree.prove, names)))

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the newest checkpoint."""
        lines, leaves = sorted(self.lines), self.leaves
        return Snapshot(
            ORIGIN,
            len(leaves),
            root_hash(leaves),
            at("16:00:00"),
            len(lines),
            StatusTree(lines).root,
        )

    def names(self, name: str) -> tuple[bytes, bytes, bytes]:
        """Return k of an entry of Ana's, of her key and of her person."""
        statement_name = status_key("statement", self.entries[name].id)
        key_name = hashlib.sha256(spki(self.p256["ana"].public_key)).hexdigest()
        return statement_name, status_key("key", key_name), status_key("person", self.scid)

    def dossier(self, name: str) -> Dossier:
        """Return the dossier of one of Ana's entries."""
        supporting = [item for item in ("identity", "handle", "profile") if item != name]
        private = [self.entries[item].private for item in (name, *supporting)]
        return Dossier(
            bundle=self.bundle(name),
            private={private_digest(item): item for item in private if item is not None},
            did_logs=([self.did_entry],),
            supporting=tuple(self.bundle(item) for item in supporting),
            status=self.status(*self.names(name)),
        )

    def shown(self, name: str) -> Entry:
        """Return an entry, or what is signed and not logged."""
        if name in self.ready:
            signed = self.ready[name]
            return Entry(signed.id, signed.envelope, b"", b"", b"", signed.private)
        if name != "delegation":
            return self.entries[name]
        facts = DelegationFacts(
            agent=1,
            key=self.p256["agent"].public_key,
            scope=Scope(("text/markdown", "image/*"), ("posts/**",)),
            budget=Budget(per_day=10, total=200),
            expires=at("14:00:00") + LONGEST,
        )
        note = self.checkpoint(7, at("14:00:00"))
        signed = make_delegation(self.author, facts, note, chance("delegation").salt)
        return Entry(signed.id, signed.envelope, b"", b"", b"", None)

    # What happened, in this order.

    def _begin(self) -> None:
        """Entries 0 and 1: the registry's own certificate, then the trust file."""
        uri = Principal("registry").uri(PUBLIC_URL)
        start = at("13:00:00")
        first = self.certificate("registry", uri, 100, start, None)
        tbs = hashlib.sha256(self.tbs("registry", uri, 100, start)).digest()
        note = self.checkpoint(0, start)
        self._log_own("issuance of the registry", first, tbs, IssuanceFacts(None), note, start)
        self.own = self.certificate("registry", uri, 100, start, start)
        digest = hashlib.sha256(self.trust.encoded).digest()
        facts = TrustFacts(self.trust.version)
        self._log_own("trust", self.own, digest, facts, self.checkpoint(1, start), start)

    def _join(self) -> None:
        """Entries 2 to 6: Ana joins."""
        seconds, note = at("13:20:00"), self.checkpoint(2, at("13:15:00"))
        update, following = self.ed25519["ana update 1"], self.ed25519["ana update 2"]
        keys = [following.public_key, self.ed25519["ana recovery"].public_key]
        self.did_entry = make_identity(self.p256["ana"], update, keys, self.trust, seconds)
        self.author = first_author(self.p256["ana"], self.did_entry, self.trust)
        self.scid = self.author.scid
        self.did_log = parse_log([self.did_entry])
        chances = (chance("enrolment"), chance("handle"), chance("profile"))
        join = make_join(self.author, self.did_entry, note, chances, handle="ana", name="Ana López")
        version = self.did_log.entries[0]
        facts = IdentityFacts(self.scid, version.version_id)
        self._log_own("identity", self.own, version.digest, facts, note, seconds + 1)
        uri = Principal("person", self.scid).uri(PUBLIC_URL)
        tbs = hashlib.sha256(self.tbs("ana", uri, 101, seconds)).digest()
        issued = IssuanceFacts(join.statements[0].id)
        self._log_own("issuance", self.own, tbs, issued, note, seconds + 1)
        self.own_certificate = self.certificate("ana", uri, 101, seconds, seconds + 2)
        for name, signed in zip(("enrolment", "handle", "profile"), join.statements, strict=True):
            self._log(name, signed, seconds + 2)

    def _work(self) -> None:
        """Entries 7 to 13: two deliverables, two withdrawals, the status, an erasure."""
        disclosure = parse_disclosure(DISCLOSURE)
        poem = make_deliverable(
            self.author,
            digests(POEM),
            self.checkpoint(7, at("14:00:00")),
            chance("deliverable"),
            title="The Mark",
            disclosure=disclosure,
        )
        self._log("deliverable", poem, at("14:02:07"))
        plans = make_deliverable(
            self.author, digests(PLANS), self.checkpoint(8, at("14:10:00")), chance("plans")
        )
        self._log("plans", plans, at("14:10:05"))
        note = self.checkpoint(9, at("15:00:00"))
        self._withdraw("withdrawal", plans.id, note, at("15:00:10"), "The windows were wrong.")
        note = self.checkpoint(10, at("15:10:00"))
        self._withdraw("second withdrawal", "0" * 16, note, at("15:10:10"), None)
        self._log_status(at("15:20:00"))
        self._erase(at("15:30:00"))

    def _alarm(self) -> None:
        """Statements that Ana has ready for a bad day, and has not sent."""
        note, key = self.checkpoint(), self.p256["ana"].public_key
        facts = RevocationFacts("compromised", "2026-11-03T12:00:00Z")
        self.ready = {
            "revocation": make_revocation(self.author, key, facts, note, chance("revocation").salt),
            "freeze": make_freeze(self.author, note, chance("freeze").salt),
            "unfreeze": make_freeze(self.author, note, chance("unfreeze").salt, lift=True),
            **self._recovery(note),
            **self._studio(note),
        }
        self._unlock(note)

    def _studio(self, note: str) -> dict[str, Signed]:
        """An enterprise that Ana has ready, to which she invites Ben."""
        founding = make_founding(self.author, "Studio Five", 2, note, chance("founding"))
        offer = MembershipFacts(founding.id, "offer", member=BEN)
        poem, salt = self.entries["deliverable"].id, chance("release").salt
        return {
            "founding": founding,
            "membership": make_membership(self.author, offer, note, chance("membership").salt),
            "release": make_release(self.author, poem, founding.id, note, salt),
        }

    def _recovery(self, note: str) -> dict[str, Signed]:
        """Return what is said when somebody has Ana's recovery key and she has her laptop."""
        digest, version = bytes.fromhex("5a" * 32), self.author.version.replace("1-", "2-")
        veto = make_veto(self.author, digest, version, note, chance("veto").salt)
        facts = RecoveryFacts(self.scid, version, "recovery", "2026-11-06T15:30:00Z")
        salt = chance("recovery").salt
        envelope = sign_statement(
            self._own_statement("recovery", digest, facts, note, salt), self.p256["registry"]
        )
        recovery = Signed(statement_id(ORIGIN, "registry", salt), envelope, None)
        return {"veto": veto, "recovery": recovery}

    def _unlock(self, note: str) -> None:
        """Ana registers a passkey, and unlocks it for a poem; she has sent neither."""
        passkey = Passkey(PUBLIC_URL, self.p256["ana passkey"])
        registered = make_passkey(self.author, passkey.key, note, chance("passkey").salt)
        present = make_deliverable(
            self.author,
            digests(POEM),
            note,
            chance("present"),
            prove=lambda asked: passkey.unlock(registered.id, asked),
        )
        self.ready |= {"passkey": registered, "present": present}

    def _withdraw(self, name: str, target: str, note: str, seconds: int, why: str | None) -> None:
        signed = make_withdrawal(self.author, target, note, chance(name), reason=why)
        self._log(name, signed, seconds)
        state = State("withdrawn", seconds, seconds, self.scid)
        self.lines.append(Line(status_key("statement", target), (state,)))

    def _log_status(self, seconds: int) -> None:
        """Log the digest of the snapshot that was published with the checkpoint before."""
        leaves, lines = self.leaves, sorted(self.lines)
        snapshot = Snapshot(
            ORIGIN, len(leaves), root_hash(leaves), seconds, len(lines), StatusTree(lines).root
        )
        digest = hashlib.sha256(snapshot.encode()).digest()
        facts = SnapshotFacts(len(leaves), format_time(seconds))
        note = self.checkpoint(len(leaves), seconds)
        self._log_own("snapshot", self.own, digest, facts, note, seconds + 1)

    def _erase(self, seconds: int) -> None:
        """Ana has the reason of her withdrawal erased, and the registry says that it did."""
        target = self.entries["withdrawal"].id
        note = self.checkpoint(len(self.leaves), seconds)
        signed = make_erasure(self.author, target, note, chance("erasure").salt)
        self._log("erasure", signed, seconds + 10)
        k = status_key("statement", target)
        self._log_own("redaction", self.own, k, RedactionFacts(signed.id), note, seconds + 11)

    def _log(self, name: str, signed: Signed, seconds: int) -> None:
        envelope = signed.envelope
        self._append(name, signed.id, envelope, self.own_certificate, signed.private, seconds)

    def _log_own(
        self, name: str, certificate: bytes, subject: bytes, facts: Facts, note: str, seconds: int
    ) -> None:
        """Let the registry sign and log a statement."""
        salt = chance(name).salt
        statement = self._own_statement(name.split(" ", 1)[0], subject, facts, note, salt)
        envelope = sign_statement(statement, self.p256["registry"])
        own_id = statement_id(ORIGIN, "registry", salt)
        self._append(name, own_id, envelope, certificate, None, seconds)

    def _own_statement(
        self, kind: str, subject: bytes, facts: Facts, note: str, salt: bytes
    ) -> Statement:
        return Statement(
            type=kind,
            subjects=(subject,),
            registry=RegistryRef(ORIGIN, self.log_key.full_id),
            signer=SignerRef(Principal("registry").uri(PUBLIC_URL), None),
            salt=salt,
            not_before=note,
            facts=facts,
            private=None,
        )

    def _append(
        self,
        name: str,
        own_id: str,
        envelope: Envelope,
        certificate: bytes,
        private: dict[str, Json] | None,
        seconds: int,
    ) -> None:
        token = self.token(envelope.signature, 1000 + len(self.entries), seconds)
        digest = hashlib.sha256(envelope.pae).digest()
        leaf = leaf_entry(digest, envelope.signature, certificate)
        self.entries[name] = Entry(own_id, envelope, certificate, token, leaf, private)


def second_did_entry(world: SpecWorld) -> dict[str, Json]:
    """Return a continuation of Ana's DID log: the next update key comes into use."""
    keys = key_parameters(
        [world.ed25519["ana update 2"].public_key],
        [
            world.ed25519["ana update 3"].public_key,
            world.ed25519["ana recovery"].public_key,
        ],
    )
    first = world.did_log.entries[0]
    signer = world.ed25519["ana update 2"]
    return make_entry(first, keys, first.state, signer, at("17:00:00"))
