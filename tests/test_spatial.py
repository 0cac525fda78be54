"""Places: neighbours, Moran and Gini against other systems; islands, faulty input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis import spatial
from hyteanalysis.errors import MeasureError
from hyteanalysis.i18n import LANGS

FEW = settings(max_examples=4, deadline=None)


@pytest.fixture(scope="module")
def towns():
    areas = hyte.areas.reference(2025)
    return areas[(areas["level"] == "municipality")].reset_index(drop=True)


def squares(size=5, gap=()):
    """A board of squares as boundaries; ``gap`` names squares moved far away."""
    geopandas = pytest.importorskip("geopandas")
    from shapely.geometry import box

    rows = []
    for i in range(size):
        for j in range(size):
            name = f"s{i}{j}"
            x = 100 + 10 * j if name in gap else j
            rows.append({"area": name, "geometry": box(x, i, x + 1, i + 1)})
    return geopandas.GeoDataFrame(rows, crs=3067)


class TestNeighbours:
    def test_a_board_of_squares(self):
        queen, rook = (spatial.neighbours(squares(), method=method) for method in ("queen", "rook"))
        assert queen.matrix.sum(axis=1).reshape(5, 5)[2, 2] == 8
        assert rook.matrix.sum(axis=1).reshape(5, 5)[2, 2] == 4
        assert (queen.matrix != queen.matrix.T).nnz == 0
        assert set(rook.frame.query("area == 's00'")["neighbour"]) == {"s01", "s10"}

    def test_libpysal_agrees(self):
        from libpysal.weights import Queen

        theirs = Queen.from_dataframe(squares(), ids="area", use_index=False)
        ours = spatial.neighbours(squares()).weights
        assert {a: set(b) for a, b in ours.neighbors.items()} == {a: set(b) for a, b in theirs.neighbors.items()}

    def test_municipalities_of_one_subregion(self, towns):
        found = spatial.neighbours(towns["area"], method="same", same="county", islands="keep", year=2025)
        assert found.islands == ("KU091",)  # Helsinki is a county of its own
        tree = hyte.areas.hierarchy(2025)
        kotka = tree[(tree["area"] == "KU285") & tree["parent"].str.startswith("HVA")]["parent"].iloc[0]
        there = set(tree[(tree["parent"] == kotka) & tree["area"].str.startswith("KU")]["area"]) - {"KU285"}
        assert set(found.frame.query("area == 'KU285'")["neighbour"]) == there

    def test_real_boundaries(self, shared):
        geopandas = pytest.importorskip("geopandas")
        shapes = geopandas.read_file(shared("data/geo/kunnat_2024_land.geojson"))
        shapes = shapes.assign(area="KU" + shapes["kunta_code"])
        found = spatial.neighbours(shapes, islands="keep")
        assert set(found.frame.query("area == 'KU285'")["neighbour"]) >= {"KU624", "KU286"}  # Kotka: Pyhtää, Kouvola
        assert (found.matrix != found.matrix.T).nnz == 0
        assert 0 < len(found.islands) < 20
        assert set(spatial.neighbours(shapes, islands="nearest").areas) == set(found.areas)

    def test_islands_are_named_and_the_policy_is_explicit(self):
        board = squares(3, gap=("s00", "s22"))
        with pytest.raises(MeasureError, match=r"2 areas have no neighbours: s00, s22\. Choose islands='nearest'"):
            spatial.neighbours(board)
        assert spatial.neighbours(board, islands="keep").islands == ("s00", "s22")
        joined = spatial.neighbours(board, islands="nearest")
        assert joined.islands == ()
        assert joined.matrix.sum(axis=1).min() >= 1

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"method": "bishop"}, "method must be one of queen, rook, nearest, same"),
            ({"method": "queen"}, "needs boundaries"),
            ({"islands": "drop"}, "islands must be one of refuse, keep, nearest"),
            ({"k": 9}, "k must be from 1 to 3"),
            ({"method": "same", "same": "district"}, "level must be one of subregion"),
        ],
    )
    def test_faults_are_named(self, options, words):
        with pytest.raises(MeasureError, match=words):
            spatial.neighbours(["KU285", "KU286", "KU935", "KU142"], **options)

    def test_unknown_areas_are_named(self):
        with pytest.raises(MeasureError, match="No centre point is known for harbour"):
            spatial.neighbours(["KU285", "KU286", "harbour"], k=1)
        with pytest.raises(MeasureError, match="No subregion is known for harbour"):
            spatial.neighbours(["KU285", "KU286", "harbour"], method="same")
        with pytest.raises(MeasureError, match="at least three areas, each once"):
            spatial.neighbours(["KU285", "KU285", "KU286"])


class TestMoran:
    def test_sids_agrees_with_the_reference(self, shared):
        folder = shared("reference/small_area/peer")
        rates = pd.read_csv(folder / "sids_eb_expected.csv", dtype={"FIPS": str})
        pairs = pd.read_csv(folder / "sids_queen_neighbours.csv", dtype=str)
        expected = pd.read_csv(folder / "sids_moran.csv").set_index("stat")["value"]
        codes = tuple(rates["FIPS"])
        at = [pd.Index(codes).get_indexer(pairs[column]) for column in ("from", "to")]
        matrix = np.zeros((len(codes),) * 2)
        matrix[at[0], at[1]] = 1
        import scipy.sparse

        near = spatial.Neighbours(codes, scipy.sparse.csr_array(matrix), "queen", ())
        data = rates.rename(columns={"FIPS": "area", "SID74": "events", "BIR74": "population"})
        found = spatial.moran(data, near, value="raw", permutations=499, seed=1)
        assert found.statistic == pytest.approx(expected["moran_I_raw"], rel=1e-9)
        assert found.expected == pytest.approx(expected["expect"], rel=1e-9)
        shrunken = spatial.moran(data, near, permutations=499, seed=1).frame["value"]
        np.testing.assert_allclose(shrunken, rates["eb_global_binomial"], rtol=1e-9)

    def test_esda_agrees_on_p(self):
        import esda

        rng = np.random.default_rng(2)
        board = squares(8)
        near = spatial.neighbours(board)
        y = rng.normal(size=64) + np.repeat(np.arange(8), 8) * 0.3
        data = pd.DataFrame({"area": board["area"], "y": y})
        found = spatial.moran(data, near, value="y", permutations=4999, seed=1)
        theirs = esda.Moran(y, near.weights, permutations=0)
        assert found.p_value == pytest.approx(theirs.p_norm, abs=0.02)
        local = esda.Moran_Local(y, near.weights, permutations=0)
        np.testing.assert_allclose(found.frame["local"], local.Is, rtol=1e-12)
        z = (y - y.mean()) / y.std()
        np.testing.assert_allclose(found.frame["lag"], near.weights.sparse @ z, atol=1e-12)

    @pytest.mark.slow
    def test_nothing_is_found_where_nothing_hangs_together(self):
        board, flagged, clear = squares(8), 0, 0
        near = spatial.neighbours(board)
        for seed in range(20):
            rng = np.random.default_rng(seed)
            data = pd.DataFrame({"area": board["area"], "y": rng.normal(size=64)})
            found = spatial.moran(data, near, value="y", permutations=999, seed=seed)
            flagged += int((found.frame["cluster"] != "").any())
            clear += int(found.p_value < 0.05)
        assert flagged <= 3
        assert clear <= 4

    def test_a_cluster_is_found_where_it_is(self):
        board = squares(8)
        hot = board["area"].isin([f"s{i}{j}" for i in range(3) for j in range(3)]).to_numpy()
        data = pd.DataFrame({"area": board["area"], "y": np.where(hot, 10.0, 0.0) + np.arange(64) % 3 * 0.1})
        found = spatial.moran(data, spatial.neighbours(board), value="y", seed=1)
        assert found.p_value < 0.001
        named = found.frame[found.frame["cluster"] == "high-high"]["area"]
        assert set(named) <= set(board["area"][hot])
        assert "s11" in set(named)

    @FEW
    @given(st.integers(0, 2**32 - 1))
    def test_order_changes_nothing_but_the_draws(self, seed):
        board = squares(4)
        near = spatial.neighbours(board)
        data = pd.DataFrame({"area": board["area"], "y": np.random.default_rng(seed).normal(size=16)})
        one = spatial.moran(data, near, value="y", permutations=99, seed=1)
        two = spatial.moran(data.sample(frac=1, random_state=1), near, value="y", permutations=99, seed=1)
        assert one.statistic == two.statistic
        pd.testing.assert_frame_equal(one.frame, two.frame)
        turned = spatial.moran(data.assign(y=5 - 2 * data["y"]), near, value="y", permutations=99, seed=1)
        assert turned.statistic == pytest.approx(one.statistic, abs=1e-12)

    def test_islands_are_left_out_by_name(self):
        board = squares(4, gap=("s33",))
        near = spatial.neighbours(board, islands="keep")
        found = spatial.moran(pd.DataFrame({"area": board["area"], "y": np.arange(16.0)}), near, value="y", seed=1)
        assert "s33" not in set(found.frame["area"])
        assert any("s33" in one for one in found.assumptions)

    def test_faults_are_named(self):
        board = squares(4)
        near = spatial.neighbours(board)
        data = pd.DataFrame({"area": board["area"], "y": 1.0})
        with pytest.raises(MeasureError, match="do not vary between areas"):
            spatial.moran(data, near, value="y")
        with pytest.raises(MeasureError, match="differ in 1 area, such as s33"):
            spatial.moran(data.iloc[:-1], near, value="y")
        with pytest.raises(MeasureError, match="1 area has no value: s00"):
            spatial.moran(data.assign(y=[np.nan, *range(15)]), near, value="y")
        with pytest.raises(MeasureError, match="permutations=9 tell no p-value"):
            spatial.moran(data, near, value="y", permutations=9)

    @pytest.mark.parametrize("lang", LANGS)
    def test_the_sentence_is_plain(self, lang):
        board = squares(4)
        data = pd.DataFrame({"area": board["area"], "y": np.arange(16.0)})
        said = spatial.moran(data, spatial.neighbours(board), value="y", permutations=999, seed=1).sentence(lang)
        assert said.endswith(".")
        assert "16" in said


class TestGini:
    def test_the_outside_oracle_of_county_cells(self, shared):
        """2,255 Ginis of municipalities within counties, recomputed from their sources."""
        expected = pd.read_csv(shared("data/fi/diak_within_area_gini_2011_2020.csv"), dtype={"area_code": str})
        expected = expected[expected["area_level"] == "Hyvinvointialueet"]
        index = pd.read_csv(shared("data/fi/diak_deprivation_index_2011_2020.csv.gz"), dtype={"area_code": str})
        people = pd.read_csv(shared("data/fi/diak_population_2011_2021.csv"), dtype={"area_code": str})
        keys = pd.read_csv(shared("data/geo/municipality_key_2013_2026.csv"), dtype=str)
        home = keys[keys["year"] == "2022"].set_index("kunta_code")["hyvinvointialue_code"]
        rows = index[index["area_level"] == "Kunnat"].merge(
            people[people["area_level"] == "Kunnat"][["area_code", "year", "population"]], on=["area_code", "year"],
            validate="many_to_one",
        )  # fmt: skip
        rows = rows.assign(county=rows["area_code"].map(home))
        found = spatial.gini(rows, ["county", "year", "indicator"], value="index_value")
        both = expected.merge(
            found, left_on=["area_code", "year", "indicator"], right_on=["county", "year", "indicator"],
            validate="one_to_one", suffixes=("_given", ""),
        )  # fmt: skip
        both = both[both["area_code"] != "ALL"]
        assert len(both) >= 2255
        assert ((both["gini"] - both["gini_given"]).abs() <= 0.005 + 1e-9).mean() > 0.999

    def test_inequality_agrees_also_between_neighbours(self):
        pytest.importorskip("inequality")
        from inequality.gini import Gini, Gini_Spatial

        board = squares(5)
        near = spatial.neighbours(board)
        y = np.random.default_rng(3).uniform(5, 50, 25)
        data = pd.DataFrame({"area": board["area"], "estimate": y, "population": 1.0})
        found = spatial.gini(data, neighbours=near).iloc[0]
        from libpysal.weights import W

        weights = W({i: [int(j) for j in row.nonzero()[0]] for i, row in enumerate(near.matrix.toarray())})
        theirs = Gini_Spatial(y, weights, permutations=0)
        assert found["gini"] == pytest.approx(Gini(y).g, rel=1e-10)
        assert found["between_others"] == pytest.approx(theirs.wcg_share, rel=1e-10)
        assert found["between_neighbours"] + found["between_others"] == pytest.approx(found["gini"], rel=1e-12)

    @FEW
    @given(st.integers(0, 2**32 - 1))
    def test_the_pairs_and_the_ranks_tell_the_same(self, seed):
        rng = np.random.default_rng(seed)
        y, n = rng.integers(1, 9, 12).astype(float), rng.integers(1, 50, 12)
        p = n / n.sum()
        pairs = (p[:, None] * p * np.abs(y[:, None] - y)).sum() / (2 * p @ y)
        data = pd.DataFrame({"estimate": y, "population": n})
        assert spatial.gini(data)["gini"].iloc[0] == pytest.approx(pairs, abs=1e-12)
        shuffled = data.sample(frac=1, random_state=1)
        assert spatial.gini(shuffled)["gini"].iloc[0] == pytest.approx(pairs, abs=1e-12)

    def test_a_mean_of_zero_is_refused(self):
        with pytest.raises(MeasureError, match="mean of 'estimate' is not above 0 in 1 setting"):
            spatial.gini(pd.DataFrame({"estimate": [-2.0, 2], "population": [1, 1]}))
