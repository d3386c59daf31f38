"""Whole verifications of statements for which a passkey was unlocked, or is said to have been."""

from collections.abc import Callable, Iterator

from tests.vectors.corpus import Vector
from tests.vectors.generate.keys import P256
from tests.vectors.generate.passkeys import Passkey
from tests.vectors.generate.scene import REPORT, standard
from tests.vectors.generate.verdicts import NO, UNKNOWN, hexed, inputs, verdict
from trust.core.people.presence import Presence

Unlock = Callable[[Passkey, str, bytes], Presence]

GOOD: dict[str, tuple[str, Unlock, str]] = {
    "presence": ("on one device", lambda key, name, asked: key.unlock(name, asked), "subject-present"),
    "presence-synced": ("that may be on several devices", lambda key, name, asked: key.unlock(name, asked, flags=0x1D), "human-verified"),
    "presence-not-synced-yet": ("that may be, and is not yet", lambda key, name, asked: key.unlock(name, asked, flags=0x0D), "human-verified"),
    "presence-other-members": ("with a member that browsers add", lambda key, name, asked: key.unlock(name, asked, other_keys_can_be_added_here="do not compare"), "subject-present"),
    "presence-no-cross-origin": ("by an older browser", lambda key, name, asked: key.unlock(name, asked, crossOrigin=None), "subject-present"),
}  # fmt: skip
BAD: dict[str, tuple[str, Unlock]] = {
    "presence-unverified": ("the authenticator did not verify its user", lambda key, name, asked: key.unlock(name, asked, flags=0x01)),
    "presence-absent": ("the user was verified and not present", lambda key, name, asked: key.unlock(name, asked, flags=0x04)),
    "presence-bad-flags": ("backed up, and may not be", lambda key, name, asked: key.unlock(name, asked, flags=0x15)),
    "presence-extensions": ("extensions are announced and not there", lambda key, name, asked: key.unlock(name, asked, flags=0x85)),
    "presence-other-statement": ("made for another statement", lambda key, name, _asked: key.unlock(name, bytes(32))),
    "presence-other-origin": ("asked for by another page", lambda key, name, asked: key.unlock(name, asked, origin="https://evil.example")),
    "presence-other-type": ("a registration instead of an assertion", lambda key, name, asked: key.unlock(name, asked, type="webauthn.create")),
    "presence-in-a-frame": ("asked for inside a page of somebody else", lambda key, name, asked: key.unlock(name, asked, crossOrigin=True)),
    "presence-top-origin": ("asked for inside a named page", lambda key, name, asked: key.unlock(name, asked, topOrigin="https://evil.example")),
    "presence-other-site": ("made for another site", lambda key, name, asked: Passkey("https://evil.example", key.signer).unlock(name, asked, origin=key.public_url)),
    "presence-other-key": ("made by another passkey", lambda key, name, asked: Passkey(key.public_url, P256("a stranger unlocks")).unlock(name, asked)),
    "presence-no-json": ("client data that are no JSON", lambda key, name, asked: key.unlock(name, asked)._replace(client_data=b"{")),
}  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    scene = standard().fork()
    ana, file = scene.ana, hexed(REPORT)
    place, passkey = scene.register(ana)
    registered, name = scene.registry.clock, scene.ids[place]
    for fault, (says, unlock, level) in GOOD.items():
        work = scene.sign(ana, REPORT, prove=_by(passkey, name, unlock))
        given = inputs(scene, scene.dossier(work, ana, ("identity",), place), files=file)
        shown = (level, registered)
        yield verdict(fault, f"a passkey {says}", given, "valid", changes={}, present=shown)
    for fault, (says, unlock) in BAD.items():
        work = scene.sign(ana, REPORT, prove=_by(passkey, name, unlock))
        given = inputs(scene, scene.dossier(work, ana, ("identity",), place), files=file)
        yield verdict(fault, says, given, "invalid", "bad_presence", changes={7: NO})
    work = scene.sign(ana, REPORT, prove=lambda asked: passkey.unlock(name, asked))
    given = inputs(scene, scene.dossier(work, ana, ("identity",)), files=file)
    says = "what registered the passkey is not at hand"
    yield verdict(
        "presence-unknown", says, given, "could_not_check", "passkey_not_at_hand", changes={7: UNKNOWN}
    )  # fmt: skip
    other = scene.ids[scene.work]
    work = scene.sign(ana, REPORT, prove=lambda asked: passkey.unlock(other, asked))
    given = inputs(scene, scene.dossier(work, ana, ("identity",), scene.work), files=file)
    says = "the id of a passkey is that of a deliverable"
    yield verdict("presence-no-passkey", says, given, "invalid", "bad_presence", changes={7: NO})


def _by(passkey: Passkey, name: str, unlock: Unlock) -> Callable[[bytes], Presence]:
    return lambda asked: unlock(passkey, name, asked)
