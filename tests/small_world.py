"""A small hierarchical world and its release, and what is done to releases on disk."""

import json

import pandas as pd
from worlds import world

import hyteanalysis as hyte
from hyteanalysis.disclosure import Release, store

K5 = hyte.Policy(minimum_count=5)
KEYS = ["area", "dimension", "group"]


def small(seed=0):
    """A hierarchical world and its release."""
    cells, hierarchy = world(seed, areas=6, parts=("language",))
    return cells, hierarchy, hyte.release(cells, policy=K5, hierarchy=hierarchy)


def counted(**columns):
    """Columns as tidy cells of one indicator and the whole population."""
    frame = pd.DataFrame(columns)
    return frame.assign(indicator="n", period="2024", dimension="total", group="total")


def changed(folder, **values):
    """The manifest with other values, sealed as if it had been made so."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8")) | values
    manifest["seal"] = store.seal(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def rewritten(folder, change):
    """A folder whose cells somebody changed and sealed anew."""
    opened = Release.open(folder)
    frames = {name: getattr(opened, name) for name in store.FRAMES}
    frames["cells"] = change(frames["cells"].copy())
    store.save(frames, {key: value for key, value in opened.manifest.items() if key != "seal"}, folder)


def counts(rows, **more):
    """Rows of area, dimension, group and count as tidy cells of one indicator."""
    frame = pd.DataFrame(rows, columns=[*KEYS, "events"]).astype({"events": float})
    return frame.assign(indicator="n", period="2024", estimate=frame["events"], **more)


def hidden(release):
    return release.cells["status"] == "suppressed"
