"""SVG in which each line of text is laid out once: figure after figure writes the same names and numbers."""

from functools import lru_cache
from io import StringIO
from typing import Any, ClassVar

from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

KEPT = 4096  # lines
_PLAIN = TextToPath()
_OUTLINES: dict[str, Any] = {}  # of each glyph that was drawn


@lru_cache(maxsize=KEPT)
def _size(line: str, font: FontProperties, math: Any) -> tuple[float, float, float]:
    """Width, height and descent."""
    width, height, descent = _PLAIN.get_text_width_height_descent(line, font, math)
    return width, height, descent


@lru_cache(maxsize=KEPT)
def _glyphs(line: str, font: Any) -> tuple[list[Any], tuple[str, ...]]:
    """Glyphs in their places, and the names of those that the line needs."""
    placed, _, _ = _PLAIN.get_glyphs_with_font(font, line, glyph_map=_OUTLINES)
    return placed, tuple(dict.fromkeys(name for name, *_ in placed))


class Lettering(TextToPath):
    """Text as paths, remembered."""

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        return _size(s, prop.copy(), ismath)  # a copy, as the caller may change its own

    def get_glyphs_with_font(
        self, font: Any, s: str, glyph_map: Any = None, return_new_glyphs_only: bool = False, **special: Any
    ) -> Any:
        if any(special.values()):
            return super().get_glyphs_with_font(font, s, glyph_map, return_new_glyphs_only, **special)
        placed, needed = _glyphs(s, font)
        known = {} if glyph_map is None else glyph_map
        fresh = {name: _OUTLINES[name] for name in needed if name not in known}
        return placed, fresh if return_new_glyphs_only else known | fresh, []


class Canvas(FigureCanvasBase):
    """Matplotlib's own SVG, byte for byte."""

    filetypes: ClassVar[dict[str, str]] = {"svg": "Scalable Vector Graphics"}  # type: ignore[misc]
    fixed_dpi = 72

    def print_svg(self, out: Any, *, bbox_inches_restore: Any = None, metadata: Any = None, **_: Any) -> None:
        """Write the figure as SVG text."""
        dpi = self.figure.dpi
        self.figure.dpi = self.fixed_dpi
        width, height = self.figure.get_size_inches()
        renderer: Any = RendererSVG(  # type: ignore[no-untyped-call]
            width * self.fixed_dpi, height * self.fixed_dpi, out, image_dpi=dpi, metadata=metadata
        )
        renderer._text2path = Lettering()
        renderer = MixedModeRenderer(  # type: ignore[no-untyped-call]
            self.figure, width, height, dpi, renderer, bbox_inches_restore=bbox_inches_restore
        )
        self.figure.draw(renderer)
        renderer.finalize()


def svg(figure: Figure, **options: Any) -> str:
    """The figure as SVG; ``options`` of :meth:`matplotlib.figure.Figure.savefig`."""
    before, out = figure.canvas, StringIO()
    try:
        Canvas(figure).print_figure(out, format="svg", **options)
    finally:
        figure.set_canvas(before)
    return out.getvalue()
