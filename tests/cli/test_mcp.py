"""An AI asks for signatures through MCP, with the SDK's own client over stdio; a person decides."""

import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from commandline import Run, Served
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError
from mcp.types import ElicitRequestParams, ElicitResult

from trust.core.encoding import short_digest
from trust.core.errors import Malformed
from trust_cli import agents, desk
from trust_cli.home import Home

pytestmark = pytest.mark.loopback

TOUCHPLATE = str(Path(sys.executable).parent / "touchplate")


class Person:
    """Who sits before the program that runs the AI, and answers what it asks."""

    def __init__(self, answer: ElicitResult) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def __call__(self, context: Any, params: ElicitRequestParams) -> ElicitResult:
        del context
        self.asked.append(params.message)
        return self._answer


YES = ElicitResult(action="accept", content={"sign": True})
UNTICKED = ElicitResult(action="accept", content={"sign": False})
NO = ElicitResult(action="decline")
AWAY = ElicitResult(action="cancel")


@pytest.fixture
def agent(run: Run, served: Served, tmp_path: Path) -> str:
    """The name of an agent of Ana's that may sign texts, and the folder `out` to sign from."""
    shutil.copytree(served.home, tmp_path / "home")
    name = f"scribe-{os.urandom(4).hex()}"
    made = run(
        *("agent", "new", name, "--path", "*.md", "--media-type", "text/*"),
        *("--passphrase-file", served.passphrase),
    )
    assert made.exit == 0, made.err
    Path("out").mkdir()
    Path("out/poem.md").write_text("a poem\n")
    return name


@asynccontextmanager
async def talking(agent: str, *options: str, person: Person | None = None) -> AsyncIterator[Client]:
    server = StdioServerParameters(
        command=TOUCHPLATE,
        args=["agent", "serve-mcp", agent, "--root", "out", *options],
        env={"TOUCHPLATE_HOME": os.environ["TOUCHPLATE_HOME"]},
    )
    with open(os.devnull, "w", encoding="utf-8") as silent:  # noqa: ASYNC230, PTH123 - never waits
        transport = stdio_client(server, errlog=silent)
        async with Client(transport, elicitation_callback=person) as client:
            yield client


def call(agent: str, *options: str, person: Person | None = None, **arguments: Any) -> Any:
    """Call `sign` once; return what it returned."""

    async def talk() -> Any:
        async with talking(agent, *options, person=person) as client:
            return await client.call_tool("sign", arguments)

    return anyio.run(talk)


def text(result: Any) -> str:
    return " ".join(item.text for item in result.content)


def test_an_approved_agent_signs_and_anyone_verifies_it(run: Run, agent: str) -> None:
    result = call(agent, "--approved", path="poem.md", title="Night")
    assert not result.is_error, text(result)
    assert result.structured_content["dossier"].endswith("out/poem.md.touchplate.json")
    verified = run("verify", "out/poem.md", "--signer", "@ana")
    assert verified.exit == 0
    assert verified.last.startswith("VALID  Agent ")


def test_the_tools_say_what_may_be_signed(agent: str) -> None:
    async def talk() -> Any:
        async with talking(agent) as client:
            tools = (await client.list_tools()).tools
            return {tool.name: tool for tool in tools}, await client.call_tool("limits", {})

    tools, limits = anyio.run(talk)
    assert set(tools) == {"limits", "sign"}
    assert set(tools["sign"].input_schema["properties"]) == {"path", "title"}
    assert limits.structured_content["pathPatterns"] == ["*.md"]
    assert limits.structured_content["folder"] == str(Path("out").resolve())


def test_a_person_is_asked_about_the_very_file_and_approves(run: Run, agent: str) -> None:
    person = Person(YES)
    result = call(agent, person=person, path="poem.md", title="Night\" (in nobody's name)")
    assert not result.is_error, text(result)
    (question,) = person.asked
    digest = short_digest(desk.file_digest("out/poem.md"))
    assert question.startswith(
        "Sign \u201cpoem.md\u201d, called \u201cNight' (in nobody's name)\u201d"
    )
    assert digest in question
    assert run("verify", "out/poem.md", "--signer", "@ana").exit == 0


@pytest.mark.parametrize("answer", [UNTICKED, NO, AWAY], ids=["unticked", "no", "away"])
def test_without_a_yes_nothing_is_signed(agent: str, answer: ElicitResult) -> None:
    person = Person(answer)
    result = call(agent, person=person, path="poem.md")
    assert result.is_error
    assert len(person.asked) == 1
    assert not Path("out/poem.md.touchplate.json").exists()


def test_a_program_that_cannot_ask_anybody_signs_nothing(agent: str) -> None:
    async def talk() -> str:
        async with talking(agent) as client:
            try:
                return text(await client.call_tool("sign", {"path": "poem.md"}))
            except MCPError as error:
                return str(error)

    assert "elicitation" in anyio.run(talk)
    assert not Path("out/poem.md.touchplate.json").exists()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../secret.md", "outside the folder"),
        ("/etc/hostname", "outside the folder"),
        ("link.md", "outside the folder"),
        ("none.md", "no such file"),
        (".", "no such file"),
        ("--agent=other", "no such file"),
        ("x" * 5000, "no such file"),
    ],
)
def test_an_ai_that_names_what_is_not_its_own_gets_nothing(agent: str, path: str, why: str) -> None:
    Path("secret.md").write_text("the diary")
    Path("out/link.md").symlink_to(Path("secret.md").resolve())
    result = call(agent, "--approved", path=path)
    assert result.is_error
    assert why in text(result)
    assert not list(Path().rglob("*.touchplate.json"))


def test_an_ai_cannot_go_beyond_the_delegation(agent: str) -> None:
    Path("out/tool.exe").write_bytes(b"MZ")
    result = call(agent, "--approved", path="tool.exe")
    assert result.is_error
    assert "out of scope: 'tool.exe' is outside the paths *.md" in text(result)


def test_a_file_that_changes_after_the_question_is_not_signed(
    agent: str, served: Served, tmp_path: Path
) -> None:
    folder = Home(str(tmp_path / "home")).folder(served.url.partition("://")[2])
    own = agents.required(folder, agent)
    root = str(Path("out").resolve())
    signing = desk.Desk(own, root, ["--agent", agent])
    before = desk.file_digest("out/poem.md")
    Path("out/poem.md").write_text("another poem\n")
    with pytest.raises(Malformed, match="changed after you were asked"):
        signing.sign(f"{root}/poem.md", None, before)
    assert not Path("out/poem.md.touchplate.json").exists()


def test_an_agent_that_is_not_here_serves_nothing(run: Run, agent: str) -> None:
    assert run("agent", "serve-mcp", "nobody").exit == 3
    refused = run("agent", "serve-mcp", agent, "--root", "nowhere")
    assert (refused.exit, "nowhere: not a folder" in refused.why) == (2, True)
