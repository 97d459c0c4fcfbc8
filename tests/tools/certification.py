# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-lint as the checker of certified content does: plainly, in a bare checkout.

A bare checkout is a git repository of any name, not in a tree of collections, and nothing says where the
collection is: ansible-lint installs it from there. A warning fails the run, also one that ansible-lint passes over.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from workspace import workspace

COMMAND = ("ansible-lint", "--profile=production")
WARNING = re.compile(r"^(?:\[(?:DEPRECATION )?WARNING\]|WARNING\b)")


def warnings(output: str) -> Iterator[str]:
    """Lines that say something is wrong, whatever the return code says."""
    return (line for line in output.splitlines() if WARNING.match(line))


def main() -> int:
    with workspace() as space:
        checkout = space.collection.rename(space.root / "checkout")
        environ = space.environ(Path(sys.prefix))
        del environ["ANSIBLE_COLLECTIONS_PATH"]
        for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
            subprocess.run(command, cwd=checkout, env=environ, check=True)
        done = subprocess.run(
            COMMAND,
            cwd=checkout,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    print(done.stdout)
    found = list(warnings(done.stdout))
    for line in found:
        print(f"certification: there must be no warning: {line}")
    return done.returncode or int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
