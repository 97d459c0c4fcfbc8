# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mailops.email.audit, run as users run it, over several accounts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

TRACK, LINKS, NEW, OLD = (f"{label}.example.com" for label in ("track", "links", "new", "old"))
SURPLUS = "surplus.example.net"
Hosts = dict[str, dict[str, Any]]
Audit = Callable[..., subprocess.CompletedProcess[str]]


def variables_of(account: SandboxAccount, **more: Any) -> dict[str, Any]:
    given = {**account.module_options, **more}
    return {f"tracking_domain_{name}": value for name, value in given.items()}


@pytest.fixture
def audit(tmp_path: Path, sandbox: Sandbox) -> Audit:
    """Runs the audit over these hosts; its files go to the test's directory."""

    def run(hosts: Hosts, *options: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        play = {"name": "Audit", "import_playbook": "mailops.email.audit"}
        given = {"tracking_domain_dns_servers": [str(sandbox.dns_address)], **variables}
        done = run_playbook([play], *options, place=tmp_path, hosts=hosts, variables=given)
        assert "Traceback" not in done.stdout
        return done

    return run


@pytest.fixture
def hosts(sandbox: Sandbox, new_account: Callable[..., SandboxAccount]) -> Hosts:
    """One account with this and that, one that is fine, one with a wrong key, one with a variable that nobody set."""
    clean, cloud, wrong = (
        new_account("sendclean"),
        new_account("sendcloud"),
        new_account("sendcloud"),
    )
    clean.seed(TRACK, LINKS, verified=True)
    cloud.seed(SURPLUS, verified=True)
    for name, target in (
        (TRACK, clean.target),
        (LINKS, "elsewhere.example.org"),
        (OLD, clean.target),
        (SURPLUS, cloud.target),
    ):
        sandbox.client.set_record(name, "CNAME", target)
    return {
        "clean": variables_of(
            clean, domains=[TRACK, {"name": NEW}, {"name": OLD, "state": "absent"}]
        ),
        "cloud": variables_of(cloud, domains=f"{SURPLUS}\n"),
        "wrong": {**variables_of(wrong), "tracking_domain_api_key": "not-the-key"},
        "unclear": {"tracking_domain_provider": "{{ nobody_set_this }}"},
    }


def row(done: subprocess.CompletedProcess[str], name: str) -> list[str]:
    (line,) = [line for line in done.stdout.splitlines() if line.split()[1:2] == [name]]
    return line.split()


def test_many_accounts(audit: Audit, hosts: Hosts, tmp_path: Path) -> None:
    files = {
        f"audit_{kind}": str(tmp_path / f"audit.{kind}") for kind in ("html", "json", "prometheus")
    }
    done = audit(hosts, **files)
    assert done.returncode == 0, done.stdout
    assert "changed=0" in done.stdout
    assert "changed=1" not in done.stdout
    assert row(done, OLD) == [
        "sendclean",
        OLD,
        "-",
        "-",
        "leads",
        "there",
        "-",
        "clean",
        "dangling",
    ]
    assert row(done, LINKS)[-3:] == ["clean", "broken,", "undeclared"]
    assert row(done, NEW)[-1] == "broken"
    assert row(done, TRACK) == [
        *("sendclean", TRACK, "yes", "->", "track.sendclean.net", "ok"),
        *("not", "offered", "by", "the", "API", "clean"),
    ]
    assert (
        "3 tracking domains in 4 accounts: 3 verified, 1 dangling, 2 broken, 1 not declared, "
        "1 declared and not there, 2 accounts not readable.\n" in done.stdout
    )
    assert "wrong: Could not list tracking domains at SendCloud" in done.stdout

    report = json.loads((tmp_path / "audit.json").read_text())
    assert report["schema"] == 1
    assert [account["host"] for account in report["accounts"]] == list(hosts)
    by_host = {account["host"]: account for account in report["accounts"]}
    assert by_host["cloud"]["tracking_domains"][0]["problems"] == []
    assert by_host["wrong"]["failure"]["code"] == "authentication"
    assert "nobody_set_this" in by_host["unclear"]["error"]
    assert OLD in (tmp_path / "audit.html").read_text()
    assert list(text_string_to_metric_families((tmp_path / "audit.prometheus").read_text()))
    secrets = [
        value
        for variables in hosts.values()
        for name, value in variables.items()
        if name in ("tracking_domain_token", "tracking_domain_api_key")
    ]
    said = done.stdout + "".join(Path(path).read_text() for path in files.values())
    assert len(secrets) == 3
    assert not [secret for secret in secrets if secret in said]


def test_nothing_secret_is_told_at_any_verbosity(audit: Audit, hosts: Hosts) -> None:
    done = audit(hosts, "-vvvv")
    assert done.returncode == 0, done.stdout
    assert hosts["clean"]["tracking_domain_token"] not in done.stdout
    assert hosts["cloud"]["tracking_domain_api_key"] not in done.stdout
    assert "not-the-key" not in done.stdout


def test_it_fails_for_what_it_was_asked_to(audit: Audit, hosts: Hosts, tmp_path: Path) -> None:
    done = audit(
        hosts, audit_fail_on="dangling\nunreadable, expiring", audit_json=str(tmp_path / "a.json")
    )
    assert done.returncode == 2, done.stdout
    assert f"The audit found 1 dangling: {OLD}; 2 unreadable: wrong, unclear." in done.stdout
    assert json.loads((tmp_path / "a.json").read_text())["counts"]["dangling"] == 1
    done = audit({"cloud": hosts["cloud"]}, audit_fail_on=["broken", "undeclared", "unreadable"])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"audit_fail_on": "brokn"},
            "expiring, undeclared, unreadable, but not 'brokn'.",
        ),
        ({"audit_expires_within": "soon"}, "expires_within must be a number of days"),
        ({"audit_html": "/nowhere/at/all.html"}, "there is no directory /nowhere/at"),
        ({"audit_json": "/tmp"}, "/tmp is a directory"),
        ({"audit_template": "/nowhere.j2"}, "the template /nowhere.j2 cannot be read"),
        (
            {"audit_previous": "/dev/null"},
            "the earlier report /dev/null is not usable: it is not JSON",
        ),
    ],
)
def test_what_makes_no_sense_is_said_at_once(
    audit: Audit, new_account: Callable[..., SandboxAccount], variables: dict[str, Any], said: str
) -> None:
    account = new_account("sendclean")
    done = audit({"one": variables_of(account)}, **variables)
    assert done.returncode == 2, done.stdout
    assert said in done.stdout
    assert account.calls()["total"] == 0


def test_without_an_inventory_it_is_the_account_of_localhost(
    audit: Audit, new_account: Callable[..., SandboxAccount]
) -> None:
    account = new_account("sendclean")
    account.seed(TRACK, verified=True)
    done = audit({}, **variables_of(account), tracking_domain_dns_check="off")
    assert done.returncode == 0, done.stdout
    assert row(done, TRACK)[-7:] == [
        "track.sendclean.net",
        "-",
        "not",
        "offered",
        "by",
        "the",
        "API",
    ]
    assert account.operations() == {"list": 1}


def test_what_has_changed_since_an_earlier_report(
    sandbox: Sandbox, audit: Audit, new_account: Callable[..., SandboxAccount], tmp_path: Path
) -> None:
    """The report of one run is the earlier one of the next. What is gone from the account is looked at still."""
    account = new_account("sendcloud")
    account.seed(TRACK, LINKS, verified=True)
    for name in (TRACK, LINKS):
        sandbox.client.set_record(name, "CNAME", account.target)
    same = {"audit_json": str(tmp_path / "a.json"), "audit_previous": str(tmp_path / "a.json")}
    done = audit({"one": variables_of(account)}, **same)
    assert (done.returncode, "Since" in done.stdout) == (0, False), done.stdout
    account.seed(TRACK, verified=False)
    done = audit({"one": variables_of(account)}, **same)
    assert done.returncode == 0, done.stdout
    assert f"  {TRACK} (one): verified: yes -> no\n" in done.stdout
    assert f"  {LINKS} (one): state: present -> gone\n" in done.stdout
    assert row(done, LINKS)[-1] == "dangling"


def test_check_mode_writes_no_file(
    audit: Audit, new_account: Callable[..., SandboxAccount], tmp_path: Path
) -> None:
    place = tmp_path / "a.json"
    done = audit({"one": variables_of(new_account("sendclean"))}, "--check", audit_json=str(place))
    assert done.returncode == 0, done.stdout
    assert "0 tracking domains in 1 account" in done.stdout
    assert not place.exists()


def test_what_a_tls_client_sees(audit: Audit, new_account: Callable[..., SandboxAccount]) -> None:
    account = new_account("sendcloud")
    window = {"not_before": "2026-01-01T00:00:00+00:00", "not_after": "2126-01-01T00:00:00+00:00"}
    account.seed("nobody.example.org", verified=True, certificate=window)
    done = audit({"one": variables_of(account)}, audit_tls_check="true")
    assert done.returncode == 0, done.stdout
    assert row(done, "nobody.example.org")[-3:] == ["TLS", "unresolved", "broken"]


def test_who_uses_a_domain(
    audit: Audit, new_account: Callable[..., SandboxAccount], tmp_path: Path
) -> None:
    clean, cloud, barred = (new_account(v) for v in ("sendclean", "sendcloud", "sendcloud"))
    for account in (clean, cloud, barred):
        account.seed(TRACK, LINKS, verified=True)
    cloud.change(senders=[{"name": "orders", "tracking_domain": TRACK}])
    barred.switch(senders_readable=False)
    hosts = {
        "clean": variables_of(clean),
        "cloud": variables_of(cloud),
        "barred": variables_of(barred),
    }
    for given, expected in (
        (
            {"audit_senders": "true"},
            {"clean": [None, None], "cloud": [[], ["orders"]], "barred": [None, None]},
        ),
        ({}, {host: [None, None] for host in hosts}),
    ):
        for account in (clean, cloud, barred):
            account.clear_calls()
        done = audit(hosts, audit_json=str(tmp_path / "audit.json"), **given)
        report = json.loads((tmp_path / "audit.json").read_text())
        found = {
            account["host"]: [
                row["senders"]
                for row in sorted(account["tracking_domains"], key=lambda row: row["name"])
            ]
            for account in report["accounts"]
        }
        assert found == expected
        assert ("USED BY" in done.stdout) is bool(given)
        warnings = [line for account in report["accounts"] for line in account["warnings"]]
        assert len(warnings) == len(given)
        assert all(line.startswith("it is not known whether a sender") for line in warnings)
        assert cloud.operations() == ({"list": 1, "senders": 1} if given else {"list": 1})
        assert clean.operations() == {"list": 1}
    assert audit(hosts, audit_senders="perhaps").returncode == 0
    assert "senders must be true or false" in audit(hosts, audit_senders="perhaps").stdout
