# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures the role over many accounts, a host each, against one ``tracking_domains`` task for each.

``role.py`` writes its section of docs/benchmark.md; ``--no-write`` only prints it. Seconds are those
of whole ``ansible-playbook`` processes; within a round the plays are taken in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "tools"), str(TESTS / "bench")]

from document import DOCUMENT, with_section  # noqa: E402
from sandbox.client import SandboxAccount  # noqa: E402
from sandbox.running import Sandbox  # noqa: E402
from workspace import Workspace, workspace  # noqa: E402

DOMAINS = 3
HOSTS = {"hosts": "all", "gather_facts": False, "connection": "local"}
PLAYS: dict[str, list[dict[str, Any]]] = {
    "role": [{**HOSTS, "roles": ["mailops.email.tracking_domain"]}],
    "module": [
        {
            **HOSTS,
            "tasks": [
                {
                    "name": "Ensure the domains",
                    "mailops.email.tracking_domains": {
                        "domains": "{{ names }}",
                        "verify": True,
                    },
                }
            ],
            "module_defaults": {"group/mailops.email.all": "{{ options }}"},
        }
    ],
    "ping": [{**HOSTS, "tasks": [{"name": "Ping", "ansible.builtin.ping": {}}]}],
}


class Bench:
    """A sandbox with accounts, and plays over them."""

    def __init__(self, sandbox: Sandbox, space: Workspace) -> None:
        self._sandbox = sandbox
        self._space = space
        self._environ = space.environ(Path(sys.prefix)) | {
            "ANSIBLE_HOST_PATTERN_MISMATCH": "ignore"
        }

    def accounts(self, count: int, *, verified: bool) -> list[SandboxAccount]:
        accounts = []
        for number in range(count):
            account = self._sandbox.client.account("sendclean")
            names = self.names(number)
            for name in names:
                self._sandbox.client.set_record(name, "CNAME", f"{account.target}.")
            if verified:
                account.seed(*names, verified=True)
            accounts.append(account)
        return accounts

    def names(self, number: int) -> list[str]:
        return [f"t{domain}.account{number}.example.com" for domain in range(DOMAINS)]

    def run(self, kind: str, accounts: list[SandboxAccount]) -> tuple[float, str, int]:
        """Seconds, what was shown, and how many calls the provider saw for each account."""
        hosts: dict[str, Any] = {}
        for number, account in enumerate(accounts):
            account.clear_calls()
            options = {**account.module_options, "dns_servers": [str(self._sandbox.dns_address)]}
            hosts[f"account{number}"] = {
                "ansible_python_interpreter": sys.executable,
                "options": options,
                "names": [{"name": name} for name in self.names(number)],
                **{f"tracking_domain_{name}": value for name, value in options.items()},
                "tracking_domain_domains": self.names(number),
            }
        inventory = self._space.root / "hosts.json"
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
        playbook = self._space.root / "play.json"
        plays = [{"name": kind, **play} for play in PLAYS[kind]]
        if kind == "module":
            plays[0]["module_defaults"] = {
                "group/mailops.email.all": {name: f"{{{{ options.{name} }}}}" for name in options}
            }
        playbook.write_text(json.dumps(plays))
        command = ["ansible-playbook", "-i", str(inventory), str(playbook)]
        started = time.perf_counter()
        done = subprocess.run(
            command, env=self._environ, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
        calls = max(account.calls()["total"] for account in accounts)
        return seconds, done.stdout, calls


def measure(counts: list[int], rounds: int) -> str:
    rows, shown = [], {}
    with workspace() as space, Sandbox() as sandbox:
        bench = Bench(sandbox, space)
        for count in counts:
            first = bench.run("role", bench.accounts(count, verified=False))
            accounts = bench.accounts(count, verified=True)
            taken: dict[str, list[float]] = {kind: [] for kind in PLAYS}
            calls = 0
            for _round in range(rounds):
                for kind, seconds in taken.items():
                    took, output, seen = bench.run(kind, accounts)
                    seconds.append(took)
                    if kind == "role":
                        shown[count], calls = output, seen
            median = {kind: statistics.median(seconds) for kind, seconds in taken.items()}
            rows.append(
                f"| {count} | {first[0]:.1f} s | {median['role']:.1f} s | {median['module']:.1f} s "
                f"| {median['ping']:.1f} s | {median['role'] / median['module']:.1f} | {first[2]} / {calls} |"
            )
            print(rows[-1], flush=True)
    return section(rows, shown, counts)


def section(rows: list[str], shown: dict[int, str], counts: list[int]) -> str:
    lines = {count: len(output.rstrip().splitlines()) for count, output in shown.items()}
    banners = len(re.findall(r"^TASK ", shown[counts[0]], re.MULTILINE))
    more = ""
    if len(counts) > 1:
        few, many = counts[0], counts[-1]
        each = (lines[many] - lines[few]) / (many - few)
        more = f" Each further account adds {each:.1f} lines."
    return "\n".join(
        [
            "## The role",
            "",
            (
                f"Measured with ansible-core {version('ansible-core')}, Python {platform.python_version()}, "
                f"{os.cpu_count()} processors; {DOMAINS} domains an account, SendClean, 5 forks. Converged runs are "
                "medians, taken in turn."
            ),
            "",
            (
                "| accounts | role, first run | role, converged | one `tracking_domains` task | one `ping` task "
                "| role against the task | calls an account, first / converged |"
            ),
            "|---:|---:|---:|---:|---:|---:|---|",
            *rows,
            "",
            f"A converged run shows {banners} tasks, skipped ones among them.{more}",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[1, 20, 100])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-write", action="store_true", help="do not write docs/benchmark.md")
    arguments = parser.parse_args()
    text = measure(arguments.accounts, arguments.rounds)
    print(f"\n{text}", flush=True)
    if not arguments.no_write:
        DOCUMENT.write_text(with_section(DOCUMENT.read_text(), "role", text))


if __name__ == "__main__":
    main()
