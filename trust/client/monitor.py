"""One look at a log from outside: what was added since the last one, and what does not hold."""

from copy import deepcopy
from typing import NamedTuple

from trust.client import requests
from trust.client.http import Client
from trust.client.logs import LogReader
from trust.core.encoding import format_time
from trust.core.errors import Malformed, NotFound, VerificationFailed
from trust.core.log.checkpoint import SignedCheckpoint, open_checkpoint
from trust.core.log.note import VerifierKey
from trust.core.log.tile import WIDTH, hash_reader
from trust.core.people.did import DidLog, parse_log
from trust.core.registry.status import check_status
from trust.core.registry.status_tree import StatusTree
from trust.core.registry.trust_file import TrustFile
from trust.core.watching.entries import Sources, Use, Watcher
from trust.core.watching.finding import Finding
from trust.core.watching.follower import CHECKPOINT, follow, read_tree
from trust.core.watching.memory import Memory

FRESH_SECONDS = 3600  # a registry signs its checkpoint again every ten minutes


class Look(NamedTuple):
    """What came of a look. `memory` is what to remember from now on; `note` what the log showed."""

    memory: Memory
    note: str
    findings: tuple[Finding, ...]
    uses: tuple[Use, ...] = ()


def look_at_log(reader: LogReader, key: VerifierKey, memory: Memory) -> Look:
    """Follow any log of tlog-tiles by its key: tree and tiles, whatever its entries say."""
    reader.forget()
    note = reader.checkpoint()
    try:
        tree = read_tree(note, key)
    except (Malformed, VerificationFailed) as error:
        return Look(memory, note, (Finding("bad_checkpoint", CHECKPOINT, str(error)),))
    growth = follow(memory.tree, tree, reader.tile, lambda *_: None)
    kept = memory._replace(tree=tree, note=note) if growth.holds else memory
    return Look(kept, note, growth.findings)


class RegistryMonitor:
    """Follows the newest log of a registry, with everything that is published of its entries."""

    def __init__(self, client: Client, reader: LogReader, trust: TrustFile, origin: str) -> None:
        """Take the client of the registry, its trust file, and which log the reader reads."""
        self._client, self._reader, self._trust = client, reader, trust
        log = trust.log(origin)
        if log is None:
            raise NotFound(f"{trust.public_url} lists no log {origin}")
        self._log = log

    def look(self, memory: Memory, watched: frozenset[str], now: int) -> Look:
        """Look once; the memory that is given is not changed.

        Raises:
            Unavailable: the registry does not answer.
        """
        self._reader.forget()
        note = self._reader.checkpoint()
        try:
            newest = open_checkpoint(note, self._log.log_key, self._log.clock_key)
        except (Malformed, VerificationFailed) as error:
            return Look(memory, note, (Finding("bad_checkpoint", CHECKPOINT, str(error)),))
        findings = [*_stale(newest, now), *self._older(newest, memory)]
        same = newest.checkpoint.size == memory.tree.size  # nothing will be taken
        known = memory if same else deepcopy(memory)
        grown = known._replace(tree=newest.checkpoint, note=note)
        watcher = self._watcher(grown, newest, watched)
        growth = follow(
            memory.tree,
            newest.checkpoint,
            self._reader.tile,
            lambda first, leaves: self._take(watcher, first, leaves),
        )
        findings += [*growth.findings, *watcher.findings]
        if not growth.holds:
            return Look(memory, note, tuple(findings))
        findings += grown.replay.unanswered(newest.time)
        findings += self._check_status(grown, newest)
        return Look(grown, note, tuple(findings), tuple(watcher.uses))

    def _watcher(
        self, memory: Memory, newest: SignedCheckpoint, watched: frozenset[str]
    ) -> Watcher:
        histories: dict[str, DidLog | None] = {}

        def history(scid: str) -> DidLog | None:
            if scid not in histories:
                histories[scid] = self._history(scid)
            return histories[scid]

        sources = Sources(history, lambda version: self._client.ask(requests.trust_file(version)))
        read = hash_reader(newest.checkpoint.size, self._reader.tile)
        return Watcher(memory, newest, read, self._trust, self._log, sources, watched)

    def _take(self, watcher: Watcher, first: int, leaves: list[bytes]) -> None:
        there = self._client.ask(requests.entries(self._log.origin, first // WIDTH))
        for index, leaf in enumerate(leaves, start=first):
            watcher.take(index, leaf, there.get(index))

    def _history(self, scid: str) -> DidLog | None:
        try:
            log = parse_log(self._client.ask(requests.did_log(scid)))
        except (NotFound, Malformed, VerificationFailed):
            return None
        return log if log.scid == scid else None

    def _check_status(self, memory: Memory, newest: SignedCheckpoint) -> list[Finding]:
        """The signed status is the one that follows from the published statements."""
        size = newest.checkpoint.size
        where = f"status of size {size}"
        try:
            snapshot = check_status(
                self._client.ask(requests.status_at(size)), self._trust
            ).snapshot
        except (NotFound, Malformed, VerificationFailed) as error:
            return [Finding("no_status", where, str(error))]
        tree = StatusTree(memory.replay.lines(size))
        if (snapshot.origin, snapshot.size, snapshot.root) != newest.checkpoint:
            return [Finding("other_status", where, "it is not of the checkpoint of the log")]
        if (snapshot.count, snapshot.status_root) != (len(tree.lines), tree.root):
            message = (
                f"the registry signed a status of {snapshot.count} lines, and what the "
                f"entries say makes {len(tree.lines)}: it leaves something out, adds or changes it"
            )
            return [Finding("other_status", where, message)]
        return []

    def _older(self, newest: SignedCheckpoint, memory: Memory) -> list[Finding]:
        """A note of the same tree that is older than the one seen is a step back in time."""
        if not memory.note:
            return []
        seen = open_checkpoint(memory.note, self._log.log_key, self._log.clock_key)
        if newest.checkpoint == seen.checkpoint and newest.time < seen.time:
            shown, before = format_time(newest.time), format_time(seen.time)
            message = f"it is of {shown}, and the one that was seen is of {before}"
            return [Finding("older_checkpoint", CHECKPOINT, message)]
        return []


def _stale(newest: SignedCheckpoint, now: int) -> list[Finding]:
    if now - newest.time <= FRESH_SECONDS:
        return []
    # The same words at each look: how old it is by now would make each a new finding.
    made = format_time(newest.time)
    message = f"the newest is of {made}, and a registry signs again every 600 s: it stands still"
    return [Finding("stale", CHECKPOINT, message)]
