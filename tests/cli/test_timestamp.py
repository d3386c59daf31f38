"""`touchplate timestamp`: somebody else dates a signature, and `verify --tsa-root` believes them.

The authority is another registry's, over loopback.
"""

import base64
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from commandline import Run, Signed
from world import PASSPHRASE

from trust.client.dating import ask
from trust.commands.server import listen, running
from trust.core.registry.dossier import parse_dossier
from trust.service.settings import Settings

pytestmark = pytest.mark.loopback
DOSSIER = "a.txt.touchplate.json"


class Authority(NamedTuple):
    """Who dates for anyone."""

    url: str
    registry: str
    settings: Settings
    root: Path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    folder = tmp_path_factory.mktemp("authority")
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(
        data=folder / "registry",
        public_url=f"http://localhost:{port}",
        port=port,
        organisation="Guild of Dates",
    )
    with running(settings, PASSPHRASE, listener):
        url = f"{settings.public_url}/v1/timestamp"
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - of this test
            chain = answer.read().decode()
        root = folder / "root.pem"
        root.write_text(f"-----BEGIN{chain.split('-----BEGIN')[-1]}")
        yield Authority(url, settings.public_url, settings, root)


@pytest.fixture
def dated(run: Run, signed: Signed, authority: Authority) -> Signed:
    """Have the work's signature dated."""
    made = run("timestamp", DOSSIER, "--tsa", authority.url)
    assert made.exit == 0, made.err
    return signed


def test_the_verdict_names_who_saw_it_and_when_if_the_reader_believes_them(
    run: Run, dated: Signed, authority: Authority
) -> None:
    assert len(parse_dossier(Path(DOSSIER).read_bytes()).timestamps) == 1
    without = run("verify", "a.txt")
    assert (without.exit, "seen by" in without.last) == (0, False)
    ran = run("verify", "a.txt", "--tsa-root", authority.root)
    assert ran.exit == 0
    assert "; seen by “" in ran.last
    assert "”, whom you named, on " in ran.last
    document = json.loads(run("verify", "a.txt", "--tsa-root", authority.root, "--json").out)
    assert [sorted(item) for item in document["timestamps"]] == [["authority", "time"]]
    assert dated.id


def test_who_is_not_named_is_not_believed(run: Run, dated: Signed, tmp_path: Path) -> None:
    """The registry's own root, and that of its token, date nothing for others."""
    trust = json.loads(dated.world.registry.trust_root())
    chain = trust["timestampAuthorities"][0]["certChain"]["certificates"]
    pem = tmp_path / "other.pem"
    body = chain[-1]["rawBytes"]
    pem.write_text(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    ran = run("verify", "a.txt", "--tsa-root", pem)
    assert (ran.exit, "seen by" in ran.last) == (0, False)


def test_a_time_stamp_of_another_work_says_nothing(
    run: Run, signed: Signed, authority: Authority
) -> None:
    """Moved from one dossier to another it still reads, and is passed over."""
    other = signed.person.sign({"b.txt": b"b"}).id
    signature = signed.world.dossier(other).bundle.envelope.signature
    token = ask(authority.url, signature)
    Path("token").write_bytes(token)
    refused = run("timestamp", DOSSIER, "--token", "token")
    assert refused.exit == 2
    assert "a time stamp of something else than this signature" in refused.why
    moved = parse_dossier(Path(DOSSIER).read_bytes())._replace(timestamps=(token, b"\0\0\0"))
    Path(DOSSIER).write_bytes(moved.encode())
    ran = run("verify", "a.txt", "--tsa-root", authority.root)
    assert (ran.exit, "seen by" in ran.last) == (0, False)


def test_a_changed_time_stamp_says_nothing(run: Run, dated: Signed, authority: Authority) -> None:
    dossier = parse_dossier(Path(DOSSIER).read_bytes())
    (token,) = dossier.timestamps
    for place in (len(token) // 3, len(token) // 2, len(token) - 9, len(token) - 1):
        changed = bytearray(token)
        changed[place] ^= 1
        Path(DOSSIER).write_bytes(dossier._replace(timestamps=(bytes(changed),)).encode())
        ran = run("verify", "a.txt", "--tsa-root", authority.root)
        assert (ran.exit, "seen by" in ran.last) == (0, False), place
    assert dated.id


def test_a_time_before_the_work_can_have_been_made_is_a_contradiction(
    run: Run, signed: Signed, tmp_path: Path
) -> None:
    """An authority whose clock is a day behind, or a registry whose clock is a day ahead."""
    behind = Settings(data=tmp_path / "behind", public_url="http://localhost:9")
    listener = listen("127.0.0.1", 0)
    with running(behind, PASSPHRASE, listener, lambda: signed.world.clock() - 86400) as server:
        url = f"http://localhost:{listener.getsockname()[1]}/v1/timestamp"
        made = run("timestamp", DOSSIER, "--tsa", url)
        assert made.exit == 0, made.err
        chain = server.registry.timestamp_chain()
    root = tmp_path / "behind.pem"
    body = base64.b64encode(chain[-1]).decode()
    root.write_text(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    ran = run("verify", "a.txt", "--tsa-root", root)
    assert ran.exit == 6
    assert "one of the two clocks is wrong" in ran.last
    assert run("verify", "a.txt").exit == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no.json", "--tsa", "http://localhost:9"), "no such file"),
        (("a.txt", "--tsa", "http://localhost:9"), "a.txt: "),
        ((DOSSIER,), "one of the arguments --tsa --token is required"),
        ((DOSSIER, "--tsa", "ftp://localhost"), "expected http(s)://host"),
        ((DOSSIER, "--token", "a.txt"), "not a time stamp (RFC 3161)"),
    ],
)
@pytest.mark.usefixtures("signed")
def test_what_cannot_be_dated_says_why(run: Run, arguments: tuple[str, ...], words: str) -> None:
    ran = run("timestamp", *arguments)
    assert (ran.exit, ran.out) == (2, "")
    assert words in ran.err


@pytest.mark.usefixtures("signed")
def test_an_authority_that_is_down_or_is_none_is_told(run: Run, authority: Authority) -> None:
    before = Path(DOSSIER).read_bytes()
    down = run("timestamp", DOSSIER, "--tsa", "http://localhost:9")
    assert (down.exit, "http://localhost:9 does not answer" in down.why) == (75, True)
    other = run("timestamp", DOSSIER, "--tsa", authority.registry)
    assert (other.exit, "answered 4" in other.why) == (75, True)
    assert Path(DOSSIER).read_bytes() == before


@pytest.mark.usefixtures("dated")
def test_the_same_token_twice_is_refused(run: Run) -> None:
    (token,) = parse_dossier(Path(DOSSIER).read_bytes()).timestamps
    Path("token").write_bytes(token)
    ran = run("timestamp", DOSSIER, "--token", "token")
    assert (ran.exit, "carries this time stamp already" in ran.why) == (8, True)


def test_a_root_that_is_none_is_told(run: Run, dated: Signed) -> None:
    ran = run("verify", "a.txt", "--tsa-root", "a.txt")
    assert (ran.exit, "no certificate in PEM" in ran.why) == (2, True)
    assert dated.id
