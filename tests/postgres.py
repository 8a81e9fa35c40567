"""A PostgreSQL server of the tests' own: started on a free loopback port, stopped at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

__all__ = ["Server", "binaries"]

_USERS = ("postgres", "nobody")
"""Who may run a server when the tests run as root, which PostgreSQL refuses."""


def binaries() -> Path | None:
    """Find the folder of `initdb` and `postgres`; None where no server is installed."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += sorted(Path("/opt/homebrew/opt").glob("postgresql*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _as_somebody() -> dict[str, Any]:
    """Return what makes `subprocess` run as a user other than root."""
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415  # POSIX only

    for name in _USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError(f"tests run as root, and none of {_USERS} exists to run PostgreSQL")


class Server:
    """One server with an empty database, in a folder of its own.

    Parameters
    ----------
    folder : Path
        Where its binaries are.
    settings : str
        Further settings.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self._binaries = folder
        self._who = _as_somebody()
        self._root = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp" if os.name == "posix" else None))  # noqa: S108  # a short path: the socket's name is limited
        if self._who:
            os.chown(self._root, self._who["user"], self._who["group"])
        self._settings = settings
        self.port = _free_port()
        self._run(
            "initdb", "-D", "data", "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        self.start()

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"postgresql://tests@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        given = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "16MB",
            "max_connections": "40",
            **self._settings,
        }
        options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        self._log = (self._root / "log").open("ab")
        self._process = subprocess.Popen(
            [str(self._binaries / "postgres"), "-D", "data", *options],
            cwd=self._root,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            **self._who,
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._root / "log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would: every process of it, with no time to write."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()

    def stop(self) -> None:
        """Stop it and remove its folder."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # fast: connections are cut
            self._process.wait(timeout=30)
        self._log.close()
        shutil.rmtree(self._root, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            cwd=self._root,
            check=True,
            capture_output=True,
            **self._who,
        )

    def _answers(self) -> bool:
        import psycopg  # noqa: PLC0415  # an extra

        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
