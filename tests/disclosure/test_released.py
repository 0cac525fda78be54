"""What a release says of itself, whether made just now or opened from its folder."""

import json

import pandas as pd
import pytest
from small_world import K5, KEYS, changed, counts

import hyteanalysis as hyte
from hyteanalysis import writing
from hyteanalysis.disclosure import Release, store
from hyteanalysis.errors import DisclosureError


def test_only_the_rows_that_are_asked_for_are_read(made, folder):
    expected = made[2].select(area=["K1", "R1"], dimension="language")
    assert len(expected) > 0
    assert set(expected["area"]) == {"K1", "R1"}
    opened = Release.open(folder)
    pd.testing.assert_frame_equal(opened.select(area=["K1", "R1"], dimension="language"), expected)
    assert not opened.memory.count("frame")  # nothing else was kept
    assert len(opened.select()) == len(made[2].cells)
    assert opened.select(period="2024").equals(made[2].cells)
    assert opened.select(area="K99").empty


def test_a_release_tells_where_it_comes_from(folder):
    frame = counts([("a", "total", "total", 3), ("b", "total", "total", 40)])
    release = hyte.release(
        frame, policy=K5, source="Own <survey>", licence="CC BY 4.0", synthetic=True, synthetic_by="Anna"
    )
    assert (release.source, release.licence, release.synthetic) == ("Own <survey>", "CC BY 4.0", True)
    assert pd.Timestamp(release.created).tz is not None
    assert repr(release) == f"<Release {release.id}: 2 cells, 1 suppressed>"
    html = release._repr_html_()
    assert f"<h4>Julkaisuerä {release.id}</h4><p>Harjoitusaineisto: luvut eivät ole todellisia.</p>" in html
    assert '<th scope="row">Lähde</th><td>Own &lt;survey&gt;</td>' in html
    assert "<p>Lukuja 2, joista peitetty tietosuojan vuoksi 1.</p>" in html
    assert "alle 5 ihmistä" in html
    assert '<th scope="row">Tietosuojasäännöt</th><td>own</td>' in html
    assert "ei ole vielä hyväksytty" in html
    store.approve(folder, "Anna & Co")
    approved = Release.open(folder)._repr_html_()
    assert '<th scope="row">Hyväksynyt</th><td>Anna &amp; Co, ' in approved
    assert "ei ole vielä hyväksytty" not in approved


def test_only_unaltered_public_data_are_already_public(made):
    frame = counts([("a", "total", "total", 3)])
    assert hyte.release(frame, policy=hyte.Policy.from_profile("open")).already_public
    assert not made[2].already_public
    own = hyte.Policy.from_dict({"profile": "open", "minimum_count": 1, "name": "own"})
    assert not hyte.release(frame, policy=own).already_public


def test_a_release_without_a_frame_says_which():
    with pytest.raises(DisclosureError, match="the release has no groups"):
        _ = Release({"id": "x"}, {"cells": pd.DataFrame()}).groups


def test_own_area_names_need_the_area():
    frame = counts([("a", "total", "total", 30)])
    with pytest.raises(DisclosureError, match="area"):
        hyte.release(frame, policy=K5, areas=pd.DataFrame({"label_fi": ["A"]}))


# ---- folders


def manifest(folder, text):
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def unnamed(folder):
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    changed(folder, files={name: digest for name, digest in said["files"].items() if name != "cells.parquet"})


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: manifest(folder, "[1, 2]"), "it is not a manifest"),
        (
            lambda folder: manifest(folder, '{"schema_version": 1, "id": "x"}'),
            "lacks policy, files, audit, created, seal",
        ),
        (unnamed, "does not name cells.parquet"),
    ],
)
def test_a_manifest_that_lacks_something_is_refused(folder, spoil, words):
    spoil(folder)
    with pytest.raises(DisclosureError, match=words):
        Release.open(folder)


def test_a_manifest_may_be_read_before_the_files_are_checked(folder):
    (folder / "cells.parquet").unlink()
    assert store.read_manifest(folder, verify=False)["audit"]["safe"] is True
    with pytest.raises(DisclosureError, match=r"cells.parquet is missing"):
        store.read_manifest(folder)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_on_any_system_a_new_release_takes_the_place(made, folder, monkeypatch, platform):
    class System:
        pass

    System.platform = platform
    monkeypatch.setattr(writing, "sys", System)
    other = hyte.release(counts([("a", "total", "total", 30)]), policy=K5)
    other.save(folder)
    assert Release.open(folder).id == other.id != made[2].id
    assert [one.name for one in folder.parent.iterdir()] == [folder.name]  # neither the old one nor a half-made one


# ---- policies from files


def test_a_policy_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DisclosureError, match=r"none\.yml: cannot be read \(No such file"):
        hyte.Policy.read(tmp_path / "none.yml")
    (tmp_path / "torn.yml").write_text("a: [1,\n", encoding="utf-8")
    with pytest.raises(DisclosureError, match=r"torn\.yml, line 2: is not valid YAML"):
        hyte.Policy.read(tmp_path / "torn.yml")
    (tmp_path / "list.yml").write_text("- 1\n", encoding="utf-8")
    with pytest.raises(DisclosureError, match=r"list\.yml.*a policy is a list of 'key: value' lines; not list"):
        hyte.Policy.read(tmp_path / "list.yml")


def test_the_keys_of_a_release_are_unique(made):
    assert not made[2].cells.duplicated(["indicator", "period", *KEYS]).any()
