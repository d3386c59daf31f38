"""The ledger: who signs for a person, how much, and how much stands behind each act of their own."""

from typing import Any

from world import World

from trust.core.wording.ledger import ledger_rows
from trust.service.projections import rebuild

POST = {"a.md": b"a"}
DAY = 24 * 3600


def ledger(world: World, scid: str) -> Any:
    return world.registry.person(scid)["ledger"]


def test_a_person_without_agents(world: World) -> None:
    ana = world.join("ana")
    ana.sign(POST)
    found = ledger(world, ana.scid)
    assert found == {
        "agents": [],
        "live": 0,
        "outputsByAgents": 0,
        "outputsByHand": 1,
        "acts": 1,
    }
    assert ledger_rows(found) == ()


def test_works_and_acts_are_counted_apart(world: World) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    first = ana.delegate(paths=("*.md",))
    ben.delegate().sign(POST)
    for _ in range(3):
        first.sign(POST)
    second = ana.delegate(agent=2, human_review=True)
    ana.withdraw(second.delegation.id)
    ana.sign(POST)
    found = ledger(world, ana.scid)
    assert [item["agent"] for item in found["agents"]] == [1, 2], "live ones first"
    assert [item["live"] for item in found["agents"]] == [True, False]
    assert [item["outputs"] for item in found["agents"]] == [3, 0]
    assert (found["live"], found["outputsByAgents"], found["outputsByHand"]) == (1, 3, 1)
    assert found["acts"] == 4, "two delegations, a withdrawal, a work by hand"
    texts = [text for _, text in ledger_rows(found)]
    assert texts[0].startswith("Agent 1 until ")
    assert "files under *.md, 10 a day, 100 in all; it signed 3 works." in texts[0]
    assert texts[1] == (
        "Agents signed 3 works, the person signed 1 by hand. The person used their own key 4 times, "
        "counting each time they allowed an agent: 0.8 works of agents for each use. It does not "
        "say that anybody looked at them."
    )


def test_an_expired_agent_is_not_live(world: World) -> None:
    ana = world.join("ana")
    ana.delegate(expires=world.now + DAY).sign(POST)
    world.offset = 2 * DAY
    world.restart()
    [agent] = ledger(world, ana.scid)["agents"]
    assert (agent["live"], agent["ended"], agent["outputsToday"]) == (False, None, 0)
    assert ledger_rows(ledger(world, ana.scid))[0][1] == "No agent may sign for them now."


def test_a_withdrawal_by_a_stranger_ends_no_agent(world: World) -> None:
    ana = world.join("ana")
    agent = ana.delegate()
    world.join("eve").withdraw(agent.delegation.id)
    assert ledger(world, ana.scid)["live"] == 1


def test_rebuilt_projections_give_the_same_ledger(world: World) -> None:
    ana = world.join("ana")
    ana.delegate().sign(POST)
    before = ledger(world, ana.scid)
    rebuild(world.registry._database)
    assert ledger(world, ana.scid) == before
