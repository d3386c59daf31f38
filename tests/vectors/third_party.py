"""Vectors of others as questions of our protocol, so that every implementation can be asked.

They only say whether something must be accepted; where our profiles are stricter, `STRICTER` names
each case and the reason.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.vectors.corpus import Vector
from tests.vectors.inputs import to_json
from trust.core.keys import der
from trust.core.keys.p256 import ORDER, spki

FRACTION = "a fraction or an exponent: one number would have many spellings"
MINUS_ZERO = "zero has one spelling"
TWICE = "a member twice: readers differ on which one counts"
CONTROL = "a control character, which terminals obey"
NOT_NFC = "not in NFC: two texts that look the same would have two digests"

STRICTER = {
    **dict.fromkeys(
        (
            *("y_number.json", "y_number_0e+1.json", "y_number_0e1.json"),
            *("y_number_double_close_to_zero.json", "y_number_int_with_exp.json"),
            *("y_number_real_capital_e.json", "y_number_real_capital_e_neg_exp.json"),
            *("y_number_real_capital_e_pos_exp.json", "y_number_real_exponent.json"),
            *("y_number_real_fraction_exponent.json", "y_number_real_neg_exp.json"),
            *("y_number_real_pos_exponent.json", "y_number_simple_real.json"),
            *("y_object_extreme_numbers.json", "y_structure_lonely_negative_real.json"),
            "values.json",
        ),
        FRACTION,
    ),
    **dict.fromkeys(("y_number_minus_zero.json", "y_number_negative_zero.json"), MINUS_ZERO),
    **dict.fromkeys(
        ("y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"), TWICE
    ),
    **dict.fromkeys(
        (
            *("y_object_escaped_null_in_key.json", "y_string_allowed_escapes.json"),
            *("y_string_escaped_control_character.json", "y_string_null_escape.json"),
            *("y_string_unescaped_char_delete.json", "y_string_with_del_character.json"),
            "weird.json",
        ),
        CONTROL,
    ),
    "unicode.json": NOT_NFC,
}


class Question(NamedTuple):
    """A case of a published set; `accept`: what the set says, `wanted`: what we want."""

    name: str
    vector: Vector
    accept: bool
    wanted: bool


def _ask(name: str, kind: str, given: dict[str, Any], *, accept: bool, wanted: bool) -> Question:
    return Question(name, Vector("", kind, name, "", given, {}), accept, wanted)


def json_parsing(folder: Path) -> Iterator[Question]:
    """JSONTestSuite: y_ must be accepted, n_ refused; what i_ leaves open, our profile refuses."""
    for path in sorted(folder.glob("test_parsing/*.json")):
        accept = path.name.startswith("y_")
        wanted = accept and path.name not in STRICTER
        given = {"data": to_json(path.read_bytes())}
        yield _ask(path.name, "json", given, accept=accept, wanted=wanted)


def canonical_json(folder: Path) -> Iterator[Question]:
    """RFC 8785: each output is its own canonical form."""
    for path in sorted(folder.glob("output/*.json")):
        given = {"data": to_json(path.read_bytes())}
        wanted = path.name not in STRICTER
        yield _ask(path.name, "canonical-json", given, accept=True, wanted=wanted)


def inclusion(folder: Path) -> Iterator[Question]:
    """RFC 6962 inclusion proofs of transparency-dev/merkle."""
    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_text())
        given = {
            "index": case["leafIdx"],
            "size": case["treeSize"],
            "leaf": case["leafHash"] or "",
            "hashes": case["proof"] or [],
            "root": case["root"] or "",
        }
        good = not case["wantErr"]
        yield _ask(path.name, "inclusion", given, accept=good, wanted=good)


def ed25519(file: Path) -> Iterator[Question]:
    """Wycheproof, Ed25519."""
    for group, test in _wycheproof(file):
        given = {"key": _b64(group["pk"]), **_signed(test), "signature": _b64(test["sig"])}
        good = test["result"] == "valid"
        yield _ask(str(test["tcId"]), "ed25519-signature", given, accept=good, wanted=good)


def p256(file: Path, *, low: bool) -> Iterator[Question]:
    """Wycheproof, ECDSA with DER signatures; with `low` a high S is refused."""
    for group, test in _wycheproof(file):
        signature = bytes.fromhex(test["sig"])
        given = _p256(group, test, signature, low=low)
        good = test["result"] == "valid"
        wanted = good and not (low and _has_high_s(signature))
        yield _ask(str(test["tcId"]), "p256-signature", given, accept=good, wanted=wanted)


def p256_raw(file: Path, *, wrapped: bool) -> Iterator[Question]:
    """Wycheproof, ECDSA with raw signatures: as they are, or `wrapped` in DER as a page does."""
    for group, test in _wycheproof(file):
        raw = bytes.fromhex(test["sig"])
        good = test["result"] == "valid"
        if wrapped and len(raw) != 64:
            continue  # no page gives such a signature, and none is wrapped
        signature = raw
        if wrapped:
            numbers = (int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
            signature = der.sequence(*(der.integer(number) for number in numbers))
        given = _p256(group, test, signature, low=False)
        wanted = good and wrapped
        yield _ask(str(test["tcId"]), "p256-signature", given, accept=good, wanted=wanted)


def _wycheproof(file: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in json.loads(file.read_text())["testGroups"]:
        for test in group["tests"]:
            yield group["publicKey"], test


def _p256(
    key: dict[str, Any], test: dict[str, Any], signature: bytes, *, low: bool
) -> dict[str, Any]:
    encoded = spki(bytes.fromhex(key["uncompressed"])).hex()
    return {
        "key": _b64(encoded),
        **_signed(test),
        "signature": _b64(signature.hex()),
        "lowS": low,
    }


def _signed(test: dict[str, Any]) -> dict[str, Any]:
    return {"message": _b64(test["msg"])}


def _has_high_s(signature: bytes) -> bool:
    """Of a valid signature."""
    body = der.Reader(signature, "signature").enter()
    body.integer()
    return body.integer() > ORDER // 2


def _b64(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()
