"""Reading the public files of a log as a stranger does."""

from world import World

from trust.core.log.checkpoint import open_checkpoint
from trust.core.log.merkle import leaf_hash, root_hash
from trust.core.log.tile import ENTRIES, WIDTH, TilePath, parse_entry_bundle
from trust.core.verify import verify


def check_whole(world: World) -> int:
    """Read the public files as a stranger does; every entry must lead to the signed root."""
    registry = world.registry
    log = registry.trust.newest_log
    signed = open_checkpoint(registry.checkpoint(), log.log_key, log.clock_key).checkpoint
    entries: list[bytes] = []
    for number in range(-(-signed.size // WIDTH)):
        width = min(WIDTH, signed.size - number * WIDTH)
        entries += parse_entry_bundle(registry.tile(str(TilePath(ENTRIES, number, width))))
    hashes = [leaf_hash(entry) for entry in entries]
    assert root_hash(hashes) == signed.root
    assert b"".join(hashes[:WIDTH])[: 32 * signed.size] == registry.tile(
        str(TilePath(0, 0, min(WIDTH, signed.size)))
    )
    for (statement_id,) in registry._database.rows("select id from entries"):
        verify(registry.bundle(statement_id), None, registry.trust, world.now)
    return signed.size
