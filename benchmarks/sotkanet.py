"""Time and memory of a Sotkanet-shaped answer of millions of rows, from the service to tidy cells.

Run: python benchmarks/sotkanet.py [--rows 3000000]. A server on this machine gives the answer; the fetch runs in a
process of its own, whose peak memory is shown. Target: 3 million rows parsed in under
10 s and 1.5 GB; here the local download and the kept copy are in the time too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FETCH = """
import resource, sys, time
import duckdb, httpx, pandas, tqdm
import hyteanalysis as hyte
hyte.sources
started, used = time.perf_counter(), time.process_time()
cells = hyte.sources.sotkanet(4, areas="kunta", years=range(1000, 1000 + int(sys.argv[2])), base_url=sys.argv[1]).cells
spent = time.perf_counter() - started
cpu, peak = time.process_time() - used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(f"{len(cells):,} cells in {spent:.1f} s ({cpu:.1f} s of CPU), peak {peak:.2f} GB")
"""


def recorded(folder: Path, rows: int) -> int:
    """The service's answers as files; returns the years they span: 500 regions and three genders a year."""
    regions = [{"id": i, "code": f"{i:03d}", "category": "KUNTA", "title": {"fi": str(i)}} for i in range(1, 501)]
    (folder / "regions").write_text(json.dumps(regions))
    (folder / "indicators").write_text(json.dumps([{"id": 4, "title": {"fi": "Osuus (%)"}}]))
    years = max(1, rows // 1500)
    with (folder / "json").open("w") as file:
        file.write("[")
        for year in range(1000, 1000 + years):
            start = f'{{"indicator":4,"year":{year},"region":'
            lines = (
                f'{start}{i},"gender":"{sex}","value":{(i + year) % 97}.5,"absValue":{i}}}'
                for i in range(1, 501)
                for sex in ("male", "female", "total")
            )
            file.write(("," if year > 1000 else "") + ",".join(lines))
        file.write("]")
    return years


def main() -> None:
    """Serve, fetch in one request, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=3_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        years = recorded(Path(folder), rows)
        handler = partial(SimpleHTTPRequestHandler, directory=folder)
        SimpleHTTPRequestHandler.log_message = lambda *words: None  # type: ignore[method-assign]
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code = "import importlib\nimportlib.import_module('hyteanalysis.sources.sotkanet')._YEARS = 10**6\n" + FETCH
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        env = os.environ | {"HYTE_DATA": str(Path(folder) / "data")}
        subprocess.run([sys.executable, "-c", code, url, str(years)], check=True, env=env)
        server.shutdown()


if __name__ == "__main__":
    main()
