"""Kernels forked from a process that has imported what pages need: alone with what is theirs, and ended with it."""

import asyncio
import os
import signal
import sys
import time

import pytest
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpec

from hyteanalysis.apps.server.provisioner import ForkedProvisioner, Forkserver

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels are started, not forked")


@pytest.fixture(scope="module")
def forkserver():
    server = Forkserver()
    yield server
    server.close()


@pytest.fixture
def kernel(forkserver, tmp_path):
    """Forks a kernel: its process and a client that asks it."""
    made = []

    def fork(name: str, **env: str):
        path = str(tmp_path / f"{name}.json")
        write_connection_file(path, transport="ipc", ip=str(tmp_path / name))
        process = forkserver.fork(["-f", path], {**os.environ, **env}, str(tmp_path))
        client = BlockingKernelClient(connection_file=path)
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(60)
        made.append((process, client))
        return process, client

    yield fork
    for process, client in made:
        client.stop_channels()
        process.kill()
        process.wait()


def asked(client: BlockingKernelClient, expression: str) -> str:
    """What an expression is in a kernel."""
    answer = client.execute("", user_expressions={"it": expression}, reply=True, timeout=60)
    return answer["content"]["user_expressions"]["it"]["data"]["text/plain"]


def test_a_kernel_has_imported_the_pages_before_it_is_asked_and_its_surroundings_are_its_own(kernel, tmp_path):
    (_, one), (_, other) = kernel("one", QUERY_STRING="alue=HVA07"), kernel("other", QUERY_STRING="alue=HVA08")
    assert asked(one, "'hyteanalysis.apps.where.page' in __import__('sys').modules") == "True"
    assert asked(one, "__import__('os').environ['QUERY_STRING']") == "'alue=HVA07'"
    assert asked(other, "__import__('os').environ['QUERY_STRING']") == "'alue=HVA08'"
    assert asked(one, "__import__('os').getcwd()") == repr(str(tmp_path))
    # random numbers and names do not repeat from kernel to kernel
    assert asked(one, "__import__('random').random()") != asked(other, "__import__('random').random()")
    assert asked(one, "'jupyter.widget.control' in get_ipython().kernel.comm_manager.targets") == "True"


def test_its_end_is_seen_and_signals_reach_it_only_while_it_runs(kernel):
    process, _ = kernel("ends")
    assert process.poll() is None
    process.terminate()
    assert process.wait() == 0
    assert process.poll() == 0
    process.kill()  # nobody there


def test_with_nothing_to_fork_from_a_kernel_is_started_by_itself(monkeypatch, tmp_path):
    class Dead:
        def fork(self, *_: object) -> None:
            raise ConnectionError("the process that kernels are forked from has ended")

    provisioner = ForkedProvisioner(kernel_spec=KernelSpec(), kernel_id="k")
    provisioner.connection_info = {"key": b"k"}
    command = [sys.executable, "-c", "print('ipykernel_launcher')", "ipykernel_launcher"]
    monkeypatch.setattr(ForkedProvisioner, "forkserver", Dead())
    found = asyncio.run(provisioner.launch_kernel(command, env=dict(os.environ), cwd=str(tmp_path)))
    assert found == {"key": b"k"}
    assert provisioner.process.args == command
    assert provisioner.process.wait(timeout=20) == 0


def test_kernels_end_with_the_process_they_were_forked_from(forkserver, kernel, tmp_path):  # the last to use it
    process, _ = kernel("orphan")
    os.kill(forkserver.process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert process.poll() == 0
    forkserver.process.wait()
    with pytest.raises(ConnectionError):
        forkserver.fork([], dict(os.environ), str(tmp_path))
