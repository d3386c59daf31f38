"""Whole verifications of what was signed by keys that were revoked, and by people who are frozen."""

import hashlib
from collections.abc import Iterator

from tests.vectors.corpus import Vector
from tests.vectors.generate.registry import DAY, START
from tests.vectors.generate.scene import Scene, standard
from tests.vectors.generate.verdicts import (
    NO,
    UNKNOWN,
    hexed,
    inputs,
    lean,
    status_json,
    verdict,
)
from trust.core.encoding import format_time
from trust.core.keys.p256 import spki
from trust.core.registry.status_line import Line, State
from trust.core.signing.identity import status_key

BOUND = 30 * DAY
EARLIER, DISPUTED = "valid_before_revocation", "disputed"


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _keys()
    yield from _moments()
    yield from _with_other_reasons()
    yield from _freezes()
    yield from _signed_while_frozen()
    yield from _gathered()


def token_time(scene: Scene) -> int:
    """Return the token time of Ana's report."""
    return START + 60 * (scene.work + 1)


def key_name(scene: Scene) -> bytes:
    """Return the name of the line of Ana's key."""
    key = hashlib.sha256(spki(scene.ana.signer.public_key)).hexdigest()
    return status_key("key", key)


def person_name(scene: Scene) -> bytes:
    """Return the name of Ana's line."""
    return status_key("person", scene.ana.scid)


def with_states(scene: Scene, k: bytes, *states: tuple[str, int, int], by: str = "") -> Scene:
    """Return the scene with a line more: states as (state, since, logged)."""
    twin = scene.fork()
    said = tuple(State(*state, by or scene.ana.scid) for state in states)
    twin.registry.lines.append(Line(k, said))
    return twin


def _keys() -> Iterator[Vector]:
    scene = standard()
    token, k = token_time(scene), key_name(scene)
    now = scene.registry.clock
    for name, says, state, since, logged, code, reason in (
        ("key-retired", "the key was retired after the signature", "retired", now, now, EARLIER, "key_revoked_later"),
        ("key-lost", "the key was lost after the signature", "lost", now, now, EARLIER, "key_revoked_later"),
        ("key-revoked", "the key was revoked after the signature", "revoked", now, now, EARLIER, "key_revoked_later"),
        ("key-retired-a-second-later", "retired in the second after the token", "retired", token + 1, token + 1, EARLIER, "key_revoked_later"),
        ("key-retired-this-second", "retired in the second of the token", "retired", token, token, "revoked", "key_revoked"),
        ("key-lost-before", "the key was lost before the signature", "lost", token - 60, token - 60, "revoked", "key_revoked"),
        ("key-lost-since-before", "only a compromise reaches back", "lost", token - 60, now, EARLIER, "key_revoked_later"),
        ("key-compromised", "compromised since before the signature", "compromised", token - 60, now, DISPUTED, "key_disputed"),
        ("key-compromised-this-second", "compromised since the second of the token", "compromised", token, now, DISPUTED, "key_disputed"),
        ("key-compromised-later", "compromised since the second after the token", "compromised", token + 1, now, EARLIER, "key_revoked_later"),
        ("key-compromised-before", "reported before the signature", "compromised", token - 60, token, "revoked", "key_revoked"),
    ):  # fmt: skip
        twin = with_states(scene, k, (state, since, logged))
        changes = {} if code == EARLIER else {8: NO}
        yield verdict(name, says, inputs(twin, lean(twin)), code, reason, changes=changes)
    by = scene.ben.scid
    twin = with_states(scene, k, ("compromised", token, now), by=by)
    says = "somebody else says that the key is compromised"
    yield verdict(
        "key-compromised-by-a-stranger", says, inputs(twin, lean(twin)), "valid", changes={}
    )
    twin = with_states(scene, k, ("revoked", token, token), by="ruling")
    says = "revoked by a ruling before the signature"
    yield verdict(
        "key-revoked-by-ruling", says, inputs(twin, lean(twin)), "revoked", "key_revoked", changes={8: NO}
    )  # fmt: skip


def _moments() -> Iterator[Vector]:
    scene = standard()
    token, k = token_time(scene), key_name(scene)
    for name, says, since, logged, code, reason in (
        ("key-compromised-at-the-bound", "claimed for as long ago as can be", 0, token + BOUND, DISPUTED, "key_disputed"),
        ("key-compromised-beyond-the-bound", "claimed for longer ago than counts", 0, token + BOUND + 1, EARLIER, "key_revoked_later"),
    ):  # fmt: skip
        twin = with_states(scene, k, ("compromised", since, logged))
        twin.registry.clock = logged
        changes = {8: NO} if code == DISPUTED else {}
        yield verdict(name, says, inputs(twin, lean(twin)), code, reason, changes=changes)
    now = scene.registry.clock
    twin = with_states(scene, k, ("compromised", token, now))
    given = inputs(twin, lean(twin), at=format_time(now - 1), now=format_time(now))
    says = "judged as of the second before the compromise was reported"
    yield verdict("key-compromised-not-yet", says, given, "valid", changes={})
    twin = with_states(scene, k, ("retired", token + 1, token + 1), ("compromised", token, now))
    says = "retired, and reported as compromised after that"
    yield verdict(
        "key-retired-then-compromised", says, inputs(twin, lean(twin)), DISPUTED, "key_disputed", changes={8: NO}
    )  # fmt: skip
    twin = with_states(scene, k, ("withdrawn", token, token), ("frozen", token, token))
    says = "words that a key does not have"
    yield verdict("key-withdrawn", says, inputs(twin, lean(twin)), "valid", changes={})


def _with_other_reasons() -> Iterator[Vector]:
    scene = standard()
    k, now = key_name(scene), scene.registry.clock
    retired = with_states(scene, k, ("retired", now, now))
    withdrawn = retired.dossier(scene.withdrawn, scene.ana, ("identity",))
    given = inputs(retired, withdrawn, files=hexed({"draft.txt": b"A draft.\n"}))
    says = "withdrawn, and its key was retired later"
    yield verdict(
        "withdrawn-and-key-retired", says, given, "revoked", "withdrawn", "key_revoked_later", changes={8: NO}
    )  # fmt: skip
    given = inputs(retired, lean(retired), at=format_time(now + BOUND + 1))
    says = "the key was retired later, and the status is old"
    yield verdict(
        "key-retired-and-status-too-old", says, given, "could_not_check", "key_revoked_later", "status_too_old",
        changes={8: UNKNOWN},
    )  # fmt: skip
    both = with_states(retired, person_name(scene), ("frozen", now, now))
    both.registry.lines[-2] = Line(k, (State("compromised", START, now, scene.ana.scid),))
    says = "the key was compromised, and the person is frozen"
    yield verdict(
        "disputed-and-frozen", says, inputs(both, lean(both)), DISPUTED, "key_disputed", "frozen", changes={8: NO}
    )  # fmt: skip


def _freezes() -> Iterator[Vector]:
    scene = standard()
    k, now = person_name(scene), scene.registry.clock
    token = token_time(scene)
    frozen, lifted = ("frozen", now - 60, now - 60), ("unfrozen", now, now)
    twin = with_states(scene, k, frozen)
    says = "the person is frozen"
    yield verdict(
        "person-frozen", says, inputs(twin, lean(twin)), "frozen", "frozen", changes={8: NO}
    )
    twin = with_states(scene, k, frozen, lifted)
    says = "the person was frozen, and is not any more"
    yield verdict("person-unfrozen", says, inputs(twin, lean(twin)), "valid", changes={})
    given = inputs(twin, lean(twin), at=format_time(now - 1), now=format_time(now))
    says = "judged as of a moment before the freeze was lifted"
    yield verdict("person-not-yet-unfrozen", says, given, "frozen", "frozen", changes={8: NO})
    twin = with_states(scene, k, frozen, lifted, ("frozen", now, now))
    says = "frozen again in the second in which the freeze was lifted"
    yield verdict(
        "person-frozen-again", says, inputs(twin, lean(twin)), "frozen", "frozen", changes={8: NO}
    )
    twin = with_states(scene, k, frozen, by="ruling")
    says = "frozen by a ruling"
    yield verdict(
        "person-frozen-by-ruling", says, inputs(twin, lean(twin)), "frozen", "frozen", changes={8: NO}
    )  # fmt: skip
    twin = with_states(scene, k, ("compromised", token, token))
    says = "a word that people do not have"
    yield verdict("person-compromised", says, inputs(twin, lean(twin)), "valid", changes={})


def _signed_while_frozen() -> Iterator[Vector]:
    scene = standard()
    k, token = person_name(scene), token_time(scene)
    for name, says, start, end, code in (
        ("signed-while-frozen", "signed while the person was frozen, which was lifted later", token, token + 1, "frozen"),
        ("signed-when-unfrozen", "signed in the second in which the freeze was lifted", token - 1, token, "valid"),
        ("signed-before-frozen", "signed in the second before the freeze", token + 1, token + 2, "valid"),
    ):  # fmt: skip
        twin = with_states(scene, k, ("frozen", start, start), ("unfrozen", end, end))
        reasons = ("signed_while_frozen",) if code == "frozen" else ()
        changes = {8: NO} if reasons else {}
        yield verdict(name, says, inputs(twin, lean(twin)), code, *reasons, changes=changes)
    index = scene.ana.supporting["enrolment"]
    enrolled = START + 60 * (index + 1)
    twin = with_states(scene, k, ("frozen", START, START), ("unfrozen", enrolled + 1, enrolled + 1))
    given = inputs(twin, twin.dossier(index, twin.ana, ("identity",)), files=None)
    says = "an enrolment may be signed while the person is frozen"
    yield verdict("enrolled-while-frozen", says, given, "valid", changes={1: UNKNOWN})


def _gathered() -> Iterator[Vector]:
    """A revocation in any status counts; of freezes the newest status has the last word."""
    scene = standard()
    now = scene.registry.clock
    names = [proof.k for proof in lean().status.proofs]
    retired = with_states(scene, key_name(scene), ("retired", now, now))
    given = inputs(scene, lean(), statuses=[status_json(retired.registry.status(names))])
    says = "the key was retired, as a status from elsewhere says"
    yield verdict("key-retired-elsewhere", says, given, EARLIER, "key_revoked_later", changes={})
    frozen = with_states(scene, person_name(scene), ("frozen", now, now))
    grown = with_states(
        scene, person_name(scene), ("frozen", now, now), ("unfrozen", now + 60, now + 60)
    )
    grown.registry.clock += 60
    at = format_time(now + 60)
    newer = status_json(grown.registry.status(names))
    given = inputs(scene, lean(frozen), at=at, statuses=[newer])
    says = "frozen in the dossier, not any more in a newer status"
    yield verdict("person-unfrozen-elsewhere", says, given, "valid", changes={})
    older = status_json(frozen.registry.status(names))
    given = inputs(scene, lean(grown), at=at, statuses=[older])
    says = "frozen in an older status, not any more in the dossier"
    yield verdict("person-unfrozen-here", says, given, "valid", changes={})
