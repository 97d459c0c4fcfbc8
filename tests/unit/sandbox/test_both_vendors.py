# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for both vendors alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.mailops.email.tests.sandbox import Sandbox
from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor


def add(vendor: Vendor, name: str) -> str:
    answer = vendor.call(
        "addTrackingDomain" if vendor.clean else "add",
        **{"domain" if vendor.clean else "name": name},
    )
    return str(answer["message"])


def delete(vendor: Vendor, name: str) -> None:
    if vendor.clean:
        vendor.call("deleteTrackingDomain", domain=name)
    else:
        (number,) = (row["id"] for row in vendor.rows() if row["name"] == name)
        vendor.call("delete", id=number)


def names(vendor: Vendor) -> list[str]:
    return [row["domain" if vendor.clean else "name"] for row in vendor.rows()]


@pytest.mark.parametrize(("keeps", "listed"), [(True, "Track.Example.COM"), (False, None)])
def test_the_case_of_a_name(vendor: Vendor, keeps: bool, listed: str | None) -> None:
    vendor.account.switch(keeps_case=keeps)
    add(vendor, "Track.Example.COM")
    assert names(vendor) == [listed or "track.example.com"]


def test_what_was_added_may_be_missing_in_the_next_lists(vendor: Vendor) -> None:
    vendor.account.seed("old.example.com")
    vendor.account.switch(list_lag=2)
    add(vendor, "new.example.com")
    lists = [set(names(vendor)) for _call in range(3)]
    assert lists == [
        {"old.example.com"},
        {"old.example.com"},
        {"old.example.com", "new.example.com"},
    ]


def test_what_was_deleted_may_be_there_in_the_next_lists(vendor: Vendor) -> None:
    vendor.account.switch(delete_lag=2)
    add(vendor, "t.example.com")
    delete(vendor, "t.example.com")
    assert [names(vendor) for _call in range(3)] == [["t.example.com"], ["t.example.com"], []]
    assert vendor.account.state() == {}


def test_a_deletion_may_be_answered_with_success_and_delete_nothing(vendor: Vendor) -> None:
    vendor.account.switch(deletes_nothing=True)
    add(vendor, "t.example.com")
    delete(vendor, "t.example.com")
    assert names(vendor) == ["t.example.com"]
    (call,) = vendor.account.calls(operation="delete")["calls"]
    assert not call["took_effect"]


def test_accounts_do_not_see_each_other(sandbox: Sandbox, vendor: Vendor) -> None:
    other = sandbox.client.account(vendor.account.vendor)
    other.seed("t.example.com")
    assert names(vendor) == []
    other.remove()


def test_adding_one_name_many_times_at_once_adds_it_once(vendor: Vendor) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: add(vendor, "t.example.com"), range(8)))
    calls = vendor.account.calls()["calls"]
    assert sum(call["took_effect"] for call in calls) == 1
    assert names(vendor) == ["t.example.com"]


def test_latency_is_waited_in_parallel(vendor: Vendor) -> None:
    vendor.account.switch(latency_ms=100)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: add(vendor, f"t{n}.example.com"), range(4)))
    assert vendor.account.calls()["most_in_flight"] > 1


def test_two_spellings_of_a_name_are_two_domains(vendor: Vendor) -> None:
    """However they got there: nobody can add the second one."""
    vendor.account.seed("B.example.com", "b.example.com")
    assert sorted(names(vendor)) == ["B.example.com", "b.example.com"]
