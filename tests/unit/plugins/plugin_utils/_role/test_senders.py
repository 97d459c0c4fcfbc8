# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The senders of domains that come and go: no link in mail breaks, whatever is interrupted."""

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
)


def world_of(*names: str, **options: Any) -> World:
    """These as they should be, and two senders, both of which use A."""
    senders = options.pop("senders", {"news": A, "orders": A})
    records = dict.fromkeys(names, TARGET)
    return World(dict.fromkeys(names, True), records, senders=senders, **options)


def run(world: World, domains: Any, **given: Any) -> dict[str, Any]:
    world.calls.clear()
    return converge(world, domains, provider="sendcloud", **given)


def calls(world: World) -> list[str]:
    return [module for module, _options in world.calls]


# --- declared ------------------------------------------------------------------------------------


def test_they_are_bound_in_the_run_that_verifies() -> None:
    world = World(verifies_after=70, senders={"news": C})
    result = run(world, [{"name": A, "senders": ["news"]}, B])
    assert world.writes[-1] == f"bind news to {A}"
    assert result["problems"] == []
    assert f"senders bound to {A}: news" in result["summary"]
    assert f"created: {A}" in result["summary"]
    (shown,) = [each for each in result["tracking_domains"] if each["name"] == A]
    assert shown["senders"] == ["news"]
    again = run(world, [{"name": A, "senders": ["news"]}, B])
    assert calls(world) == ["tracking_domains", "senders"]
    assert again["changes"] == 0


def test_check_mode_foretells_what_is_bound_once_it_is_verified() -> None:
    world = World(senders={"news": C}, check_mode=True)
    result = run(world, [{"name": A, "senders": ["news"]}])
    assert result["summary"][1:] == [
        f"would be created: {A}",
        f"would be published: {A}. 300 IN CNAME {TARGET}.",
        f"would be verified: {A}",
        f"senders would be bound to {A}: news",
    ]
    assert world.writes == []


def test_one_that_is_not_verified_gets_none() -> None:
    world = World(verifies_after=10_000, senders={"news": C})
    run(world, [{"name": A, "senders": ["news"]}], wait_timeout=60)
    assert world.senders == {"news": C}


def test_none_are_read_where_none_are_declared_and_nothing_goes() -> None:
    world = world_of(A, B)
    run(world, [A, absent(C), absent(B, retire_on="2026-12-31")], purge=True)
    assert "senders" not in calls(world)


# --- what goes -----------------------------------------------------------------------------------


def test_what_a_sender_uses_keeps_its_record() -> None:
    world = world_of(A, B)
    result = run(world, [B, absent(A)])
    assert world.writes == [], "neither record nor domain"
    (problem,) = result["problems"]
    assert problem.startswith(
        f"{A} stays at SendCloud: it is used by the API_USER news, orders: links in their mail"
    )
    assert "tracking_domain_dangling" in problem
    assert result["counts"] == {
        "declared": 2, "failed": 1, "waiting": 0, "changed": 0, "retiring": 0, "right": 1,
    }  # fmt: skip


def test_a_purge_leaves_what_a_sender_uses() -> None:
    world = world_of(A, B, C)
    result = run(world, [B], purge=True)
    assert world.writes == [f"absent {C}", f"delete {C}"]
    assert len(result["problems"]) == 1


@pytest.mark.parametrize("dangling", ["warn", "ignore"])
def test_unless_the_user_says_so(dangling: str) -> None:
    world = world_of(A, B)
    result = run(world, [B, absent(A, dangling=dangling)])
    assert world.writes == [f"absent {A}", f"delete {A}"]
    assert result["problems"] == []
    assert ("senders" in calls(world)) is (dangling == "warn")
    world = world_of(A, B)
    run(world, [B, absent(A)], dangling=dangling)
    assert A not in world.domains


def test_who_may_not_read_them_is_warned_once() -> None:
    world = world_of(A, B, senders=None)
    result = run(world, [B, absent(A, replaced_by=B)])
    assert result["problems"] == []
    assert A not in world.domains
    assert sorted(set(result["warnings"])) == ["it is not known whether a sender still uses it"]


def test_what_cannot_be_read_permits_nothing() -> None:
    world = world_of(A, B)
    world.weather = lambda _module, options: (
        {"msg": "HTTP 502", "failed": True} if options.get("senders") else None
    )
    result = run(world, [B, absent(A)])
    assert world.writes == []
    assert result["problems"] == [f"{A} stays at SendCloud: it could not be looked up: HTTP 502"]


# --- the replacement -----------------------------------------------------------------------------


def test_the_replacement_takes_the_senders_before_the_record_goes() -> None:
    world = world_of(A)
    result = run(world, [B, absent(A, replaced_by=[B])])
    assert world.writes == [
        f"add {B}",
        f"present {B}",
        f"bind news to {B}",
        f"bind orders to {B}",
        f"absent {A}",
        f"delete {A}",
    ]
    assert result["problems"] == []
    assert f"senders bound to {B}: news, orders" in result["summary"]


def test_the_first_of_several_takes_them() -> None:
    world = world_of(A, B, C)
    run(world, [B, C, absent(A, replaced_by=[C, B])])
    assert world.senders == {"news": C, "orders": C}


def test_nothing_moves_before_the_replacement_is_verified() -> None:
    world = world_of(A, verifies_after=10_000)
    result = run(world, [B, absent(A, replaced_by=[B])], wait_timeout=60)
    assert world.senders == {"news": A, "orders": A}
    assert A in world.records
    assert f"{A}: it stays until this is verified: {B}" in result["summary"]


@pytest.mark.parametrize("verified", [True, False])
def test_check_mode_foretells_the_move(verified: bool) -> None:
    world = world_of(*((A, B) if verified else (A,)), check_mode=True)
    result = run(world, [B, absent(A, replaced_by=B)])
    assert world.writes == []
    assert result["problems"] == []
    lines = [line for line in result["summary"] if A in line or "senders" in line]
    assert lines == [
        f"senders would be bound to {B}: news, orders",
        f"would be removed: {A}. 300 IN CNAME {TARGET}.",
        f"would be deleted: {A}",
    ]


def test_check_mode_foretells_the_move_where_somebody_else_has_removed_the_record() -> None:
    world = world_of(A, B, check_mode=True)
    del world.records[A]
    result = run(world, [B, absent(A, replaced_by=B)], back_end="none")
    assert result["problems"] == []
    assert f"would be deleted: {A}" in result["summary"]


@pytest.mark.parametrize("back_end", ["nsupdate", "none"])
def test_check_mode_foretells_that_senders_declared_elsewhere_free_a_domain(back_end: str) -> None:
    world = world_of(A, B, check_mode=True)
    if back_end == "none":
        del world.records[A]
    result = run(world, [{"name": B, "senders": ["news", "orders"]}, absent(A)], back_end=back_end)
    assert result["problems"] == []
    assert f"would be deleted: {A}" in result["summary"]
    world = world_of(A, B, check_mode=True)
    result = run(world, [{"name": B, "senders": ["news"]}, absent(A)])
    assert "it is used by the API_USER orders: " in result["problems"][0]


@pytest.mark.parametrize("code", ["network", "authentication"])
def test_a_binding_that_fails_keeps_domain_and_record_and_the_purge_waits(code: str) -> None:
    world = world_of(A, B, C, refuses_binding=code)
    domains = [B, absent(A, replaced_by=B)]
    result = run(world, domains, purge=True)
    assert world.writes == []
    assert result["problems"] == [
        "Could not bind senders: the call got no answer.",
        (
            f"{A} stays at SendCloud: it is used by the API_USER news, orders, which could not be bound "
            f"to {B}. Record and domain stay."
        ),
    ]
    assert f"{C}: the purge waits until this is right: {B}, {A}" in result["summary"]
    world.refuses_binding = ""
    assert run(world, domains)["problems"] == []
    assert world.senders == {"news": B, "orders": B}
    assert A not in world.domains


def test_a_move_that_cannot_even_be_asked_for_keeps_domain_and_record() -> None:
    world = world_of(A, B)
    world.weather = lambda _module, options: (
        {"msg": "HTTP 502", "failed": True} if "_takes_over" in options else None
    )
    result = run(world, [B, absent(A, replaced_by=B)])
    assert world.writes == []
    assert result["problems"] == [
        f"{A} stays at SendCloud: its senders could not be moved to {B}: HTTP 502"
    ]


def test_a_sender_that_comes_to_use_it_meanwhile_stops_the_deletion() -> None:
    world = world_of(A, B)
    publish = world.publish

    def bind_meanwhile(changes: Any) -> Any:
        world.senders = {"news": A, "orders": B}
        return publish(changes)

    world.publish = bind_meanwhile  # type: ignore[method-assign]
    domains = [B, absent(A, replaced_by=B)]
    result = run(world, domains)
    assert A in world.domains
    assert len(result["problems"]) == 1
    # The next run moves it as well.
    world.publish = publish  # type: ignore[method-assign]
    assert run(world, domains)["problems"] == []
    assert world.senders == {"news": B, "orders": B}
    assert A not in world.domains


def test_what_is_gone_costs_no_call_for_senders() -> None:
    world = world_of(B, senders={"news": B})
    run(world, [B, absent(A, replaced_by=B)])
    assert "senders" not in calls(world)


def test_a_replacement_that_fails_although_nobody_uses_the_old_one_any_more_keeps_it() -> None:
    """Say, the provider has changed other settings of a sender when it bound it."""
    world = world_of(A, B)
    converge_ = world._converge

    def with_a_failure(options: Any) -> Any:
        result = converge_(options)
        if "_takes_over" in options:
            failure = {"code": "bad_response", "operation": "bind senders to tracking domain"}
            result["actions"][0].update(action="failed", reason="changed more.", failure=failure)
        return result

    world._converge = with_a_failure  # type: ignore[method-assign]
    result = run(world, [B, absent(A, replaced_by=B)])
    assert world.senders == {"news": B, "orders": B}
    assert A in world.records
    assert any(f"{B}, which takes its senders over" in problem for problem in result["problems"])
    world._converge = converge_  # type: ignore[method-assign]
    assert run(world, [B, absent(A, replaced_by=B)])["problems"] == []
    assert world.domains == {B: True}


@pytest.mark.parametrize("replaced_by", [[], [B]])
def test_a_name_that_moves_the_cursor_is_shown_without_that(replaced_by: list[str]) -> None:
    world = world_of(A, B, senders={"\x1b[2J\u202eorders": A})
    result = run(world, [B, absent(A, replaced_by=replaced_by)])
    text = "\n".join([*result["summary"], *result["problems"]])
    assert "?[2J?orders" in text
    assert text.replace("\n", "").isprintable()
