"""The command `hyte fetch sotkanet`."""

import pandas as pd
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis.cli.fetching import app


class TestCommand:
    def run(self, bank, *words):
        return CliRunner().invoke(app, ["sotkanet", "--base-url", bank.base, *words])

    def test_cells_with_metadata_beside(self, bank, tmp_path):
        out = tmp_path / "new" / "FILE.parquet"
        words = ["--indicators", "127", "--years", "2009", "--areas", "kunta", "-o", str(out)]
        result = self.run(bank, *words)
        assert result.exit_code == 0, result.output
        cells = hyte.tidy(hyte.sources.read_table(out), hyte.sources.read_indicators(out))
        assert cells.set_index("area")["estimate"].to_dict() == {"KU285": 54824, "KU286": 88174, "KU091": 583350}
        assert (out.parent / "FILE.indicators.parquet").is_file()

    def test_ids_and_years_in_the_ways_people_write_them(self, bank, tmp_path):
        frames = []
        for ids in (["--indicators", "4408", "4409"], ["--indicators", "4408,4409"], ["4408", "4409"]):
            out = tmp_path / "cells.parquet"
            assert self.run(bank, *ids, "--years", "2022:2023", "-o", str(out)).exit_code == 0
            frames.append(pd.read_parquet(out))
        assert set(frames[0]["period"]) == {"2022", "2023"}
        for frame in frames[1:]:
            pd.testing.assert_frame_equal(frame, frames[0])

    def test_bad_usage(self, bank):
        assert self.run(bank, "4404").exit_code == 2
        assert isinstance(self.run(bank, "4404", "--years", "2024:2015").exception, hyte.SourceError)
        assert isinstance(self.run(bank, "4404", "--years", "all").exception, hyte.SourceError)

    def test_search(self, bank):
        result = CliRunner().invoke(app, ["search", "lihavien", "--base-url", bank.base])
        assert result.stdout == "4459\tLihavien osuus (kehon painoindeksi BMI ≥ 30 kg/m2) (%)\n"
