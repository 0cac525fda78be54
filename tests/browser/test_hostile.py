"""A visitor who sends what no page sends: gets no code, source, file, foreign value, traceback or canary."""

import http.client
import json
import re
import socket
import urllib.error
import urllib.request
import uuid
from urllib.parse import urlsplit

import pytest
from served import EXAMPLE, ROOT, serving
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

pytestmark = pytest.mark.browser

CANARY = "010190-123A"
LEAKS = ("Traceback", 'File "', "site-packages", "MissaMennaan(", str(ROOT), CANARY)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A server whose surroundings hold an identity code: environment, working folder, folder beside the release."""
    import shutil

    folder = tmp_path_factory.mktemp("hostile")
    (folder / "people.csv").write_text(f"id\n{CANARY}\n")
    (folder / "data").mkdir()
    (folder / "data" / "microdata.csv").write_text(f"id\n{CANARY}\n")
    shutil.copytree(EXAMPLE, folder / "release")
    (folder / "notes.txt").write_text(CANARY)  # one inside the release would be refused with it
    import os

    os.environ["HYTE_CANARY"] = CANARY
    try:
        with serving(folder, folder / "release", preheat=1, max_sessions=3) as address:
            yield address
    finally:
        del os.environ["HYTE_CANARY"]


def get(address: str, path: str, **headers: str) -> tuple[int, str]:
    """Status and body of a path as it is, dots and all."""
    host = urlsplit(address)
    connection = http.client.HTTPConnection(host.hostname, host.port, timeout=60)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    if 300 <= answer.status < 400:
        onward = answer.headers["Location"]
        assert onward.startswith("/"), f"{path} leads to another host: {onward}"
        assert not onward.startswith("//"), f"{path} leads to another host: {onward}"
        assert onward != path
        return get(address, onward, **headers)
    return answer.status, body


class Visitor:
    """A page opened without a browser, and the raw socket of its kernel."""

    def __init__(self, address: str) -> None:
        path = "/voila/render/missa-mennaan.fi.ipynb?alue=HVA10"
        with urllib.request.urlopen(address + path, timeout=120) as answer:
            self.html = answer.read().decode("utf-8")
        config = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', self.html, re.S).group(1)
        self.kernel = json.loads(config)["kernelId"]
        self.session = uuid.uuid4().hex
        where = address.replace("http", "ws") + f"/api/kernels/{self.kernel}/channels?session_id={self.session}"
        self.socket = connect(where, origin=address, max_size=None, proxy=None, legacy=True)

    def send(self, kind: str, content: dict, channel: str = "shell", metadata: dict | None = None) -> None:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "username": "",
            "session": self.session,
            "version": "5.3",
        }
        header["date"] = "2026-01-01T00:00:00Z"
        message = {"header": header, "parent_header": {}, "content": content, "channel": channel}
        message["metadata"] = metadata or {}
        self.socket.send(json.dumps({**message, "buffers": []}))

    def heard(self, seconds: float = 1.5) -> list[dict]:
        """Everything received until it is quiet for so long."""
        found = []
        while True:
            try:
                raw = self.socket.recv(timeout=seconds)
            except TimeoutError:
                return found
            if isinstance(raw, bytes):
                count = int.from_bytes(raw[:4], "big")
                raw = raw[4 * (count + 1) :].decode("utf-8", "replace")
            found.append(json.JSONDecoder().raw_decode(raw)[0] if raw.startswith("{") else {"raw": raw})

    def states(self) -> dict[str, dict]:
        """What every widget of the page holds."""
        comm = uuid.uuid4().hex
        asked = {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}}
        self.send("comm_open", asked, metadata={"version": "1.0.0"})
        self.send("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}})
        for _ in range(20):  # the kernel may still be drawing
            for message in self.heard(1):
                data = message.get("content", {}).get("data", {})
                if isinstance(data, dict) and data.get("method") == "update_states":
                    return data["states"]
        raise AssertionError("the kernel never told its states")

    def update(self, comm: str, state: object) -> None:
        self.send("comm_msg", {"comm_id": comm, "data": {"method": "update", "state": state, "buffer_paths": []}})


@pytest.fixture(scope="module")
def visitor(planted):
    visitor = Visitor(planted)
    yield visitor
    visitor.socket.close()


def clean(messages: object) -> None:
    said = json.dumps(messages, ensure_ascii=False)
    assert [leak for leak in LEAKS if leak in said] == []


@pytest.mark.parametrize(
    "path",
    [
        "/people.csv",
        "/voila/files/people.csv",
        "/voila/files/voila.json",
        "/voila/files/missa-mennaan.fi.ipynb",
        "/voila/render/../../people.csv",
        "/voila/render/..%2F..%2Fpeople.csv",
        "/voila/render/voila.json",
        "/voila/render/templates/hyte/index.html.j2",
        "/voila/render/missa-mennaan.fi",
        "/voila/static/../../../../../etc/passwd",
        "/voila/static/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/voila/templates/hyte/static/../index.html.j2",
        "/voila/labextensions/../../../etc/passwd",
        "/voila/tree",
        "/voila/tree/templates",
        "/voila/api/contents",
        "/voila/api/contents/missa-mennaan.fi.ipynb",
        "/hyte/../frame.html.j2",
        "/hyte/..%2f..%2fvoila.json",
        "/api/contents",
        "/api/kernels",
        "/api/sessions",
        "/api/kernelspecs",
        "/api/terminals",
        "/login?next=http://evil.example/",
        "/files/etc/passwd",
        "//evil.example/",
    ],
)
def test_nothing_but_the_pages_is_served(planted, path):
    status, body = get(planted, path)
    assert status in (400, 403, 404, 405, 500)
    clean(body)
    assert "root:" not in body
    assert "cells" not in body


def test_headers_close_the_page_to_others(planted):
    with urllib.request.urlopen(planted + "/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy


def test_another_name_of_the_host_is_refused(planted):
    assert get(planted, "/", Host="evil.example")[0] == 403


def test_another_site_cannot_reach_a_kernel(planted, visitor):
    where = planted.replace("http", "ws") + f"/api/kernels/{visitor.kernel}/channels"
    with pytest.raises(InvalidStatus):
        connect(where, origin="http://evil.example", proxy=None)


def test_the_page_itself_holds_no_source(visitor):
    clean(visitor.html)
    assert "import" not in re.sub(r"<script.*?</script>", "", visitor.html, flags=re.S).replace("important", "")


@pytest.mark.parametrize(
    ("kind", "content", "channel"),
    [
        ("execute_request", {"code": "print(open('people.csv').read())", "silent": False}, "shell"),
        ("execute_request", {"code": "import os; os.environ", "user_expressions": {"a": "1"}}, "control"),
        ("inspect_request", {"code": "MissaMennaan", "cursor_pos": 3, "detail_level": 1}, "shell"),
        ("complete_request", {"code": "open('/", "cursor_pos": 7}, "shell"),
        ("history_request", {"hist_access_type": "tail", "n": 100, "output": True, "raw": True}, "shell"),
        ("debug_request", {"type": "request", "command": "debugInfo", "seq": 1}, "control"),
        ("input_reply", {"value": "x"}, "stdin"),
        ("create_subshell_request", {}, "control"),
    ],
)
def test_no_code_runs_and_none_is_shown(visitor, kind, content, channel):
    visitor.heard(0.2)
    visitor.send(kind, content, channel)
    heard = visitor.heard(0.7)
    clean(heard)
    assert kind.replace("_request", "_reply") not in [one.get("header", {}).get("msg_type") for one in heard]


def test_forged_values_change_nothing_and_tell_nothing(visitor):
    before = visitor.states()
    assert len(before) > 30
    assert "alue=HVA10" in json.dumps(before)  # the page was kept ready and took the visitor's address
    clean(before)
    heard = []
    lists = [comm for comm, one in before.items() if one["model_name"] == "DropdownModel"]
    for comm in lists:
        for forged in (99_999, -5, "../../etc/passwd", {"a": 1}, [1], 1e400):
            visitor.update(comm, {"index": forged})
        visitor.update(comm, {"_options_labels": ["/etc/passwd"], "index": 0, "value": "KU000"})
    for comm, one in before.items():
        visitor.update(comm, {"value": CANARY[:3] + "<script>alert(1)</script>", "layout": "IPY_MODEL_nothing"})
        visitor.update(comm, {"children": ["IPY_MODEL_nothing"], "_view_module": "evil"})
        if one["model_name"] == "ButtonModel":
            visitor.send("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": {"event": "click"}}})
            visitor.send("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": "x"}})
        visitor.send("comm_msg", {"comm_id": comm, "data": {"method": "nonsense", "state": None}})
        visitor.send("comm_msg", {"comm_id": comm, "data": "x"})
    heard += visitor.heard(2.5)
    clean(heard)
    assert not [one for one in heard if one.get("header", {}).get("msg_type") in ("error", "stream")]


def test_a_visitor_makes_no_widgets(visitor):
    before = len(visitor.states())
    state = {"_model_name": "FileUploadModel", "_model_module": "@jupyter-widgets/controls"}
    for name in ("jupyter.widget", "jupyter.widget.version", "hyte", "pydev"):
        content = {"comm_id": uuid.uuid4().hex, "target_name": name, "data": {"state": state, "buffer_paths": []}}
        visitor.send("comm_open", content)
    clean(visitor.heard(0.7))
    assert len(visitor.states()) == before


def test_too_many_pages_are_refused_in_plain_words(planted, visitor):
    others = []
    try:
        for _ in range(2):
            others.append(Visitor(planted))
        status, body = get(planted, "/voila/render/missa-mennaan.sv.ipynb")
        assert status == 503
        assert "Tjänsten är full just nu" in body
    finally:
        for other in others:
            other.socket.close()


def test_a_broken_message_closes_no_server(planted, visitor):
    with socket.create_connection((urlsplit(planted).hostname, urlsplit(planted).port)) as raw:
        raw.sendall(b"GET / HTTP/9.9\r\n\x00\r\n\r\n")
    try:
        visitor.socket.send("not json")
        visitor.socket.send(b"\x00" * 40)
        visitor.heard(0.3)
    except ConnectionClosed:
        pass
    assert get(planted, "/")[0] == 200


@pytest.mark.slow
def test_a_page_left_alone_is_closed(tmp_path):
    with serving(tmp_path, EXAMPLE, preheat=0, idle_minutes=0.05, max_sessions=1) as address:
        Visitor(address)
        assert get(address, "/voila/render/missa-mennaan.fi.ipynb")[0] == 503
        import time

        deadline = time.monotonic() + 30
        while get(address, "/voila/render/missa-mennaan.fi.ipynb")[0] == 503:
            assert time.monotonic() < deadline
            time.sleep(1)
