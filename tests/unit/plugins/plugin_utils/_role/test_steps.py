# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's steps against a world without I/O: what is claimed is held against what is there."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import (
    TARGET,
    A,
    B,
    C,
    World,
    absent,
    actions,
    converge,
    right,
)


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


def test_nothing_is_done_where_nothing_could_be_asked() -> None:
    world = right(A)
    world.weather = lambda _module, _options: {"msg": "no route to host", "failed": True}
    result = converge(world, [absent(A), B], purge=True)
    assert result["problems"] == ["no route to host"]
    assert world.writes == []
    assert result["summary"] == ["SendClean: 2 tracking domains declared: 2 failed"]


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


@pytest.mark.parametrize("module", ["tracking_domain_info", "tracking_domains"])
def test_nothing_is_right_where_nothing_could_be_asked(module: str) -> None:
    world = right(A)
    down = {"msg": "HTTP 503", "failed": True}
    world.weather = lambda called, _options: down if called == module else None
    result = converge(world, [absent(A)])
    assert result["counts"]["failed"] == 1
    assert result["counts"]["right"] == 0
