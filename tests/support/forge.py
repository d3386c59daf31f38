"""Bundles as a registry with all its keys could forge them: right in everything but one thing."""

import hashlib
import secrets
from typing import Any

from world import Person, World

from trust.core.keys import der
from trust.core.keys.p256 import ORDER, split_signature
from trust.core.log.checkpoint import Checkpoint, sign_checkpoint
from trust.core.log.entry import leaf_entry
from trust.core.log.merkle import inclusion_proof, leaf_hash, root_hash
from trust.core.signing.bundle import Bundle, LogProof
from trust.core.signing.envelope import STATEMENT_PAYLOAD, Envelope, Signature
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import Principal
from trust.core.signing.statement import RegistryRef, SignerRef, Statement

INDEX, SIZE = 5, 8
DIGEST = hashlib.sha256(b"hello").digest()


class Forger:
    """Makes bundles of a log of its own invention, signed by the keys of a world."""

    def __init__(self, world: World, person: Person) -> None:
        self.world, self.person = world, person
        self.authorities = world.registry._authorities
        self.now = world.now

    def note(self, size: int, root: bytes, seconds: int) -> str:
        """Sign a checkpoint."""
        keys, origin = self.authorities.keys, self.authorities.origin
        return sign_checkpoint(Checkpoint(origin, size, root), keys["log"], keys["clock"], seconds)

    def certificate(self, principal: Principal, point: bytes, *, sct: bool = True) -> bytes:
        """Issue a certificate, whether or not anything of it was logged."""
        uri = principal.uri(self.world.settings.public_url)
        request = self.authorities.precertificate(point, uri, self.now - 60)
        return self.authorities.certificate(request, point, self.now - 60 if sct else None)

    def statement(self, **changes: Any) -> Statement:
        """Return a deliverable of the person, with changes."""
        log = self.world.registry.trust.newest_log
        author = self.person.author
        made = Statement(
            type="deliverable",
            subjects=(DIGEST,),
            registry=RegistryRef(log.origin, log.log_key.full_id),
            signer=SignerRef(author.did, author.version),
            salt=secrets.token_bytes(16),
            not_before=self.note(3, bytes(32), self.now - 30),
            facts=DeliverableFacts(offline=False),
            private=bytes(32),
        )
        return made._replace(**changes)

    def bundle(
        self,
        statement: Statement,
        *,
        certificate: bytes | None = None,
        key: Any = None,
        token_time: int | None = None,
        checkpoint_time: int | None = None,
        index: int = INDEX,
        size: int = SIZE,
        high_s: bool = False,
    ) -> Bundle:
        """Sign, time-stamp and log a statement in a tree of random other leaves."""
        signer = key or self.person.signer
        principal = Principal("person", self.person.scid)
        certificate = certificate or self.certificate(principal, signer.public_key)
        unsigned = Envelope(STATEMENT_PAYLOAD, statement.encode(), ())
        signature = signer.sign(unsigned.pae)
        if high_s:
            r, s = split_signature(signature)
            signature = der.sequence(der.integer(r), der.integer(ORDER - s))
        leaf = leaf_entry(hashlib.sha256(unsigned.pae).digest(), signature, certificate)
        return Bundle(
            unsigned._replace(signatures=(Signature(signature),)),
            certificate,
            self.proof(leaf, index, size, checkpoint_time or self.now),
            self.authorities.timestamp(signature, token_time or self.now - 10),
        )

    def proof(self, leaf: bytes, index: int, size: int, seconds: int) -> LogProof:
        """Lead a leaf to a checkpoint."""
        leaves = [
            leaf_hash(leaf) if place == index else secrets.token_bytes(32) for place in range(size)
        ]
        root = root_hash(leaves)
        return LogProof(
            index=index,
            log_id=self.world.registry.trust.newest_log.log_key.full_id,
            root=root,
            size=size,
            hashes=tuple(inclusion_proof(index, leaves)),
            checkpoint=self.note(size, root, seconds),
            leaf=leaf,
        )
