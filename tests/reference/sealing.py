"""Seal anything: whatever is changed in an attestation, all that is signed around it holds again.

A forger without keys is refused at the first signature, and no check behind it is ever reached. This
one has the keys, because those of the examples are public (specs/keys.md). A `Sealer` takes an opened
example, lets a hook change one part, and signs, dates and logs the rest anew.
"""

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from specs.reference import verify

EXAMPLES = Path(__file__).resolve().parents[2] / "specs" / "examples"
ORIGIN = "log2026-1.registry.example"

WITHDRAWN = ["withdrawn", "2026-11-03T15:00:10Z", "2026-11-03T15:00:10Z", "ruling"]

Hook = Callable[[str, Any], Any]
"""Given the name of a part and what it is before it is sealed: what to seal instead."""


def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def canonical(value: Any) -> bytes:
    """As a careless writer would: canonical for all names but the rarest, and it writes surrogates."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def secret(name: str) -> bytes:
    return hashlib.sha256(f"touchplate specification example: {name}".encode()).digest()


@cache
def p256_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(secret(name), "big"), ec.SECP256R1())


def p256_spki(name: str) -> bytes:
    return verify.SPKI_P256 + p256_key(name).public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )


def sign_p256(name: str, message: bytes) -> bytes:
    signature = p256_key(name).sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = utils.decode_dss_signature(signature)
    return utils.encode_dss_signature(r, min(s, verify.ORDER_P256 - s))


@cache
def ed25519_key(name: str) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(secret(name))


def sign_ed25519(name: str, message: bytes) -> bytes:
    return ed25519_key(name).sign(message)


def open_der(data: bytes) -> list[Any]:
    """DER as a list of [tag, content]: a list where the content is DER again, else hex."""
    found = []
    reader = verify.Der(data)
    while reader.rest:
        tag = reader.rest[0]
        content = reader.content(tag)
        try:
            inside = open_der(content) if content and tag in {4, 0x30, 0x31, 0xA0, 0xA3} else None
        except verify.MalformedError:
            inside = None
        found.append([tag, content.hex() if inside is None else inside])
    return found


def lay_der(elements: list[Any]) -> bytes:
    return b"".join(verify.der(tag, content_of(content)) for tag, content in elements)


def content_of(content: Any) -> bytes:
    return bytes.fromhex(content) if isinstance(content, str) else lay_der(content)


def open_bundle(bundle: Any, key: str) -> dict[str, Any]:
    material = bundle["verificationMaterial"]
    stamps = material["timestampVerificationData"]["rfc3161Timestamps"]
    token = verify.read_token(base64.b64decode(stamps[0]["signedTimestamp"]))
    return {
        "key": key,
        "statement": json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"])),
        "certificate": base64.b64decode(material["certificate"]["rawBytes"]).hex(),
        "token": {"serial": token.serial, "time": token.time, "nonce": token.nonce},
        "index": int(material["tlogEntries"][0]["logIndex"]),
    }


def open_example(name: str) -> dict[str, Any]:
    """An example dossier in parts, with its trust file and a question about it."""
    dossier = json.loads(example(f"{name}.touchplate.json"))
    root = EXAMPLES / name
    files = [path for path in (root.rglob("*") if root.is_dir() else [root]) if path.is_file()]
    supporting = zip(dossier["supporting"], ("registry", "ana", "ana"), strict=True)
    return {
        "bundles": [
            open_bundle(dossier["bundle"], "ana"),
            *(open_bundle(bundle, key) for bundle, key in supporting),
        ],
        "private": dossier["private"],
        "didLogs": dossier["didLogs"],
        "checkpoint": {"time": verify.time_seconds("2026-11-03T16:00:00Z")},
        "snapshot": {"time": "2026-11-03T16:00:00Z"},
        "lines": {"05" * 32: [WITHDRAWN], "be" * 32: [WITHDRAWN]},
        "newer": [],
        "trust": json.loads(base64.b64decode(json.loads(example("trust.json"))["payload"])),
        "question": {
            "files": {
                str(path.relative_to(root)) if root.is_dir() else path.name: hashlib.sha256(
                    path.read_bytes()
                ).hexdigest()
                for path in files
            },
            "whole": root.is_dir(),
            "at": "2026-11-03T16:00:00Z",
        },
    }


def replace_everywhere(value: Any, old: str, new: str) -> Any:
    """Also inside certificates, whose texts stand in hex here."""
    if old == new:
        return value
    dumped = json.dumps(value, ensure_ascii=False).replace(old, new)
    return json.loads(dumped.replace(old.encode().hex(), new.encode().hex()))


def inclusion_proof(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) <= 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), verify.merkle_root(leaves[split:])]
    return [*inclusion_proof(index - split, leaves[split:]), verify.merkle_root(leaves[:split])]


@cache
def pinned() -> verify.Trust:
    return verify.read_trust(example("trust.json"))


class Sealer:
    """Seals an opened example; `hook` is shown every part on the way."""

    def __init__(self, hook: Hook) -> None:
        self.hook = hook
        self.pinned = pinned()

    def seal(self, opened: dict[str, Any]) -> dict[str, Any]:
        """The input of a `verification`; `material` and `trust` are bytes."""
        trust = self.trust(opened["trust"])
        opened = self.with_names(self.with_did_log(copy.deepcopy(opened)))
        sealed = [self.bundle(i, part) for i, part in enumerate(opened["bundles"])]
        leaves = [verify.leaf_hash(example(f"leaves/{i:02}.json")) for i in range(12)]
        for part, bundle in zip(opened["bundles"], sealed, strict=True):
            body = bundle["verificationMaterial"]["tlogEntries"][0]["canonicalizedBody"]
            leaves[part["index"]] = verify.leaf_hash(base64.b64decode(body))
        self.prove(opened, sealed, leaves)
        root = verify.merkle_root(leaves)
        newer = [self.status({**opened, **parts}, root) for parts in opened["newer"]]
        dossier = {
            "mediaType": verify.DOSSIER_TYPE,
            "bundle": sealed[0],
            "supporting": sealed[1:],
            "private": opened["private"],
            "didLogs": opened["didLogs"],
            "status": self.status(opened, root),
        }
        question = self.hook("question", opened["question"])
        as_dossier = self.hook("kind", "dossier") == "dossier"
        document = self.hook("dossier", dossier) if as_dossier else self.hook("bare", sealed[0])
        return {
            **question,
            "statuses": [canonical(status).decode() for status in newer],
            "material": self.hook("material", canonical(document)),
            "trust": trust,
        }

    def with_did_log(self, opened: dict[str, Any]) -> dict[str, Any]:
        """Derive, chain and sign the DID log; its names change wherever they stand."""
        entries = opened["didLogs"][0]
        old = [(entry["versionId"], self.digest(entry)) for entry in entries]
        scid = entries[0]["parameters"]["scid"]
        entries = [self.hook("did entry", entry) for entry in entries]
        opened["didLogs"][0] = entries
        genesis = canonical(self.unsigned(entries[0], verify.PLACEHOLDER))
        new = verify.hash_of(genesis.replace(scid.encode(), verify.PLACEHOLDER.encode()))
        opened = replace_everywhere(opened, scid, new)
        predecessor = new
        for i, (old_version, old_digest) in enumerate(old):
            entry = opened["didLogs"][0][i]
            hashed = verify.hash_of(canonical(self.unsigned(entry, predecessor)))
            predecessor = f"{i + 1}-{hashed}"
            entry["versionId"] = predecessor
            options = {k: v for k, v in entry["proof"][0].items() if k != "proofValue"}
            hashed_both = [verify.sha256(canonical(v)) for v in (options, self.unsigned(entry))]
            signature = sign_ed25519(f"ana update {i + 1}", b"".join(hashed_both))
            entry["proof"][0]["proofValue"] = "z" + verify.base58_text(signature)
            entry["proof"] = self.hook("did proof", entry["proof"])
            opened = replace_everywhere(opened, old_version, predecessor)
            digest = self.digest(opened["didLogs"][0][i])
            opened = replace_everywhere(opened, old_digest, digest)
        opened["didLogs"][0] = self.hook("did log", opened["didLogs"][0])
        return opened

    @staticmethod
    def unsigned(entry: dict[str, Any], version_id: str | None = None) -> dict[str, Any]:
        found = {name: value for name, value in entry.items() if name != "proof"}
        return found if version_id is None else {**found, "versionId": version_id}

    @staticmethod
    def digest(value: Any) -> str:
        return verify.sha256(canonical(value)).hex()

    def with_names(self, opened: dict[str, Any]) -> dict[str, Any]:
        """Change private parts; the digests that name them change wherever they stand."""
        for i, part in enumerate(opened["private"]):
            changed = self.hook("private part", part)
            opened["private"][i] = changed
            opened = replace_everywhere(opened, self.digest(part), self.digest(changed))
        return opened

    def bundle(self, i: int, part: dict[str, Any]) -> dict[str, Any]:
        """Sign, date and lay out one bundle; its proof is still empty."""
        who = "main" if i == 0 else "supporting"
        certificate = self.certificate(who, bytes.fromhex(part["certificate"]))
        statement = self.hook(f"{who} statement", part["statement"])
        payload = self.hook(f"{who} payload", canonical(self.dated(who, statement)))
        message = verify.pae(verify.Envelope(payload, verify.STATEMENT_TYPE, []))
        signature = self.hook(f"{who} signature", sign_p256(part["key"], message))
        envelope = verify.Envelope(payload, verify.STATEMENT_TYPE, [("", signature)])
        leaf = self.hook(f"{who} leaf", verify.lay_leaf(envelope, certificate))
        entry = {
            "logIndex": str(part["index"]),
            "logId": {"keyId": base64_text(self.pinned.logs[0].log_key.id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "canonicalizedBody": base64_text(leaf),
        }
        token = self.token(who, part["token"], signature)
        return {
            "mediaType": verify.BUNDLE_TYPE,
            "verificationMaterial": {
                "certificate": {"rawBytes": base64_text(certificate)},
                "tlogEntries": [self.hook(f"{who} entry", entry)],
                "timestampVerificationData": {
                    "rfc3161Timestamps": [{"signedTimestamp": base64_text(token)}]
                },
            },
            "dsseEnvelope": {
                "payload": base64_text(payload),
                "payloadType": verify.STATEMENT_TYPE,
                "signatures": [{"keyid": "", "sig": base64_text(signature)}],
            },
        }

    def dated(self, who: str, statement: Any) -> Any:
        """Sign the note in `notBefore` anew, if that is still one."""
        try:
            note = verify.read_note(statement["predicate"]["notBefore"])
            time = int.from_bytes(note.signatures[1][2][:8], "big")
        except (verify.MalformedError, IndexError, KeyError, TypeError, AttributeError):
            return statement
        statement["predicate"]["notBefore"] = self.note(f"{who} notBefore", note.text, time)
        return statement

    def note(self, name: str, text: str, time: int) -> str:
        parts = {"lines": text.split("\n"), "time": time, "name": ORIGIN, "keys": ["log", "clock"]}
        parts = self.hook(name, parts)
        text = "\n".join(parts["lines"])
        moment = parts["time"] % 2**64
        note = text + "\n"
        for key in parts["keys"]:
            data = self.pinned.logs[0].log_key.id[:4] + sign_ed25519("log", text.encode())
            if key == "clock":
                signed = f"cosignature/v1\ntime {moment}\n{text}".encode()
                data = self.pinned.logs[0].clock_key.id[:4] + moment.to_bytes(8, "big")
                data += sign_ed25519("clock", signed)
            note += f"\u2014 {parts['name']} {base64_text(data)}\n"
        return note

    def certificate(self, who: str, data: bytes) -> bytes:
        """Sign a TBS anew; first the SCT in it, if it is still where it belongs."""
        [[_, [tbs, algorithm, _]]] = open_der(data)
        tbs = self.hook(f"{who} certificate", tbs)
        with suppress(IndexError, TypeError, ValueError, verify.MalformedError):
            self.sign_sct(tbs)
        signature = self.hook("ca signature", sign_p256("ca", lay_der([tbs])))
        return lay_der([[0x30, [tbs, algorithm, [3, (b"\0" + signature).hex()]]]])

    def sign_sct(self, tbs: Any) -> None:
        extensions = tbs[1][-1][1][0][1]
        [extension] = [item for item in extensions if item[1][0] == [6, verify.SCT_LIST.hex()]]
        rest = [item for item in extensions if item is not extension]
        outer = [tbs[0], [*tbs[1][:-1], [tbs[1][-1][0], [[0x30, rest]]]]]
        sct = verify.read_sct_list(content_of(extension[1][-1][1]))
        body, ca = lay_der([outer]), self.pinned.cas[0].certificates[0]
        length = len(body).to_bytes(3, "big")
        signed = b"\0\0%b\0\1%b%b%b\0\0" % (sct[33:41], verify.sha256(ca.spki), length, body)
        signature = self.hook("sct signature", sign_p256("sct", signed))
        sct = sct[:45] + len(signature).to_bytes(2, "big") + signature
        listed = (len(sct) + 2).to_bytes(2, "big") + len(sct).to_bytes(2, "big") + sct
        extension[1][-1][1] = [[4, listed.hex()]]

    def token(self, who: str, fields: Any, signature: bytes) -> bytes:
        tsa = self.pinned.tsas[0].certificates[0]
        fields = self.hook(f"{who} token", {**fields, "imprint": verify.sha256(signature).hex()})
        token = verify.Token(
            der=b"",
            signer_id=verify.der(0x30, tsa.issuer, verify.der_integer(tsa.serial)),
            signature=b"",
            imprint=bytes.fromhex(fields["imprint"]),
            serial=abs(fields["serial"]),
            time=fields["time"],
            nonce=abs(fields["nonce"]),
        )
        attributes = verify.der(0x31, *verify.token_attributes(token, tsa))
        token = token._replace(signature=self.hook("tsa signature", sign_p256("tsa", attributes)))
        return lay_der(self.hook(f"{who} token as DER", open_der(verify.lay_token(token, tsa))))

    def prove(self, opened: Any, bundles: list[Any], leaves: list[bytes]) -> None:
        """Give every bundle its way to one signed checkpoint."""
        root = base64_text(verify.merkle_root(leaves))
        text = f"{ORIGIN}\n{len(leaves)}\n{root}\n"
        checkpoint = self.note("checkpoint", text, opened["checkpoint"]["time"])
        for part, bundle in zip(opened["bundles"], bundles, strict=True):
            entry = bundle["verificationMaterial"]["tlogEntries"][0]
            proof = {
                "logIndex": entry.get("logIndex", ""),
                "rootHash": root,
                "treeSize": str(len(leaves)),
                "hashes": [base64_text(h) for h in inclusion_proof(part["index"], leaves)],
                "checkpoint": {"envelope": checkpoint},
            }
            entry["inclusionProof"] = self.hook("proof", proof)

    def status(self, opened: dict[str, Any], root: bytes) -> Any:
        """Sign a list of `lines`, and prove what the main statement needs."""
        names = self.names_of(opened["bundles"][0])
        lines = {names.get(name, name): states for name, states in opened["lines"].items()}
        listed = [[k, lines[k]] for k in sorted(lines)]
        leaves = [verify.leaf_hash(canonical(line)) for line in listed]
        snapshot = {
            "origin": ORIGIN,
            "size": 12,
            "root": base64_text(root),
            "count": len(listed),
            "statusRoot": base64_text(verify.merkle_root(leaves)),
            **opened["snapshot"],
        }
        payload = canonical(self.hook("snapshot", snapshot))

        def line(place: int) -> Any:
            if not 0 <= place < len(listed):
                return None
            proof = [base64_text(h) for h in inclusion_proof(place, leaves)]
            return {"line": listed[place], "index": place, "hashes": proof}

        proofs: list[Any] = []
        for k in names.values():
            place = sum(other < k for other in lines)
            if k in lines:
                proofs.append({"k": k, "here": line(place)})
            else:
                proofs.append({"k": k, "left": line(place - 1), "right": line(place)})
        envelope = self.envelope("status", payload, verify.STATUS_TYPE)
        return self.hook("status", {"snapshot": envelope, "proofs": proofs})

    def names_of(self, part: dict[str, Any]) -> dict[str, str]:
        """k of the names that decide, as long as the statement and certificate are readable."""
        try:
            certificate = verify.read_certificate(bytes.fromhex(part["certificate"]))
            who = verify.read_signer_uri(str(certificate.uri), self.pinned.public_url).scid
            predicate = part["statement"]["predicate"]
            identifier = verify.statement_id(
                predicate["registry"]["origin"], who or "registry", predicate["salt"]
            )
        except (verify.MalformedError, KeyError, TypeError):
            return {}
        names = {
            "statement": verify.status_name("statement", identifier),
            "key": verify.status_name("key", verify.sha256(certificate.spki).hex()),
            "person": verify.status_name("person", who),
        }
        return names if who else {name: names[name] for name in ("statement", "key")}

    def envelope(self, key: str, payload: bytes, payload_type: str) -> dict[str, Any]:
        signed = verify.Envelope(payload, payload_type, [])
        public = ed25519_key(key).public_key()
        signature = sign_ed25519(key, verify.pae(signed))
        return {
            "payload": base64_text(payload),
            "payloadType": payload_type,
            "signatures": [
                {
                    "keyid": verify.ed25519_key_id(public.public_bytes_raw()),
                    "sig": base64_text(signature),
                }
            ],
        }

    def trust(self, payload: Any) -> bytes:
        """Sign a trust file; what is sealed later uses the authorities in it, if it can be read."""
        data = canonical(self.hook("trust", payload))
        envelope = self.envelope("root", data, verify.TRUST_TYPE)
        document = canonical(self.hook("trust envelope", envelope))
        try:
            authorities = verify.read_trust(document)
        except (verify.MalformedError, verify.CheckError):
            return document
        self.pinned = self.pinned._replace(cas=authorities.cas, tsas=authorities.tsas)
        return document
