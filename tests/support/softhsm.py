"""SoftHSM: a PKCS#11 token in software, with empty tokens of its own for this process."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

PIN = b"1234"
LABELS = ("alone", "registry", "shown", "twice", "person", "taken")


def module() -> Path:
    """Return SoftHSM's library; skip with the reason where it is not installed."""
    found = next(iter(sorted(Path("/usr/lib").glob("**/softhsm/libsofthsm2.so"))), None)
    tool = shutil.which("softhsm2-util")
    if found is None or tool is None:
        why = "SoftHSM is not installed: apt-get install softhsm2"
        (pytest.fail if "TOUCHPLATE_REQUIRE_SOFTHSM" in os.environ else pytest.skip)(why)
        raise AssertionError(why)
    _make_tokens(tool)
    return found


@cache
def _make_tokens(tool: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="softhsm-"))
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)  # read once, when the library is loaded
    for label in LABELS:
        made = [tool, "--init-token", "--free", "--label", label, "--pin", PIN.decode()]
        subprocess.run([*made, "--so-pin", "5678"], check=True, stdout=subprocess.DEVNULL)
