# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In playbooks: the group's defaults, the environment, and every secret at the highest verbosity."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount
from ansible_collections.mailops.email.tests.support.certificates import Authority, Issued
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

NAME, OTHER, WARNED = "play.example.com", "other.example.com", "warned.example.com"
FAILS = {"ignore_errors": True}


def task(module: str, register: str = "ran", **options: Any) -> dict[str, Any]:
    keywords = {"ignore_errors": options.pop("ignore_errors")} if "ignore_errors" in options else {}
    return {
        "name": f"Run {module}",
        f"mailops.email.{module}": options,
        "register": register,
        **keywords,
    }


def story(*told: tuple[dict[str, Any], list[str]]) -> list[dict[str, Any]]:
    """Tasks, each with what holds of its result, `ran`; all of that is checked in one task."""
    tasks, that = [], []
    for number, (each, holds) in enumerate(told):
        tasks.append({**each, "register": f"ran{number}"})
        that += [re.sub(r"\bran\b", f"ran{number}", text) for text in holds]
    return [*tasks, {"name": "Expect", "ansible.builtin.assert": {"that": that}}]


@pytest.fixture(scope="module")
def issued() -> Issued:
    return Authority.root().issue(NAME, "echo.example.com")


@pytest.fixture(scope="module")
def world(sandbox: Sandbox, issued: Issued, tmp_path_factory: Any) -> dict[str, Any]:
    """One run for all tests here, at -vvvv: accounts, their secrets, and what was said."""
    accounts = {
        key: sandbox.client.account(key.partition("_")[0])
        for key in ("sendclean", "sendcloud", "sendclean_env", "sendcloud_env", "sendcloud_half")
    }
    place = tmp_path_factory.mktemp("play")
    (place / "key.pem").touch(mode=0o600)
    (place / "key.pem").write_text(issued.key)
    (place / "cert.pem").write_text(issued.fullchain)
    for key in ("sendclean", "sendcloud"):
        accounts[key].fault("echo", action="add", name="echo.example.com", count=0)
    accounts["sendclean"].seed(WARNED)
    # JSON within JSON, and in it half of a pair of characters.
    accounts["sendcloud_half"].switch(info_as="json_string")
    accounts["sendcloud_half"].seed("half\ud83d.example.com")
    sandbox.client.set_record(WARNED, "CNAME", accounts["sendclean"].target)
    done = run_playbook(
        plays(sandbox, accounts),
        "-vvvv",
        "--diff",
        place=place,
        environment=environment(accounts),
        variables={
            "token": accounts["sendclean"].secret,
            "api_key": accounts["sendcloud"].secret,
            "half_key": accounts["sendcloud_half"].secret,
            "certificate": issued.fullchain,
            "private_key": issued.key,
            "place": str(place),
        },
    )
    calls = {key: account.operations() for key, account in accounts.items()}
    sandbox.client.delete_record(WARNED)
    for account in accounts.values():
        account.remove()
    return {"accounts": accounts, "done": done, "calls": calls}


def environment(accounts: dict[str, SandboxAccount]) -> dict[str, str]:
    """The process's own: those of a task would be part of the command line that -vvvv shows."""
    clean, cloud = accounts["sendclean_env"], accounts["sendcloud_env"]
    return {
        "SENDCLEAN_OWNER_ID": clean.identity,
        "SENDCLEAN_TOKEN": clean.secret,
        "SENDCLEAN_API_URL": clean.url,
        "SENDCLOUD_API_USER": cloud.identity,
        "SENDCLOUD_API_KEY": cloud.secret,
        "SENDCLOUD_API_URL": cloud.url,
    }


def plays(sandbox: Sandbox, accounts: dict[str, SandboxAccount]) -> list[dict[str, Any]]:
    clean, cloud = accounts["sendclean"], accounts["sendcloud"]
    at_clean = {"provider": "sendclean", "api_url": clean.url}
    at_cloud = {"provider": "sendcloud", "api_url": cloud.url}
    half = accounts["sendcloud_half"]
    at_half = {"provider": "sendcloud", "api_url": half.url, "api_user": half.identity}
    pem = {"certificate": "{{ certificate }}", "private_key": "{{ private_key }}"}
    paths = {
        "certificate_path": "{{ place }}/cert.pem",
        "private_key_path": "{{ place }}/key.pem",
    }
    defaults = {
        "owner_id": clean.identity,
        "token": "{{ token }}",
        "cname_target": clean.target,
        "api_user": cloud.identity,
        "api_key": "{{ api_key }}",
        "region": "",
        "dns_servers": [str(sandbox.dns_address)],
        "retries": 0,
    }
    both = {
        "name": "Defaults of the group, for both providers at once",
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/mailops.email.all": defaults},
        "tasks": story(
            (
                task("tracking_domain", **at_clean, name=NAME),
                ["ran is changed", "ran.action == 'created'", "ran.diff.after.state == 'present'"],
            ),
            (
                task(
                    "tracking_domains", **at_cloud, domains=[{"name": NAME, **pem}, {"name": OTHER}]
                ),
                ["ran is changed", "ran.tracking_domains | length == 2"],
            ),
            (task("tracking_domain", **at_cloud, name=NAME, **paths), ["ran is not changed"]),
            (task("tracking_domain_info", **at_cloud), ["ran.tracking_domains | length == 2"]),
            (
                task("tracking_domain_info", **at_half, api_key="{{ half_key }}"),
                ["ran.tracking_domains[0].vendor.name == 'half\ufffd.example.com'"],
            ),
            (
                task("tracking_domain", **at_cloud, name="echo.example.com", **paths, **FAILS),
                ["ran is failed", "'cannot process' in ran.msg", "'****' in ran.msg"],
            ),
            (
                task("tracking_domain", **at_clean, name="echo.example.com", **FAILS),
                ["ran is failed", "'cannot process' in ran.msg", "'****' in ran.msg"],
            ),
            (
                task(
                    "tracking_domains",
                    **at_cloud,
                    domains=[{"name": "echo.example.com", **pem}],
                    **FAILS,
                ),
                ["ran.failure.code == 'partial'", "'cannot process' in ran.msg"],
            ),
            (task("tracking_domains", **at_cloud, domains=[pem], **FAILS), ["ran is failed"]),
            (task("tracking_domain", **at_clean, **FAILS), ["ran is failed"]),
            *(
                (
                    task("tracking_domain", **at_cloud, name=NAME, **wrong, **FAILS),
                    ["ran is failed"],
                )
                for wrong in (
                    {"certificate": pem["private_key"], "private_key": pem["certificate"]},
                    {"certificate": "{{ certificate + private_key }}"},
                    {"private_key_path": pem["private_key"]},
                    {"rename_from": pem["private_key"]},
                )
            ),
            (
                task(
                    "tracking_domains",
                    **at_cloud,
                    domains=[{"name": NAME, "certificate": pem["private_key"]}],
                    **FAILS,
                ),
                ["ran is failed"],
            ),
            (task("tracking_domain", name=NAME, **FAILS), ["ran is failed"]),
            (
                task("tracking_domain", **at_clean, name=NAME, token="wrong-secret-token", **FAILS),
                ["ran is failed", "ran.failure.code == 'authentication'"],
            ),
            (
                task("tracking_domain", **at_cloud, name=OTHER, state="absent", dns_check="off"),
                ["ran is changed", "ran.tracking_domain is none"],
            ),
            (
                task("tracking_domain", **at_clean, name=WARNED, state="absent", dangling="warn"),
                ["ran is changed"],
            ),
        ),
    }
    environ = {
        "name": "From the environment",
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": story(
            (
                task(
                    "tracking_domain", provider="sendclean", name=NAME, cname_target="", region=""
                ),
                ["ran is changed", "ran.tracking_domain.cname.target is none"],
            ),
            (
                task("tracking_domain_info", provider="sendcloud"),
                ["ran.tracking_domains == []"],
            ),
            (
                task("tracking_domain", provider="sendclean", name="https://x", **FAILS),
                ["ran is failed"],
            ),
        ),
    }
    return [both, environ]


def test_all_of_it_went_as_expected(world: dict[str, Any]) -> None:
    done: subprocess.CompletedProcess[str] = world["done"]
    assert done.returncode == 0, done.stdout[-6000:]
    assert "Traceback" not in done.stdout
    assert world["calls"]["sendclean_env"] == {"list": 1, "add": 1}
    assert world["calls"]["sendcloud_env"] == {"list": 1}


def test_no_secret_in_all_that_was_said(world: dict[str, Any], issued: Issued) -> None:
    text = world["done"].stdout
    assert "invocation" in text, "this is the highest verbosity"
    for account in world["accounts"].values():
        assert account.secret not in text
    assert "wrong-secret-token" not in text
    for line in issued.key.splitlines()[1:-1]:
        assert line not in text


def test_the_modules_are_not_deprecated_anywhere(world: dict[str, Any]) -> None:
    assert "DEPRECATION" not in world["done"].stdout


def test_a_diff_is_shown(world: dict[str, Any]) -> None:
    assert f"--- before: {NAME}" in world["done"].stdout
    assert '+    "state": "present"' in world["done"].stdout


def test_warnings_reach_the_user(world: dict[str, Any]) -> None:
    said = " ".join(world["done"].stdout.split())
    assert "[WARNING]" in said
    assert f"{WARNED} is deleted although the record" in said
