# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's README, argument specs, defaults and back ends agree with each other and with the modules."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import role_variables
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    connection_spec,
    dns_spec,
    entry_spec,
    set_spec,
    wait_spec,
)

ROLE = Path(__file__).resolve().parents[3] / "roles" / "tracking_domain"

SPECS = role_variables.specs()
README = (ROLE / "README.md").read_text()
BACK_ENDS = sorted((ROLE / "tasks" / "dns").glob("*.yml"))
GUIDES = ROLE.parents[1] / "docs" / "docsite" / "rst"
GUIDE = (GUIDES / "dns_back_ends.rst").read_text()
TOP_README = (ROLE.parents[1] / "README.md").read_text()
EXAMPLES = [
    yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", README + TOP_README, re.S)
] + [yaml.safe_load(role_variables.entry_point()["examples"])]
ROLE_KEYS = {"zone", "retire_on", "replaced_by", "domain"}


def tasks_of(value: Any) -> list[dict[str, Any]]:
    """The tasks in a YAML document, those of plays and of blocks too."""
    if isinstance(value, list):
        return [task for item in value for task in tasks_of(item)]
    if not isinstance(value, dict):
        return []
    inner = [tasks_of(value[key]) for key in ("tasks", "block", "rescue") if key in value]
    return sum(inner, [value] if "name" in value and "hosts" not in value else [])


def test_the_tables_are_made_from_the_argument_specs() -> None:
    assert role_variables.filled(README) == README, "run make generate"


def test_defaults_are_those_of_the_argument_specs() -> None:
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert defaults == {name: spec["default"] for name, spec in SPECS.items() if "default" in spec}


def test_secrets_are_marked() -> None:
    secret = re.compile(r"_(token|key|secret_key|key_secret|private_key|account_api_key)$")
    harmless = {"tracking_domain_route53_access_key"}
    marked = {name for name, spec in SPECS.items() if spec.get("no_log")}
    assert marked == {name for name in SPECS if secret.search(name)} - harmless
    assert SPECS["tracking_domain_domains"]["options"]["private_key"]["no_log"]


def test_the_modules_options_are_the_roles() -> None:
    modules = {**connection_spec(), **set_spec(), **wait_spec(), **dns_spec("authoritative")}
    assert {f"tracking_domain_{name}" for name in modules} <= set(SPECS)
    assert set(entry_spec()) | ROLE_KEYS == set(SPECS["tracking_domain_domains"]["options"])


def test_every_variable_may_be_blank() -> None:
    """AWX sends an empty string for each field of a survey that is left blank."""
    blank = dict.fromkeys(SPECS, "")
    entry = dict.fromkeys(SPECS["tracking_domain_domains"]["options"], "")
    given = {
        **blank,
        "tracking_domain_provider": "sendclean",
        "tracking_domain_domains": [{**entry, "name": "track.example.com"}],
    }
    assert ArgumentSpecValidator(SPECS).validate(given).error_messages == []


def test_every_variable_may_be_null() -> None:
    """Ansible-core before 2.19 takes none for text, and answers with all of the specs."""
    given = dict.fromkeys(SPECS) | {"tracking_domain_domains": ["track.example.com"]}
    assert ArgumentSpecValidator(SPECS).validate(given).error_messages == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_use_variables_that_there_are(example: Any) -> None:
    if "module_defaults" in example:
        (defaults,) = example["module_defaults"].values()
        assert set(defaults) <= set(connection_spec())
        return
    plays = example if isinstance(example, list) else [{"roles": [{"vars": example}]}]
    for play in plays:
        for role in play.get("roles", ()):
            given = {"tracking_domain_provider": "sendcloud", "tracking_domain_domains": []}
            given |= play.get("vars", {}) | role.get("vars", {})
            validated = ArgumentSpecValidator(SPECS).validate(given)
            assert validated.error_messages == []


def test_tasks_use_options_that_their_modules_have() -> None:
    """Of the back ends and of the README's examples, against the installed collections."""
    documents = [*EXAMPLES, *(yaml.safe_load(path.read_text()) for path in BACK_ENDS)]
    used: dict[str, set[str]] = {}
    for task in tasks_of(documents):
        for key, options in task.items():
            if key.count(".") == 2 and isinstance(options, dict) and not key.endswith(".set_fact"):
                used.setdefault(key, set()).update(options)
    assert len(used) >= 6
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "doc", "--json", *used],
        capture_output=True,
        text=True,
        check=True,
    )
    documented = json.loads(done.stdout)
    for module in used.keys() & documented.keys():
        options = documented[module]["doc"]["options"]
        known = {
            *options,
            *(alias for each in options.values() for alias in each.get("aliases", ())),
        }
        # Newer releases of community.dns only; left out unless it is given.
        assert used[module] - known <= {"hetzner_api_token"}, module
    if missing := used.keys() - documented.keys():
        pytest.skip(f"not installed: {', '.join(sorted(missing))}")


PAGE = sorted((ROLE / "tasks").glob("*.yml")) + sorted((ROLE / "vars").glob("*.yml"))
EVERY_YAML = sorted(
    path
    for place in ("tasks", "vars", "defaults", "meta")
    for path in (ROLE / place).rglob("*.yml")
)


def lines_of(path: Path) -> list[str]:
    """Those that are neither blank nor a comment."""
    stripped = (line.strip() for line in path.read_text().splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def tasks_with(module: str) -> list[dict[str, Any]]:
    """The role's tasks with this module, those of the back ends too."""
    tasks = [task for path in EVERY_YAML for task in tasks_of(yaml.safe_load(path.read_text()))]
    return [task for task in tasks if f"ansible.builtin.{module}" in task]


def test_the_role_is_a_page() -> None:
    """What the redesign set out to reach: a program in YAML does not come back."""
    assert sum(len(lines_of(path)) for path in PAGE) <= 150
    assert all(len(lines_of(path)) <= 100 for path in BACK_ENDS)


def test_the_role_has_few_variables_of_its_own() -> None:
    names = {
        name
        for path in EVERY_YAML
        for line in lines_of(path)
        for name in re.findall(r"tracking_domain__\w+", line)
    }
    assert {"tracking_domain__ensured", "tracking_domain__asked"} <= names
    assert len(names) <= 12, sorted(names)


def test_the_role_computes_little_in_facts() -> None:
    assert 1 <= len(tasks_with("set_fact")) <= 4


def test_no_tasks_include_themselves() -> None:
    """Each file includes what comes after it in this order, and so none comes back to itself."""
    order = ["main.yml", "change.yml", "dns/", "parts/", "{{ [playbook_dir"]
    included = []
    for path in sorted((ROLE / "tasks").rglob("*.yml")):
        own = next(
            n for n, word in enumerate(order) if word in str(path.relative_to(ROLE / "tasks"))
        )
        for task in tasks_of(yaml.safe_load(path.read_text())):
            if file := task.get("ansible.builtin.include_tasks"):
                included.append(file)
                assert any(file.startswith(word) for word in order[own + 1 :]), (path, file)
    assert len(included) == len(tasks_with("include_tasks")) == 6


def test_no_fact_has_a_variable_s_name() -> None:
    """It would outlive the role's use, and win over the variable in the next one."""
    variables = {
        name
        for place in ("vars", "defaults")
        for name in yaml.safe_load((ROLE / place / "main.yml").read_text())
    }
    facts: set[str] = set()
    for path in (ROLE / "tasks").rglob("*.yml"):
        for task in tasks_of(yaml.safe_load(path.read_text())):
            facts |= set(task.get("ansible.builtin.set_fact", ()))
            facts |= {task["register"]} if "register" in task else set()
    assert {"tracking_domain_result", "tracking_domain_dns_sent"} <= facts
    assert facts & variables == set()


def test_back_ends_are_named_where_users_look() -> None:
    table = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["tracking_domain__back_ends"]
    assert set(table) == {path.stem for path in BACK_ENDS} | {"none"}
    for name, needs in table.items():
        assert f"   * - ``{name}``\n" in GUIDE
        row = GUIDE.split(f"   * - ``{name}``\n")[1].split("   * - ")[0]
        for each in [*needs.get("collections", ()), *list(needs.get("python", {}).values())[:1]]:
            assert f"``{each}``" in row, "what it needs"
        assert f"tracking_domain_dns_provider: {name}\n" in GUIDE
        assert f"V({name})" in str(SPECS["tracking_domain_dns_provider"]["description"])


def test_the_guides_say_what_the_page_of_the_role_does_not() -> None:
    """One place for each thing: a paragraph or an example stands in one of them."""
    guides = "\n".join(path.read_text() for path in GUIDES.glob("*.rst"))
    for text in re.split(r"\n\s*\n|```", README):
        words = " ".join(text.split())
        if len(words) > 100 and not words.startswith(("<!--", "|")):
            assert words.replace("`", "") not in " ".join(guides.replace("``", "").split()), words
    links = re.findall(r"\(https://github.com/mailops/email/blob/main/([^)#]+)", README)
    assert len(links) >= 6
    for link in links:
        assert (ROLE.parents[1] / link).exists(), link
