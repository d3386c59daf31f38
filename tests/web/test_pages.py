"""The pages, rendered from a real registry: what they say, and what they never let through."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from world import Person, World

from trust.core.canonical import parse
from trust.core.encoding import grouped, quoted
from trust.core.people.keycode import key_code
from trust.core.signing.disclosure import Disclosure, parse_disclosure
from trust.core.wording.disclosure import disclosure_sentences

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
MOST_BYTES = 15_000
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"
FILES = {"cup.txt": b"a pewter cup", "images/plate.svg": b"<svg/>"}


class Page(HTMLParser):
    """Tags, attributes and visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.pieces))


@pytest.fixture(scope="module")
def example(root: Path) -> Disclosure:
    document = parse((root / "examples" / "disclosure.json").read_bytes(), 1 << 16)
    return parse_disclosure(document)


@pytest.fixture(scope="module")
def item(ana: Person, example: Disclosure) -> str:
    return ana.sign(FILES, title="The cup", disclosure=example).id


def hostile(value: Any) -> Any:
    """Put the attack into every free text of a disclosure."""
    free = {"statement", "name", "provider", "task", "description", "appliesTo"}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    if isinstance(value, dict):
        return {
            name: f"{ATTACK} {member}" if name in free else hostile(member)
            for name, member in value.items()
        }
    return value


def test_the_page_says_the_verdict_of_the_catalogue(
    client: TestClient, item: str, world: World
) -> None:
    answer = client.get(f"/v/{item}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    text = Page(answer.text).text
    verdict, _ = world.registry.verdict(item, world.now)
    assert verdict.code == "valid"
    assert verdict.sentence.split(" As of ")[0] in text
    assert "it stands. No file was compared." in text
    assert "nobody has checked that name" in text
    assert "You are on localhost:8123." in text
    assert f"Code {grouped(item)}" in text
    assert "served by localhost:8123, the registry that it speaks about" in text
    assert "touchplate verify FILE --signer @ana --online" in text


def test_the_four_questions_have_an_icon_and_a_word(client: TestClient, item: str) -> None:
    page = Page(client.get(f"/v/{item}").text)
    for question in (
        "Is this record intact?",
        "Is it still in force?",
        "Who signed, and who says so?",
        "A real, accountable person?",
    ):
        assert question in page.text
    icons = [place for place, (_, attrs) in enumerate(page.tags) if attrs.get("class") == "icon"]
    assert len(icons) == 4
    assert all(page.tags[place][1]["aria-hidden"] == "true" for place in icons)
    assert page.text.count("Yes") == 3
    assert "Not checked by this version" in page.text


def test_the_disclosure_is_shown_word_for_word_and_in_sentences(
    client: TestClient, item: str, example: Disclosure
) -> None:
    text = Page(client.get(f"/v/{item}").text).text
    sentences = disclosure_sentences(example)
    places = [text.index(sentence) for sentence in sentences]
    assert places == sorted(places)
    assert "These are the words of @ana; nobody has checked them." in text


def test_every_file_stands_with_its_digest(client: TestClient, item: str) -> None:
    text = Page(client.get(f"/v/{item}").text).text
    for name, data in FILES.items():
        assert name in text
        assert hashlib.sha256(data).hexdigest() in text, "what a command printed is found as it is"


def test_what_it_does_not_tell_is_said(client: TestClient, item: str) -> None:
    text = Page(client.get(f"/v/{item}").text).text
    assert "It says nothing about quality, originality or ownership." in text
    assert "It does not say that the seller is the signer." in text


@pytest.mark.parametrize("form", ["/V/{upper}", "/v/{upper}", "/V/{id}", "/v/{grouped}"])
def test_the_code_of_a_qr_or_as_typed_opens_the_same_page(
    client: TestClient, item: str, form: str
) -> None:
    path = form.format(id=item, upper=item.upper(), grouped=grouped(item))
    assert client.get(path).content == client.get(f"/v/{item}").content


def test_the_policy_lets_no_script_style_or_frame_in(client: TestClient, item: str) -> None:
    for path in (f"/v/{item}", "/v/0000", "/@ana", "/@nobody"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers
        for tag, attributes in Page(answer.text).tags:
            assert tag not in {"script", "iframe", "form", "input", "style", "object", "embed"}
            assert not any(name.startswith("on") or name == "style" for name in attributes)


def test_nothing_is_loaded_from_elsewhere_and_all_of_it_is_there(
    client: TestClient, item: str
) -> None:
    page = Page(client.get(f"/v/{item}").text)
    links = {
        value
        for tag, attributes in page.tags
        for name, value in attributes.items()
        if name in {"src", "href"} and value and tag != "a"
    }
    assert links == {"/static/mark.svg", "/static/page.css"}
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert (
            client.get(link, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
        )


def test_links_lead_to_pages_of_this_registry(client: TestClient, item: str, ana: Person) -> None:
    for path in (f"/v/{item}", f"/p/{ana.scid}", "/", "/v/0000"):
        for tag, attributes in Page(client.get(path).text).tags:
            target = attributes.get("href") or ""
            if tag == "a":
                assert target.startswith("/")
                assert client.get(target).status_code == 200, target
    assert f"/p/{ana.scid}" in client.get(f"/v/{item}").text


def test_a_code_is_typed_on_the_first_page(client: TestClient, item: str) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY.replace(
        "form-action 'none'", "form-action 'self'"
    )
    page = Page(answer.text)
    assert ("form", {"action": "/v", "method": "get"}) in page.tags
    assert "touchplate trust add http://localhost:8123" in page.text
    assert not {"script", "iframe", "style", "object", "embed"} & {tag for tag, _ in page.tags}
    for typed in (item, item.upper(), grouped(item), f" {grouped(item).replace('-', ' ')} "):
        found = client.get("/v", params={"code": typed})
        assert (found.status_code, found.headers["location"]) == (303, f"/v/{item}")


@pytest.mark.parametrize("path", ["/join", "/sign"])
def test_where_keys_are_made_scripts_are_ours_and_speak_with_nobody_else(
    client: TestClient, path: str
) -> None:
    answer = client.get(path)
    assert answer.headers["content-security-policy"] == (
        f"{POLICY}; script-src 'self'; connect-src 'self'"
    )
    page = Page(answer.text)
    (script,) = (attributes for tag, attributes in page.tags if tag == "script")
    assert script == {"type": "module", "src": f"/static{path}.js"}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    waiting = [f"/static{path}.js"]
    read: set[str] = set()
    while waiting:
        found = client.get(waiting.pop())
        assert found.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "innerHTML" not in found.text
        assert "eval" not in found.text
        read.add(found.url.path)
        names = re.findall(r'from "\./([a-z]+\.js)"', found.text)
        waiting += [f"/static/{name}" for name in names if f"/static/{name}" not in read]
    assert len(read) > 5


@pytest.mark.parametrize("typed", ["", "//evil.example", "0000\r\nx: y", "<script>", "u" * 16])
def test_what_is_no_code_leads_nowhere(client: TestClient, typed: str) -> None:
    answer = client.get("/v", params={"code": typed})
    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert "<script" not in answer.text
    assert "Type another code" in Page(answer.text).text


def test_page_and_style_together_are_small(client: TestClient, item: str) -> None:
    parts = [f"/v/{item}", "/static/page.css", "/static/mark.svg"]
    assert sum(len(client.get(part).content) for part in parts) < MOST_BYTES


def test_the_page_declares_language_width_and_schemes(client: TestClient, item: str) -> None:
    tags = Page(client.get(f"/v/{item}").text).tags
    assert ("html", {"lang": "en", "dir": "ltr"}) in tags
    names = {attrs.get("name"): attrs.get("content") for tag, attrs in tags if tag == "meta"}
    assert names["viewport"] == "width=device-width, initial-scale=1"
    assert names["color-scheme"] == "light dark"
    assert [tag for tag, _ in tags].count("h1") == 1
    assert next(attrs["lang"] for tag, attrs in tags if tag == "blockquote") == "en"


def test_hostile_text_in_every_field_is_shown_and_never_obeyed(
    client: TestClient, world: World, example: Disclosure
) -> None:
    mallory = world.join("mallory", ATTACK)
    name = ATTACK.replace("/", "|")
    signed = mallory.sign(
        {name: b"x"}, title=ATTACK, disclosure=parse_disclosure(hostile(example.document))
    )
    for path in (f"/v/{signed.id}", "/@mallory"):
        html = client.get(path).text
        page = Page(html)
        assert "<script" not in html
        assert "<img src=x" not in html
        assert "script" not in {tag for tag, _ in page.tags}
        assert f"The profile says {quoted(ATTACK)}; nobody has checked that name." in page.text
    text = Page(client.get(f"/v/{signed.id}").text).text
    assert name in text
    assert text.count(ATTACK) > 10  # title, statement, names, tasks: all as text


@pytest.mark.parametrize(
    "asked", ["%3Cscript%3Ealert(1)", "0" * 16, "u" * 16, "a" * 5000, "%00", "%ff"]
)
def test_what_is_not_recorded_is_said_without_judgement(client: TestClient, asked: str) -> None:
    answer = client.get(f"/v/{asked}")
    assert answer.status_code == 404
    assert "<script" not in answer.text
    if answer.headers["content-type"].startswith("text/html"):
        assert "That does not mean that something is bad" in Page(answer.text).text
        assert len(answer.content) < MOST_BYTES


def test_a_withdrawn_record_is_outlined_and_dated(client: TestClient, ana: Person) -> None:
    gone = ana.sign({"draft.txt": b"draft"}, title="Draft").id
    before = client.get(f"/v/{gone}")
    ana.withdraw(gone, "wrong fonts")
    after = client.get(f"/v/{gone}", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200, "a withdrawal must show at once"
    page = Page(after.text)
    assert "Withdrawn" in page.text
    assert "@ana at localhost:8123 withdrew this on" in page.text
    classes = [attrs.get("class") or "" for tag, attrs in page.tags if tag == "section"]
    assert "verdict caution revoked" in classes
    assert "The reason given: \u201cwrong fonts\u201d" in page.text


def test_a_reason_is_the_signers_alone_and_is_never_obeyed(
    client: TestClient, world: World, ana: Person
) -> None:
    item = ana.sign({"plan.txt": b"plan"}).id
    ben = world.join("ben-who-withdraws")
    ben.withdraw(item, "Ana is a thief")
    assert "thief" not in client.get(f"/v/{item}").text
    ana.withdraw(item, ATTACK)
    ana.withdraw(item, "a second thought")
    html = client.get(f"/v/{item}").text
    assert "<script" not in html
    assert f"The reason given: {quoted(ATTACK)}" in Page(html).text
    assert "thief" not in html
    assert "a second thought" not in html


def test_a_withdrawal_without_a_reason_has_none(client: TestClient, ana: Person) -> None:
    item = ana.sign({"sketch.txt": b"sketch"}).id
    ana.withdraw(item)
    text = Page(client.get(f"/v/{item}").text).text
    assert "withdrew this on" in text
    assert "The reason given" not in text


def test_every_statement_has_a_page_that_names_what_it_is(
    client: TestClient, world: World, ana: Person
) -> None:
    published = world.registry.submit(ana.join_body, "")
    assert isinstance(published, list)
    for item, kind in zip(published, ("an enrolment", "a handle", "a profile"), strict=True):
        assert isinstance(item, dict)
        text = Page(client.get(f"/v/{item['id']}").text).text
        assert f"signed {kind} statement" in text
        assert "Compare the copy you received" not in text


def test_a_set_of_many_files_stays_readable(client: TestClient, ana: Person) -> None:
    names = [f"{place:03}-{'long' * 60}.txt" for place in range(60)]
    item = ana.sign({name: name.encode() for name in names}).id
    answer = client.get(f"/v/{item}")
    page = Page(answer.text)
    assert "And 40 more; the dossier names them all." in page.text
    assert names[0] not in page.text
    assert "000-long" in page.text
    assert "…" in page.text
    assert len(answer.content) < MOST_BYTES


def test_the_page_of_a_person(client: TestClient, ana: Person) -> None:
    by_handle, by_scid = client.get("/@ana"), client.get(f"/p/{ana.scid}")
    assert by_handle.content == by_scid.content
    text = Page(by_handle.text).text
    assert "@ana signs at localhost:8123. The profile says “Ana López”; nobody has checked" in text
    assert key_code(ana.scid) in text
    assert "Who else signs for them?" not in text
    assert client.get("/@nobody").status_code == 404


def test_the_page_of_an_enterprise_and_of_what_its_member_signed(
    client: TestClient, world: World, ana: Person
) -> None:
    studio = ana.found("Studio <Five>")
    ben = world.join("ben")
    ana.invite(studio, ben)
    disclosure: Any = {
        "statement": "Ben made the drawings.",
        "language": "en",
        "complete": True,
        "contributors": [
            {"id": "#ana", "type": "person", "name": "Ana López", "accountable": True},
            {"id": "#ben", "type": "person", "name": "Ben", "accountable": False},
        ],
        "contributions": [
            {
                "id": "c1",
                "task": "made the drawings",
                "performedBy": ["#ben"],
                "decidedBy": "#ana",
                "involvement": "human-only",
            }
        ],
    }
    signed = ana.sign({"a.md": b"a"}, on_behalf_of=studio, disclosure=parse_disclosure(disclosure))
    page = Page(client.get(f"/v/{signed.id}").text).text
    assert "@ana of the enterprise “Studio <Five>” at localhost:8123 signed “a.md” on " in page
    assert "Ben made the drawings." in page
    ben.step(studio, "leave")
    answer = client.get(f"/e/{studio.upper()}")
    assert "<Five>" not in answer.text
    text = " ".join(Page(answer.text).text.split())
    assert "The enterprise “Studio <Five>” at localhost:8123: 1 person. Nobody has checked" in text
    assert "@ben A member since " in text
    assert "and answers for what they signed before." in text
    assert "Any one of its members." in text
    assert client.get("/e/0000000000000000").status_code == 404
    assert client.get("/e/x").status_code == 404
    api = client.get(f"/v1/enterprises/{studio}").json()
    assert [item["handle"] for item in api["members"]] == ["ana", "ben"]
    assert client.get("/v1/enterprises/0000000000000000").status_code == 404


def test_the_page_of_a_person_shows_their_agents(client: TestClient, world: World) -> None:
    agent = world.join("agnes").delegate(paths=("*.md",))
    agent.sign({"a.md": b"a"})
    text = Page(client.get("/@agnes").text).text
    assert "Who else signs for them? Agent 1 until " in " ".join(text.split())
    assert "files under *.md, 10 a day, 100 in all; it signed 1 work." in text
    signed = agent.sign({"b.md": b"b"})
    page = Page(client.get(f"/v/{signed.id}").text).text
    assert "Agent 1 of @agnes at localhost:8123 signed “b.md” on " in page
    assert ", under a delegation of " in page


@pytest.mark.parametrize("name", ["../view.py", "base.html", "page.css/", "%2e%2e%2fpages.py"])
def test_only_the_files_of_the_pages_are_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("place", ["v", "p", "@"])
def test_a_link_cannot_reorder_what_the_page_says(client: TestClient, place: str) -> None:
    """A right-to-left override in the address would turn round the registry's own words."""
    path = f"/{place}{'' if place == '@' else '/'}x%E2%80%AE%E2%80%8By"
    answer = client.get(path)
    assert answer.status_code == 404
    assert "\u202e" not in answer.text
    assert "x\\u{202e}\\u{200b}y" in answer.text
