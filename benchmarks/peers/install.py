"""Install every peer, one by one, into an environment of its own: ``.venv/peers``.

``python benchmarks/peers/install.py`` needs the standard library only. A peer that does not install
or cannot be imported is written down with the reason, in ``build/peers.json``, beside those that
can; the benchmarks skip it by that reason and the page lists it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv" / "peers"
RECORD = ROOT / "build" / "peers.json"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
OURS = ("pytest>=8.2", "pytest-benchmark>=4.0")

_PATIENCE_S = 900
_ASK_VERSION = (
    "import importlib, importlib.metadata, sys; importlib.import_module(sys.argv[1]);"
    "print(importlib.metadata.version(sys.argv[2]))"
)


class Peer(TypedDict):
    """One line of the record: a version, or the reason there is none."""

    version: str | None
    reason: str | None


def names() -> list[str]:
    """Read the distributions asked for, in their order."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def python() -> Path:
    """Find the interpreter of the environment, making it first where there is none."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    found = ENVIRONMENT / folder / "python"
    if not found.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    return found


def run(*command: str) -> tuple[bool, str]:
    """Run a command; whether it succeeded, and what it said."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"ERROR: no answer within {_PATIENCE_S} s"
    return done.returncode == 0, done.stdout if done.returncode == 0 else done.stderr


def reason(said: str) -> str:
    """Take the line that says why, without addresses and paths."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(ERROR|[A-Za-z.]*Error)\b", line)]
    line = (errors or lines or ["no reason given"])[-1]
    return re.sub(r"(\w+://|/)\S+", "...", line)[:300]


def install(peer: str) -> Peer:
    """Install one peer and import it."""
    pip = (str(python()), "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    installed, said = run(*pip, peer)
    if not installed:
        return {"version": None, "reason": f"does not install: {reason(said)}"}
    return look(peer)


def look(peer: str) -> Peer:
    """Import an installed peer and ask its version."""
    module = peer.replace("-", "_")
    imported, said = run(str(python()), "-W", "ignore", "-c", _ASK_VERSION, module, peer)
    if not imported:
        return {"version": None, "reason": f"does not import: {reason(said)}"}
    return {"version": said.strip(), "reason": None}


def main() -> int:
    """Install ourselves, then each peer; write the record."""
    pip = (str(python()), "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    ours, said = run(*pip, "--editable", ".[osm]", *OURS)
    if not ours:
        print(said, file=sys.stderr)
        return 1
    record = {peer: install(peer) for peer in names()}
    for peer, found in record.items():  # a later peer may have broken an earlier one
        record[peer] = look(peer) if found["version"] else found
        print(f"{peer:16} {record[peer]['version'] or record[peer]['reason']}")
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
