# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Installs Debian packages where they are missing, or says what to type.

Nothing is started: a service that comes with a package stays off, now and at the next boot.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements" / "debian.txt"
# Where Debian keeps servers; an ordinary user's PATH lacks it.
SERVER_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
# What package scripts ask before they start a service; 101 means "not allowed".
POLICY = Path("/usr/sbin/policy-rc.d")

INSTALL = """
set -e
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"; }
if [ ! -e %(policy)s ]; then
    trap 'rm -f %(policy)s' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > %(policy)s
    chmod 755 %(policy)s
fi
install %(packages)s || { apt-get -q update; install %(packages)s; }
if [ -d /run/systemd/system ]; then
    dpkg -L %(packages)s | sed -n 's,.*/lib/systemd/system/\\(.*\\.service\\)$,\\1,p' |
        xargs -r systemctl disable --now --quiet
fi
"""


class MissingPackagesError(Exception):
    """The packages cannot be installed from here; the text says what to type."""


def install(packages: Sequence[str], *, why: str) -> None:
    """Install `packages` as root, or raise `MissingPackagesError` with the command to type."""
    if not packages:
        return
    names = " ".join(shlex.quote(package) for package in packages)
    by_hand = f"sudo apt-get install --no-install-recommends {names}"
    prefix = _root_prefix()
    if prefix is None:
        raise MissingPackagesError(f"Debian packages are missing for {why}. Type: {by_hand}")
    print(f"Debian packages for {why}: installing {' '.join(packages)}", flush=True)
    script = INSTALL % {"policy": POLICY, "packages": names}
    done = subprocess.run(
        [*prefix, "sh", "-c", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-20:])
        raise MissingPackagesError(f"{tail}\nThis failed, for {why}. Type: {by_hand}")


def _root_prefix() -> list[str] | None:
    """The words that make a command run as root without a question; None where none do."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    sudo = ["sudo", "--non-interactive"]
    allowed = subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    return sudo if allowed else None


def missing() -> list[str]:
    """The packages of debian.txt whose program is not there."""
    lines = (line.split("#")[0].split() for line in REQUIREMENTS.read_text().splitlines())
    return [
        package
        for package, program in filter(None, lines)
        if shutil.which(program, path=SERVER_PATH) is None
    ]


def main() -> int:
    try:
        install(missing(), why="the tests")
    except MissingPackagesError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
