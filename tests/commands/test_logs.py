"""The log of a server: one line a record, whatever is in it, and nobody."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from trust.commands.logs import MOST, JsonLines, log_to_stderr

HOSTILE = "a\r\nb\x1b[31m\u202e\u2028\x00"
LOGGER = logging.getLogger("trust.test")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What goes to standard error while the log of a server is on."""
    root, ours = logging.getLogger(), logging.getLogger("trust")
    before = list(root.handlers), root.level, ours.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    log_to_stderr()
    yield stream
    root.handlers[:], root.level, ours.level = before


def line(written: io.StringIO) -> dict[str, object]:
    text = written.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("}\n")
    assert text[:-1].isprintable()
    assert text.isascii()
    found: dict[str, object] = json.loads(text)
    return found


def test_a_record_is_an_object_on_a_line(written: io.StringIO) -> None:
    LOGGER.warning("upkeep: %s", "the disk is nearly full")
    found = line(written)
    assert found.pop("time")
    assert found == {
        "level": "warning",
        "logger": "trust.test",
        "message": "upkeep: the disk is nearly full",
    }


@pytest.mark.parametrize("text", [HOSTILE, HOSTILE * 10_000])
def test_no_text_begins_a_line_of_its_own(written: io.StringIO, text: str) -> None:
    LOGGER.error("request %s failed", text)
    message = line(written)["message"]
    assert message == f"request {text} failed"[:MOST]


def test_a_fault_is_named_by_its_place_and_not_by_what_it_quotes(written: io.StringIO) -> None:
    with pytest.raises(ValueError, match="pez") as raised:
        int(f"no person named Ana L\u00f3pez {HOSTILE}")
    LOGGER.error("request req_1 failed", exc_info=raised.value)
    found = line(written)
    assert found["fault"] == "ValueError"
    assert "test_a_fault_is_named" in str(found["at"])
    assert "pez" not in written.getvalue()


def test_others_are_heard_from_warnings_on_and_we_from_info_on(written: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("chatter")
    assert written.getvalue() == ""
    LOGGER.info("version 2 of the trust file")
    assert line(written)["level"] == "info"


def test_a_record_that_cannot_be_written_does_not_stop_its_writer() -> None:
    for argument in (object(), "\ud800"):  # half a surrogate pair has no bytes
        record = logging.LogRecord("trust", logging.ERROR, "", 0, "%s", (argument,), None)
        assert json.loads(JsonLines().format(record).encode())["message"] == str(argument)
