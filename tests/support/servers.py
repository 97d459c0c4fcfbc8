# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All servers that the molecule scenarios run against, until a signal ends them.

    python tests/support/servers.py --background --ready-file DIRECTORY/servers.json
    python tests/support/servers.py --stop --ready-file DIRECTORY/servers.json

Knot DNS, BIND and the doubles of DNS vendors' APIs, and for each of the three a sandbox that
verifies by asking it. Their own ready files, in the same directory: knot.json, bind.json,
apis.json, sandbox_knot.json, sandbox_bind.json, sandbox_apis.json.

Under ``molecule test`` they end with it, even where it is killed and destroys nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[0] = str(TESTS)

from sandbox.dns_launch import (  # noqa: E402
    Signals,
    run_in_background,
    stop,
    wait_for,
    write_ready_file,
)

PYTHON = (sys.executable, "-B")
DNS = {
    "knot": ("sandbox/real_dns", "knot"),
    "bind": ("sandbox/real_dns", "bind"),
    "apis": ("sandbox/dns_apis", "start"),
}


def start(directory: Path, name: str, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Run a server of tests/."""
    ready_file = directory / f"{name}.json"
    ready_file.unlink(missing_ok=True)
    return subprocess.Popen(
        [*PYTHON, str(TESTS / program), *arguments, "--ready-file", str(ready_file)]
    )


def start_all(processes: dict[str, subprocess.Popen[bytes]], directory: Path) -> None:
    """Side by side, as far as one need not know where another listens."""
    for name, command in DNS.items():
        processes[name] = start(directory, name, *command)
    for name in DNS:
        facts = wait_until_ready(directory, name, processes[name])
        dns = facts.get("dns", facts)
        asks = f"--dns-server={dns['host']}:{dns['port']}"
        processes[f"sandbox_{name}"] = start(directory, f"sandbox_{name}", "sandbox", asks)
    for name, process in processes.items():
        wait_until_ready(directory, name, process)


def wait_until_ready(
    directory: Path, name: str, process: subprocess.Popen[bytes]
) -> dict[str, Any]:
    """What the server's ready file says."""
    ready_file = directory / f"{name}.json"
    wait_for(lambda: ready_file.exists() or process.poll() is not None, name)
    if process.poll() is not None:
        sys.exit(f"{name} did not start")
    found: dict[str, Any] = json.loads(ready_file.read_text())
    return found


def end_all(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def molecule_test() -> int | None:
    """The pid of the `molecule test` that this process runs under."""
    pid = os.getppid()
    while pid > 1:
        process = Path(f"/proc/{pid}")
        words = process.joinpath("cmdline").read_text().split("\0")
        if any(Path(word).name == "molecule" for word in words[:2]):
            # Who asks for nothing to be destroyed wants to look at it afterwards.
            return pid if "test" in words and "never" not in " ".join(words) else None
        pid = int(process.joinpath("stat").read_text().rpartition(")")[2].split()[1])
    return None


def end_with(pid: int) -> None:
    while Path(f"/proc/{pid}").exists():
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def run(ready_file: Path) -> None:
    signals = Signals()
    if owner := molecule_test():
        threading.Thread(target=end_with, args=(owner,), daemon=True).start()
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        start_all(processes, ready_file.parent)
        write_ready_file(ready_file, {})
        signals.wait()
    finally:
        end_all(processes.values())
        ready_file.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--background", action="store_true", help="return when all are ready")
    parser.add_argument("--stop", action="store_true", help="end them; nothing to do is no error")
    options = parser.parse_args()
    if options.stop:
        stop(options.ready_file)
    elif options.background:
        run_in_background(Path(__file__).resolve(), options.ready_file)
    else:
        run(options.ready_file)


if __name__ == "__main__":
    main()
