"""The ledger of a person in sentences: who signs for them, and how much stands behind each act."""

from collections.abc import Mapping

from trust.core.canonical import Json
from trust.core.encoding import parse_time
from trust.core.wording.dates import day


def ledger_rows(ledger: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """Return questions and answers about a person's agents; none for somebody who never had any."""
    agents = _agents(ledger)
    if not agents:
        return ()
    live = [item for item in agents if item.get("live")]
    named = " ".join(agent_sentence(item) for item in live) or "No agent may sign for them now."
    return (
        ("Who else signs for them?", named),
        ("How much do they sign themselves?", presence_sentence(ledger)),
    )


def presence_sentence(ledger: Mapping[str, Json]) -> str:
    """Say how many works of agents stand behind each act of the person."""
    by_agents, acts = _count(ledger, "outputsByAgents"), _count(ledger, "acts")
    by_hand = _count(ledger, "outputsByHand")
    text = f"Agents signed {_works(by_agents)}, the person signed {by_hand} by hand."
    if not by_agents or not acts:
        return text
    tenths = (10 * by_agents + acts // 2) // acts
    ratio = f"{tenths // 10}.{tenths % 10}".removesuffix(".0")
    used = "once" if acts == 1 else f"{acts} times"
    return (
        f"{text} The person used their own key {used}, counting each time they allowed an agent: "
        f"{ratio} work{'' if ratio == '1' else 's'} of agents for each use. It does not say that "
        "anybody looked at them."
    )


def agent_sentence(agent: Mapping[str, Json]) -> str:
    """Say what one agent may sign, until when, and how much it has signed."""
    number, total = _count(agent, "agent"), _count(agent, "outputs")
    until = day(parse_time(str(agent.get("until")), "until"))
    review = ", each to be reviewed by a human" if agent.get("humanReview") else ""
    ended = agent.get("ended")
    if ended is not None:
        when = day(parse_time(str(ended), "ended"))
        return f"Agent {number} was ended on {when}; {_so_far(total)}"
    if not agent.get("live"):
        return f"Agent {number} was allowed to sign until {until}; {_so_far(total)}"
    return f"Agent {number} until {until}: {scope_text(agent)}{review}; {_so_far(total)}"


def scope_text(agent: Mapping[str, Json]) -> str:
    """Say what a scope and a budget let an agent sign."""
    scope, budget = _members(agent, "scope"), _members(agent, "budget")
    paths, types = _texts(scope, "pathPatterns"), _texts(scope, "mediaTypes")
    where = f" under {', '.join(paths)}" if paths else ""
    what = ", ".join(types) if types else ("files" if paths else "anything")
    firm = f" for the enterprise {scope['enterprise']} alone" if scope.get("enterprise") else ""
    most = f"{_count(budget, 'perDay')} a day, {_count(budget, 'total')} in all"
    return f"{what}{where}{firm}, {most}"


def _so_far(total: int) -> str:
    return f"it signed {_works(total)}."


def _works(count: int) -> str:
    return f"{count} work{'' if count == 1 else 's'}"


def _agents(ledger: Mapping[str, Json]) -> list[dict[str, Json]]:
    found = ledger.get("agents")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _members(value: Mapping[str, Json], name: str) -> dict[str, Json]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _texts(value: Mapping[str, Json], name: str) -> list[str]:
    found = value.get(name)
    return [str(item) for item in found] if isinstance(found, list) else []


def _count(value: Mapping[str, Json], name: str) -> int:
    found = value.get(name)
    return found if isinstance(found, int) else 0
