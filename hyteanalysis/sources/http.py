"""Asking official services: time limits, bounded retries, throttle, kept answers, one error that says what came.

Every request is kept once it was read without fault. So a fetch that was interrupted anywhere and is repeated asks only
for what is not there yet, and ends with the same file. The store is our own, since a general HTTP cache (hishel) keeps
what a service's headers allow before anybody has read it; here an answer is kept because it could be read, POST too, as
a file that DuckDB scans where it lies, and an old one is taken only where asked.
"""

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlencode, urlsplit

from hyteanalysis import places
from hyteanalysis.errors import SourceError
from hyteanalysis.progress import bar

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

DAY = 86_400.0
ABSENT = "absent"  # media of a kept "not found"
_LEFT_OVER = 3_600.0  # an unfinished file this many seconds old belongs to nobody
T = TypeVar("T")

AGENT = "hyteanalysis/0.1 (wellbeing statistics; python-httpx)"
AGAIN = (429, 500, 502, 503, 504)  # answers worth asking again for
_REMEMBERED = 10_000  # calls to a service whose time is known
_SLACK = 1.02  # a call may take longer on its way than the one before it
_SHOWN = 200  # characters of a URL's query shown in an error


@dataclass(frozen=True)
class Body:
    """The body of an answer as a file, with what is needed to read it and to ask again whether it changed."""

    file: Path
    media: str
    fetched: float
    etag: str = ""
    modified: str = ""
    stale: bool = False

    @property
    def days(self) -> float:
        """Age in days."""
        return max(0.0, (time.time() - self.fetched) / DAY)

    def text(self) -> str:
        """The body as text in the encoding it declares, else UTF-8; ValueError where it is not."""
        parts = [part.strip() for part in self.media.split(";")[1:]]
        declared = [part.split("=", 1)[1].strip("\"' ") for part in parts if part.lower().startswith("charset=")]
        encoding = (declared or ["utf-8"])[0]
        try:
            return self.file.read_bytes().decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
        except LookupError:
            raise ValueError(f"an encoding nobody knows ({encoding})") from None

    def json(self) -> Any:
        """The body as JSON; ValueError where it is not."""
        return json.loads(self.text())

    def items(self, *needed: str) -> list[dict[str, Any]]:
        """The body as a JSON list of objects that each have the ``needed`` fields; SourceError where they have not."""
        listed = self.json()
        if not isinstance(listed, list) or not all(isinstance(one, dict) and set(needed) <= set(one) for one in listed):
            raise SourceError(f"got {self.told()}: no list of items with {', '.join(needed)}. Has the service changed?")
        return listed

    def told(self) -> str:
        """What came, for an error message."""
        with self.file.open("rb") as body:
            start = body.read(70).decode("utf-8", "replace")
        return f"{self.media or 'no type'}, {self.file.stat().st_size} bytes beginning {start!r}"


@dataclass(frozen=True)
class Shelf:
    """A folder of answers: a small JSON file a request names the file of its body, and is written last."""

    folder: Path

    def find(self, key: str) -> Body | None:
        """The kept answer to a request, None where there is none or its body is not as it was written."""
        try:
            card = json.loads(self._card(key).read_text(encoding="utf-8"))
            file = self.folder / card.pop("name")
            if file.stat().st_size != card.pop("size"):
                return None
            return Body(file=file, **card)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def unfinished(self, key: str) -> Path:
        """Where the body of an answer may be written while it comes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob("*.part"):
            if time.time() - left.stat().st_mtime > _LEFT_OVER:
                left.unlink(missing_ok=True)
        return self.folder / f"{key}.{os.getpid()}.part"

    def keep(self, key: str, answer: Body) -> Body:
        """Put an answer on the shelf; the one it replaces is there until the new one is."""
        before = self.find(key)
        digest = hashlib.sha256()
        with answer.file.open("rb") as body:
            while block := body.read(1 << 20):
                digest.update(block)
        file = self.folder / f"{key}.{digest.hexdigest()[:16]}.body"
        answer.file.replace(file)
        card = {name: value for name, value in asdict(answer).items() if name not in ("file", "stale")}
        card |= {"name": file.name, "size": file.stat().st_size}
        writing = self.folder / f"{key}.{os.getpid()}.card.part"
        writing.write_text(json.dumps(card), encoding="utf-8")
        writing.replace(self._card(key))
        if before is not None and before.file != file:
            before.file.unlink(missing_ok=True)
        return Body(file=file, media=answer.media, fetched=answer.fetched, etag=answer.etag, modified=answer.modified)

    def _card(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _key_of(method: str, url: str, params: list[tuple[str, str]], body: Mapping[str, Any] | None) -> str:
    """One name for one request, whatever the order of its parameters' names."""
    told = json.dumps([method, url, sorted(params), body], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Service:
    """A data service and how it wants to be asked: at most ``calls`` requests in ``per`` seconds."""

    name: str
    base_url: str
    calls: int = 5
    per: float = 1.0
    timeout: float = 20.0  # seconds without a byte
    longest: float = 600.0  # seconds for one whole answer
    attempts: int = 4
    wait: float = 1.0  # seconds before the second attempt, doubled for each further one
    longest_wait: float = 90.0  # a longer Retry-After is reported, not waited for
    max_bytes: int = 1 << 30
    max_days: float = 30.0  # a kept answer younger than this is not asked for again

    def at(self, base_url: str | None, timeout: float | None = None) -> "Service":
        """The same service at another address, or with another patience."""
        moved = replace(self, base_url=base_url) if base_url else self
        return replace(moved, timeout=timeout, longest=max(timeout * 10, timeout)) if timeout else moved


class NotFoundError(SourceError):
    """The service says there is nothing at this path."""


class FailedError(SourceError):
    """The service answers, and fails at this path however often it is asked (HTTP 500)."""


class _TransientError(Exception):
    """A failure that may pass by itself."""

    def __init__(self, why: str, after: float | None = None, *, kind: type[SourceError] = SourceError) -> None:
        super().__init__(why)
        self.after, self.kind = after, kind


@dataclass(frozen=True)
class Reply(Generic[T]):
    """What was read from an answer; ``stale`` where the service did not answer and a kept copy was asked for."""

    value: T
    answer: Body

    def remark(self) -> str:
        """What must be said of a stale answer; empty for any other."""
        return f"From a copy {self.answer.days:.0f} days old: the service did not answer." if self.answer.stale else ""


@dataclass(frozen=True)
class Ask:
    """One request below a service's base address; with a ``body`` it is a POST of JSON."""

    path: str
    params: Sequence[tuple[str, Any]] = ()
    body: Mapping[str, Any] | None = None


_times: dict[str, deque[float]] = {}  # when each service was asked: the throttle holds across clients


class Client:
    """Asks one service, and keeps its answers under ``cache`` of the fetched files.

    Parameters
    ----------
    service : Service
        Address and manners.
    refresh : bool or float
        Ask again for everything, or for what was asked before a time (seconds since 1970); an answer that has not
        changed (ETag, Last-Modified) is not sent again.
    stale : bool
        Where the service fails, take a kept answer of any age; the reply says so.
    """

    def __init__(self, service: Service, *, refresh: bool | float = False, stale: bool = False) -> None:
        if urlsplit(service.base_url).scheme not in ("http", "https"):
            raise SourceError(
                f"{service.name}: the base URL must begin with http:// or https://; not {service.base_url!r}."
            )
        self.service, self.refresh, self.stale = service, refresh, stale
        self.shelf = Shelf(places.fetched("cache", service.name))
        self._open = ExitStack()
        self._http: httpx.Client | None = None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ask(self, ask: Ask, read: Callable[[Body], T], expected: str) -> Reply[T]:
        """Answer to one request, read by ``read``; from the shelf where it is young enough.

        ``read`` raises ValueError for a body that is broken (asked for again), SourceError for one of another form.
        Raises SourceError with the URL's path, what was ``expected`` and what came; NotFoundError for 404.
        """
        url = self.service.base_url.rstrip("/") + "/" + ask.path.lstrip("/")
        params = [(name, str(value)) for name, value in ask.params]
        key = _key_of("GET" if ask.body is None else "POST", url, params, ask.body)
        found = self.shelf.find(key)
        where = self._where(url, params)
        if found is not None and found.media == ABSENT and not self._outdated(found) and found.days <= 1:
            raise NotFoundError(f"{where}: expected {expected}, got HTTP 404 less than a day ago.")
        kept = self._readable(found, read)
        if kept is not None and not self._outdated(kept.answer) and kept.answer.days <= self.service.max_days:
            return kept
        try:
            return self._fetch(key, url, params, ask.body, kept, read, where, expected)
        except NotFoundError:
            nothing = self.shelf.unfinished(key)
            nothing.touch()
            self.shelf.keep(key, Body(file=nothing, media=ABSENT, fetched=time.time()))
            raise
        except SourceError as error:
            if kept is None:
                raise
            if self.stale:
                return Reply(kept.value, replace(kept.answer, stale=True))
            raise type(error)(
                f"{error} A copy of {kept.answer.days:.0f} days ago is kept: stale=True (--stale) uses it and says so."
            ) from error

    def ask_all(self, asks: Sequence[Ask], read: Callable[[Body], T], expected: str, what: str) -> Iterable[Reply[T]]:
        """Replies to many requests in their order, with a bar where somebody waits."""
        for ask in bar(asks, what=what, unit="request", shown=None if len(asks) > 1 else False):
            yield self.ask(ask, read, expected)

    def _outdated(self, answer: Body) -> bool:
        """Whether what is kept is to be asked for again, however young it is."""
        return self.refresh if isinstance(self.refresh, bool) else answer.fetched < self.refresh

    def _readable(self, answer: Body | None, read: Callable[[Body], T]) -> Reply[T] | None:
        """A kept answer as a reply; one that cannot be read any more is as good as none."""
        if answer is None or answer.media == ABSENT:
            return None
        try:
            return Reply(read(answer), answer)
        except (ValueError, SourceError, OSError):
            return None

    def _fetch(
        self, key: str, url: str, params: list[tuple[str, str]], body: Mapping[str, Any] | None,
        kept: Reply[T] | None, read: Callable[[Body], T], where: str, expected: str,
    ) -> Reply[T]:  # fmt: skip
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

        patiently = Retrying(
            stop=stop_after_attempt(self.service.attempts), wait=self._wait,
            retry=retry_if_exception_type(_TransientError), reraise=True,
        )  # fmt: skip
        try:
            return patiently(self._once, key, url, params, body, kept, read, where, expected)
        except _TransientError as error:
            times = f"{self.service.attempts} attempts" if self.service.attempts > 1 else "one attempt"
            raise error.kind(f"{where}: expected {expected}, got {error} (after {times}).") from error

    def _once(
        self, key: str, url: str, params: list[tuple[str, str]], body: Mapping[str, Any] | None,
        kept: Reply[T] | None, read: Callable[[Body], T], where: str, expected: str,
    ) -> Reply[T]:  # fmt: skip
        import httpx

        headers = {}
        if kept is not None and kept.answer.etag:
            headers["If-None-Match"] = kept.answer.etag
        if kept is not None and kept.answer.modified:
            headers["If-Modified-Since"] = kept.answer.modified
        self._throttle()
        writing = self.shelf.unfinished(key)
        method = "GET" if body is None else "POST"
        try:
            with self._connected().stream(method, url, params=tuple(params), json=body, headers=headers) as response:
                if response.status_code == 304 and kept is not None:
                    return self._again(key, kept)
                self._refuse(response, where, expected)
                self._write(response, writing, where)
                got = Body(
                    file=writing, media=response.headers.get("content-type", ""), fetched=time.time(),
                    etag=response.headers.get("etag", ""), modified=response.headers.get("last-modified", ""),
                )  # fmt: skip
            try:
                value = read(got)
            except ValueError as error:
                raise _TransientError(f"{got.told()} ({error})") from error
            except SourceError as error:
                raise SourceError(f"{where}: expected {expected}; {error}") from error
            return Reply(value, self.shelf.keep(key, got))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
            raise SourceError(f"{where}: cannot be asked ({error}).") from error
        except httpx.TimeoutException as error:
            raise _TransientError(f"no answer within {self.service.timeout:g} s") from error
        except httpx.HTTPError as error:
            raise _TransientError(f"a broken connection ({error or type(error).__name__})") from error
        finally:
            writing.unlink(missing_ok=True)

    def _again(self, key: str, kept: Reply[T]) -> Reply[T]:
        """A kept answer that the service says is still the same."""
        copy = self.shelf.unfinished(key)
        copy.write_bytes(kept.answer.file.read_bytes())
        return Reply(kept.value, self.shelf.keep(key, replace(kept.answer, file=copy, fetched=time.time())))

    def _refuse(self, response: "httpx.Response", where: str, expected: str) -> None:
        status = response.status_code
        if status == 200:
            return
        told = f"HTTP {status} {response.reason_phrase}".strip()
        if status in AGAIN:
            after = _seconds(response.headers.get("retry-after"))
            if after is not None and after > self.service.longest_wait:
                raise SourceError(
                    f"{where}: got {told}; the service asks to come back in {after:.0f} s. Repeat it then."
                )
            raise _TransientError(told, after, kind=FailedError if status == 500 else SourceError)
        if status in (404, 410) or (status == 400 and response.request.method == "GET"):  # PxWeb: 400 for no such table
            raise NotFoundError(f"{where}: expected {expected}, got {told}.")
        response.read()
        raise SourceError(f"{where}: expected {expected}, got {told}: {response.text[:_SHOWN].strip()!r}")

    def _write(self, response: "httpx.Response", writing: Any, where: str) -> None:
        """The body into a file, within the limits of size and time."""
        most, started, size = self.service.max_bytes, time.monotonic(), 0
        declared = response.headers.get("content-length", "")
        too_much = f"{where}: the answer is larger than the {most} bytes allowed. Ask for fewer years or areas."
        if declared.isdigit() and int(declared) > most:
            raise SourceError(too_much)
        with writing.open("wb") as file:
            for block in response.iter_bytes():
                size += len(block)
                if size > most:
                    raise SourceError(too_much)
                if time.monotonic() - started > self.service.longest:
                    raise _TransientError(f"an answer not finished within {self.service.longest:g} s")
                file.write(block)

    def _connected(self) -> "httpx.Client":
        if self._http is None:
            import httpx

            self._http = self._open.enter_context(
                httpx.Client(timeout=self.service.timeout, headers={"User-Agent": AGENT}, follow_redirects=True)
            )
        return self._http

    def _throttle(self) -> None:
        """Wait until another call is within the limit, which a service may tell only in the middle (PxWeb's config)."""
        asked = _times.setdefault(f"{self.service.name} {self.service.base_url}", deque(maxlen=_REMEMBERED))
        if len(asked) >= self.service.calls:
            time.sleep(max(0.0, asked[-self.service.calls] + self.service.per * _SLACK - time.monotonic()))
        asked.append(time.monotonic())

    def _wait(self, state: "RetryCallState") -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _TransientError) and error.after is not None:
            return error.after
        return min(self.service.longest_wait, self.service.wait * 2.0 ** (state.attempt_number - 1))

    def _where(self, url: str, params: list[tuple[str, str]]) -> str:
        query = urlencode(params)
        shown = query if len(query) <= _SHOWN else query[:_SHOWN] + "…"
        return f"{self.service.name} {urlsplit(url).path}" + (f"?{shown}" if shown else "")


def _seconds(header: str | None) -> float | None:
    """Retry-After, which is a number of seconds or a date."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
