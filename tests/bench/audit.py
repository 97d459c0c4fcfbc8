# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What mailops.email.audit takes over many accounts: seconds, memory, calls."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sandbox.client import SandboxAccount
from sandbox.running import Sandbox
from workspace import Workspace, workspace

# Accounts, and domains in each.
SIZES = ((1, 50), (5, 50), (20, 50))
_PING = [
    {
        "hosts": "all",
        "gather_facts": False,
        "connection": "local",
        "tasks": [{"name": "Ping", "ansible.builtin.ping": {}}],
    }
]


@dataclass(frozen=True)
class Row:
    """:param memory: the most that a process of the run had, in MiB.
    :param ping: seconds of one ping task over as many hosts.
    """

    accounts: int
    domains: int
    seconds: float
    ping: float
    memory: float
    calls: int


def _accounts(sandbox: Sandbox, accounts: int, domains: int) -> list[SandboxAccount]:
    """Accounts at both vendors in turn, each domain verified and published."""
    made = []
    for number in range(accounts):
        vendor = ("sendclean", "sendcloud")[number % 2]
        account = sandbox.client.account(vendor)
        names = [f"track{one}.account{number}.example.com" for one in range(domains)]
        if vendor == "sendcloud":
            account.switch(domain_limit=1000)
        account.seed(*names, verified=True)
        for name in names:
            sandbox.client.set_record(name, "CNAME", f"{account.target}.")
        made.append(account)
    return made


def _run(space: Workspace, *command: str) -> tuple[float, float]:
    """Seconds, and MiB of the greatest process."""
    environ = space.environ(Path(sys.prefix)) | {"ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    started = time.perf_counter()
    with (space.root / "output").open("w") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
        _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit((space.root / "output").read_text()[-3000:])
    return seconds, usage.ru_maxrss / 1024


def measure_one(accounts: int, domains: int) -> Row:
    with workspace() as space, Sandbox() as sandbox:
        made = _accounts(sandbox, accounts, domains)
        hosts = {
            account.label: {
                **{
                    f"tracking_domain_{key}": value for key, value in account.module_options.items()
                },
                "tracking_domain_dns_servers": [sandbox.dns_address],
                "tracking_domain_domains": list(account.state()),
            }
            for account in made
        }
        inventory = space.root / "hosts.json"
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
        playbook = space.root / "ping.yml"
        playbook.write_text(json.dumps(_PING))
        command = ("ansible-playbook", "-i", str(inventory))
        ping, _memory = _run(space, *command, str(playbook))
        for account in made:
            account.clear_calls()
        files = [f"audit_{kind}={space.root / kind}" for kind in ("html", "json", "prometheus")]
        options = [word for file in files for word in ("-e", file)]
        seconds, memory = _run(space, *command, "mailops.email.audit", *options)
        counts = json.loads((space.root / "json").read_text())["counts"]
        assert counts["verified"] == accounts * domains, counts
        assert counts["unknown"] == counts["broken"] == counts["unreadable"] == 0, counts
        calls = sum(account.calls()["total"] for account in made)
        return Row(accounts, domains, seconds, ping, memory, calls)


def measure() -> str:
    """What the document says of it."""
    lines = [
        "## The audit",
        "",
        (
            "`mailops.email.audit` over accounts at both vendors in turn, with the live DNS and all three files, "
            "against one `ping` task over as many hosts. Measured with ansible-core "
            f"{version('ansible-core')}, Python {platform.python_version()}, {os.cpu_count()} processors."
        ),
        "",
        "| accounts | domains | audit | for each account | ping | as long as ping | memory | calls |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for accounts, domains in SIZES:
        row = measure_one(accounts, domains)
        lines.append(
            f"| {row.accounts} | {row.accounts * row.domains} | {row.seconds:.1f} s "
            f"| {row.seconds / row.accounts:.2f} s | {row.ping:.1f} s | {row.seconds / row.ping:.1f} times "
            f"| {row.memory:.0f} MiB | {row.calls} |"
        )
        print(lines[-1], flush=True)
    return "\n".join([*lines, ""])
