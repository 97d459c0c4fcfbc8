# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's variables declare."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._declared import declared, settings

TODAY = date(2026, 11, 21)
A, B = "a.example.com", "b.example.com"


def declare(*entries: dict[str, Any], verify: bool = True, wait: bool = True) -> dict[str, Any]:
    return declared(entries, today=TODAY, verify=verify, wait=wait)


# --- entries -------------------------------------------------------------------------------------


def test_what_is_the_roles_own_stays_with_it() -> None:
    """The module is given what it knows; waiting is for later, and blank means unset."""
    result = declare(
        {"name": "A.example.com.", "zone": "example.com", "wait": True, "id": "", "dangling": None}
    )
    assert result["present"] == [{"name": "A.example.com."}]
    assert (result["names"], result["verify"], result["wait"]) == ([A], [A], [A])
    assert result["zones"] == {A: "example.com"}
    assert result["problems"] == []


def test_private_keys_go_to_the_module_alone() -> None:
    result = declare({"name": A, "certificate": "cert", "private_key": "secret"})
    assert result["present"][0].pop("private_key") == "secret"
    assert "secret" not in str(result)


@pytest.mark.parametrize(
    ("entry", "present", "absent", "retiring", "kept"),
    [
        ({}, True, False, False, False),
        ({"state": "absent"}, False, True, False, True),
        ({"retire_on": "2026-11-22"}, True, False, True, False),
        ({"retire_on": "2026-11-21"}, False, True, False, True),
        ({"retire_on": date(2020, 1, 1)}, False, True, False, True),
        ({"retire_on": "2026-11-22", "state": "absent"}, False, False, True, True),
        ({"retire_on": "2026-11-20", "state": "absent"}, False, True, False, True),
        ({"retire_on": "", "state": ""}, True, False, False, False),
    ],
)
def test_a_day_decides(
    entry: dict[str, Any], present: bool, absent: bool, retiring: bool, kept: bool
) -> None:
    result = declare({"name": A, **entry})
    assert bool(result["present"]) is present
    assert bool(result["absent"]) is absent
    assert bool(result["retiring"]) is retiring
    assert result["kept"] == ([A] if kept else [])


@pytest.mark.parametrize(("day", "says"), [(31, "in 10 days"), (22, "in 1 day")])
def test_what_is_left_is_said(day: int, says: str) -> None:
    on = f"2026-{12 if day == 31 else 11}-{1 if day == 31 else day:02}"
    result = declare({"name": A, "retire_on": on})
    assert result["retiring"][0]["text"] == f"{A} retires on {on}, {says}"


def test_what_goes_takes_only_what_a_deletion_needs() -> None:
    entry = {"name": A, "retire_on": "2020-01-01", "certificate_path": "x", "rename_from": B}
    result = declare({**entry, "id": 7, "dangling": "warn", "zone": "example.com"})
    assert result["absent"] == [{"name": A, "state": "absent", "id": 7, "dangling": "warn"}]
    assert result["former"] == []


def test_each_entry_may_have_its_own_way() -> None:
    result = declare({"name": A, "verify": "no"}, {"name": B, "wait": "false"})
    assert (result["verify"], result["wait"]) == ([B], [])
    assert declare({"name": A, "wait": True}, wait=False)["wait"] == [A]
    assert declare({"name": A}, verify=False)["wait"] == []


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([{"name": "https://a.example.com"}], "Entry 1 of tracking_domain_domains: "),
        ([{"name": A}, {}], "Entry 2 of tracking_domain_domains: "),
        ([{"name": A, "retire_on": "soon"}], "'soon', which is no date; write it like 2026-12-31"),
        ([{"name": A, "rename_from": "*"}], "Entry 1"),
        ([{"name": A, "retire_on": "-----BEGIN PRIVATE KEY-----\nx"}], "retire_on is PEM text"),
        ([{"name": A, "state": "gone"}], "a.example.com: state is 'gone', not present or absent"),
        ([{"name": A, "verify": "maybe"}], "a.example.com: verify and wait must be true or false"),
        ([{"name": A, "zone": "example.net"}], "a.example.com is not within the zone example.net"),
        ([{"name": A, "zone": "net", "state": "absent"}], "is not within the zone net"),
        (
            [{"name": A, "zone": "https://x"}],
            "a.example.com: its zone is 'https://x', which is none",
        ),
        ([{"name": A}, {"domain": "A.Example.com.", "state": "absent"}], "more than once"),
    ],
)
def test_what_is_wrong_is_said(entries: list[dict[str, Any]], says: str) -> None:
    (problem,) = declare(*entries)["problems"]
    assert says in problem


# --- the other variables -------------------------------------------------------------------------


UNSET: dict[str, Any] = dict.fromkeys(
    (
        *("verify", "purge", "dns_overwrite", "wait", "dns_ttl", "wait_timeout", "wait_interval"),
        *("removal_timeout", "purge_exclude", "dns_check", "dns_provider", "dns_zone"),
    )
)


@pytest.mark.parametrize("unset", [None, "", " "])
def test_what_is_not_set(unset: str | None) -> None:
    assert settings(dict.fromkeys(UNSET, unset)) == {
        "verify": True,
        "purge": False,
        "dns_overwrite": False,
        "waits": True,
        "waits_for_others": False,
        "dns_ttl": 300,
        "wait_timeout": 600,
        "wait_interval": 10,
        "removal_timeout": 900,
        "purge_exclude": [],
        "dns_check": "authoritative",
        "dns_provider": "none",
        "problems": [],
    }


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("verify", "no", False),
        ("verify", "False ", False),
        ("purge", "1", True),
        ("dns_overwrite", True, True),
        ("dns_ttl", "60", 60),
        ("wait_interval", "0.5", 0.5),
        ("purge_exclude", "a.*, b.*,", ["a.*", "b.*"]),
        ("purge_exclude", ["a.*"], ["a.*"]),
        ("dns_check", False, "off"),
        ("dns_check", "recursive", "recursive"),
        ("dns_provider", "nsupdate", "nsupdate"),
    ],
)
def test_what_is_meant(name: str, value: Any, expected: Any) -> None:
    result = settings({**UNSET, name: value})
    assert result["problems"] == []
    assert result[name] == expected


@pytest.mark.parametrize(
    ("wait", "timeout", "waits", "for_others"),
    [
        (None, 600, True, False),
        (True, 600, True, True),
        ("no", 600, False, False),
        (None, 0, False, False),
        ("yes", "0", False, False),
    ],
)
def test_what_is_waited_for(wait: Any, timeout: Any, waits: bool, for_others: bool) -> None:
    result = settings({**UNSET, "wait": wait, "wait_timeout": timeout})
    assert (result["waits"], result["waits_for_others"]) == (waits, for_others)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verify", "maybe"),
        ("wait", 2),
        ("purge", "ja"),
        ("dns_ttl", "1h"),
        ("wait_timeout", -1),
        ("wait_timeout", "inf"),
        ("wait_interval", "nan"),
        ("removal_timeout", True),
        ("dns_zone", "https://example.com"),
        ("dns_zone", "example..com"),
    ],
)
def test_what_is_refused(name: str, value: Any) -> None:
    (problem,) = settings({**UNSET, name: value})["problems"]
    assert problem.startswith(f"tracking_domain_{name} must be ")


@pytest.mark.parametrize("zone", ["example.com", "example.com.", "internal", "Bücher.example"])
def test_zones(zone: str) -> None:
    assert settings({**UNSET, "dns_zone": zone})["problems"] == []
