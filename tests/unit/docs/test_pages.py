# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of the site: every example in them is right, and they have what the code has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import role_variables
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ModuleArgumentSpecValidator
from jsonschema import Draft202012Validator

from ansible_collections.mailops.email.plugins.module_utils._dns import model
from ansible_collections.mailops.email.plugins.module_utils._errors import CODES
from ansible_collections.mailops.email.plugins.plugin_utils._audit.prometheus import as_prometheus
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT
from ansible_collections.mailops.email.tests.unit.docs.test_examples import specification
from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._audit.given import (
    account,
    domain,
    report,
    tls,
)
from ansible_collections.mailops.email.tests.unit.run_module import documentation

PAGES = sorted((CHECKOUT / "docs" / "docsite" / "rst").glob("*.rst"))
SCHEMA = json.loads((CHECKOUT / "docs" / "audit.schema.json").read_text())
SPECS = role_variables.specs()
SOURCE = Path(model.__file__).read_text()
REQUIRED = {"tracking_domain_provider": "sendcloud", "tracking_domain_domains": []}


def blocks(language: str) -> Iterator[Any]:
    """The examples in this language, each with its page and line."""
    for page in PAGES:
        lines = page.read_text().splitlines()
        for number, line in enumerate(lines):
            if line.strip() != f".. code-block:: {language}":
                continue
            block = []
            for following in lines[number + 1 :]:
                if following.strip() and not following.startswith("   "):
                    break
                block.append(following)
            yield pytest.param(dedent("\n".join(block)), id=f"{page.stem}:{number + 1}")


def page(name: str) -> str:
    return (CHECKOUT / "docs" / "docsite" / "rst" / f"{name}.rst").read_text()


# --- YAML ----------------------------------------------------------------------------------------


def check_role(variables: dict[str, Any]) -> None:
    ours = {name: value for name, value in variables.items() if name.startswith("tracking_domain_")}
    validated = ArgumentSpecValidator(SPECS).validate({**REQUIRED, **ours})
    assert validated.error_messages == []


def check_task(task: dict[str, Any]) -> None:
    """Our modules have the options, and others have whole names."""
    (used,) = [key for key in task if "." in key]
    if not used.startswith("mailops.email."):
        assert used.startswith("ansible.builtin.")
        return
    given = specification(used.removeprefix("mailops.email."))
    given.pop("supports_check_mode")
    validator = ModuleArgumentSpecValidator(given.pop("argument_spec"), **given)
    assert validator.validate(task[used]).error_messages == []


def check_rules(groups: list[dict[str, Any]]) -> None:
    known = set(re.findall(r"^# TYPE (\S+)", metrics(), re.M))
    rules = [rule for group in groups for rule in group["rules"]]
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert set(re.findall(r"mailops_\w+", rule["expr"])) <= known
    assert rules


@pytest.mark.parametrize("text", list(blocks("yaml")))
def test_yaml(text: str) -> None:
    example = yaml.safe_load(text)
    if "groups" in example:
        check_rules(example["groups"])
    elif "all" in example:
        for variables in example["all"]["hosts"].values():
            check_role({**example["all"].get("vars", {}), **variables})
    elif any(str(name).startswith("awx_setup_") for name in example):
        playbook = (CHECKOUT / "playbooks" / "awx_setup.yml").read_text()
        assert [name for name in example if name not in playbook] == []
    elif isinstance(example, dict):
        assert all(name.startswith("tracking_domain_") for name in example)
        check_role(example)
    elif "hosts" in example[0]:
        for play in example:
            roles = [role["role"] for role in play.get("roles", ())]
            roles += re.findall(r"'name': '(mailops\.email\.\w+)'", str(play.get("tasks", ())))
            assert roles == ["mailops.email.tracking_domain"]
            check_role(play["vars"])
    else:
        for task in example:
            check_task(task)


# --- the shell -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", list(blocks("console")))
def test_playbooks_and_variables_that_there_are(text: str) -> None:
    for line in text.replace("\\\n", " ").splitlines():
        for name in re.findall(r"mailops\.email\.(\w+)", line):
            playbook = (CHECKOUT / "playbooks" / f"{name}.yml").read_text()
            for variable in re.findall(r"-e (\w+)=", line):
                known = variable in SPECS or re.search(rf"^#\s+{variable}\s", playbook, re.M)
                assert known, variable


# --- the audit -----------------------------------------------------------------------------------


def metrics() -> str:
    seen = {**tls("ok"), "not_after": "2026-12-31T00:00:00Z"}
    row = domain(days=5, tls=seen, senders=["news"])
    return as_prometheus(report(account(row, declared=[])))


def test_every_metric_is_on_the_page() -> None:
    documented = set(re.findall(r"^   \* - ``(mailops_\w+)``$", page("audit"), re.M))
    assert documented == set(re.findall(r"^# TYPE (\S+)", metrics(), re.M))


@pytest.mark.parametrize("text", list(blocks("json")))
def test_json(text: str) -> None:
    example = json.loads(text)
    if "schema" in example:
        assert list(Draft202012Validator(SCHEMA).iter_errors(example)) == []
    else:
        used = {
            name
            for target in example["targets"]
            for name in re.findall(r"mailops_\w+", target["expr"])
        }
        assert used <= set(re.findall(r"^# TYPE (\S+)", metrics(), re.M))


def test_the_schema_is_what_is_written_and_has_what_is_documented() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    row = domain(days=5, tls=tls("expired", -1))
    made = report(
        account(row, declared=[]),
        account(sought={"missing": ["a.example.com"], "dangling": ["a.example.com"]}, host="two"),
        previous=report(account(domain(), declared=[])),
    )
    assert list(Draft202012Validator(SCHEMA).iter_errors(json.loads(json.dumps(made)))) == []
    of_a_domain = SCHEMA["$defs"]["tracking_domain"]["required"]
    (written, *_others) = made["accounts"][0]["tracking_domains"]
    assert set(written) == set(of_a_domain)
    documented = documentation("tracking_domain_audit", "RETURN")["account"]["contains"]
    assert (
        set(documented) == set(SCHEMA["$defs"]["account"]["required"]) == set(made["accounts"][0])
    )
    assert set(documented["tracking_domains"]["contains"]) == set(of_a_domain)
    counts = documentation("tracking_domain_report", "RETURN")["counts"]["sample"]
    assert set(counts) == set(SCHEMA["properties"]["counts"]["required"]) == set(made["counts"])


# --- troubleshooting -----------------------------------------------------------------------------


def entries(section: str) -> list[str]:
    """What a section of the page on troubleshooting has an entry for."""
    (text,) = re.findall(
        rf"^{section}\n-+\n(.*?)(?=^\S[^\n]*\n-+\n)", page("troubleshooting"), re.M | re.S
    )
    heads = re.findall(r"^``(\w+)``\n(?:\^+\n| {4})", text, re.M)
    assert len(heads) == text.count("*What to do:*"), "each says what to do"
    return heads


def test_every_status_and_code_has_an_entry_and_none_is_invented() -> None:
    returned = documentation("tracking_domain_info", "RETURN")["tracking_domains"]["contains"]

    def documented(of: str) -> list[str]:
        text = " ".join(returned[of]["contains"]["status"]["description"])
        return re.findall(r"V\((\w+)\)", text)

    (defined,) = re.findall(r"^# The values of ``dns.status``.*?\n\n", SOURCE, re.M | re.S)
    dns = re.findall(r'^[A-Z_]+ = "(\w+)"$', defined, re.M)
    assert sorted(entries("DNS status")) == sorted(dns) == sorted(documented("dns"))
    assert sorted(entries("Failure codes")) == sorted(CODES)
    assert sorted(entries("TLS status")) == sorted(documented("tls"))


# --- plans for a pipeline ------------------------------------------------------------------------


def test_the_plan_has_what_the_page_says() -> None:
    role = (CHECKOUT / "roles" / "tracking_domain" / "README.md").read_text()
    documented = re.findall(r"^- `(\w+)`: ", role.split("## The result")[1].split("\n## ")[0], re.M)
    for key in ("changes", "problems", "counts", "actions", "records"):
        assert key in documented
        assert f"``{key}``" in page("pipelines")


# --- links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "roles/tracking_domain/README.md"])
def test_links_are_absolute_and_lead_somewhere(name: str) -> None:
    """Galaxy shows these pages where there is no other file."""
    text = (CHECKOUT / name).read_text()
    heads = {
        re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-")
        for head in re.findall(r"^#+ (.*)$", text, re.M)
    }
    ours = re.compile(
        r"https://(?:github\.com/mailops/email/blob|raw\.githubusercontent\.com/mailops/email)/main/"
    )
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if link.startswith("#"):
            assert link[1:] in heads, link
        else:
            assert link.startswith("https://"), link
        if ours.match(link):
            assert (CHECKOUT / ours.sub("", link).split("#")[0]).is_file(), link


# --- what is listed ------------------------------------------------------------------------------


def test_a_plugin_is_in_the_readme_or_says_that_it_is_internal() -> None:
    """``ansible-doc --list`` cannot hide a plugin, so that its first word has to say it."""
    readme = (CHECKOUT / "README.md").read_text()
    listed = set(re.findall(r"^\| \[?`mailops\.email\.(\w+)`", readme, re.M))
    internal = set()
    for path in [
        *(CHECKOUT / "plugins" / "modules").glob("*.py"),
        *(CHECKOUT / "plugins" / "filter").glob("*.py"),
    ]:
        (text,) = re.findall(r'^DOCUMENTATION = r"""\n(.*?)^"""', path.read_text(), re.M | re.S)
        documented = yaml.safe_load(text)
        said = " ".join(documented["description"])
        if documented["short_description"].startswith("Internal, "):
            internal.add(path.stem)
            assert "Do not use it in playbooks, because it may change at any time." in said
            assert said.startswith("Used internally by ")
        else:
            assert path.stem in listed, path.stem
    assert internal
    assert not internal & listed
    playbooks = {path.stem for path in (CHECKOUT / "playbooks").glob("*.yml")}
    assert playbooks <= listed


# --- the site ------------------------------------------------------------------------------------


def test_each_page_can_be_found() -> None:
    listed = yaml.safe_load((CHECKOUT / "docs" / "docsite" / "extra-docs.yml").read_text())
    pages = [name for section in listed["sections"] for name in section["toctree"]]
    assert sorted(pages) == [path.stem for path in PAGES]
    for name in pages:
        assert f"\n.. _ansible_collections.mailops.email.docsite.{name}:\n" in page(name)


def test_the_tests_that_show_what_is_promised_are_there() -> None:
    named = re.findall(r"^     - ``(\S+)``$", page("promises"), re.M)
    assert len(named) > 10
    assert [path for path in named if not Path(CHECKOUT / path).is_file()] == []
