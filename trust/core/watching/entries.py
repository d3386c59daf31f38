"""One published entry as whoever watches takes it: leaf, statement, and what it changes."""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.errors import NotFound, TouchplateError
from trust.core.log.checkpoint import SignedCheckpoint
from trust.core.log.entry import leaf_entry
from trust.core.log.merkle import ReadHash, prove_inclusion, root_from_reader
from trust.core.people.did import DidLog
from trust.core.registry.trust_file import Log, TrustFile
from trust.core.signing.bundle import Bundle, LogProof
from trust.core.signing.facts import IdentityFacts, TrustFacts
from trust.core.signing.private import HandlePart, parse_private, private_digest
from trust.core.verify import Verified, verify
from trust.core.watching.finding import Finding
from trust.core.watching.memory import Memory
from trust.core.watching.published import Published, Unlisted
from trust.core.watching.unlisted import KIND as FORGED
from trust.core.watching.unlisted import check_unlisted, read_leaf


class Sources(NamedTuple):
    """Where the rest comes from; both may raise TouchplateError."""

    history: Callable[[str], DidLog | None]  # by SCID
    trust_file: Callable[[int], bytes]  # by version


class Use(NamedTuple):
    """A statement of, or about, a person who is watched."""

    scid: str
    where: str
    message: str


class Watcher:
    """Takes the entries of one growth of a log into a memory, in their order."""

    def __init__(
        self,
        memory: Memory,
        newest: SignedCheckpoint,
        read: ReadHash,
        trust: TrustFile,
        log: Log,
        sources: Sources,
        watched: frozenset[str],
    ) -> None:
        """Begin.

        Args:
            memory: what is known of the entries before; it is changed.
            newest: the checkpoint that the log shows now.
            read: hashes of its tiles, not checked.
            trust: the pinned trust file, brought up to date.
            log: which of its logs this is.
            sources: key histories and trust files as the registry gives them out.
            watched: SCIDs, and handles with their @, as the log gives them.
        """
        self.findings: list[Finding] = []
        self.uses: list[Use] = []
        self._memory, self._newest, self._read = memory, newest, read
        self._trust, self._log, self._sources, self._watched = trust, log, sources, watched

    def take(self, index: int, leaf: bytes, published: Published | Unlisted | None) -> None:
        """Take an entry: the leaf as the log has it, and what the registry publishes of it."""
        where = f"entry {index}"
        if published is None:
            self._find("entry_not_published", where, "the registry does not publish its statement")
            return
        if isinstance(published, Unlisted):
            self._take_unlisted(index, leaf, where)
            return
        if _leaf(published) != leaf:
            self._find("forged_entry", where, "what the registry publishes is not what it logged")
            return
        try:
            bundle = self._bundle(index, leaf, published)
            verified = verify(bundle, None, self._trust, self._newest.time)
        except TouchplateError as error:
            self._find("forged_entry", where, str(error))
            return
        scid = verified.principal.scid
        history = self._sources.history(scid) if scid else None
        self.findings += self._memory.replay.take(verified, history, self._trust, self._root)
        self._take_trust(verified, where)
        self._take_handle(verified, published.handle, where)
        self._take_use(verified, where)

    def _take_unlisted(self, index: int, leaf: bytes, where: str) -> None:
        replay, url, history = self._memory.replay, self._trust.public_url, self._sources.history
        found = tuple(check_unlisted(leaf, index, replay, url, history))
        self.findings += found
        if any(item.kind == FORGED for item in found):
            return
        scid, _ = read_leaf(leaf, url)
        if self._is_watched(scid):
            self.uses.append(Use(scid, where, "signed something that is in no list"))

    def _find(self, kind: str, where: str, message: str) -> None:
        self.findings.append(Finding(kind, where, message))

    def _root(self, size: int) -> bytes:
        return root_from_reader(size, self._read)

    def _bundle(self, index: int, leaf: bytes, published: Published) -> Bundle:
        _, size, root = self._newest.checkpoint
        proof = LogProof(
            index=index,
            log_id=self._log.log_key.full_id,
            root=root,
            size=size,
            hashes=tuple(prove_inclusion(index, size, self._read)),
            checkpoint=self._newest.note,
            leaf=leaf,
        )
        return Bundle(published.envelope, published.certificate, proof, published.token)

    def _take_trust(self, verified: Verified, where: str) -> None:
        facts = verified.statement.facts
        if not isinstance(facts, TrustFacts):
            return
        try:
            served = sha256(self._sources.trust_file(facts.version)).digest()
        except NotFound:
            served = b""
        if served != verified.statement.subjects[0]:
            message = f"version {facts.version} of the trust file that is served is another one"
            self._find("other_trust_file", where, message)

    def _take_handle(self, verified: Verified, document: Json, where: str) -> None:
        if verified.statement.type != "handle" or not isinstance(document, dict):
            return
        if private_digest(document) != verified.statement.private:
            self._find("forged_entry", where, "the handle that is published is not the signed one")
            return
        part, scid = parse_private(document, "handle"), verified.principal.scid
        handle = part.handle if isinstance(part, HandlePart) else ""
        holder = next((who for who, had in self._memory.handles.items() if had == handle), scid)
        if holder != scid:
            message = f"gives the handle @{handle} of {holder} to {scid}"
            self._find("handle_given_twice", where, message)
        self._memory.handles[scid] = handle

    def _take_use(self, verified: Verified, where: str) -> None:
        facts, scid = verified.statement.facts, verified.principal.scid
        when = format_time(verified.signed_at)
        if self._is_watched(scid):
            message = f"signed a {verified.statement.type}, {verified.id}, on {when}"
            self.uses.append(Use(scid, where, message))
        elif isinstance(facts, IdentityFacts) and self._is_watched(facts.scid):
            message = f"the registry logged the version {facts.version} of the keys on {when}"
            self.uses.append(Use(facts.scid, where, message))

    def _is_watched(self, scid: str) -> bool:
        handle = self._memory.handles.get(scid)
        return bool(scid) and (scid in self._watched or f"@{handle}" in self._watched)


def _leaf(published: Published) -> bytes | None:
    digest = sha256(published.envelope.pae).digest()
    try:
        return leaf_entry(digest, published.envelope.signature, published.certificate)
    except TouchplateError:
        return None
