# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role is given and what it makes of it: mistakes end its run before anything is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.sandbox import SandboxAccount
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

NewAccount = Callable[..., SandboxAccount]
CONVERGE = [{"name": "Converge", "import_playbook": "mailops.email.converge"}]
NSUPDATE = {"dns_provider": "nsupdate", "nsupdate_server": "127.0.0.1"}
KEY_LINES = ("MIIEvQSECRETKEYMATERIALonelineofit", "aGVsbG8gSECRETMATERIALshort")
PASTED = "\n".join(
    ["good.example.com", "-----BEGIN PRIVATE KEY-----", *KEY_LINES, "-----END PRIVATE KEY-----"]
)
MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "port": (
        {**NSUPDATE, "nsupdate_port": "abc"},
        "tracking_domain_nsupdate_port must be a whole number, 0 or more, not 'abc'.",
    ),
    "secret": (
        {**NSUPDATE, "nsupdate_key_name": "k", "nsupdate_key_secret": "not base64!"},
        "tracking_domain_nsupdate_key_secret is not base64.",
    ),
    "tasks": (
        {"dns_provider": "custom", "custom_tasks": "nowhere.yml"},
        "tracking_domain_custom_tasks must name a tasks file (it is 'nowhere.yml').",
    ),
    "ttl": ({"dns_ttl": "1.5"}, "tracking_domain_dns_ttl must be a whole number"),
    "token": ({"token": ["x"]}, "tracking_domain_token must be text, but was given as a list."),
    "region": (
        {"region": "mars"},
        "tracking_domain_region must be one of singapore, china, us, hongkong, not 'mars'.",
    ),
    "number": ({"domains": 12}, "with a name each, not a number."),
    "entries": (
        {
            "domains": [
                "good.example.com",
                {"name": "one.example.com", "state": "absent", "dangling": "never"},
                {"name": "two.example.com", "state": "absent", "id": 7},
            ]
        },
        "one.example.com: dangling must be one of fail, warn, ignore, not 'never'.",
    ),
    "pasted": ({"domains": PASTED}, "tracking_domain_domains has PEM text where names are"),
    "pasted-list": ({"domains": PASTED.split("\n")}, "has PEM text where names are"),
}


def host(account: SandboxAccount, **given: Any) -> dict[str, Any]:
    values = {**account.module_options, "domains": ["good.example.com"], "wait": False, **given}
    return {f"tracking_domain_{name}": value for name, value in values.items()}


@pytest.mark.parametrize("verbosity", ["-v", "-vvvvv"])
def test_a_mistake_ends_the_run_before_anything_is_written(
    new_account: NewAccount, tmp_path: Path, verbosity: str
) -> None:
    accounts = {
        name: new_account("sendcloud" if name == "region" else "sendclean") for name in MISTAKES
    }
    log = tmp_path / "ansible.log"
    done = run_playbook(
        CONVERGE,
        verbosity,
        place=tmp_path,
        hosts={name: host(accounts[name], **MISTAKES[name][0]) for name in MISTAKES},
        environment={"ANSIBLE_LOG_PATH": str(log)},
    )
    said = re.sub(r"\s+", " ", done.stdout.replace("\\n", "\n").replace('\\"', '"'))
    for name, (_given, line) in MISTAKES.items():
        assert line in said, f"{name}\n{done.stdout}"
        assert re.search(rf"^{name} .* failed=1 ", done.stdout, re.M)
        assert accounts[name].operations() == {}, name
    assert "two.example.com: SendClean has no ids for tracking domains." in said
    for line in KEY_LINES:
        # The inventory is the user's own file.
        assert line[:12] not in done.stdout
        assert line[:12] not in log.read_text()
    assert "_Ansible" not in said.split("The tracking domains")[0] or verbosity != "-v"


def test_what_is_null_is_not_set(new_account: NewAccount, tmp_path: Path) -> None:
    """Every variable but those that have no default."""
    from ansible_collections.mailops.email.plugins.plugin_utils._role.variables import specs

    account = new_account("sendclean")
    account.seed("good.example.com", verified=True)
    nulls = {name: None for name, spec in specs().items() if "default" in spec}
    done = run_playbook(
        CONVERGE,
        place=tmp_path,
        hosts={
            "nulls": host(
                account,
                **{
                    **nulls,
                    **account.module_options,
                    "dns_check": "off",
                    "domains": [{"name": "good.example.com", "state": None, "id": None}],
                },
            )
        },
    )
    assert done.returncode == 0, done.stdout
    assert re.search("1 right, nothing changed", done.stdout)


def test_localhost_of_an_inventory_may_be_a_windows_host(
    new_account: NewAccount, tmp_path: Path
) -> None:
    """What it says of its shell and the like is not for the controller."""
    account = new_account("sendclean")
    account.seed("good.example.com", verified=True)
    odd = {
        "ansible_shell_type": "powershell",
        "ansible_shell_executable": "/nowhere/sh",
        "ansible_connection": "winrm",
        "ansible_become": True,
        "ansible_python_interpreter": "/nowhere/python",
        "ansible_remote_tmp": "C:\\nowhere",
    }
    done = run_playbook(
        CONVERGE,
        place=tmp_path,
        hosts={
            "localhost": {**odd, **host(account, dns_check="off")},
            "shop": {**odd, **host(account, dns_check="off")},
        },
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("1 right, nothing changed") == 2


def test_lines_of_progress_leave_machine_readable_output_as_it_is(
    new_account: NewAccount, tmp_path: Path
) -> None:
    late = {"domains": ["late.example.com"], "dns_check": "off", "wait": True}
    done = run_playbook(
        CONVERGE,
        place=tmp_path,
        under=["sh", "-c", '"$@" > stdout', "sh"],
        hosts={"shop": host(new_account("sendclean"), **late, wait_timeout=40, wait_interval=1)},
        environment={"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
    )
    assert json.loads((tmp_path / "stdout").read_text())["stats"]["shop"]["failures"] == 1
    # What is left is what stderr has.
    assert re.search(r"^\[shop\] 0 of 1 verified, \d+ s left", done.stdout, re.M), done.stdout
