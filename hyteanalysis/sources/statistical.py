"""Files of statistical programs (SPSS, Stata, SAS, R) with their value labels, and tables of SDMX-CSV and JSON-stat."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis.errors import HyteError, SourceError, TidyError
from hyteanalysis.sources.jsonstat import read_jsonstat

PROGRAMS = (".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt", ".rds")
_STATUS = {"c": "suppressed", "m": "missing", "o": "missing", "l": "missing", "q": "suppressed", "u": "uncertain"}


@dataclass(frozen=True)
class Labelled:
    """Rows as coded, with the labels of codes by column; labels stand in the order of their codes."""

    rows: pd.DataFrame
    labels: dict[str, dict[Any, str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    ordered: tuple[str, ...] = ()

    def named(self) -> pd.DataFrame:
        """The rows with labels in the place of codes, where every code of a column has one."""
        frame = self.rows.copy()
        for name, known in self.labels.items():
            if whole(frame[name], known):
                frame[name] = frame[name].map(known).astype("str")
        return frame


def whole(codes: pd.Series, known: dict[Any, str]) -> bool:
    """Whether every code of a column has a label of its own, so that labels may stand for it."""
    return 0 < len(known) == len(set(known.values())) and bool(codes.dropna().isin(list(known)).all())


def read(path: Path) -> Labelled:
    """A file of a statistical program.

    Missing values that the file declares are empty. Raises TidyError where it is broken, SourceError where the library
    that reads it is not installed.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".rds":
            return _rds(path)
        import pyreadstat

        reader = {
            ".sav": pyreadstat.read_sav, ".zsav": pyreadstat.read_sav, ".por": pyreadstat.read_por,
            ".dta": pyreadstat.read_dta, ".sas7bdat": pyreadstat.read_sas7bdat, ".xpt": pyreadstat.read_xport,
        }[suffix]  # fmt: skip
        frame, meta = reader(str(path))  # type: ignore[operator]
    except ImportError as error:
        raise SourceError(
            f"{path.name}: reading {suffix} needs {error.name}. Install it, or save the file as CSV."
        ) from None
    except HyteError:
        raise
    except Exception as error:  # the libraries raise their own kinds for a broken file
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TidyError(f"{path.name} is not a table: it could not be read as {suffix[1:]} ({line}).") from error
    labels = {
        name: dict(sorted(known.items(), key=lambda one: (isinstance(one[0], str), one[0])))
        for name, known in meta.variable_value_labels.items()
    }
    measured = getattr(meta, "variable_measure", {}) or {}
    ordered = tuple(name for name in labels if measured.get(name) in ("ordinal", "scale"))
    return Labelled(frame, labels, dict(meta.column_names_to_labels), ordered)


def _rds(path: Path) -> Labelled:
    import pyreadr

    found = pyreadr.read_r(str(path))
    if len(found) != 1 or not isinstance(frame := next(iter(found.values())), pd.DataFrame):
        raise TidyError(f"{path.name} is not a table: the R object is no data frame. Save one with saveRDS().")
    labels, ordered = {}, []
    frame = frame.reset_index(drop=True)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            levels = [str(level) for level in frame[name].cat.categories]
            labels[str(name)] = {level: level for level in levels}
            if frame[name].cat.ordered:
                ordered.append(str(name))
            frame[name] = frame[name].astype("str")
    return Labelled(frame, labels, {}, tuple(ordered))


def jsonstat(path: Path) -> pd.DataFrame:
    """A JSON-stat dataset from disk: a column a dimension, ``value``, ``status``."""
    try:
        dataset = json.loads(path.read_bytes())  # in UTF-8 or UTF-16, with a byte order mark or without
    except (ValueError, RecursionError) as error:
        raise TidyError(f"{path.name} is not a table: it is no JSON ({str(error)[:100]}).") from None
    if not isinstance(dataset, dict) or not ("dimension" in dataset or "dataset" in dataset):
        raise TidyError(f"{path.name} is not a table: it is JSON, but no JSON-stat dataset with dimension and value.")
    try:
        return _with_flags(dataset)
    except SourceError as error:
        raise TidyError(f"{path.name}: {error}") from None
    except (TypeError, ValueError, AttributeError, KeyError, MemoryError) as error:
        raise TidyError(f"{path.name}: JSON-stat: parts are not as they should be ({str(error)[:100]}).") from None


def _with_flags(dataset: Mapping[str, Any]) -> pd.DataFrame:
    """A dataset with its flags: Finnish official signs as they are, letters as Eurostat and others have them."""
    table = dataset.get("dataset", dataset)
    given = table.get("status")
    if isinstance(given, str):
        given = {str(place): given for place in range(len(table["value"]))}
    flags = {str(place): one for place, one in (given.items() if isinstance(given, Mapping) else enumerate(given or []))
             if isinstance(one, str) and re.fullmatch(r"[a-z]{1,4}", one.strip(), re.I)}  # fmt: skip
    if not flags:
        return read_jsonstat(dataset)
    rest = {str(place): one for place, one in (given.items() if isinstance(given, Mapping) else enumerate(given))
            if str(place) not in flags}  # fmt: skip
    frame = read_jsonstat({**table, "status": rest})
    letters = pd.Series({int(place): one.strip().lower() for place, one in flags.items()}, dtype="str")
    return _flagged(frame, letters.reindex(frame.index).fillna(""))


def _flagged(frame: pd.DataFrame, flags: "pd.Series[str]") -> pd.DataFrame:
    """Flags of observations as status: ``c`` loses its value; what they are stands in ``note``."""
    status = frame["status"].where(frame["status"] != "ok") if "status" in frame else None
    told = pd.Series(pd.NA, index=frame.index, dtype="str")
    for letter, meaning in reversed(_STATUS.items()):
        told = told.mask(flags.str.contains(rf"\b[a-z]{{0,2}}{letter}[a-z]{{0,2}}\b", regex=True), meaning)
    told = told if status is None else told.fillna(status)
    told = told.mask((told == "uncertain") & frame["value"].isna(), "missing")
    frame["value"] = frame["value"].mask(told.isin(["suppressed", "missing"]))
    frame = with_status(frame.assign(status=told))
    if (flags != "").any():
        frame["note"] = flags.where(flags != "")
    return frame


def with_status(frame: pd.DataFrame) -> pd.DataFrame:
    """A long table of ``value`` with a status in every row."""
    known = frame["status"] if "status" in frame else pd.Series(pd.NA, index=frame.index, dtype="str")
    frame["status"] = known.fillna(frame["value"].isna().map({True: "missing", False: "ok"}).astype("str"))
    return frame


def bare_codes(frame: pd.DataFrame) -> pd.DataFrame:
    """SDMX-CSV that writes labels beside codes (``OBS_VALUE: Value``, ``FI: Finland``) with its codes alone."""
    if not any(str(name).startswith("OBS_VALUE: ") for name in frame):
        return frame
    made = {}
    for name in frame.columns:
        code, sign, _ = str(name).partition(": ")
        made[code] = frame[name].str.partition(": ")[0] if sign and code != "OBS_VALUE" else frame[name]
    return pd.DataFrame(made)


def from_sdmx(frame: pd.DataFrame) -> pd.DataFrame:
    """SDMX-CSV with ``value``, ``status`` and ``note`` in the place of its observation columns.

    Observation status and flags: ``c`` (confidential) is suppressed and loses its value, ``u`` (low reliability)
    uncertain, ``m`` and ``o`` missing; other flags stand in ``note``.
    """
    frame = frame.rename(columns={"OBS_VALUE": "value"})
    flags = pd.Series("", index=frame.index, dtype="str")
    for name in ("OBS_FLAG", "OBS_STATUS", "CONF_STATUS"):
        if name in frame:
            given = frame[name].astype("str").fillna("").str.lower().str.strip()
            given = given.where(given != "a", "") if name == "OBS_STATUS" else given
            given = given.where(~given.isin(["f", "n"]), "") if name == "CONF_STATUS" else given  # free
            flags = (flags + " " + given).str.strip()
    return _flagged(frame, flags)
