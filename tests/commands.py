"""The command `hyte` in this process, and how it refuses."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import NamedTuple
from unittest.mock import patch

from hyteanalysis.cli import main


class Outcome(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*arguments):
    """What `hyte ARGUMENTS` answers, in this process (a process of its own costs seconds)."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "argv", ["hyte", *map(str, arguments)]):
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
    return Outcome(code, out.getvalue(), err.getvalue())


def refused(result, *words):
    assert result.returncode == 1, result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("hyte: ")
    for word in words:
        assert word in lines[0]
