# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a play that does not get through undisturbed: at a certain moment it is killed.

    interrupted.py --at-call 'http://127.0.0.1:40001/_sandbox/calls?operation=add' -- ansible-playbook ...
    interrupted.py --without-record knot.json track.example.com -- ansible-playbook ...

With ``--stop knot.json`` it is left alone, and that DNS server goes down at that moment (until
``tests/sandbox/real_dns up knot.json``). Prints what the play printed and ends with its exit
status, which is 137 for one that was killed. It is an error when the play ends before the moment
has come.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

sys.path[0] = str(Path(__file__).resolve().parents[1])

from sandbox.real_dns import Control, Key  # noqa: E402


def called(url: str) -> Callable[[], bool]:
    opener = build_opener(ProxyHandler({}))
    return lambda: json.load(opener.open(url, timeout=10))["total"] > 0


def gone(ready_file: str, name: str) -> Callable[[], bool]:
    ready = read(ready_file)
    address, key = (ready["host"], ready["port"]), Key(**ready["control"])
    control = Control(address, ready["zones"], key)
    return lambda: not control.get(name, "CNAME")


def read(ready_file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(ready_file).read_text())
    return found


def kill(directory: str) -> None:
    """Kill all whose temporary directory it is: Ansible's workers lead sessions of their own."""
    found = True
    while found:
        found = False
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # one that has ended, or is not ours
                if f"TMPDIR={directory}\0".encode() in process.joinpath("environ").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
                    found = True


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    moment = parser.add_mutually_exclusive_group(required=True)
    moment.add_argument("--at-call", metavar="URL", help="when the sandbox has got such a call")
    moment.add_argument("--without-record", nargs=2, metavar=("READY_FILE", "NAME"))
    parser.add_argument("--stop", metavar="READY_FILE", help="a DNS server, in place of the play")
    parser.add_argument("play", nargs="+")
    options = parser.parse_args()
    has_come = called(options.at_call) if options.at_call else gone(*options.without_record)
    # What is killed cannot clear up.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        places = {"TMPDIR": directory, "ANSIBLE_LOCAL_TEMP": directory}
        play = subprocess.Popen(options.play, env=os.environ | places)
        while not has_come():
            if play.poll() is not None:
                sys.exit("The play ended before the moment had come.")
            time.sleep(0.02)
        if options.stop:
            os.kill(read(options.stop)["pid"], signal.SIGUSR1)
        else:
            kill(directory)
        status = play.wait()
    return 128 - status if status < 0 else status


if __name__ == "__main__":
    sys.exit(main())
