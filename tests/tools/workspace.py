# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A throw-away copy of the checkout, and the surroundings that a tool runs in there.

Tools leave caches and results where they run, and ansible-test wants a collection at
``ansible_collections/NAMESPACE/NAME``. A copy serves both, and the checkout stays as it was.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import debian

CHECKOUT = Path(__file__).resolve().parents[2]
# A tool must not see what the user has set for work of his own, least of all credentials.
DROPPED_PREFIXES = ("ANSIBLE_", "MOLECULE_", "PYTEST_", "SENDCLEAN_", "SENDCLOUD_", "AWS_")
DROPPED = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}


@dataclass(frozen=True)
class Workspace:
    root: Path

    @property
    def collection(self) -> Path:
        return self.root / "ansible_collections" / "mailops" / "email"

    @property
    def home(self) -> Path:
        return self.root / "home"

    def environ(self, environment: Path) -> dict[str, str]:
        """The variables for a command that uses the virtual environment."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(DROPPED_PREFIXES) and name not in DROPPED
        }
        return kept | {
            "ANSIBLE_COLLECTIONS_PATH": str(self.root),
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "PATH": os.pathsep.join([str(environment / "bin"), debian.SERVER_PATH]),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self.root / "tmp"),
            "VIRTUAL_ENV": str(environment),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
        }


@contextmanager
def workspace() -> Iterator[Workspace]:
    """A copy of what git tracks or would track, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="mailops-email-", ignore_cleanup_errors=True) as name:
        space = Workspace(Path(name))
        space.home.mkdir()
        (space.root / "tmp").mkdir()
        for file in _files():
            target = space.collection / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / file, target, follow_symlinks=False)
        yield space


def _files() -> list[str]:
    """Paths of the files, relative to the checkout; of all of them where it is a mere copy."""
    if not (CHECKOUT / ".git").exists():
        paths = (path for path in CHECKOUT.rglob("*") if "__pycache__" not in path.parts)
        return [str(path.relative_to(CHECKOUT)) for path in paths if not path.is_dir()]
    safe = ["-c", f"safe.directory={CHECKOUT}"]
    listing = subprocess.run(
        ["git", *safe, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return [name for name in listing.split("\0") if name and os.path.lexists(CHECKOUT / name)]
