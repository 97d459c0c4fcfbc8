# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every documented example of the modules is a task that the module takes, and that works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ansible_collections.mailops.email.plugins.module_utils._ansible.module import Module
from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount
from ansible_collections.mailops.email.tests.support.certificates import Authority
from ansible_collections.mailops.email.tests.unit.run_module import MODULES, documentation, load
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

OURS = "mailops.email."
CERTBOT = "/etc/letsencrypt/live"
# Nothing is ever asked of another machine: the target is this one.
TARGET = "track.sendclean.net"
ZONES = {
    **dict.fromkeys(("example.com", "example.net", "example.org"), ""),
    "sendclean.net": "track 300 IN A 127.0.0.1\n",
}


def examples(module: str) -> list[dict[str, Any]]:
    return list(documentation(module, "EXAMPLES"))


class Captured(Exception):
    pass


def specification(module: str) -> dict[str, Any]:
    """What the module hands to Ansible."""
    with (
        mock.patch.object(Module, "__init__", side_effect=Captured) as made,
        pytest.raises(Captured),
    ):
        load(module).main()
    return dict(made.call_args.kwargs)


def documented_specification(module: str) -> dict[str, Any]:
    """The same of what is an action plugin alone, from its documentation."""
    options = documentation(module, "DOCUMENTATION")["options"]
    known = ("type", "elements", "required", "choices", "default")
    return {
        "argument_spec": {
            name: {key: value for key, value in option.items() if key in known}
            for name, option in options.items()
        },
        "supports_check_mode": True,
    }


# What a module of its own carries out, and what an action plugin does.
OF_A_MODULE = (*MODULES, "dns_update")
OF_AN_ACTION = ("tracking_domain_audit", "tracking_domain_export", "tracking_domain_report")
OURS_EXAMPLES = [
    pytest.param(key.removeprefix(OURS), options, id=f"{module}: {example['name']}")
    for module in (*OF_A_MODULE, *OF_AN_ACTION)
    for example in examples(module)
    for key, options in example.items()
    if key.startswith(OURS)
]


@pytest.mark.parametrize(("module", "options"), OURS_EXAMPLES)
def test_an_example_has_only_options_that_there_are(module: str, options: dict[str, Any]) -> None:
    given = documented_specification(module) if module in OF_AN_ACTION else specification(module)
    given.pop("supports_check_mode")
    validator = ModuleArgumentSpecValidator(given.pop("argument_spec"), **given)
    assert validator.validate(options).error_messages == []


@pytest.mark.parametrize("module", MODULES)
def test_examples_read_well(module: str) -> None:
    tasks = examples(module)
    assert any(f"{OURS}{module}" in each for each in tasks)
    for each in tasks:
        assert each["name"][0].isupper()
        (used,) = [key for key in each if "." in key]
        assert used.startswith((OURS, "ansible.builtin.")), "whole names of modules"
    text = load(module).EXAMPLES
    assert "sendclean" in text
    assert "sendcloud" in text


@pytest.mark.parametrize("module", ["tracking_domain", "tracking_domains"])
def test_there_is_an_example_for_each_state(module: str) -> None:
    text = load(module).EXAMPLES
    for part in ("state: absent", "verify: true", "rename_from:", "certificate_path:"):
        assert part in text


# --- running them --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(zones=ZONES) as running:
        yield running


def accounts(sandbox: Sandbox) -> dict[str, dict[str, SandboxAccount]]:
    """A pair for each module, with what its examples take as given."""
    made = {
        module: {
            vendor: sandbox.client.account(vendor, target=TARGET)
            for vendor in ("sendclean", "sendcloud")
        }
        for module in MODULES
    }
    cloud = {module: pair["sendcloud"] for module, pair in made.items()}
    cloud["tracking_domain"].seed(domains=[{"name": "track.example.com", "id": 999224}])
    cloud["tracking_domains"].seed("old.example.com", "theirs.example.org")
    cloud["tracking_domain_info"].seed("track.example.com")
    for zone in ("com", "net", "org"):
        sandbox.client.set_record(f"track.example.{zone}", "CNAME", TARGET)
    return made


def environment(pair: dict[str, SandboxAccount]) -> dict[str, str]:
    clean, cloud = pair["sendclean"], pair["sendcloud"]
    return {
        "SENDCLEAN_OWNER_ID": clean.identity,
        "SENDCLEAN_TOKEN": clean.secret,
        "SENDCLEAN_API_URL": clean.url,
        "SENDCLOUD_API_USER": cloud.identity,
        "SENDCLOUD_API_KEY": cloud.secret,
        "SENDCLOUD_API_URL": cloud.url,
    }


def with_files_in(place: Path, value: Any) -> Any:
    """The same with certbot's files in a directory of the test."""
    if isinstance(value, dict):
        return {key: with_files_in(place, item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_files_in(place, item) for item in value]
    return value.replace(CERTBOT, str(place)) if isinstance(value, str) else value


def leave_certificates(place: Path, *names: str) -> None:
    """As certbot leaves them."""
    authority = Authority.root().intermediate()
    for name in names:
        issued = authority.issue(name)
        (place / name).mkdir()
        (place / name / "fullchain.pem").write_text(issued.fullchain)
        (place / name / "privkey.pem").touch(mode=0o600)
        (place / name / "privkey.pem").write_text(issued.key)


def test_all_examples_work_one_after_the_other(sandbox: Sandbox, tmp_path: Path) -> None:
    made = accounts(sandbox)
    leave_certificates(tmp_path, "track.example.com", "links.example.com")
    clean = made["tracking_domain"]["sendclean"]
    defaults = {"dns_servers": [str(sandbox.dns_address)]}
    plays = [
        {
            "name": module,
            "hosts": "localhost",
            "gather_facts": False,
            "environment": environment(made[module]),
            "module_defaults": {"group/mailops.email.all": defaults},
            "tasks": with_files_in(tmp_path, examples(module)),
        }
        for module in MODULES
    ]
    done = run_playbook(
        plays,
        place=tmp_path,
        variables={
            "vault_sendclean_owner_id": clean.identity,
            "vault_sendclean_token": clean.secret,
        },
    )
    assert done.returncode == 0, done.stdout
    assert "failed=0" in done.stdout
    names = {
        module: {vendor: set(each.state()) for vendor, each in pair.items()}
        for module, pair in made.items()
    }
    assert names["tracking_domain"] == {"sendclean": {"track.example.com"}, "sendcloud": set()}
    assert names["tracking_domains"] == {
        "sendclean": {"track.example.com", "track.example.net", "track.example.org"},
        "sendcloud": {
            "theirs.example.org",
            "track.example.com",
            "links.example.com",
            "new.example.com",
            "links.example.net",
        },
    }
