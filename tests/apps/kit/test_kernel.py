"""A closed kernel sends a visitor nothing of an error, and makes no widgets that a message asks for."""

import subprocess
import sys

CODE = """
from types import SimpleNamespace
from IPython.core.interactiveshell import InteractiveShell
from hyteanalysis.apps.kit import kernel

shell = InteractiveShell.instance()
assert not kernel.close()
targets = {"jupyter.widget": 1, "jupyter.widget.version": 1, "jupyter.widget.control": 1}
shell.kernel = SimpleNamespace(comm_manager=SimpleNamespace(targets=targets))
assert kernel.close()
assert list(targets) == ["jupyter.widget.control"]
for cell in ("1 / 0", "secret = (", "if 1:\\nsecret", "print('secret said')", "import sys; sys.stderr.write('secret')"):
    shell.run_cell(cell)
"""


def test_errors_of_every_kind_and_what_is_printed_go_to_the_log_and_nowhere_else(tmp_path):
    log = tmp_path / "errors.log"
    environment = {"HYTE_LOG": str(log), "IPYTHONDIR": str(tmp_path), "HOME": str(tmp_path)}
    made = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120, env=environment)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    written = log.read_text(encoding="utf-8")
    for one in ("ZeroDivisionError", "SyntaxError", "IndentationError", "secret said"):
        assert one in written
    assert written.count(" H-") == 3
