"""One key, one purpose: a thief who can ask the signer gets no bytes signed that a key is not for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from apart import WorldApart

from trust.core.canonical import Json, parse
from trust.core.errors import NotAllowed
from trust.core.keys.ed25519 import check as check_ed25519
from trust.core.keys.p256 import verify as check_p256
from trust.core.log.checkpoint import EMPTY_ROOT, Checkpoint
from trust.core.log.note import cosignature_message
from trust.core.people.handle import HANDLES_LABEL
from trust.core.registry import status, trust_file
from trust.core.registry.status import Snapshot
from trust.core.signing.envelope import (
    STATEMENT_PAYLOAD,
    parse_envelope,
    pre_authentication_encoding,
)
from trust.core.signing.identity import Principal
from trust.core.x509 import writer
from trust.core.x509.sct import sct_message
from trust.core.x509.token import Stamp, sha256_imprint, signed_attributes
from trust.custody.remote import RemoteKeys

NOW = 1_800_000_000
YEAR = 365 * 24 * 3600
Make = Callable[[WorldApart], bytes]


def tbs(world: WorldApart, uri: str = "", *, days: int = 365, sct: bytes | None = None) -> bytes:
    authorities = world.registry._authorities
    url = world.settings.public_url
    point = authorities.keys["registry"].public_key
    validity = (NOW, NOW + days * 24 * 3600)
    return writer.signer_tbs(authorities.ca, point, uri or f"{url}/registry", url, 7, validity, sct)


def sct(world: WorldApart) -> bytes:
    return sct_message(world.registry._authorities.ca.point, tbs(world), NOW * 1000)


def attributes(world: WorldApart) -> bytes:
    stamp = Stamp(sha256_imprint(bytes(32)), 5, NOW, 9)
    return signed_attributes(stamp, world.registry._authorities.tsa)


def clock(world: WorldApart, origin: str = "") -> bytes:
    name = origin or world.registry.trust.newest_log.origin
    return cosignature_message(Checkpoint(name, 0, EMPTY_ROOT).text(), NOW)


def snapshot(world: WorldApart, origin: str = "") -> bytes:
    name = origin or world.registry.trust.newest_log.origin
    payload = Snapshot(name, 0, EMPTY_ROOT, NOW, 0, EMPTY_ROOT).encode()
    return pre_authentication_encoding(status.MEDIA_TYPE, payload)


def trust(world: WorldApart) -> bytes:
    (document,) = world.registry._database.row("select document from trust_files")

    return parse_envelope(parse(document, 1 << 20), trust_file.MEDIA_TYPE).pae


def statement(world: WorldApart) -> bytes:
    (payload,) = world.registry._database.row("select payload from entries where idx = 0")
    return pre_authentication_encoding(STATEMENT_PAYLOAD, payload)


def deliverable(world: WorldApart) -> bytes:
    """What a person says of their work; the registry must not be able to say it for them."""
    made = world.join("ana").prepare({"poem.txt": b"a poem"})
    return made.envelope.pae


def root_tbs(world: WorldApart, name: str) -> bytes:
    class Mute:
        public_key = world.registry._authorities.keys[name].public_key

        def sign(self, message: bytes) -> bytes:
            self.message = message
            return b""

    mute = Mute()
    writer.root_certificate(mute, writer.name("Us", "CA"), 3, NOW, NOW + 20 * YEAR)
    return mute.message


def checkpoint(world: WorldApart) -> bytes:
    return Checkpoint(world.registry.trust.newest_log.origin, 0, EMPTY_ROOT).text().encode()


def free(_world: WorldApart) -> bytes:
    return b"pay the bearer 1,000 pounds"


KINDS: dict[str, Make] = {
    "tbs": tbs, "sct": sct, "attributes": attributes, "clock": clock, "snapshot": snapshot,
    "trust": trust, "statement": statement, "deliverable": deliverable, "checkpoint": checkpoint,
    "label": lambda _world: HANDLES_LABEL, "free": free, "nothing": lambda _world: b"",
}  # fmt: skip
PURPOSE = {
    "ca": "tbs", "sct": "sct", "tsa": "attributes", "timestamp": "attributes", "clock": "clock",
    "status": "snapshot", "root": "trust", "registry": "statement",
    "tsa-root": None, "timestamp-root": None, "log": None, "handles": "label",
}  # fmt: skip


def test_each_key_signs_its_own_kind_of_bytes_and_no_other(apart: WorldApart) -> None:
    messages = {kind: make(apart) for kind, make in KINDS.items()}
    keys = apart.registry._authorities.keys
    assert set(keys) == set(PURPOSE)
    for name, purpose in PURPOSE.items():
        for kind, message in messages.items():
            if kind != purpose:
                with pytest.raises(NotAllowed, match="the signer refuses"):
                    keys[name].sign(message)
                continue
            signature = keys[name].sign(message)
            if len(keys[name].public_key) == 32:
                check_ed25519(keys[name].public_key, message, signature, name)
            else:
                check_p256(keys[name].public_key, message, signature, low_s=False)


def test_roots_sign_themselves_and_not_each_other(apart: WorldApart) -> None:
    keys = apart.registry._authorities.keys
    for name in ("ca", "tsa-root", "timestamp-root"):
        assert keys[name].sign(root_tbs(apart, name))
        for other in {"ca", "tsa-root", "timestamp-root"} - {name}:
            with pytest.raises(NotAllowed):
                keys[name].sign(root_tbs(apart, other))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("ca", lambda world: tbs(world, days=3650)),
        ("ca", lambda world: tbs(world, "https://elsewhere.example/registry")),
        (
            "ca",
            lambda world: tbs(world, Principal("registry").uri(world.settings.public_url) + "x"),
        ),
        ("sct", lambda world: sct(world)[:-1] + b"\x01"),
        ("tsa", lambda world: attributes(world) + b"\x00"),
        ("clock", lambda world: clock(world, "other.localhost")),
        ("clock", lambda world: clock(world) + b"and more\n"),
        ("clock", lambda world: clock(world).replace(b"time 18", b"time +18")),
        ("status", lambda world: snapshot(world, "other.localhost")),
        ("root", lambda _world: pre_authentication_encoding(trust_file.MEDIA_TYPE, b"{}")),
        ("registry", lambda world: statement(world) + b" "),
    ],
)
def test_bytes_that_are_nearly_of_the_kind_are_not_signed(
    apart: WorldApart, name: str, make: Make
) -> None:
    with pytest.raises(NotAllowed, match=f"the key '{name}' does not sign this"):
        apart.registry._authorities.keys[name].sign(make(apart))


def test_a_key_that_is_not_there_is_none(signer_socket: Path) -> None:
    keys = RemoteKeys(signer_socket)
    question: dict[str, Json] = {"ask": "sign", "key": "witness", "message": ""}
    with pytest.raises(NotAllowed, match="'witness' is no key"):
        keys._line.ask(question)
    keys.close()
