# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to go, what has to wait, and what a purge finds."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import (
    TARGET,
    A,
    B,
    C,
    World,
    absent,
    converge,
    right,
)


@pytest.mark.parametrize("dns_check", ["off", "authoritative"])
def test_another_cname_keeps_the_domain_only_where_nobody_looks_where_it_leads(
    dns_check: str,
) -> None:
    world = World({A: True}, {A: "links.new-vendor.example.net"})
    found = [{"type": "CNAME", "value": "links.new-vendor.example.net", "ttl": 300}]
    world.publish = lambda changes: {  # type: ignore[method-assign]
        "records": [{"status": "unchanged", "found": found, "msg": "left alone"}] * len(changes)
    }
    result = converge(world, [absent(A)], dns_check=dns_check, dns_zone="example.com")
    assert (A in world.domains) is (dns_check == "off")
    said = f"The DNS back end nsupdate failed. {A}: left alone\nRecord and domain stay."
    assert result["problems"] == ([said] if dns_check == "off" else [])


def test_no_deletion_while_the_record_is_there() -> None:
    world = right(A)
    result = converge(world, [absent(A)], back_end="none")
    assert world.writes == []
    assert result["problems"] == [f"Could not do {A}: {A} failed: dangling."]
    assert [record["action"] for record in result["records"]] == ["to_remove"]
    assert result["summary"][-1] == f"to remove: {A}. 300 IN CNAME {TARGET}."


def test_no_deletion_while_the_dns_gives_no_answer() -> None:
    world = right(A, blind=True)
    world.records.clear()
    assert len(converge(world, [absent(A)], back_end="none")["problems"]) == 1
    assert world.domains == {A: True}


def test_one_broken_domain_holds_up_no_other() -> None:
    world = right(A)
    world.records[B] = "elsewhere.example.net"
    result = converge(world, [B, absent(A)])
    assert A not in world.domains
    assert len(result["problems"]) == 1


def test_the_replacement_comes_first() -> None:
    world = right(A)
    world.records[B] = "elsewhere.example.net"
    domains = [B, absent(A, replaced_by=B)]
    result = converge(world, domains)
    assert world.domains[A]
    assert f"{A}: it stays until this is verified: {B}" in result["summary"]
    del world.records[B]
    assert converge(world, domains)["problems"] == []
    assert world.domains == {B: True}
    assert world.writes.index(f"present {B}") < world.writes.index(f"absent {A}")


def test_a_full_account_does_not_deadlock() -> None:
    world = right(A, limit=1)
    assert len(converge(world, [B, absent(A)])["problems"]) == 1
    assert world.domains == {}
    assert converge(world, [B, absent(A)])["problems"] == []
    assert world.domains == {B: True}


def test_a_full_account_says_what_ties_the_knot() -> None:
    result = converge(right(A, limit=1), [B, absent(A, replaced_by=[B])])
    assert any("take replaced_by out" in line for line in result["summary"])


def test_the_day_has_come() -> None:
    world = right(A, B)
    later = converge(
        world, [{"name": A, "retire_on": "2026-11-27"}, absent(B, retire_on="2026-12-31")]
    )
    assert world.writes == []
    assert later["problems"] == []
    assert later["summary"] == [
        "SendClean: 2 tracking domains declared: 2 retiring, nothing changed",
        f"{A} retires on 2026-11-27, in 1 day",
        f"{B} retires on 2026-12-31, in 35 days",
    ]
    assert {domain["name"] for domain in later["tracking_domains"]} == {A, B}
    converge(world, [{"name": A, "retire_on": "2026-11-26"}, B])
    assert world.domains == {B: True}


def test_a_record_that_another_account_may_own_is_left_alone() -> None:
    world = World({}, {A: TARGET})
    result = converge(world, [absent(A)])
    assert world.records == {A: TARGET}
    assert world.writes == []
    (problem,) = result["problems"]
    assert "does not have it, and its record still leads there" in problem
    assert result["counts"]["failed"] == 1
    assert converge(world, [absent(A, dangling="ignore")])["problems"] == []
    assert world.records == {}


def test_the_old_name_of_a_rename_may_be_another_account_s_by_now() -> None:
    world = World({A: True}, {A: TARGET, B: TARGET})
    result = converge(world, [{"name": A, "rename_from": B}])
    assert world.writes == []
    (problem,) = result["problems"]
    assert "take rename_from out" in problem


def test_the_old_name_s_record_goes_in_the_run_that_gets_the_new_one_right() -> None:
    world = World({A: False}, {B: TARGET})
    assert converge(world, [{"name": A, "rename_from": B}])["problems"] == []
    assert world.writes == [f"present {A}", f"absent {B}"]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("purge", [False, True])
def test_what_the_provider_s_side_refuses_keeps_its_record(check_mode: bool, purge: bool) -> None:
    """Its mail would lose its links for a deletion that is never done."""
    world = right(A, B, check_mode=check_mode, refuses={A: "in_use"})
    result = converge(world, [B] if purge else [B, absent(A)], purge=purge)
    assert world.records == {A: TARGET, B: TARGET}
    assert world.writes == []
    assert result["problems"] == [f"Could not do {A}: {A} failed: in_use."]
    assert not any("removed" in line for line in result["summary"])


def test_one_that_is_refused_holds_up_no_other() -> None:
    world = right(A, B, refuses={A: "conflict"})
    converge(world, [absent(A), absent(B)])
    assert world.writes == [f"absent {B}", f"delete {B}"]


def test_a_rehearsal_that_gets_no_answer_removes_nothing() -> None:
    world = right(A)
    down = {"msg": "HTTP 503", "failed": True}
    world.weather = lambda module, _options: down if module == "tracking_domains" else None
    result = converge(world, [absent(A)])
    assert world.records == {A: TARGET}
    assert result["problems"] == [f"{A} stays at SendClean: it could not be looked up: HTTP 503"]


def test_a_purge_goes_the_same_way() -> None:
    world = right(A, B, C)
    result = converge(world, [A], purge=True, purge_exclude=[C])
    assert world.writes == [f"absent {B}", f"delete {B}"]
    assert result["problems"] == []
    assert result["unmanaged"] == [C]
    assert "The account has 1 more, not declared: c.example.com" in result["summary"][0]


def test_a_purge_waits_for_all_that_is_declared() -> None:
    world = right(B)
    world.records[A] = "elsewhere.example.net"
    result = converge(world, [A], purge=True)
    assert world.domains[B]
    assert f"{B}: the purge waits until this is right: {A}" in result["summary"]


def test_a_purge_waits_for_what_is_declared_absent() -> None:
    world = right(A, B, C, refuses={A: "conflict"})
    result = converge(world, [C, absent(A)], purge=True)
    assert world.writes == []
    assert f"{B}: the purge waits until this is right: {A}" in result["summary"]
    world.refuses.clear()
    assert converge(world, [C, absent(A)], purge=True)["problems"] == []
    assert world.writes == [f"absent {A}", f"delete {A}", f"absent {B}", f"delete {B}"]


def test_a_purge_of_a_full_account_says_what_ties_the_knot() -> None:
    result = converge(right(A, B, limit=2), [A, C], purge=True)
    assert any(f"The account is full: declare {B} as absent" in line for line in result["summary"])


def test_a_purge_leaves_what_is_no_host_name_alone_and_goes_on() -> None:
    world = right(A, B)
    world.domains["*.example.com"] = True
    result = converge(world, [A], purge=True)
    assert world.domains == {A: True, "*.example.com": True}
    (problem,) = result["problems"]
    assert problem.startswith("'*.example.com' at SendClean is no host name")


def test_what_else_the_account_has_is_told_where_only_absent_ones_are_declared() -> None:
    result = converge(right(A, B), [absent(A)])
    assert result["unmanaged"] == [B]


def test_a_purge_waits_for_a_record_that_could_not_be_removed() -> None:
    world = right(A, B, C)
    publish = world.publish

    def refuses(changes: list[dict[str, Any]]) -> dict[str, Any]:
        if changes[0]["name"] == A:
            return {"failed": True, "msg": "ns1.example.com refused it"}
        return publish(changes)

    world.publish = refuses  # type: ignore[method-assign]
    converge(world, [C, absent(A)], purge=True)
    assert world.writes == []


def test_a_purge_over_its_limit_fails_and_deletes_nothing() -> None:
    world = right(A, B, C)
    result = converge(world, ["new.example.com"], purge=True, purge_limit=2)
    assert world.domains == {A: True, B: True, C: True, "new.example.com": True}
    (problem,) = result["problems"]
    assert "tracking_domain_purge_limit (2)" in problem


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_record_that_is_mended_makes_no_old_name_ours(check_mode: bool) -> None:
    """The rename is long done: whoever has the old name now keeps its record."""
    world = World({A: True}, {B: TARGET}, check_mode=check_mode)
    result = converge(world, [{"name": A, "rename_from": B}])
    assert world.records.get(B) == TARGET
    assert not any(f"removed: {B}" in line for line in result["summary"])


def test_a_purge_waits_for_what_is_left_of_a_rename() -> None:
    world = right(A, C)
    world.records[B] = TARGET
    result = converge(world, [{"name": A, "rename_from": B}], purge=True)
    assert world.writes == []
    assert len(result["problems"]) == 1
    assert f"{C}: the purge waits until this is right: {B}" in result["summary"]


def test_an_old_name_of_which_nothing_is_left_is_not_spoken_of() -> None:
    world = right(A)
    world.records[C] = "elsewhere.example.net"
    result = converge(world, [{"name": A, "rename_from": B}, C])
    assert not any(B in line for line in result["summary"])


def test_one_that_waits_for_its_replacement_and_is_dead_fails() -> None:
    world = World({A: True})
    result = converge(world, [B, absent(A, replaced_by=B)], back_end="none")
    assert len(result["problems"]) == 1
    assert A in result["problems"][0]


def test_a_wildcard_that_leads_there_is_called_by_its_name() -> None:
    world = World({}, {A: TARGET})
    seen = world.dns

    def wildcard(name: str) -> dict[str, Any]:
        found = seen(name)
        found["found"][0]["wildcard"] = True
        return found

    world.dns = wildcard  # type: ignore[method-assign]
    (problem,) = converge(world, [absent(A)])["problems"]
    assert "a wildcard leads its name there" in problem


@pytest.mark.parametrize("dns_check", ["off", "authoritative"])
def test_the_old_name_of_this_run_goes_although_nobody_sees_it(dns_check: str) -> None:
    """Whoever removes the record knows whether it is there."""
    world = World({A: False}, {A: TARGET, B: TARGET})
    seen = world.dns
    world.dns = lambda name: (  # type: ignore[method-assign]
        {**seen(name), "status": "unknown", "found": []} if name == B else seen(name)
    )
    domains = [{"name": A, "rename_from": B}]
    converge(world, domains, dns_check=dns_check, dns_zone="example.com")
    assert world.records == {A: TARGET}


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_record_stays_where_the_deletion_could_not_be_proven(check_mode: bool) -> None:
    world = right(A, blind=True, check_mode=check_mode)
    result = converge(world, [absent(A)], dns_zone="example.com")
    assert world.records == {A: TARGET}
    (problem,) = result["problems"]
    assert "the live DNS gives no answer" in problem


def test_what_else_the_account_has_is_told_where_all_absent_ones_are_gone() -> None:
    assert converge(right(B), [absent(A)])["unmanaged"] == [B]
