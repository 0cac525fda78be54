"""Asking politely: what passes is asked again, what does not is said, and nothing is asked twice."""

import time
from dataclasses import replace
from email.utils import formatdate

import pytest

from hyteanalysis.errors import SourceError
from hyteanalysis.sources import http
from hyteanalysis.sources.http import Ask, Client, NotFoundError

QUICK = http.Service("quick", "", calls=1000, timeout=0.3, longest=0.6, attempts=3, wait=0.01)


def read(answer):
    value = answer.json()
    if not isinstance(value, dict):
        raise SourceError(f"got {answer.told()}")
    return value


def client(service, *, refresh=False, stale=False, **manners):
    return Client(replace(QUICK, base_url=service.url, **manners), refresh=refresh, stale=stale)


def ask(service, **options):
    with client(service, **options) as one:
        return one.ask(Ask("thing", [("year", 2020)]), read, "a thing")


@pytest.fixture
def thing(service):
    service.routes["/thing"] = lambda query, body: '{"name": "ä"}'
    return service


def test_an_answer_is_asked_for_once_and_again_only_where_asked(thing):
    assert ask(thing).value == ask(thing).value == {"name": "ä"}
    assert len(thing.log) == 1
    ask(thing, refresh=True)
    assert len(thing.log) == 2
    ask(thing, max_days=-1.0)
    assert len(thing.log) == 3


def test_an_unchanged_answer_is_not_sent_again(service):
    seen = []

    def answer(query, body):
        return 200, {"ETag": '"1"'}, '{"n": 1}'

    service.routes["/thing"] = answer
    first = ask(service)
    service.mishaps = [lambda handler: (seen.append(handler.headers["If-None-Match"]), handler.give(304, {}, ""))[1]]
    again = ask(service, refresh=True)
    assert seen == ['"1"']
    assert again.value == first.value
    assert again.answer.fetched > first.answer.fetched
    assert not again.answer.stale
    ask(service)
    assert len(service.log) == 2


@pytest.mark.parametrize("name", ["silent", "drip", "cut", "dead", "html", "half", "bytes", "500", "503", "429"])
def test_what_may_pass_is_asked_again(thing, mishap, name):
    one = {
        **{"silent": mishap["silent"](0.5), "drip": mishap["drip"], "cut": mishap["cut"], "dead": mishap["dead"]},
        **{"html": mishap["says"]("<html>", "text/html"), "half": mishap["says"]('{"name"')},
        "bytes": mishap["says"]('{"name": "ä"}'.encode("iso-8859-1")),
        **{code: mishap["status"](int(code)) for code in ("500", "503", "429")},
    }[name]
    thing.mishaps = [one]
    assert ask(thing).value == {"name": "ä"}
    assert len(thing.log) == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("silent", "no answer within 0.3 s"),
        ("drip", "not finished within 0.6 s"),
        ("cut", "broken connection"),
        ("html", "text/html, 10 bytes beginning '<html>Moi!'"),
        ("500", "HTTP 500"),
    ],
)
def test_what_does_not_pass_is_one_error_with_path_expected_and_got(thing, mishap, name, told):
    one = {
        **{"silent": mishap["silent"](0.5), "drip": mishap["drip"], "cut": mishap["cut"]},
        **{"html": mishap["says"]("<html>Moi!", "text/html"), "500": mishap["status"](500)},
    }[name]
    thing.mishaps = [one] * 9
    with pytest.raises(SourceError) as raised:
        ask(thing, attempts=2)
    assert "quick /thing?year=2020: expected a thing, got" in str(raised.value)
    assert told in str(raised.value)
    assert "after 2 attempts" in str(raised.value)
    assert len(thing.log) == 2
    thing.mishaps = []
    assert ask(thing).value == {"name": "ä"}


def test_retry_after_is_kept_and_a_long_one_is_said(thing, mishap):
    thing.mishaps = [mishap["status"](429, Retry_After="1")]
    started = time.monotonic()
    ask(thing)
    assert time.monotonic() - started >= 1
    thing.mishaps = [mishap["status"](503, Retry_After=formatdate(time.time() + 3600, usegmt=True))]
    with pytest.raises(SourceError, match=r"come back in 3[56]\d\d s"):
        ask(thing, refresh=True, attempts=1, longest_wait=60.0)


@pytest.mark.parametrize("code", [400, 403, 404, 410])
def test_a_refusal_is_final(service, mishap, code):
    service.mishaps = [mishap["status"](code)] * 5
    with pytest.raises(SourceError, match=f"HTTP {code}"):
        ask(service)
    assert len(service.log) == 1


def test_nothing_there_is_remembered_for_a_day(service):
    for _ in range(2):
        with pytest.raises(NotFoundError):
            ask(service)
    assert len(service.log) == 1
    service.routes["/thing"] = lambda query, body: "{}"
    assert ask(service, refresh=True).value == {}


def test_another_form_is_said_at_once_and_not_kept(service):
    service.routes["/thing"] = lambda query, body: "[1]"
    for _ in range(2):
        with pytest.raises(SourceError, match=r"/thing\?year=2020: expected a thing; got application/json, 3 bytes"):
            ask(service)
    assert len(service.log) == 2


def test_a_stale_answer_only_where_asked_and_with_its_age(thing, mishap):
    ask(thing)
    thing.mishaps = [mishap["dead"]] * 99
    with pytest.raises(SourceError, match=r"A copy of 0 days ago is kept: stale=True"):
        ask(thing, refresh=True)
    old = ask(thing, refresh=True, stale=True)
    assert old.answer.stale
    assert old.remark() == "From a copy 0 days old: the service did not answer."
    thing.mishaps = []
    assert ask(thing, refresh=True, stale=True).remark() == ""


def test_a_body_larger_than_allowed_is_refused_declared_or_not(service):
    def endless(handler):
        handler.close_connection = True
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b" " * 5000)

    service.routes["/thing"] = lambda query, body: " " * 5000
    with pytest.raises(SourceError, match="larger than the 1000 bytes"):
        ask(service, max_bytes=1000)
    service.mishaps = [endless]
    with pytest.raises(SourceError, match="larger than the 1000 bytes"):
        ask(service, max_bytes=1000)


def test_a_kept_body_that_was_damaged_is_asked_for_again(thing, tmp_path):
    ask(thing)
    (body,) = (tmp_path / "data").rglob("*.body")
    body.write_bytes(b"{")
    assert ask(thing).value == {"name": "ä"}
    assert len(thing.log) == 2
    assert not list((tmp_path / "data").rglob("*.part"))


def test_the_encoding_an_answer_declares_is_used(service, mishap):
    service.mishaps = [mishap["says"]('{"name": "ä"}'.encode("iso-8859-1"), "application/json; charset=ISO-8859-1")]
    assert ask(service).value == {"name": "ä"}


def test_requests_are_throttled_by_service(service):
    service.routes["/thing"] = lambda query, body: "{}"
    started = time.monotonic()
    with client(service, calls=2, per=0.3) as one:
        for year in range(5):
            one.ask(Ask("thing", [("year", year)]), read, "a thing")
    assert time.monotonic() - started >= 0.6


def test_an_address_that_is_none_is_refused():
    with pytest.raises(SourceError, match="must begin with http"):
        Client(replace(QUICK, base_url="sotkanet.fi"))
