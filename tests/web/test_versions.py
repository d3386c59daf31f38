"""What a page says of a work that was replaced, and of one that is private."""

import pytest
from starlette.testclient import TestClient
from world import Person

from trust.core.wording import page


@pytest.fixture(scope="module")
def versions(ana: Person) -> tuple[str, str]:
    old = ana.sign({"plan.txt": b"1"})
    return old.id, ana.sign({"plan.txt": b"2"}, supersedes=old.id).id


def test_a_replaced_work_is_outlined_and_leads_to_the_newer_one(
    client: TestClient, versions: tuple[str, str]
) -> None:
    old, new = versions
    html = client.get(f"/v/{old}").text
    assert f'<a href="/v/{new}">{page.NEWER}</a>' in html
    assert '<section class="verdict caution">' in html
    assert f"</span> {page.REPLACED_LABEL}</p>" in html
    assert "it stands and is not the newest" in html
    assert "replaced by its signer on" in html
    newer = client.get(f"/v/{new}").text
    assert f'<a href="/v/{old}">{page.OLDER}</a>' in newer
    assert '<section class="verdict stands">' in newer


def test_a_private_page_says_so_and_asks_not_to_be_indexed(client: TestClient, ana: Person) -> None:
    item = ana.sign({"secret.txt": b"s"}, unlisted=True).id
    answer = client.get(f"/v/{item}")
    assert answer.status_code == 200
    assert page.PRIVATE in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "secret.txt" in answer.text
    assert item not in client.get("/@ana").text


def test_a_listed_page_may_be_indexed(client: TestClient, versions: tuple[str, str]) -> None:
    answer = client.get(f"/v/{versions[0]}")
    assert "x-robots-tag" not in answer.headers
    assert page.PRIVATE not in answer.text
