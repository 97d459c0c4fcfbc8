# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which providers there are, and that nothing else has to know them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.mailops.email.plugins.module_utils._providers import registry as _registry
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS

UTILS = Path(_registry.__file__).parents[1]
PLUGINS = UTILS.parent
# Those that may name a provider: its own file and the registry.
KNOWING = {"registry.py", *(f"{name}.py" for name in PROVIDERS)}
SHARED = [
    path
    for place in ("module_utils", "plugin_utils", "action", "doc_fragments")
    for path in sorted((PLUGINS / place).rglob("*.py"))
    if path.name not in {*KNOWING, "account.py"}
]
# What they say of providers comes from the generator, or is an example.
MODULES = sorted(PLUGINS.glob("modules/*.py"))
NAMES = re.compile("|".join(PROVIDERS), re.IGNORECASE)


def test_both_vendors_are_there_under_the_names_of_the_option() -> None:
    assert {"sendclean", "sendcloud"} <= set(PROVIDERS)
    assert all(name == provider.facts.name for name, provider in PROVIDERS.items())


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_what_all_providers_share_names_none(path: Path) -> None:
    assert not NAMES.search(path.read_text())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_names_providers_in_examples_and_samples_alone(path: Path) -> None:
    text = path.read_text()
    documentation = re.findall(r'DOCUMENTATION = r"""(.*?)"""', text, re.DOTALL)
    code = re.sub(r'r?""".*?"""', "", text, flags=re.DOTALL)
    assert not NAMES.search("".join([*documentation, code]))


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_facts_are_complete(provider: type) -> None:
    facts = provider.facts
    assert facts.title
    assert facts.target_hint
    assert facts.about
    assert facts.credentials_hint.endswith(".")
    assert facts.documentation_url.startswith("https://")
    assert facts.url_example.startswith("https://")
    assert facts.url_env == f"{facts.name.upper()}_API_URL"
    for name, option in facts.options.items():
        assert option.env == f"{facts.name.upper()}_{name.upper()}"
        assert option.description.endswith(".")
        assert option.default is None or option.default in (option.choices or (option.default,))
    assert any(option.secret for option in facts.options.values())
