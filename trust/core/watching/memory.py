"""What a monitor remembers of a log between two looks, as one JSON document."""

from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import b64encode
from trust.core.errors import Malformed
from trust.core.log.checkpoint import EMPTY_ROOT, Checkpoint
from trust.core.people.delegation import DelegationFacts
from trust.core.record import Record
from trust.core.registry.status_line import Line, parse_line
from trust.core.signing.facts import parse_facts
from trust.core.signing.statement import SignerRef
from trust.core.watching.delegations import Delegated
from trust.core.watching.replay import Event, Identity, Issuance, Replay
from trust.core.watching.revocations import Revocations
from trust.core.watching.waits import Waits

_MOST = 1 << 31  # items of a list: as many as the file has room for


class Memory(NamedTuple):
    """The newest tree that held, its note, what its entries say, and handles by SCID."""

    tree: Checkpoint
    note: str
    replay: Replay
    handles: dict[str, str]

    @staticmethod
    def empty(origin: str) -> "Memory":
        """Return what is known of a log that nobody has looked at."""
        return Memory(Checkpoint(origin, 0, EMPTY_ROOT), "", Replay(), {})

    def to_json(self) -> dict[str, Json]:
        """Return the document."""
        return {
            "tree": self.tree.text(),
            "note": self.note,
            "handles": dict(self.handles),
            "replay": _replay_json(self.replay),
        }

    @staticmethod
    def parse(value: Json, where: str) -> "Memory":
        """Read the document; raise Malformed for anything else."""
        record = Record(value, where)
        handles = record.raw("handles")
        memory = Memory(
            tree=Checkpoint.parse(record.text("tree"), f"{where}.tree"),
            note=record.text("note", 1 << 17),
            replay=_parse_replay(record.record("replay")),
            handles={str(k): str(v) for k, v in handles.items()}
            if isinstance(handles, dict)
            else {},
        )
        record.done()
        return memory


def _replay_json(replay: Replay) -> dict[str, Json]:
    return {
        "size": replay.size,
        "time": replay.time,
        "identities": [
            {"scid": scid, "version": version, "index": at.index, "digest": b64encode(at.digest)}
            for scid, versions in replay.identities.items()
            for version, at in versions.items()
        ],
        "issuances": [
            {"digest": b64encode(digest), **item._asdict()}
            for digest, item in replay.issuances.items()
        ],
        "enrolled": [{"id": key, "scid": scid} for key, scid in replay.enrolled.items()],
        "members": {name: list(who) for name, who in replay.enterprises.members.items()},
        "offers": [
            {"id": key, "enterprise": firm, "member": member}
            for key, (firm, member) in replay.enterprises.offers.items()
        ],
        "delegations": [
            {"id": key, **_delegated_json(item)} for key, item in replay.delegations.items()
        ],
        "erasures": [{"id": key, "k": b64encode(k)} for key, k in replay.erasures.items()],
        "events": [
            {"index": event.index, "line": Line(event.k, (event.state,)).to_json()}
            for event in replay.events
        ],
        "revoked": [
            {"k": k.hex(), "scid": scid, "reason": reason}
            for k, said in replay.revocations.keys.items()
            for scid, reason in said.items()
        ],
        **_waits_json(replay.waits),
        "frozen": [{"scid": scid, "key": key} for scid, key in replay.revocations.frozen.items()],
    }


def _waits_json(waits: Waits) -> dict[str, Json]:
    return {
        "announced": [
            {"digest": b64encode(digest), "time": time} for digest, time in waits.announced.items()
        ],
        "vetoed": [
            {"digest": b64encode(digest), "scid": scid} for digest, scid in waits.vetoed.items()
        ],
    }


def _parse_replay(record: Record) -> Replay:
    replay = Replay()
    replay.size, replay.time = record.integer("size"), record.integer("time")
    for item in record.records("identities", 0, _MOST):
        versions = replay.identities.setdefault(item.text("scid"), {})
        versions[item.text("version")] = Identity(item.integer("index"), item.base64("digest"))
        item.done()
    for item in record.records("issuances", 0, _MOST):
        issuance = Issuance(
            item.integer("index"), item.integer("time"), item.nullable("enrolment", item.text)
        )
        replay.issuances[item.base64("digest")] = issuance
        item.done()
    for item in record.records("enrolled", 0, _MOST):
        replay.enrolled[item.text("id")] = item.text("scid")
        item.done()
    _parse_enterprises(record, replay)
    # A monitor that began before there were agents did not write any down.
    for item in record.records("delegations", 0, _MOST) if record.has("delegations") else ():
        name = item.text("id")
        replay.delegations[name] = _parse_delegated(item)
    for item in record.records("erasures", 0, _MOST) if record.has("erasures") else ():
        replay.erasures[item.text("id")] = item.base64("k")
        item.done()
    for item in record.records("events", 0, _MOST):
        line = parse_line(item.items("line", 2, 2), item.where)
        replay.events.append(Event(item.integer("index"), line.k, line.states[0]))
        item.done()
    _parse_revocations(record, replay.revocations)
    _parse_waits(record, replay.waits)
    record.done()
    return replay


def _parse_enterprises(record: Record, replay: Replay) -> None:
    members = Record(record.raw("members"), f"{record.where}.members")
    for name in members.names():
        replay.enterprises.members[name] = list(members.texts(name, 0, _MOST))
    for item in record.records("offers", 0, _MOST):
        offer = item.text("enterprise"), item.text("member")
        replay.enterprises.offers[item.text("id")] = offer
        item.done()


def _delegated_json(item: Delegated) -> dict[str, Json]:
    return {
        "index": item.index,
        "time": item.time,
        "scid": item.scid,
        "did": item.signer.id,
        "version": item.signer.version,
        "facts": item.facts.to_json(),
        "used": [[time, number] for time, number in item.used],
    }


def _parse_delegated(record: Record) -> Delegated:
    used = [
        Record({"time": time, "number": number}, record.where)
        for time, number in map(_pair, record.items("used", 0, _MOST))
    ]
    facts = parse_facts(record.raw("facts"), "delegation", f"{record.where}.facts")
    if not isinstance(facts, DelegationFacts):
        raise Malformed("expected the facts of a delegation", record.where)
    delegated = Delegated(
        index=record.integer("index"),
        time=record.integer("time"),
        scid=record.text("scid"),
        signer=SignerRef(record.text("did"), record.text("version")),
        facts=facts,
        used=[(item.integer("time"), item.integer("number")) for item in used],
    )
    record.done()
    return delegated


def _pair(value: Json) -> tuple[Json, Json]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - a time and a number
        raise Malformed("expected a time and a number", "used")
    return value[0], value[1]


def _parse_waits(record: Record, waits: Waits) -> None:
    for item in record.records("announced", 0, _MOST) if record.has("announced") else ():
        waits.announced[item.base64("digest")] = item.integer("time")
        item.done()
    for item in record.records("vetoed", 0, _MOST) if record.has("vetoed") else ():
        waits.vetoed[item.base64("digest")] = item.text("scid")
        item.done()


def _parse_revocations(record: Record, revocations: Revocations) -> None:
    """Read what a monitor that began before there were any did not write down."""
    for item in record.records("revoked", 0, _MOST) if record.has("revoked") else ():
        said = revocations.keys.setdefault(item.digest("k"), {})
        said[item.text("scid")] = item.text("reason")
        item.done()
    for item in record.records("frozen", 0, _MOST) if record.has("frozen") else ():
        revocations.frozen[item.text("scid")] = item.text("key")
        item.done()
