"""How a page meets its visitor: the address asked for, and the browser that puts the page up."""

import asyncio
import json
import os
from contextlib import suppress

BROWSER = 8.0  # seconds that a browser may take to put the page up before its calculation goes on


def kept_ready() -> bool:
    """Whether this kernel runs before any visitor has asked for it."""
    return os.environ.get("VOILA_PREHEAT") == "True"


def query_string() -> str:
    """The query string of the visitor's address; a kernel kept ready waits here until the server names one."""
    if not kept_ready():
        return os.environ.get("QUERY_STRING", "")
    from websockets.sync.client import connect

    server = f"{os.environ.get('VOILA_APP_IP', '127.0.0.1')}:{os.environ['VOILA_APP_PORT']}"
    path = f"{os.environ['VOILA_SERVER_URL']}voila/query/{os.environ['VOILA_KERNEL_ID']}"
    with connect(f"ws://{server}{path}", proxy=None, open_timeout=120, ping_interval=None) as socket:
        given: dict[str, str] = json.loads(socket.recv())
    os.environ["VOILA_PREHEAT"] = "False"
    return given.get("QUERY_STRING", "")


async def at_most(event: asyncio.Event, seconds: float = BROWSER) -> None:
    """Wait for something, but not for ever."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def loop() -> asyncio.AbstractEventLoop | None:
    """The loop in which messages are answered; None outside a kernel."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
