"""A release as a folder: whole or not at all, opened only if intact, approved, audited, also with earlier ones."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_cli import refused, run
from worlds import intervals, unsafe, world

import hyteanalysis as hyte
from hyteanalysis.disclosure import Release, approve, audit, only_release, store
from hyteanalysis.errors import DisclosureError, HyteError

K5 = hyte.Policy(minimum_count=5)
KEYS = ["area", "dimension", "group"]


def small(seed=0):
    """A hierarchical world and its release."""
    cells, hierarchy = world(seed, areas=6, parts=("language",))
    return cells, hierarchy, hyte.release(cells, policy=K5, hierarchy=hierarchy)


@pytest.fixture(scope="module")
def made():
    return small()


@pytest.fixture
def folder(made, tmp_path):
    made[2].save(tmp_path / "release")
    return tmp_path / "release"


def counted(**columns):
    frame = pd.DataFrame(columns)
    return frame.assign(indicator="n", period="2024", dimension="total", group="total")


# ---- saved and opened


def test_what_is_opened_is_what_was_made(made, folder):
    opened = Release.open(folder)
    assert opened.id == made[2].id
    assert opened.audit == made[2].audit
    assert opened.policy == K5
    pd.testing.assert_frame_equal(opened.cells, made[2].cells)
    pd.testing.assert_frame_equal(opened.areas, made[2].areas, check_dtype=False)
    some = opened.select(area=["K1", "K2"], dimension="language")
    whole = made[2].cells
    expected = whole[whole["area"].isin(["K1", "K2"]) & (whole["dimension"] == "language")]
    pd.testing.assert_frame_equal(some, expected.reset_index(drop=True))


def test_the_same_numbers_have_the_same_id_and_the_same_holes(made):
    again = small()[2]
    assert again.id == made[2].id
    assert again.cells.equals(made[2].cells)
    assert small(seed=1)[2].id != made[2].id


def test_the_manifest_keeps_the_proof(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest) >= {"id", "schema_version", "policy", "files", "audit", "created", "source", "licence"}
    assert manifest["audit"]["safe"] is True
    assert manifest["audit"]["version"] == hyte.__version__
    assert manifest["audit"]["attacked"] >= manifest["audit"]["primary"] > 0
    assert manifest["policy"]["minimum_count"] == 5
    for name, digest in manifest["files"].items():
        assert store.file_hash(folder / name) == digest


def changed(folder, **values):
    """The manifest with other values, sealed as if it had been made so."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8")) | values
    manifest["seal"] = store.seal(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def torn(folder):
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(text[: len(text) // 2], encoding="utf-8")


def altered(folder):
    cells = pd.read_parquet(folder / "cells.parquet")
    cells.loc[cells["status"] == "suppressed", "estimate"] = 3.0
    cells.to_parquet(folder / "cells.parquet")


def relabelled(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["source"] = "somebody else"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


FAULTS = {
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "is missing: the release is half-written"),
    "torn manifest": (torn, "is torn or altered: it is not JSON"),
    "missing file": (lambda folder: (folder / "groups.parquet").unlink(), "groups.parquet is missing"),
    "altered cells": (altered, "cells.parquet was altered after the release was made"),
    "altered manifest": (relabelled, "manifest.json was altered after the release was made"),
    "another version": (lambda folder: changed(folder, schema_version=99), "schema version 99"),
    "failed audit": (lambda folder: changed(folder, audit={"safe": False}), "the audit failed"),
    "no audit": (lambda folder: changed(folder, audit=None), "the audit failed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_folder_is_refused_with_its_own_message(folder, fault):
    spoil, message = FAULTS[fault]
    spoil(folder)
    with pytest.raises(DisclosureError, match=message):
        Release.open(folder)


def test_every_fault_has_another_message(made, tmp_path):
    said = set()
    for number, (spoil, _) in enumerate(list(FAULTS.values())[:-1]):
        made[2].save(tmp_path / str(number) / "release")
        spoil(tmp_path / str(number) / "release")
        with pytest.raises(DisclosureError) as refusal:
            Release.open(tmp_path / str(number) / "release")
        said.add(str(refusal.value).replace(str(tmp_path / str(number)), ""))
    with pytest.raises(DisclosureError, match="there is no release folder") as refusal:
        Release.open(tmp_path / "nowhere")
    assert len(said | {str(refusal.value)}) == len(FAULTS)


def test_somebody_elses_folder_is_not_overwritten(made, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_text("years of work")
    with pytest.raises(DisclosureError, match="not a release folder"):
        made[2].save(tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.docx").read_text() == "years of work"


# ---- killed while it saves

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


# ---- approval


def test_an_approval_says_who_when_and_of_what(folder):
    assert not Release.open(folder).approved
    assert Release.open(folder).approval is None
    before = Release.open(folder).id
    given = approve(folder, " Anna Officer ")
    opened = Release.open(folder)
    assert opened.approved
    assert opened.approval == given
    assert given["name"] == "Anna Officer"
    assert given["hash"] == opened.manifest["seal"]
    assert pd.Timestamp(given["when"]).tz is not None
    assert opened.id == before


def test_an_approval_of_other_content_counts_for_nothing(made, folder):
    given = approve(folder, "Anna Officer")
    changed(folder, source="another source", approval=given)
    assert not Release.open(folder).approved
    made[2].save(folder)
    assert not Release.open(folder).approved
    for name in ("", "  ", None):
        with pytest.raises(DisclosureError, match="needs the name"):
            approve(folder, name)


def test_the_command_approves_a_release_that_is_there(folder):
    assert run("release", folder, "--approve", "Anna Officer").returncode == 0
    assert Release.open(folder).approval["name"] == "Anna Officer"
    assert run("release", folder).returncode == 2


def test_figures_take_only_a_release(made):
    assert only_release(made[2]) is made[2]
    for draw in (getattr(hyte.figures, kind) for kind in hyte.figures.KINDS):
        with pytest.raises(DisclosureError, match=r"only a Release, not a DataFrame; make one with hyte.release"):
            draw(made[0], indicator="n", dimension="language")


# ---- audited again


def test_a_release_passes_the_audit_from_its_files(folder):
    found = audit(Release.open(folder))
    assert found.safe
    assert found.unsafe.empty
    answer = run("audit", folder)
    assert answer.returncode == 0
    assert "safe" in answer.stdout
    assert len(answer.stdout.strip().splitlines()) == 1


def rewritten(folder, change):
    """A folder whose cells somebody changed and sealed anew."""
    opened = Release.open(folder)
    frames = {name: getattr(opened, name) for name in store.FRAMES}
    frames["cells"] = change(frames["cells"].copy())
    store.save(frames, {key: value for key, value in opened.manifest.items() if key != "seal"}, folder)


def test_a_shown_small_count_fails_the_audit(made, folder):
    truth = made[0].set_index(KEYS)["events"]

    def show(cells):
        place = next(row.Index for row in cells.itertuples() if 1 <= truth[row.area, row.dimension, row.group] <= 4)
        cells.loc[place, ["events", "estimate"]] = 3.0
        cells.loc[place, "status"] = "ok"
        return cells

    rewritten(folder, show)
    found = audit(Release.open(folder))
    assert found.unsafe["reason"].tolist()[0] == "shown"
    answer = run("audit", folder)
    assert answer.returncode == 1
    assert "NOT SAFE" in answer.stdout
    assert "shown" in answer.stdout


def test_a_number_left_in_a_suppressed_row_fails_the_audit(made, folder):
    truth = made[0].set_index(KEYS)["events"]

    def leave(cells):
        keys = pd.MultiIndex.from_frame(cells[KEYS])
        place = (cells["status"] == "suppressed") & truth.reindex(keys).between(1, 4).array
        cells.loc[place, "events"] = truth.reindex(keys[place]).array
        return cells

    rewritten(folder, leave)
    assert not audit(Release.open(folder)).safe


def test_a_hidden_count_that_subtraction_gives_fails_the_audit(made, folder):
    """Show every hidden number but one small one: its margin then gives it back."""
    truth = made[0].set_index(KEYS)["events"]

    def open_all_but_one(cells):
        keys = pd.MultiIndex.from_frame(cells[KEYS])
        hidden = cells.index[cells["status"] == "suppressed"]
        kept = next(row for row in hidden if 1 <= truth[keys[row]] <= 4)
        small = [row for row in hidden if 1 <= truth[keys[row]] <= 4]
        rows = [row for row in hidden if row not in small]
        cells.loc[rows, "events"] = truth.reindex(keys[rows]).array
        cells.loc[rows, "estimate"] = cells.loc[rows, "events"]
        cells.loc[rows, "status"] = "ok"
        assert kept in small
        return cells

    rewritten(folder, open_all_but_one)
    found = audit(Release.open(folder))
    assert not found.safe
    bad = found.unsafe
    assert ((bad["low"] >= 1) & (bad["high"] <= 4)).all()
    assert (bad["low"] <= bad["high"]).all()


def test_shown_numbers_that_contradict_one_another_are_refused(folder):
    def spoil(cells):
        cells.loc[(cells["area"] == "Total") & (cells["dimension"] == "total"), "events"] += 1000
        return cells

    rewritten(folder, spoil)
    refused(run("audit", folder), "do not add up")
    refused(run("audit", folder.parent / "nowhere"), "no release folder")


@pytest.mark.slow
def test_the_example_release_passes_the_audit():
    answer = run("audit", Path(__file__).resolve().parents[1] / "data" / "releases" / "example")
    assert answer.returncode == 0, answer.stdout


def test_paavo_by_municipality_is_released_and_audited(shared, tmp_path):
    """Real counts of 2018 by municipality, k = 5: what a municipality's own statistician would try first."""
    paavo = pd.read_csv(shared("data/fi/paavo2020_by_municipality.csv"), dtype={"kunta_code": "str"})
    ages = [name for name in paavo if name.endswith("(HE)") and " years" in name]
    assert len(ages) >= 19
    codes = ("KU" + paavo["kunta_code"]).where(
        paavo["kunta_code"].notna(), paavo["Area"].str[:4]
    )  # regions stand between
    wide = paavo.set_index(codes)
    bands = wide[ages].rename(columns=lambda name: name.split(" years")[0].replace(" or over", "").strip())
    bands = bands.rename(columns={"85": "85+"})
    parts = {
        "total": wide[["Inhabitants, total, 2018 (HE)"]].set_axis(["total"], axis=1),
        "sex": wide[["Males, 2018 (HE)", "Females, 2018 (HE)"]].set_axis(["men", "women"], axis=1),
        "age": bands,
    }
    cells = pd.concat(
        [
            part.rename_axis("area")
            .reset_index()
            .melt("area", var_name="group", value_name="events")
            .assign(dimension=name)
            for name, part in parts.items()
        ],
        ignore_index=True,
    )
    cells = cells.assign(indicator="paavo-inhabitants", period="2018", estimate=cells["events"].astype(float))
    cells.to_csv(tmp_path / "paavo.csv", index=False)
    (tmp_path / "k5.yml").write_text("minimum_count: 5\n")
    answer = run("release", tmp_path / "paavo.csv", "--policy", tmp_path / "k5.yml", "-o", tmp_path / "release")
    assert answer.returncode == 0, answer.stderr
    opened = Release.open(tmp_path / "release")
    assert opened.audit["primary"] > 0
    assert not opened.cells["events"].between(1, 4).any()
    assert (opened.cells["status"] == "suppressed").sum() > opened.audit["primary"]
    assert run("audit", tmp_path / "release").returncode == 0


# ---- one release after another


def test_two_releases_that_follow_each_other_are_audited_together():
    """A group was split in two since: each release alone is safe, the difference would tell the small part."""
    first, hierarchy = world(5, areas=5, nested=False, parts=("language",), mean=30)
    early = hyte.release(first[first["dimension"] == "total"], policy=K5, hierarchy=hierarchy)
    later = hyte.release(first, policy=K5, hierarchy=hierarchy, previous=[early])
    keys = [*KEYS]
    both = later.cells.set_index(keys)["events"].combine_first(early.cells.set_index(keys)["events"])
    seen = later.cells.assign(events=both.reindex(pd.MultiIndex.from_frame(later.cells[keys])).array)
    told = intervals(seen, hierarchy).join(first.set_index(keys)["events"].rename("truth"), on=keys)
    small = told[told["truth"].between(1, 4)]
    assert ((small["low"] <= 1 + 1e-6) & (small["high"] >= 5 - 1e-6)).all()
    assert later.manifest["previous"] == [{"id": early.id, "seal": None}]


def test_a_number_that_only_an_earlier_release_shows_is_reckoned_with():
    hierarchy = pd.DataFrame({"area": ["a", "b", "c"], "parent": "R"})
    old = counted(area=["a", "c", "R"], events=[40.0, 60.0, 103.0], estimate=[40.0, 60.0, 103.0])
    early = hyte.release(old.iloc[:2], policy=K5, hierarchy=hierarchy)
    new = counted(area=["b", "R"], events=[3.0, 103.0], estimate=[3.0, 103.0])
    alone = hyte.release(new, policy=K5, hierarchy=hierarchy)
    assert alone.cells.set_index("area").loc["R", "status"] == "ok"
    together = hyte.release(new, policy=K5, hierarchy=hierarchy, previous=[early])
    assert (together.cells["status"] == "suppressed").all()
    assert not audit(alone, previous=[early], hierarchy=hierarchy).safe
    assert audit(together, previous=[early]).safe


def test_an_unsafe_number_that_is_out_already_is_named():
    frame = counted(area=["a", "b"], events=[3.0, 60.0], estimate=[3.0, 60.0], population=[100.0, 200.0])
    early = hyte.release(frame, policy=hyte.Policy(minimum_count=1, minimum_respondents=0))
    with pytest.raises(DisclosureError, match="stand in an earlier release and cannot be protected: n / a"):
        hyte.release(frame, policy=K5, previous=[early])


# ---- bad input


def test_numbers_that_nobody_counted_are_refused_with_what_to_do():
    bare = counted(area=["a"], estimate=[12.5])
    with pytest.raises(DisclosureError, match=r"neither `events` nor `respondents`.*from_profile\('open'\)"):
        hyte.release(bare, policy=K5)
    assert len(hyte.release(bare, policy=hyte.Policy.from_profile("open")).cells) == 1
    with pytest.raises(DisclosureError, match=r"fractional count, such as 2.5 in n / a"):
        hyte.release(counted(area=["a"], estimate=[2.5], events=[2.5]), policy=K5)


def test_margins_that_do_not_add_up_are_named_with_the_difference():
    hierarchy = pd.DataFrame({"area": ["a", "b"], "parent": "R"})
    frame = counted(area=["a", "b", "R"], events=[3.0, 60.0, 73.0], estimate=[3.0, 60.0, 73.0])
    with pytest.raises(DisclosureError, match=r"margins do not add up: n / R / total / total is 73.*\+10"):
        hyte.release(frame, policy=K5, hierarchy=hierarchy)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"minimum_cuont": 3}, "minimum_count"),
        ({"minimum_count": 0}, "at least 1"),
        ({"minimum_count": 2.5}, "whole number"),
        ({"zeros": "maybe"}, "public"),
        ({"profile": "thl2"}, "thl"),
        ({"sensitive": ["disability"]}, "must map dimensions"),
        ({"sensitive": {"disability": 0}}, "at least 1"),
        ({"rounding": 3}, "less than the largest minimum"),
        ({"dominance": [1]}, "contributors, percent"),
        ({"p_percent": 0}, "above 0"),
        ({"protect_complement": "yes"}, "true or false"),
    ],
)
def test_a_policy_with_an_unknown_key_or_value_is_refused(values, message, tmp_path):
    with pytest.raises(DisclosureError, match=message):
        hyte.Policy.from_dict(values)
    (tmp_path / "own.yml").write_text(json.dumps(values))
    with pytest.raises(DisclosureError, match=r"own\.yml"):
        hyte.Policy.read(tmp_path / "own.yml")


def test_a_policy_reads_back_what_it_wrote():
    policy = hyte.Policy.from_dict({"profile": "statfin", "sensitive": {"disability": 10}, "zeros": "hidden"})
    assert hyte.Policy.from_dict(policy.to_dict()) == policy
    assert policy.k("disability × sex") == 10
    assert policy.k("sex") == policy.minimum_count == 3


def test_what_is_no_policy_or_no_release_is_refused():
    frame = counted(area=["a"], estimate=[12.0], events=[12.0])
    with pytest.raises(DisclosureError, match="must be a Policy"):
        hyte.release(frame, policy="thl")
    with pytest.raises(HyteError, match="exhaustive"):
        hyte.release(frame, policy=K5, exhaustive=[("m",)])
    with pytest.raises(DisclosureError, match="rounding cannot be audited"):
        hyte.release(frame, policy=hyte.Policy(rounding=5), previous=[hyte.release(frame, policy=K5)])


def test_a_world_stays_safe_after_a_journey_through_files(made, folder):
    cells, hierarchy, _ = made
    assert unsafe(cells, Release.open(folder), hierarchy).empty
