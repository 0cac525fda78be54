"""What the server answers: the pages in their frame, and for everything else a page that says what to do."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from voila.tornado.handler import TornadoVoilaHandler

from hyteanalysis import i18n
from hyteanalysis.apps.about import front, glossary, statement
from hyteanalysis.apps.frame import frame, notebooks
from hyteanalysis.i18n import text

if TYPE_CHECKING:
    from hyteanalysis.apps.server.application import Server


class Framed(JupyterHandler):
    """A page without a kernel, in the frame."""

    @property
    def server(self) -> "Server":
        return self.settings["voila"]  # type: ignore[no-any-return]

    def asked_lang(self) -> str:
        asked = self.get_query_argument("kieli", self.server.lang)
        in_path = re.search(r"\.(fi|sv|en)\.(html|ipynb)$", self.request.path)
        asked = in_path.group(1) if in_path else asked
        return asked if asked in i18n.LANGS else self.server.lang

    def framed(self, page: str, lang: str, body: str) -> None:
        served = notebooks(Path(self.server.root_dir))
        template = self.settings["voila_jinja2_env"].get_template("text.html.j2")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(template.render(frame=frame(page, lang, served=served, base_url=self.base_url), body=body))

    def write_error(self, status_code: int, **_: Any) -> None:
        """Errors say what to do, and nothing of what went wrong inside."""
        code = status_code if status_code in (404, 503) else 500
        lang = self.asked_lang()
        self.framed(f"virhe_{code}", lang, f"<p>{text(f'app.error.{code}', lang)}</p>")


class Front(Framed):
    """``/``: links to the pages."""

    def get(self) -> None:
        lang = self.asked_lang()
        served = notebooks(Path(self.server.root_dir))
        self.framed("etusivu", lang, front(frame("etusivu", lang, served=served, base_url=self.base_url)["pages"]))


class About(Framed):
    """Glossary and accessibility statement."""

    def get(self, page: str, lang: str) -> None:
        if page == "sanasto":
            self.framed(page, lang, glossary(lang))
        else:
            self.framed(
                page, lang, statement(lang, organisation=self.server.organisation, feedback=self.server.feedback)
            )


class Missing(Framed):
    """Everything that is not served."""

    def get(self) -> None:
        raise web.HTTPError(404)

    head = post = put = patch = delete = options = get


class Page(TornadoVoilaHandler, Framed):  # type: ignore[misc]
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
            async for html in self.get_generator(path=path):
                self.write(html)
                self.flush()
        finally:
            self.server.opening.discard(self)

    def flush(self, include_footers: bool = False) -> Any:
        """What is sent first shows that the page's kernel runs and is counted as such."""
        self.server.opening.discard(self)
        return super().flush(include_footers)
