"""What every page has around its content: whose numbers these are, what was changed, trouble, progress, the link."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from html import escape
from typing import Any

import ipywidgets as widgets

from hyteanalysis.apps import controls, markup
from hyteanalysis.apps.library import Library
from hyteanalysis.apps.trouble import Trouble
from hyteanalysis.i18n import text


class Surround:
    """The widgets around a page's content: ``top`` above its controls, ``notices`` below them, ``bottom`` last.

    Parameters
    ----------
    lang : {"fi", "sv", "en"}
    library : Library
    retry : callable
        What is done where the viewer asks to try again after an error.
    on_click : callable
        How the page lets a button act, inside its error boundary.
    """

    def __init__(
        self,
        lang: str,
        library: Library,
        retry: Callable[[], None],
        on_click: Callable[[widgets.Button, Callable[[], None]], None],
    ) -> None:
        self.lang, self.library = lang, library
        self.banner = widgets.HTML()
        self.release = controls.choice(text("app.release.change", lang))
        self.said = widgets.HTML().add_class("hyte-live")
        self.trouble = Trouble(lang, retry, on_click)
        self.progress = widgets.HTML().add_class("hyte-live").add_class("hyte-progress")
        self.link = widgets.HTML()
        self.phone = controls.tick(text("app.phone", lang)).add_class("hyte-phone")
        self.seen = controls.tick(text("app.seen", lang)).add_class("hyte-seen")
        self.top: tuple[widgets.Widget, ...] = (self.banner, self.release)
        self.notices: tuple[widgets.Widget, ...] = (self.said, self.trouble.widget)
        self.bottom: tuple[widgets.Widget, ...] = (self.link, self.phone, self.seen)

    def follow(self, selection: Any, changed: Iterable[str] = ()) -> None:
        """Show a settled selection: its release, its address, and which of its fields were changed.

        The text of a changed field is ``app.changed.FIELD``.
        """
        controls.offer(self.release, releases(self.library, self.lang), selection.release)
        controls.show(self.release, len(self.library.ids) > 1)
        self.banner.value = banner(self.library, selection.release, self.lang)
        self.said.value = "".join(markup.notice(text(f"app.changed.{field}", self.lang)) for field in changed)
        default = selection.release == self.library.ids[0]
        self.link.value = markup.link_field(
            (replace(selection, release="") if default else selection).query(), self.lang
        )

    def wait(self, waiting: bool) -> None:
        """Say that something is being computed."""
        self.progress.value = f"<p>{escape(text('app.computing', self.lang))}</p>" if waiting else ""


def releases(library: Library, lang: str) -> tuple[controls.Option, ...]:
    """The choices of "Vaihda": label and id."""
    return tuple((library.label(identity, lang), identity) for identity in library.ids)


def banner(library: Library, identity: str, lang: str) -> str:
    """Whose numbers these are; practice data, public data and a release that nobody has approved say so."""
    release = library.release(identity)
    label = text("app.release.shown", lang, name=library.label(identity, lang))
    words = text("app.release.synthetic", lang) if release.synthetic else ""
    if not release.synthetic and not release.approved:
        words = text("app.release.public" if release.already_public else "app.release.unapproved", lang)
    if library.faults:
        label = f"{label} {text('app.release.others', lang, number=str(len(library.faults)))}"
    kind = "hyte-banner" if words else "hyte-banner hyte-banner-plain"
    return f'<div class="{kind}"><strong>{escape(words)}</strong><span>{escape(label)}</span></div>'
