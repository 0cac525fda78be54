"""Notebooks are tutorials: one question each, no function definitions, outputs stripped, and they run."""

import json
import warnings
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_a_clean_tutorial(path):
    code, prose = cells(path, "code"), ["".join(cell["source"]) for cell in cells(path, "markdown")]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code), "strip the outputs"
    source = "\n".join("".join(cell["source"]) for cell in code)
    assert "def " not in source, "a tutorial shows the library; move the function into it"
    assert prose[0].startswith("# ")
    assert prose[0].splitlines()[0].endswith("?"), "a notebook opens with its question"
    assert "may not" in prose[-1].lower(), "a notebook ends with what may and may not be concluded"


FIRST = "01_disparities"  # every run of the tests; the others by `make test-notebooks`, as CI does


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=() if path.stem == FIRST else pytest.mark.notebook, id=path.stem) for path in NOTEBOOKS],
)
def test_a_notebook_runs_from_top_to_bottom(path, tmp_path):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the kernel client's own, not the notebook's
        nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in shown if output.output_type == "stream" and output.name == "stderr"], "no warnings"
