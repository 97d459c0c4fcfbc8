# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook awx_setup, with the modules of awx.awx, against a stand-in for AWX."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mailops.email.tests.awx.fake_awx import TOKEN, FakeAwx
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

PLAYS = [{"import_playbook": "mailops.email.awx_setup"}]
SECRETS = {
    "api_key": "cloud-key-7f3a",
    "vault_password": "vault-word-91c2",
    "password": "hook-word-55d0",
    "token": TOKEN,
}
GIVEN: dict[str, Any] = {
    "awx_setup_project_scm_url": "https://git.example.com/awx.git",
    "awx_setup_project_scm_branch": "main",
    "awx_setup_organization": "Mail",
    "awx_setup_galaxy_credentials": ["Ansible Galaxy"],
    "awx_setup_execution_environment_image": "registry.example.com/mailops:1",
    "awx_setup_credentials": [
        {
            "type": "sendcloud",
            "inputs": {
                "api_user": "shop",
                "api_key": SECRETS["api_key"],
                "region": "us",
                "api_url": "",
            },
        },
        {"type": "Vault", "inputs": {"vault_password": SECRETS["vault_password"]}},
    ],
    "awx_setup_accounts": [
        "news",
        {"name": "shop", "variables": {"tracking_domain_provider": "sendcloud"}},
    ],
    "awx_setup_inventory_variables": {"tracking_domain_wait_timeout": 900},
    "awx_setup_slices": 4,
    "awx_setup_schedules": {
        "audit": "DTSTART:20260101T050000Z RRULE:FREQ=DAILY;INTERVAL=1",
        "converge": "DTSTART:20260101T060000Z RRULE:FREQ=DAILY;INTERVAL=1",
    },
    "awx_setup_notification": {
        "notification_type": "webhook",
        "notification_configuration": {
            "url": "https://hook.example.com",
            "http_method": "POST",
            "headers": {},
            "username": "awx",
            "password": SECRETS["password"],
        },
    },
}
Setup = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def setup(awx: FakeAwx, tmp_path: Path) -> Setup:
    def run(*options: str, environment: Any = None, **variables: Any) -> Any:
        return run_playbook(
            PLAYS,
            *options,
            place=tmp_path,
            environment={
                "CONTROLLER_HOST": awx.url,
                "CONTROLLER_OAUTH_TOKEN": TOKEN,
                **(environment or {}),
            },
            variables={**GIVEN, **variables},
        )

    return run


def changes(done: subprocess.CompletedProcess[str]) -> int:
    found = re.search(r"changed=(\d+) .*failed=0", done.stdout)
    assert found, done.stdout
    return int(found[1])


def test_awx_gets_what_differs_and_no_secret_is_shown(awx: FakeAwx, setup: Setup) -> None:
    first = setup("-vvv")
    assert changes(first) > 0
    assert awx.names("organizations") == ["Default", "Mail"]
    assert awx.names("hosts") == ["news", "shop"]
    assert awx.names("job_templates") == [
        f"Tracking domains: {name}"
        for name in ("audit", "change", "check", "converge", "renew certificates")
    ]
    assert awx.names("schedules") == ["Tracking domains: audit", "Tracking domains: converge"]
    audit = awx.named("job_templates", "Tracking domains: audit")
    assert audit["job_slice_count"] == 1
    assert '"dangling"' in audit["extra_vars"]
    converge = awx.named("job_templates", "Tracking domains: converge")
    assert converge["job_slice_count"] == 4
    assert (
        converge["execution_environment"]
        == awx.named("execution_environments", "Tracking domains")["id"]
    )
    assert len(awx.associates("job_templates", "Tracking domains: converge", "credentials")) == 2
    assert awx.associates("organizations", "Mail", "galaxy_credentials")
    assert awx.associates(
        "job_templates", "Tracking domains: audit", "notification_templates_error"
    ) == [awx.named("notification_templates", "Tracking domains")["id"]]
    inputs = awx.named("credentials", "Tracking domains: SendCloud")["inputs"]
    assert inputs == {"api_user": "shop", "api_key": SECRETS["api_key"], "region": "us"}
    for path in (CHECKOUT / "playbooks/files/awx/credential_types").glob("*.yml"):
        wanted = yaml.safe_load(path.read_text())
        made = awx.named("credential_types", wanted["name"])
        # AWX's own templates reach it as they are.
        assert made["injectors"] == wanted["injectors"]
        assert made["inputs"] == wanted["inputs"]

    awx.writes.clear()
    second = setup()
    assert (changes(second), awx.writes) == (0, [])
    assert "Left to do by hand:" in second.stdout
    for secret in SECRETS.values():
        assert secret not in first.stdout + second.stdout

    # Somebody changed something in AWX, and a secret is new.
    awx.named("job_templates", "Tracking domains: change")["_survey"]["spec"].pop()
    awx.named("job_templates", "Tracking domains: converge")["forks"] = 50
    awx.named("hosts", "shop")["variables"] = "{}"
    renewed = {"api_user": "shop", "api_key": "another-key-22", "region": "us"}
    third = setup(
        awx_setup_credentials=[
            {"type": "sendcloud", "inputs": renewed},
            GIVEN["awx_setup_credentials"][1],
        ],
        awx_setup_update_secrets="true",
    )
    assert changes(third) > 0
    assert sorted(awx.writes) == [
        "survey job_templates Tracking domains: change",
        "update credentials Tracking domains: SendCloud",
        "update credentials Tracking domains: Vault",
        "update hosts shop",
        "update job_templates Tracking domains: converge",
        "update notification_templates Tracking domains",
    ]
    assert awx.named("credentials", "Tracking domains: SendCloud")["inputs"] == renewed


def test_with_the_least_that_can_be_said(awx: FakeAwx, tmp_path: Path) -> None:
    done = run_playbook(
        PLAYS,
        place=tmp_path,
        variables={
            "awx_setup_controller_host": awx.url,
            "awx_setup_controller_username": "admin",
            "awx_setup_controller_password": "a-word-3b",
            "awx_setup_templates": "{{ ['audit'] }}",
            "awx_setup_project_scm_url": "https://git.example.com/awx.git",
        },
    )
    assert changes(done) > 0
    assert awx.names("job_templates")
    [source] = awx.objects["inventory_sources"].values()
    assert source["source_project"] == awx.named("projects", "Tracking domains")["id"]
    assert "a-word-3b" not in done.stdout


def test_a_wrong_token_is_said_and_not_shown(setup: Setup) -> None:
    done = setup("-vvv", environment={"CONTROLLER_OAUTH_TOKEN": "wrong-token-81"})
    assert done.returncode != 0
    assert "Invalid authentication credentials" in done.stdout
    assert "wrong-token-81" not in done.stdout


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"awx_setup_project_scm_url": ""}, "awx_setup_project_scm_url is missing"),
        ({"awx_setup_projekt": "x"}, "awx_setup_projekt is no variable of this playbook"),
        (
            {
                "awx_setup_credentials": [
                    {"type": "sendcloud", "inputs": {"api_user": "a", "api_key": "b"}},
                    {"type": "sendcloud", "inputs": {"api_user": "c", "api_key": "d"}},
                ]
            },
            "a job of AWX takes one of a type",
        ),
        (
            {"awx_setup_accounts": [{"name": "a", "variables": {"tracking_domain_token": "x"}}]},
            "tracking_domain_token of a is a secret",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_before_awx_is_asked(
    awx: FakeAwx, setup: Setup, variables: dict[str, Any], message: str
) -> None:
    done = setup(**variables)
    assert done.returncode != 0
    assert message in done.stdout
    assert awx.writes == []


def test_files_for_awx_as_code(tmp_path: Path) -> None:
    place = tmp_path / "project"
    variables = {**GIVEN, "awx_setup_export_to": str(place)}
    done = run_playbook(PLAYS, place=tmp_path, variables=variables)
    assert changes(done) > 0
    again = run_playbook(PLAYS, place=tmp_path, variables=variables)
    assert changes(again) == 0
    written = {
        path.relative_to(place).as_posix(): path.read_text() for path in place.rglob("*.yml")
    }
    for name in ("converge", "change", "audit", "renew_certificates"):
        [wrapper] = yaml.safe_load(written[f"{name}.yml"])
        assert wrapper["ansible.builtin.import_playbook"] == f"mailops.email.{name}"
    assert "mailops.email" in written["collections/requirements.yml"]
    everything = "".join(written.values()) + done.stdout
    for secret in SECRETS.values():
        assert secret not in everything
    assert "!unsafe '{{ api_key" in written["awx/controller_credential_types.yml"]
    credentials = yaml.safe_load(written["awx/controller_credentials.yml"])[
        "controller_credentials"
    ]
    assert credentials[0]["inputs"] == {
        "api_user": "shop",
        "api_key": "{{ vault_awx_sendcloud_api_key }}",
        "region": "us",
    }


def test_what_was_written_and_changed_since_stays(tmp_path: Path) -> None:
    variables = {"awx_setup_export_to": str(tmp_path / "project")}
    run_playbook(PLAYS, place=tmp_path, variables=variables)
    mine = tmp_path / "project" / "host_vars" / "sendclean-news.yml"
    mine.write_text("tracking_domain_provider: sendclean\n")
    done = run_playbook(PLAYS, place=tmp_path, variables=variables)
    assert changes(done) == 0
    assert mine.read_text() == "tracking_domain_provider: sendclean\n"


def test_without_the_collection_awx_awx_it_says_so(awx: FakeAwx, tmp_path: Path) -> None:
    # A process whose Python cannot find it, as where only ansible-core is installed.
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name.startswith('ansible_collections.awx')"
        " else find(name, *more)\n"
    )
    done = run_playbook(
        PLAYS, place=tmp_path, variables=GIVEN, environment={"PYTHONPATH": str(tmp_path)}
    )
    assert done.returncode != 0
    assert "The collection awx.awx is not installed here" in done.stdout
    assert awx.writes == []
