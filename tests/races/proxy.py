"""A connection to a server that can be cut at a chosen moment."""

from __future__ import annotations

import contextlib
import socket
import threading
from enum import StrEnum
from types import TracebackType

__all__ = ["Cut", "Proxy"]


class Cut(StrEnum):
    """When to cut."""

    NEVER = "never"
    BEFORE_COMMIT = "before the server hears of the commit"
    AFTER_COMMIT = "before the client hears of the commit"
    BEFORE_ROWS = "before the server hears of the rows"


class Proxy:
    """Passes bytes between clients and a server on this machine.

    Parameters
    ----------
    port : int
        Of the server.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self.cut = Cut.NEVER
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._sockets: list[socket.socket] = []
        self._threads[0].start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing alone would leave `accept` waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._end(*self._sockets)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            self._sockets += [client, server]
            quiet = threading.Event()
            for one, other, asks in ((client, server, True), (server, client, False)):
                thread = threading.Thread(target=self._pass, args=(one, other, asks, quiet))
                self._threads.append(thread)
                thread.start()

    def _pass(
        self, one: socket.socket, other: socket.socket, asks: bool, quiet: threading.Event
    ) -> None:
        """Pass bytes one way until an end closes, or the moment to cut has come."""
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if quiet.is_set() and not asks:
                    break  # the answer to the commit, which nobody is to hear
                if asks and self.cut is Cut.BEFORE_ROWS and b"INSERT INTO assignments" in data:
                    break
                if asks and b"COMMIT" in data:
                    if self.cut is Cut.BEFORE_COMMIT:
                        break
                    if self.cut is Cut.AFTER_COMMIT:
                        quiet.set()
                other.sendall(data)
        self._end(one, other)

    def _end(self, *sockets: socket.socket) -> None:
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
