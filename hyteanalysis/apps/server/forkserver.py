"""The process that pages' kernels are forked from: it has imported what a page needs, and waits.

A page then opens without importing anything, and what was imported is in memory once for all pages. It runs no page
itself, starts no thread and opens no socket but the one it is asked through; it ends when the server does.

    python -P -m hyteanalysis.apps.server.forkserver FD
"""

import gc
import json
import os
import signal
import socket
import sys
from importlib import import_module
from typing import Any

from hyteanalysis.apps.pages import PAGES

NEEDED = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipywidgets", "websockets.sync.client", "pyarrow.parquet"),
    *("matplotlib.backends.backend_svg", "matplotlib.font_manager", "scipy.stats"),
    *(page.module for page in PAGES),
    *("hyteanalysis.actions", "hyteanalysis.decomposition", "hyteanalysis.intersectional", "hyteanalysis.spatial"),
)


def prepare() -> None:
    """Import what the pages need."""
    for name in NEEDED:
        import_module(name)
    gc.collect()
    gc.freeze()  # what is here stays shared: no collection in a kernel writes to it


def await_kernel(asked: socket.socket) -> dict[str, Any]:
    """Answer each request with the number of a new process; returns only in that process, with the request."""
    for line in asked.makefile("r", encoding="utf-8"):
        process = os.fork()
        if not process:
            asked.close()
            return dict(json.loads(line))
        asked.sendall(f"{process}\n".encode())
    sys.exit()  # the server has gone


def become(argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Be a kernel as one started by itself would be."""
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    import ipywidgets
    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance()
    app.initialize(argv)
    ipywidgets.register_comm_target()  # at import there was no kernel to tell
    app.start()


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for kernels that have ended
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # read at import: a kernel ends with this process
    prepare()
    become(**await_kernel(socket.socket(fileno=int(sys.argv[1]))))
