# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credential types by AWX's own rules, and what a job gets of a credential."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    connection_options,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.plugins.plugin_utils._awx import objects
from ansible_collections.mailops.email.tests.awx.rules import (
    check_credential_type,
    check_survey,
    inject,
)
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT

TYPES = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted((CHECKOUT / "playbooks/files/awx/credential_types").glob("*.yml"))
}


def filled(kind: dict[str, Any], *, only_required: bool) -> dict[str, Any]:
    fields = kind["inputs"]["fields"]
    return {
        field["id"]: field.get("choices", [f"a {field['id']}"])[0]
        for field in fields
        if not only_required or field["id"] in kind["inputs"].get("required", [])
    }


def test_each_provider_has_a_credential_type() -> None:
    assert set(PROVIDERS) <= set(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_awx_takes_it_and_gives_it_back_as_it_is(name: str) -> None:
    assert set(TYPES[name]) == {"name", "description", "kind", "inputs", "injectors"}
    check_credential_type(TYPES[name])
    for field in TYPES[name]["inputs"]["fields"]:
        assert field["help_text"]


@pytest.mark.parametrize("name", TYPES)
def test_what_is_left_blank_is_harmless(name: str, tmp_path: Path) -> None:
    """It reaches the job as a variable that is empty, and never as the text of a template."""
    environment = inject(
        TYPES[name], filled(TYPES[name], only_required=True), tmp_path, "/runner/env"
    )
    assert not [value for value in environment.values() if "{" in value or "None" in value]


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_provider_finds_its_options_in_the_job_s_environment(name: str, tmp_path: Path) -> None:
    facts, kind = PROVIDERS[name].facts, TYPES[name]
    given = filled(kind, only_required=False)
    found = connection_options({}, facts, inject(kind, given, tmp_path, "/runner/env"))
    assert found == given
    secret = {field["id"] for field in kind["inputs"]["fields"] if field.get("secret")}
    assert secret == {option for option, its in facts.options.items() if its.secret}


def test_a_certificate_reaches_the_job_as_files(tmp_path: Path) -> None:
    given = {"certificate": "-----BEGIN CERTIFICATE-----\nabc", "private_key": "key"}
    environment = inject(TYPES["certificate"], given, tmp_path, "/runner/env")
    assert sorted((tmp_path / Path(path).name).read_text() for path in environment.values()) == [
        "-----BEGIN CERTIFICATE-----\nabc",
        "key",
    ]


def test_awx_takes_the_surveys() -> None:
    found = objects({"project_scm_url": "https://git.example.com/awx.git"}, TYPES)
    surveys = [each["survey_spec"] for each in found["job_templates"] if "survey_spec" in each]
    assert len(surveys) == 3
    for survey in surveys:
        check_survey(survey)
