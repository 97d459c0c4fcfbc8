# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every YAML example of the pages is run against the sandbox, and of the plugins that docs/test_examples.py has not.

What is not run is skipped with the reason. That all of them are valid is tested in docs/test_pages.py
and roles/test_tracking_domain.py.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import role_variables
import yaml

from ansible_collections.mailops.email.tests.sandbox import Sandbox
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT
from ansible_collections.mailops.email.tests.unit.docs.test_examples import (
    TARGET,
    ZONES,
    leave_certificates,
    with_files_in,
)
from ansible_collections.mailops.email.tests.unit.run_module import documentation
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

ROLE = "mailops.email.tracking_domain"
PAGES = [
    CHECKOUT / "README.md",
    CHECKOUT / "roles" / "tracking_domain" / "README.md",
    *sorted((CHECKOUT / "docs" / "docsite" / "rst").glob("*.rst")),
]
# test_dns_update.py runs those of dns_update.
MODULES = ("tracking_domain_audit", "tracking_domain_export", "tracking_domain_report")
HOSTED = "needs an account there; the Molecule scenario dns_back_ends runs it against a double of the API"
# What is not run, by what is in it: the reason, and where the same is tried.
NOT_RUN = {
    "tracking_domain_dns_provider: route53": HOSTED,
    "tracking_domain_dns_provider: cloudflare": HOSTED,
    "tracking_domain_dns_provider: hetzner": HOSTED,
    "tracking_domain_dns_provider: custom": "the tasks file is the next example; Molecule runs tasks of a user's own",
    "community.general.ipa_dnsrecord": "needs a FreeIPA server; Molecule runs tasks of a user's own",
    "awx_setup_": "needs an AWX: make awx; tests/awx runs the same against a double",
    "groups:": "Prometheus evaluates it; test_pages.py compares its metrics with those that are written",
    "module_defaults:": "it names the providers' own addresses; test_all_examples_work has such defaults",
}
# Names that the examples declare: their records are published already.
NAMES = [
    f"{host}.{zone}"
    for zone in ("example.com", "example.net", "example.org", "shop.example.com")
    for host in ("track", "links", "new", "mail", "open", "click")
]


def fenced(page: Path) -> Iterator[tuple[int, str]]:
    text = page.read_text()
    for found in re.finditer(r"^```yaml\n(.*?)^```", text, re.M | re.S):
        yield text[: found.start()].count("\n") + 1, found[1]


def in_blocks(page: Path) -> Iterator[tuple[int, str]]:
    text = page.read_text()
    for found in re.finditer(r"^\.\. code-block:: yaml\n\n((?:(?:   .*)?\n)+)", text, re.M):
        yield text[: found.start()].count("\n") + 1, dedent(found[1])


def all_examples() -> Iterator[tuple[str, str]]:
    """Each with where it stands."""
    for page in PAGES:
        kind = fenced if page.suffix == ".md" else in_blocks
        place = page.relative_to(CHECKOUT)
        for line, text in kind(page):
            yield f"{place}:{line}", text
    yield "argument_specs", role_variables.entry_point()["examples"]
    for module in MODULES:
        yield module, yaml.safe_dump(documentation(module, "EXAMPLES"))
    (filters,) = re.findall(
        r'^EXAMPLES = r"""\n(.*?)^"""',
        (CHECKOUT / "plugins" / "filter" / "dns_records.py").read_text(),
        re.M | re.S,
    )
    yield "dns_records", filters


def reason_not_to_run(text: str) -> str | None:
    return next((reason for part, reason in NOT_RUN.items() if part in text), None)


EXAMPLES = [
    pytest.param(
        text,
        id=place,
        marks=pytest.mark.skip(reason=f"not run: {place}: {reason}")
        if (reason := reason_not_to_run(text))
        else (),
    )
    for place, text in all_examples()
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(zones=ZONES) as running:
        yield running


def known(sandbox: Sandbox) -> dict[str, Any]:
    """What a user would put in the place of the examples' addresses and secrets. It wins over the examples."""
    clean = sandbox.client.account("sendclean", target=TARGET)
    cloud = sandbox.client.account("sendcloud", target=TARGET)
    cloud.change(senders=[{"name": f"{user}_api_user"} for user in ("newsletter", "orders")])
    host, port = str(sandbox.dns_address).rsplit(":", 1)
    urls = {"sendclean": clean.url, "sendcloud": cloud.url}
    return {
        "urls": urls,
        "tracking_domain_api_url": "{{ urls[tracking_domain_provider] }}",
        "tracking_domain_owner_id": clean.identity,
        "tracking_domain_token": clean.secret,
        "tracking_domain_api_user": cloud.identity,
        "tracking_domain_api_key": cloud.secret,
        "tracking_domain_dns_servers": [str(sandbox.dns_address)],
        "tracking_domain_nsupdate_server": host,
        "tracking_domain_nsupdate_port": int(port),
        "tracking_domain_nsupdate_key_name": sandbox.tsig.name,
        "tracking_domain_nsupdate_key_secret": sandbox.tsig.secret,
        "environment_of_it": {
            "SENDCLEAN_OWNER_ID": clean.identity,
            "SENDCLEAN_TOKEN": clean.secret,
            "SENDCLEAN_API_URL": clean.url,
            "SENDCLOUD_API_USER": cloud.identity,
            "SENDCLOUD_API_KEY": cloud.secret,
            "SENDCLOUD_API_URL": cloud.url,
            "TRACKING_DOMAIN_NSUPDATE_SERVER": host,
            "TRACKING_DOMAIN_NSUPDATE_PORT": port,
            "TRACKING_DOMAIN_NSUPDATE_KEY_NAME": sandbox.tsig.name,
            "TRACKING_DOMAIN_NSUPDATE_KEY_SECRET": sandbox.tsig.secret,
        },
    }


def of_modules(value: Any, given: dict[str, Any]) -> Any:
    """Tasks with what modules are given in the place of the examples' addresses."""
    dns = {"tracking_domain_dns_servers": given["tracking_domain_dns_servers"]}
    if isinstance(value, list):
        return [of_modules(each, given) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: of_modules(each, given) for key, each in value.items()}
    if "variables" in made:
        made["variables"] |= dns | {"tracking_domain_api_url": given["tracking_domain_api_url"]}
        provider = made["variables"]["tracking_domain_provider"]
        made["variables"]["tracking_domain_api_url"] = given["urls"][provider]
    return made


def plays_of(example: Any, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The example in what is around it."""
    base = {"hosts": "localhost", "gather_facts": False, "environment": given["environment_of_it"]}
    declared = [{"name": "track.example.com"}, {"name": "links.example.com"}]
    required = {"tracking_domain_provider": "sendcloud", "tracking_domain_domains": declared}
    if isinstance(example, dict):
        return [
            {
                "name": "Variables",
                **base,
                "roles": [{"role": ROLE}],
                "vars": {**required, **example},
            }
        ]
    if "hosts" in example[0]:
        return example
    defaults = {"dns_servers": given["tracking_domain_dns_servers"]}
    return [
        {
            "name": "Tasks",
            **base,
            "module_defaults": {"group/mailops.email.all": defaults},
            # What uses the role's result comes after the role.
            "roles": [] if "include_role" in str(example) else [{"role": ROLE}],
            "vars": required,
            "tasks": of_modules(example, given),
        }
    ]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_runs(text: str, sandbox: Sandbox, tmp_path: Path) -> None:
    for name in NAMES:
        sandbox.client.set_record(name, "CNAME", TARGET)
    leave_certificates(tmp_path, *(f"{host}.example.com" for host in ("track", "links", "click")))
    (tmp_path / "config").mkdir()
    given = known(sandbox)
    example = with_files_in(tmp_path, yaml.safe_load(text.replace("/etc/bind", str(tmp_path))))
    hosts = None
    if isinstance(example, dict) and "all" in example:
        common = example["all"].get("vars", {})
        hosts = {name: {**common, **own} for name, own in example["all"]["hosts"].items()}
        plays = [{"name": "Inventory", "import_playbook": "mailops.email.converge"}]
    else:
        plays = plays_of(example, given)
    done = run_playbook(plays, place=tmp_path, variables=given, hosts=hosts)
    assert done.returncode == 0, done.stdout
    assert outcomes(done) == dict.fromkeys(hosts or ["localhost"], "0"), done.stdout
    assert "[WARNING]" not in done.stdout, done.stdout


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """How much has failed for each host."""
    return dict(re.findall(r"^(\S+)\s+: ok=.*failed=(\d+)", done.stdout, re.M))


def test_the_reasons_are_needed() -> None:
    texts = [text for _place, text in all_examples()]
    assert [part for part in NOT_RUN if not any(part in text for text in texts)] == []
    skipped = sum(bool(reason_not_to_run(text)) for text in texts)
    assert len(texts) > 3 * skipped, "most of them are run"
