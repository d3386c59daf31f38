"""From paths to digests by name."""

import contextlib
import hashlib
import os
from pathlib import Path

import pytest

from trust.core.errors import Malformed
from trust_cli.hashing import hash_files, hash_path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_larger_than_a_piece() -> None:
    data = os.urandom(200_000)
    Path("big").write_bytes(data)
    hashed = hash_path("big")
    assert hashed.files == {"big": hashlib.sha256(data).digest()}
    assert (hashed.whole, hashed.size) == (False, 200_000)


def test_a_directory_is_sorted_and_complete_whatever_the_file_system_says() -> None:
    for name in ("b/z", "a.txt", "b/a", "b.txt", ".hidden"):
        path = Path("site") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    hashed = hash_path("site")
    assert list(hashed.files) == [".hidden", "a.txt", "b.txt", "b/a", "b/z"]
    assert hashed.whole


def test_links_are_followed_and_a_loop_is_refused() -> None:
    Path("site/deep").mkdir(parents=True)
    Path("site/real").write_text("x")
    Path("site/alias").symlink_to("real")
    assert len(hash_path("site").files) == 2
    Path("site/deep/up").symlink_to("../..", target_is_directory=True)
    with pytest.raises(Malformed, match="leads back to a folder"):
        hash_path("site")


def test_a_dangling_link_is_refused() -> None:
    Path("site").mkdir()
    Path("site/gone").symlink_to("nowhere")
    with pytest.raises(Malformed, match="gone: no such file"):
        hash_path("site")


def test_a_name_that_is_not_utf_8_is_refused_by_its_bytes() -> None:
    Path("site").mkdir()
    Path(os.fsdecode(b"site/caf\xe9")).write_text("x")
    with pytest.raises(Malformed, match=r"site/caf\\xe9: the file name is not UTF-8"):
        hash_path("site")


def test_two_names_equal_after_nfc_are_refused() -> None:
    Path("site").mkdir()
    Path("site/caf\u00e9").write_text("one")
    Path("site/cafe\u0301").write_text("two")
    with pytest.raises(Malformed, match="the same name as"):
        hash_path("site")


def test_a_decomposed_name_is_signed_in_nfc() -> None:
    Path("cafe\u0301").write_text("x")
    assert list(hash_path("cafe\u0301").files) == ["caf\u00e9"]


@pytest.mark.parametrize("name", ["a\x1bb", "a\u202eb", "a\nb", "a\x7fb"])
def test_a_name_that_a_terminal_would_obey_is_refused(name: str) -> None:
    Path(name).write_text("x")
    with pytest.raises(Malformed):
        hash_path(name)


def test_over_a_thousand_files_stand_in_a_manifest() -> None:
    Path("site").mkdir()
    for number in range(1000):
        Path(f"site/{number}").touch()
    assert not hash_path("site").by_manifest
    Path("site/more").touch()
    assert hash_path("site").by_manifest
    by_name = sorted(map(str, Path("site").iterdir()))
    with pytest.raises(Malformed, match=r"1001 files, expected at most 1000 by name"):
        hash_files(by_name)


def test_several_files_are_named_by_their_last_part() -> None:
    for name in ("x/a", "y/b", "y/a"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(name)
    assert list(hash_files(["x/a", "y/b"]).files) == ["a", "b"]
    with pytest.raises(Malformed, match="the same name as 'x/a'"):
        hash_files(["x/a", "y/a"])
    with pytest.raises(Malformed, match="a directory among several"):
        hash_files(["x/a", "y"])


def test_only_a_real_proof_at_the_top_is_left_out() -> None:
    Path("site/sub").mkdir(parents=True)
    Path("site/work").write_text("w")
    Path("site/fake.touchplate.json").write_text("not a dossier")
    Path("site/sub/deep.touchplate.json").write_text('{"bundle":{}}')
    Path("site/real.touchplate.json").write_text('{"bundle":{}}')
    assert list(hash_path("site").files) == [
        "fake.touchplate.json",
        "sub/deep.touchplate.json",
        "work",
    ]


def test_links_that_fan_out_into_endless_folders_are_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two links a level: thirty levels are a thousand million ways through without any loop."""
    for level in range(30):
        Path(f"site/{level}").mkdir(parents=True)
        for name in ("left", "right"):
            Path(f"site/{level}/{name}").symlink_to(f"../{level + 1}", target_is_directory=True)
    Path("site/30").mkdir()
    monkeypatch.setattr("trust_cli.hashing.MAX_FOLDERS", 500)
    with pytest.raises(Malformed, match="more than 500 folders"):
        hash_path("site")


def test_a_tree_too_deep_for_a_name_is_refused_and_not_walked(folder: Path) -> None:
    depth = 1200  # deeper than Python recurses
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    with contextlib.chdir(folder), pytest.raises(Malformed, match="expected at most 1024"):
        hash_path("d")
    for _ in range(depth):
        os.chdir("..")
        Path("d").rmdir()


@pytest.mark.parametrize("name", ["pipe.touchplate.json", "pipe.sigstore.json", "pipe"])
def test_a_pipe_in_a_directory_is_refused_and_never_waited_for(name: str) -> None:
    Path("site").mkdir()
    os.mkfifo(f"site/{name}")
    with pytest.raises(Malformed, match="neither a file nor a directory"):
        hash_path("site")
