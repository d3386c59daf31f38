"""What a page shows follows from the verdict, and from nothing else."""

from collections.abc import Iterator

import pytest
from world import World

from trust.core.registry.dossier import Dossier
from trust.core.verdict import Check, Code, Result, Verdict
from trust.web.view import LONGEST_NAME, AttestationView, attestation_view, groups, shortened

URL = "http://localhost:8123"
FILES = {"cup.txt": b"a pewter cup"}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Verdict, Dossier]]:
    world = World(tmp_path_factory.mktemp("view"))
    item = world.join("ana").sign(FILES, title="The cup").id
    yield world.registry.verdict(item, world.now)
    world.close()


def view(judged: tuple[Verdict, Dossier], code: Code, reason: str | None = None) -> AttestationView:
    verdict, dossier = judged
    return attestation_view(verdict._replace(code=code), dossier, URL, "0" * 16, reason)


@pytest.mark.parametrize("code", [Code.INVALID, Code.UNREADABLE])
def test_after_a_failed_signature_nothing_of_the_record_is_shown(
    judged: tuple[Verdict, Dossier], code: Code
) -> None:
    shown = view(judged, code)
    assert (shown.files, shown.maker) == ((), None)
    assert "cup" not in shown.title
    assert shown.person is None
    assert shown.tone == "broken"


@pytest.mark.parametrize(
    ("code", "tone", "label"),
    [
        (Code.VALID, "stands", ""),
        (Code.VALID_BEFORE_REVOCATION, "stands", ""),
        (Code.REVOKED, "caution", "Revoked"),
        (Code.DISPUTED, "caution", "Disputed"),
        (Code.FROZEN, "caution", "Frozen"),
        (Code.SUPERSEDED, "caution", "Replaced"),
        (Code.COULD_NOT_CHECK, "caution", "Attention"),
        (Code.OTHER_SIGNER, "caution", "Attention"),
        (Code.MISMATCH, "broken", "Attention"),
    ],
)
def test_only_a_valid_verdict_stands_without_a_warning(
    judged: tuple[Verdict, Dossier], code: Code, tone: str, label: str
) -> None:
    shown = view(judged, code)
    assert (shown.tone, shown.stopped) == (tone, label in {"Revoked", "Disputed", "Frozen"})
    assert label in {"", shown.label}
    assert shown.title == "The cup"


def test_erased_names_leave_the_digests(judged: tuple[Verdict, Dossier]) -> None:
    verdict, dossier = judged
    shown = attestation_view(verdict, dossier._replace(private={}), URL, "0" * 16)
    assert [file.name for file in shown.files] == [""]
    assert shown.files_note is not None
    assert shown.maker is None


def test_a_reason_is_quoted(judged: tuple[Verdict, Dossier]) -> None:
    shown = view(judged, Code.REVOKED, "wrong fonts")
    assert shown.reason == "The reason given: \u201cwrong fonts\u201d"


@pytest.mark.parametrize(
    ("result", "state", "word"),
    [
        (Result.YES, "yes", "Yes"),
        (Result.NO, "no", "No"),
        (Result.COULD_NOT_CHECK, "unknown", "We could not check"),
        (Result.NOT_CHECKED, "unknown", "Not checked by this version"),
    ],
)
def test_every_answer_has_a_word_of_its_own(
    judged: tuple[Verdict, Dossier], result: Result, state: str, word: str
) -> None:
    verdict, dossier = judged
    rows = (Check("intact", result, "because"),)
    (row,) = attestation_view(verdict._replace(rows=rows), dossier, URL, "0" * 16).rows
    assert (row.state, row.word) == (state, word)
    assert row.icon


def test_a_long_name_keeps_both_its_ends() -> None:
    name = "a" * 500 + ".exe"
    assert len(shortened(name)) <= LONGEST_NAME
    assert shortened(name).startswith("aaa")
    assert shortened(name).endswith(".exe")
    assert shortened("b" * LONGEST_NAME) == "b" * LONGEST_NAME


def test_a_digest_in_groups() -> None:
    assert groups("0123456789abcdef0") == ("01234567", "89abcdef", "0")
