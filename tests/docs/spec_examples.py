"""Writes the examples of the specifications: `python -m tests.docs.spec_examples`.

A block of a specification that begins with `<!-- example: NAME -->` holds the example of that name.
What has exact bytes stands, besides, as a file in `specs/examples/`.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from tests.docs.spec_der import dump
from tests.docs.spec_registry import ED25519_NAMES, LABEL, ORIGIN, P256_NAMES, at, secret
from tests.docs.spec_world import DISCLOSURE, PLANS, POEM, SpecWorld, digests, second_did_entry
from trust.core.assess import assess
from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import b64encode, base58_encode, crockford, format_time, grouped
from trust.core.keys.p256 import spki
from trust.core.log.cosigning import Request
from trust.core.log.merkle import consistency_proof, inclusion_proof, node_hash, root_hash
from trust.core.log.note import Note
from trust.core.log.proof import TlogProof
from trust.core.log.tile import TilePath, entry_bundle, new_tiles
from trust.core.log.witness import WitnessPolicy
from trust.core.log.witnessing import Cosigning, Seen, decide, witness_vkey
from trust.core.people.device_code import device_code, key_name
from trust.core.people.did import next_key_hash
from trust.core.people.handle import skeleton
from trust.core.people.key_rules import Device
from trust.core.people.keycode import key_code, recovery_text
from trust.core.people.pattern import matches
from trust.core.policy import Policy
from trust.core.qr import page_code_text
from trust.core.signing.manifest import manifest_digest, manifest_lines
from trust.core.signing.private import private_digest
from trust.core.signing.statement import parse_statement
from trust.core.signing.subjects import Subjects
from trust.core.x509.certificate import parse_certificate
from trust.core.x509.sct import split_sct
from trust.custody import keyfile
from trust.custody.signers import Ed25519Signer

SPECS = Path(__file__).resolve().parents[2] / "specs"
PASSPHRASE = b"touchplate"
_BLOCK = re.compile(r"(<!-- example: ([a-z0-9-]+) -->\n```[a-z]*\n).*?```\n", re.DOTALL)
_NAMES = (
    *("report.txt", "a.md", "posts/a.md", "posts/old/a.md", "draft.md", "posts/draft.md"),
    *("a/z", "a/b/c/z", "a/z/b"),
)
_TYPES = (
    *("deliverable", "enrolment", "handle", "profile", "withdrawal", "delegation"),
    *("revocation", "freeze", "unfreeze", "erasure", "founding", "membership", "release", "veto"),
    "passkey",
    *("identity", "issuance", "recovery", "trust", "snapshot", "redaction"),
)


def pretty(value: Json) -> str:
    """Return JSON for eyes; the canonical form of what it says is the real one."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def files(world: SpecWorld) -> dict[str, bytes]:
    """Return the files of `specs/examples/` by name, with their exact bytes."""
    found: dict[str, bytes] = {
        "trust.json": world.trust.encoded,
        "poem.txt.touchplate.json": world.dossier("deliverable").encode(),
        "poem.txt.sigstore.json": canonical(world.bundle("deliverable").to_json()),
        "plans.touchplate.json": world.dossier("plans").encode(),
        "did.jsonl": world.did_log.encode(),
        "did-continued.jsonl": world.did_log.encode() + canonical(second_did_entry(world)) + b"\n",
        "checkpoint.txt": world.checkpoint().encode(),
        "certificate.der": world.own_certificate,
        "token.der": world.entries["deliverable"].token,
        "ana.keys.json": key_file(),
        **POEM,
        **{f"plans/{name}": data for name, data in PLANS.items()},
    }
    for name in _TYPES:
        entry = world.shown(name)
        found[f"statements/{name}.json"] = entry.envelope.payload
        if entry.private is not None:
            found[f"private/{name}.json"] = canonical(entry.private)
    for index, entry in enumerate(world.entries.values()):
        found[f"leaves/{index:02}.json"] = entry.leaf
    return found


@cache
def key_file() -> bytes:
    """Return the example key file: with a fixed salt and nonce, which no real one may have."""
    salt, nonce = secret("key file salt")[:16], secret("key file nonce")[:24]
    key = argon2id.kdf(32, PASSPHRASE, salt, opslimit=keyfile.PASSES, memlimit=keyfile.MEMORY)
    kdf: Json = {
        "name": "argon2id",
        "salt": b64encode(salt),
        "passes": keyfile.PASSES,
        "memory": keyfile.MEMORY,
    }
    box = bytes(SecretBox(key).encrypt(canonical(_KEYS), nonce))
    return canonical({"type": keyfile.TYPE, "kdf": kdf, "box": b64encode(box)})


def examples(world: SpecWorld) -> dict[str, str]:
    """Return the text of every block by name."""
    makers: Mapping[str, Callable[[SpecWorld], str]] = {
        name.removeprefix("_example_").replace("_", "-"): maker
        for name, maker in globals().items()
        if name.startswith("_example_")
    }
    return {name: maker(world) for name, maker in makers.items()}


def written(text: str, found: Mapping[str, str]) -> str:
    """Return a specification with every block as it is made now."""
    return _BLOCK.sub(lambda block: f"{block[1]}{found[block[2]]}```\n", text)


def named(text: str) -> list[str]:
    """Return the names of the blocks of a specification."""
    return [block[2] for block in _BLOCK.finditer(text)]


def shown(text: str, name: str) -> str:
    """Return what stands in a block."""
    block = next(block for block in _BLOCK.finditer(text) if block[2] == name)
    return block[0].removeprefix(block[1]).removesuffix("```\n")


# Encodings and JSON.


def _example_encodings(_: SpecWorld) -> str:
    data = bytes.fromhex("0001fe")
    digest = hashlib.sha256(b"touchplate").digest()
    rows = (
        ("bytes 00 01 fe, base64", b64encode(data)),
        ("bytes 00 01 fe, base58btc", base58_encode(data)),
        ("bytes 00 01 fe, hex", data.hex()),
        ("SHA-256(touchplate), hex", digest.hex()),
        ("its first 16 Crockford digits", crockford(digest, 16)),
        ("its first 12, for eyes", grouped(crockford(digest, 12))),
        ("all 256 bits of it, 52 digits", crockford(digest, 52)),
        ("1793714527 seconds, time", format_time(1793714527)),
    )
    return "".join(f"{what:32}{text}\n" for what, text in rows)


def _example_json_value(_: SpecWorld) -> str:
    return pretty(_JSON)


def _example_json_canonical(_: SpecWorld) -> str:
    data = canonical(_JSON)
    return f"{data.decode()}\nSHA-256 {hashlib.sha256(data).hexdigest()}\n"


_JSON: Json = {
    "title": "Mar y sombra, 2\u00aa parte",
    "accountable": True,
    "size": 12,
    "licence": None,
    "text": 'line one\nline "two"',
    "\u20ac": ["a", -1],
}


# What is signed.


def _example_statement(world: SpecWorld) -> str:
    return pretty(parse(world.entries["deliverable"].envelope.payload, 1 << 20))


def _example_delegation(world: SpecWorld) -> str:
    facts = parse_statement(world.shown("delegation").envelope.payload).facts
    return pretty(facts.to_json()) if facts else ""


def _example_enterprise(world: SpecWorld) -> str:
    rows = []
    for name in ("founding", "membership", "release"):
        facts = parse_statement(world.shown(name).envelope.payload).facts
        said = canonical(facts.to_json()).decode() if facts else ""
        rows.append(f"{name:<10} id {world.shown(name).id}   {said}")
    return "\n".join(rows) + "\n"


def _example_presence_facts(world: SpecWorld) -> str:
    facts = parse_statement(world.shown("present").envelope.payload).facts
    return pretty(facts.to_json()) if facts else ""


def _example_paths(_world: SpecWorld) -> str:
    rows = []
    for pattern in ("report.txt", "*.md", "posts/*.md", "posts/**", "**/draft.md", "a/**/z"):
        reached = [name for name in _NAMES if matches(pattern, name)]
        rows.append(f"{pattern:<12} {' '.join(reached)}")
    return "\n".join(rows) + "\n"


def _example_other_statements(world: SpecWorld) -> str:
    lines = []
    for name in _TYPES[1:]:
        statement = parse(world.shown(name).envelope.payload, 1 << 20)
        assert isinstance(statement, dict)
        predicate = statement["predicate"]
        assert isinstance(predicate, dict)
        lines.append(
            f"{statement['predicateType']}   id {world.shown(name).id}\n"
            f"  signer   {canonical(predicate['signer']).decode()}\n"
            f"  subject  {canonical(statement['subject']).decode()}\n"
            f"  facts    {canonical(predicate['facts']).decode()}\n"
            f"  private  {canonical(predicate['private']).decode()}\n"
        )
    return "\n".join(lines)


def _example_statement_id(world: SpecWorld) -> str:
    statement = parse(world.entries["deliverable"].envelope.payload, 1 << 20)
    assert isinstance(statement, dict)
    predicate = statement["predicate"]
    assert isinstance(predicate, dict)
    text = f"touchplate-id-v1\n{world.trust.newest_log.origin}\n{world.scid}\n{predicate['salt']}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text}\n\nSHA-256  {digest}\nid       {world.entries['deliverable'].id}\n"


def _example_private(world: SpecWorld) -> str:
    parts = []
    for name in ("deliverable", "handle", "profile", "withdrawal", "founding"):
        part = world.shown(name).private
        assert part is not None
        shown_part = {**part, "disclosure": "see disclosure.md"} if "disclosure" in part else part
        parts.append(f"{name}, sha256 {private_digest(part).hex()}\n{pretty(shown_part)}")
    return "\n".join(parts)


def _example_disclosure(_: SpecWorld) -> str:
    return pretty(DISCLOSURE)


def _example_subjects(world: SpecWorld) -> str:
    part = world.entries["plans"].private
    assert part is not None
    return "".join(f"{digest.hex()}  {name}\n" for name, digest in digests(PLANS).items())


def _example_manifest(_: SpecWorld) -> str:
    found = digests(PLANS)
    lines = b"".join(manifest_lines(found)).decode()
    return f"{lines}\n{manifest_digest(found).hex()}\n"


def _example_envelope(world: SpecWorld) -> str:
    return pretty(world.entries["deliverable"].envelope.to_json())


def _example_pae(world: SpecWorld) -> str:
    pae = world.entries["deliverable"].envelope.pae
    start = pae[:96].decode()
    return f"{start} ..\n\n{len(pae)} bytes, SHA-256 {hashlib.sha256(pae).hexdigest()}\n"


def _example_device_code(world: SpecWorld) -> str:
    following = next_key_hash(world.ed25519["ana update 3"].public_key)
    point = world.p256["ana"].public_key
    return f"{device_code(Device(point, following))}\n\nname  {key_name(point)}\n"


# X.509 and RFC 3161.


def _example_certificate(world: SpecWorld) -> str:
    return f"{b64encode(world.own_certificate)}\n"


def _example_certificate_dump(world: SpecWorld) -> str:
    return dump(world.own_certificate)


def _example_sct(world: SpecWorld) -> str:
    certificate = parse_certificate(world.own_certificate)
    assert certificate.sct is not None
    log_id, milliseconds, signature = split_sct(certificate.sct)
    digest = hashlib.sha256(certificate.precertificate_tbs).hexdigest()
    return (
        f"SCT                        {certificate.sct.hex()}\n"
        f"log id                     {log_id.hex()}\n"
        f"time                       {milliseconds}\n"
        f"signature                  {signature.hex()}\n"
        f"SHA-256(precertificate)    {digest}\n"
        f"SHA-256(SPKI of the CA)    {hashlib.sha256(spki(world.ca.point)).hexdigest()}\n"
    )


def _example_token(world: SpecWorld) -> str:
    return f"{b64encode(world.entries['deliverable'].token)}\n"


def _example_token_dump(world: SpecWorld) -> str:
    return dump(world.entries["deliverable"].token)


# The log.


def _example_leaf(world: SpecWorld) -> str:
    return pretty(parse(world.entries["deliverable"].leaf, 1 << 20))


def _example_tree(world: SpecWorld) -> str:
    leaves = world.leaves
    lines = [f"leaf {place:2}  {leaf.hex()}\n" for place, leaf in enumerate(leaves)]
    lines.append(f"node of leaves 0 and 1  {node_hash(leaves[0], leaves[1]).hex()}\n")
    lines.append(f"root of size 7   {root_hash(leaves[:7]).hex()}\n")
    lines.append(f"root of size {len(leaves)}  {root_hash(leaves).hex()}\n\n")
    lines.append(f"inclusion of leaf 7 in size {len(leaves)}\n")
    lines += [f"  {item.hex()}\n" for item in inclusion_proof(7, leaves)]
    lines.append(f"consistency of size 7 with size {len(leaves)}\n")
    lines += [f"  {item.hex()}\n" for item in consistency_proof(7, leaves)]
    return "".join(lines)


def _example_checkpoint(world: SpecWorld) -> str:
    return world.checkpoint()


def _example_verifier_keys(world: SpecWorld) -> str:
    return f"log    {world.log_key}\nclock  {world.clock_key}\n"


def _example_log_id(world: SpecWorld) -> str:
    return f"{b64encode(world.log_key.full_id)}\n"


def _example_witness_policy(world: SpecWorld) -> str:
    keys = {
        name: witness_vkey(f"witness.example/{name}", Ed25519Signer(secret(name)).public_key)
        for name in ("north", "south", "abroad")
    }
    policy = (
        f"log {world.log_key} https://{ORIGIN}\n"
        + "".join(f"witness {name} {key}\n" for name, key in keys.items())
        + "# the first two are of one operator\n"
        "group home any north south\ngroup enough 2 home abroad\nquorum enough\n"
    )
    assert WitnessPolicy.parse(policy).operators == ("home", "abroad")
    return policy


def _request(world: SpecWorld) -> Request:
    proof = consistency_proof(8, world.leaves)
    return Request(8, tuple(proof), Note.parse(world.checkpoint()))


def _example_add_checkpoint(world: SpecWorld) -> str:
    return _request(world).encode().decode()


def _example_cosignature(world: SpecWorld) -> str:
    recorded = Seen(8, root_hash(world.leaves[:8]), at("15:00:00"))
    decision = decide(_request(world), [world.log_key], recorded, at("16:00:02"))
    assert isinstance(decision, Cosigning)
    return str(decision.sign("witness.example/north", Ed25519Signer(secret("north"))))


def _example_tlog_proof(world: SpecWorld) -> str:
    path = tuple(inclusion_proof(7, world.leaves))
    return TlogProof(7, path, world.checkpoint()).encode().decode()


def _example_tiles(world: SpecWorld) -> str:
    leaves = b"".join(world.leaves)
    bundle = entry_bundle([entry.leaf for entry in world.entries.values()])
    lines = ["paths for 12 entries\n"]
    lines += [f"  {path}   or   {path.in_go()}\n" for path in new_tiles(0, len(world.leaves))]
    lines.append("paths that growth from 255 to 70000 entries adds, the first and last three\n")
    grown = [str(path) for path in new_tiles(255, 70000)]
    lines += [f"  {path}\n" for path in (*grown[:3], "..", *grown[-3:])]
    lines.append(f"number 1234067           {TilePath(0, 1234067)}\n")
    lines.append(f"tile/0/000.p/12          {len(leaves)} bytes, begins {leaves[:16].hex()}\n")
    lines.append(f"tile/entries/000.p/12    {len(bundle)} bytes, begins {bundle[:16].hex()}\n")
    return "".join(lines)


# What travels.


def _example_bundle(world: SpecWorld) -> str:
    return pretty(world.bundle("deliverable").to_json())


def _example_dossier(world: SpecWorld) -> str:
    document = parse(world.dossier("deliverable").encode(), 1 << 20)
    assert isinstance(document, dict)
    document["bundle"] = "the bundle of bundle.md"
    document["private"] = ["the private parts of private.md: deliverable, handle, profile"]
    document["didLogs"] = [["the entry of did.md"]]
    document["supporting"] = ["the bundles of identity, handle and profile"]
    document["status"] = "the status of status.md"
    return pretty(document)


def _example_did(world: SpecWorld) -> str:
    return pretty(world.did_entry)


def _example_did_derived(world: SpecWorld) -> str:
    first = world.did_log.entries[0]
    return (
        f"SCID                        {world.scid}\n"
        f"versionId                   {first.version_id}\n"
        f"subject of its `identity`   {first.digest.hex()}\n"
    )


def _example_keycode(world: SpecWorld) -> str:
    return (
        f"SCID           {world.scid}\n"
        f"SHA-256        {hashlib.sha256(world.scid.encode()).hexdigest()}\n"
        f"key code       {key_code(world.scid)}\n\n"
        f"recovery seed  {secret('ana recovery').hex()}\n"
        f"recovery key   {recovery_text(secret('ana recovery'))}\n"
    )


def _example_handles(_: SpecWorld) -> str:
    names = ("ana", "bottle", "b0tt1e", "lucia", "l-u-c-1-a", "modern", "rnodem", "vvest", "west")
    return "".join(f"{name:12}{skeleton(name)}\n" for name in names)


def _example_trust_payload(world: SpecWorld) -> str:
    return pretty(world.payload)


def _example_trust_envelope(world: SpecWorld) -> str:
    document = parse(world.trust.encoded, 1 << 20)
    assert isinstance(document, dict)
    return pretty({**document, "payload": "base64 of the payload's RFC 8785 bytes"})


def _example_trust_code(world: SpecWorld) -> str:
    root = canonical(world.payload["root"])
    return f"{root.decode()}\nSHA-256  {hashlib.sha256(root).hexdigest()}\ncode     {world.trust.code}\n"


def _example_snapshot(world: SpecWorld) -> str:
    return pretty(parse(world.snapshot.encode(), 1 << 20))


def _example_status(world: SpecWorld) -> str:
    return pretty(world.status(*world.names("deliverable")).to_json())


def _example_presence(world: SpecWorld) -> str:
    return pretty(world.status(world.names("plans")[0]).proofs[0].to_json())


def _example_status_names(world: SpecWorld) -> str:
    statement, key, person = world.names("deliverable")
    point = world.p256["ana"].public_key
    return (
        f"statement LF {world.entries['deliverable'].id}\n  {statement.hex()}\n"
        f"key LF {hashlib.sha256(spki(point)).hexdigest()}\n  {key.hex()}\n"
        f"person LF {world.scid}\n  {person.hex()}\n"
    )


def _example_verdict(world: SpecWorld) -> str:
    subjects = Subjects(digests(POEM))
    material = world.dossier("deliverable").encode()
    verdict = assess(material, subjects, world.trust, world.now, Policy(), now=world.now)
    return pretty(verdict.to_json())


def _example_qr(world: SpecWorld) -> str:
    return f"{page_code_text(world.trust.public_url, world.entries['deliverable'].id)}\n"


def _example_keyfile(_: SpecWorld) -> str:
    return pretty(parse(key_file(), 1 << 20))


def _example_keyfile_inside(_: SpecWorld) -> str:
    return pretty(_KEYS)


_KEYS: Json = {"keys": [{"kind": "p256", "name": "ana", "secret": b64encode(secret("ana"))}]}


def _example_keys(world: SpecWorld) -> str:
    lines = [f"secret = SHA-256({LABEL!r} + name)\n\n"]
    for name in P256_NAMES:
        point = world.p256[name].public_key
        lines.append(f"P-256    {name:14}{secret(name).hex()}\n{'':23}{point.hex()}\n")
    for name in ED25519_NAMES:
        key = world.ed25519[name].public_key
        lines.append(f"Ed25519  {name:14}{secret(name).hex()}\n{'':23}{key.hex()}\n")
    return "".join(lines)


def main() -> None:
    """Write every block and every file."""
    world = SpecWorld()
    found = examples(world)
    for path in sorted(SPECS.glob("*.md")):
        path.write_text(written(path.read_text(encoding="utf-8"), found), encoding="utf-8")
    for name, data in files(world).items():
        path = SPECS / "examples" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
