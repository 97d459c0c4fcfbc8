# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mailops.email.export, run as users run it, and the role right after it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

TRACK, LINKS, NEW = (f"{label}.example.com" for label in ("track", "links", "new"))
OTHER = "track.example.net"
Export = Callable[..., subprocess.CompletedProcess[str]]


def variables_of(account: SandboxAccount, sandbox: Sandbox) -> dict[str, Any]:
    given = {**account.module_options, "dns_servers": [str(sandbox.dns_address)]}
    return {f"tracking_domain_{name}": value for name, value in given.items()}


@pytest.fixture
def export(tmp_path: Path) -> Export:
    def run(
        hosts: dict[str, Any], *options: str, **variables: Any
    ) -> subprocess.CompletedProcess[str]:
        play = {"name": "Export", "import_playbook": "mailops.email.export"}
        given = {"export_directory": str(tmp_path / "out"), **variables}
        done = run_playbook([play], *options, place=tmp_path, hosts=hosts, variables=given)
        assert "Traceback" not in done.stdout
        return done

    return run


@pytest.fixture
def hosts(sandbox: Sandbox, new_account: Callable[..., SandboxAccount]) -> dict[str, Any]:
    clean, cloud, wrong = (
        new_account("sendclean"),
        new_account("sendcloud"),
        new_account("sendcloud"),
    )
    clean.seed(TRACK, verified=True)
    window = {"not_before": "2026-01-01T00:00:00+00:00", "not_after": "2126-01-01T00:00:00+00:00"}
    cloud.seed(OTHER, verified=True, certificate=window)
    cloud.seed(NEW, keep=True)
    sandbox.client.set_record(TRACK, "CNAME", clean.target)
    sandbox.client.set_record(OTHER, "CNAME", cloud.target)
    return {
        "clean": variables_of(clean, sandbox),
        "cloud": variables_of(cloud, sandbox),
        "wrong": {**variables_of(wrong, sandbox), "tracking_domain_api_key": "not-the-key"},
    }


def test_what_is_exported_is_what_the_role_takes_and_changes_nothing(
    export: Export, hosts: dict[str, Any], sandbox: Sandbox, tmp_path: Path
) -> None:
    done = export(hosts)
    assert done.returncode == 2, "one host fails"
    assert "Check api_user and api_key" in done.stdout
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == ["clean.yml", "cloud.yml"]
    assert yaml.safe_load((out / "cloud.yml").read_text())["tracking_domain_domains"] == [
        {"name": NEW, "zone": "example.com", "verify": False},
        {"name": OTHER, "zone": "example.net"},
    ]
    assert " days left, until 2126-01-01T00:00:00Z." in (out / "cloud.yml").read_text()

    sandbox.client.clear_calls()
    sandbox.client.clear_dns_log()
    for host in ("clean", "cloud"):
        declared = yaml.safe_load((out / f"{host}.yml").read_text())
        play = {"name": "Converge", "import_playbook": "mailops.email.converge"}
        done = run_playbook([play], place=tmp_path, variables={**hosts[host], **declared})
        assert done.returncode == 0, done.stdout
        assert "changed=0" in done.stdout
        assert "changed=1" not in done.stdout
    assert sandbox.client.calls()["writes"] == 0
    assert sandbox.client.dns_log()["updates"] == []

    del hosts["wrong"]
    done = export(hosts)
    assert (done.returncode, done.stdout.count("changed=0")) == (0, 2), done.stdout


def test_what_somebody_has_written_is_not_replaced(
    export: Export, hosts: dict[str, Any], tmp_path: Path
) -> None:
    one = {"clean": hosts["clean"]}
    mine = tmp_path / "out" / "clean.yml"
    mine.parent.mkdir()
    mine.write_text(f"# Mine.\ntracking_domain_domains:\n  - {LINKS}\n")
    done = export(one)
    assert done.returncode == 2, done.stdout
    assert "does not declare what the account has" in done.stdout
    assert "# Mine." in mine.read_text()
    done = export(one, "--check", "--diff", export_overwrite=True)
    assert (done.returncode, "changed=1" in done.stdout) == (0, True), done.stdout
    assert f"+  - name: {TRACK}" in done.stdout
    assert "# Mine." in mine.read_text()
    done = export(one, export_overwrite="true")
    assert (done.returncode, "changed=1" in done.stdout) == (0, True), done.stdout
    assert yaml.safe_load(mine.read_text())["tracking_domain_domains"] == [
        {"name": TRACK, "zone": "example.com"}
    ]


def test_a_directory_has_to_be_named(export: Export, hosts: dict[str, Any]) -> None:
    done = export({"clean": hosts["clean"]}, export_directory="")
    assert done.returncode == 2, done.stdout
    assert "Name a directory on the controller: the playbook's export_directory." in done.stdout
