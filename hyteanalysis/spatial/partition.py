"""How much of all difference between people lies between counties, between their municipalities, and within those."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy  # its parts are imported when first used

from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, counted, one_of
from hyteanalysis.i18n import language, percent, spoken, text
from hyteanalysis.rates import grid
from hyteanalysis.uncertainty import normal_quantile

NAMES = ("county", "municipality", "person")
AGREE = 1e-4
SMALLEST, LARGEST = -23.0, 5.0  # logarithm of a variance against that between people
FLOOR = 1e-9  # against that between people, under which a variance is 0


@dataclass(frozen=True)
class Partition:
    """Variance by level.

    Attributes
    ----------
    frame : DataFrame
        ``level`` (``county, municipality, person``), ``variance, lower, upper`` (profile likelihood; of persons none),
        ``share, share_lower, share_upper``, ``units``.
    mean : float
    log_likelihood : float
    """

    frame: pd.DataFrame
    mean: float
    log_likelihood: float

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What must hold, in English."""
        return self.assumed("en")

    @spoken
    def assumed(self, lang: str = "fi") -> tuple[str, ...]:
        """What must hold."""
        return text("spatial.assumption.partition", lang), text("decomposition.assumption.no_cause", lang)

    @spoken
    def sentence(self, lang: str = "fi") -> str:
        """How much lies where, in one plain sentence."""
        shares = self.frame.set_index("level")["share"]
        return text("spatial.sentence.partition", lang, **{name: percent(100 * shares[name], lang) for name in NAMES})

    def _repr_html_(self) -> str:
        title = text("display.partition", language())
        return shown(title, said=[self.sentence(language()), *self.assumed(language())], frame=self.frame)


def variance_partition(
    data: pd.DataFrame,
    *,
    municipality: str = "area",
    county: str = "county",
    outcome: str | None = None,
    events: str = "events",
    population: str = "population",
    level: float = 0.95,
) -> Partition:
    """Do places differ, and at which level, against the difference between people of one place?

    Formula: y = μ + v_county + u_municipality + e, independent and normal, by restricted maximum likelihood from each
    municipality's size, mean and spread. A 0/1 outcome is taken on the scale of probabilities, where the spread within
    is p(1 − p).

    Parameters
    ----------
    data : DataFrame
        One row a person (name ``outcome``), or one row a municipality with ``events`` and ``population``.
    municipality, county : str
        Columns; each municipality lies in one county.
    outcome : str, optional
        Column of the outcome of person rows.
    events, population : str
    level : float
        Confidence level.

    Returns
    -------
    Partition

    Raises
    ------
    MeasureError
        Fewer than three counties, no county with two municipalities, a municipality in two counties, people of a place
        that do not differ, optimisers that disagree.

    Notes
    -----
    Small shares are usual and no proof that places do not matter: a share of 1 % between municipalities is a standard
    deviation of 4 percentage points for a share of 20 %. Differences between places hold both who lives there and what
    the place is like. Merlo et al. 2006.

    Examples
    --------
    >>> import pandas as pd
    >>> towns = pd.DataFrame({"county": list("AAABBBCCC"), "area": list("abcdefghi"), "population": 5000,
    ...                       "events": [900, 1000, 1100, 1200, 1300, 1500, 500, 650, 700]})
    >>> variance_partition(towns).frame[["level", "share"]].round(4)
              level   share
    0        county  0.0310
    1  municipality  0.0035
    2        person  0.9655
    """
    normal_quantile(level)
    model = _Model.of(_statistics(data, municipality, county, outcome, events, population))
    best, found = model.best()
    ratio = np.where(found < FLOOR, 0.0, found)
    drop = scipy.stats.chi2.ppf(level, 1) / 2
    ends = [model.limits(place, found, best, drop) for place in (0, 1)]
    scale = model.variance(*found)
    rows = []
    for name, value, (low, high), units in zip(
        NAMES, [*ratio, 1.0], [*ends, (np.nan, np.nan)], model.units, strict=True
    ):
        rows.append({"level": name, "variance": value * scale, "lower": low * scale, "upper": high * scale,
                     "share": value / (1 + ratio.sum()), "units": units})  # fmt: skip
    frame = pd.DataFrame(rows)
    rest = 1 + ratio.sum() - np.append(ratio, 1.0)
    for end in ("lower", "upper"):
        frame[f"share_{end}"] = frame[end] / scale / (frame[end] / scale + rest)
    order = ["level", "variance", "lower", "upper", "share", "share_lower", "share_upper", "units"]
    return Partition(frame[order], model.mean(*found), best)


def _statistics(
    data: pd.DataFrame, municipality: str, county: str, outcome: str | None, events: str, population: str
) -> pd.DataFrame:
    """``county, n, mean, square`` (sum of squares within) of each municipality."""
    for column in [municipality, county, *([outcome] if outcome else [events, population])]:
        one_of(column, list(data.columns), "column", MeasureError)
    if (data.groupby(municipality)[county].nunique() > 1).any():
        twice = data.groupby(municipality)[county].nunique().idxmax()
        raise MeasureError(f"{municipality} {str(twice)!r} lies in more than one {county}. Take one year's division.")
    if outcome is None:
        n, x = grid.number(data, population), grid.number(data, events)
        if np.isnan(n).any() or np.isnan(x).any() or (n <= 0).any() or (x > n).any():
            raise MeasureError(f"{events!r} and {population!r} must be there on every row, events at most the people.")
        return pd.DataFrame({"county": data[county].to_numpy(), "n": n, "mean": x / n, "square": x * (1 - x / n)})
    rows = data[[municipality, county, outcome]].dropna()
    rows = rows.assign(_y=grid.number(rows, outcome))
    table = rows.groupby([county, municipality])["_y"].agg(["size", "mean", "var"]).reset_index()
    square = (table["var"].fillna(0.0) * (table["size"] - 1)).to_numpy()
    return pd.DataFrame({"county": table[county], "n": table["size"].astype(float), "mean": table["mean"],
                         "square": square})  # fmt: skip


@dataclass(frozen=True)
class _Model:
    """The likelihood by the ratios of the two variances to that between people, which is profiled out."""

    n: np.ndarray
    mean_of: np.ndarray
    county: np.ndarray
    square: float
    units: tuple[int, int, int]

    @classmethod
    def of(cls, table: pd.DataFrame) -> "_Model":
        n = table["n"].to_numpy()
        code = pd.factorize(table["county"])[0]
        per = np.bincount(code)
        if len(per) < 3 or per.max() < 2:
            raise MeasureError(
                f"{counted(len(per), 'county', 'counties')} with at most "
                f"{counted(per.max(), 'municipality', 'municipalities')} "
                "each: a partition needs three counties, "
                "and a county with two municipalities."
            )
        free, square = n.sum() - len(n), float(table["square"].sum())
        if free <= 0 or square <= 0:
            raise MeasureError("People of one municipality do not differ, or there is one person in each.")
        return cls(n, table["mean"].to_numpy(), code, square, (len(per), len(n), int(n.sum())))

    def _parts(self, between: float, local: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        spread = local + 1 / self.n
        total = np.bincount(self.county, 1 / spread)
        return spread, total, np.bincount(self.county, self.mean_of / spread), 1 + between * total

    def mean(self, between: float, local: float) -> float:
        """The mean over counties and municipalities."""
        _, total, first, grown = self._parts(between, local)
        return float((first / grown).sum() / (total / grown).sum())

    def at(self, between: float, local: float) -> float:
        """Restricted log-likelihood, but for a constant."""
        spread, total, _, grown = self._parts(between, local)
        free = self.n.sum() - 1
        person = free * np.log(self.variance(between, local) * (self.n.sum() - len(self.n)) / self.square)
        return -0.5 * float(np.log(spread).sum() + np.log(grown).sum() + np.log((total / grown).sum()) + person)

    def variance(self, between: float, local: float) -> float:
        """The variance between people at these ratios."""
        spread, total, first, grown = self._parts(between, local)
        square = (self.mean_of**2 / spread).sum() - (between * first**2 / grown).sum()
        quadratic = square - (first / grown).sum() ** 2 / (total / grown).sum()
        return float((self.square + quadratic) / (self.n.sum() - 1))

    def best(self) -> tuple[float, np.ndarray]:
        """The highest log-likelihood and its ratios: two optimisers, each from several starts, must agree."""

        def fall(log: np.ndarray) -> float:
            return -self.at(*np.exp(log))

        span, starts = [(SMALLEST, LARGEST)] * 2, np.log([(0.1, 1e-3), (1e-3, 0.1)])
        fine = {"xatol": 1e-7, "fatol": 1e-10, "maxiter": 4000}
        ways = [
            min((scipy.optimize.minimize(fall, start, method=method, bounds=span, options=options) for start in starts),
                key=lambda one: float(one.fun))
            for method, options in (("Nelder-Mead", fine), ("L-BFGS-B", {"ftol": 1e-13, "gtol": 1e-7}))
        ]  # fmt: skip
        first, second = (-float(one.fun) for one in ways)
        if not np.isfinite(first) or abs(first - second) > AGREE:
            raise MeasureError(f"Two optimisers disagree: log-likelihood {first:.6f} and {second:.6f}.")
        return first, np.asarray(np.exp(ways[0].x))

    def limits(self, place: int, best_at: np.ndarray, best: float, drop: float) -> tuple[float, float]:
        """Profile-likelihood limits of one ratio."""

        def over(log: float) -> float:
            def other(rest: float) -> float:
                pair = [np.exp(rest), np.exp(rest)]
                pair[place] = np.exp(log)
                return -self.at(*pair)

            found = scipy.optimize.minimize_scalar(
                other, bounds=(SMALLEST, LARGEST), method="bounded", options={"xatol": 1e-7}
            )
            return best + float(found.fun) - drop

        middle = float(np.log(best_at[place]))
        low = float(np.exp(scipy.optimize.brentq(over, SMALLEST, middle, xtol=1e-5))) if over(SMALLEST) > 0 else 0.0
        high = float(np.exp(scipy.optimize.brentq(over, middle, 8.0, xtol=1e-5))) if over(8.0) > 0 else np.inf
        return low, high
