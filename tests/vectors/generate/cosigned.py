"""Attestations whose checkpoint witnesses cosigned, judged by the policy of the trust file."""

from collections.abc import Iterator

from tests.vectors.corpus import Vector
from tests.vectors.generate.attestations import base
from tests.vectors.generate.cases import invalid
from tests.vectors.generate.edit import flipped
from tests.vectors.generate.keys import ed25519
from tests.vectors.generate.logs import clock_line
from tests.vectors.generate.registry import START
from tests.vectors.generate.scene import standard
from tests.vectors.generate.verdicts import NO, UNKNOWN, YES, inputs, lean, verdict
from tests.vectors.generate.witnesses import (
    KEYS,
    NAMES,
    OF_OPERATORS,
    TWO_OF_THREE,
    VKEYS,
    WITNESSES,
)
from trust.core.log.checkpoint import clock_vkey
from trust.core.log.note import Note, NoteSignature
from trust.core.registry.dossier import Dossier
from trust.core.signing.bundle import Bundle

STRANGER = ed25519("x")
NOTE = standard().registry.note()
TEXT = Note.parse(NOTE).text


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _counted()
    yield from _refused()


def _line(name: str, at: int = START, text: str | None = None) -> NoteSignature:
    """Return a witness's line, by default under the checkpoint of the example."""
    return clock_line(text or TEXT, VKEYS[name], KEYS[name], at)


def _with(note: str, *lines: NoteSignature) -> str:
    parsed = Note.parse(note)
    return parsed._replace(signatures=(*parsed.signatures, *lines)).encode()


def _under(bundle: Bundle, note: str) -> Bundle:
    return bundle._replace(proof=bundle.proof._replace(checkpoint=note))


def _dossier(*lines: NoteSignature) -> Dossier:
    """Return the dossier of Ana's report with further lines under its checkpoint."""
    dossier = lean()
    note = _with(NOTE, *lines)
    supporting = tuple(_under(item, note) for item in dossier.supporting)
    return dossier._replace(bundle=_under(dossier.bundle, note), supporting=supporting)


def _counted() -> Iterator[Vector]:
    north, south, abroad = (_line(name) for name in NAMES)
    stranger = clock_line(TEXT, clock_vkey("x.example", STRANGER.public_key), STRANGER)
    forged_stranger = stranger._replace(blob=bytes(72))
    for name, says, policy, lines, step in (
        ("witnessed", "two of three witnesses", TWO_OF_THREE, (north, abroad), YES),
        ("witnessed-by-all", "all witnesses", TWO_OF_THREE, (north, south, abroad), YES),
        ("witnessed-by-fewer", "one of three witnesses, where two are asked for: said, and valid", TWO_OF_THREE, (south,), NO),
        ("witnessed-by-nobody", "none of three witnesses: said, and valid", TWO_OF_THREE, (), NO),
        ("witnessed-by-one-operator", "two witnesses of one operator, where two operators are asked for", OF_OPERATORS, (north, south), NO),
        ("witnessed-twice", "one witness twice, where two are asked for", TWO_OF_THREE, (north, _line("north", START + 9)), NO),
        ("witnessed-by-a-stranger", "cosigned by someone whom the policy does not name", TWO_OF_THREE, (stranger,), NO),
        ("witnessed-by-a-strange-line", "a line of a stranger that would not hold is passed over", TWO_OF_THREE, (north, abroad, forged_stranger), YES),
        ("witnessed-unasked", "cosigned, and the policy asks for nobody", WITNESSES + "quorum none\n", (north,), UNKNOWN),
    ):  # fmt: skip
        trust = standard().registry.trust(witnessPolicy=policy).decode()
        given = inputs(standard(), _dossier(*lines), trust=trust)
        yield verdict(name, says, given, "valid", changes={6: step})


def _refused() -> Iterator[Vector]:
    case = base()._replace(trust=standard().registry.trust(witnessPolicy=TWO_OF_THREE))
    north, abroad = _line("north"), _line("abroad")
    earlier = Note.parse(standard().registry.note(standard().set)).text
    plain = NoteSignature("north.example", VKEYS["north"].key_id, KEYS["north"].sign(TEXT.encode()))
    for fault, says, line in (
        ("cosignature-of-another-checkpoint", "a witness's line from an earlier checkpoint", _line("north", text=earlier)),
        ("cosignature-by-another", "another key in the name of a witness", clock_line(TEXT, VKEYS["north"], KEYS["south"], START)),
        ("cosignature-time-changed", "the time of a witness was changed", clock_line(TEXT, VKEYS["north"], KEYS["north"], START + 60, START)),
        ("cosignature-changed", "one bit of a witness's signature", north._replace(blob=flipped(north.blob))),
        ("cosignature-without-time", "a plain signature in a witness's place", plain),
        ("cosignature-one-of-two", "a line of a witness that holds, and one that does not", clock_line(TEXT, VKEYS["abroad"], STRANGER, START)),
    ):  # fmt: skip
        note = _with(NOTE, abroad, line)
        given = case._replace(bundle=_under(case.bundle, note)).given
        yield invalid("attestation", fault, says, given, 6, "bad_cosignature")
