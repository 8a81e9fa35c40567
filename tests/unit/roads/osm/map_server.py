"""A server on loopback that plays Nominatim and Overpass, faults and all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[-118.06, 34.01], [-117.96, 34.01], [-117.96, 34.04], [-118.06, 34.01]]],
}


def elements() -> list[dict[str, Any]]:
    """Return a small map: a street with a side street, and a forbidden turn."""
    places = {1: (-118.05, 34.02), 2: (-118.04, 34.02), 3: (-118.03, 34.02), 4: (-118.04, 34.03),
              5: (-117.97, 34.02)}  # fmt: skip
    ways = {10: [1, 2], 11: [2, 3, 5], 12: [2, 4], 13: [4, 1]}
    members = [("way", 10, "from"), ("node", 2, "via"), ("way", 12, "to")]
    return [
        *(
            {"type": "way", "id": ref, "nodes": nodes, "tags": {"highway": "residential"}}
            for ref, nodes in ways.items()
        ),
        *(
            {"type": "node", "id": ref, "lon": lon, "lat": lat}
            for ref, (lon, lat) in places.items()
        ),
        {
            "type": "relation",
            "id": 20,
            "members": [{"type": kind, "ref": ref, "role": role} for kind, ref, role in members],
            "tags": {"type": "restriction", "restriction": "no_left_turn"},
        },
    ]


@dataclass
class MapServer:
    """What the server does, and what it was asked.

    Parameters
    ----------
    faults : list of str
        Answered first, one a question: an HTTP status, ``slow``, ``cut``, ``remark``, ``html``.
    asked : list of str
        Paths and bodies, in order.
    """

    url: str = ""
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    retry_after: str = ""
    outline: dict[str, Any] | None = field(default_factory=lambda: dict(OUTLINE))
    elements: list[Any] = field(default_factory=elements)


@contextmanager
def map_server() -> Iterator[MapServer]:
    """Run the server for the duration of a block."""
    state = MapServer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def do_GET(self) -> None:
            self._answer(urlsplit(self.path).path, parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(self.path, parse_qs(body))

        def _answer(self, path: str, fields: dict[str, list[str]]) -> None:
            state.asked.append(f"{path} {fields.get('data', fields.get('q', ['']))[0]}")
            state.agents.add(self.headers.get("User-Agent", ""))
            content: Any = {"elements": state.elements}
            if path.endswith("/search"):
                content = [{"geojson": state.outline}] if state.outline else []
            fault = state.faults.pop(0) if state.faults else ""
            whole = json.dumps({"remark": "runtime error"} if fault == "remark" else content)
            sent = {"cut": whole[:40], "html": "<html>busy</html>"}.get(fault, whole).encode()
            if fault == "slow":
                time.sleep(0.6)
            self.send_response(int(fault) if fault.isdigit() else 200)
            if state.retry_after:
                self.send_header("Retry-After", state.retry_after)
            # A cut answer promises more than it holds, as a broken connection does.
            self.send_header("Content-Length", str(len(whole) if fault == "cut" else len(sent)))
            self.end_headers()
            try:
                self.wfile.write(sent)
            except OSError:
                return  # the client has given up, as a slow answer is meant to make it

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
