"""Start the dashboard server on some releases."""

import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tornado.netutil import bind_sockets

from hyteanalysis import i18n, places
from hyteanalysis.apps.server.application import Server
from hyteanalysis.apps.server.provisioner import ForkedProvisioner, Forkserver
from hyteanalysis.apps.server.settings import configuration
from hyteanalysis.errors import HyteError, SourceError, one_of


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
    folder = places.dashboards()
    folders = [_existing(path, "release folder") for path in releases]
    if not folders:
        raise SourceError("The dashboards need at least one release folder. Make one with `hyte release`.")
    if not base_url.startswith("/") or not base_url.endswith("/"):
        raise HyteError(f"base_url must begin and end with a slash, such as '/hyte/'; not {base_url!r}.")
    work = Path(tempfile.mkdtemp(prefix="hyte-"))
    os.environ["HYTE_RELEASES"] = os.pathsep.join(folders)
    os.environ["HYTE_UNAPPROVED"] = "1" if unapproved else ""
    os.environ["HYTE_LOG"] = os.fspath(log) if log else str(work / "errors.log")
    os.environ["IPYTHONDIR"] = str(work / "ipython")
    for variable, path in {"HYTE_ACTIONS": actions, "HYTE_PLAN": plan}.items():
        os.environ.pop(variable, None)
        if path is not None:
            os.environ[variable] = _existing(path, "file or folder")
    config = configuration(
        folder, lang=lang, preheat=preheat, idle_minutes=idle_minutes, base_url=base_url, names=names, work=work
    )
    server = Server(config=config, config_file_paths=[str(folder)])
    server.lang, server.max_sessions, server.ready = lang, max_sessions, ready
    server.organisation, server.feedback = organisation, feedback
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
