# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the integration targets with ``ansible-test integration --local`` against a sandbox.

Runs in a copy of the checkout (see workspace.py). The sandbox's ready file, which says where
everything listens, becomes the variable ``sandbox`` of every target. A warning fails the run: no
playbook of a user's may draw one.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CONFIG = Path("tests/integration/integration_config.yml")
START_SECONDS = 30
WARNING = re.compile(r"\[(?:DEPRECATION )?WARNING\]:.*")
# ansible-test's own: it puts the targets' playbooks inside the collection that they test. And those
# that a target provokes and asserts on: such domains have names that begin with `warned`.
EXPECTED = re.compile(
    r"running playbook inside collection mailops\.email|\]: .*\bwarned[a-z_.-]*\.example\."
)


@contextmanager
def sandbox() -> Iterator[dict[str, Any]]:
    """A running sandbox: what its ready file says."""
    with tempfile.TemporaryDirectory() as directory:
        ready = Path(directory) / "ready.json"
        process = subprocess.Popen(
            [sys.executable, "-B", "tests/sandbox", "--ready-file", str(ready)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            yield wait_for(ready, process)
        finally:
            process.terminate()
            process.wait()


def wait_for(ready: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if ready.exists():
            found: dict[str, Any] = json.loads(ready.read_text())
            return found
        time.sleep(0.05)
    raise SystemExit("The sandbox did not start.")


def run_targets(arguments: list[str]) -> int:
    python = ".".join(platform.python_version_tuple()[:2])
    command = ["ansible-test", "integration", "--local", "--python", python, *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert process.stdout is not None
    warnings = []
    for line in process.stdout:
        print(line, end="", flush=True)
        if WARNING.search(line) and not EXPECTED.search(line):
            warnings.append(line.strip())
    returncode = process.wait()
    for warning in warnings:
        print(f"integration: there must be no warning: {warning}")
    return returncode or int(bool(warnings))


def main() -> int:
    with sandbox() as where:
        # JSON is YAML.
        CONFIG.write_text(json.dumps({"sandbox": where}, indent=2))
        return run_targets(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
