"""Whole verifications that end before anything is established: nothing is shown as fact."""

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.attestations import OTHER
from tests.vectors.generate.attestations import vectors as attestations
from tests.vectors.generate.drafts import Draft
from tests.vectors.generate.edit import edited, text
from tests.vectors.generate.registry import START
from tests.vectors.generate.scene import SET, standard
from tests.vectors.generate.verdicts import NO, document, hexed, inputs, lean, verdict
from trust.core.canonical import canonical
from trust.core.encoding import format_time
from trust.core.signing.private import private_digest
from trust.core.signing.statement import parse_statement, sign_statement
from trust.core.x509 import certificate as profile

# One fault of each step, each as a bare bundle; the rest is in the folder `attestation`.
SAMPLES = (
    "signature-of-another",
    "signed-by-a-stranger",
    "subject-changed",
    "ca-forged",
    "no-sct",
    "statement-of-ben",
    "registry-as-person",
    "token-of-another",
    "token-from-the-future",
    "not-before-too-old",
    "leaf-of-another",
    "hash-changed",
    "checkpoint-by-a-stranger",
    "log-closed-before",
    "checkpoint-too-old",
)
MATERIAL = ("bundle", "verificationMaterial")
UNLISTED = (
    "log-not-listed",
    "issued-by-other-registry",
    "sct-by-a-stranger",
    "token-by-other-registry",
)


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _one_of_each_step()
    yield from _not_pinned()
    yield from _unreadable()
    yield from _unreadable_parts()
    yield from _histories()


def _one_of_each_step() -> Iterator[Vector]:
    found = {vector.fault: vector for vector in attestations() if vector.outcome == "invalid"}
    for fault in (*SAMPLES, *UNLISTED):
        vector = found[fault]
        given = {
            "material": vector.input["bundle"],
            "files": None,
            "trust": vector.input["trust"],
            "at": vector.input["at"],
        }
        reason = vector.expected["reason"]
        code = "could_not_check" if fault in UNLISTED else "invalid"
        yield verdict(fault, vector.description, given, code, reason)
        if fault in UNLISTED:
            says = f"{vector.description}; the trust file is the registry's newest"
            given = {**given, "newestTrust": True}
            yield verdict(f"{fault}-newest-trust", says, given, "invalid", reason)


def _not_pinned() -> Iterator[Vector]:
    scene = standard()
    given = inputs(scene, lean(), trust=None)
    says = "no registry is pinned"
    yield verdict("not-pinned", says, given, "could_not_check", "registry_not_pinned")
    given = inputs(scene, lean(), trust=None, files=hexed({"report.txt": b"?"}))
    says = "no registry is pinned, and the file is another one"
    yield verdict("not-pinned-changed", says, given, "could_not_check", "registry_not_pinned")
    draft = Draft.of(scene.ana.certificate)
    nameless = draft.without(profile.ISSUER_RAW).without(profile.ISSUER_DER)
    certificate = nameless.issue(scene.registry.keys["ca"])
    material = lean()._replace(bundle=lean().bundle._replace(certificate=certificate))
    given = inputs(scene, material, trust=None)
    says = "no registry is pinned, and the certificate names none"
    yield _unread("not-pinned-nameless", says, given, "no issuer address")
    given = inputs(scene, lean(), trust=OTHER.trust().decode())
    says = "another registry is pinned"
    yield verdict("other-registry-pinned", says, given, "could_not_check", "unlisted_log")


def _unreadable() -> Iterator[Vector]:
    scene = standard()
    data = lean().encode().decode()
    twice = data.replace('"didLogs":', '"didLogs":[],"didLogs":')
    for fault, says, material, words in (
        ("material-empty", "an empty file", "", "not JSON at line 1"),
        ("material-no-json", "a page instead of a dossier", "<!doctype html>", "not JSON at line 1"),
        ("material-truncated", "half a dossier", data[: len(data) // 2], "not JSON at line 1"),
        ("material-white-space", "a dossier with white space", json.dumps(json.loads(data), indent=1), "not in RFC 8785 form"),
        ("material-unknown-member", "a member that nobody defined", text(data.encode(), ("note",), "x"), "unknown member 'note'"),
        ("material-later-version", "a later version", data.replace("dossier.v1+json", "dossier.v2+json"), "dossier.v1+json"),
        ("material-trust-file", "a trust file instead of a dossier", scene.trust.decode(), "'mediaType' is missing"),
        ("material-list", "a list of dossiers", f"[{data}]", "a list, expected an object"),
        ("material-duplicate-member", "a member twice", twice, "appears twice"),
    ):  # fmt: skip
        yield _unread(fault, says, inputs(scene, material.encode()), words)
    given = inputs(scene, b"\0\1\2\xff")
    yield _unread("material-binary", "bytes that are no text", given, "not UTF-8")


def _unread(fault: str, says: str, given: dict[str, Any], words: str, **changes: Any) -> Vector:
    return verdict(fault, says, given, "unreadable", "unreadable", words=words, **changes)


def _unreadable_parts() -> Iterator[Vector]:
    """Faults that a dossier shows only when its parts are read together."""
    scene = standard()
    one = document(lean())
    several = document(scene.dossier(scene.set, scene.ana, ("identity",)))
    part = one["private"][0]
    stray = {**part, "blind": "00" * 16}
    renamed = edited(several, ("private", 0, "names"), ["a.txt"])
    payload = one["bundle"]["dsseEnvelope"]["payload"]
    for fault, says, changed, words in (
        ("private-stray", "a private part that no statement names", {**one, "private": [part, stray]}, "is named by no statement"),
        ("private-changed", "a name was changed in the private part", renamed, "is named by no statement"),
        ("supporting-no-statement", "a supporting bundle whose payload is no statement", edited(one, ("supporting", 0, "dsseEnvelope", "payload"), "e30="), "'_type' is missing"),
        ("certificate-no-certificate", "a certificate that is none", edited(one, (*MATERIAL, "certificate", "rawBytes"), "QUJD"), "certificate: tag 0x41"),
        ("token-no-token", "a token that is none", edited(one, (*MATERIAL, "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp"), "QUJD"), "time-stamp token: tag 0x41"),
        ("payload-not-canonical", "a payload with a line feed at its end", edited(one, ("bundle", "dsseEnvelope", "payload"), _with_line_feed(payload)), "not in RFC 8785 form"),
    ):  # fmt: skip
        yield _unread(fault, says, inputs(scene, canonical(changed)), words)
    names = ["a.txt", "b/c.txt"]
    for fault, says, members, words in (
        (
            "names-do-not-fit",
            "two names for three files",
            {"names": names},
            "2 names for 3 subjects",
        ),
        (
            "private-without-names",
            "a private part without names",
            {"title": "x"},
            "'names' is missing",
        ),
        (
            "private-name-leaves",
            "a name that leaves its folder",
            {"names": [*names, "../d"]},
            "is not a plain relative path",
        ),
    ):
        yield _unread(fault, says, _naming(members), words)
    yield _unread(
        "handle-malformed", "a supporting handle that is none", _bad_handle(), "single hyphens inside", changes={7: NO}
    )  # fmt: skip


def _with_line_feed(payload: str) -> str:
    return base64.b64encode(base64.b64decode(payload) + b"\n").decode()


def _naming(members: dict[str, Any]) -> dict[str, Any]:
    """Let Ana sign three files and this private part."""
    scene = standard().fork()
    private = {"blind": "11" * 16, **members}
    entry = scene.registry.entries[scene.set]
    changed = parse_statement(entry.envelope.payload)._replace(private=private_digest(private))
    index = scene.registry.log(sign_statement(changed, scene.ana.signer), scene.ana.certificate)
    scene.private[private_digest(private)] = private
    dossier = scene.dossier(index, scene.ana, ("identity",))
    return inputs(scene, dossier, files=hexed(SET), whole=True)


def _bad_handle() -> dict[str, Any]:
    """Let Ana sign a handle that is none."""
    scene = standard().fork()
    private: dict[str, Any] = {"blind": "11" * 16, "handle": "Ana"}
    digest = private_digest(private)
    entry = scene.registry.entries[scene.ana.supporting["handle"]]
    changed = parse_statement(entry.envelope.payload)._replace(private=digest, subjects=(digest,))
    ana = copy.copy(scene.ana)
    ana.supporting = dict(ana.supporting)
    ana.supporting["handle"] = scene.registry.log(
        sign_statement(changed, ana.signer), ana.certificate
    )
    scene.private[digest] = private
    return inputs(scene, scene.dossier(scene.work, ana))


def _histories() -> Iterator[Vector]:
    """The key history is judged in step 7: what it lacks there makes the dossier unreadable."""
    scene = standard()
    one = lean()
    ana, ben = scene.ana.did_log, scene.ben.did_log
    shape = edited(ana[0], ("parameters", "portable"), False)  # noqa: FBT003 - a value
    for fault, says, logs, words in (
        (
            "history-missing",
            "a dossier without a key history",
            (),
            "the signer's DID log is missing",
        ),
        ("history-of-ben", "Ben's key history beside Ana's work", (ben,), "the DID log is of"),
        ("history-twice", "two key histories", (ana, ben), "the DID log is of"),
        ("history-malformed", "a key history that is none", ([shape],), "expected true"),
    ):
        given = inputs(scene, one._replace(did_logs=logs))
        yield _unread(fault, says, given, words, changes={7: NO})
    large = edited(ana[0], ("state", "alsoKnownAs"), ["x" * 4096] * 4)
    given = inputs(scene, one._replace(did_logs=([large],)))
    says = "a key history with an entry over 16 KiB"
    yield _unread("history-too-large", says, given, "expected at most 16384", changes={7: NO})
    changed = edited(ana[0], ("versionTime",), format_time(START + 1))
    dossier = one._replace(did_logs=([changed],))
    says = "the key history was changed"
    given = inputs(scene, dossier)
    yield verdict("history-changed", says, given, "invalid", "scid_not_derived", changes={7: NO})
