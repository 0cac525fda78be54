"""A save that is killed at any point leaves the old release or the new one, whole."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from small_world import small

from hyteanalysis.disclosure import Release, store

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
    return Release.open(place).id if place.exists() or place.with_name(f".{place.name}.old").exists() else None


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


def test_where_names_cannot_be_exchanged_an_old_release_is_put_back(made, folder, monkeypatch):
    monkeypatch.setattr(store, "_exchanged", lambda fresh, path: False)
    real, calls = os.rename, []

    def breaks(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(store.os, "rename", breaks)
    with pytest.raises(KeyboardInterrupt):
        small(seed=1)[2].save(folder)
    assert not folder.exists()
    monkeypatch.setattr(store.os, "rename", real)
    assert Release.open(folder).id == made[2].id
