# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the private virtual environments that the demo and the tests run in.

``environment.py NAME`` builds what is not there yet and prints the environment's directory. The
environments lie outside the checkout, in ``$MAILOPS_CACHE``, else in the user's cache directory.
One is used only when it was built whole; its directory's name holds the Python and a hash of the
requirement files, so that a change of either makes a new one. ``environment.py --remove`` removes
all of them. With ``CORE`` set, such as ``CORE=2.18``, that release of ansible-core is taken in the place of the
newest.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import debian

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
COLLECTIONS = REQUIREMENTS / "collections.txt"
MARKER = "complete"


# The releases of ansible-core that are supported, and the first and the last Python that runs each.
# https://docs.ansible.com/projects/ansible/latest/reference_appendices/release_and_maintenance.html
CORES = {
    "2.16": ((3, 10), (3, 12)),
    "2.17": ((3, 10), (3, 12)),
    "2.18": ((3, 11), (3, 13)),
    "2.19": ((3, 11), (3, 13)),
    "2.20": ((3, 12), (3, 14)),
    "2.21": ((3, 12), (3, 14)),
}


@dataclass(frozen=True)
class Environment:
    """A requirement file, the `ansible` release that the collections come from, Pythons.

    :param newest_core: whether it has the newest ansible-core, or the one that ``CORE`` names.
    """

    name: str
    collections_from: str | None = None
    pythons: tuple[tuple[int, int], tuple[int, int]] = ((3, 11), (3, 99))
    newest_core: bool = field(default=False, repr=False)

    @property
    def runs_here(self) -> bool:
        return self.pythons[0] <= sys.version_info[:2] <= self.pythons[1]

    @property
    def requirements(self) -> Path:
        return REQUIREMENTS / f"{self.name}.txt"


# The newest `ansible` that a Python can run goes with the newest ansible-core that it can run.
ENVIRONMENTS = {
    environment.name: environment
    for environment in (
        Environment("demo", collections_from="ansible", newest_core=True),
        Environment("units", newest_core=True),
        Environment("test", collections_from="ansible", newest_core=True),
        Environment("core-2.16", collections_from="ansible~=9.0", pythons=CORES["2.16"]),
        Environment("importer"),
    )
}


class BuildError(Exception):
    """What went wrong, with the end of the log."""


def cache() -> Path:
    """Where everything lies that later runs can use again."""
    if own := os.environ.get("MAILOPS_CACHE"):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mailops.email"


def with_core(environment: Environment) -> tuple[Environment, list[str]]:
    """The environment with the ansible-core that ``CORE`` names, and what to require for it besides."""
    core = os.environ.get("CORE")
    if not core or not environment.newest_core:
        return environment, []
    if core not in CORES:
        raise BuildError(f"CORE={core} is not supported. There are {', '.join(CORES)}.")
    environment = replace(environment, pythons=CORES[core])
    if not environment.runs_here:
        raise BuildError(f"ansible-core {core} does not run under this Python.")
    if environment.collections_from:
        # `ansible` 9 came with ansible-core 2.16, and so on.
        major = int(core.removeprefix("2.")) - 7
        environment = replace(environment, collections_from=f"ansible~={major}.0")
    return environment, [f"ansible-core~={core}.0"]


def ensure(name: str) -> Path:
    """The directory of the environment, built first where needed."""
    environment, more = with_core(ENVIRONMENTS[name])
    place = cache() / f"{name}-{platform.python_version()}-{_fingerprint(environment, more)}"
    with locked(place.parent / f"{name}.lock"):
        if not (place / MARKER).exists():
            shutil.rmtree(place, ignore_errors=True)
            _build(environment, more, place)
            (place / MARKER).touch()
    return place


def _fingerprint(environment: Environment, more: list[str]) -> str:
    parts = [sys.prefix, str(environment), *_lines(environment.requirements), *more]
    if environment.collections_from:
        parts += _lines(COLLECTIONS)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _lines(path: Path) -> list[str]:
    """The file's lines that say something, with those of the files that it includes."""
    found = []
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r "):
            found += _lines(path.parent / line.removeprefix("-r ").strip())
        elif line:
            found.append(line)
    return found


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file, against another run on this machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(environment: Environment, more: list[str], place: Path) -> None:
    started = time.monotonic()
    version = platform.python_version()
    print(f"environment {environment.name} (Python {version}): building ...", flush=True)
    log = place.with_suffix(".log")
    log.unlink(missing_ok=True)
    debian.install(missing_packages(), why="virtual environments")
    _run([sys.executable, "-m", "venv", str(place)], log=log)
    pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    _run([*pip, "install", "-r", str(environment.requirements), *more], log=log)
    if environment.collections_from:
        _add_collections(environment.collections_from, pip=pip, place=place, log=log)
    seconds = time.monotonic() - started
    print(f"environment {environment.name}: ready after {seconds:.0f} s in {place}", flush=True)
    log.unlink()


def missing_packages() -> list[str]:
    """Debian keeps what `venv` needs in a package of its own."""
    check = [sys.executable, "-c", "import ensurepip, venv"]
    if subprocess.run(check, capture_output=True, check=False).returncode == 0:
        return []
    major, minor = sys.version_info[:2]
    return [f"python{major}.{minor}-venv"]


def _add_collections(release: str, *, pip: list[str], place: Path, log: Path) -> None:
    """Unpack the collections that are needed, a twentieth of what the package holds."""
    wanted = tuple(f"ansible_collections/{name.replace('.', '/')}/" for name in _lines(COLLECTIONS))
    site_packages = next((place / "lib").glob("python3*/site-packages"))
    with tempfile.TemporaryDirectory() as directory:
        _run([*pip, "download", "--no-deps", "--dest", directory, release], log=log)
        with zipfile.ZipFile(next(Path(directory).glob("ansible-*.whl"))) as wheel:
            members = [name for name in wheel.namelist() if name.startswith(wanted)]
            wheel.extractall(site_packages, members)
    for prefix in wanted:
        if not (site_packages / prefix).is_dir():
            raise BuildError(f"{release} does not hold {prefix}")


def _run(command: list[str], *, log: Path) -> None:
    with log.open("a") as handle:
        print("$", *command, file=handle, flush=True)
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=handle, stderr=handle, check=False
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text().splitlines()[-25:])
        raise BuildError(f"{tail}\n\nThis failed: {' '.join(command)}\nThe whole log: {log}")


def main() -> int:
    """Build the environments named; standard output holds only their directories."""
    if sys.argv[1:] == ["--remove"]:
        shutil.rmtree(cache(), ignore_errors=True)
        return 0
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        for name in sys.argv[1:]:
            print(ensure(name), file=out)
    except (BuildError, debian.MissingPackagesError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
