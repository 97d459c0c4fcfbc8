# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many accounts as one report: order, counts, failing, drift, and the report as data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import (
    AuditError,
    as_json,
    days_from,
    failures,
    names_in,
    read_report,
    reasons_from,
    worst_first,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.wording import (
    change_as_text,
    summary,
)

from .given import CLICK, LINKS, TRACK, account, domain, failed, report

EVERYTHING = [
    account(
        domain("fine.example.com"),
        domain("unknown.example.com", dns="unknown"),
        domain("surplus.example.com"),
        domain("soon.example.com", days=20),
        domain("sooner.example.com", days=3),
        declared=[
            "fine.example.com",
            "unknown.example.com",
            "soon.example.com",
            "sooner.example.com",
        ],
        host="two",
    ),
    account(
        domain("broken.example.com", dns="loop"),
        declared=["broken.example.com", LINKS],
        sought={"missing": [LINKS, "old.example.com"], "dangling": ["old.example.com"]},
    ),
    failed(),
]
WORST_FIRST = [
    *("old.example.com", "broken.example.com", LINKS, "sooner.example.com", "soon.example.com"),
    *("surplus.example.com", "unknown.example.com", "fine.example.com"),
]


def test_the_worst_comes_first() -> None:
    made = report(*EVERYTHING)
    assert [row["name"] for _account, row in worst_first(made)] == WORST_FIRST
    (two, *_others) = made["accounts"]
    assert two["host"] == "two"
    names = [row["name"] for row in two["tracking_domains"]]
    assert names == [name for name in WORST_FIRST if name in names]


def test_counts() -> None:
    made = report(*EVERYTHING)
    assert made["counts"] == {
        "accounts": 3,
        "unreadable": 1,
        "tracking_domains": 6,
        "verified": 6,
        "dangling": 1,
        "broken": 2,
        "expiring": 2,
        "undeclared": 1,
        "missing": 1,
        "retiring": 0,
        "unused": 0,
        "unknown": 1,
    }
    assert summary(made, 30) == (
        "6 tracking domains in 3 accounts: 6 verified, 1 dangling, 2 broken, 2 expiring within 30 days, "
        "1 not declared, 1 declared and not there, 1 with an unknown live DNS, 1 account not readable."
    )
    assert summary(report(account(domain())), 1) == (
        "1 tracking domain in 1 account: 1 verified, nothing wrong."
    )
    assert summary(report(), 30) == "0 tracking domains in 0 accounts: 0 verified, nothing wrong."


# --- failing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "broken, expiring",
        "broken\nexpiring\n",
        " broken expiring",
        ["broken", " expiring ", "", "broken"],
    ],
)
def test_reasons_to_fail(value: Any) -> None:
    assert reasons_from(value) == ["broken", "expiring"]


@pytest.mark.parametrize("value", ["", None, [], " , "])
def test_no_reason_to_fail(value: Any) -> None:
    assert reasons_from(value) == []


@pytest.mark.parametrize(
    ("value", "named"), [("brokn", "'brokn'"), (["broken", 3], "'3'"), (3, "list"), ({}, "list")]
)
def test_reasons_that_there_are_not(value: Any, named: str) -> None:
    with pytest.raises(AuditError, match=r"^fail_on ") as caught:
        reasons_from(value)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_run_fails_for() -> None:
    made = report(*EVERYTHING)
    assert failures(made, []) == []
    assert failures(made, ["expiring", "unreadable", "dangling"]) == [
        "2 expiring: sooner.example.com, soon.example.com",
        "1 unreadable: bad",
        "1 dangling: old.example.com",
    ]
    assert failures(report(account(domain())), ["broken", "unreadable"]) == []


@pytest.mark.parametrize(("value", "days"), [(None, 30), ("", 30), (" ", 30), (0, 0), ("14", 14)])
def test_days(value: Any, days: int) -> None:
    assert days_from(value) == days


@pytest.mark.parametrize("value", [-1, "soon", 1.5, True, [3]])
def test_days_that_are_none(value: Any) -> None:
    with pytest.raises(AuditError, match="expires_within must be a number of days"):
        days_from(value)


# --- drift ---------------------------------------------------------------------------------------


def drift(before: Any, after: Any) -> list[str]:
    previous = read_report(as_json(report(*before)))
    return [
        change_as_text(change) for change in report(*after, previous=previous)["drift"]["changes"]
    ]


def test_what_has_changed() -> None:
    before = account(domain(TRACK, days=41), domain(LINKS), declared=[TRACK, LINKS])
    after = account(
        domain(TRACK, days=40, dns="mismatch"),
        domain(CLICK),
        declared=[TRACK, LINKS],
        sought={"missing": [LINKS], "dangling": []},
    )
    assert drift([before], [after]) == [
        f"{LINKS} (one): verified: yes -> -",
        f"{LINKS} (one): dns: ok -> -",
        f"{LINKS} (one): https: no -> -",
        f"{LINKS} (one): state: present -> missing",
        f"{LINKS} (one): problems: - -> broken",
        f"{TRACK} (one): dns: ok -> mismatch",
        f"{TRACK} (one): problems: - -> broken",
        f"{CLICK} (one): added",
    ]
    assert drift([after], [account(domain(CLICK), declared=[CLICK])])[-2:] == [
        f"{CLICK} (one): declared: no -> yes",
        f"{CLICK} (one): problems: undeclared -> -",
    ]


def test_nothing_has_changed() -> None:
    assert drift([account(domain(days=41))], [account(domain(days=40))]) == []


def test_what_could_not_be_read_has_not_changed() -> None:
    assert drift([account(domain())], [failed("one")]) == []
    assert drift([failed("one")], [account(domain())]) == []
    assert drift([], [account(domain())]) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no", "not JSON"),
        ("[]", "no report"),
        ('{"schema": 99}', "no report"),
        ('{"schema": 1}', "changed"),
        ('{"schema": 1, "accounts": [{"error": null, "tracking_domains": [{}]}]}', "changed"),
    ],
)
def test_what_is_no_report(text: str, why: str) -> None:
    with pytest.raises(AuditError, match=why):
        read_report(text)


def test_names_in_an_earlier_report() -> None:
    made = read_report(
        as_json(report(account(domain(), domain(LINKS)), account(domain(CLICK), host="two")))
    )
    assert names_in(made, "one") == [LINKS, TRACK]
    assert names_in(made, "three") == names_in(None, "one") == []


def test_data_is_harmless_wherever_it_is_put() -> None:
    nasty = "</script><b>\x1b[31m\u202e\u2028&\x7f"
    text = as_json(report(failed(error=nasty)))
    assert json.loads(text)["accounts"][0]["error"] == nasty
    assert text.isascii()
    assert not set("<>&\x1b\x7f") & set(text)
