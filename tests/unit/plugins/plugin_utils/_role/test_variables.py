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
        (
            "dns_ttl",
            "soon",
            "tracking_domain_dns_ttl must be a whole number, 0 or more, not 'soon'.",
        ),
        ("wait_timeout", -1, "tracking_domain_wait_timeout must be a number, 0 or more, not '-1'."),
        (
            "wait_timeout",
            True,
            "tracking_domain_wait_timeout must be a number, 0 or more, not 'True'.",
        ),
        ("dns_ttl", "1.5", "tracking_domain_dns_ttl must be a whole number, 0 or more, not '1.5'."),
        ("retries", [3], "tracking_domain_retries must be a whole number, 0 or more, not '[3]'."),
        ("retries", 2.5, "tracking_domain_retries must be a whole number, 0 or more, not '2.5'."),
        (
            "purge_limit",
            "0.5",
            "tracking_domain_purge_limit must be a whole number, 0 or more, not '0.5'.",
        ),
        (
            "dns_ttl",
            2**31,
            "tracking_domain_dns_ttl must be 2147483647 seconds at most, not '2147483648'.",
        ),
        (
            "wait_interval",
            0,
            "tracking_domain_wait_interval must be more than 0, and 3600 at most, not 0.",
        ),
        (
            "concurrency",
            65,
            "tracking_domain_concurrency must be 1 or more, and 64 at most, not 65.",
        ),
        ("timeout", "nan", "tracking_domain_timeout must be a number, 0 or more, not 'nan'."),
        ("dns_servers", {"a": 1}, "tracking_domain_dns_servers must be a list, not \"{'a': 1}\"."),
        (
            "ca_path",
            ["a"],
            (
                "tracking_domain_ca_path must be text, in quotes where YAML reads it as something else, "
                "not \"['a']\"."
            ),
        ),
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
            "provider",
            ["x"],
            "tracking_domain_provider must be one of sendclean, sendcloud, not \"['x']\".",
        ),
        (
            "dns_provider",
            ["none"],
            (
                "tracking_domain_dns_provider must be text, in quotes where YAML reads it as something else, "
                "not \"['none']\"."
            ),
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
        there = __file__ if variable == "custom_tasks" else "x"
        assert problems(dns_provider=back_end, environment={}, **{variable: there}) == []
        if other:
            assert problems(dns_provider=back_end, environment={other: "x"}) == []


def test_the_environments_of_back_ends_are_documented() -> None:
    for facts in BACK_ENDS.values():
        for group in facts.get("required", ()):
            for variable, other in group.items():
                described = str(variables.specs()[variable]["description"])
                assert f"E({other})" in described if other else "E(" not in described


def test_a_key_of_the_environment_is_checked_too() -> None:
    prefix = "TRACKING_DOMAIN_NSUPDATE_"
    environment = {
        f"{prefix}SERVER": "192.0.2.53",
        f"{prefix}KEY_NAME": "role-key",
        f"{prefix}KEY_SECRET": "no base64!",
    }
    (said,) = problems(dns_provider="nsupdate", environment=environment)
    assert said.startswith("tracking_domain_nsupdate_key_secret is not base64")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"port": "abc"},
            "tracking_domain_nsupdate_port must be a whole number, 0 or more, not 'abc'.",
        ),
        ({"port": 0}, "tracking_domain_nsupdate_port must be 1 to 65535, not 0."),
        ({"port": "70000"}, "tracking_domain_nsupdate_port must be 1 to 65535, not 70000."),
        (
            {"protocol": "quic"},
            "tracking_domain_nsupdate_protocol must be one of tcp, udp, not 'quic'.",
        ),
        (
            {"key_algorithm": "hmac-sha3"},
            (
                "tracking_domain_nsupdate_key_algorithm must be one of hmac-md5, hmac-sha1, hmac-sha224, "
                "hmac-sha256, hmac-sha384, hmac-sha512, not 'hmac-sha3'."
            ),
        ),
        (
            {"key_secret": "no base64!"},
            (
                "tracking_domain_nsupdate_key_secret is not base64. Give the secret as in the server's "
                "configuration, without quotes."
            ),
        ),
        (
            {"key_secret": 48151623},
            (
                "tracking_domain_nsupdate_key_secret must be text, in quotes where YAML reads it as something "
                "else."
            ),
        ),
        (
            {"key_secret": ""},
            (
                "tracking_domain_nsupdate_key_name is given without tracking_domain_nsupdate_key_secret. Give "
                "both, or neither if the server accepts unsigned updates."
            ),
        ),
        (
            {"server": ["192.0.2.53"]},
            (
                "tracking_domain_nsupdate_server must be text, in quotes where YAML reads it as something "
                "else, not \"['192.0.2.53']\"."
            ),
        ),
    ],
)
def test_what_makes_no_sense_to_a_back_end_is_said_before_anything_is_done(
    given: dict[str, Any], says: str
) -> None:
    right = {"server": "192.0.2.53", "port": "53", "key_name": "k", "key_secret": "c2VjcmV0"}
    right = {f"nsupdate_{name}": value for name, value in right.items()}
    assert problems(dns_provider="nsupdate", **right) == []
    wrong = {f"nsupdate_{name}": value for name, value in given.items()}
    assert problems(dns_provider="nsupdate", **{**right, **wrong}) == [says]
    assert problems(**right, **{name: wrong[name] for name in wrong if name not in right}) == []


def test_other_back_ends_take_text() -> None:
    (said,) = problems(dns_provider="cloudflare", cloudflare_api_token=["word-1"])
    assert said.startswith("tracking_domain_cloudflare_api_token must be text")
    assert "word-1" not in said


def test_a_tasks_file_that_is_not_there(tmp_path: Path) -> None:
    given = {
        "tracking_domain_provider": "sendclean",
        "tracking_domain_dns_provider": "custom",
        "tracking_domain_custom_tasks": "mine.yml",
    }
    _found, said = variables.read(given, list(given), BACK_ENDS, directory=str(tmp_path))
    assert said == [
        (
            "tracking_domain_custom_tasks must name a tasks file (it is 'mine.yml'). A relative path starts "
            "from the playbook's directory."
        )
    ]
    (tmp_path / "mine.yml").touch()
    assert variables.read(given, list(given), BACK_ENDS, directory=str(tmp_path))[1] == []


def test_name_servers_that_are_none() -> None:
    (said,) = problems(dns_servers="192.0.2.53, ns1.example.com")
    assert said.startswith("'ns1.example.com' in tracking_domain_dns_servers is not the address")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("token", ["x"], "tracking_domain_token must be text, but was given as a list"),
        ("token", {"x": 1}, "tracking_domain_token must be text, but was given as a dictionary"),
        ("token", 48151623, "tracking_domain_token must be text, but was given as a number."),
    ],
)
def test_options_of_the_account_have_their_prefix(name: str, value: Any, says: str) -> None:
    (said,) = problems(**{name: value})
    assert said.startswith(says)


def test_what_a_back_end_needs_is_named_with_the_command_that_installs_it() -> None:
    table = {"mine": {"collections": ["no.such"], "python": {"no_such_library": "no-such-library"}}}
    values = {"tracking_domain_provider": "sendclean", "tracking_domain_dns_provider": "mine"}
    _found, said = variables.read(values, list(values), table)
    assert re.search("ansible-galaxy collection install no.such", said[0])
    assert re.search("pip install no-such-library", said[1])


def test_every_back_end_has_its_tasks() -> None:
    files = {path.stem for path in (ROLE / "tasks" / "dns").glob("*.yml")}
    assert files == set(BACK_ENDS) - {"none"}
