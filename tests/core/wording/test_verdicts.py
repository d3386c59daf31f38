"""The sentences of verdicts: each says what was checked, and no more."""

import hashlib
from collections.abc import Iterator

import pytest
from world import Person, World

from trust.core.encoding import short_digest
from trust.core.policy import Expected, Policy
from trust.core.verdict import Code, Reason, Result, Verdict
from trust.core.wording import verdicts

FILE = {"cup.txt": b"a pewter cup"}
FILES = {**FILE, "plate.txt": b"a plate"}
NONE_COMPARED = "No file was compared."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("verdicts"))
    yield world
    world.close()


@pytest.fixture(scope="module")
def ana(world: World) -> Person:
    return world.join("ana", "Ana López")


@pytest.fixture(scope="module")
def cup(ana: Person) -> str:
    return ana.sign(FILE).id


@pytest.fixture(scope="module")
def both(ana: Person) -> str:
    return ana.sign(FILES).id


def step(verdict: Verdict, number: str) -> tuple[Result, str]:
    return next((item.result, item.text) for item in verdict.steps if item.id == number)


def test_a_verdict_without_a_file_says_that_none_was_compared(world: World, cup: str) -> None:
    verdict = world.assess(world.dossier(cup), None)
    assert verdict.code is Code.VALID
    assert f" it stands. {NONE_COMPARED} The profile says " in verdict.sentence
    assert step(verdict, "1") == (Result.COULD_NOT_CHECK, "no file in hand")


def test_with_the_file_in_hand_nothing_of_that_is_said(world: World, cup: str) -> None:
    assert NONE_COMPARED not in world.assess(world.dossier(cup), FILE).sentence


def test_what_could_not_be_checked_says_it_too(world: World, cup: str) -> None:
    verdict = world.assess(world.registry.bundle(cup), None)
    assert verdict.code is Code.COULD_NOT_CHECK
    assert NONE_COMPARED in verdict.sentence


def test_without_file_and_names_it_does_not_speak_of_this_file(world: World, cup: str) -> None:
    sentence = world.assess(world.registry.bundle(cup), None).sentence
    assert " signed a file on " in sentence
    assert "this file" not in sentence


def test_a_mismatch_shows_the_ends_of_both_digests(world: World, cup: str) -> None:
    verdict = world.assess(world.dossier(cup), {"cup.txt": b"another"})
    expected, found = (hashlib.sha256(data).digest() for data in (FILE["cup.txt"], b"another"))
    assert verdict.sentence == (
        "This is not the file that was signed. \u201ccup.txt\u201d: expected sha256 "
        f"{short_digest(expected)}, found sha256 {short_digest(found)}. "
        "Ask @ana for a fresh copy."
    )
    assert short_digest(bytes(range(32))) == "00010203 .. 1c1d1e1f"


def test_a_file_that_is_none_of_several_is_not_compared_with_the_first(
    world: World, both: str
) -> None:
    sentence = world.assess(world.dossier(both), {"x": b"x"}).sentence
    assert "\u201cx\u201d: expected one of 2 signed files, found sha256 2d711642 .. " in sentence


def test_a_file_that_is_called_like_a_verdict_stays_a_name(world: World, ana: Person) -> None:
    name = 'a.txt" on 1 Jan 2020. VALID \u201d It stands'
    sentence = world.assess(world.dossier(ana.sign({name: b"a"}).id), {name: b"a"}).sentence
    quoted = "\u201ca.txt' on 1 Jan 2020. VALID ' It stands\u201d"
    assert f" signed {quoted} on " in sentence
    mismatch = world.assess(world.dossier(ana.sign({name: b"a"}).id), {name: b"b"}).sentence
    assert f"signed. {quoted}: expected sha256" in mismatch


def test_a_person_who_is_called_like_a_verdict_stays_a_name(world: World) -> None:
    name = "Ana; a notary has checked that name"
    dossier = world.dossier(world.join("annie", name).sign(FILE).id)
    sentence = world.assess(dossier, FILE).sentence
    assert f"The profile says \u201c{name}\u201d; nobody has checked that name." in sentence


def test_another_signer_is_not_called_valid_when_something_could_not_be_checked(
    world: World, cup: str
) -> None:
    policy = Policy(expected=Expected("0000-0000-0000", scid="z" * 46))
    verdict = world.assess(world.registry.bundle(cup), FILE, policy=policy)
    assert verdict.code is Code.OTHER_SIGNER
    assert verdict.sentence.startswith("Signed by key code ")
    assert "The signer's own key history was not at hand." in verdict.sentence
    whole = world.assess(world.dossier(cup), FILE, policy=policy).sentence
    assert whole.startswith("Valid, but signed by @ana; you expected 0000-0000-0000. @ana at ")


def test_step_8_is_not_said_to_hold_when_no_status_is_at_hand(world: World, cup: str) -> None:
    policy = Policy(accept_unknown_status=True, expected=Expected("@ana", handle="ana"))
    bundle = world.registry.bundle(cup)
    assert step(world.assess(bundle, FILE, policy=policy), "8")[0] is Result.COULD_NOT_CHECK
    assert step(world.assess(world.dossier(cup), FILE), "8")[0] is Result.YES


def test_step_10_says_whether_anybody_was_expected(world: World, cup: str) -> None:
    levels = "; levels not checked by this version"
    for expected, result, text in (
        (None, Result.COULD_NOT_CHECK, "you did not say whom you expected"),
        (Expected("@ana", handle="ana"), Result.YES, "the signer is @ana"),
        (Expected("@ben", handle="ben"), Result.NO, "the signer is @ben"),
    ):
        verdict = world.assess(world.dossier(cup), FILE, policy=Policy(expected))
        assert step(verdict, "10") == (result, text + levels)


@pytest.mark.parametrize(
    ("code", "intact", "others"),
    [
        (Code.INVALID, Result.NO, "nothing is taken from a proof that does not hold"),
        (Code.UNREADABLE, Result.NO, "nothing is taken from a proof that does not hold"),
        (Code.COULD_NOT_CHECK, Result.COULD_NOT_CHECK, "the record itself could not be checked"),
    ],
)
def test_after_a_refusal_nothing_is_shown_as_fact(code: Code, intact: Result, others: str) -> None:
    verdict = verdicts.refused(Reason(code, "word", "why"), Policy(), None)
    assert [item.id for item in verdict.rows] == ["intact", "in_force", "who", "person"]
    assert verdict.rows[0].result is intact
    assert {(item.result, item.text) for item in verdict.rows[1:]} == {
        (Result.COULD_NOT_CHECK, others)
    }


def test_a_damaged_dossier_is_named_once(world: World) -> None:
    assert world.assess(b"[", None).sentence == (
        "This dossier is damaged or is not one: not JSON at line 1, column 2: expecting value. "
        "Nothing was checked."
    )


@pytest.mark.parametrize(
    ("valid", "count", "sentence"),
    [
        (2, 2, "All 2 are valid."),
        (1, 2, "1 of 2 is valid. The worst: b.txt"),
        (2, 3, "2 of 3 are valid. The worst: b.txt"),
        (0, 2, "None of 2 are valid. The worst: b.txt"),
    ],
)
def test_several_verdicts_in_one_sentence(valid: int, count: int, sentence: str) -> None:
    assert verdicts.bulk_sentence(valid, count, "b.txt") == sentence


def test_a_registry_that_does_not_answer_leaves_what_holds(world: World, cup: str) -> None:
    before = world.assess(world.dossier(cup), FILE)
    after = verdicts.without_today(before, "no answer")
    assert after.code is Code.COULD_NOT_CHECK
    assert after.sentence == (f"{before.sentence} Today's status could not be checked: no answer.")
    assert after.rows == before.rows


def test_what_was_not_there_is_told_apart() -> None:
    answers = [
        verdicts.not_found(asked=True, name="a"),
        verdicts.not_found(asked=False, name="a"),
        verdicts.not_fetched("a", "why"),
        verdicts.cannot_read("a: no such file"),
    ]
    assert [answer.code.exit_status for answer in answers] == [3, 3, 6, 2]
    assert [answer.sentence for answer in answers] == [
        "Nothing is recorded about a. That does not mean it is bad.",
        "No dossier for a here; --online asks the registry.",
        "No dossier for a here, and none could be fetched: why.",
        "Cannot read a: no such file. Nothing was checked.",
    ]
