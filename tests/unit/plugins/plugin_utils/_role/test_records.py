# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a back end says became of the records that it was given."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._role.records import (
    failures_of,
    publication,
    removal,
)
from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import settings

A, B = "a.example.com", "b.example.com"


def change(name: str, state: str = "present") -> dict[str, Any]:
    return {"name": name, "type": "CNAME", "state": state}


def test_a_list_of_records_is_in_the_order_given() -> None:
    records = [{"status": "changed"}, {"status": "failed", "msg": "it is taken"}]
    sent = {"records": records, "failed": True, "msg": "1 of 2 DNS records failed"}
    assert failures_of([change(A), change(B)], sent, "nsupdate") == {B: "it is taken"}


def test_a_loop_says_which_record_a_result_is_of() -> None:
    sent = {
        "results": [
            {"tracking_domain_record": change(B), "failed": True, "msg": "it is taken"},
            {"tracking_domain_record": change(A), "changed": True},
        ]
    }
    assert failures_of([change(A), change(B)], sent, "mine") == {B: "it is taken"}


def test_what_nobody_speaks_of_was_not_done() -> None:
    assert "did not say what became of it" in failures_of([change(A)], {}, "mine")[A]
    whole = {"failed": True, "msg": "No module named dns"}
    assert failures_of([change(A)], whole, "nsupdate") == {A: "No module named dns"}


def test_an_option_of_a_record_is_called_by_its_variable() -> None:
    hint = "the name has A 192.0.2.1. Permit replacing it with overwrite: true."
    sent = {"records": [{"status": "failed", "msg": hint}]}
    why = failures_of([change(A)], sent, "nsupdate")[A]
    assert why.endswith("with tracking_domain_dns_overwrite: true.")
    again = failures_of([change(A)], {"records": [{"status": "failed", "msg": why}]}, "mine")
    assert again == {A: why}


def without_target(verified: bool) -> dict[str, Any]:
    dns = {"status": "unknown", "found": [], "reason": "", "fix": None, "zone": None}
    return {"name": "t.example.com", "verified": verified, "cname": {"target": None}, "dns": dns}


@pytest.mark.parametrize(
    ("back_end", "verified", "where"),
    [
        ("nsupdate", True, None),
        ("none", True, None),
        ("none", False, "later"),
        ("nsupdate", False, "blocked"),
    ],
)
def test_a_target_that_is_not_known_makes_no_good_domain_bad(
    back_end: str, verified: bool, where: str | None
) -> None:
    plan = publication([without_target(verified)], settings(back_end=back_end), {})
    assert [key for key in ("later", "blocked") if plan[key]] == ([where] if where else [])
    assert plan["changes"] == []
    if where:
        assert "tracking_domain_cname_target" in plan[where]["t.example.com"]


@pytest.mark.parametrize(
    ("dns", "seconds"),
    [({}, 60), ({"dns_servers": ["192.0.2.53"]}, 300), ({"dns_check": "recursive"}, 300)],
)
def test_what_a_resolver_shows_is_only_what_is_left_of_a_time_to_live(
    dns: dict[str, Any], seconds: int
) -> None:
    answer = {"server": "ns1", "cname": ["t.test"], "a": [], "wildcard": False, "ttl": 60}
    domain = {
        "name": "t.example.com",
        "verified": True,
        "cname": {"target": "t.test"},
        "dns": {
            "status": "ok",
            "found": [answer],
            "reason": "",
            "fix": None,
            "zone": "example.com",
        },
    }
    assert removal([domain], settings(**dns), {})["ttl"] == {"t.example.com": seconds}
