"""What page C computes beside the page, from the same release and memory as the page."""

from concurrent.futures import ThreadPoolExecutor

from hyteanalysis import places
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.memory import Memory


def test_the_page_and_what_is_made_beside_it_share_one_release(page, example):
    plan, release = page._source()
    assert plan is page.editions.plan
    assert release is example.release(page.state.release)


def test_two_threads_and_the_page_say_what_each_says_alone(page, monkeypatch):
    page.state.sheet = True
    choice = page.state.selection()
    parts = ("rules", "goal", "follow_up", "check", "overview")

    def said(part):
        view = page.compute(part, choice)
        return view.figure.alt if hasattr(view, "figure") else repr(view)

    def afresh():
        monkeypatch.setattr(page, "library", Library([places.committed("releases", "example")]))
        monkeypatch.setattr(page, "memory", Memory())

    afresh()
    alone = [said(part) for part in (*parts, "sheet")]
    for _ in range(3):
        afresh()
        with ThreadPoolExecutor(3) as pool:
            together = list(pool.map(said, (*parts, "sheet", *parts)))  # figures are drawn by one thread at a time
        assert together == [*alone, *alone[:-1]]
