"""The dashboard server: standalone Voilà with the house's own frame, closed to everything but the pages.

A visitor gets the rendered pages, the frame's style sheet and script, and the socket of the page's own kernel, which
takes widget messages and nothing else. No directory listing, contents, files or login page.
"""

import asyncio
import logging
import os
import re
import secrets
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.netutil import bind_sockets
from traitlets import default
from traitlets.config import Config
from voila.app import Voila
from voila.paths import collect_static_paths, collect_template_paths
from voila.request_info_handler import RequestInfoSocketHandler
from voila.tornado.handler import TornadoVoilaHandler

from hyteanalysis import i18n, places
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.pages import in_every_language, notebooks
from hyteanalysis.apps.server.frame import ABOUT, content, frame
from hyteanalysis.apps.server.provisioner import NAME, ForkedProvisioner, Forkserver
from hyteanalysis.errors import HyteError, SourceError, one_of

__all__ = ["serve"]


def serve(
    releases: Iterable[str | os.PathLike[str]],
    actions: str | os.PathLike[str] | None = None,
    plan: str | os.PathLike[str] | None = None,
    lang: str = "fi",
    port: int = 8866,
    browser: bool = True,
    host: str = "127.0.0.1",
    *,
    base_url: str = "/",
    names: Iterable[str] = (),
    max_sessions: int = 20,
    idle_minutes: float = 30,
    preheat: int = 1,
    organisation: str = "",
    feedback: str = "",
    unapproved: bool = False,
    approvers: str | os.PathLike[str] | None = None,
    log: str | os.PathLike[str] | None = None,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Serve the dashboards until stopped.

    Parameters
    ----------
    releases : iterable of path
        Release folders; the first is shown at first, the others are the choices of "Vaihda". Handed to the kernels by
        environment variable, never taken from a visitor.
    actions, plan : path, optional
        Folder of actions and plan file of the other two dashboards.
    lang : {"fi", "sv", "en"}
        Language of the front page, and the one whose pages are kept ready.
    port : int
        The next free port is taken if this is in use; 0 asks the system for one.
    browser : bool
        Whether to open a browser.
    host : str
        Address to listen on. Anything but the machine itself needs a reverse proxy with login, see docs/hosting.md.
    base_url : str
        Path under which a reverse proxy serves the pages; begins and ends with a slash.
    names : iterable of str
        Host names by which a reverse proxy serves the pages; requests by any other name are refused.
    max_sessions : int
        Pages open at once; more are told that the service is full.
    idle_minutes : float
        A page unused for so long is closed; its choices stay in the address.
    preheat : int
        Kernels kept ready for each page in ``lang``; 0 starts each when asked for.
    organisation, feedback : str
        Whose service it is and its e-mail address for feedback, for the accessibility statement.
    unapproved : bool
        Whether releases that nobody has approved are shown, marked as such; for those who check one before approving.
    approvers : path, optional
        File of public keys of those who may approve; then only what one of them signed is shown.
    log : path, optional
        File of the pages' errors, with their codes; by default in the system's temporary folder.
    ready : callable, optional
        Called with the port once the pages kept ready are.

    Raises
    ------
    SourceError
        If a release folder, the folder of actions or the plan does not exist.
    """
    one_of(lang, i18n.LANGS, "language")
    folders = [_existing(path, "release folder") for path in releases]
    if not folders:
        raise SourceError("The dashboards need at least one release folder. Make one with `hyte release`.")
    if not base_url.startswith("/") or not base_url.endswith("/"):
        raise HyteError(f"base_url must begin and end with a slash, such as '/hyte/'; not {base_url!r}.")
    work = Path(tempfile.mkdtemp(prefix="hyte-"))
    folder = in_every_language(places.dashboards(), work)
    os.environ["HYTE_RELEASES"] = os.pathsep.join(folders)
    os.environ["HYTE_UNAPPROVED"] = "1" if unapproved else ""
    os.environ["HYTE_LOG"] = os.fspath(log) if log else str(work / "errors.log")
    os.environ["IPYTHONDIR"] = str(work / "ipython")
    for variable, path in {"HYTE_ACTIONS": actions, "HYTE_PLAN": plan, "HYTE_APPROVERS": approvers}.items():
        os.environ.pop(variable, None)
        if path is not None:
            os.environ[variable] = _existing(path, "file or folder")
    config = _configuration(
        folder, lang=lang, preheat=preheat, idle_minutes=idle_minutes, base_url=base_url, names=names, work=work
    )
    server = Server(config=config, config_file_paths=[str(folder)])
    server.lang, server.max_sessions, server.ready = lang, max_sessions, ready
    server.organisation, server.feedback = organisation, feedback
    server.library = Library.from_environment()
    server.sockets = _listening(port, host)
    server.port, server.ip, server.open_browser = server.sockets[0].getsockname()[1], host, browser
    server.base_url, server.root_dir = base_url, str(folder)
    if sys.platform == "linux":  # elsewhere a fork of what has been imported is not safe
        ForkedProvisioner.forkserver = Forkserver()
    server.initialize([])
    server.start()


def _listening(port: int, host: str) -> list[socket.socket]:
    """Sockets on the port, else on the next free one of ten."""
    for tried in range(port, port + 10 if port else 1):
        try:
            return bind_sockets(tried, host)
        except OSError:
            continue
    raise HyteError(f"No port from {port} to {port + 9} is free on {host}. Give another with --port.")


def _existing(path: str | os.PathLike[str], what: str) -> str:
    found = Path(path).expanduser().resolve()
    if not found.exists():
        raise SourceError(f"There is no {what} {os.fspath(path)!r}. Check the path.")
    return str(found)


POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
FILL_DELAY = 4.0  # seconds that a visitor has the processor alone before the next kernel is made ready
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class _Kernels(AsyncMappingKernelManager):
    """The pages' kernels, of which some are kept ready and wait for a visitor."""

    kept_ready: ClassVar[set[str]] = set()

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Start a kernel; whether it is kept ready stands in its environment."""
        kernel = str(await super().start_kernel(**kwargs))
        if (kwargs.get("env") or {}).get("VOILA_PREHEAT") == "True":
            self.kept_ready.add(kernel)
        return kernel


class _Visitor(RequestInfoSocketHandler):  # type: ignore[misc]
    """Where a kernel kept ready asks for its visitor, once it has computed its first view."""

    asking: ClassVar[set[str]] = set()

    def open(self, kernel_id: str) -> None:
        """It asks."""
        self.kernel = kernel_id
        self.asking.add(kernel_id)
        super().open(kernel_id)

    def on_close(self) -> None:
        """It has been told, or has ended."""
        self.asking.discard(self.kernel)
        _Kernels.kept_ready.discard(self.kernel)
        super().on_close()


class _PageSocket(ZMQChannelsWebsocketConnection):
    """The socket between a page and its kernel."""

    opened: ClassVar[WeakSet[Any]] = WeakSet()

    def connect(self) -> Any:
        """A page has been put up."""
        self.opened.add(self)
        return super().connect()

    def disconnect(self) -> Any:
        """It has been left."""
        self.opened.discard(self)
        return super().disconnect()  # type: ignore[no-untyped-call]


class _OwnKernel(KernelSpecManager):
    """Kernels run in this very Python, whatever kernels the user has installed."""

    @default("kernel_dirs")
    def _no_other_kernels(self) -> list[str]:
        return []


def _configuration(
    folder: Path, *, lang: str, preheat: int, idle_minutes: float, base_url: str, names: Iterable[str], work: Path
) -> Config:
    """The settings of one start of the server."""
    served = notebooks(folder)
    config = Config()
    frames = {name: frame(*name.split("."), served=served, base_url=base_url) for name in served}
    config.VoilaConfiguration.resources = {"hyte": frames}
    config.VoilaConfiguration.kernel_spec_manager_class = _OwnKernel
    config.KernelProvisionerFactory.default_provisioner_name = NAME
    config.VoilaConfiguration.multi_kernel_manager_class = _Kernels
    config.VoilaConfiguration.preheat_kernel = preheat > 0
    config.VoilaConfiguration.default_pool_size = preheat
    config.VoilaKernelManager.fill_delay = FILL_DELAY
    config.VoilaKernelManager.preheat_denylist = [f"{name}.ipynb" for name in served if not name.endswith(f".{lang}")]
    config.TemplateExporter.extra_template_basedirs = [str(folder / "templates")]
    config.MappingKernelManager.cull_idle_timeout = max(1, int(60 * idle_minutes))
    config.MappingKernelManager.cull_interval = max(1, min(60, int(20 * idle_minutes)))
    config.FileContentsManager.root_dir = str(folder)
    config.Voila.tornado_settings = {
        "headers": HEADERS,
        "allow_remote_access": False,
        "local_hostnames": ["localhost", *names],
    }
    config.Voila.kernel_websocket_connection_class = _PageSocket
    config.Voila.connection_dir_root = str(work)
    config.Voila.log_level = logging.WARNING
    config.NotebookNotary.update({"db_file": ":memory:", "secret": secrets.token_bytes(32)})
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
    return config


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
    library: Library | None = None
    sockets: list[socket.socket]
    ready: Callable[[int], None] | None = None

    def init_settings(self) -> dict[str, Any]:
        """Also remember which pages are being opened; do not warn of pages of our own, which nobody signs."""
        self.opening: set[PageHandler] = set()
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
        ours = {TornadoVoilaHandler: PageHandler, RequestInfoSocketHandler: _Visitor}
        kept = [(rule[0], ours.get(rule[1], rule[1]), *rule[2:]) for rule in kept]
        names = "|".join(ABOUT)
        langs = "|".join(i18n.LANGS)
        return [
            (root, Front),
            (rf"{root}({names})\.({langs})\.html", AboutHandler),
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
        names = notebooks(Path(self.root_dir))
        kept = sum(int(self.kernel_manager.get_pool_size(f"{name}.ipynb")) for name in names)
        return len(_Visitor.asking) >= kept

    def launch_browser(self) -> None:
        """Open the front page in the user's browser."""
        webbrowser.open(f"http://{self.ip}:{self.port}{self.base_url}")

    def close_orphans(self) -> None:
        """Close the sockets of pages whose kernel has ended, so that the page says that the connection is lost."""
        running = set(self.kernel_manager.list_kernel_ids())
        for connection in list(_PageSocket.opened):
            if connection.kernel_id not in running:
                connection.websocket_handler.close()

    def sessions(self) -> int:
        """Pages open or opening: the kernels running, less those kept ready."""
        running = set(self.kernel_manager.list_kernel_ids())
        return len(running - _Kernels.kept_ready) + len(self.opening)


def _closed(rule: str, root: str) -> bool:
    return any(rule.startswith(root.rstrip("/") + path) for path in CLOSED)


class Framed(JupyterHandler):
    """A page without a kernel, in the frame."""

    @property
    def server(self) -> "Server":
        return self.settings["voila"]  # type: ignore[no-any-return]

    def asked_lang(self) -> str:
        asked = self.get_query_argument("kieli", self.server.lang)
        in_path = re.search(rf"\.({'|'.join(i18n.LANGS)})\.(html|ipynb)$", self.request.path)
        asked = in_path.group(1) if in_path else asked
        return asked if asked in i18n.LANGS else self.server.lang

    def framed(self, page: str, lang: str) -> None:
        served = notebooks(Path(self.server.root_dir))
        template = self.settings["voila_jinja2_env"].get_template("text.html.j2")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        around = frame(page, lang, served=served, base_url=self.base_url)
        whose = {"organisation": self.server.organisation, "feedback": self.server.feedback}
        body = content(page, lang, around["pages"], library=self.server.library, **whose)
        self.finish(template.render(frame=around, body=body))

    def write_error(self, status_code: int, **_: Any) -> None:
        """Errors say what to do, and nothing of what went wrong inside."""
        code = status_code if status_code in (404, 503) else 500
        self.framed(f"virhe_{code}", self.asked_lang())


class Front(Framed):
    """``/``: links to the pages."""

    def get(self) -> None:
        self.framed("etusivu", self.asked_lang())


class AboutHandler(Framed):
    """Glossary and accessibility statement."""

    def get(self, page: str, lang: str) -> None:
        self.framed(page, lang)


class Missing(Framed):
    """Everything that is not served."""

    def get(self) -> None:
        raise web.HTTPError(404)

    head = post = put = patch = delete = options = get


class PageHandler(TornadoVoilaHandler, Framed):  # type: ignore[misc]
    """A dashboard: only the pages of the folder, and only so many at once."""

    write_error = Framed.write_error

    async def get(self, path: str | None = None) -> None:
        """Render a page, unless too many are open."""
        if (path or "").removesuffix(".ipynb") not in notebooks(Path(self.server.root_dir)):
            raise web.HTTPError(404)
        if self.server.sessions() >= self.server.max_sessions:
            raise web.HTTPError(503)
        self.xsrf_token  # noqa: B018  sets the cookie with which the page ends its kernel when it is left
        self.server.opening.add(self)
        try:
            async for part in self.get_generator(path=path):
                self.write(part)
                self.flush()
        finally:
            self.server.opening.discard(self)

    def flush(self, include_footers: bool = False) -> Any:
        """What is sent first shows that the page's kernel runs and is counted as such."""
        self.server.opening.discard(self)
        return super().flush(include_footers)
