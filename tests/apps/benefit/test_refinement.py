"""The estimate refined beside page B: told, stopped, overtaken, failed."""

import asyncio

from hyteanalysis import actions as actions_room
from hyteanalysis import i18n
from hyteanalysis.apps import KetaAuttaaEniten
from hyteanalysis.apps.benefit.numbers import QUICK, REFINED, numbers


def test_the_quick_answer_is_refined_beside_the_page(own, actions):
    async def visit():
        page = KetaAuttaaEniten("fi", own, actions)
        page.parts = ("answer", "assumptions")
        page.start()
        told = []
        page.refinement.said.observe(lambda change: told.append(change["new"]), "value")
        page.open("alue=a")
        quick = page.answer.value
        for _ in range(400):
            await asyncio.sleep(0.02)
            if i18n.integer(REFINED, "fi") in page.answer.value and not page.surround.progress.value:
                break
        return quick, page.answer.value, told

    quick, refined, told = asyncio.run(visit())
    assert i18n.integer(QUICK, "fi") in quick
    assert i18n.integer(REFINED, "fi") in refined
    assert any("17 %" in one for one in told)
    assert told[-1] == ""


def test_the_ways_of_sharing_are_solved_once_for_a_view(own, actions, monkeypatch):
    solved, scenarios = [], actions_room.scenarios

    def counted(impact, *, budget, detail):
        solved.append((impact.simulation.draws, budget))
        return scenarios(impact, budget=budget, detail=detail)

    monkeypatch.setattr(actions_room, "scenarios", counted)
    page = KetaAuttaaEniten("fi", own, actions)
    page.start()
    page.open("alue=a")
    assert all(page.known(part, page.state.selection()) for part in page.parts)
    assert len(solved) == 1
    budget = page.result("numbers", page.state.selection()).budget
    page.state.budget = str(2 * budget)
    assert solved == [(QUICK, budget), (QUICK, 2 * budget)]


def test_refining_can_be_stopped_and_the_quick_answer_stays(own, actions):
    async def visit():
        page = KetaAuttaaEniten("sv", own, actions)
        page.parts = ("answer", "assumptions")
        page.start()
        page.open("alue=a")
        while not page.refinement.said.value:
            await asyncio.sleep(0.005)
        page.refinement.button.click()
        said = page.refinement.said.value
        await asyncio.sleep(0.4)
        return said, page.refinement.said.value, page.state.refined, page.answer.value

    said, later, refined, shown = asyncio.run(visit())
    assert "avbröts" in said
    assert said == later
    assert not refined
    assert i18n.integer(QUICK, "sv") in shown


def test_an_estimate_that_fails_beside_the_page_is_told_and_the_quick_one_is_drawn(own, actions, monkeypatch):
    from hyteanalysis.apps.benefit import page as module

    def fails(footing, choice, tell=None):
        if choice.refined:
            raise RuntimeError("secret")
        return numbers(footing, choice)

    monkeypatch.setattr(module, "numbers", fails)

    async def visit():
        page = KetaAuttaaEniten("en", own, actions)
        page.parts = ("answer", "rankings", "bars")
        page.start()
        page.open("alue=a")
        for _ in range(400):
            await asyncio.sleep(0.02)
            if not page.surround.progress.value:
                break
        return page.surround.trouble.said.value, page.panels["bars"].body.value

    said, drawn = asyncio.run(visit())
    assert "H-" in said
    assert "secret" not in said
    assert "<img" in drawn
