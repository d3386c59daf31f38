"""Vectors that others published, asked through our protocol; no file of theirs is passed over."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.vectors import third_party
from tests.vectors.corpus import CORE, ROOT, Vector, ask
from tests.vectors.third_party import STRICTER, Question
from trust.core.canonical import canonical, parse
from trust.core.encoding import base58_decode
from trust.core.people.data_integrity import signed_bytes

# Every set, how many files it has, and who reads them.
SETS = {
    "JSONTestSuite": (318 + 2, "test_json_parsing"),
    "rfc8785-jcs": (18 + 2, "test_canonical_json"),
    "transparency-dev-merkle": (98 + 2, "test_inclusion"),
    "wycheproof": (3 + 2, "test_signatures"),
    "w3c-vc-di-eddsa": (11 + 2, "test_every_step_of_the_data_integrity_vector"),
    "rfc9497-voprf": (1 + 2, "test_sets_of_parts_that_are_not_built_yet"),
    "slip39": (1 + 2, "test_sets_of_parts_that_are_not_built_yet"),
}


@pytest.fixture
def published(shared: Path) -> Path:
    return shared / "vectors"


def disagreements(questions: Iterable[Question]) -> list[str]:
    """Ask the core; return where its answer is not what is wanted."""
    asked = list(questions)
    answers = ask(CORE, [question.vector for question in asked])
    return [
        f"{question.name}: wanted {question.wanted}, answered {answer}"
        for question, answer in zip(asked, answers, strict=True)
        if (answer["result"] == "valid") != question.wanted
        or answer["result"] not in {"valid", "malformed", "invalid"}
    ]


def test_each_difference_is_for_the_reason_that_is_named(published: Path) -> None:
    words = {
        third_party.FRACTION: "is not a whole number",
        third_party.MINUS_ZERO: "is outside the whole numbers",
        third_party.TWICE: "appears twice",
        third_party.CONTROL: "is not allowed in text",
        third_party.NOT_NFC: "is not in Unicode NFC form",
    }
    questions = [
        *third_party.json_parsing(published / "JSONTestSuite"),
        *third_party.canonical_json(published / "rfc8785-jcs"),
    ]
    narrower = [item for item in questions if item.name in STRICTER]
    answers = ask(CORE, [item.vector for item in narrower])
    assert {item.name for item in narrower} == set(STRICTER)
    for item, answer in zip(narrower, answers, strict=True):
        assert words[STRICTER[item.name]] in answer["detail"], item.name


def stricter(questions: Iterable[Question]) -> set[str]:
    return {question.name for question in questions if question.accept and not question.wanted}


def test_no_published_file_is_passed_over(published: Path) -> None:
    found = Counter(
        path.relative_to(published).parts[0]
        for path in published.rglob("*")
        if path.is_file() and path.parent != published
    )
    assert found == {name: count for name, (count, _) in SETS.items()}
    assert [reader for _, reader in SETS.values() if reader not in globals()] == []


def test_json_parsing(published: Path) -> None:
    questions = list(third_party.json_parsing(published / "JSONTestSuite"))
    assert Counter(item.name[0] for item in questions) == {"y": 95, "n": 188, "i": 35}
    assert disagreements(questions) == []
    assert stricter(questions) == {name for name in STRICTER if name.startswith("y_")}
    assert len(stricter(questions)) == 25


def test_what_the_profile_accepts_is_read_as_others_read_it(published: Path) -> None:
    accepted = [
        item for item in third_party.json_parsing(published / "JSONTestSuite") if item.wanted
    ]
    for item in accepted:
        data = (published / "JSONTestSuite/test_parsing" / item.name).read_bytes()
        assert parse(data, len(data)) == json.loads(data)
    assert len(accepted) == 70


def test_canonical_json(published: Path) -> None:
    folder = published / "rfc8785-jcs"
    questions = list(third_party.canonical_json(folder))
    assert len(questions) == 6
    assert disagreements(questions) == []
    assert stricter(questions) == {"values.json", "weird.json", "unicode.json"}
    for item in questions:
        made = canonical(json.loads((folder / "input" / item.name).read_bytes()))
        assert made == (folder / "output" / item.name).read_bytes()
        written = (folder / "outhex" / item.name).with_suffix(".txt").read_text()
        assert made == bytes.fromhex(written)


def test_inclusion(published: Path) -> None:
    questions = list(third_party.inclusion(published / "transparency-dev-merkle/inclusion"))
    assert Counter(item.accept for item in questions) == {True: 6, False: 92}
    assert disagreements(questions) == []
    assert stricter(questions) == set()


@pytest.mark.parametrize(
    ("file", "read", "counts", "narrower"),
    [
        ("ed25519", third_party.ed25519, (88, 63), 0),
        ("ecdsa_secp256r1_sha256", lambda path: third_party.p256(path, low=False), (174, 310), 0),
        # A high S is a second signature that anyone can make from the first.
        ("ecdsa_secp256r1_sha256", lambda path: third_party.p256(path, low=True), (174, 310), 71),
        # An envelope carries DER: raw r and s are refused, whatever they are.
        (
            "ecdsa_secp256r1_sha256_p1363",
            lambda path: third_party.p256_raw(path, wrapped=False),
            (173, 89),
            173,
        ),
        (
            "ecdsa_secp256r1_sha256_p1363",
            lambda path: third_party.p256_raw(path, wrapped=True),
            (173, 68),  # 21 of the invalid ones are not 64 bytes
            0,
        ),
    ],
    ids=["ed25519", "p256", "p256-low-s", "p256-raw", "p256-raw-in-der"],
)
def test_signatures(
    published: Path,
    file: str,
    read: Callable[[Path], Iterable[Question]],
    counts: tuple[int, int],
    narrower: int,
) -> None:
    questions = list(read(published / "wycheproof" / f"{file}_test.json"))
    found = Counter(item.accept for item in questions)
    assert (found[True], found[False]) == counts
    assert disagreements(questions) == []
    assert len(stricter(questions)) == narrower


def test_every_step_of_the_data_integrity_vector(published: Path) -> None:
    """The proof itself is made and checked in tests/core/people/test_data_integrity.py."""
    folder = published / "w3c-vc-di-eddsa"
    files = {
        path.stem: path.read_text().strip() for path in folder.iterdir() if path.suffix != ".md"
    }
    document, options = json.loads(files["unsigned"]), json.loads(files["proofConfigJCS"])
    signed, keys = json.loads(files["signedJCS"]), json.loads(files["keyPair"])
    for value, text, digest in (
        (document, "canonDocJCS", "docHashJCS"),
        (options, "proofCanonJCS", "proofHashJCS"),
    ):
        assert canonical(value).decode() == files[text]
        assert hashlib.sha256(canonical(value)).hexdigest() == files[digest]
    message = signed_bytes(document, options)
    assert message.hex() == files["combinedHashJCS"] == files["proofHashJCS"] + files["docHashJCS"]
    assert base58_decode(files["sigBTC58JCS"][1:]).hex() == files["sigHexJCS"]
    assert signed == {**document, "proof": {**options, "proofValue": files["sigBTC58JCS"]}}
    assert options["verificationMethod"].partition("#")[2] == keys["publicKeyMultibase"]
    key = base58_decode(keys["publicKeyMultibase"][1:])[2:]
    given = {
        "key": base64.b64encode(key).decode(),
        "message": base64.b64encode(message).decode(),
        "signature": base64.b64encode(bytes.fromhex(files["sigHexJCS"])).decode(),
    }
    vector = Vector("", "ed25519-signature", "w3c", "", given, {})
    assert ask(CORE, [vector]) == [{"result": "valid"}]


def test_sets_of_parts_that_are_not_built_yet(published: Path) -> None:
    """De-duplication tags and split recovery keys come later; then their vectors are read here."""
    built = [
        path.name
        for path in (ROOT / "trust").rglob("*.py")
        if any(word in path.stem for word in ("voprf", "oprf", "slip39", "shamir", "shares"))
    ]
    assert built == []
    for name, count in (("rfc9497-voprf/allVectors.json", 15), ("slip39/vectors.json", 45)):
        data = (published / name).read_bytes()
        value = parse(data, len(data))
        assert isinstance(value, list)
        assert len(value) == count
