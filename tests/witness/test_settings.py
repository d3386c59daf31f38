"""What a witness is told at its start, and what it refuses to be told."""

from pathlib import Path

import pytest

from trust.core.errors import Malformed
from trust.core.log.note import COSIGNATURE, VerifierKey
from trust.witness.settings import MAX_LIST, MAX_NAME, check_name, read_logs

ONE, TWO, OTHER = (
    VerifierKey(name, 1, bytes([number]) * 32)
    for name, number in (("log.example", 1), ("log.example", 2), ("other.example", 3))
)


def test_logs_come_from_options_and_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "logs"
    path.write_text(f"# of the guild\n\n  {TWO} \r\n{OTHER}\n{ONE}")
    assert read_logs([str(ONE)], path) == {"log.example": (ONE, TWO), "other.example": (OTHER,)}


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "logs"
    path.write_text(f"{ONE}\n\n{OTHER}x\n")
    with pytest.raises(Malformed, match=r"logs, line 3: .* is not"):
        read_logs([], path)
    with pytest.raises(Malformed, match="--log: "):
        read_logs(["log.example"])


def test_no_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "logs"
    path.write_text("# none yet\n")
    for lines in (None, path):
        with pytest.raises(Malformed, match="no log to cosign"):
            read_logs([], lines)


def test_a_key_of_a_witness_is_no_key_of_a_log() -> None:
    with pytest.raises(Malformed, match="a log signs with a key of type 1"):
        read_logs([str(ONE._replace(type=COSIGNATURE))])


def test_an_endless_or_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "logs"
    path.write_bytes(b"#" * (MAX_LIST + 1))
    with pytest.raises(Malformed, match="longer than"):
        read_logs([], path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Malformed, match="not UTF-8"):
        read_logs([], path)
    with pytest.raises(FileNotFoundError):
        read_logs([], tmp_path / "missing")


@pytest.mark.parametrize("name", ["guild.example/witness", "localhost:7380", "w", "n" * MAX_NAME])
def test_a_name_stands_in_keys_and_policies(name: str) -> None:
    key = VerifierKey(check_name(name), COSIGNATURE, bytes(32))
    assert VerifierKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "#w", "a\tb", "a\x1bb", "wítness", "n" * (MAX_NAME + 1)]
)
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(Malformed, match="name of the witness"):
        check_name(name)
