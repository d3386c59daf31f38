"""The tools themselves, with the official SDK of the Model Context Protocol.

Imported only by `touchplate agent serve-mcp`: the SDK is an extra, `touchplate[mcp]`.
"""

from typing import Annotated, Any

import anyio.to_thread
from mcp.server.mcpserver import Elicit, MCPServer, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

from trust.core.errors import Malformed
from trust_cli.desk import Desk, file_digest, question

MAX_TITLE = 200  # characters, as in a statement
_INSTRUCTIONS = (
    "Signs finished files in the name of a person who answers for them in public. Sign only what "
    "that person wants to deliver, and say in your own words what you are about to sign. A file "
    "that was refused stays refused: tell the person why instead of trying again."
)
_LIMITS = "What may be signed: folder, kinds and names of files, budget, and until when."
_SIGN = (
    "Sign one finished file in the person's name, in public and for ever. Returns its page, and "
    "the dossier that was written beside it."
)


class Approval(BaseModel):
    """What the person answers."""

    sign: bool = Field(description="Yes: I answer for this file in public.")


class Asked(BaseModel):
    """A file that may be signed, as it was when it was looked at."""

    place: str
    digest: bytes


def make_server(desk: Desk, *, approved: bool) -> MCPServer[Any]:
    """Return the server; `approved` means that nobody is asked."""
    server: MCPServer[Any] = MCPServer(
        "touchplate", instructions=_INSTRUCTIONS, log_level="WARNING"
    )

    def ask(path: str, title: str | None = None) -> Asked:
        return look(desk, path, title)

    def approval(
        asked: Annotated[Asked, Resolve(ask)], title: str | None = None
    ) -> Approval | Elicit[Approval]:
        if approved:
            return Approval(sign=True)
        return Elicit(question(asked.place, title, asked.digest), Approval)

    @server.tool(
        name="limits",
        description=_LIMITS,
        annotations=ToolAnnotations(read_only_hint=True),
        structured_output=True,
    )
    async def limits() -> dict[str, Any]:
        return desk.limits

    @server.tool(
        name="sign",
        description=_SIGN,
        annotations=ToolAnnotations(destructive_hint=True, idempotent_hint=False),
        structured_output=True,
    )
    async def sign(
        path: str,  # noqa: ARG001 - read by `ask`
        asked: Annotated[Asked, Resolve(ask)],
        answer: Annotated[Approval, Resolve(approval)],
        title: str | None = None,
    ) -> dict[str, Any]:
        return await give(desk, asked, title, answer)

    return server


def look(desk: Desk, path: str, title: str | None) -> Asked:
    """Find the file that an AI names; raise ToolError, which the AI reads, if it may not."""
    if title is not None and len(title) > MAX_TITLE:
        raise ToolError(f"a title of {len(title)} characters, expected at most {MAX_TITLE}")
    try:
        place = desk.place(path)
    except Malformed as error:
        raise ToolError(str(error)) from error
    return Asked(place=place, digest=file_digest(place))


async def give(desk: Desk, asked: Asked, title: str | None, answer: Approval) -> dict[str, Any]:
    """Sign what the person approved; raise ToolError if they did not, or it cannot be signed."""
    if not answer.sign:
        raise ToolError("the person did not approve: nothing was signed")
    try:
        return await anyio.to_thread.run_sync(desk.sign, asked.place, title, asked.digest)
    except Malformed as error:
        raise ToolError(str(error)) from error
