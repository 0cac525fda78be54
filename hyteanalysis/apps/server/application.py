"""The dashboard server: standalone Voilà with the house's own frame, closed to everything but the pages.

A visitor gets the rendered pages, the frame's style sheet and script, and the socket of the page's own kernel, which
takes widget messages and nothing else. No directory listing, contents, files or login page.
"""

import asyncio
import os
import socket
import webbrowser
from collections.abc import Callable
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop, PeriodicCallback
from voila.app import Voila
from voila.paths import collect_static_paths, collect_template_paths
from voila.request_info_handler import RequestInfoSocketHandler
from voila.tornado.handler import TornadoVoilaHandler

from hyteanalysis import i18n
from hyteanalysis.apps.frame import ABOUT
from hyteanalysis.apps.server.handlers import About, Front, Missing, Page

CLOSED = (
    *("/voila/tree", "/voila/api/contents", "/voila/files", "/voila/execution", "/voila/templates"),
    *("/login", "/logout"),
)
ORPHANS = 2_000  # milliseconds between looks for pages whose kernel has ended
LONGEST_START, LOOK = 60.0, 0.1  # seconds until the address is told anyway, and between looks whether all is ready


class Server(Voila):  # type: ignore[misc]
    """Voilà that serves the pages of one folder in the house's frame."""

    name = "voila"
    lang = "fi"
    max_sessions = 20
    organisation = feedback = ""
    sockets: list[socket.socket]
    ready: Callable[[int], None] | None = None

    def init_settings(self) -> dict[str, Any]:
        """Also remember which pages are being opened; do not warn of pages of our own, which nobody signs."""
        self.opening: set[Page] = set()
        self.log.addFilter(lambda record: "is not trusted" not in record.msg)
        return super().init_settings()  # type: ignore[no-any-return]

    def setup_template_dirs(self) -> None:
        """Take the template from the served folder, so that nothing has to be installed or set in the environment."""
        self.template_paths = [
            os.path.join(self.root_dir, "templates", "hyte"),
            *collect_template_paths(["voila", "nbconvert"], "base", prune=True),
        ]
        self.static_paths = collect_static_paths(["voila"], "base")

    def init_handlers(self) -> list[Any]:
        """Voilà's handlers without those that a page does not need, and ours for what surrounds the pages."""
        root = self.server_url
        given = super().init_handlers()
        kept = [rule for rule in given if rule[0] != root and not _closed(rule[0], root)]
        kept = [(rule[0], Page, rule[2]) if rule[1] is TornadoVoilaHandler else rule for rule in kept]
        names = "|".join(ABOUT)
        langs = "|".join(i18n.LANGS)
        return [
            (root, Front),
            (rf"{root}({names})\.({langs})\.html", About),
            (
                rf"{root}hyte/(hyte\.css|hyte\.js)",
                web.StaticFileHandler,
                {"path": os.path.join(self.root_dir, "templates", "hyte", "static")},
            ),
            *kept,
            (r".*", Missing),
        ]

    def listen(self) -> None:
        """Listen on the port taken beforehand, which the kernels kept ready have been told."""
        HTTPServer(self.app).add_sockets(self.sockets)
        self.ioloop = IOLoop.current()
        self.ioloop.add_callback(self.announce)
        PeriodicCallback(self.close_orphans, ORPHANS).start()
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    async def announce(self) -> None:
        """Tell the address once the pages that are kept ready wait for a visitor."""
        for _ in range(int(LONGEST_START / LOOK)):
            if self.warm():
                break
            await asyncio.sleep(LOOK)
        print(f"http://{self.ip}:{self.port}{self.base_url}", flush=True)
        if self.ready:
            self.ready(self.port)
        if self.open_browser:
            self.launch_browser()

    def warm(self) -> bool:
        """Whether every kernel kept ready has computed its first view and asks whom to show it."""
        kept = [task for pool in getattr(self.kernel_manager, "_pools", {}).values() for task in pool]
        if not all(task.done() for task in kept):
            return False
        ready = {task.result()["kernel_id"] for task in kept if not task.exception()}
        return ready <= set(RequestInfoSocketHandler._waiters)

    def launch_browser(self) -> None:
        """Open the front page in the user's browser."""
        webbrowser.open(f"http://{self.ip}:{self.port}{self.base_url}")

    def close_orphans(self) -> None:
        """Close the sockets of pages whose kernel has ended, so that the page says that the connection is lost."""
        running = set(self.kernel_manager.list_kernel_ids())
        for connection in list(ZMQChannelsWebsocketConnection._open_sockets):
            if connection.kernel_id not in running:
                connection.websocket_handler.close()

    def sessions(self) -> int:
        """Pages open or opening: the kernels running, less those kept ready."""
        running = set(self.kernel_manager.list_kernel_ids())
        kept = [task for pool in getattr(self.kernel_manager, "_pools", {}).values() for task in pool]
        ready = {task.result()["kernel_id"] for task in kept if task.done() and not task.exception()}
        return len(running - ready) + len(self.opening)


def _closed(rule: str, root: str) -> bool:
    return any(rule.startswith(root.rstrip("/") + path) for path in CLOSED)
