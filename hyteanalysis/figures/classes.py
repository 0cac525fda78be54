"""Classes of a map: the limits that leave the least deviation within."""

import numpy as np

SAMPLE = 300  # numbers that the classes are computed from


def natural_breaks(numbers: np.ndarray, classes: int) -> np.ndarray:
    """Upper limits of the classes with the least squared deviation within (Fisher 1958, Jenks 1977).

    Exact for up to 300 numbers; of more, 300 quantiles stand for all.

    >>> natural_breaks(np.array([1.0, 2.0, 10.0, 11.0, 30.0]), 3).tolist()
    [2.0, 11.0, 30.0]
    """
    values = np.sort(numbers)
    if len(np.unique(values)) <= classes:
        return np.unique(values)
    if len(values) > SAMPLE:
        values = np.quantile(values, np.linspace(0, 1, SAMPLE), method="inverted_cdf")
    count = len(values)
    total, square = np.insert(np.cumsum(values), 0, 0.0), np.insert(np.cumsum(values**2), 0, 0.0)
    first, last = np.arange(count)[:, None], np.arange(count)[None, :]
    size = np.maximum(last - first + 1, 1)
    within = square[last + 1] - square[first] - (total[last + 1] - total[first]) ** 2 / size
    within = np.where(last >= first, np.maximum(within, 0), np.inf)  # deviation in first … last
    best, starts = within[0], []
    for _ in range(classes - 1):
        split = best[:-1, None] + within[1:]  # the new class starts after each earlier end
        starts.append(split.argmin(axis=0))
        best = split.min(axis=0)
    ends = [count - 1]
    for start in reversed(starts):
        ends.append(int(start[ends[-1]]))
    return np.unique(values[ends])
