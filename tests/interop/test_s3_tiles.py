"""Tiles in a bucket of a real S3 server: the contract of all tiles, and a whole registry on them."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from contracts import PATH, TilesContract, at_once
from stranger import check_whole
from world import PASSPHRASE, World

from tests.interop.case import BUILT, installed
from trust.core.errors import Malformed, Unavailable
from trust.core.log.tile import TilePath
from trust.service.registry import Registry
from trust.service.settings import Settings
from trust.storage.bucket import TileBucket

pytestmark = pytest.mark.loopback
BUCKET, ORIGIN = "tiles", "log.example"
START_SECONDS = 30


class S3(NamedTuple):
    """A server that runs, and the folder in which its files lie as files."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its bucket."""
        return f"s3://{BUCKET}"


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    folder = tmp_path / "s3"
    (folder / BUCKET).mkdir(parents=True)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [installed(BUILT / "versitygw"), "--port", f"127.0.0.1:{port}", "posix", str(folder)]
    keys = {"ROOT_ACCESS_KEY": "key", "ROOT_SECRET_KEY": "secretsecret"}
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secretsecret",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    with (
        (tmp_path / "s3.log").open("wb") as log,
        subprocess.Popen(command, env={**os.environ, **keys}, stdout=log, stderr=log) as process,
    ):
        wait(process, port)
        yield S3(port, folder / BUCKET, process)
        process.kill()


def wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait until the server answers, with whatever status."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/")
                connection.getresponse()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("versitygw does not answer")


@pytest.fixture
def tiles(s3: S3) -> Iterator[TileBucket]:
    made = TileBucket(f"{s3.url}/a/prefix/", ORIGIN)
    yield made
    made.close()


class TestContract(TilesContract):
    """A bucket fulfils it."""


def test_a_tile_lies_where_a_static_server_looks_for_it(s3: S3, tiles: TileBucket) -> None:
    tiles.write({PATH: b"hashes"})
    tiles.write_checkpoint("note\n", None)
    folder = s3.folder / "a" / "prefix" / ORIGIN
    assert (folder / "tile/0/x001/x234/567.p/3").read_bytes() == b"hashes"
    assert (folder / "checkpoint").read_text() == "note\n"


def test_of_many_who_lay_another_tile_one_does(tiles: TileBucket) -> None:
    lost: list[bytes] = []

    def lay(data: bytes) -> None:
        try:
            tiles.write({PATH: data})
        except Unavailable:
            lost.append(data)

    at_once([lambda data=b"%d" % number: lay(data) for number in range(8)])  # type: ignore[misc]
    assert len(lost) == 7
    assert tiles.read(PATH) not in lost


def test_many_tiles_at_a_time(tiles: TileBucket) -> None:
    many = {TilePath(0, number): b"%d" % number * 8192 for number in range(100)}
    tiles.write(many)
    tiles.write(many)
    assert {path: tiles.read(path) for path in many} == many


def test_a_server_that_is_gone_is_said_in_a_line(
    s3: S3, tiles: TileBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    del monkeypatch
    s3.process.kill()
    s3.process.wait()
    with pytest.raises(Unavailable, match=r"the bucket refused checkpoint: .*") as raised:
        TileBucket(s3.url, ORIGIN, seconds=1).read_checkpoint()
    assert "\n" not in str(raised.value)
    assert tiles is not None


@pytest.mark.parametrize("url", ["s3://", "https://tiles", "s3:tiles", "s3://tiles?a=b"])
def test_what_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(Malformed, match="expected s3://bucket"):
        TileBucket(url, ORIGIN)


@pytest.fixture
def settings(tmp_path: Path, s3: S3, postgres_url: str) -> Settings:
    return Settings(
        data=tmp_path / "registry",
        public_url="http://localhost:8123",
        port=8123,
        database=postgres_url,
        tiles=f"{s3.url}/registry",
    )


def test_a_registry_on_a_database_and_a_bucket(settings: Settings, s3: S3) -> None:
    world = World.__new__(World)
    world.offset, world.settings = 0, settings
    world.registry = world.open()
    ana = world.join("ana")
    other = Registry.open(settings, PASSPHRASE, world.clock)
    world.registry.close()
    world.registry = other
    ana.sign({"a.txt": b"a"})
    assert check_whole(world) == 8
    assert not (settings.data / "public").exists()
    note = s3.folder / "registry" / other.trust.newest_log.origin / "checkpoint"
    assert note.read_text() == other.checkpoint()
    world.restart()
    assert check_whole(world) == 8
    world.close()
