"""The ledger of a person: live agents, what they signed, and what the person signed by hand.

An act is a statement that the person signed with their own key, joining aside: the least that
shows a human at work. How many works of agents stand behind each act says how closely somebody
looks at what is signed in their name, and is for the reader to weigh.
"""

from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.people.delegation import DelegationFacts
from trust.core.registry.status_line import BY_RULING
from trust.core.signing.identity import status_key
from trust.core.signing.statement import parse_statement
from trust.service.append_path import Published
from trust.service.authorities import DAY
from trust.service.records import Records
from trust.storage.ports import Tables

MOST_SHOWN = 200  # agents of a person, the newest first
_ACTS = ("deliverable", "delegation", "withdrawal")


class Output(NamedTuple):
    """How often an agent signed: in all, and in the last 24 hours."""

    total: int
    today: int


class Ledger:
    """Every method takes one published state and never looks beyond its size."""

    def __init__(self, database: Tables, records: Records) -> None:
        self._database, self._records = database, records

    def of(self, published: Published, scid: str) -> dict[str, Json]:
        """Return {agents, live, outputsByAgents, outputsByHand, acts}; live agents first."""
        size = published.size
        rows = self._database.rows(
            "select id from delegations where scid = ? and idx < ? order by idx desc limit ?",
            (scid, size, MOST_SHOWN),
        )
        agents = [self._agent(published, name) for (name,) in rows]
        agents.sort(key=lambda item: not item["live"])
        (by_agents,) = self._database.row(
            "select count(*) from agent_outputs where idx < ? and delegation in "
            "(select id from delegations where scid = ?)",
            (size, scid),
        )
        marks = ", ".join("?" * len(_ACTS))
        by_type = dict(
            self._database.rows(
                f"select type, count(*) from entries where scid = ? and idx < ? "  # noqa: S608
                f"and type in ({marks}) group by type",
                (scid, size, *_ACTS),
            )
        )
        return {
            "agents": list(agents),
            "live": sum(bool(item["live"]) for item in agents),
            "outputsByAgents": by_agents,
            "outputsByHand": by_type.get("deliverable", 0) - by_agents,
            "acts": sum(by_type.values()) - by_agents,
        }

    def _agent(self, published: Published, name: str) -> dict[str, Json]:
        row = self._records.named(name, published.size)
        facts = parse_statement(row.payload).facts
        if not isinstance(facts, DelegationFacts):
            return {"live": False}
        now, ended = published.checkpoint.time, self._ended(published, name, row.scid)
        signed = self._signed(published, name, now)
        return {
            "agent": facts.agent,
            "delegation": name,
            "since": format_time(row.signed_at),
            "until": format_time(facts.expires),
            "ended": None if ended is None else format_time(ended),
            "live": ended is None and now < facts.expires,
            "scope": facts.to_json()["scope"],
            "budget": facts.to_json()["budget"],
            "humanReview": facts.human_review,
            "outputs": signed.total,
            "outputsToday": signed.today,
        }

    def _signed(self, published: Published, name: str, now: int) -> Output:
        total, today = self._database.row(
            "select count(*), coalesce(sum(case when signed_at > ? then 1 else 0 end), 0) "
            "from agent_outputs where delegation = ? and idx < ?",
            (now - DAY, name, published.size),
        )
        return Output(total, int(today))

    def _ended(self, published: Published, name: str, scid: str) -> int | None:
        """Return when its person, or a ruling, ended a delegation."""
        (logged,) = self._database.row(
            "select min(logged) from status_events where k = ? and by in (?, ?) "
            "and state = 'withdrawn' and idx < ?",
            (status_key("statement", name), scid, BY_RULING, published.size),
        )
        return None if logged is None else int(logged)
