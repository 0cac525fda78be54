"""Small files as people have them, and a service that gives two answers."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parent / "cases"


@pytest.fixture
def case():
    """Path of a case file."""
    return lambda name: CASES / name


@pytest.fixture
def table_service():
    """Starts a service that gives one body to every GET and another to every POST; returns its address."""
    servers = []

    def start(described, answered):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.give(described)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.give(answered)

            def give(self, body):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
