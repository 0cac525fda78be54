"""Attacks of the second round, each on a table of its own: what once came out exactly is hidden, or refused by name."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from commands import refused, run
from second_worlds import KINDS, second_world
from small_world import K5, KEYS, changed, counts, hidden

import hyteanalysis as hyte
from hyteanalysis import uncertainty
from hyteanalysis.disclosure import Relations, advice, approve, audit
from hyteanalysis.errors import DisclosureError
from hyteanalysis.sources.example import tables

THL = hyte.Policy.from_profile("thl")


def about(names, kind="proportion", **more):
    """Metadata of indicators of one kind."""
    names = [names] if isinstance(names, str) else list(names)
    frame = pd.DataFrame({"indicator": names, "title_en": names, "unit": "%", "kind": kind, "favourable": False})
    return frame.assign(scale=100 if kind == "proportion" else 1, **more)


def out_of(rows, people, indicator="x", **more):
    """Counts out of people, with their rate."""
    frame = counts(rows, population=[float(one) for one in people], **more).assign(indicator=indicator)
    return frame.assign(estimate=100 * frame["events"] / frame["population"])


def within(made, truth, k=5, **options):
    """How closely readers can tell each small count, by the second program."""
    found = audit(made, **options)
    assert found.safe, found.unsafe
    told = found.intervals.merge(truth, on=["indicator", "area", "period", "dimension", "group"])
    return told[told["truth"].between(1, k - 1)]


# ---- rounding


def test_two_rounded_indicators_agree_on_the_people_that_they_share():
    """x 3 of 100 and y 30 of 100 once became 5 of 102 and 30 of 100: 100 − (102 − 5) is 3."""
    rows = [("a", "total", "total", 3), ("b", "total", "total", 40)]
    cells = pd.concat([out_of(rows, (100, 200)), out_of([(*one[:3], 30) for one in rows], (100, 200), "y")])
    made = hyte.release(cells, about(["x", "y"]), policy=hyte.Policy(rounding=5))
    people = made.cells.pivot(index="area", columns="indicator", values="population")
    assert (people["x"] == people["y"]).all()
    shown = made.cells.set_index(["indicator", "area"]).loc[("x", "a")]
    assert shown["events"] in (0, 5)
    assert shown["estimate"] == pytest.approx(100 * shown["events"] / shown["population"])
    assert not (made.cells["population"] - made.cells["events"]).between(1, 4).any()
    assert audit(made).safe
    spoilt = made.cells.assign(population=made.cells["population"] + 2 * (made.cells["indicator"] == "x"))
    opened = hyte.Release(made.manifest, {"cells": spoilt, "indicators": made.indicators})
    assert audit(opened).unsafe["reason"].unique().tolist() == ["another indicator tells its people otherwise"]


@pytest.mark.parametrize("seed", range(6))
def test_rounded_tables_tell_nothing_but_rounded_counts(seed):
    cells, metadata, options, _ = second_world("several", seed)
    options["policy"] = hyte.Policy(rounding=5)
    if seed in (1, 2):  # no such table is found: that is said, and nothing is shown
        with pytest.raises(DisclosureError, match="rounding finds no table"):
            hyte.release(cells, metadata, **options)
        return
    made = hyte.release(cells, metadata, **options)
    shown = made.cells
    for number in (shown["events"], shown["population"], shown["population"] - shown["events"]):
        assert not number.between(1, 4).any()
    people = shown.pivot(index=["area", "dimension", "group"], columns="indicator", values="population")
    assert (people.min(axis=1) == people.max(axis=1)).all()
    single = shown[shown["area"].str.startswith("K") & ~shown["dimension"].str.contains("total")]
    parts = single.groupby(["indicator", "area", "dimension"])[["events", "population"]].sum().droplevel("dimension")
    whole = shown[shown["dimension"] == "total"].set_index(["indicator", "area"])[["events", "population"]]
    pd.testing.assert_frame_equal(parts, whole.reindex(parts.index))  # margins are sums of what is shown
    assert audit(made).safe


def test_what_adds_up_over_indicators_is_not_rounded():
    rows = [("a", "total", "total", 3), ("b", "total", "total", 40)]
    yes = out_of(rows, (100, 200))
    no = out_of([("a", "total", "total", 97), ("b", "total", "total", 160)], (100, 200), "y")
    with pytest.raises(DisclosureError, match="rounding cannot keep what adds up over indicators"):
        hyte.release(pd.concat([yes, no]), about(["x", "y"]), policy=hyte.Policy(rounding=5))


# ---- complements, whether their people are hidden now or later


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_told_of_any_kind_leaves_each_small_count_from_one_to_the_minimum(kind, seed):
    checked(kind, seed)


def test_who_is_the_only_one_without_an_outcome_is_the_same_as_who_has_the_only_other_one():
    """Nobody here smokes now and then, so that the one who smokes daily is the one who does not do without: nothing is
    told to that person, and nothing needs to be refused."""
    checked("exhaustive", 700_010)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_two_thousand_worlds_of_all_kinds_are_safe(kind):
    for seed in range(100, 225):
        checked(kind, seed)


def checked(kind, seed):
    """A random world is released and attacked by the second program, or refused by name; how often that leaves it."""
    try:
        cells, metadata, options, truth = second_world(kind, seed)
        made = hyte.release(cells, metadata, **options)
    except DisclosureError as error:
        if kind in ("shown people", "previous") and "cannot be protected" in str(error):
            return
        if kind == "previous" and "looks like" in str(error):  # of totals alone a few may add up by chance
            return
        raise
    told = within(made, truth["events"].rename("truth").reset_index(), previous=options.get("previous", ()))
    if kind != "means":
        assert ((told["low"] <= 1) & (told["high"] >= 5)).all(), f"{kind}, seed {seed}:\n{told}"


# ---- sums that the program must ask about


def test_a_share_of_few_respondents_needs_its_kind():
    """2 of 60, shown as 3.33 % with 60 respondents."""
    cells = counts([("a", "total", "total", 2), ("b", "total", "total", 30)]).drop(columns="events")
    cells = cells.assign(estimate=[3.33, 50.0], respondents=60.0)
    with pytest.raises(DisclosureError, match=r"the kind of n is not known.*Give indicator metadata"):
        hyte.release(cells, policy=THL)
    with pytest.raises(DisclosureError, match=r"said to be a mean or an index, yet its numbers are shares.*no_shares"):
        hyte.release(cells, about("n", "mean"), policy=THL)
    made = hyte.release(cells, about("n"), policy=THL)
    assert made.cells["status"].tolist() == ["suppressed", "ok"]
    score = cells.assign(estimate=[24.31, 23.07])
    assert not hidden(hyte.release(score, about("n", "mean"), policy=THL)).any()
    denied = Relations(no_shares=("n",))
    assert not hidden(hyte.release(cells, about("n", "mean"), policy=THL, relations=denied)).any()


def test_a_proportion_needs_its_denominator():
    cells = counts([("a", "total", "total", 97), ("b", "total", "total", 50)]).assign(estimate=[97.0, 50.0])
    with pytest.raises(DisclosureError, match=r"the denominator of n is not known.*Add `respondents` or `population`"):
        hyte.release(cells, about("n"), policy=THL)


AREAS = ["K1", "K2", "K3", "T"]
UNDER_T = pd.DataFrame({"area": AREAS[:3], "parent": "T"})


def areal(values, indicator="x", people=(900, 800, 700), **more):
    """Counts of three areas and the whole."""
    values, people = [*values, sum(values)], [*people, sum(people)]
    rows = [(area, "total", "total", value) for area, value in zip(AREAS, values, strict=True)]
    return out_of(rows, people, indicator, **more)


def test_indicators_that_add_up_are_asked_about_and_protected():
    """Any − daily is occasional: 33 − 30 is 3."""
    cells = pd.concat([areal((33, 60, 90), "any"), areal((30, 40, 50), "daily"), areal((3, 20, 40), "occasional")])
    names = about(["any", "daily", "occasional"])
    with pytest.raises(DisclosureError, match=r"any looks like (daily \+ occasional|occasional \+ daily).*independent"):
        hyte.release(cells, names, policy=THL, hierarchy=UNDER_T)
    denied = hyte.release(cells, names, policy=THL, hierarchy=UNDER_T, relations=Relations(independent=("any",)))
    shown = denied.cells.set_index(["indicator", "area"])["events"]
    assert shown["any", "K1"] - shown["daily", "K1"] == 3  # what denying means
    told = Relations(indicators={"any": ("daily", "occasional")})
    made = hyte.release(cells, names, policy=THL, hierarchy=UNDER_T, relations=told)
    shown = made.cells.set_index(["indicator", "area"])["events"]
    assert shown.loc["occasional"].isna()["K1"]
    assert np.isnan(shown["any", "K1"] - shown["daily", "K1"])
    truth = cells.rename(columns={"events": "truth"})[["indicator", "area", "period", "dimension", "group", "truth"]]
    found = within(made, truth)
    assert ((found["low"] <= 1) & (found["high"] >= 5)).all()


def test_what_adds_up_in_some_areas_only_is_no_sum():
    """30 + 20 is 50 in one area, and one short of the whole in the other two."""
    cells = pd.concat([areal((50, 61, 91), "any"), areal((30, 40, 50), "daily"), areal((20, 20, 40), "sweets")])
    made = hyte.release(cells, about(["any", "daily", "sweets"]), policy=THL, hierarchy=UNDER_T)
    assert not hidden(made).any()


def test_what_is_left_of_an_indicator_beside_its_part_is_protected():
    cells = pd.concat([areal((33, 60, 90), "any"), areal((30, 40, 50), "daily")])
    told = Relations(part_of={"daily": "any"})
    made = hyte.release(cells, about(["any", "daily"]), policy=THL, hierarchy=UNDER_T, relations=told)
    shown = made.cells.set_index(["indicator", "area"])["events"]
    assert np.isnan(shown["any", "K1"] - shown["daily", "K1"])
    assert audit(made).safe


def test_years_within_spans_of_years_are_recognised():
    """2020–2022 minus two of its years gives the third."""
    years = {"2020": (3, 40, 50), "2021": (20, 41, 52), "2022": (25, 42, 53)}
    cells = [areal(values).assign(period=year) for year, values in years.items()]
    whole = areal(np.sum(list(years.values()), axis=0), people=(2700, 2400, 2100)).assign(period="2020-2022")
    made = hyte.release(pd.concat([*cells, whole]), about("x"), policy=THL, hierarchy=UNDER_T)
    shown = made.cells.set_index(["period", "area"])["events"]
    assert np.isnan(shown["2020", "K1"])
    assert np.isnan(shown["2020-2022", "K1"] - shown["2021", "K1"] - shown["2022", "K1"])
    open_ended = pd.concat(
        [*(one.assign(period=year) for year, one in zip(("2021", "2022"), cells[1:], strict=True)), whole]
    )
    left = hyte.release(open_ended, about("x"), policy=THL, hierarchy=UNDER_T).cells.set_index(["period", "area"])[
        "events"
    ]
    assert np.isnan(left["2020-2022", "K1"] - left["2021", "K1"] - left["2022", "K1"])  # nobody shows 2020
    named = pd.concat([one.assign(period=f"wave {year}") for year, one in zip("123", cells, strict=True)])
    with pytest.raises(DisclosureError, match=r"all waves looks like wave . \+ wave . \+ wave ."):
        hyte.release(pd.concat([named, whole.assign(period="all waves")]), about("x"), policy=THL, hierarchy=UNDER_T)


@pytest.mark.parametrize(
    ("young", "older", "both"),
    [
        ("20-24", "25-29", "20-29"),
        ("20 – 24-vuotiaat", "25 – 29-vuotiaat", "20–29 år"),
        ("alle 20", "20-29", "under 30"),
        ("75-84", "85 vuotta täyttäneet", "75-"),
    ],
)
def test_ages_in_two_dimensions_are_one_variable_however_they_are_spelt(young, older, both):
    rows = [("a", "age5", young, 3), ("a", "age5", older, 40), ("a", "age10", both, 43), ("a", "total", "total", 43)]
    made = hyte.release(out_of(rows, (200, 300, 500, 500)), about("x"), policy=THL)
    shown = made.cells.set_index(["dimension", "group"])["events"]
    assert np.isnan(shown["age5", young])
    assert np.isnan(shown["age10", both] - shown["age5", older])


@pytest.mark.parametrize("name", ["release-subtotal", "release-two-classifications"])
def test_subtotals_and_second_classifications_are_asked_about(shared, tmp_path, name):
    cells = shared(f"cases/{name}") / "cells.csv"
    words = "mid or high" if name == "release-subtotal" else "education_two/further"
    refused(run("release", cells, "--policy", "thl", "-o", tmp_path / "out"), words)
    groups = {words if "/" in words else f"education/{words}": ["education/mid", "education/high"]}
    if "two" in name:
        groups["education_two/basic"] = ["education/low"]
    (tmp_path / "sums.yml").write_text(json.dumps({"groups": groups}), encoding="utf-8")
    answer = run("release", cells, "--policy", "thl", "--relations", tmp_path / "sums.yml", "-o", tmp_path / "out")
    assert answer.returncode == 0, answer.stderr
    made = hyte.Release.open(tmp_path / "out")
    shown = made.cells.set_index("group")["events"]
    assert np.isnan(shown["high"])
    assert np.isnan(shown.get("mid or high", shown.get("further")) - shown["mid"])
    assert run("audit", tmp_path / "out").returncode == 0


def test_own_districts_lie_where_the_areas_say(tmp_path):
    rows = [("centre", "total", "total", 3), ("shore", "total", "total", 40), ("KU285", "total", "total", 43)]
    cells = out_of(rows, (500, 400, 900))
    places = pd.DataFrame({"area": ["centre", "shore"], "label_en": ["Centre", "Shore"], "parent": "KU285"})
    for frame, name in (
        (cells, "cells"),
        (places, "areas"),
        (places[["area", "parent"]], "tree"),
        (about("x"), "about"),
    ):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    said = run("release", tmp_path / "cells.csv", "--indicators", tmp_path / "about.csv", "-o", tmp_path / "none")
    refused(said, "hierarchy")  # nothing says where they lie, and their counts add up
    for option, name in (("--areas", "areas"), ("--hierarchy", "tree")):
        more = ["--indicators", tmp_path / "about.csv", option, tmp_path / f"{name}.csv", "-o", tmp_path / option]
        answer = run("release", tmp_path / "cells.csv", *more)
        assert answer.returncode == 0, answer.stderr
        shown = hyte.Release.open(tmp_path / option).cells.set_index("area")["events"]
        assert np.isnan(shown["centre"])
        assert np.isnan(shown["KU285"] - shown["shore"])
    with pytest.raises(DisclosureError, match="the hierarchy has holes: nothing says where shore lie"):
        hyte.release(cells, about("x"), policy=THL, areas=places.iloc[:1])


def test_indicators_named_exhaustive_on_the_command_line_are_protected(tmp_path):
    one, other, rest = areal((3, 300, 400), "a"), areal((497, 200, 100), "b"), areal((400, 300, 200), "c")
    pd.concat([one, other, rest]).to_csv(tmp_path / "cells.csv", index=False)
    about(["a", "b", "c"]).to_csv(tmp_path / "about.csv", index=False)
    UNDER_T.to_csv(tmp_path / "tree.csv", index=False)
    more = ["--indicators", tmp_path / "about.csv", "--hierarchy", tmp_path / "tree.csv", "-o", tmp_path / "out"]
    answer = run("release", tmp_path / "cells.csv", "--exhaustive", "a,b,c", *more)
    assert answer.returncode == 0, answer.stderr
    shown = hyte.Release.open(tmp_path / "out").cells.set_index(["indicator", "area"])
    assert np.isnan(shown["events"]["a", "K1"])
    assert np.isnan(900 - shown["events"]["b", "K1"] - shown["events"]["c", "K1"])
    refused(run("release", tmp_path / "cells.csv", "--exhaustive", "a,b,d", *more), "exhaustive")


@pytest.mark.parametrize("beside", ["se", "upper"])
def test_an_error_or_limit_beside_a_rounded_rate_tells_its_count(beside):
    """0.1 % of 3,000 may be 2 to 4 people, and 0 % anything up to 1: an exact error says which."""
    count, people = np.array([3.0, 90.0]), np.array([4_000.0, 900.0])
    share = count / people
    exact = {
        "se": 100 * np.sqrt(share * (1 - share) / people),
        "upper": 100 * uncertainty.wilson(count, people)[1],
    }
    cells = counts([("a", "total", "total", 0), ("b", "total", "total", 0)]).drop(columns="events")
    cells = cells.assign(estimate=np.round(100 * share, 0), population=people)
    policy = hyte.Policy(counts_needed=False)
    assert not hidden(hyte.release(cells, about("n"), policy=policy)).any()  # 0 % may be 0 to 20 people
    told = cells.assign(**{beside: exact[beside]})
    made = hyte.release(told, about("n"), policy=policy)
    assert made.cells["status"].tolist() == ["suppressed", "ok"]


def test_a_mean_of_few_is_not_what_the_others_leave():
    """(100 · 24 − 80 · 23) / 20 is the mean of the twenty."""
    rows = [("a", "sex", "women", 0), ("a", "sex", "men", 0), ("b", "sex", "women", 0), ("b", "sex", "men", 0)]
    rows += [("a", "total", "total", 0), ("b", "total", "total", 0)]
    people, means = [20.0, 80.0, 400.0, 380.0, 100.0, 780.0], [28.13, 23.27, 24.31, 25.17]
    totals = [(20 * 28.13 + 80 * 23.27) / 100, (400 * 24.31 + 380 * 25.17) / 780]
    cells = counts(rows, respondents=people).drop(columns="events").assign(estimate=[*means, *totals])
    made = hyte.release(cells, about("n", "mean"), policy=THL)
    shown = made.cells.set_index(["area", "group"])["estimate"]
    assert np.isnan(shown["a", "women"])
    assert np.isnan(shown["a", "men"]) or np.isnan(shown["a", "total"])
    assert shown["b"].notna().all()
    opened = made.cells.assign(estimate=made.cells["estimate"], respondents=made.cells["respondents"])
    men = (opened["area"] == "a") & (opened["group"] != "women")
    full = cells.set_index(KEYS)
    for name in ("estimate", "respondents"):
        opened.loc[men, name] = full.loc[pd.MultiIndex.from_frame(opened.loc[men, KEYS]), name].to_numpy()
    opened.loc[men, "status"] = "ok"
    leaky = hyte.Release(made.manifest, {"cells": opened, "indicators": made.indicators})
    assert audit(leaky).unsafe["reason"].tolist() == ["a mean of few is told"]


# ---- nothing that tells which


def test_suppressed_rows_keep_only_their_keys_and_status(tmp_path):
    cells = areal((3, 40, 50)).assign(note=["2 tapausta", "", "", ""], method="x")
    cells.attrs["raw"] = "K1 has 3"
    made = hyte.release(cells, about("x"), policy=THL, hierarchy=UNDER_T)
    assert not {"note", "method"} & set(made.cells)
    gone = made.cells[hidden(made)]
    assert len(gone) >= 2
    assert gone.drop(columns=["indicator", "period", *KEYS, "status"]).isna().all(axis=None)
    kept = hyte.release(cells, about("x"), policy=THL, hierarchy=UNDER_T, keep=["note"]).cells
    assert kept.loc[kept["status"] == "suppressed", "note"].isna().all()
    made.save(tmp_path / "out")
    assert all(b"K1 has 3" not in file.read_bytes() for file in (tmp_path / "out").iterdir())
    with pytest.raises(DisclosureError, match="keep= column"):
        hyte.release(cells, about("x"), policy=THL, hierarchy=UNDER_T, keep=["events"])


def test_the_manifest_says_neither_which_nor_how_many_were_small(folder):
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(said["audit"]) == {"version", "safe", "cells", "suppressed", "revised", "unsafe", "attackers"}


def test_a_file_that_is_no_part_of_the_release_is_refused(folder):
    (folder / "raw.csv").write_text("area,events\nK1,3\n", encoding="utf-8")
    for asked in (run("audit", folder), run("release", folder, "--approve", "Anna Officer")):
        refused(asked, "raw.csv")


# ---- sealed reading and approval


def test_an_open_page_notices_that_its_release_was_replaced(made, folder):
    opened = hyte.Release.open(folder)
    assert len(opened.select(area="K1"))
    other = hyte.release(counts([("K1", "total", "total", 77)]), policy=K5)
    other.save(folder)
    for ask in (lambda: opened.select(area="K2"), lambda: opened.groups):
        with pytest.raises(DisclosureError, match="was replaced or altered since the release was opened"):
            ask()
    shutil.rmtree(folder)
    with pytest.raises(DisclosureError, match="is gone since the release was opened"):
        opened.select(area="K2")


def test_one_number_altered_in_place_is_not_shown(made, folder):
    opened = hyte.Release.open(folder)
    file = folder / "cells.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(DisclosureError, match="was replaced or altered"):
        opened.select(area="K1")


@pytest.fixture
def key(tmp_path):
    """The approver's own key."""
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    plain = serialization.NoEncryption()
    file = tmp_path / "key.pem"
    file.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return file


def test_a_signature_that_does_not_fit_is_refused(folder, key):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    answer = run("release", folder, "--approve", "Anna Officer", "--sign", key)
    assert answer.returncode == 0, answer.stderr
    assert {name: (folder / name).read_bytes() for name in before} == before  # the release itself is not touched
    assert hyte.Release.open(folder).approval["public_key"]
    log = json.loads((folder / "approval.json").read_text(encoding="utf-8"))
    log["approvals"][0]["name"] = "Somebody Else"
    (folder / "approval.json").write_text(json.dumps(log), encoding="utf-8")
    with pytest.raises(DisclosureError, match="signature of the approval by Somebody Else does not fit"):
        _ = hyte.Release.open(folder).approved
    (folder / "approval.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DisclosureError, match="no log of approvals"):
        _ = hyte.Release.open(folder).approved


def test_a_key_that_is_none_is_refused(folder, tmp_path):
    pytest.importorskip("cryptography")
    (tmp_path / "no.pem").write_text("no key", encoding="utf-8")
    refused(run("release", folder, "--approve", "Anna", "--sign", tmp_path / "no.pem"), "no private key")


def test_the_maker_cannot_approve_and_the_log_keeps_every_approval(folder):
    changed(folder, maker="Anna Maker")
    with pytest.raises(DisclosureError, match="made this release and cannot approve it"):
        approve(folder, " anna maker ")
    approve(folder, "Bo")
    approve(folder, "Cecilia")
    log = json.loads((folder / "approval.json").read_text(encoding="utf-8"))["approvals"]
    assert [one["name"] for one in log] == ["Bo", "Cecilia"]
    assert hyte.Release.open(folder).approval["name"] == "Cecilia"


def test_making_and_approving_are_two_commands_and_practice_data_need_somebody(tmp_path):
    areal((3, 40, 50)).to_csv(tmp_path / "cells.csv", index=False)
    about("x").to_csv(tmp_path / "about.csv", index=False)
    UNDER_T.to_csv(tmp_path / "tree.csv", index=False)
    asked = ["release", tmp_path / "cells.csv", "--indicators", tmp_path / "about.csv"]
    asked += ["--hierarchy", tmp_path / "tree.csv", "-o", tmp_path / "out"]
    assert run(*asked, "--approve", "Anna").returncode == 2
    assert run(*asked, "--synthetic").returncode == 2
    assert run(*asked, "--synthetic", "--approver", "Anna").returncode == 0
    assert hyte.Release.open(tmp_path / "out").manifest["synthetic_by"] == "Anna"


def test_practice_data_from_python_need_somebody_too_unless_the_example_maker_made_them():
    options = {"policy": THL, "hierarchy": UNDER_T, "synthetic": True}
    for nobody in (None, " "):
        with pytest.raises(DisclosureError, match=r"name who answers for that with synthetic_by="):
            hyte.release(areal((3, 40, 50)), about("x"), synthetic_by=nobody, **options)
    made = hyte.release(areal((3, 40, 50)), about("x"), synthetic_by="Anna", **options)
    assert (made.synthetic, made.manifest["synthetic_by"]) == (True, "Anna")
    example = hyte.release(areal((3, 40, 50)), about("x").assign(source=tables.SOURCE), **options)
    assert (example.synthetic, "synthetic_by" in example.manifest) == (True, False)


# ---- one release after another


def test_numbers_that_were_revised_are_refused_kept_or_shown_as_the_policy_says():
    first = areal((30, 40, 50))
    early = hyte.release(first, about("x"), policy=THL, hierarchy=UNDER_T)
    later = areal((31, 40, 50))  # one person registered late
    options = {"hierarchy": UNDER_T, "previous": [early]}
    with pytest.raises(DisclosureError, match=r"2 numbers differ from the earlier release .*revisions: freeze"):
        hyte.release(later, about("x"), policy=THL, **options)
    frozen = hyte.release(later, about("x"), policy=hyte.Policy(revisions="freeze"), **options).cells
    assert frozen.set_index("area")["events"].to_dict() == early.cells.set_index("area")["events"].to_dict()
    fresh = pd.concat([later, areal((3, 4, 50)).assign(dimension="sex", group="men")])
    held = hyte.release(fresh, about("x"), policy=hyte.Policy(revisions="freeze"), **options).cells
    assert (held.loc[held["dimension"] == "sex", "status"] == "suppressed").all()
    shown = hyte.release(later, about("x"), policy=hyte.Policy(revisions="show"), **options)
    assert shown.cells.set_index("area")["events"]["K1"] == 31
    assert shown.policy.revisions == "show"
    with pytest.raises(DisclosureError, match="revisions"):
        hyte.Policy(revisions="maybe")


# ---- what hiding costs


def test_advice_says_what_to_leave_out_to_show_most():
    cells, metadata, options, _ = second_world("three", 0)
    found = advice(cells, metadata, progress=False, **options)
    assert found["without"].iloc[0] == "none"
    assert "dimension language × sex" in set(found["without"])
    assert found["saved"].iloc[1] == found["saved"].iloc[1:].max()
    best = found.iloc[1]["without"].removeprefix("dimension ")
    alone = hyte.release(cells[cells["dimension"] != best], metadata, **options)
    assert found.iloc[1]["suppressed"] == int(hidden(alone).sum())
    with pytest.raises(DisclosureError, match="hides nothing"):
        advice(cells, metadata, policy=hyte.Policy.from_profile("open"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sums: {a: [b]}", "relations key"),
        ("indicators: [a, b]", "must map names to names"),
        ("independent: a", "must be a list"),
        ("indicators: {a: b}", "must be a list"),
        ("- a", "a list of 'key: value' lines; not list"),
    ],
)
def test_a_relations_file_with_a_fault_is_named(tmp_path, text, words):
    (tmp_path / "sums.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DisclosureError, match=rf"sums\.yml.*{words}"):
        Relations.read(tmp_path / "sums.yml")


def test_relations_of_what_the_cells_lack_are_refused(tmp_path):
    (tmp_path / "sums.yml").write_text("periods: {all: [010, 2020]}", encoding="utf-8")
    assert Relations.read(tmp_path / "sums.yml").periods == {"all": ("010", "2020")}
    for told in (
        Relations(indicators={"x": ("y",)}),
        Relations(part_of={"y": "x"}),
        Relations(groups={"high": ("low",)}),
    ):
        with pytest.raises(DisclosureError, match=r"relations (indicator|group)"):
            hyte.release(areal((30, 40, 50)), about("x"), policy=THL, hierarchy=UNDER_T, relations=told)
