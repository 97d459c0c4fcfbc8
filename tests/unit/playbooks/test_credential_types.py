# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's credential types: what AWX accepts, and what it makes of them in a job."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    connection_options,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT

TYPES = {
    path.stem: yaml.safe_load(path.read_text())
    for path in (CHECKOUT / "playbooks/files/awx/credential_types").glob("*.yml")
}
# What AWX 24.6.1 knows of a field.
FIELD = {"id", "label", "type", "help_text", "secret", "choices", "default", "multiline"}
FILES = {"certificate": "/runner/env/tmp1", "private_key": "/runner/env/tmp2"}


def fields(name: str) -> dict[str, dict[str, Any]]:
    return {field["id"]: field for field in TYPES[name]["inputs"]["fields"]}


def rendered(name: str, inputs: dict[str, str], **how: Any) -> dict[str, dict[str, str]]:
    """As AWX does it: what was left blank is not among the variables at all."""
    environment = ImmutableSandboxedEnvironment(**how)
    given = {key: value for key, value in inputs.items() if value}
    given["tower"] = SimpleNamespace(filename=SimpleNamespace(**FILES))
    return {
        kind: {key: environment.from_string(text).render(**given) for key, text in texts.items()}
        for kind, texts in TYPES[name]["injectors"].items()
    }


def test_there_is_one_for_each_provider_and_each_other_secret() -> None:
    assert set(TYPES) == {*PROVIDERS, "nsupdate", "certificate"}
    assert len({kind["name"] for kind in TYPES.values()}) == len(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_awx_accepts_it(name: str) -> None:
    kind = TYPES[name]
    assert set(kind) == {"name", "description", "kind", "inputs", "injectors"}
    assert kind["kind"] == "cloud"
    assert set(kind["inputs"]) == {"fields", "required"}
    assert set(kind["inputs"]["required"]) <= set(fields(name))
    for field in kind["inputs"]["fields"]:
        assert {"id", "label", "type", "help_text"} <= set(field) <= FIELD
        assert field["type"] == "string"
        assert field["id"] != "tower"
        assert "default" not in field or field["default"] in field["choices"]
    assert set(kind["injectors"]) <= {"env", "file"}
    for variable, text in kind["injectors"]["env"].items():
        assert re.fullmatch("[A-Z][A-Z0-9_]*", variable)
        assert not variable.startswith("ANSIBLE_")
        assert text.isascii()
    assert all(re.fullmatch(r"template\.\w+", key) for key in kind["injectors"].get("file", {}))
    # AWX tries them out with a value for each field, and refuses what it does not know.
    rendered(name, dict.fromkeys(fields(name), "EXAMPLE"), undefined=StrictUndefined)


@pytest.mark.parametrize("name", TYPES)
def test_what_is_secret_is_marked(name: str) -> None:
    secret = {key for key, field in fields(name).items() if field.get("secret")}
    expected = {"nsupdate": {"key_secret"}, "certificate": {"private_key"}}
    if name in PROVIDERS:
        options = PROVIDERS[name].facts.options.items()
        expected[name] = {key for key, option in options if option.secret}
    assert secret == expected[name]


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_a_provider_s_gives_the_modules_what_they_need(provider: Any) -> None:
    facts = provider.facts
    inputs = {key: (field.get("choices") or ["x"])[-1] for key, field in fields(facts.name).items()}
    assert connection_options({}, facts, rendered(facts.name, inputs)["env"]) == inputs


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_what_is_left_blank_counts_as_not_set(provider: Any) -> None:
    facts = provider.facts
    needed = {"api_url", *TYPES[facts.name]["inputs"]["required"]}
    environment = rendered(facts.name, dict.fromkeys(needed, "x"))["env"]
    options = connection_options({}, facts, environment)
    assert options == {
        **{name: option.default for name, option in facts.options.items()},
        **dict.fromkeys(needed, "x"),
    }


def test_an_update_key_and_a_certificate() -> None:
    assert rendered("nsupdate", {"key_name": "k", "key_secret": "s"})["env"] == {
        "TRACKING_DOMAIN_NSUPDATE_SERVER": "",
        "TRACKING_DOMAIN_NSUPDATE_KEY_NAME": "k",
        "TRACKING_DOMAIN_NSUPDATE_KEY_SECRET": "s",
        "TRACKING_DOMAIN_NSUPDATE_KEY_ALGORITHM": "",
    }
    assert rendered("certificate", {"certificate": "PEM", "private_key": "KEY"}) == {
        "file": {"template.certificate": "PEM", "template.private_key": "KEY"},
        "env": {
            "TRACKING_DOMAIN_CERTIFICATE_PATH": FILES["certificate"],
            "TRACKING_DOMAIN_PRIVATE_KEY_PATH": FILES["private_key"],
        },
    }


def test_they_are_shipped() -> None:
    galaxy = yaml.safe_load(Path(CHECKOUT / "galaxy.yml").read_text())
    assert not [line for line in galaxy["build_ignore"] if line.startswith("playbooks")]
