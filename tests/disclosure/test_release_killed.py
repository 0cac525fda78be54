"""A save that is killed at any point leaves the old release or the new one, whole."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from small_world import small

from hyteanalysis import writing
from hyteanalysis.disclosure import Release

SAVER = """
import json, os, sys
from hyteanalysis.disclosure import Release, store

new, *jobs = json.loads(sys.stdin.read())

def save(place, last):
    release = Release.open(new)
    frames = {name: getattr(release, name) for name in store.FRAMES}
    manifest = {key: value for key, value in release.manifest.items() if key != "seal"}
    store.save(frames, manifest, place + ".warm")
    steps = 0
    def count(frame, event, argument):
        nonlocal steps
        if event in ("call", "c_call"):
            steps += 1
            if steps == last:
                os.kill(os.getpid(), 9)
    sys.setprofile(count)
    store.save(frames, manifest, place)
    sys.setprofile(None)
    return steps

for place, last in jobs:
    out, into = os.pipe()
    child = os.fork()
    if not child:
        os.write(into, str(save(place, last)).encode())
        os._exit(0)
    os.close(into)
    steps, (_, status) = os.read(out, 99).decode(), os.waitpid(child, 0)
    os.close(out)
    print(json.dumps([steps, os.waitstatus_to_exitcode(status)]), flush=True)
"""


def saved(new, jobs):
    """Saves in processes of their own, each killed (−9) at its n-th call: how many calls it made, and how it ended."""
    asked = json.dumps([str(new), *([str(place), int(last)] for place, last in jobs)])
    done = subprocess.run(
        [sys.executable, "-c", SAVER], input=asked, capture_output=True, text=True, check=True, timeout=500
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def identity(place):
    """The id of the release that lies there; None where there is none. Anything else is an error."""
    return Release.open(place).id if writing.settled(place) else None


def kills(made, tmp_path, many):
    """Kill a save at many points, over an old release and over nothing: what is there is whole."""
    old, new, third = made[2], small(seed=1)[2], small(seed=2)[2]
    new.save(tmp_path / "new")
    [[steps, code]] = saved(tmp_path / "new", [(tmp_path / "whole" / "release", 0)])
    assert code == 0
    points = np.unique(np.linspace(1, int(steps), many).astype(int))
    places = [tmp_path / str(number) / "release" for number in range(len(points))]
    for place in places[::2]:
        old.save(place)
    ends = saved(tmp_path / "new", zip(places, points, strict=True))
    assert [code for _, code in ends].count(-signal.SIGKILL) >= len(points) - 1
    for number, place in enumerate(places):
        assert identity(place) in ([new.id, None] if number % 2 else [new.id, old.id])
        third.save(place)  # what lies about hinders nobody
        assert Release.open(place).id == third.id


@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_a_killed_save_leaves_the_old_release_or_the_new_one(made, tmp_path):
    kills(made, tmp_path, 9)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_two_hundred_kills(made, tmp_path):
    kills(made, tmp_path, 200)


def test_a_release_whose_writer_died_between_the_two_names_is_found(made, folder, monkeypatch):
    class Killed(BaseException):
        pass

    def dies(source, target):
        if str(source).endswith(".ready"):
            raise Killed
        real(source, target)

    real, new = os.rename, small(seed=1)[2]
    monkeypatch.setattr(writing.os, "rename", dies)
    monkeypatch.setattr(writing.shutil, "rmtree", lambda *_, **__: None)  # a killed process tidies nothing up
    with pytest.raises(Killed):
        new.save(folder)
    assert not folder.exists()
    monkeypatch.undo()
    assert Release.open(folder).id == new.id


def test_a_folder_that_cannot_leave_stays_and_nothing_of_the_new_one_is_left(made, folder, monkeypatch):
    def refuses(source, target):
        if str(target).endswith(".old"):
            raise PermissionError(13, "Permission denied")
        real(source, target)

    real = os.rename
    monkeypatch.setattr(writing.os, "rename", refuses)
    with pytest.raises(PermissionError):
        small(seed=1)[2].save(folder)
    assert Release.open(folder).id == made[2].id
    assert [one.name for one in folder.parent.iterdir()] == [folder.name]


def test_a_reader_that_is_quicker_than_the_writer_hinders_nobody(made, folder, monkeypatch):
    """Between the two names a reader gives the finished release its name; the writer finds it there."""
    new, read = small(seed=1)[2], []

    def watched(source, target):
        real(source, target)
        if str(target).endswith(".old"):
            read.append(Release.open(folder).id)

    real = os.rename
    monkeypatch.setattr(writing.os, "rename", watched)
    new.save(folder)
    assert read == [Release.open(folder).id] == [new.id]
    assert [one.name for one in folder.parent.iterdir()] == [folder.name]
