"""A release as a folder: opened only if intact, each fault with its own message, whole whatever stops a save."""

import json

import pandas as pd
import pytest
from small_world import K5, changed, small
from worlds import unsafe

import hyteanalysis as hyte
from hyteanalysis.disclosure import Release, store
from hyteanalysis.errors import DisclosureError


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
    assert not {name for name in manifest["audit"] if "primary" in name or "attacked" in name}  # they would tell
    assert manifest["policy"]["minimum_count"] == 5
    for name, digest in manifest["files"].items():
        assert store.file_hash(folder / name) == digest


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


def test_a_world_stays_safe_after_a_journey_through_files(made, folder):
    cells, hierarchy, _ = made
    assert unsafe(cells, Release.open(folder), hierarchy).empty
