"""Which releases are shown: trusted ones that somebody approved, that are practice data or public already."""

import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import places
from hyteanalysis.apps.kit.cards import banner
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.server.frame import content
from hyteanalysis.disclosure import approve
from hyteanalysis.errors import DisclosureError


def test_a_broken_release_is_told_apart_and_never_shown(own_folder, tmp_path):
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(own_folder, broken)
    cells = pd.read_parquet(broken / "cells.parquet")
    cells.assign(estimate=1.0).to_parquet(broken / "cells.parquet")
    library = Library([broken, own_folder, tmp_path / "nowhere"], unapproved=True)
    assert len(library.ids) == 1
    assert set(library.faults) == {"broken", "nowhere"}
    assert library.reasons == ("none",)
    with pytest.raises(DisclosureError):
        Library([broken]).release("x")


def test_numbers_that_are_public_already_need_no_approval_and_say_what_they_are(tmp_path):
    facts = places.committed("facts", "finsote2020.csv")
    cells, indicators = hyte.sources.read_table(facts), hyte.sources.read_indicators(facts)
    hyte.release(cells, indicators, policy=hyte.Policy.from_profile("open")).save(tmp_path / "public")
    library = Library([tmp_path / "public"])
    assert len(library.ids) == 1
    assert "on julkaistu jo aiemmin" in banner(library, library.ids[0], "fi")


def test_a_release_of_real_data_is_shown_only_when_somebody_approved_this_very_content(own_folder, tmp_path):
    import json
    import shutil

    assert Library([own_folder]).ids == []
    assert Library([own_folder]).reasons == ("not_approved",)
    assert len(Library([own_folder], unapproved=True).ids) == 1
    folder = tmp_path / "approved"
    shutil.copytree(own_folder, folder)
    approve(folder, "Maija Meikäläinen")
    assert len(Library([folder]).ids) == 1
    log = json.loads((folder / "approval.json").read_text(encoding="utf-8"))
    log["approvals"][-1]["hash"] = "0" * 64
    (folder / "approval.json").write_text(json.dumps(log), encoding="utf-8")
    assert Library([folder]).ids == []


def key_of(folder, name):
    """An approver's private key, and the public one as a PEM block."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    secret = private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.pem").write_bytes(secret)
    return folder / f"{name}.pem", private.public_key().public_bytes(
        pem, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_server_that_knows_its_approvers_believes_no_other_hand(own_folder, tmp_path, monkeypatch):
    import json
    import shutil

    officer, public = key_of(tmp_path, "officer")
    stranger, _ = key_of(tmp_path, "stranger")
    known = tmp_path / "approvers.pem"
    known.write_bytes(key_of(tmp_path, "deputy")[1] + public)
    folder = tmp_path / "release"
    shutil.copytree(own_folder, folder)
    approve(folder, "Maija Meikäläinen")
    approve(folder, "Maija Meikäläinen", key=stranger)
    for one in (folder, places.committed("releases", "example")):  # practice data can be claimed by anybody
        library = Library([one], approvers=known)
        assert library.ids == []
        assert library.reasons == ("not_approved",)
        assert "whose keys this server knows" in str(library.faults[one.name])
    log = folder / "approval.json"
    forged = json.loads(log.read_text(encoding="utf-8"))
    theirs = approve(folder, "Maija Meikäläinen", key=officer)
    assert len(Library([folder], approvers=known).ids) == 1
    approve(folder, "Matti Meikäläinen")  # a later approval of another hand takes nothing away
    assert len(Library([folder], approvers=known).ids) == 1
    for signature in ({}, {"signature": forged["approvals"][-1]["signature"]}, {"signature": "00"}):
        copied = {name: value for name, value in theirs.items() if name != "signature"} | signature
        log.write_text(json.dumps({"approvals": [*forged["approvals"], copied]}), encoding="utf-8")
        library = Library([folder], approvers=known)
        assert library.ids == []
        assert "does not fit" in str(library.faults["release"])
    log.write_text(json.dumps(forged), encoding="utf-8")
    monkeypatch.setenv("HYTE_RELEASES", str(own_folder))
    monkeypatch.setenv("HYTE_APPROVERS", str(known))
    assert Library.from_environment().ids == []


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_list_of_approvers_without_keys_is_refused(tmp_path, text):
    (tmp_path / "approvers.pem").write_text(text, encoding="utf-8")
    with pytest.raises(DisclosureError, match=r"approvers\.pem .*openssl pkey"):
        Library([], approvers=tmp_path / "approvers.pem")


def test_official_and_practice_figures_are_told_apart_in_every_language():
    library = Library([places.committed("releases", name) for name in ("real", "example")])
    said = {lang: [library.label(one, lang) for one in library.ids] for lang in ("fi", "sv", "en")}
    for lang, (official, invented) in {
        "fi": ("virallisia", "keksittyjä"), "sv": ("officiella", "påhittade"), "en": ("official", "invented"),
    }.items():  # fmt: skip
        assert official in said[lang][0]
        assert invented in said[lang][1]


def test_the_front_page_says_whose_figures_how_new_and_what_else_there_is():
    real, practice = (Library([places.committed("releases", name)]) for name in ("real", "example"))
    both = Library([places.committed("releases", name) for name in ("real", "example")])
    front = content("etusivu", "fi", [], library=both)
    assert "julkaistuja virallisia lukuja (real" in front
    assert "Uusin luku on ajankohdalta 2025." in front
    assert "harjoitusaineisto, keksittyjä lukuja (example" in front
    assert "keksittyjä" not in content("etusivu", "fi", [], library=real)
    assert "eivätkä kuvaa mitään todellista aluetta" in content("etusivu", "fi", [], library=practice)
    assert "Sivut avautuvat" not in content("etusivu", "fi", [])
