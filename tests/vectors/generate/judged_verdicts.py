"""Whole verifications of proofs that hold, and are not enough or not for this file."""

import copy
import hashlib
from collections.abc import Iterator

from tests.vectors.corpus import Vector
from tests.vectors.generate.edit import edited, flipped
from tests.vectors.generate.keys import P256, ed25519
from tests.vectors.generate.registry import DAY, SINCE, START, YEAR, Registry, listed
from tests.vectors.generate.scene import REPORT, SET, Scene, standard
from tests.vectors.generate.valid_verdicts import changed_person, with_line
from tests.vectors.generate.verdicts import (
    NO,
    UNKNOWN,
    YES,
    hexed,
    inputs,
    lean,
    status_json,
    verdict,
)
from trust.core.canonical import canonical
from trust.core.encoding import format_time
from trust.core.keys.p256 import ed25519_spki, spki
from trust.core.people.did import parse_log
from trust.core.registry.dossier import Dossier
from trust.core.signing.facts import IdentityFacts
from trust.core.signing.identity import Principal, status_key

DRAFT = {"draft.txt": b"A draft.\n"}
STRANGER = P256("a stranger")


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _times()
    yield from _mismatches()
    yield from _revoked()
    yield from _other_signers()
    yield from _old()
    yield from _status_faults()
    yield from _states()
    yield from _replaced_by_others()
    yield from _no_history()
    yield from _histories()
    yield from _supporting()


def _times() -> Iterator[Vector]:
    scene = standard()
    early = format_time(START + 60 * scene.work - 61)
    given = inputs(scene, lean(), dated=[format_time(scene.registry.clock), early])
    says = "somebody saw the signature over a minute before it can have been made"
    code = "could_not_check"
    yield verdict("times-contradict", says, given, code, "times_contradict", changes={4: UNKNOWN})


def _mismatches() -> Iterator[Vector]:
    scene = standard()
    one, several = lean(), scene.dossier(scene.set, scene.ana, ("identity",))
    missing = {name: SET[name] for name in ("a.txt", "d.bin")}
    for fault, says, dossier, files, whole, reason in (
        ("file-changed", "one byte of the file was changed", one, {"report.txt": b"A report?\n"}, False, "changed"),
        ("file-empty", "an empty file", one, {"report.txt": b""}, False, "changed"),
        ("file-of-another-work", "a file of another work of hers", one, {"a.txt": SET["a.txt"]}, False, "changed"),
        ("no-file-to-compare", "an empty folder", one, {}, True, "no_subject"),
        ("set-file-changed", "one file of the set was changed", several, {**SET, "a.txt": b"?"}, True, "changed"),
        ("set-file-missing", "one file of the set is missing", several, missing, True, "missing"),
        ("set-file-added", "a file beside the set", several, {**SET, "e.txt": b"E"}, True, "added"),
        ("set-file-renamed", "one file of the set has another name", several, {**missing, "c.txt": SET["b/c.txt"]}, True, "missing"),
    ):  # fmt: skip
        given = inputs(scene, dossier, files=hexed(files), whole=whole)
        yield verdict(fault, says, given, "mismatch", reason, changes={1: NO})


def _revoked() -> Iterator[Vector]:
    scene = standard()
    withdrawn = scene.dossier(scene.withdrawn, scene.ana, ("identity",))
    draft = hexed(DRAFT)
    plain = inputs(scene, withdrawn, files=draft)
    yield verdict(
        "withdrawn", "withdrawn by its signer", plain, "revoked", "withdrawn", changes={8: NO}
    )
    given = inputs(scene, withdrawn, files=hexed({"draft.txt": b"?"}))
    says = "withdrawn, and another file"
    yield verdict(
        "withdrawn-and-changed",
        says,
        given,
        "mismatch",
        "changed",
        "withdrawn",
        changes={1: NO, 8: NO},
    )
    given = inputs(scene, withdrawn, files=draft, policy={"scid": scene.ben.scid})
    says = "withdrawn, and by another person than expected"
    yield verdict(
        "withdrawn-and-other-signer", says, given, "revoked", "withdrawn", "signer_mismatch", changes={8: NO, 10: NO}
    )  # fmt: skip
    given = inputs(scene, withdrawn, files=draft, policy={"acceptUnknownStatus": True})
    says = "withdrawn, though an unknown status is accepted"
    yield verdict(
        "withdrawn-though-unknown-accepted", says, given, "revoked", "withdrawn", changes={8: NO}
    )
    yield from _withdrawn_when(withdrawn)


def _withdrawn_when(withdrawn: Dossier) -> Iterator[Vector]:
    scene = standard()
    draft = hexed(DRAFT)
    logged = START + 60 * (scene.withdrawal + 1)
    given = inputs(scene, withdrawn, files=draft, at=format_time(logged))
    says = "judged as of the second in which it was withdrawn"
    yield verdict("withdrawn-this-second", says, given, "revoked", "withdrawn", changes={8: NO})
    grown = scene.fork()
    grown.withdraw(grown.ana, grown.work)
    names = [proof.k for proof in lean().status.proofs]
    newer = status_json(grown.registry.status(names))
    now = format_time(grown.registry.clock)
    given = inputs(scene, lean(), at=now, statuses=[newer])
    says = "the dossier is older than the withdrawal, a status from elsewhere is not"
    yield verdict("withdrawn-elsewhere", says, given, "revoked", "withdrawn", changes={8: NO})
    later = inputs(grown, lean(grown), at=now, statuses=[status_json(scene.registry.status(names))])
    says = "withdrawn in the dossier, not yet in an older status from elsewhere"
    yield verdict(
        "withdrawn-though-older-is-not", says, later, "revoked", "withdrawn", changes={8: NO}
    )
    ruled = with_line(scene, status_key("statement", scene.ids[scene.work]), "withdrawn", "ruling")
    says = "withdrawn by a ruling"
    yield verdict(
        "withdrawn-by-ruling",
        says,
        inputs(ruled, lean(ruled)),
        "revoked",
        "withdrawn",
        changes={8: NO},
    )


def _other_signers() -> Iterator[Vector]:
    scene = standard()
    full = scene.dossier(scene.work, scene.ana)
    ben = inputs(scene, lean(), policy={"scid": scene.ben.scid})
    yield verdict(
        "other-scid",
        "another person than expected",
        ben,
        "other_signer",
        "signer_mismatch",
        changes={10: NO},
    )
    given = inputs(scene, full, policy={"handle": "ben"})
    yield verdict(
        "other-handle",
        "another handle than expected",
        given,
        "other_signer",
        "signer_mismatch",
        changes={10: NO},
    )
    given = inputs(scene, full, policy={"handle": "aria"})
    yield verdict(
        "similar-handle",
        "a handle that only looks similar",
        given,
        "other_signer",
        "signer_mismatch",
        changes={10: NO},
    )
    registry = Dossier(scene.registry.bundle(1), {}, (), (), lean().status)
    given = inputs(
        scene, registry, files=None, policy={"handle": "ana"}, at=format_time(scene.registry.clock)
    )
    says = "the registry itself, and a person was expected"
    yield verdict(
        "registry-is-nobody", says, given, "other_signer", "no_status", "signer_mismatch",
        changes={1: UNKNOWN, 8: UNKNOWN, 10: NO},
    )  # fmt: skip
    given = inputs(scene, lean(), policy={"handle": "ana"})
    says = "a handle, and no statement of it at hand"
    yield verdict(
        "handle-not-at-hand",
        says,
        given,
        "could_not_check",
        "handle_not_at_hand",
        changes={10: UNKNOWN},
    )
    given = inputs(scene, full, files=hexed({"report.txt": b"?"}), policy={"handle": "ben"})
    says = "another file and another person"
    yield verdict(
        "changed-and-other-signer",
        says,
        given,
        "mismatch",
        "changed",
        "signer_mismatch",
        changes={1: NO, 10: NO},
    )


def _old() -> Iterator[Vector]:
    scene = standard()
    clock = scene.registry.clock
    given = inputs(scene, lean(), at=format_time(clock + 30 * DAY + 1))
    says = "a status a second older than is allowed"
    yield verdict(
        "status-too-old", says, given, "could_not_check", "status_too_old", changes={8: UNKNOWN}
    )
    given = inputs(scene, lean(), at=format_time(clock + 61), policy={"maxStatusAge": 60})
    says = "a status older than the relying party allows"
    yield verdict(
        "status-older-than-asked",
        says,
        given,
        "could_not_check",
        "status_too_old",
        changes={8: UNKNOWN},
    )
    given = inputs(
        scene, lean(), at=format_time(START + YEAR), policy={"acceptUnknownStatus": True}
    )
    says = "at the end of the trust file"
    yield verdict(
        "trust-file-expired", says, given, "could_not_check", "trust_file_expired", changes={8: UNKNOWN, 10: UNKNOWN}
    )  # fmt: skip
    given = inputs(scene, lean(), at=format_time(START + YEAR), files=hexed({"report.txt": b"?"}))
    says = "another file, an old status and an expired trust file"
    yield verdict(
        "everything-at-once", says, given, "mismatch", "changed", "status_too_old", "trust_file_expired",
        changes={1: NO, 8: UNKNOWN},
    )  # fmt: skip


def _status_faults() -> Iterator[Vector]:
    scene = standard()
    registry, dossier = scene.registry, lean()
    status = dossier.status
    signature = status.envelope.signatures[0]
    bad = signature._replace(value=flipped(signature.value, 3))
    unsigned = status._replace(envelope=status.envelope._replace(signatures=(bad,)))
    cut = status._replace(proofs=status.proofs[1:])
    none = status._replace(proofs=())
    others = registry.status([status_key("statement", "0" * 16)])
    withdrawn = scene.dossier(scene.withdrawn, scene.ana, ("identity",))
    here = withdrawn.status.proofs[0]
    hidden = here._replace(here=None, left=None, right=here.here)
    lied = withdrawn.status._replace(proofs=(hidden, *withdrawn.status.proofs[1:]))
    key = ed25519_spki(registry.keys["status"].public_key)
    ended = registry.trust(statusKeys=[listed(key, SINCE, registry.clock)])
    stranger = registry.fork()
    stranger.keys = {**registry.keys, "status": ed25519("a stranger")}
    foreign = stranger.status([proof.k for proof in status.proofs])
    for fault, says, case, trust, code, reasons, result in (
        ("status-signature-changed", "one bit of the status's signature", dossier._replace(status=unsigned), None, "invalid", ("bad_status_signature", "no_status"), NO),
        ("status-hides-the-withdrawal", "a false proof that nothing is withdrawn", withdrawn._replace(status=lied), None, "invalid", ("bad_status_proof", "no_status"), NO),
        ("status-without-its-proof", "the proof for the statement is left out", dossier._replace(status=cut), None, "could_not_check", ("no_status",), UNKNOWN),
        ("status-without-proofs", "no proof at all", dossier._replace(status=none), None, "could_not_check", ("no_status",), UNKNOWN),
        ("status-of-another", "only the proof for another statement", dossier._replace(status=others), None, "could_not_check", ("no_status",), UNKNOWN),
        ("status-key-ended", "a status by a key at its end", dossier, ended, "could_not_check", ("unlisted_status_key", "no_status"), UNKNOWN),
        ("status-by-a-stranger", "a status by a key that is not listed", dossier._replace(status=foreign), None, "could_not_check", ("unlisted_status_key", "no_status"), UNKNOWN),
    ):  # fmt: skip
        files = hexed(DRAFT) if case.bundle == withdrawn.bundle else hexed(REPORT)
        given = inputs(scene, case, files=files, trust=(trust or scene.trust).decode())
        yield verdict(fault, says, given, code, *reasons, changes={8: result})
    given = inputs(scene, dossier._replace(status=foreign), newestTrust=True)
    says = "the same, and the trust file is the registry's newest"
    yield verdict(
        "status-by-a-stranger-newest-trust", says, given, "invalid", "unlisted_status_key", "no_status", changes={8: NO}
    )  # fmt: skip
    yield from _status_of_other_logs()


def _status_of_other_logs() -> Iterator[Vector]:
    scene = standard()
    names = [proof.k for proof in lean().status.proofs]
    elsewhere = Registry("other.example")
    elsewhere.entries, elsewhere.clock = list(scene.registry.entries), scene.registry.clock
    foreign = lean()._replace(status=elsewhere.status(names))
    says = "the status of another registry"
    yield verdict(
        "status-of-other-registry", says, inputs(scene, foreign), "could_not_check", "unlisted_log", "no_status",
        changes={8: UNKNOWN},
    )  # fmt: skip
    ahead = inputs(scene, lean(), at=format_time(scene.registry.clock - 61))
    says = "a status over a minute ahead of now, which would never grow old"
    yield verdict(
        "status-from-the-future", says, ahead, "could_not_check", "no_status", changes={8: UNKNOWN}
    )
    early = Registry(origin="log2025-1.registry.example")
    early.entries, early.clock = list(scene.registry.entries), scene.registry.clock
    logs = [early.listed_log(early.root()), scene.registry.listed_log()]
    dossier = lean()._replace(status=early.status(names))
    given = inputs(scene, dossier, trust=scene.registry.trust(logs=logs).decode())
    says = "the status of an older log, which knows nothing of this entry"
    yield verdict(
        "status-of-an-older-log", says, given, "could_not_check", "no_status", changes={8: UNKNOWN}
    )


def _states() -> Iterator[Vector]:
    scene = standard()
    for fault, says, name, state in (
        ("statement-frozen", "the statement itself is said to be frozen", status_key("statement", scene.ids[scene.work]), "frozen"),
        ("key-superseded", "a key is said to be superseded, which only a statement can be", _key_name(scene), "superseded"),
    ):  # fmt: skip
        twin = with_line(scene, name, state, scene.ana.scid)
        yield verdict(fault, says, inputs(twin, lean(twin)), "valid", changes={})


def _replaced_by_others() -> Iterator[Vector]:
    """Only its signer replaces a statement; a replacement does not make good what does not hold."""
    scene = standard()
    name = status_key("statement", scene.ids[scene.work])
    ruled = with_line(scene, name, "superseded", "ruling")
    says = "a ruling is said to have replaced the statement"
    yield verdict("superseded-by-ruling", says, inputs(ruled, lean(ruled)), "valid", changes={})
    twin = with_line(scene, name, "superseded", scene.ana.scid)
    given = inputs(twin, lean(twin), files=hexed({"report.txt": b"?"}))
    says = "another file than the one that was replaced"
    yield verdict(
        "superseded-and-changed", says, given, "mismatch", "changed", "superseded", changes={1: NO}
    )
    given = inputs(twin, lean(twin), policy={"handle": "ben"})
    says = "replaced, and its signer cannot be told from the expected one"
    yield verdict(
        "superseded-unknown-signer", says, given, "could_not_check", "superseded", "handle_not_at_hand",
        changes={10: UNKNOWN},
    )  # fmt: skip
    later = scene.fork()
    draft = later.sign(later.ana, REPORT, supersedes=later.withdrawn)
    dossier = later.dossier(later.withdrawn, later.ana, ("identity",), draft)
    given = inputs(later, dossier, files=hexed(DRAFT))
    says = "withdrawn, and replaced later"
    yield verdict(
        "withdrawn-and-superseded", says, given, "revoked", "withdrawn", "superseded",
        changes={8: NO}, newer=later.ids[draft],
    )  # fmt: skip


def _key_name(scene: Scene) -> bytes:
    return status_key("key", hashlib.sha256(spki(scene.ana.signer.public_key)).hexdigest())


def _no_history() -> Iterator[Vector]:
    scene = standard()
    bare = canonical(lean().bundle.to_json())
    given = inputs(scene, bare)
    says = "a bare bundle: the signer's own key history is not at hand"
    yield verdict(
        "bare-bundle", says, given, "could_not_check", "no_key_history", "no_status", changes={7: UNKNOWN, 8: UNKNOWN}
    )  # fmt: skip
    given = inputs(scene, bare, files=hexed({"report.txt": b"?"}))
    says = "a bare bundle and another file"
    yield verdict(
        "bare-bundle-changed", says, given, "mismatch", "changed", "no_key_history", "no_status",
        changes={1: NO, 7: UNKNOWN, 8: UNKNOWN},
    )  # fmt: skip
    given = inputs(scene, bare, statuses=[status_json(lean().status)])
    says = "a bare bundle, with a status from elsewhere"
    yield verdict(
        "bare-bundle-with-status",
        says,
        given,
        "could_not_check",
        "no_key_history",
        changes={7: UNKNOWN},
    )
    yield from _status_of_a_size(bare)
    given = inputs(scene, bare, policy={"scid": scene.ana.scid})
    says = "a bare bundle of the expected person"
    yield verdict(
        "bare-bundle-expected", says, given, "could_not_check", "no_key_history", "no_status",
        changes={7: UNKNOWN, 8: UNKNOWN, 10: YES},
    )  # fmt: skip
    unlogged = scene.dossier(scene.work, scene.ana, ())
    says = "a key history that the registry is not shown to have logged"
    yield verdict(
        "history-not-logged", says, inputs(scene, unlogged), "could_not_check", "key_history_not_logged",
        changes={7: UNKNOWN},
    )  # fmt: skip


def _status_of_a_size(bare: bytes) -> Iterator[Vector]:
    """A status covers an entry from the size on that holds it."""
    scene = standard()
    names = [proof.k for proof in lean().status.proofs]
    for size, reasons, result in (
        (scene.work, ("no_key_history", "no_status"), UNKNOWN),
        (scene.work + 1, ("no_key_history",), YES),
    ):
        earlier = scene.fork()
        earlier.registry.entries = earlier.registry.entries[:size]
        given = inputs(scene, bare, statuses=[status_json(earlier.registry.status(names))])
        says = f"the entry has index {scene.work}, and the status is of {size} entries"
        fault, changes = f"bare-bundle-status-of-{size}", {7: UNKNOWN, 8: result}
        yield verdict(fault, says, given, "could_not_check", *reasons, changes=changes)


def _histories() -> Iterator[Vector]:
    """Step 7: what keeps a registry from speaking for a person."""
    scene = standard().fork()
    ana = copy.copy(scene.ana)
    ana.author = ana.author._replace(signer=STRANGER)
    ana.certificate = scene.registry.issue(STRANGER.public_key, ana.uri)
    index = scene.sign(ana, REPORT)
    dossier = scene.dossier(index, ana, ("identity",))
    says = "the registry issued a certificate in Ana's name for a key of its own"
    yield verdict(
        "minted-key", says, inputs(scene, dossier), "invalid", "key_not_in_history", changes={7: NO}
    )
    scene = standard().fork()
    forged = changed_person(scene, scene.ana, [STRANGER.public_key])
    entry = edited(forged.did_log[-1], ("proof",), scene.ana.first_entry["proof"])
    forged.did_log = [scene.ana.did_log[0], entry]
    dossier = scene.dossier(scene.work, scene.ana, ("identity",))
    dossier = dossier._replace(did_logs=(forged.did_log,))
    says = "an entry of the key history with the proof of another"
    yield verdict(
        "history-forged",
        says,
        inputs(scene, dossier),
        "invalid",
        "not_an_update_key",
        changes={7: NO},
    )
    yield from _versions()
    yield from _agents()


def _versions() -> Iterator[Vector]:
    scene = standard().fork()
    ana = changed_person(scene, scene.ana, [STRANGER.public_key])
    index = scene.sign(ana, REPORT)
    dossier = scene.dossier(index, ana, ("identity",))
    says = "signed by a key that this version no longer holds"
    yield verdict(
        "key-dropped-before",
        says,
        inputs(scene, dossier),
        "invalid",
        "key_not_in_history",
        changes={7: NO},
    )
    short = dossier._replace(did_logs=(ana.did_log[:1],))
    says = "the version that the statement names is cut off"
    yield verdict(
        "history-cut-off", says, inputs(scene, short), "invalid", "no_such_version", changes={7: NO}
    )
    scene = standard().fork()
    point = scene.ana.signer.public_key
    moved = changed_person(scene, scene.ana, [point], host="other.example")
    mixed = copy.copy(moved)
    mixed.author = moved.author._replace(did=scene.ana.author.did)
    index = scene.sign(mixed, REPORT)
    dossier = scene.dossier(index, moved, ("identity",))
    says = "the old host's DID with the version that moved away"
    yield verdict(
        "did-of-the-old-host",
        says,
        inputs(scene, dossier),
        "invalid",
        "other_key_history",
        changes={7: NO},
    )


def _agents() -> Iterator[Vector]:
    scene = standard().fork()
    ana = copy.copy(scene.ana)
    ana.author = ana.author._replace(signer=STRANGER)
    for fault, says, principal in (
        ("agent", "signed by an agent without a delegation", Principal("agent", ana.scid, 1)),
        ("organisation", "signed by an organisation, which this version does not judge", Principal("organisation", ana.scid)),
    ):  # fmt: skip
        ana.certificate = scene.registry.issue(
            STRANGER.public_key, principal.uri(scene.registry.public_url)
        )
        twin = scene.fork()
        index = twin.sign(ana, REPORT)
        if fault == "agent":
            dossier = twin.unverified(index, ana, ("identity",))
            yield verdict(fault, says, inputs(twin, dossier), "invalid", "wrong_signer_kind")
            continue
        dossier = twin.dossier(index, ana, ("identity",))
        yield verdict(
            fault, says, inputs(twin, dossier), "could_not_check", "signer_kind_not_checked", changes={7: UNKNOWN}
        )  # fmt: skip


def _supporting() -> Iterator[Vector]:
    """A fault in a bundle beside the one that is judged is a fault of step 7."""
    scene = standard()
    dossier = scene.dossier(scene.work, scene.ana)
    identity, handle = dossier.supporting
    other = scene.registry.bundle(scene.bens)
    bens = scene.registry.bundle(scene.ben.supporting["handle"])
    key = spki(scene.registry.keys["registry"].public_key)
    ended = scene.registry.trust(registryKeys=[listed(key, SINCE, START + 60)])
    for fault, says, supporting, reason in (
        ("supporting-token-swapped", "a supporting bundle with another's token", (identity, handle._replace(token=other.token)), "other_imprint"),
        ("supporting-leaf-swapped", "a supporting bundle with another's log entry", (identity, handle._replace(proof=other.proof)), "other_leaf"),
        ("supporting-signature-changed", "a supporting bundle under another's certificate", (identity, handle._replace(certificate=other.certificate)), "bad_signature"),
        ("supporting-of-ben", "Ben's handle beside Ana's work", (identity, bens), "other_key_history"),
    ):  # fmt: skip
        case = dossier._replace(supporting=supporting)
        if fault == "supporting-of-ben":
            case = case._replace(private=lean().private)
        yield verdict(fault, says, inputs(scene, case), "invalid", reason, changes={7: NO})
    given = inputs(scene, lean(), trust=ended.decode())
    says = "the DID entry was logged under a registry key after its end"
    yield verdict(
        "registry-key-ended",
        says,
        given,
        "could_not_check",
        "unlisted_registry_key",
        changes={7: UNKNOWN},
    )
    given = inputs(scene, lean(), trust=ended.decode(), newestTrust=True)
    says = "the same, and the trust file is the registry's newest"
    yield verdict(
        "registry-key-ended-newest-trust",
        says,
        given,
        "invalid",
        "unlisted_registry_key",
        changes={7: NO},
    )
    yield from _false_identity()


def _false_identity() -> Iterator[Vector]:
    scene = standard().fork()
    entry = parse_log(scene.ana.did_log).entries[0]
    facts = IdentityFacts(scene.ana.scid, entry.version_id)
    ana = copy.copy(scene.ana)
    ana.supporting = {"identity": scene.registry.say("identity", bytes(32), facts)}
    dossier = scene.dossier(scene.work, ana, ("identity",))
    both = scene.dossier(scene.work, scene.ana, ("identity",)).supporting + dossier.supporting
    behind = inputs(scene, dossier._replace(supporting=both))
    says = "a good identity, and behind it one of another DID entry"
    yield verdict(
        "other-identity-behind", says, behind, "invalid", "other_identity", changes={7: NO}
    )
    says = "the registry logged another DID entry than the one at hand"
    yield verdict(
        "other-identity", says, inputs(scene, dossier), "invalid", "other_identity", changes={7: NO}
    )
