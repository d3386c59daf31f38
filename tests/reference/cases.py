"""Seeded cases: a sealed variant of an example, with up to three things changed in it."""

import base64
import copy
import json
from collections.abc import Iterator
from functools import cache
from itertools import count
from random import Random
from typing import Any

from specs.reference import verify
from tests.reference import editing, sealing
from tests.reference.variants import VARIANTS

EXAMPLES = ("poem.txt", "plans")
BARE = 0.1
# Every part that a sealer shows to its hook, those in which more can be wrong more often.
PARTS = (
    "trust", "trust", "trust envelope", "did entry", "did entry", "did proof",
    "did log", "did log", "private part",
    "main certificate", "main certificate", "sct signature", "ca signature",
    "main statement", "main statement", "main notBefore", "main payload", "main signature",
    "main leaf", "main token", "tsa signature", "main token as DER", "main entry",
    "supporting certificate", "supporting statement", "supporting notBefore", "supporting payload",
    "supporting signature", "supporting leaf", "supporting token", "supporting token as DER",
    "supporting entry", "checkpoint", "checkpoint", "proof", "proof", "snapshot", "snapshot",
    "status", "status", "dossier", "dossier", "bare", "bare", "material",
)  # fmt: skip
# What a sealer meets when a change left nothing to seal.
UNSEALABLE = (
    ArithmeticError, AttributeError, LookupError, TypeError, ValueError, verify.MalformedError,
)  # fmt: skip


class Change:
    """A hook that edits one occurrence of each of these parts."""

    def __init__(self, rng: Random, targets: list[str], *, bare: bool) -> None:
        self.rng = rng
        self.targets = {name: rng.choice((0, 0, 1, 2)) for name in targets}
        self.bare = bare

    def __call__(self, name: str, part: Any) -> Any:
        if name == "kind":
            return "bare" if self.bare else part
        left = self.targets.get(name)
        if left is None:
            return part
        self.targets[name] = left - 1
        if left:
            return part
        if name.endswith("signature") and self.rng.random() < 0.3:
            return editing.other_signature(self.rng, part)
        return editing.edit(self.rng, copy.deepcopy(part))


@cache
def opened(name: str) -> str:
    return json.dumps(sealing.open_example(name))


def case(seed: int) -> dict[str, Any] | None:
    """The input of a `verification`; None if the changes left nothing that could be sealed."""
    rng = Random(seed)  # noqa: S311
    bare = seed % 10 == 0 or rng.random() < BARE
    parts = json.loads(opened(rng.choice(EXAMPLES)))
    variants = rng.sample(VARIANTS, rng.choice((0, 0, 1, 1, 2, 3)))
    targets = rng.sample(
        PARTS, rng.choice((0, 1, 1, 1, 2, 2, 3)) if variants else rng.choice((1, 2))
    )
    try:
        for vary in variants:
            vary(rng, parts)
        sealed = sealing.Sealer(Change(rng, targets, bare=bare)).seal(parts)
        if rng.random() < 0.05:
            sealed["material"] = exchanged(rng, sealed["material"])
    except UNSEALABLE:
        return None
    return sealed


def exchanged(rng: Random, material: bytes) -> bytes:
    """With a part of another document in the same place."""
    other = json.loads(sealing.example(f"{rng.choice(EXAMPLES)}.touchplate.json"))
    value = json.loads(material)
    return sealing.canonical(
        editing.crossed(rng, value, other if "bundle" in value else other["bundle"])
    )


def encoded(data: bytes) -> Any:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def questions(first: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """The questions of all seeds from `first` on, as the runner protocol has them.

    Some of those about bare bundles are about steps 0 to 6 only, and what these established.
    """
    for seed in count(first):
        sealed = case(seed)
        if sealed is None:
            continue
        material, trust = encoded(sealed["material"]), encoded(sealed["trust"])
        if seed % 10 == 0:
            bundle = {"bundle": material, "trust": trust, "at": sealed["at"]}
            yield seed, {"object": "attestation", "input": bundle}
        else:
            given = {**sealed, "material": material, "trust": trust}
            yield seed, {"object": "verification", "input": given}
