"""`make bench-people`: what a chain of people costs a verdict, and a long key history.

Prints a table and writes build/bench-people.json: figure name -> {"value", "unit"}. CPU of this
process, the best of many rounds. Nothing is asserted.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from world import World

from trust.client.versions import next_version
from trust.core.assess import assess
from trust.core.canonical import Json, canonical, parse
from trust.core.people.did import DidLog, genesis, next_key_hash, parse_log
from trust.core.people.key_rules import Device
from trust.core.policy import Policy
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256

BUILD = Path(__file__).resolve().parents[2] / "build"
ROUNDS = 40
EVENTS = 1000
START = 1_793_714_527

Figure = tuple[str, float, str]


def main() -> None:
    """Measure everything, print the table, write the file."""
    figures = [*chains(), *histories()]
    for name, value, unit in figures:
        print(f"{name:24} {value:10.2f}  {unit}")
    BUILD.mkdir(exist_ok=True)
    document = {name: {"value": value, "unit": unit} for name, value, unit in figures}
    text = json.dumps(document, indent=1) + "\n"
    (BUILD / "bench-people.json").write_text(text, encoding="utf-8")


def chains() -> Iterator[Figure]:
    """One verdict about one's own work, an agent's for a firm, and a member's."""
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name))
        ana, ben, cleo = (world.join(handle) for handle in ("ana", "ben", "cleo"))
        studio = ana.found()
        ana.invite(studio, ben)
        ben.invite(studio, cleo)
        files = {"a.txt": b"hello"}
        signed = {
            "own": ana.sign(files).id,
            "agent": ana.delegate(enterprise=studio).sign(files, on_behalf_of=studio).id,
            "member": cleo.sign(files, on_behalf_of=studio).id,
        }
        material = {name: world.registry.dossier(item) for name, item in signed.items()}
        trust, now = world.registry.trust, world.now
        took = {}
        for what, data in material.items():
            judge = partial(assess, data, None, trust, now, Policy(), now=now)
            if judge().code.exit_status:
                raise ValueError(f"{what}: {judge().sentence}")
            took[what] = best(judge)
        world.close()
    yield "own_ms", took["own"], "ms CPU, a verdict about a person's own work"
    yield "chain_ms", took["agent"], "ms CPU, agent, person, enterprise"
    yield "chain_ratio", took["agent"] / took["own"], "of the first (limit 2)"
    yield "members_ms", took["member"], "ms CPU, a member that a member of the founder invited"
    yield "members_ratio", took["member"] / took["own"], "of the first"


def histories() -> Iterator[Figure]:
    """A person with 1,000 changes of keys: read whole, and after one change more."""
    entries = history(EVENTS)
    data = b"".join(canonical(entry) + b"\n" for entry in entries)
    start = time.process_time()
    known = parse_log(entries[:-1])
    yield "events_first_ms", (time.process_time() - start) * 1000, f"ms CPU, {EVENTS} entries"
    again = best(
        lambda: parse_log([parse(line, 1 << 16) for line in data.splitlines()], known=known)
    )
    yield "events_again_ms", again, "ms CPU, one of them new (limit 50)"
    yield "events_kb", len(data) / 1000, "kB"


def history(count: int) -> list[Json]:
    """Return a key history in which one device changes its keys again and again."""
    update, following, recovery = (Ed25519Signer(generate_ed25519()) for _ in range(3))
    announced = [following.public_key, recovery.public_key]
    point = P256Signer(generate_p256()).public_key
    log: DidLog = parse_log([genesis("registry.example", START, update, announced, point)])
    while len(log.entries) < count:
        after, point = Ed25519Signer(generate_ed25519()), P256Signer(generate_p256()).public_key
        device = Device(point, next_key_hash(after.public_key))
        _, entry = next_version(log, [device], following, START + 60 * len(log.entries))
        following, log = after, DidLog(entry.did, log.scid, (*log.entries, entry))
    return [entry.raw for entry in log.entries]


def best(run: Callable[[], object]) -> float:
    """Return the CPU milliseconds of the round that was disturbed least."""
    took = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        took.append(time.process_time() - start)
    return min(took) * 1000


if __name__ == "__main__":
    main()
