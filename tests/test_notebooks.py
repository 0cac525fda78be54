"""Notebooks are tutorials: one question each, no function definitions, outputs stripped, and they run."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
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


def answer(url):
    """What a server says that is about to listen."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=30) as said:
                return json.load(said)
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError(f"{url.partition('?')[0]} does not answer")


@pytest.mark.notebook
def test_hyte_lab_opens_the_tutorials_in_a_folder_of_ones_own(tmp_path):
    own = tmp_path / "own" / NOTEBOOKS[0].name
    own.parent.mkdir()
    own.write_text("mine", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [Path(sys.executable).with_name("hyte"), "lab", own.parent, "--no-browser", "--port", port]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as lab:
        try:
            told = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+/\S*", line) for line in lab.stderr)))[0]
            address, _, token = told.partition("/lab")
            listed = {one["name"] for one in answer(f"{address}/api/contents{token}")["content"]}
        finally:
            lab.send_signal(signal.SIGTERM)
            lab.communicate(timeout=30)
    assert {path.name for path in NOTEBOOKS} <= listed
    assert own.read_text(encoding="utf-8") == "mine"
