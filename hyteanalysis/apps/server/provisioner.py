"""Kernels by fork instead of by start: see :mod:`hyteanalysis.apps.server.forkserver`."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from typing import Any, ClassVar

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

NAME = "hyte-forked"  # as the package's metadata offers it to Jupyter
LAUNCHER = "ipykernel_launcher"


class Forkserver:
    """The process that kernels are forked from, as the server sees it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "hyteanalysis.apps.server.forkserver", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self._asked, self._answers = ours, ours.makefile("r", encoding="utf-8")
        self._one_at_a_time = threading.Lock()

    def fork(self, argv: list[str], env: dict[str, str], cwd: str) -> "Forked":
        """A new kernel."""
        with self._one_at_a_time:
            self._asked.sendall(json.dumps({"argv": argv, "env": env, "cwd": cwd}).encode() + b"\n")
            answer = self._answers.readline()
        if not answer:
            raise ConnectionError("the process that kernels are forked from has ended")
        return Forked(int(answer))

    def close(self) -> None:
        """End it; the kernels end with it."""
        self._asked.close()
        self._answers.close()
        self.process.wait(timeout=10)


class Forked:
    """A kernel's process, with what a provisioner asks of ``subprocess.Popen``: it is no child of this process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._alive: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._alive = None

    def poll(self) -> int | None:
        """None while it runs, then 0: nobody knows what it ended with."""
        if self._alive is not None and select.select([self._alive], [], [], 0)[0]:
            os.close(self._alive)
            self._alive = None
        return 0 if self._alive is None else None

    def wait(self) -> int:
        """Until it has ended."""
        if self._alive is not None:
            select.select([self._alive], [], [])
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """A signal, if it still runs."""
        if self._alive is not None:
            signal.pidfd_send_signal(self._alive, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkedProvisioner(LocalProvisioner):
    """Forks kernels where the server has a process to fork from, and starts them elsewhere."""

    forkserver: ClassVar[Forkserver | None] = None
    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel; with none to fork from, or another kind of kernel, start it."""
        if self.forkserver is None or LAUNCHER not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        argv = cmd[cmd.index(LAUNCHER) + 1 :]
        env, cwd = dict(kwargs.get("env") or os.environ), os.fspath(kwargs.get("cwd") or os.getcwd())
        try:
            self.process = await asyncio.to_thread(self.forkserver.fork, argv, env, cwd)
        except OSError as error:
            self.log.warning("%s: this kernel is started by itself", error)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid  # it leads a group of its own
        self.cwd = cwd
        return self.connection_info
