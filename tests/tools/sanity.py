# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ``ansible-test sanity`` without containers, with no ignore file.

Runs in a copy of the checkout (see workspace.py) with ansible-core on the PATH. What ansible-test
installs for each of its tests goes to a home of its own in the cache, so that later runs are fast.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import ansible_test
import environment

# ansible-test fetches a script that installs pip from a host that may be out of reach; Python
# brings the same with it.
BOOTSTRAP = "import ensurepip\nensurepip.bootstrap()\n"


def prepare_home(home: Path) -> None:
    """Give ansible-test its pip bootstrap, and pip the settings that it has outside."""
    source = Path(ansible_test.__file__).parent / "_internal" / "python_requirements.py"
    scripts = home / ".ansible" / "test" / "cache"
    scripts.mkdir(parents=True, exist_ok=True)
    for version in re.findall(r"\bpip='([\d.]+)'", source.read_text()):
        (scripts / f"get_pip_{version.replace('.', '_')}.py").write_text(BOOTSTRAP)
    config = home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("\n".join(["[global]", "quiet = 1", *pip_settings(), ""]))


def pip_settings() -> list[str]:
    """The user's pip settings, from files and variables, as lines of a pip.conf."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    pairs = re.findall(r"^(?:global|:env:)\.([\w-]+)='(.*)'$", listing, re.MULTILINE)
    return [f"{name} = {value}" for name, value in dict(pairs).items()]


def main() -> int:
    if ignores := list(Path("tests/sanity").glob("ignore*.txt")):
        print(f"There must be no ignore file: {', '.join(map(str, ignores))}")
        return 1
    python = ".".join(platform.python_version_tuple()[:2])
    core = metadata.version("ansible-core")
    home = environment.cache() / f"sanity-{core}-{platform.python_version()}"
    print(f"ansible-test of ansible-core {core}, Python {python}", flush=True)
    command = ["ansible-test", "sanity", "--local", "--requirements", "--python", python]
    with environment.locked(home.with_suffix(".lock")):
        prepare_home(home)
        sanity = ["env", f"HOME={home}", *command, *sys.argv[1:]]
        return subprocess.run(sanity, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
