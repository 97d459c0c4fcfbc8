# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: the main job with the role, at both vendors, twice, and a table of the outcome.

``make demo`` runs it. Both vendors' APIs and a DNS server that takes dynamic updates run on
loopback for as long as it lasts; nothing leaves this machine, and nothing is left behind.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "tools")]

from sandbox import Sandbox  # noqa: E402
from workspace import Workspace, workspace  # noqa: E402

DEMO = Path("tests/demo")
WIDTH = 88


class Demo:
    """One demo: plays in a copy of the checkout, against one sandbox."""

    def __init__(self, sandbox: Sandbox, space: Workspace, directory: Path) -> None:
        clean, cloud = sandbox.demo_account("sendclean"), sandbox.demo_account("sendcloud")
        assert sandbox.dns is not None
        host, port = sandbox.dns.address
        self._cwd = space.collection
        # Credentials come from the environment, as they would in real life.
        self._environ = space.environ(Path(sys.prefix)) | {
            "SENDCLEAN_OWNER_ID": clean.identity,
            "SENDCLEAN_TOKEN": clean.secret,
            "SENDCLEAN_CNAME_TARGET": clean.target,
            "SENDCLEAN_API_URL": clean.url,
            "SENDCLOUD_API_USER": cloud.identity,
            "SENDCLOUD_API_KEY": cloud.secret,
            "SENDCLOUD_API_URL": cloud.url,
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "ANSIBLE_DIFF_ALWAYS": "true",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        }
        if sys.stdout.isatty():
            self._environ.pop("NO_COLOR", None)
            self._environ["ANSIBLE_FORCE_COLOR"] = "true"
        self._variables = directory / "variables.json"
        self._variables.touch(mode=0o600)
        self._variables.write_text(
            json.dumps(
                {
                    "ansible_python_interpreter": sys.executable,
                    "demo_certificates": str(directory / "live" / "click.example.com"),
                    "tracking_domain_dns_provider": "nsupdate",
                    "tracking_domain_dns_servers": [f"{host}:{port}"],
                    "tracking_domain_nsupdate_server": host,
                    "tracking_domain_nsupdate_port": port,
                    "tracking_domain_nsupdate_key_name": sandbox.tsig.name,
                    "tracking_domain_nsupdate_key_secret": sandbox.tsig.secret,
                    "tracking_domain_nsupdate_key_algorithm": sandbox.tsig.algorithm,
                    "tracking_domain_wait_interval": 1,
                }
            )
        )
        self._issue_certificate(directory)

    def _issue_certificate(self, directory: Path) -> None:
        """As an ACME client would leave it behind."""
        script = TESTS / "support" / "certificates.py"
        subprocess.run(
            [
                *[sys.executable, "-B", str(script), "--out", str(directory)],
                *["--name", "click.example.com", "--days", "90"],
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def play(self, *what: str, show: bool) -> str:
        """Run a playbook with its options; what it said, where it is not shown."""
        done = subprocess.run(
            ["ansible-playbook", *what, "--extra-vars", f"@{self._variables}"],
            cwd=self._cwd,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout or "", end="")
            raise SystemExit(f"The demo's play {what[0]} failed.")
        return done.stdout or ""

    def site(self) -> None:
        self.play(str(DEMO / "site.yml"), show=True)

    def table(self) -> str:
        """What mailops.email.audit shows, without Ansible's own lines around it."""
        inventory = ("--inventory", str(DEMO / "accounts.yml"))
        lines = self.play("mailops.email.audit", *inventory, show=False).splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith("PROVIDER "))
        others = ("TASK [", "ok: [")
        table = itertools.takewhile(
            lambda line: not any(word in line for word in others), lines[first:]
        )
        return "\n".join(table).rstrip()


def heading(text: str) -> None:
    print(f"\n{'=' * WIDTH}\n{text}\n{'=' * WIDTH}", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as directory, workspace() as space, Sandbox() as sandbox:
        demo = Demo(sandbox, space, Path(directory))
        print("Both vendors' APIs and a DNS server that takes dynamic updates (RFC 2136, TSIG) run")
        print("on loopback until the demo ends. The play is tests/demo/site.yml.")
        heading("First run: the domains are added, their CNAMEs published, and they are verified")
        demo.site()
        for vendor in ("sendclean", "sendcloud"):
            sandbox.demo_account(vendor).clear_calls()
        sandbox.client.clear_dns_log()
        heading("Second run: nothing is left to do")
        demo.site()
        told = "; ".join(
            f"{vendor}: "
            + ", ".join(
                f"{count} {name}"
                for name, count in sandbox.demo_account(vendor).operations().items()
            )
            for vendor in ("sendclean", "sendcloud")
        )
        updates = len(sandbox.client.dns_log()["updates"])
        print(f"Calls of the second run: {told}; DNS updates: {updates}.")
        heading("What there is now, as the playbook mailops.email.audit shows it")
        print(demo.table())


if __name__ == "__main__":
    main()
