# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment: what ansible-builder makes of the installed collection and of the project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.mailops.email.tests.awx.job import PROJECT
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook


def builder(*arguments: str, place: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "ansible_builder", *arguments],
        cwd=place,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_installed_collection_asks_for_exactly_what_it_needs(installed: Path) -> None:
    found = yaml.safe_load(builder("introspect", str(installed), place=installed))
    lines = (CHECKOUT / "meta" / "ee-requirements.txt").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert [line.split("#")[0].strip() for line in found["python"]] == wanted
    assert found["system"] == []


def test_the_project_describes_an_execution_environment(installed: Path, tmp_path: Path) -> None:
    """As a user has it: written by awx_setup out of the installed collection."""
    project = tmp_path / "project"
    done = run_playbook(
        [{"import_playbook": "mailops.email.awx_setup"}],
        place=tmp_path,
        environment={"ANSIBLE_COLLECTIONS_PATH": str(installed)},
        variables={"awx_setup_export_to": str(project)},
    )
    assert done.returncode == 0, done.stdout
    builder("create", "--output-filename", "Containerfile", place=project)
    context = project / "context"
    asked = yaml.safe_load((context / "_build" / "requirements.yml").read_text())
    assert asked == yaml.safe_load((project / "collections" / "requirements.yml").read_text())
    assert "ansible-core>=2.16" in (context / "Containerfile").read_text()
    shutil.rmtree(context)


def test_what_is_vaulted_in_the_project_s_inventory_stays_so(tmp_path: Path) -> None:
    """AWX reads it like this, without the password, and hands the same to the jobs."""
    shutil.copytree(PROJECT, tmp_path / "project")
    variables = tmp_path / "project" / "host_vars" / "sendclean-news.yml"
    vault = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(b"vault-word-6d11"))])
    encrypted = vault.encrypt("t0ken").decode()
    text = variables.read_text()
    assert "_token: replace this" in text
    indented = encrypted.replace("\n", "\n  ")
    variables.write_text(text.replace("_token: replace this", f"_token: !vault |\n  {indented}"))
    done = subprocess.run(
        [
            *(sys.executable, "-B", "-m", "ansible", "inventory"),
            *("-i", "inventory.yml", "--list", "--export"),
        ],
        cwd=tmp_path / "project",
        env={**os.environ, "HOME": str(tmp_path)},
        text=True,
        capture_output=True,
        check=True,
    )
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]
    assert set(hosts) == {"sendclean-news", "sendcloud-shop"}
    found = hosts["sendclean-news"]["vault_tracking_domain_token"]["__ansible_vault"]
    assert found.strip() == encrypted.strip()
    assert hosts["sendclean-news"]["tracking_domain_token"] == "{{ vault_tracking_domain_token }}"
