# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publishing, verification and waiting, and domains that were verified and are dead."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import (
    TARGET,
    A,
    B,
    World,
    absent,
    converge,
)


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
