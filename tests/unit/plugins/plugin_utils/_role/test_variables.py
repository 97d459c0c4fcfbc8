# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mailops.email.plugins.plugin_utils._role import variables
from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import settings

ROLE = Path(variables.__file__).parents[3] / "roles" / "tracking_domain"
BACK_ENDS = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["tracking_domain__back_ends"]


def problems(*names: str, environment: Mapping[str, str] | None = None, **given: Any) -> list[str]:
    values = {"provider": "sendclean", "dns_provider": "none", **given}
    full = {f"tracking_domain_{name}": value for name, value in values.items()}
    found, said = variables.read(full, [*full, *names], BACK_ENDS, environment or {})
    assert (found is None) is bool(said)
    return said


def test_blanks_are_not_set() -> None:
    blank = dict.fromkeys(variables.specs(), "")
    found = settings(**{**blank, "provider": "sendclean", "dns_provider": ""})
    assert found.verify is True
    assert found.wait is None
    assert (found.wait_timeout, found.wait_interval, found.removal_timeout) == (600, 10, 900)
    assert (found.dns_ttl, found.purge_limit, found.concurrency) == (300, 5, 4)
    assert found.dns == {"dns_check": "authoritative", "dns_servers": []}
    assert found.back_end.name == "none"
    assert found.connection["timeout"] == 30
    assert "token" not in found.connection


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("verify", "perhaps", "tracking_domain_verify must be true or false, not 'perhaps'."),
        ("dns_ttl", "soon", "tracking_domain_dns_ttl must be a number, 0 or more, not 'soon'."),
        ("wait_timeout", -1, "tracking_domain_wait_timeout must be a number, 0 or more, not '-1'."),
        (
            "wait_timeout",
            True,
            "tracking_domain_wait_timeout must be a number, 0 or more, not 'True'.",
        ),
        ("retries", [3], "tracking_domain_retries must be a number, 0 or more, not '[3]'."),
        ("dangling", "no", "tracking_domain_dangling must be one of fail, warn, ignore, not 'no'."),
        (
            "dns_zone",
            "a b",
            "tracking_domain_dns_zone must be a zone such as example.com, not 'a b'.",
        ),
        ("provider", "", "tracking_domain_provider must be set, to one of sendclean, sendcloud."),
        (
            "provider",
            "sendclaen",
            "tracking_domain_provider must be one of sendclean, sendcloud, not 'sendclaen'. Did you mean sendclean?",
        ),
        (
            "dns_provider",
            "bind",
            f"tracking_domain_dns_provider must be one of {', '.join(BACK_ENDS)}, not 'bind'.",
        ),
    ],
)
def test_a_mistake_is_one_line(name: str, value: Any, says: str) -> None:
    assert problems(**{name: value}) == [says]


def test_a_pattern_that_can_match_nothing() -> None:
    (said,) = problems(purge_exclude="https://example.com/")
    assert said.startswith("tracking_domain_purge_exclude: ")


@pytest.mark.parametrize(
    "value", ["*.example.org, b.example.com", ["*.example.org", "b.example.com"]]
)
def test_patterns_may_be_text(value: Any) -> None:
    patterns = settings(purge_exclude=value).purge_exclude
    assert [
        any(p.matches(name) for p in patterns) for name in ("a.example.org", "c.example.com")
    ] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("tracking_domain_purge_excludes", "tracking_domain_purge_exclude"),
        ("tracking_domain_cname_targt", "tracking_domain_cname_target"),
        ("tracking_domain_dns_povider", "tracking_domain_dns_provider"),
    ],
)
def test_unknown_variables_are_errors_with_the_nearest_name(name: str, meant: str) -> None:
    assert problems(name) == [f"The role has no variable {name}. Did you mean {meant}?"]


def test_what_the_role_sets_itself_is_known() -> None:
    assert (
        problems("tracking_domain_result", "tracking_domain_record", "tracking_domain__names") == []
    )


@pytest.mark.parametrize("value", [5349, 10.0, True])
def test_an_owner_id_that_is_no_text(value: Any) -> None:
    """AWX's values are typed anew by core 2.19 and later: '0012345' becomes 5349."""
    (said,) = problems(owner_id=value)
    assert said.startswith("tracking_domain_owner_id must be text")


def test_a_number_for_the_other_provider_does_not_matter() -> None:
    assert problems(api_user=12) == []


@pytest.mark.parametrize(
    ("back_end", "says"),
    [
        (
            "nsupdate",
            "tracking_domain_nsupdate_server (or TRACKING_DOMAIN_NSUPDATE_SERVER in the environment)",
        ),
        (
            "cloudflare",
            (
                "tracking_domain_cloudflare_api_token (or CLOUDFLARE_TOKEN in the environment) or "
                "tracking_domain_cloudflare_account_api_key"
            ),
        ),
        (
            "hetzner",
            (
                "tracking_domain_hetzner_token (or HETZNER_DNS_TOKEN in the environment) or "
                "tracking_domain_hetzner_api_token (or HETZNER_API_TOKEN in the environment)"
            ),
        ),
        ("custom", "tracking_domain_custom_tasks"),
    ],
)
def test_a_back_end_s_variables_are_checked_before_anything_is_done(
    back_end: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variables, "_collection_is_there", lambda name: True)
    (group,) = BACK_ENDS[back_end]["required"]
    # Not of this process: of the task.
    for environment in ({}, dict.fromkeys(filter(None, group.values()), " ")):
        said = problems(dns_provider=back_end, environment=environment)
        assert said == [f"The DNS back end {back_end} needs {says}, which is not set."]
    for variable, other in group.items():
        assert problems(dns_provider=back_end, environment={}, **{variable: "x"}) == []
        if other:
            assert problems(dns_provider=back_end, environment={other: "x"}) == []


def test_the_environments_of_back_ends_are_documented() -> None:
    for facts in BACK_ENDS.values():
        for group in facts.get("required", ()):
            for variable, other in group.items():
                described = str(variables.specs()[variable]["description"])
                assert f"E({other})" in described if other else "E(" not in described


def test_what_a_back_end_needs_is_named_with_the_command_that_installs_it() -> None:
    table = {"mine": {"collections": ["no.such"], "python": {"no_such_library": "no-such-library"}}}
    values = {"tracking_domain_provider": "sendclean", "tracking_domain_dns_provider": "mine"}
    _found, said = variables.read(values, list(values), table)
    assert re.search("ansible-galaxy collection install no.such", said[0])
    assert re.search("pip install no-such-library", said[1])


def test_every_back_end_has_its_tasks() -> None:
    files = {path.stem for path in (ROLE / "tasks" / "dns").glob("*.yml")}
    assert files == set(BACK_ENDS) - {"none"}
