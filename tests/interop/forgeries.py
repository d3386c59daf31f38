"""Forged bundles. Each takes Ana's honest bundle and Ben's, and alters Ana's in one place."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import NamedTuple

from tests.interop.case import TAMPERED, Case, Json, copied
from trust.core.canonical import canonical


def add_a_subject(bundle: Json, _: Json) -> None:
    envelope = bundle["dsseEnvelope"]
    statement = json.loads(base64.b64decode(envelope["payload"]))
    digest = {"sha256": hashlib.sha256(TAMPERED).hexdigest()}
    statement["subject"].append({"name": "", "digest": digest})
    envelope["payload"] = base64.b64encode(canonical(statement)).decode()


def take_another_signature(bundle: Json, strange: Json) -> None:
    bundle["dsseEnvelope"]["signatures"] = strange["dsseEnvelope"]["signatures"]


def take_another_certificate(bundle: Json, strange: Json) -> None:
    bundle["verificationMaterial"]["certificate"] = strange["verificationMaterial"]["certificate"]


def take_another_token(bundle: Json, strange: Json) -> None:
    name = "timestampVerificationData"
    bundle["verificationMaterial"][name] = strange["verificationMaterial"][name]


def drop_the_token(bundle: Json, _: Json) -> None:
    del bundle["verificationMaterial"]["timestampVerificationData"]


def drop_the_log_entry(bundle: Json, _: Json) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def alter_the_proof(bundle: Json, _: Json) -> None:
    hashes = _proof(bundle)["hashes"]
    hashes[0] = base64.b64encode(hashlib.sha256(b"another sibling").digest()).decode()


def alter_the_index(bundle: Json, _: Json) -> None:
    entry = _entry(bundle)
    neighbour = str(int(entry["logIndex"]) ^ 1)  # whose proof is as long
    entry["logIndex"] = entry["inclusionProof"]["logIndex"] = neighbour


def alter_the_checkpoint(bundle: Json, _: Json) -> None:
    proof = _proof(bundle)
    note = proof["checkpoint"]["envelope"]
    proof["checkpoint"]["envelope"] = note.replace(f"\n{proof['treeSize']}\n", "\n999\n", 1)


FORGERIES: dict[str, Callable[[Json, Json], None]] = {
    forgery.__name__: forgery
    for forgery in (
        add_a_subject,
        take_another_signature,
        take_another_certificate,
        take_another_token,
        drop_the_token,
        drop_the_log_entry,
        alter_the_proof,
        alter_the_index,
        alter_the_checkpoint,
    )
}


class Forged(NamedTuple):
    """A forgery on disk. `identity` is that of its certificate: it is never what is refused."""

    path: str
    identity: str


def forged(name: str, case: Case) -> Forged:
    """Forge the bundle of a case by the name of what is done to it."""
    altered = copied(case.bundle)
    FORGERIES[name](altered, case.strange)
    assert altered != case.bundle
    path = case.folder / f"{name}.json"
    path.write_bytes(canonical(altered))
    signers = {"take_another_certificate": case.strange_identity}
    return Forged(str(path), signers.get(name, case.identity))


def _entry(bundle: Json) -> Json:
    entry: Json = bundle["verificationMaterial"]["tlogEntries"][0]
    return entry


def _proof(bundle: Json) -> Json:
    proof: Json = _entry(bundle)["inclusionProof"]
    return proof
