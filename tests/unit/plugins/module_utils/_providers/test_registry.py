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
# Those that may name a provider: its own file and the registry (and documentation).
KNOWING = {"registry.py", *(f"{name}.py" for name in PROVIDERS)}


def code(path: Path) -> str:
    """A file without comments, strings over many lines, and words for people."""
    text = re.sub(r'r?""".*?"""', "", path.read_text(), flags=re.DOTALL)
    return re.sub(r"#.*", "", text)


def test_both_vendors_are_there_under_the_names_of_the_option() -> None:
    assert sorted(PROVIDERS) == ["sendclean", "sendcloud"]
    assert all(name == provider.facts.name for name, provider in PROVIDERS.items())


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in [*UTILS.rglob("*.py"), *PLUGINS.glob("modules/*.py")]
        if path.name not in KNOWING
    ],
    ids=lambda path: path.name,
)
def test_a_third_vendor_costs_one_file_and_one_line(path: Path) -> None:
    """No class, module or comparison of one vendor elsewhere; texts for people may name it."""
    text = code(path)
    assert not re.search(r"_sendclean|_sendcloud|\bSend(Clean|Cloud)\b(?=[(.\]])", text)
    assert not re.search(r"""[!=]=\s*["'](sendclean|sendcloud)["']""", text)


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
