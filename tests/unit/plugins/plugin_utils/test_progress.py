# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that waits, run for a few seconds at a time: the result is as if it had run once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._progress import (
    OneWait,
    SetWait,
    waits,
)
from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import World

A, B = "a.example.com", "b.example.com"
OPTIONS = {"provider": "sendclean", "dns_check": "authoritative", "wait": True, "verify": True}
TARGET = "track.sendclean.net"


def run_set(world: World, **options: Any) -> dict[str, Any]:
    domains = [{"name": name, "wait": True} for name in (A, B)]
    args = {**OPTIONS, "domains": domains, "purge": False, **options}

    def call(given: dict[str, Any]) -> dict[str, Any]:
        return world.call("tracking_domains", given)

    return SetWait(args, call, world.said.append, clock=world.clock, sleep=world.sleep).run()


def test_a_set_is_waited_for_with_progress() -> None:
    world = World(records={A: TARGET, B: TARGET}, verifies_after=50)
    world.published_at = {A: world.now, B: world.now}
    result = run_set(world)
    assert "failed" not in result
    assert [action["action"] for action in result["actions"]] == ["created", "created"]
    assert [domain["name"] for domain in result["tracking_domains"]] == [A, B]
    assert result["changed"] is True
    assert 40 <= result["waited"] <= 60
    assert len(world.said) == 2
    _module, later = world.calls[1]
    assert [entry["name"] for entry in later["domains"]] == [A, B]
    assert "purge" not in later


def test_a_set_that_is_not_verified_in_time_fails_as_the_module_does() -> None:
    world = World(records={A: TARGET})
    result = run_set(world, wait_timeout=60)
    assert result["failed"] is True
    assert result["failure"]["code"] == "not_verified"
    assert result["msg"].startswith("1 of 2 tracking domains failed at SendClean")
    assert [action["action"] for action in result["actions"]] == ["created", "failed"]
    assert result["actions"][1]["done"] == "created"
    assert result["waited"] == 60


def test_a_provider_that_is_down_for_a_while_does_not_end_it() -> None:
    down = {"msg": "HTTP 503", "failure": {"code": "network"}, "failed": True}
    world = World(records={A: TARGET, B: TARGET}, verifies_after=40)
    world.published_at = {A: world.now, B: world.now}
    world.weather = lambda _module, _options: down if 1010 < world.now < 1050 else None
    assert run_set(world)["changed"] is True
    assert any("HTTP 503" in line for line in world.said)


def test_refused_credentials_end_it_and_lose_nothing() -> None:
    refused = {"msg": "Token MissMatch", "failure": {"code": "authentication"}, "failed": True}
    world = World(verifies_after=100)
    world.weather = lambda _module, _options: refused if world.now > 1010 else None
    result = run_set(world)
    assert (result["msg"], result["failed"]) == ("Token MissMatch", True)
    assert len(result["tracking_domains"]) == 2
    assert result["changed"] is True


def one(verified: bool, action: str = "unchanged", **other: Any) -> dict[str, Any]:
    side = {"name": A, "verified": verified}
    return {
        "changed": action not in ("unchanged", "failed"),
        "action": action,
        "tracking_domain": {"name": A, "verified": verified},
        "diff": {"before": {"name": A}, "before_header": A, "after": side, "after_header": A},
        **other,
    }


NOT_YET = {"failure": {"code": "not_verified"}, "failed": True, "msg": "no record", "final": False}


@pytest.mark.parametrize(
    ("answers", "action", "failed"),
    [
        ([one(True, "created")], "created", False),
        ([one(False, "failed", **NOT_YET), one(True, "verified")], "verified", False),
        ([one(False, "failed", **{**NOT_YET, "final": True})], "failed", True),
    ],
)
def test_one_domain(answers: list[dict[str, Any]], action: str, failed: bool) -> None:
    world, left = World(), list(answers)
    args = {**OPTIONS, "name": A, "private_key": "KEY", "certificate": "PEM"}
    given: list[dict[str, Any]] = []

    def call(options: dict[str, Any]) -> dict[str, Any]:
        given.append(options)
        return left.pop(0)

    result = OneWait(args, call, world.said.append, clock=world.clock, sleep=world.sleep).run()
    assert (result["action"], bool(result.get("failed"))) == (action, failed)
    assert left == []
    assert len(world.said) == len(answers) - 1
    assert all("private_key" not in options for options in given[1:])


@pytest.mark.parametrize(
    ("args", "own", "expected"),
    [
        ({"wait": True}, (), True),
        ({"wait": "yes", "wait_timeout": "60"}, (), True),
        ({"wait": True, "wait_timeout": 0}, (), False),
        ({}, (), False),
        ({"wait": ""}, (None, True), True),
        ({"wait": "perhaps"}, (), False),
        ({"wait": True, "wait_timeout": "long"}, (), False),
    ],
)
def test_what_waits(args: dict[str, Any], own: tuple[Any, ...], expected: bool) -> None:
    """What makes no sense is left to the module to refuse."""
    assert waits(args, own) is expected
