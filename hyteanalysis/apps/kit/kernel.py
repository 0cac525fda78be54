"""The kernel that runs a page: the visitor it meets, and what that visitor may not see or do.

A page's kernel answers widget messages of anybody who has its socket. An error in handling one would send its traceback
with code and paths back, and a message can ask for new widgets of any class: both are closed here.
"""

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from typing import Any
from zlib import crc32

LOG = "hyteanalysis.apps"


def _code(error: BaseException) -> str:
    """A short code that finds the error in the log: the same place in the code, the same code."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{type(error).__name__}:{frames[-1].name if frames else ''}:{frames[-1].lineno if frames else ''}"
    return f"H-{crc32(place.encode()) % 10000:04d}"


def record(error: BaseException) -> str:
    """Write an error with its traceback to the log file and give its code."""
    found = _code(error)
    logging.getLogger(LOG).error("%s", found, exc_info=(type(error), error, error.__traceback__))
    return found


def log_file() -> logging.Logger:
    """The log of the pages, in the file that the server names in ``HYTE_LOG``; without one nothing is written."""
    logger = logging.getLogger(LOG)
    if not logger.handlers:
        path = os.environ.get("HYTE_LOG")
        handler: logging.Handler = (
            RotatingFileHandler(path, maxBytes=2_000_000, backupCount=2, encoding="utf-8", delay=True)
            if path
            else logging.NullHandler()
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    return logger


class Quiet:
    """Takes what would be printed, and so sent to the visitor, into the log."""

    encoding = "utf-8"

    def write(self, words: str) -> int:
        if words.strip():
            logging.getLogger(LOG).warning("%s %s", datetime.now(UTC).isoformat(timespec="seconds"), words.rstrip())
        return len(words)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False


def close() -> bool:
    """Harden the kernel that runs this page.

    Returns
    -------
    bool
        Whether there is a kernel; outside one nothing is done.
    """
    log_file()
    shell = _shell()
    if shell is None or not hasattr(shell, "kernel"):
        return False

    def showtraceback(exc_tuple: Any = None, *_: Any, **__: Any) -> None:
        error = (exc_tuple or sys.exc_info())[1]
        if error is not None:
            record(error)

    shell.showtraceback = showtraceback
    shell.showsyntaxerror = lambda *_, **__: showtraceback()
    sys.stdout = sys.stderr = Quiet()
    targets = shell.kernel.comm_manager.targets
    targets.pop("jupyter.widget", None)
    targets.pop("jupyter.widget.version", None)
    return True


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def kept_ready() -> bool:
    """Whether this kernel runs before any visitor has asked for it."""
    return os.environ.get("VOILA_PREHEAT") == "True"


def query_string() -> str:
    """The query string of the visitor's address; a kernel kept ready waits here until the server names one."""
    if not kept_ready():
        return os.environ.get("QUERY_STRING", "")
    from websockets.sync.client import connect

    server = f"{os.environ.get('VOILA_APP_IP', '127.0.0.1')}:{os.environ['VOILA_APP_PORT']}"
    path = f"{os.environ['VOILA_SERVER_URL']}voila/query/{os.environ['VOILA_KERNEL_ID']}"
    with connect(f"ws://{server}{path}", proxy=None, open_timeout=120, ping_interval=None) as socket:
        given: dict[str, str] = json.loads(socket.recv())
    os.environ["VOILA_PREHEAT"] = "False"
    return given.get("QUERY_STRING", "")
