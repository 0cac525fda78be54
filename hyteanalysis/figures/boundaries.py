"""Fetched boundaries, where there are any; a release never holds them."""

from typing import Any

from hyteanalysis import areas as areal
from hyteanalysis import places


def boundaries(codes: list[str]) -> Any:
    """Fetched boundaries of all these areas in EPSG:3067, or None."""
    levels = {areal.level(code) for code in codes}
    if len(levels) != 1:
        return None
    level = levels.pop()
    for file in (places.fetched("boundaries", f"{level}.parquet"), places.fetched("boundaries", f"{level}.gpkg")):
        if file.is_file():
            import geopandas

            read = geopandas.read_parquet if file.suffix == ".parquet" else geopandas.read_file
            shapes = read(file)
            if "area" in shapes and set(codes) <= set(shapes["area"]):
                return shapes[shapes["area"].isin(codes)].to_crs(3067)
    return None
