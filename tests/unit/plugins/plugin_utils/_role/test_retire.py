# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records first, their time to live in full, then the domains."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import (
    TARGET,
    A,
    B,
    absent,
    converge,
    right,
)


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
