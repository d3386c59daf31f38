"""A freeze is shown by every answer of the registry at once, and goes when it is lifted."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import client_of
from devices import Holder
from starlette.testclient import TestClient
from world import Person, World

from trust.api import schemas
from trust.client.statements import make_freeze
from trust.core.canonical import canonical, parse
from trust.core.registry.dossier import MEDIA_TYPE as DOSSIER
from trust.core.registry.status import parse_status
from trust.core.signing.identity import status_key
from trust.core.verdict import Code

FILE = b"a pewter cup"
SHA256 = hashlib.sha256(FILE).hexdigest()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(world: World) -> TestClient:
    return client_of(world)


def freeze(ana: Person, salt: bytes, *, lift: bool = False) -> None:
    device = Holder.first(ana)
    note = ana.world.registry.checkpoint()
    device.publish(make_freeze(device.author(), note, salt, lift=lift))


def shown(client: TestClient, ana: Person, item: str) -> dict[str, bool]:
    """Return, by the answer, whether it says that Ana is frozen."""
    attestation = client.get(f"/v1/attestations/{item}")
    schemas.Attestation.model_validate_json(attestation.content)
    listed = client.get(f"/v1/attestations?digest=sha256:{SHA256}").json()["attestations"][0]
    person = client.get(f"/v1/people/{ana.scid}")
    schemas.Person.model_validate_json(person.content)
    page = client.get(f"/v/{item}", headers={"accept": "text/html"}).text
    of_person = client.get("/@ana", headers={"accept": "text/html"}).text
    k = status_key("person", ana.scid)
    status = parse_status(parse(client.get(f"/v1/status?of={k.hex()}").content, 1 << 20))
    here = status.proofs[0].here
    dossier = client.get(f"/v1/attestations/{item}", headers={"accept": DOSSIER}).content
    judged = ana.world.assess(dossier, {"cup.txt": FILE})
    return {
        "verdict": attestation.json()["verdict"]["verdict"] == "frozen",
        "signer": attestation.json()["signer"]["frozen"] is not None,
        "list": listed["signer"]["frozen"] is not None,
        "person": person.json()["frozen"] is not None,
        "page": "Frozen" in page and "froze everything" in page,
        "page of the person": "Frozen since" in of_person,
        "status": here is not None and here.line.states[-1].state == "frozen",
        "dossier": judged.code is Code.FROZEN,
    }


def test_every_answer_shows_a_freeze_at_once_and_none_when_it_is_lifted(
    client: TestClient, world: World
) -> None:
    ana = world.join("ana")
    item = ana.sign({"cup.txt": FILE}).id
    before = client.get(f"/v1/attestations/{item}")
    assert not any(shown(client, ana, item).values())
    freeze(ana, b"a" * 16)
    assert all(shown(client, ana, item).values()), shown(client, ana, item)
    held = {"if-none-match": before.headers["etag"]}
    assert client.get(f"/v1/attestations/{item}", headers=held).status_code == 200
    freeze(ana, b"b" * 16, lift=True)
    assert not any(shown(client, ana, item).values())


def test_no_cache_keeps_an_answer_without_asking_whether_it_still_stands(
    client: TestClient, world: World
) -> None:
    ana = world.join("ana")
    item = ana.sign({"cup.txt": FILE}).id
    for path in (
        f"/v1/attestations/{item}",
        f"/v1/attestations?digest=sha256:{SHA256}",
        f"/v1/people/{ana.scid}",
        f"/v/{item}",
        "/@ana",
        "/v1/status",
    ):
        kept = client.get(path).headers["cache-control"]
        assert "no-cache" in kept or "no-store" in kept, path


def test_who_was_offline_sees_the_age_of_what_they_know(world: World) -> None:
    """A dossier from before the freeze says as of when it stands; too old, it says nothing."""
    ana = world.join("ana")
    dossier = canonical(parse(world.registry.dossier(ana.sign({"cup.txt": FILE}).id), 1 << 20))
    freeze(ana, b"a" * 16)
    verdict = world.assess(dossier, {"cup.txt": FILE})
    assert verdict.code is Code.VALID
    assert "As of " in verdict.sentence
    names = [status_key("person", ana.scid)]
    newest = world.registry.status(None, names)
    assert world.assess(dossier, {"cup.txt": FILE}, newer=[newest]).code is Code.FROZEN
    world.offset = 31 * 24 * 3600
    old = world.assess(dossier, {"cup.txt": FILE})
    assert [item.word for item in old.reasons] == ["status_too_old"]
