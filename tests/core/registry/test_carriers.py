"""Dossier and trust file: what a reader must not pass over."""

import hashlib

import pytest
from world import World

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import b64encode
from trust.core.errors import Malformed
from trust.core.registry.dossier import parse_dossier
from trust.core.registry.trust_file import encode_trust_file, parse_trust_file
from trust.core.signing.envelope import parse_envelope


def test_a_private_part_stands_in_a_dossier_once(world: World) -> None:
    ana = world.join("ana")
    data = world.registry.dossier(ana.sign({"a.txt": b"x"}).id)
    document = parse(data, len(data), "dossier")
    assert isinstance(document, dict)
    private = document["private"]
    assert isinstance(private, list)
    with pytest.raises(Malformed, match="the same private part twice"):
        parse_dossier(canonical({**document, "private": [*private, private[0]]}))


def signed(world: World, **changes: Json) -> bytes:
    """Return the world's trust file with other members, signed by its own root."""
    data = world.registry.trust_file(None)
    media_type = "application/vnd.touchplate.trust.v1+json"
    envelope = parse_envelope(parse(data, len(data)), media_type, "trust file", most_signatures=16)
    payload = parse(envelope.payload, len(envelope.payload))
    assert isinstance(payload, dict)
    return encode_trust_file({**payload, **changes}, [world.registry._authorities.keys["root"]])


def logs(world: World, **changes: Json) -> list[Json]:
    log = world.registry.trust.newest_log
    member: dict[str, Json] = {
        "origin": log.origin,
        "logKey": str(log.log_key),
        "clockKey": str(log.clock_key),
        "closed": None,
    }
    return [{**member, **changes}]


def test_two_logs_never_share_an_origin(world: World) -> None:
    both = logs(world) + logs(world)
    assert parse_trust_file(signed(world, logs=logs(world))).logs == world.registry.trust.logs
    with pytest.raises(Malformed, match="two logs of one origin"):
        parse_trust_file(signed(world, logs=both))


def test_the_root_of_a_closed_log_is_a_digest(world: World) -> None:
    def closed(root: bytes) -> bytes:
        return signed(world, logs=logs(world, closed={"size": 7, "root": b64encode(root)}))

    digest = hashlib.sha256(b"").digest()
    assert parse_trust_file(closed(digest)).newest_log.closed == (7, digest)
    with pytest.raises(Malformed, match="31 bytes, expected 32"):
        parse_trust_file(closed(digest[1:]))
