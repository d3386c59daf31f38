"""`from trust import assess, judge, verify`: that, lazily, and nothing else."""

import subprocess
import sys

import pytest

import trust


def test_the_public_names_are_sorted() -> None:
    assert trust.__all__ == sorted(trust.__all__) == ["assess", "judge", "verify"]


@pytest.mark.parametrize("name", trust.__all__)
def test_a_public_name_is_the_function_of_the_core(name: str) -> None:
    function = getattr(trust, name)
    assert (function.__module__, function.__name__) == (f"trust.core.{name}", name)


def test_another_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'sign'"):
        _ = trust.sign


def test_importing_the_package_loads_none_of_its_rooms() -> None:
    code = "import sys, trust; print(sorted(m for m in sys.modules if m.startswith('trust.')))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
