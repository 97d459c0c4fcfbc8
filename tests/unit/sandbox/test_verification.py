# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification: the vendors look at the live DNS, and only a check looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.mailops.email.tests.sandbox import Sandbox
from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor


def check(vendor: Vendor, name: str) -> bool:
    if vendor.clean:
        answer = vendor.call("checkTrackingDomain", domain=name)
        return bool(answer["cname"]["valid"] == answer["valid_tracking"] == "Yes")
    (row,) = vendor.call("checkConfig", name=name)["info"]["dataList"]
    return bool(row["cname"])


def listed(vendor: Vendor) -> list[bool]:
    if vendor.clean:
        return [row["cname"]["valid"] == "Yes" for row in vendor.rows()]
    return [row["cname"] for row in vendor.rows()]


@pytest.fixture
def name(sandbox: Sandbox, vendor: Vendor) -> Iterator[str]:
    name = "verify.example.com"
    vendor.account.seed(name)
    yield name
    sandbox.client.delete_record(name)
    sandbox.client.dns_behaviour({})


def test_a_check_follows_the_live_dns_and_a_list_shows_the_last_check(
    sandbox: Sandbox, vendor: Vendor, name: str
) -> None:
    assert (check(vendor, name), listed(vendor)) == (False, [False])
    sandbox.client.set_record(name, "CNAME", vendor.account.target + ".")
    assert listed(vendor) == [False]
    assert (check(vendor, name), listed(vendor)) == (True, [True])
    sandbox.client.delete_record(name)
    assert listed(vendor) == [True]
    assert (check(vendor, name), listed(vendor)) == (False, [False])


@pytest.mark.parametrize("target", ["{}.example.com.", "x{}.", "{}.evil.example.org."])
def test_another_target_is_not_the_target(
    sandbox: Sandbox, vendor: Vendor, name: str, target: str
) -> None:
    sandbox.client.set_record(name, "CNAME", target.format(vendor.account.target))
    assert check(vendor, name) is False


def test_an_address_is_no_cname(sandbox: Sandbox, vendor: Vendor, name: str) -> None:
    sandbox.client.set_record(name, "A", "192.0.2.10")
    assert check(vendor, name) is False


def test_case_does_not_matter(sandbox: Sandbox, vendor: Vendor, name: str) -> None:
    sandbox.client.set_record(name, "CNAME", vendor.account.target.upper() + ".")
    assert check(vendor, name.upper()) is True


def test_chains_are_followed_unless_switched_off(
    sandbox: Sandbox, vendor: Vendor, name: str
) -> None:
    sandbox.client.set_record(name, "CNAME", "hop.example.net.")
    sandbox.client.set_record("hop.example.net", "CNAME", vendor.account.target + ".")
    assert check(vendor, name) is True
    vendor.account.switch(follows_chains=False)
    assert check(vendor, name) is False
    sandbox.client.delete_record("hop.example.net")


def test_a_loop_ends(sandbox: Sandbox, vendor: Vendor, name: str) -> None:
    sandbox.client.set_record(name, "CNAME", name + ".")
    assert check(vendor, name) is False


def test_an_account_may_have_another_target(sandbox: Sandbox, vendor: Vendor, name: str) -> None:
    vendor.account.change(target="links.example.net")
    sandbox.client.set_record(name, "CNAME", "links.example.net.")
    assert check(vendor, name) is True


def test_a_truncated_answer_is_asked_for_again_over_tcp(
    sandbox: Sandbox, vendor: Vendor, name: str
) -> None:
    sandbox.client.set_record(name, "CNAME", vendor.account.target + ".")
    sandbox.client.dns_behaviour({name: "truncate_udp"})
    assert check(vendor, name) is True


def test_a_server_that_fails_is_a_failed_check(sandbox: Sandbox, vendor: Vendor, name: str) -> None:
    sandbox.client.set_record(name, "CNAME", vendor.account.target + ".")
    sandbox.client.dns_behaviour({name: "servfail"})
    assert check(vendor, name) is False


def test_a_failed_check_may_come_from_a_cache_for_some_checks(
    sandbox: Sandbox, vendor: Vendor, name: str
) -> None:
    vendor.account.switch(negative_cache_checks=2)
    assert check(vendor, name) is False
    sandbox.client.set_record(name, "CNAME", vendor.account.target + ".")
    assert [check(vendor, name) for _time in range(3)] == [False, False, True]


def test_a_failed_check_may_come_from_a_cache_for_some_time(
    sandbox: Sandbox, vendor: Vendor, name: str
) -> None:
    vendor.account.switch(negative_cache_seconds=60)
    assert check(vendor, name) is False
    sandbox.client.set_record(name, "CNAME", vendor.account.target + ".")
    assert check(vendor, name) is False
    vendor.account.reset()
    vendor.account.seed(name)
    assert check(vendor, name) is True


def test_without_dns_every_check_fails() -> None:
    with Sandbox(dns=False) as offline:
        assert offline.dns_address is None
        account = offline.demo_account("sendcloud")
        account.seed("t.example.com", verified=True)
        assert (
            offline.world.checker.check(
                offline.world.accounts.by_label("sendcloud", "demo"), "t.example.com"
            )
            is False
        )


def test_another_dns_server_may_be_asked(sandbox: Sandbox, vendor: Vendor, name: str) -> None:
    sandbox.client.set_record(name, "CNAME", vendor.account.target + ".")
    with Sandbox(dns_server=sandbox.dns.address) as second:
        assert second.dns_address == sandbox.dns_address
        account = second.world.accounts.by_label(vendor.account.vendor, "demo")
        assert second.world.checker.check(account, name) is True
