"""Cells, metadata and manifest as files: all of one run, or what was there before."""

import json
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis import reading
from hyteanalysis.cli.analysis import aggregate as command
from hyteanalysis.errors import MeasureError, SourceError
from hyteanalysis.sources.microdata import aggregation, source, write


@pytest.fixture
def run():
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_writes_cells_metadata_and_manifest(run, population, tmp_path):
    out = tmp_path / "cells.parquet"
    words = [population / "people", "--schema", population / "schema.yml", "--by", "education", "--memory-limit", "1GB"]
    done = run(*words, "--threads", 2, "--outcome", "example-smoking", "-o", out)
    assert done.exit_code == 0, done.exception
    assert "6,000 rows" in done.output
    cells, indicators = hyte.sources.read_table(out), hyte.sources.read_indicators(out)
    hyte.tidy(cells, indicators)
    assert hyte.sources.read_groups(out)["label_fi"].notna().all()
    assert "SSS" in set(cells["area"])
    manifest = json.loads((tmp_path / "cells.manifest.json").read_text(encoding="utf-8"))
    assert manifest["source"]["sha256"]
    assert manifest["source"]["engine"] == "duckdb"
    assert manifest["schema"] == reading.read(population / "schema.yml", SourceError).data
    assert set(manifest["files"]) == {"cells.parquet", "cells.indicators.parquet", "cells.groups.parquet"}
    assert not list(tmp_path.glob(".*"))


def test_the_command_without_a_schema(run, population, tmp_path):
    out = tmp_path / "cells.csv"
    words = [
        "--by",
        "education",
        "--by",
        "sex",
        "--outcome",
        "smoke=smoking",
        "--outcome",
        "trust",
        "--weight",
        "weight",
    ]
    assert run(population / "people", *words, "-o", out).exit_code == 0
    cells = hyte.tidy(hyte.sources.read_table(out))
    assert set(cells["indicator"]) == {"smoke", "trust"}
    assert "education × sex" in set(cells["dimension"])
    assert isinstance(run(population / "people", "--outcome", "=x", "-o", out).exception, MeasureError)


def test_a_failure_leaves_what_was_there(run, population, tmp_path, monkeypatch):
    out = tmp_path / "cells.parquet"
    out.write_text("of yesterday")
    words = [population / "people", "--by", "sex", "--outcome", "smoking", "-o", out]

    def full(*_):
        raise duckdb.OutOfMemoryException("failed to allocate data of size 1.0 GiB (1.0 GiB/1.0 GiB used)")

    with monkeypatch.context() as patch:
        patch.setattr(source.Source, "keep", full)
        assert "ran out of memory" in str(run(*words).exception)
    with monkeypatch.context() as patch:
        patch.setattr(
            "pyarrow.parquet.write_table", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left"))
        )
        assert "No space left" in str(run(*words).exception)
    assert [path.name for path in tmp_path.iterdir()] == ["cells.parquet"]
    assert out.read_text() == "of yesterday"
    with pytest.raises(SourceError, match="suffix must be one of"):
        write(aggregation(population / "people", by=[], outcomes={"x": "smoking"}), tmp_path / "cells.docx")


def test_cells_never_stand_beside_the_metadata_of_another_run(population, tmp_path, monkeypatch):
    """Stopped before or after any single move: the old files, the new ones, or no cells; a failure leaves the old."""
    out = tmp_path / "cells.parquet"
    schema = population / "schema.yml"
    old = aggregation(population / "people", by=["sex"], schema=schema, outcomes=["example-smoking"])
    bare = aggregation(population / "people", by=["sex"], outcomes={"smoke": "smoking"})

    def there():
        return {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    write(old, out)
    first, move, before, failing = there(), Path.replace, [], []
    assert set(first) == {"cells.parquet", "cells.indicators.parquet", "cells.groups.parquet", "cells.manifest.json"}

    def watched(path, target):
        before.append(there())
        if len(before) in failing:
            raise OSError(28, "No space left on device")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    write(bare, out)
    last, steps = there(), len(before)
    assert set(last) == {"cells.parquet", "cells.manifest.json"}  # nothing of the run before stays
    assert [state for state in before if out.name in state and state not in (first, last)] == []
    write(old, out)
    for step in range(1, steps + 1):
        before.clear()
        failing[:] = [step]
        with pytest.raises(SourceError, match=r"No space left .* Nothing was changed"):
            write(bare, out)
        assert there() == first
        assert not list(tmp_path.glob(".*"))
