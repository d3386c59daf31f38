"""The makers: what they make is read back, and what nobody would take is refused."""

import hashlib

import pytest
from world import Person, World, chance

from trust.client.did_host import did_host
from trust.client.statements import make_deliverable, make_withdrawal
from trust.core.errors import Malformed
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import status_key
from trust.core.signing.private import private_digest
from trust.core.signing.statement import parse_statement

DIGEST = hashlib.sha256(b"work").digest()


@pytest.fixture
def ana(world: World) -> Person:
    return Person(world, "ana", "Ana")


def test_a_deliverable_says_what_it_was_given(world: World, ana: Person) -> None:
    luck = chance()
    note = world.registry.checkpoint()
    signed = make_deliverable(ana.author, {"a.txt": DIGEST}, note, luck, title="Work", offline=True)
    statement = parse_statement(signed.envelope.payload)
    assert (statement.subjects, statement.salt) == ((DIGEST,), luck.salt)
    assert statement.facts == DeliverableFacts(offline=True)
    assert signed.private == {"blind": luck.blind.hex(), "names": ["a.txt"], "title": "Work"}
    assert statement.private == private_digest(signed.private)
    assert len(signed.id) == 16


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../a", "relative path"),
        ("/a", "relative path"),
        ("a\x1b[2J", "U\\+001B"),
        ("a\u202etxt", "U\\+202E"),
        ("e\u0301", "NFC"),
    ],
)
def test_a_hostile_name_is_never_signed(world: World, ana: Person, name: str, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        make_deliverable(ana.author, {name: DIGEST}, world.registry.checkpoint(), chance())


def test_nothing_and_too_much_are_refused(world: World, ana: Person) -> None:
    note = world.registry.checkpoint()
    for files in ({}, {f"{number}": DIGEST for number in range(1001)}):
        with pytest.raises(Malformed):
            make_deliverable(ana.author, files, note, chance())


def test_a_withdrawal_names_its_target_only_by_its_status_name(world: World, ana: Person) -> None:
    target = "0123456789abcdef"
    signed = make_withdrawal(ana.author, target, world.registry.checkpoint(), chance())
    statement = parse_statement(signed.envelope.payload)
    assert statement.subjects == (status_key("statement", target),)
    assert statement.private is None
    assert target.encode() not in signed.envelope.payload


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://registry.example", "registry.example"),
        ("https://registry.example:8443", "registry.example:8443"),
        ("http://localhost", "ORIGIN"),
        ("http://localhost:8080", "ORIGIN:8080"),
        ("http://10.0.0.7:8080", "ORIGIN:8080"),
        ("http://[::1]:8080", "ORIGIN:8080"),
        ("http://[::1]", "ORIGIN"),
    ],
)
def test_a_did_carries_a_host_that_its_grammar_takes(world: World, url: str, host: str) -> None:
    trust = world.registry.trust._replace(public_url=url)
    assert did_host(trust) == host.replace("ORIGIN", trust.newest_log.origin)
