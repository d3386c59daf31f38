"""A witness that remembers: across restarts, races, a full disk, a stepping clock, a lost file."""

import hashlib
import logging
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from witnessed import NOW, PASSPHRASE, Clock, HashLog, open_witness, witness_settings

from trust.core.errors import Malformed, NotAllowed, NotFound, Unavailable
from trust.core.log.cosigning import SIZE_TYPE, cosignature, read_answer
from trust.core.log.note import Note
from trust.core.log.witness import WitnessPolicy
from trust.witness.records import MAX_CONTRADICTIONS, Records
from trust.witness.witness import KEYS, RECORDS, Said, Witness


@pytest.fixture
def log() -> HashLog:
    return HashLog()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "witness"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def witness(folder: Path, log: HashLog, clock: Clock) -> Iterator[Witness]:
    with open_witness(folder, log, clock=clock) as opened:
        yield opened


def digest(log: HashLog) -> str:
    return hashlib.sha256(log.origin.encode()).hexdigest()


def time_of(witness: Witness, said: Said, log: HashLog, size: int) -> int:
    """Require a cosignature, and return its time."""
    assert said.status == 200, said
    text = log.sign(size).checkpoint.text()
    return cosignature(read_answer(*said, text), text, witness.vkey).time


def test_it_cosigns_a_growing_log(witness: Witness, log: HashLog, clock: Clock) -> None:
    for old, size in ((0, 10), (10, 277), (277, 277), (277, 300)):
        clock.seconds += 7
        said = witness.add_checkpoint(log.request(old, size))
        assert time_of(witness, said, log, size) == clock.seconds


def test_a_policy_counts_it_by_the_line_that_it_prints(witness: Witness, log: HashLog) -> None:
    policy = WitnessPolicy.parse(f"{witness.policy_line}\nquorum {witness.vkey.name}\n")
    assert policy.witnesses[0].url == "http://localhost:7380"
    witness.add_checkpoint(log.request(0, 10))
    assert policy.judge(Note.parse(witness.checkpoint(digest(log)))).enough


def test_it_serves_what_it_cosigned_last_with_the_lines_that_count(
    witness: Witness, log: HashLog
) -> None:
    with pytest.raises(NotFound):
        witness.checkpoint(digest(log))
    witness.add_checkpoint(log.request(0, 10))
    said = witness.add_checkpoint(log.request(10, 20))
    note = Note.parse(witness.checkpoint(digest(log)))
    assert note.text == log.sign(20).checkpoint.text()
    assert [line.key for line in note.verify([log.vkey, witness.vkey])] == [log.vkey, witness.vkey]
    assert len(note.signatures) == 2
    assert str(note.signatures[1]).encode() == said.body
    for unknown in ("", "x", digest(log).upper(), hashlib.sha256(b"other").hexdigest()):
        with pytest.raises(NotFound):
            witness.checkpoint(unknown)


def test_refusals_have_their_status_and_change_nothing(witness: Witness, log: HashLog) -> None:
    witness.add_checkpoint(log.request(0, 10))
    before = witness.checkpoint(digest(log))
    for status, body in (
        (400, b"old\n"),
        (400, log.request(10, 10).replace(b"old 10", b"old 11")),
        (403, HashLog().request(10, 20)),
        (404, HashLog("unknown.example").request(0, 10)),
        (422, log.fork(5).request(10, 20)),
    ):
        said = witness.add_checkpoint(body)
        assert (said.status, said.body[-1:]) == (status, b"\n")
    assert witness.add_checkpoint(log.request(0, 20)) == Said(409, SIZE_TYPE, b"10\n")
    assert witness.checkpoint(digest(log)) == before


def test_what_was_cosigned_is_known_after_a_restart(folder: Path, log: HashLog) -> None:
    with open_witness(folder, log) as first:
        first.add_checkpoint(log.request(0, 10))
        note = first.checkpoint(digest(log))
    with open_witness(folder, log) as second:
        assert second.vkey == first.vkey
        assert second.checkpoint(digest(log)) == note
        assert second.add_checkpoint(log.fork(5).request(0, 10)).status == 409
        assert second.add_checkpoint(log.fork(5).request(10, 20)).status == 422
        assert second.add_checkpoint(log.request(10, 20)).status == 200


def test_what_was_answered_is_in_the_files(folder: Path, log: HashLog, tmp_path: Path) -> None:
    with open_witness(folder, log) as witness:
        for old, size in ((0, 10), (10, 20)):
            assert witness.add_checkpoint(log.request(old, size)).status == 200
            image = tmp_path / f"image-{size}"
            shutil.copytree(folder, image)  # as if the process died at the moment of the answer
            with open_witness(image, log) as other:
                assert other.add_checkpoint(log.request(0, 300)).body == f"{size}\n".encode()


def test_two_histories_at_once_have_one_winner(folder: Path, log: HashLog) -> None:
    """Two processes on one folder, and a log that sends each half of them another branch."""
    branches = [log, log.fork(10)]
    with open_witness(folder, log) as one, open_witness(folder, log) as two:
        assert one.add_checkpoint(log.request(0, 10)).status == 200
        start = threading.Barrier(8)

        def ask(number: int) -> int:
            body = branches[number % 2].request(10, 20)
            start.wait(10)
            return (one, two)[number // 2 % 2].add_checkpoint(body).status

        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(ask, range(8)))
        assert statuses == [200] + [409] * 7
        roots = {Note.parse(each.checkpoint(digest(log))).text for each in (one, two)}
        assert roots <= {branch.sign(20).checkpoint.text() for branch in branches}
        assert len(roots) == 1


def test_nothing_is_cosigned_when_the_disk_refuses(folder: Path, log: HashLog) -> None:
    with open_witness(folder, log) as witness:
        assert witness.add_checkpoint(log.request(0, 10)).status == 200
        connection = witness._records._connection
        connection.execute("pragma query_only = 1")  # a disk that was mounted again, to be read
        for _ in range(2):
            with pytest.raises(Unavailable, match="refused a write"):
                witness.add_checkpoint(log.request(10, 20))
            connection.execute("pragma query_only = 0")  # too late: who knows what the disk holds
        assert witness.fault is not None
    with open_witness(folder, log) as witness:
        assert witness.fault is None
        assert witness.add_checkpoint(log.request(0, 20)).body == b"10\n"
        assert witness.add_checkpoint(log.request(10, 20)).status == 200


def test_a_clock_that_steps_back_gives_no_earlier_time(
    folder: Path, log: HashLog, clock: Clock
) -> None:
    with open_witness(folder, log, clock=clock) as witness:
        witness.add_checkpoint(log.request(0, 10))
        clock.seconds = NOW - 3
        said = witness.add_checkpoint(log.request(10, 20))
        assert time_of(witness, said, log, 20) == NOW
        clock.seconds = NOW - 3600
        assert witness.add_checkpoint(log.request(20, 30)).status == 503
    with open_witness(folder, log, clock=clock) as witness:  # a restart forgets nothing
        assert witness.add_checkpoint(log.request(20, 30)).status == 503
        clock.seconds = NOW + 1
        said = witness.add_checkpoint(log.request(20, 30))
        assert time_of(witness, said, log, 30) == NOW + 1


def test_being_asked_twice_in_a_second_writes_once(witness: Witness, log: HashLog) -> None:
    said = witness.add_checkpoint(log.request(0, 10))
    changes = witness._records._connection.total_changes
    for _ in range(3):
        assert witness.add_checkpoint(log.request(10, 10)) == said
    assert witness._records._connection.total_changes == changes


def test_a_contradiction_is_kept_with_both_notes_and_told_once(
    folder: Path, log: HashLog, caplog: pytest.LogCaptureFixture
) -> None:
    with open_witness(folder, log) as witness, caplog.at_level(logging.ERROR):
        witness.add_checkpoint(log.request(0, 10))
        recorded = witness.checkpoint(digest(log))
        for _ in range(3):
            assert witness.add_checkpoint(log.fork(5).request(10, 10)).status == 422
        with witness._records.transaction() as transaction:
            (kept,) = transaction.contradictions()
        assert kept.recorded == recorded
        notes = [Note.parse(each) for each in (kept.recorded, kept.other)]
        assert all(note.verify([log.vkey]) for note in notes)
        assert [note.text for note in notes] == [
            each.sign(10).checkpoint.text() for each in (log, log.fork(5))
        ]
        (said,) = caplog.messages
        assert said.startswith("log.example has signed two roots of one size. Both notes are kept")
        assert witness.add_checkpoint(log.request(10, 20)).status == 200
    caplog.clear()
    with open_witness(folder, log):
        assert len(caplog.records) == 1  # and again at each start


def test_a_log_cannot_fill_the_disk_with_contradictions(witness: Witness, log: HashLog) -> None:
    witness.add_checkpoint(log.request(0, 100))
    for start in range(MAX_CONTRADICTIONS + 4):
        assert witness.add_checkpoint(log.fork(start).request(100, 100)).status == 422
    with witness._records.transaction() as transaction:
        assert len(transaction.contradictions()) == MAX_CONTRADICTIONS


def test_a_log_that_is_not_listed_any_more_is_unknown_and_not_forgotten(
    folder: Path, log: HashLog
) -> None:
    other = HashLog("other.example")
    with open_witness(folder, log) as witness:
        witness.add_checkpoint(log.request(0, 10))
    with open_witness(folder, other) as witness:
        assert witness.add_checkpoint(log.request(10, 20)).status == 404
        assert witness.checkpoint(digest(log))
    with open_witness(folder, log, other) as witness:
        assert witness.add_checkpoint(log.request(0, 20)).body == b"10\n"


# A key must never meet other records than its own.


def test_a_key_without_its_records_does_not_start(folder: Path, log: HashLog) -> None:
    with open_witness(folder, log) as witness:
        witness.add_checkpoint(log.request(0, 10))
    (folder / RECORDS).unlink()
    for _ in range(2):
        with pytest.raises(NotAllowed, match="a second history"):
            open_witness(folder, log)
        assert not (folder / RECORDS).exists()
    Records(folder / RECORDS).close()  # empty, as after a crash at first start
    with pytest.raises(NotAllowed, match="a second history"):
        open_witness(folder, log)


def test_records_without_their_key_do_not_start(folder: Path, log: HashLog) -> None:
    with open_witness(folder, log):
        pass
    (folder / KEYS).unlink()
    with pytest.raises(NotFound, match="no key file"):
        open_witness(folder, log)
    assert not (folder / KEYS).exists()


def test_records_of_another_key_do_not_start(folder: Path, tmp_path: Path, log: HashLog) -> None:
    for each in (folder, tmp_path / "other"):
        open_witness(each, log).close()
    shutil.copy(tmp_path / "other" / KEYS, folder / KEYS)
    with pytest.raises(NotAllowed, match="holds another key"):
        open_witness(folder, log)


def test_a_first_start_that_broke_off_before_the_key_is_made_again(
    folder: Path, log: HashLog
) -> None:
    folder.mkdir(parents=True)
    Records(folder / RECORDS).close()
    with open_witness(folder, log) as witness:
        assert witness.add_checkpoint(log.request(0, 10)).status == 200


def test_the_name_is_fixed_at_first_start(folder: Path, log: HashLog) -> None:
    def opened(name: str | None) -> Witness:
        settings = witness_settings(folder, log, name=name)
        return Witness.open(settings, PASSPHRASE, Clock())

    with opened("guild.example/w1") as witness:
        assert str(witness.vkey).startswith("guild.example/w1+")
    for name in (None, "guild.example/w1"):
        with opened(name) as again:
            assert again.vkey == witness.vkey
    with pytest.raises(NotAllowed, match="'guild.example/w1' since its first start"):
        opened("guild.example/w2")


def test_a_name_that_no_policy_could_hold_makes_no_key(folder: Path, log: HashLog) -> None:
    with pytest.raises(Malformed, match="name of the witness"):
        Witness.open(witness_settings(folder, log, name="a b"), PASSPHRASE, Clock())
    assert not (folder / KEYS).exists()


def test_a_wrong_passphrase(folder: Path, log: HashLog) -> None:
    open_witness(folder, log).close()
    with pytest.raises(NotAllowed, match="passphrase"):
        Witness.open(witness_settings(folder, log), b"wrong", Clock())


def test_a_file_that_is_no_record_is_said(folder: Path, log: HashLog) -> None:
    folder.mkdir(parents=True)
    (folder / RECORDS).write_bytes(b"no database at all" * 100)
    with pytest.raises(Unavailable, match="not a database"):
        open_witness(folder, log)


def test_records_of_a_later_program_are_left_alone(folder: Path, log: HashLog) -> None:
    with open_witness(folder, log) as witness:
        witness._records._connection.execute("pragma user_version = 2")
    with pytest.raises(Unavailable, match="version 2, this program knows 1"):
        open_witness(folder, log)


def test_key_and_folder_are_the_owners_only(folder: Path, log: HashLog) -> None:
    open_witness(folder, log).close()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / KEYS).stat().st_mode & 0o777 == 0o600
