"""What is asked of Sotkanet, and at which paths: regions, indicators, values in parts, a single indicator's details."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import pandas as pd

from hyteanalysis.errors import SourceError
from hyteanalysis.sources.answers import Answer
from hyteanalysis.sources.http import Ask, Client, NotFoundError, Reply, Service
from hyteanalysis.sources.sotkanet_indicators import read_indicators, titled
from hyteanalysis.sources.sotkanet_regions import read_regions
from hyteanalysis.sources.sotkanet_values import SEXES, read_values

SERVICE = Service("sotkanet", "https://sotkanet.fi/rest/1.1/")
_PATH = "/rest/1.1/"
_YEARS = 40  # in one request: an answer of all regions stays near 5 MB


def connected(base_url: str | None, refresh: bool, stale: bool, timeout: float | None) -> Client:
    """A client of the service, or of another at its address."""
    return Client(SERVICE.at(base_url, timeout), refresh=refresh, stale=stale)


def regions(client: Client) -> Reply[pd.DataFrame]:
    """The regions; an address without a path may stand for the service's usual one, where they then are."""
    try:
        return client.ask(Ask("regions"), read_regions, "a list of regions")
    except NotFoundError:
        if urlsplit(client.service.base_url).path.strip("/"):
            raise
        client.service = client.service.at(client.service.base_url.rstrip("/") + _PATH)
        return client.ask(Ask("regions"), read_regions, "a list of regions")


def listing(client: Client, wanted: Sequence[str] = ()) -> Reply[pd.DataFrame]:
    """The list of indicators; where a service has only single ones, those ``wanted``."""
    try:
        return client.ask(Ask("indicators"), read_indicators, "a list of indicators")
    except NotFoundError:
        if not wanted:
            raise
        single = [client.ask(_single(one), Answer.json, "an indicator") for one in wanted]
        return Reply(titled([reply.value for reply in single]), single[0].answer)


def values(client: Client, indicators: Sequence[int], years: Sequence[int]) -> Iterable[Reply[pd.DataFrame]]:
    """Answers of values, one indicator and at most 40 years each: JSON or, where there is no such path, CSV."""
    parts = [years[start : start + _YEARS] for start in range(0, len(years), _YEARS)]
    wanted = [(one, part) for one in indicators for part in parts]
    try:
        yield from _values(client, "json", wanted)
    except NotFoundError:
        yield from _values(client, "csv", wanted)


def _values(client: Client, path: str, wanted: Sequence[tuple[int, Sequence[int]]]) -> Iterable[Reply[pd.DataFrame]]:
    """All three genders, always: for some indicators the service answers nothing to `total` alone."""
    asks = [
        Ask(path, [("indicator", one), *(("years", year) for year in part), *(("genders", sex) for sex in SEXES)])
        for one, part in wanted
    ]
    replies = client.ask_all(asks, read_values, "rows of values", "sotkanet")
    for (one, _), reply in zip(wanted, replies, strict=True):
        yield _own(path, one, reply)


def _own(path: str, wanted: int, reply: Reply[pd.DataFrame]) -> Reply[pd.DataFrame]:
    """The rows asked for; an answer that holds rows of other indicators only is another answer."""
    own = reply.value["indicator"] == wanted
    if len(own) and not own.any():
        raise SourceError(
            f"sotkanet {path}: expected rows of indicator {wanted}, got rows of {reply.value['indicator'].iloc[0]}."
        )
    return reply if own.all() else Reply(reply.value[own], reply.answer)


def detail(client: Client, family: int) -> dict[str, object]:
    """What only the single indicator tells: update date, value type, description. Empty where there is none."""
    try:
        found = client.ask(_single(family), Answer.json, "an indicator").value
    except NotFoundError:
        return {}
    return found if isinstance(found, dict) else {}


def _single(indicator: int | str) -> Ask:
    return Ask(f"indicators/{indicator}")
