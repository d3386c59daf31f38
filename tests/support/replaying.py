"""Replaying what a registry has published, as whoever watches it does."""

from world import World

from trust.core.canonical import canonical
from trust.core.log.checkpoint import EMPTY_ROOT
from trust.core.people.did import DidLog, parse_log
from trust.core.verify import verify
from trust.core.watching.finding import Finding
from trust.core.watching.replay import Replay


def findings(world: World) -> list[Finding]:
    """Replay everything that is published."""
    registry, replay = world.registry, Replay()
    found: list[Finding] = []
    published = registry._published
    for index in range(published.size):
        row = registry._records.at(index)
        bundle = registry._proofs.bundle(published, row)
        verified = verify(bundle, None, registry.trust, world.now)
        history = history_of(world, row.scid) if row.scid else None
        found += replay.take(verified, history, registry.trust, lambda _size: EMPTY_ROOT)
    return [item for item in found if item.kind != "other_snapshot"]


def history_of(world: World, scid: str) -> DidLog:
    entries = world.registry.did_log(scid)
    return parse_log(b"".join(canonical(entry) + b"\n" for entry in entries))
