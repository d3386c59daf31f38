"""`demo` as a person runs it: it serves until Ctrl-C, and touches no folder of somebody else's."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.loopback
COMMAND = [sys.executable, "-m", "trust_cli.main", "demo"]


def test_it_serves_the_page_until_ctrl_c_which_is_no_failure(tmp_path: Path) -> None:
    with subprocess.Popen(
        COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = ""
        while "until Ctrl-C" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        page = said.split("4  the page: ")[1].split()[0]
        with urllib.request.urlopen(page, timeout=20) as answer:  # noqa: S310 - this machine
            assert b"Ana wrote the poem" in answer.read()
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, "stopped\n")
    verify = out.splitlines()[-1]
    program = str(Path(sys.executable).parent / "touchplate")
    verify = verify.replace(program, f"{sys.executable} -m trust_cli.main")
    for status in (0, 1):
        done = subprocess.run(["/bin/sh", "-c", verify], capture_output=True, check=False)
        assert done.returncode == status
        (tmp_path / "touchplate-demo" / "poem.txt").write_text("another poem")


def test_a_folder_that_is_no_demonstration_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "touchplate-demo" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("precious")
    done = subprocess.run(
        [*COMMAND, "--once"],
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7
    assert "exists and is no demonstration; run it elsewhere" in done.stderr
    assert mine.read_text() == "precious"
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]
