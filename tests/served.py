"""A dashboard server on a free port of this machine, and where the browser is; for browser tests and screenshots."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = os.environ.get("HYTE_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
EXAMPLE = ROOT / "data" / "releases" / "example"
PAGES = ("missa-mennaan", "keta-auttaa-eniten", "hyvinvointisuunnitelma")


def there(page: str, lang: str = "fi") -> bool:
    """Whether a dashboard exists in a language."""
    return (ROOT / "dashboards" / f"{page}.{lang}.ipynb").is_file()


@contextmanager
def serving(work: Path, *releases: Path, **options: object) -> Iterator[str]:
    """Start the server in a process of its own and give its address once it is ready."""
    given = {"port": 0, "browser": False, "log": str(work / "errors.log"), **options}
    code = f"from hyteanalysis.apps.server import serve; serve({[str(path) for path in releases]!r}, **{given!r})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    with (work / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=log, text=True, cwd=work, env=environment
        )
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), (work / "server.log").read_text()
            yield address.rstrip("/")
        finally:
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()


def settled(page) -> None:
    """Wait until nothing is being computed."""
    page.wait_for_function("() => !document.querySelector('.hyte-progress p') && !document.querySelector('.hyte-busy')")
