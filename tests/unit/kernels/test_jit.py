"""How kernels are compiled: announced once, cached where possible, never an error."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import unarmed_router

PACKAGE = Path(unarmed_router.__file__).parent
LINE = "compiling kernels, once per machine"
SCRIPT = (
    "from unarmed_router.kernels.metres import metres_per_degree as m; "
    "import unarmed_router; print(round(m(34.0)[0]), unarmed_router.__file__)"
)


def run(root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Compile one small kernel of a copy of the package, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONPATH": str(root), "HOME": str(root)} | environment,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the package without its caches."""
    shutil.copytree(
        PACKAGE, tmp_path / "unarmed_router", ignore=shutil.ignore_patterns("__pycache__", "data")
    )
    return tmp_path


def test_the_first_use_says_so_and_the_second_uses_the_cache(copy: Path) -> None:
    """One visible line, on standard error, only while something is compiled."""
    first, second = run(copy), run(copy)
    assert str(copy) in first.stdout
    assert first.stderr.count(LINE) == 1
    # How long, and what spares a caller the wait: README.md says the same.
    assert "ten seconds to a minute (`unarmed-router warmup` does it ahead" in first.stderr
    assert second.stderr == ""
    assert first.stdout == second.stdout


def test_a_changed_kernel_file_retires_every_cached_kernel(copy: Path) -> None:
    """A kernel may inline another file's function, which numba's own key does not see."""
    run(copy)
    with (copy / "unarmed_router" / "kernels" / "locate.py").open("a") as file:
        file.write("# changed\n")
    assert run(copy).stderr.count(LINE) == 1


def test_a_damaged_cache_is_compiled_anew(copy: Path) -> None:
    """Garbage in every cache file costs a compilation."""
    run(copy)
    files = list((copy / "unarmed_router" / "kernels" / "__pycache__").glob("*.nb?"))
    assert files
    for file in files:
        file.write_bytes(b"garbage")
    again = run(copy)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count(LINE) == 1


def test_no_writable_directory_costs_time_and_no_error(copy: Path) -> None:
    """A cache directory that cannot even be made: the kernel is compiled for this process."""
    blocker = copy / "a-file"
    blocker.write_text("not a directory")
    done = run(copy, NUMBA_CACHE_DIR=str(blocker / "cache"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(LINE) == 1
    assert done.stdout.startswith("92")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_install_is_no_error(copy: Path) -> None:
    """Package and home read-only, as in a locked-down container."""
    folders = [copy, *(path for path in copy.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        done = run(copy)
    finally:
        for folder in folders:
            folder.chmod(stat.S_IRWXU)
    assert done.returncode == 0, done.stderr


def test_a_full_disk_is_no_error(copy: Path) -> None:
    """Saving fails after compiling: the result is used, the failure is not the caller's."""
    script = (
        "import errno\n"
        "from numba.core.caching import FunctionCache\n"
        "def full(*_):\n"
        "    raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "FunctionCache.save_overload = full\n" + SCRIPT.replace("; ", "\n")
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(copy)},
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("92")
