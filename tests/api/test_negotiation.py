import pytest

from trust.api.negotiation import preferred

OFFERED = ("application/json", "application/x+json", "text/html")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/x+json", "application/x+json"),
        ("APPLICATION/X+JSON", "application/x+json"),
        (BROWSER, "text/html"),
        ("text/html;q=0.2, application/x+json;q=0.7", "application/x+json"),
        ("text/*;q=0.9, application/json;q=0.5", "text/html"),
        ("application/json;q=0, */*", "application/x+json"),  # the most specific range decides
        ("application/x+json; v=1; q=1.0, */*;q=0.1", "application/x+json"),
        ("image/png", None),
        ("*/*;q=0", None),
        ("application/json;q=nonsense", None),
        ("application/json;q=1e400", None),
        (",,;,", None),
    ],
)
def test_the_form_that_is_preferred(accept: str, form: str | None) -> None:
    assert preferred(accept, OFFERED) == form
