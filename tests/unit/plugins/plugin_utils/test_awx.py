# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from ansible_collections.mailops.email.plugins.plugin_utils._awx import entries, objects

CLEAN = {
    "name": "mailops.email: SendClean",
    "description": "An account.",
    "kind": "cloud",
    "inputs": {
        "fields": [
            {"id": "owner_id", "label": "Owner ID", "type": "string"},
            {"id": "token", "label": "Token", "type": "string", "secret": True},
        ],
        "required": ["owner_id", "token"],
    },
    "injectors": {"env": {"SENDCLEAN_TOKEN": "{{ token | default('') }}"}},
}
UPDATE_KEY = {
    "name": "mailops.email: dynamic update key",
    "description": "A key.",
    "kind": "cloud",
    "inputs": {"fields": [{"id": "key_secret", "type": "string", "secret": True}]},
    "injectors": {"env": {}},
}
TYPES = {"sendclean": CLEAN, "nsupdate": UPDATE_KEY}
PROJECT = {"project_scm_url": "https://git.example.com/awx.git"}
ACCOUNT = {"type": "sendclean", "inputs": {"owner_id": "0012345", "token": "t0ken"}}


def made(**given: Any) -> dict[str, Any]:
    found = objects({**PROJECT, **given}, TYPES)
    assert found["problems"] == []
    return found


def problems(**given: Any) -> str:
    return "\n".join(objects({**PROJECT, **given}, TYPES)["problems"])


def by_name(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in entries}


def test_defaults_make_something_sensible() -> None:
    found = made()
    assert found["organizations"] == [{"name": "Default", "state": "exists"}]
    assert [each["playbook"] for each in found["job_templates"]] == [
        "converge.yml",
        "converge.yml",
        "change.yml",
        "audit.yml",
        "renew_certificates.yml",
    ]
    templates = by_name(found["job_templates"])
    assert templates["Tracking domains: check"]["job_type"] == "check"
    assert templates["Tracking domains: audit"]["extra_vars"]["audit_fail_on"]
    # Those that a user attached in AWX are left alone where none are declared.
    assert "credentials" not in templates["Tracking domains: converge"]
    [schedule] = found["schedules"]
    assert schedule["unified_job_template"] == "Tracking domains: audit"


def test_blank_is_not_given() -> None:
    assert made(organization="", credentials=None, schedules="") == made()


def test_a_credential_of_a_provider_makes_a_host_for_its_account() -> None:
    key = {"type": "nsupdate", "inputs": {"key_secret": "s"}}
    found = made(credentials=[ACCOUNT, key], job_credentials=["Vault of mine"])
    assert found["hosts"] == [
        {
            "name": "sendclean",
            "variables": {"tracking_domain_provider": "sendclean"},
            "inventory": "Tracking domains",
        }
    ]
    template = by_name(found["job_templates"])["Tracking domains: converge"]
    assert template["credentials"] == [
        "Tracking domains: SendClean",
        "Tracking domains: dynamic update key",
        "Vault of mine",
    ]


def test_slices_are_for_what_works_on_accounts_one_by_one() -> None:
    templates = by_name(made(slices=4)["job_templates"])
    assert templates["Tracking domains: converge"]["job_slice_count"] == 4
    assert templates["Tracking domains: audit"]["job_slice_count"] == 1
    assert templates["Tracking domains: change"]["job_slice_count"] == 1


def test_numbers_and_switches_may_be_text() -> None:
    found = made(slices="2", surveys="false", project_update_on_launch="no")
    assert found["job_templates"][0]["job_slice_count"] == 2
    assert not any("survey_spec" in each for each in found["job_templates"])
    assert found["projects"][0]["scm_update_on_launch"] is False


def test_a_notification_is_attached_to_every_template() -> None:
    found = made(notification={"notification_type": "webhook", "notification_configuration": {}})
    assert all(each["notification_templates_error"] for each in found["job_templates"])
    # AWX would say each time that its secrets changed.
    assert found["notification_templates"][0]["state"] == "exists"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"project_scm_url": None}, "awx_setup_project_scm_url is missing"),
        ({"projekt_scm_url": "x"}, "Do you mean awx_setup_project_scm_url?"),
        ({"accounts": "shop"}, "awx_setup_accounts has to be a list"),
        ({"surveys": "perhaps"}, "awx_setup_surveys has to be true or false"),
        ({"slices": -1}, "awx_setup_slices has to be a whole number"),
        ({"templates": ["audits"]}, "'audits', which is none of converge, check"),
        ({"schedules": {"audits": "x"}}, "awx_setup_schedules has 'audits'"),
        ({"credentials": [{"inputs": {}}]}, "Entry 1 of awx_setup_credentials has no type"),
        ({"credentials": [ACCOUNT, ACCOUNT]}, "a job of AWX takes one of a type"),
        ({"credentials": [{"type": "sendclean"}]}, "lacks owner_id"),
        ({"accounts": [{"variables": {}}]}, "Entry 1 of awx_setup_accounts has no name"),
        (
            {
                "accounts": [
                    {"name": "a", "variables": {"tracking_domain_nsupdate_key_secret": "s"}}
                ]
            },
            "tracking_domain_nsupdate_key_secret of a is a secret",
        ),
    ],
)
def test_what_makes_no_sense(given: dict[str, Any], message: str) -> None:
    assert message in problems(**given)


def test_an_owner_id_that_yaml_read_as_a_number() -> None:
    inputs = {"owner_id": 5349, "token": "t0ken", "tokn": "x"}
    found = problems(credentials=[{"type": "sendclean", "inputs": inputs}])
    assert "owner_id has to be text: write it in quotes. YAML has read it as 5349" in found
    assert "has tokn, which is none of owner_id, token" in found


def test_two_vault_credentials_with_their_own_ids_are_fine() -> None:
    vaults = [
        {"type": "Vault", "name": name, "inputs": {"vault_id": name, "vault_password": "p"}}
        for name in ("one", "two")
    ]
    assert len(made(credentials=vaults)["credentials"]) == 2


def test_files_hold_the_same_without_secrets() -> None:
    given = {
        "credentials": [ACCOUNT, {"type": "Vault", "inputs": {"vault_password": "v4ult"}}],
        "notification": {
            "notification_type": "webhook",
            "notification_configuration": {"password": "h00k"},
        },
        "export_to": "/tmp/x",
    }
    found = made(**given)
    text = "".join(found["files"].values())
    assert not [secret for secret in ("t0ken", "v4ult", "h00k") if secret in text]
    assert "!unsafe '{{ token | default('''') }}'" in text
    templates = yaml.safe_load(found["files"]["controller_templates.yml"])["controller_templates"]
    assert templates == found["job_templates"]
    assert any("vault_awx_" in line for line in found["by_hand"])


def test_the_project_can_be_written_before_it_has_a_place() -> None:
    found = objects({"export_to": "/tmp/x"}, TYPES)
    assert (found["problems"], found["projects"]) == ([], [])
    assert any("Push /tmp/x" in line for line in found["by_hand"])


def test_what_is_left_depends_on_what_was_given() -> None:
    left = "\n".join(made()["by_hand"])
    for words in (
        "execution environment",
        "Galaxy credential",
        "inventory.yml",
        "Vault credential",
        "/etc/letsencrypt",
    ):
        assert words in left
    rest = made(
        execution_environment_image="registry.example.com/x:1",
        galaxy_credentials=["Ansible Galaxy"],
        credentials=[ACCOUNT],
        templates=["converge", "audit"],
        update_secrets=True,
    )
    assert rest["by_hand"] == []
    assert "the accounts of shop" in "\n".join(made(accounts=["shop"])["by_hand"])


def test_without_accounts_the_hosts_are_those_of_the_project() -> None:
    [source] = made(inventory_file="accounts.yml")["inventory_sources"]
    assert (source["source_project"], source["source_path"]) == ("Tracking domains", "accounts.yml")
    assert made(accounts=["shop"])["inventory_sources"] == []
    assert made(credentials=[ACCOUNT])["inventory_sources"] == []


@pytest.mark.parametrize(
    "ciphertext", ["$ANSIBLE_VAULT;1.1;AES256\n6162", b"$ANSIBLE_VAULT;1.1;AES256\n6162"]
)
def test_a_vaulted_variable_reaches_awx_vaulted(ciphertext: Any) -> None:
    """Ansible's object for it is another in each release; both have this attribute."""

    class Vaulted:
        _ciphertext = ciphertext

        def __str__(self) -> str:
            return "in the clear"

    variables = {"tracking_domain_provider": "sendclean", "tracking_domain_token": Vaulted()}
    found = made(accounts=[{"name": "news", "variables": variables}])
    assert found["hosts"][0]["variables"] == {
        "tracking_domain_provider": "sendclean",
        "tracking_domain_token": "{{ vault_tracking_domain_token }}",
        "vault_tracking_domain_token": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6162"},
    }
    assert "in the clear" not in str(found)
    inputs = {"owner_id": "1", "token": Vaulted()}
    found = made(credentials=[{"type": "sendclean", "inputs": inputs}])
    assert found["credentials"][0]["inputs"]["token"] == "in the clear"


def test_answers_of_a_survey() -> None:
    found = entries(
        {
            "present": "track.example.com\r\n\n  links.example.com  \n",
            "absent": ["gone.example.com"],
            "retiring": "old.example.com",
            "retire_on": date(2027, 12, 31),
        }
    )
    assert found == {
        "entries": [
            {"name": "track.example.com"},
            {"name": "links.example.com"},
            {"name": "gone.example.com", "state": "absent"},
            {"name": "old.example.com", "retire_on": "2027-12-31"},
        ],
        "problems": [],
    }


def test_a_survey_left_blank_is_no_wish_to_change_nothing() -> None:
    assert (
        "No domain was named"
        in entries({"present": None, "absent": "", "retiring": " \n"})["problems"][0]
    )
    assert (
        "on which day" in entries({"retiring": "a.example.com", "retire_on": None})["problems"][0]
    )
