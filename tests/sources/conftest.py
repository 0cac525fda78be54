"""A local service: gives recorded answers, keeps a log of what it was asked, and misbehaves where a test says so."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

RECORDED = Path(__file__).resolve().parents[1] / "recorded"


class Service:
    """``routes``: path -> function of the query (a dict of lists) and body, giving a body or (status, headers, body).

    ``mishaps``: taken one a request, before its route: None, or a function of the handler that answers instead.
    """

    def __init__(self):
        self.routes, self.mishaps, self.log = {}, [], []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer(None)

            def do_POST(self):
                self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def answer(self, body):
                service.log.append(self.path)
                mishap = service.mishaps.pop(0) if service.mishaps else None
                if mishap:
                    return mishap(self)
                url = urlsplit(self.path)
                route = service.routes.get(url.path)
                made = route(parse_qs(url.query), body) if route else (404, {}, "<html>Not Found</html>")
                self.give(*(made if isinstance(made, tuple) else (200, {}, made)))

            def give(self, status, headers, body):
                data = body.encode() if isinstance(body, str) else body
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": len(data), **headers}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def status(code, **headers):
    """A mishap: another status."""
    return lambda handler: handler.give(code, {k.replace("_", "-"): v for k, v in headers.items()}, "busy")


def says(body, media="application/json"):
    """A mishap: status 200 with something else."""
    return lambda handler: handler.give(200, {"Content-Type": media}, body)


def silent(seconds):
    """A mishap: no answer for a while."""

    def wait(handler):
        handler.close_connection = True
        time.sleep(seconds)

    return wait


def drip(handler):
    """A mishap: a byte now and then, for ever."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.02)


def cut(handler):
    """A mishap: a body that ends before its length, and the connection with it."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'[{"indicator":4404,"region":658,')


def dead(handler):
    """A mishap: the connection is closed without a word."""
    handler.close_connection = True


@pytest.fixture
def service(tmp_path, monkeypatch):
    """A running service without routes; fetched files go to the test's own folder."""
    monkeypatch.setenv("HYTE_DATA", str(tmp_path / "data"))
    running = Service()
    yield running
    running.close()


@pytest.fixture
def mishap():
    """The mishaps by name."""
    return {"status": status, "says": says, "silent": silent, "drip": drip, "cut": cut, "dead": dead}


@pytest.fixture
def recorded():
    """Text of a recorded answer."""
    return lambda name: (RECORDED / name).read_text(encoding="utf-8")
