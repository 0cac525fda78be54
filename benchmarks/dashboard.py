"""How fast dashboard A is: first widgets beside an empty Voilà page, new answers, memory, many pages at once.

    python benchmarks/dashboard.py                 everything on the example release
    python benchmarks/dashboard.py --large DIR     answers of a large release too; made in DIR if it is not there
    python benchmarks/dashboard.py --quick         answers only, few of them

All times are wall seconds of one run on one machine; ratios compare what was measured in the same run.
"""

import argparse
import concurrent.futures
import gc
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from municipalities import write

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "data" / "releases" / "example"
PAGE = "/voila/render/missa-mennaan.fi.ipynb"
LIMITS = {"answer": 0.3, "gap": 0.6, "page": 2.0}  # seconds; the answer and the page at the 95th percentile
EMPTY = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "empty",
            "metadata": {},
            "outputs": [],
            "source": ["import ipywidgets\n", "ipywidgets.Text(description='empty')"],
        }
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


# ---- answers: the page without a browser


def answers(folder: Path, changes: int) -> None:
    """Server time from a changed choice to the answer, the first figure and the whole page."""
    from hyteanalysis.apps import MissaMennaan
    from hyteanalysis.apps.kit.library import Library

    gc.collect()
    gc.freeze()  # as the process does that pages' kernels are forked from
    start = time.perf_counter()
    library = Library([folder])
    page = MissaMennaan("fi", library)
    shown: dict[str, float] = {}
    spent: dict[str, float] = {}
    render = page.render

    def timed(part: str, view: object) -> None:
        render(part, view)
        shown[part] = time.perf_counter()
        spent[part] = time.process_time()

    page.render = timed
    page.start()
    page.open("")
    print(f"{folder.name}: opened, first page whole in {time.perf_counter() - start:.2f} s (cold libraries)")
    release = library.release(library.ids[0])
    generator = np.random.default_rng(1)
    areas = [area for area in release.areas["area"].unique() if area.startswith("HVA")]
    choices = {
        "area": areas,
        "indicator": release.indicators["indicator"].tolist(),
        "dimension": ["education", "income", "sex", "language"],
    }
    times: dict[str, list[float]] = {name: [] for name in LIMITS}
    busy: dict[str, list[float]] = {name: [] for name in LIMITS}
    for number in range(changes):
        field = list(choices)[number % len(choices)]
        others = [value for value in choices[field] if value != getattr(page.state, field)]
        shown.clear()
        start, began = time.perf_counter(), time.process_time()
        setattr(page.state, field, str(generator.choice(others)))
        times["answer"].append(shown["answer"] - start)
        times["gap"].append(shown["gap"] - start)
        times["page"].append(max(shown.values()) - start)
        for name, part in (("answer", "answer"), ("gap", "gap"), ("page", max(spent, key=spent.__getitem__))):
            busy[name].append(spent[part] - began)
    for name, said in (("answer", "answer sentences"), ("gap", "first figure"), ("page", "whole page")):
        middle, high = np.quantile(times[name], [0.5, 0.95])
        processor = np.quantile(busy[name], 0.95)
        print(
            f"  {said:17} median {middle:.2f} s, p95 {high:.2f} s {_verdict(high, LIMITS[name])}, "
            f"processor p95 {processor:.2f} s"
        )


def _verdict(value: float, limit: float) -> str:
    return f"(limit {limit:g}: {'holds' if value <= limit else 'MISSED'})"


# ---- pages: servers and a browser


@contextmanager
def server(work: Path, preheat: int, **options: object) -> Iterator[tuple[str, int]]:
    """Ours, on the example release: its address once it is ready, and its process."""
    given = {"port": 0, "browser": False, "preheat": preheat, **options}
    code = f"from hyteanalysis.apps.server import serve; serve([{str(EXAMPLE)!r}], **{given!r})"
    with _process([sys.executable, "-c", code], work) as process:
        address = process.stdout.readline().strip().rstrip("/")
        yield address, process.pid


@contextmanager
def empty(work: Path, preheat: int) -> Iterator[str]:
    """Stock Voilà on a page with one widget."""
    (work / "empty.ipynb").write_text(json.dumps(EMPTY), encoding="utf-8")
    port = _free_port()
    command = [sys.executable, "-m", "voila", "empty.ipynb", "--no-browser", f"--port={port}"]
    if preheat:
        command += ["--preheat_kernel=True", f"--pool_size={preheat}"]
    with _process(command, work):
        address = f"http://127.0.0.1:{port}/"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _answers(f"{address}voila/static/voila.js"):
            time.sleep(0.2)
        time.sleep(6 if preheat else 0)  # its kernels become ready in the background and it does not say when
        yield address


@contextmanager
def _process(command: list[str], work: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=work, env=environment
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def first_widgets(open_page: Callable[[str], object], url: str, ready: str, rest: float) -> float:
    """Seconds from the request to the first widgets on the screen; then ``rest``, in which the next kernel is made."""
    page = open_page("about:blank")
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(ready, state="visible", timeout=120_000)
    seconds = time.perf_counter() - start
    page.close()
    time.sleep(rest)
    return seconds


def pages(runs: int) -> None:
    """First widgets, cold and warm, beside an empty page; new answers in the browser."""
    from playwright.sync_api import sync_playwright

    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    chromium = os.environ.get("HYTE_CHROMIUM", "/usr/bin/chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)

        def open_page(url: str) -> object:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(url)
            return page

        for name, preheat, limit, rest in (("cold", 0, 1.6, 3), ("warm", 1, 1.3, 12)):
            work = Path(folder)
            with empty(work, preheat) as address:
                none = [first_widgets(open_page, address, ".jupyter-widgets", rest) for _ in range(runs)]
            with server(work, preheat) as (address, _):
                ours = [first_widgets(open_page, address + PAGE, ".hyte-answer", rest) for _ in range(runs)]
                if preheat:
                    said = _new_answers(open_page(address + PAGE), 3 * runs)
            ratio = statistics.median(ours) / statistics.median(none)
            print(
                f"first widgets {name}: {statistics.median(ours):.2f} s, empty page {statistics.median(none):.2f} s, "
                f"ratio {ratio:.2f} {_verdict(ratio, limit)}"
            )
        print(
            f"control to new answer in the browser: median {np.median(said):.2f} s, p95 {np.quantile(said, 0.95):.2f} s"
        )
        browser.close()


def _new_answers(page: object, count: int) -> list[float]:
    page.wait_for_selector(".hyte-ready #laatu", state="attached", timeout=120_000)
    areas = page.get_by_label("Alue", exact=True)
    values = areas.locator("option").all_inner_texts()[1:25]
    seconds = []
    for number in range(count):
        before = page.locator(".hyte-answer h2").inner_text()
        start = time.perf_counter()
        areas.select_option(label=values[number % len(values)])
        page.wait_for_function("b => document.querySelector('.hyte-answer h2').innerText !== b", arg=before)
        seconds.append(time.perf_counter() - start)
        page.wait_for_function("() => !document.querySelector('.hyte-progress p')")
    page.close()
    return seconds


def together(sessions: int) -> None:
    """Pages opened at the same moment: until each has its answer, and the memory of each."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), 1) as (address, process):
        before = _memory(process)

        def opened(number: int) -> float:
            start = time.perf_counter()
            with urllib.request.urlopen(f"{address}{PAGE}?alue=HVA{number % 18 + 2:02d}", timeout=600) as answer:
                body = answer.read().decode("utf-8")
            assert re.search(r'id="jupyter-config-data"', body)
            return time.perf_counter() - start

        with concurrent.futures.ThreadPoolExecutor(sessions) as pool:
            seconds = sorted(pool.map(opened, range(sessions)))
        time.sleep(15)  # the rest of the pages is computed
        after = _memory(process)
    print(f"{sessions} pages at once: first after {seconds[0]:.1f} s, last after {seconds[-1]:.1f} s")
    kernels = sorted(after.values())[-sessions:]
    print(f"memory a page: {statistics.median(kernels):.0f} MB (proportional set), server {before[process]:.0f} MB")


def _memory(process: int) -> dict[int, float]:
    """Proportional memory of a process and those it started, MB."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    family = {process}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    found = {}
    for one in family:
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        found[one] = int(re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1)) / 1000
    return found


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", type=Path, help="folder of the large release")
    parser.add_argument("--quick", action="store_true", help="answers only")
    parser.add_argument("--runs", type=int, default=5, help="pages opened of each kind")
    parser.add_argument("--sessions", type=int, default=12)
    asked = parser.parse_args()
    answers(EXAMPLE, 9 if asked.quick else 60)
    if asked.large:
        answers(write(asked.large), 9 if asked.quick else 60)
    if not asked.quick:
        pages(asked.runs)
        together(asked.sessions)


if __name__ == "__main__":
    main()
