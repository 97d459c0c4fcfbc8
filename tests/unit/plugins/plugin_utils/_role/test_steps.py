# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's steps against a world without I/O: what is claimed is held against what is there."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import (
    TARGET,
    World,
    converge,
)

A, B, C = "a.example.com", "b.example.com", "c.example.com"


def absent(name: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "state": "absent", **options}


def right(*names: str, **options: Any) -> World:
    """A world in which these are as they should be."""
    return World(dict.fromkeys(names, True), dict.fromkeys(names, TARGET), **options)


def actions(result: dict[str, Any]) -> dict[str, str]:
    return {action["name"]: action["action"] for action in result["actions"]}


# --- the main job --------------------------------------------------------------------------------


def test_from_nothing_to_verified_and_then_nothing_more() -> None:
    world = World(verifies_after=70)
    result = converge(world, [A, B])
    assert world.writes == [f"add {A}", f"add {B}", f"present {A}", f"present {B}"]
    assert world.domains == {A: True, B: True}
    assert result["problems"] == []
    assert actions(result) == {A: "created", B: "created"}
    assert [record["action"] for record in result["records"]] == ["published", "published"]
    assert result["waited"] >= 60
    assert result["summary"][0] == "SendClean: 2 tracking domains declared: 2 changed"
    world.calls.clear()
    again = converge(world, [A, B])
    assert [module for module, _options in world.calls] == ["tracking_domains"]
    assert again["summary"] == ["SendClean: 2 tracking domains declared: 2 right, nothing changed"]


def test_a_wait_says_how_far_it_is() -> None:
    world = World(verifies_after=70)
    converge(world, [A])
    assert len(world.said) == 3
    assert world.said[0] == (
        f"0 of 1 verified, 580 s left. Waiting for {A}: the record is right, SendClean has not seen it yet"
    )


def test_a_wait_that_ends_without_success_fails() -> None:
    world = World(verifies_after=10_000)
    result = converge(world, [A], wait_timeout=100)
    assert result["waited"] == 100
    assert result["problems"] == [f"Could not do {A}: created, but {A} failed: not_verified."]
    assert result["counts"]["failed"] == 1


def test_a_provider_that_does_not_answer_is_asked_again_and_named_as_the_cause() -> None:
    down = {"msg": "HTTP 503", "failure": {"code": "network"}, "failed": True}
    world = World()
    world.weather = lambda _module, options: (
        down if "wait_timeout" in options and world.now < 1050 else None
    )
    result = converge(world, [A])
    assert result["problems"] == []
    assert world.domains == {A: True}
    assert any("HTTP 503" in line for line in world.said)
    assert not any("has not seen it yet" in line for line in world.said)


def test_refused_credentials_end_a_wait() -> None:
    refused = {"msg": "Token MissMatch", "failure": {"code": "authentication"}, "failed": True}
    world = World()
    world.weather = lambda _module, options: refused if "wait_timeout" in options else None
    result = converge(world, [A])
    assert result["problems"] == ["Token MissMatch"]
    assert world.slept == 0


def test_nothing_is_done_where_nothing_could_be_asked() -> None:
    world = right(A)
    world.weather = lambda _module, _options: {"msg": "no route to host", "failed": True}
    result = converge(world, [absent(A), B], purge=True)
    assert result["problems"] == ["no route to host"]
    assert world.writes == []
    assert result["summary"] == ["SendClean: 2 tracking domains declared: 2 failed"]


# --- check mode ----------------------------------------------------------------------------------


def test_check_mode_says_would_be_and_writes_nothing() -> None:
    world = right(A, C, check_mode=True)
    result = converge(world, [B, absent(C)])
    assert world.writes == []
    assert result["problems"] == []
    assert result["summary"] == [
        f"SendClean: 2 tracking domains declared: 2 would be changed. The account has 1 more, not declared: {A}",
        f"would be created: {B}",
        f"would be published: {B}. 300 IN CNAME {TARGET}.",
        f"would be verified: {B}",
        f"would be removed: {C}. 300 IN CNAME {TARGET}.",
        f"would be deleted: {C}",
    ]


def test_a_check_run_that_meets_what_will_stop_the_real_one_fails() -> None:
    world = World(records={A: "elsewhere.example.net"}, check_mode=True)
    (problem,) = converge(world, [A])["problems"]
    assert f"{A} is mismatch" in problem
    assert "tracking_domain_dns_overwrite" in problem


def test_no_changes_expected() -> None:
    world = World(check_mode=True)
    (problem,) = converge(world, [A], expect_no_changes=True)["problems"]
    assert problem.startswith("3 changes would be made, and none is expected")
    assert converge(right(A), [A], expect_no_changes="yes")["problems"] == []


# --- never green when dead -----------------------------------------------------------------------


@pytest.mark.parametrize("back_end", ["none", "nsupdate"])
@pytest.mark.parametrize("record", [None, "elsewhere.example.net"])
def test_a_verified_domain_whose_name_leads_elsewhere(back_end: str, record: str | None) -> None:
    world = World({A: True}, {A: record} if record else {})
    result = converge(world, [A], back_end=back_end)
    mended = back_end == "nsupdate" and record is None
    assert bool(result["problems"]) is not mended
    assert (world.records.get(A) == TARGET) is mended
    assert result["counts"]["failed"] == (0 if mended else 1)


def test_a_record_that_is_mended_is_waited_for() -> None:
    """The provider says verified of what it saw before; that it sees it again is what counts."""
    world = World({A: True}, {}, verifies_after=70)
    result = converge(world, [A])
    assert result["problems"] == []
    assert result["waited"] >= 60
    assert [
        options["_settings"]["recheck"] for _m, options in world.calls if "_settings" in options
    ][:2] == ["never", "all"]


def test_a_record_that_is_mended_and_not_seen_fails() -> None:
    world = World({A: True}, {}, verifies_after=10_000)
    result = converge(world, [A], wait_timeout=50)
    assert result["counts"]["failed"] == 1
    assert result["waited"] == 50


def test_one_that_is_dead_and_retires_later_fails_as_well() -> None:
    world = World({A: True})
    result = converge(world, [absent(A, retire_on="2999-01-01")], back_end="none")
    assert len(result["problems"]) == 1
    assert result["counts"]["failed"] == 1


def test_somebody_else_s_record_is_waited_for_only_if_asked_to() -> None:
    world = World()
    result = converge(world, [A], back_end="none")
    assert result["problems"] == []
    assert world.now == 1000
    assert f"to publish: {A}. 300 IN CNAME {TARGET}." in result["summary"]
    result = converge(world, [A], back_end="none", wait=True, wait_timeout=60)
    assert world.now >= 1060
    assert len(result["problems"]) == 1
    world.records[A] = TARGET
    assert converge(world, [A], back_end="none", wait=True)["problems"] == []


def test_what_was_right_at_the_back_end_already_is_no_change() -> None:
    world = World({A: False}, {A: TARGET}, blind=True)
    world.publish = lambda changes: {  # type: ignore[method-assign]
        "records": [{"status": "unchanged"} for _change in changes]
    }
    result = converge(world, [A], wait=False, verify=False, expect_no_changes=True)
    assert [record["action"] for record in result["records"]] == ["unchanged"]
    assert result["changes"] == 0
    assert result["problems"] == []


def test_a_record_that_the_back_end_refuses_is_not_published() -> None:
    """The live DNS showed nothing: the server that takes the change knows better."""
    world = World({A: True})
    seen = world.dns
    world.dns = lambda name: {**seen(name), "status": "missing", "found": []}  # type: ignore[method-assign]
    world.records[A] = "new-vendor.example.net"
    result = converge(world, [A, B])
    assert result["records"][0]["action"] == "to_publish"
    assert result["problems"][0].startswith("The DNS back end nsupdate failed. " + A)
    assert world.records[A] == "new-vendor.example.net"
    assert world.domains[B], "the others go on"


# --- what goes -----------------------------------------------------------------------------------


def test_record_then_time_to_live_then_domain() -> None:
    world = right(A, B, ttl=3600, lag=25)
    result = converge(world, [B, absent(A)], removal_timeout=900)
    assert result["problems"] == []
    assert world.writes == [f"absent {A}", f"delete {A}"]
    # Until the last name server has forgotten it, and then the whole time to live.
    assert world.now >= world.removed_at[A] + 25 + 3600
    assert f"[{A}]" not in world.said
    assert sum("waiting for caches" in line for line in world.said) == 180
    assert result["summary"][1:] == [
        f"removed: {A}. 300 IN CNAME {TARGET}.",
        f"deleted: {A}",
    ]


def test_name_servers_that_do_not_forget_keep_the_domain() -> None:
    world = right(A, lag=10_000)
    result = converge(world, [absent(A)], removal_timeout=60)
    assert world.writes == [f"absent {A}"]
    assert world.domains == {A: True}
    (problem,) = result["problems"]
    assert "tracking_domain_removal_timeout" in problem
    # The next run goes on from there, however long the time to live is.
    world.lag = 0
    assert converge(world, [absent(A)], removal_timeout=60)["problems"] == []
    assert world.domains == {}


@pytest.mark.parametrize("dns_check", ["off", "authoritative"])
def test_another_cname_keeps_the_domain_only_where_nobody_looks_where_it_leads(
    dns_check: str,
) -> None:
    world = World({A: True}, {A: "links.new-vendor.example.net"})
    found = [{"type": "CNAME", "value": "links.new-vendor.example.net", "ttl": 300}]
    world.publish = lambda changes: {  # type: ignore[method-assign]
        "records": [{"status": "unchanged", "found": found, "msg": "left alone"} for _ in changes]
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


@pytest.mark.parametrize("module", ["tracking_domain_info", "tracking_domains"])
def test_nothing_is_right_where_nothing_could_be_asked(module: str) -> None:
    world = right(A)
    down = {"msg": "HTTP 503", "failed": True}
    world.weather = lambda called, _options: down if called == module else None
    result = converge(world, [absent(A)])
    assert result["counts"]["failed"] == 1
    assert result["counts"]["right"] == 0


def test_the_time_to_live_begins_when_the_last_server_has_dropped_it() -> None:
    """Also where an earlier run removed the record, so that this one has nothing to remove."""
    world = right(A, ttl=60, lag=100)
    assert converge(world, [absent(A)], removal_timeout=10)["problems"]
    assert world.domains == {A: True}
    assert converge(world, [absent(A)])["problems"] == []
    assert world.domains == {}
    assert world.now >= world.removed_at[A] + world.lag + world.ttl


def test_a_record_that_cannot_be_removed_keeps_its_domain() -> None:
    world = right(A, B)
    publish = world.publish

    def refuses(changes: list[dict[str, Any]]) -> dict[str, Any]:
        return {"failed": True, "msg": "ns1.example.com refused it"}

    world.publish = refuses  # type: ignore[method-assign]
    result = converge(world, [absent(A), absent(B)])
    assert world.domains == {A: True, B: True}
    (problem,) = result["problems"]
    assert problem.startswith(
        f"The DNS back end nsupdate failed. {A}, {B}: ns1.example.com refused it"
    )
    world.publish = publish  # type: ignore[method-assign]
    assert converge(world, [absent(A), absent(B)])["problems"] == []
    assert world.domains == {}


# --- purge ---------------------------------------------------------------------------------------


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


def test_a_wildcard_does_not_hold_up_a_removal() -> None:
    """It answers for the name once the name's own record is gone."""
    world = right(A)
    seen = world.dns

    def with_wildcard(name: str) -> dict[str, Any]:
        found = seen(name)
        if name not in world.records:
            found["found"][0].update(cname=[TARGET], wildcard=True)
        return found

    world.dns = with_wildcard  # type: ignore[method-assign]
    started = world.now
    converge(world, [absent(A, dangling="ignore")], removal_timeout=900)
    assert world.domains == {}
    assert world.now - started < 900


def test_a_server_that_falls_silent_has_not_dropped_the_record() -> None:
    world = right(A, ttl=60, lag=100)
    seen = world.dns

    def silent_at_first(name: str) -> dict[str, Any]:
        found = seen(name)
        gone_for = world.now - world.removed_at.get(name, world.now)
        return {**found, "found": [] if 0 < gone_for < 50 else found["found"]}

    world.dns = silent_at_first  # type: ignore[method-assign]
    assert converge(world, [absent(A)])["problems"] == []
    assert world.now >= world.removed_at[A] + world.lag + world.ttl


def test_the_time_to_live_that_the_back_end_saw_counts() -> None:
    world = right(A, ttl=2)
    publish = world.publish

    def says(changes: list[dict[str, Any]]) -> dict[str, Any]:
        result = publish(changes)
        result["records"][0]["before"] = [{"type": "CNAME", "value": TARGET, "ttl": 500}]
        return result

    world.publish = says  # type: ignore[method-assign]
    assert converge(world, [absent(A)], dns_ttl=1)["problems"] == []
    assert world.now >= world.removed_at[A] + 500


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
