"""Every read of the API, against a real registry; and every answer has the documented shape."""

import base64
import hashlib

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient
from world import Person, World

from trust.api import schemas
from trust.core.canonical import canonical, parse
from trust.core.encoding import format_time
from trust.core.log.checkpoint import open_checkpoint
from trust.core.log.entry import leaf_entry
from trust.core.people.did import parse_log
from trust.core.registry.dossier import MEDIA_TYPE as DOSSIER
from trust.core.registry.dossier import parse_dossier
from trust.core.registry.status import check_status, parse_status
from trust.core.registry.trust_file import parse_trust_file
from trust.core.signing.bundle import MEDIA_TYPE as BUNDLE
from trust.core.signing.bundle import parse_bundle, parse_bundle_bytes
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.identity import status_key
from trust.core.verify import verify

FILE = b"a pewter cup"
SHA256 = hashlib.sha256(FILE).hexdigest()
JSON = "application/json"


@pytest.fixture(scope="module")
def item(ana: Person) -> str:
    return ana.sign({"cup.txt": FILE}, title="The cup").id


def shaped(body: bytes, shape: type[BaseModel]) -> None:
    """Require that the documented shape, which takes no further member, reads this."""
    shape.model_validate_json(body)


def test_an_attestation_as_json(client: TestClient, item: str, ana: Person) -> None:
    answer = client.get(f"/v1/attestations/{item}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    shaped(answer.content, schemas.Attestation)
    found = answer.json()
    assert found["id"] == item
    assert found["signer"] == {
        "scid": ana.scid,
        "handle": "ana",
        "keyCode": found["signer"]["keyCode"],
        "frozen": None,
    }
    assert found["subjects"] == [f"sha256:{SHA256}"]
    assert (found["title"], found["names"]) == ("The cup", ["cup.txt"])
    assert found["verdict"]["verdict"] == "valid"
    assert found["page"].endswith(f"/v/{item}")


def test_an_attestation_says_between_what_times_it_was_signed(
    client: TestClient, item: str, world: World
) -> None:
    one = client.get(f"/v1/attestations/{item}").json()
    listed = client.get("/v1/attestations", params={"digest": f"sha256:{SHA256}"}).json()
    verified = verify(world.registry.bundle(item), None, world.registry.trust, world.now)
    interval = (format_time(verified.not_before), format_time(verified.signed_at))
    for found in (one, listed["attestations"][0]):
        assert (found["notBefore"], found["signedAt"]) == interval
    assert one["verdict"]["signed"]["notBefore"] == interval[0]


@pytest.mark.parametrize("reason", ["wrong fonts", None])
def test_a_withdrawn_attestation_says_since_when_and_why(
    client: TestClient, ana: Person, reason: str | None
) -> None:
    digest = hashlib.sha256(f"draft {reason}".encode()).hexdigest()
    gone = ana.sign({"draft.txt": f"draft {reason}".encode()}).id
    assert client.get(f"/v1/attestations/{gone}").json()["withdrawn"] is None
    withdrawal = ana.withdraw(gone, reason)
    ana.withdraw(gone, "another reason, later")
    since = client.get(f"/v1/attestations/{withdrawal.id}").json()["signedAt"]
    one = client.get(f"/v1/attestations/{gone}")
    shaped(one.content, schemas.Attestation)
    listed = client.get("/v1/attestations", params={"digest": f"sha256:{digest}"})
    shaped(listed.content, schemas.AttestationList)
    for found in (one.json(), listed.json()["attestations"][0]):
        assert found["withdrawn"] == {"since": since, "reason": reason}


def test_a_strangers_withdrawal_is_no_reason(client: TestClient, ana: Person, world: World) -> None:
    kept = ana.sign({"kept.txt": b"kept"}).id
    world.join("eve").withdraw(kept, "I say so")
    assert client.get(f"/v1/attestations/{kept}").json()["withdrawn"] is None


def test_an_attestation_as_dossier_and_as_bundle(
    client: TestClient, item: str, world: World
) -> None:
    dossier = client.get(f"/v1/attestations/{item}", headers={"accept": DOSSIER})
    bundle = client.get(f"/v1/attestations/{item}", headers={"accept": BUNDLE})
    assert (dossier.headers["content-type"], bundle.headers["content-type"]) == (DOSSIER, BUNDLE)
    assert world.assess(dossier.content, {"cup.txt": FILE}).code == "valid"
    read = parse_bundle_bytes(bundle.content)
    assert verify(read, None, world.registry.trust, world.now).id == item
    assert parse_dossier(dossier.content).bundle.envelope == read.envelope


def test_a_browser_is_sent_to_the_page(client: TestClient, item: str) -> None:
    answer = client.get(f"/v1/attestations/{item}", headers={"accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/v/{item}")
    assert answer.headers["vary"] == "Accept"


def test_a_form_that_is_not_offered_is_refused(client: TestClient, item: str) -> None:
    answer = client.get(f"/v1/attestations/{item}", headers={"accept": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_an_id_is_read_as_people_type_it(client: TestClient, item: str) -> None:
    typed = "-".join(item.upper()[at : at + 4] for at in range(0, 16, 4))
    assert client.get(f"/v1/attestations/{typed}").json()["id"] == item


@pytest.mark.parametrize("wrong", ["0123456789abcdef"[::-1], "0" * 16])
def test_an_unknown_id_is_not_found(client: TestClient, wrong: str) -> None:
    answer = client.get(f"/v1/attestations/{wrong}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    shaped(answer.content, schemas.Problem)


@pytest.mark.parametrize("wrong", ["short", "u" * 16, "0" * 17])
def test_what_is_no_id_is_malformed(client: TestClient, wrong: str) -> None:
    answer = client.get(f"/v1/attestations/{wrong}")
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


def test_a_digest_finds_its_attestations(client: TestClient, item: str) -> None:
    answer = client.get("/v1/attestations", params={"digest": f"sha256:{SHA256}"})
    shaped(answer.content, schemas.AttestationList)
    assert [found["id"] for found in answer.json()["attestations"]] == [item]


def test_an_unknown_digest_is_an_empty_list(client: TestClient) -> None:
    answer = client.get("/v1/attestations", params={"digest": f"sha256:{'0' * 64}"})
    assert (answer.status_code, answer.json()) == (200, {"attestations": []})


@pytest.mark.parametrize(
    "digest",
    [SHA256, f"sha256:{SHA256.upper()}", "sha256:", f"sha512:{SHA256}", f"sha256:{SHA256}0"],
)  # fmt: skip
def test_another_digest_form_is_refused_by_name(client: TestClient, digest: str) -> None:
    answer = client.get("/v1/attestations", params={"digest": digest})
    assert (answer.status_code, answer.json()["param"]) == (422, "digest")


def test_a_missing_digest_is_a_bad_parameter(client: TestClient) -> None:
    answer = client.get("/v1/attestations")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameter")
    assert answer.json()["param"] == "digest"


def test_a_person_by_scid_and_by_handle(client: TestClient, ana: Person, item: str) -> None:
    by_scid, by_handle = (client.get(f"/v1/people/{who}") for who in (ana.scid, "@ana"))
    shaped(by_scid.content, schemas.Person)
    assert by_scid.content == by_handle.content
    found = by_scid.json()
    assert (found["handle"], found["name"]) == ("ana", "Ana López")
    assert item
    assert found["attestations"] >= 1


@pytest.mark.parametrize("who", ["@nobody", "Qm" + "1" * 44])
def test_an_unknown_person_is_not_found(client: TestClient, who: str) -> None:
    assert client.get(f"/v1/people/{who}").status_code == 404


def test_the_key_history_is_the_persons_own(client: TestClient, ana: Person) -> None:
    lines = client.get(f"/p/{ana.scid}/did.jsonl")
    assert lines.headers["content-type"] == "text/jsonl; charset=utf-8"
    log = parse_log(lines.content)
    assert log.scid == ana.scid
    document = client.get(f"/p/{ana.scid}/did.json").json()
    assert document["id"] == log.did
    assert (
        client.get("/p/QmNnwYGhqnuvuCFVLpSMv2t6gfXdDLENnB4sdDrLCDzLkS/did.jsonl").status_code == 404
    )


def test_entries_rebuild_the_leaves(client: TestClient, world: World, item: str) -> None:
    origin = world.registry.trust.newest_log.origin
    answer = client.get(f"/v1/entries/{origin}/0")
    shaped(answer.content, schemas.EntryPage)
    page = answer.json()
    assert [entry["index"] for entry in page["entries"]] == list(range(page["size"]))
    index = client.get(f"/v1/attestations/{item}").json()["index"]
    entry = page["entries"][index]
    envelope = parse_envelope(entry["envelope"], STATEMENT_PAYLOAD, "envelope")
    leaf = leaf_entry(
        hashlib.sha256(envelope.pae).digest(),
        envelope.signature,
        base64.b64decode(entry["certificate"]),
    )
    assert leaf == world.registry.bundle(item).proof.leaf


def test_entries_give_no_private_part_but_handles(
    client: TestClient, world: World, item: str
) -> None:
    origin = world.registry.trust.newest_log.origin
    text = client.get(f"/v1/entries/{origin}/0").text
    assert item, "signed"
    assert '"handle":"ana"' in text
    assert "López" not in text
    assert "cup.txt" not in text


@pytest.mark.parametrize("path", ["other.example/0", "{origin}/1", "{origin}/-1", "{origin}/x"])
def test_other_pages_and_logs_are_refused(client: TestClient, world: World, path: str) -> None:
    path = path.format(origin=world.registry.trust.newest_log.origin)
    assert client.get(f"/v1/entries/{path}").status_code in {404, 422}


def test_status_proves_presence_and_absence(client: TestClient, world: World, ana: Person) -> None:
    gone = ana.sign({"draft.txt": b"draft"}).id
    ana.withdraw(gone, "wrong fonts")
    names = [status_key("statement", gone), status_key("person", ana.scid)]
    answer = client.get("/v1/status", params={"of": [name.hex() for name in names]})
    shaped(answer.content, schemas.Status)
    checked = check_status(parse_status(answer.json()), world.registry.trust)
    assert [state.state for state in checked.states[names[0]]] == ["withdrawn"]
    assert checked.states[names[1]] == ()


def test_status_of_an_earlier_size(client: TestClient, world: World, item: str) -> None:
    size = world.registry.bundle(item).proof.index + 1
    answer = client.get("/v1/status", params={"at": size})
    assert parse_status(answer.json()).snapshot.size == size
    assert client.get("/v1/status", params={"at": 10**9}).status_code == 404


@pytest.mark.parametrize(
    "query", ["of=00", "of=" + "G" * 64, "at=-1", "at=x", "&".join(["of=" + "0" * 64] * 65)]
)
def test_a_bad_question_about_status_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/status?{query}").status_code == 422


def test_the_trust_file_in_all_its_forms(client: TestClient, world: World) -> None:
    newest, first = client.get("/v1/trust"), client.get("/v1/trust/1")
    assert newest.content == first.content
    assert parse_trust_file(newest.content).public_url == world.settings.public_url
    assert "immutable" in first.headers["cache-control"]
    assert "immutable" not in newest.headers["cache-control"]
    root = client.get("/v1/trust-root")
    assert parse(root.content, 1 << 20) == world.registry.trust.trusted_root
    assert client.get("/v1/trust/2").status_code == 404
    assert client.get("/v1/trust/zero").status_code == 422


def test_the_checkpoint_is_the_signed_note(client: TestClient, world: World) -> None:
    answer = client.get("/api/v2/checkpoint")
    log = world.registry.trust.newest_log
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert open_checkpoint(answer.text, log.log_key, log.clock_key).checkpoint.origin == log.origin


@pytest.mark.parametrize(("c2sp", "go"), [("0/000", "8/0/000"), ("entries/000", "8/data/000")])
def test_tiles_of_both_families(client: TestClient, world: World, c2sp: str, go: str) -> None:
    log = world.registry.trust.newest_log
    size = open_checkpoint(
        client.get("/api/v2/checkpoint").text, log.log_key, log.clock_key
    ).checkpoint.size
    one, other = (client.get(f"/api/v2/tile/{path}.p/{size}") for path in (c2sp, go))
    assert one.status_code == 200
    assert one.content == other.content
    assert one.headers["content-type"] == "application/octet-stream"
    assert one.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    ["0/001", "0/000.p/256", "9/000", "0/0", "0/x000/001", "8/9/000", "entries/../../keys.json",
     "..%2f..%2fkeys.json", "0/000/", ""],
)  # fmt: skip
def test_what_is_no_published_tile_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v2/tile/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.get("/readyz").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/v1/attestations/{id}", "/v1/trust", "/v1/trust-root", "/api/v2/checkpoint",
             "/v1/people/@ana", "/v/{id}"]
)  # fmt: skip
def test_a_held_answer_is_not_sent_again(client: TestClient, item: str, path: str) -> None:
    url = path.format(id=item)
    first = client.get(url)
    tag = first.headers["etag"]
    again = client.get(url, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert client.get(url, headers={"if-none-match": '"other"'}).status_code == 200


def test_json_answers_are_canonical(client: TestClient, item: str) -> None:
    body = client.get(f"/v1/attestations/{item}").content
    assert canonical(parse(body, 1 << 20)) == body


def test_the_dossier_over_http_and_the_registrys_are_one(
    client: TestClient, item: str, world: World
) -> None:
    answer = client.get(f"/v1/attestations/{item}", headers={"accept": DOSSIER})
    assert answer.content == world.registry.dossier(item)
    assert parse_bundle(answer.json()["bundle"]).proof.index > 0
