"""Work beside the page: told, stopped, overtaken by a newer one, failed."""

import asyncio
import time

import pytest

from hyteanalysis.apps.kit.jobs import Job, Stopped, Words, loop

WORDS = Words("app.plan.making", "app.plan.stop", "app.plan.stopped")


@pytest.fixture
def job():
    return Job("en", lambda button, act: button.on_click(lambda _: act()), WORDS)


@pytest.fixture
def steps():
    """The steps that a slow work has come to."""
    return []


@pytest.fixture
def slow(steps):
    def work(tell):
        for step in range(200):
            time.sleep(0.01)
            steps.append(step)
            tell(step, 200, f"<{step}>")
        return "old"

    return work


def hidden(widget):
    return "hyte-gone" in widget._dom_classes


def test_progress_is_told_in_percent_with_the_step_at_hand_and_gone_when_it_is_done(job):
    told = []
    job.said.observe(lambda change: told.append(change["new"]), "value")

    def work(tell):
        tell(1, 4, "<b>")
        return "made"

    async def page():
        return await job.run(work), job.running, hidden(job.widget)

    assert asyncio.run(page()) == ("made", False, True)
    assert any("25" in one and "&lt;b&gt;" in one for one in told)
    assert told[-1] == ""


def test_a_newer_work_ends_the_older_at_its_next_step(job, slow, steps):
    async def page():
        older = asyncio.create_task(job.run(slow))
        await asyncio.sleep(0.05)
        newer = await job.run(lambda tell: "new")
        with pytest.raises(Stopped):
            await older
        return newer

    assert asyncio.run(page()) == "new"
    assert len(steps) < 100


def test_the_viewer_stops_it_and_that_stays_said(job, slow, steps):
    made, failed = [], []

    async def page():
        job.start(slow, made.append, failed.append)
        await asyncio.sleep(0.05)
        assert job.running
        assert not hidden(job.button)
        job.button.click()
        said = job.said.value
        await asyncio.sleep(0.1)
        assert said == job.said.value
        assert "Stopped" in said
        assert hidden(job.button)
        assert not hidden(job.widget)
        assert not job.running

    asyncio.run(page())
    assert not made
    assert not failed
    assert len(steps) < 100


def test_work_that_is_left_ends_too(job, slow, steps):
    async def page():
        left = asyncio.create_task(job.run(slow))
        await asyncio.sleep(0.05)
        left.cancel()
        await asyncio.sleep(0.1)

    asyncio.run(page())
    assert len(steps) < 100


def test_an_error_is_passed_on_and_nothing_is_left_running(job):
    failed = []

    def fails(tell):
        raise ZeroDivisionError

    async def page():
        with pytest.raises(ZeroDivisionError):
            await job.run(fails)
        job.start(fails, lambda made: None, failed.append)
        await asyncio.sleep(0.05)

    asyncio.run(page())
    assert [type(error) for error in failed] == [ZeroDivisionError]
    assert not job.running
    assert hidden(job.widget)


def test_an_error_of_what_shows_the_result_is_passed_on_too(job):
    failed = []

    async def page():
        job.start(lambda tell: 0, lambda made: 1 / made, failed.append)
        await asyncio.sleep(0.05)

    asyncio.run(page())
    assert [type(error) for error in failed] == [ZeroDivisionError]


def test_outside_a_kernel_there_is_no_loop():
    assert loop() is None
