# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role reckons out between its tasks: what became of it, and DNS records."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.filter import missing_collections
from ansible_collections.mailops.email.plugins.plugin_utils._role import (
    collections_in,
    merged,
    publication,
    removal,
)

TARGET = "track.sendclean.net"
A, B = "a.example.com", "b.example.com"


def found(
    *cnames: str, addresses: tuple[str, ...] = (), ttl: int = 300, **other: Any
) -> dict[str, Any]:
    answer = {"server": "192.0.2.53", "cname": list(cnames), "a": list(addresses), "ttl": ttl}
    return {**answer, "types": [], "wildcard": False, **other}


def domain(
    name: str = A,
    status: str | None = "missing",
    *answers: dict[str, Any],
    verified: bool = False,
    target: str | None = TARGET,
    **other: Any,
) -> dict[str, Any]:
    dns = {
        "status": status,
        "reason": f"{name} is {status}.",
        "fix": "Mend it.",
        "found": list(answers) or [found()],
        "zone": "example.com",
    }
    return {
        "provider": "sendclean",
        "name": name,
        "id": None,
        "verified": verified,
        "cname": {"name": name, "target": target},
        **({"dns": dns} if status else {}),
        **other,
    }


def action(name: str, what: str, *, failure: str | None = None, **other: Any) -> dict[str, Any]:
    return {
        "name": name,
        "action": what,
        "changed": what not in ("unchanged", "failed"),
        "renamed_from": None,
        "reason": None,
        "final": False,
        "failure": {"code": failure, "operation": f"do {name}"} if failure else None,
        **other,
    }


# --- what became of it ---------------------------------------------------------------------------


def result(*domains: dict[str, Any], actions: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"tracking_domains": list(domains), "actions": list(actions)}


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (action(A, "created"), action(A, "verified"), ("created", True)),
        (action(A, "unchanged"), action(A, "verified"), ("verified", True)),
        (action(A, "created"), action(A, "failed", failure="not_verified"), ("failed", True)),
        (action(A, "failed", failure="network"), action(A, "verified"), ("verified", True)),
        (action(A, "failed", failure="dangling"), action(A, "deleted"), ("deleted", True)),
        (action(A, "unchanged"), action(A, "unchanged"), ("unchanged", False)),
    ],
)
def test_two_actions_are_one(
    first: dict[str, Any], second: dict[str, Any], both: tuple[str, bool]
) -> None:
    (only,) = merged([result(actions=(first,)), result(actions=(second,))])["actions"]
    assert (only["action"], only["changed"]) == both


def test_a_rename_is_remembered_when_it_is_verified() -> None:
    renamed = action(A, "renamed", renamed_from=B)
    both = merged([result(actions=(renamed,)), result(actions=(action(A, "verified"),))])
    assert both["actions"][0]["renamed_from"] == B


def test_what_could_not_be_asked_changes_nothing() -> None:
    first = result(domain(A), actions=(action(A, "created"),))
    assert merged([first, {"skipped": True}, {"msg": "down"}]) == merged([first])


@pytest.mark.parametrize("reason", ["not verified", "created, but not verified"])
def test_what_was_done_is_told_although_something_failed_later(reason: str) -> None:
    failed = action(A, "failed", reason=reason)
    steps = [result(actions=(action(A, "created"),)), result(actions=(failed,))]
    still = action(A, "failed", reason="still not verified")
    for again in ([], [result(actions=(still,))]):
        (only,) = merged([*steps, *again])["actions"]
        assert (only["action"], only["changed"]) == ("failed", True)
        assert only["reason"].startswith("created, but ")
        assert only["reason"].count("created") == 1


def test_the_later_look_counts() -> None:
    both = merged([result(domain(A)), result(domain(A, "ok", verified=True))])
    assert both["tracking_domains"][0]["dns"]["status"] == "ok"
    assert both["unverified"] == []


def test_a_look_is_not_lost() -> None:
    both = merged([result(domain(A, "ok")), result(domain(A, None))])
    assert both["tracking_domains"][0]["dns"]["status"] == "ok"


def test_what_is_deleted_is_gone() -> None:
    both = merged([result(domain(A)), result(actions=(action(A, "deleted"),))])
    assert both["tracking_domains"] == []


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("missing", "a.example.com is missing."),
        ("ok", "the record is right, the provider has not seen it yet"),
        (None, "the provider has not seen the record yet"),
    ],
)
def test_why_it_is_not_verified(status: str | None, says: str) -> None:
    assert merged([result(domain(A, status))])["unverified"] == [{"name": A, "reason": says}]


def test_what_was_seen_before_a_record_was_published_is_void() -> None:
    before = result(domain(A), domain(B, "mismatch", verified=True))
    both = merged([before], published=[A, B, "nobody.example.com"])
    assert both["unverified"] == [
        {"name": A, "reason": "the record was published, and nobody has looked at it since"}
    ]
    assert [each["dns"]["status"] for each in both["tracking_domains"]] == ["unknown", "unknown"]
    assert both["tracking_domains"][0]["dns"]["zone"] == "example.com"
    later = merged([both, result(domain(A, "ok"))])
    assert later["tracking_domains"][0]["dns"]["status"] == "ok"


@pytest.mark.parametrize(
    ("status", "verified", "unsure"),
    [
        ("ok", False, False),
        ("missing", True, True),
        ("mismatch", True, True),
        ("unknown", True, False),
        ("unknown", False, True),
        (None, True, False),
        (None, False, True),
    ],
)
def test_the_live_dns_is_believed_before_the_provider(
    status: str | None, verified: bool, unsure: bool
) -> None:
    """Its flag may be that of the name which a renamed domain had."""
    assert merged([result(domain(A, status, verified=verified))])["unsure"] == [A] * unsure


def test_hopeless_is_what_the_module_calls_final() -> None:
    hopeless = action(A, "failed", failure="not_verified", reason="no", final=True)
    waiting = action(B, "failed", failure="not_verified", reason="not yet")
    both = merged([result(domain(A), domain(B), actions=(hopeless, waiting))])
    assert both["hopeless"] == [A]
    assert both["problems"] == [
        "Could not do a.example.com: no",
        "Could not do b.example.com: not yet",
    ]


# --- DNS -----------------------------------------------------------------------------------------


def publish(*domains: dict[str, Any], **options: Any) -> dict[str, Any]:
    return publication(domains, **{"zones": {}, "ttl": 60, **options})


@pytest.mark.parametrize(
    ("status", "answers", "verified", "published"),
    [
        ("ok", (), False, False),
        ("dangling_target", (), False, False),
        ("missing", (), False, True),
        ("missing", (), True, True),
        ("wildcard", (), False, True),
        ("doubled_zone", (), False, True),
        ("unknown", (), False, True),
        ("unknown", (), True, False),
        (None, (), True, True),
        ("mismatch", (found("elsewhere.example.net"), found(TARGET)), False, True),
    ],
)
def test_what_is_right_is_left_alone(
    status: str | None, answers: tuple[Any, ...], verified: bool, published: bool
) -> None:
    """A lagging server is not somebody else's record; a wildcard is not replaced."""
    plan = publish(domain(A, status, *answers, verified=verified))
    assert plan["blocked"] == []
    assert [change["name"] for change in plan["changes"]] == [A] * published
    assert [record["action"] for record in plan["records"]] == [
        "publish" if published else "unchanged"
    ]


@pytest.mark.parametrize("status", ["mismatch", "conflict", "proxied", "loop", "apex"])
def test_what_stands_there_is_not_replaced_silently(status: str) -> None:
    plan = publish(domain(A, status))
    assert plan["changes"] == []
    (blocked,) = plan["blocked"]
    assert blocked["name"] == A
    assert f"{A} is {status}. To do: Mend it." in blocked["reason"]
    assert ("tracking_domain_dns_overwrite" in blocked["reason"]) is (status != "apex")


@pytest.mark.parametrize("status", ["mismatch", "proxied", "loop"])
def test_overwriting_replaces(status: str) -> None:
    plan = publish(domain(A, status), overwrite=True)
    assert [(change["state"], change["type"]) for change in plan["changes"]] == [
        ("present", "CNAME")
    ]


@pytest.mark.parametrize("status", [None, "unknown"])
def test_what_only_the_back_end_has_there_is_not_replaced_either(status: str | None) -> None:
    plan = publish(domain(A, status), domain(B, status), occupied=[A])
    assert [change["name"] for change in plan["changes"]] == [B]
    assert [record["action"] for record in plan["records"]] == ["blocked", "publish"]
    (blocked,) = plan["blocked"]
    assert "another CNAME" in blocked["reason"]
    assert "tracking_domain_dns_overwrite" in blocked["reason"]


def test_overwriting_removes_what_is_in_the_way_first() -> None:
    there = found(addresses=("192.0.2.7", "2001:db8::7"), types=["TXT", "CAA"])
    lagging = found(addresses=("192.0.2.8",), types=["TXT"])
    two = found("x.example.net", "y.example.net")
    plan = publish(domain(A, "conflict", there, lagging, two), overwrite=True)
    assert [(change["state"], change["type"], change["value"]) for change in plan["changes"]] == [
        ("absent", "A", None),
        ("absent", "AAAA", None),
        ("absent", "TXT", None),
        ("absent", "CAA", None),
        ("absent", "CNAME", None),
        ("present", "CNAME", TARGET),
    ]


def test_nothing_overwrites_an_apex() -> None:
    assert publish(domain(A, "apex"), overwrite=True)["changes"] == []


def test_without_a_target_nothing_can_be_published() -> None:
    plan = publish(domain(A, "unknown", target=None))
    assert plan["changes"] == []
    assert "tracking_domain_cname_target" in plan["blocked"][0]["reason"]
    (later,) = publish(domain(A, "missing", target=None), to_be_added=[A])["later"]
    assert later == {
        "name": A,
        "reason": "the record to publish is known once the provider has the domain",
    }


@pytest.mark.parametrize(
    "answer", [found("elsewhere.example.net"), found(addresses=("192.0.2.7",))]
)
def test_what_stands_there_is_told_before_the_target_is_known(answer: dict[str, Any]) -> None:
    there = domain(A, "unknown", answer, target=None)
    (later,) = publish(there, to_be_added=[A])["later"]
    assert "What stands there now: a.example.com is unknown." in later["reason"]


def test_a_back_end_that_needs_the_zone_is_given_none_without() -> None:
    somewhere = domain(A)
    somewhere["dns"]["zone"] = None
    both = (somewhere, domain(B))
    plan = publish(*both, needs_zone=True)
    assert [change["name"] for change in plan["changes"]] == [B]
    assert plan["blocked"] == [{"name": A, "reason": plan["blocked"][0]["reason"]}]
    assert "tracking_domain_dns_zone" in plan["blocked"][0]["reason"]
    assert [change["name"] for change in publish(*both)["changes"]] == [A, B]
    for each in both:
        each["dns"].update(status="ok", found=[found(TARGET)])
    gone = removal(both, zones={}, ttl=60, needs_zone=True)
    assert [change["name"] for change in gone["changes"]] == [B]
    assert gone["blocked"] == plan["blocked"]


@pytest.mark.parametrize(
    ("zones", "zone", "expected"),
    [
        ({}, None, ("example.com", "a")),
        ({A: "a.example.com"}, "example.com", ("a.example.com", "@")),
        ({}, "com", ("com", "a.example")),
        ({}, "example.org", ("example.com", "a")),
    ],
)
def test_the_zone(zones: dict[str, str], zone: str | None, expected: tuple[str, str]) -> None:
    (change,) = publish(domain(A), zones=zones, zone=zone)["changes"]
    assert (change["zone"], change["record"]) == expected


def test_a_zone_that_the_name_is_not_in_is_a_mistake() -> None:
    plan = publish(domain(A), zones={A: "example.org"})
    assert plan["blocked"] == [{"name": A, "reason": f"{A} is not within the zone example.org"}]


@pytest.mark.parametrize(
    ("given", "removed", "ttl"),
    [
        (domain(A, "ok", found(TARGET, ttl=90), verified=True), True, 90),
        (domain(A, "missing", found(), found("x.example.com", TARGET, ttl=9)), True, 9),
        (domain(A, "missing", verified=True), False, 60),
        (domain(A, "missing", verified=False), False, 0),
        (domain(A, "mismatch", found("elsewhere.example.net"), verified=True), False, 0),
        (domain(A, "unknown", verified=True), True, 60),
        (domain(A, None, verified=True), True, 60),
        (domain(A, "unknown", target=None), False, 0),
        # The guard of the deletion tells of a wildcard: it is no record of the name's own.
        (domain(A, "ok", found(TARGET, ttl=90, wildcard=True), verified=True), False, 0),
        (domain(A, "ok", found(TARGET, ttl=9), found(TARGET, wildcard=True)), True, 9),
    ],
)
def test_what_has_to_go_first(given: dict[str, Any], removed: bool, ttl: int) -> None:
    plan = removal([given], zones={}, ttl=60)
    assert [(change["name"], change["state"]) for change in plan["changes"]] == [
        (A, "absent")
    ] * removed
    assert (plan["ttl"], plan["blocked"]) == (ttl, [])


@pytest.mark.parametrize(("status", "seen"), [("ok", True), ("unknown", False), (None, False)])
def test_a_back_end_is_told_whether_a_record_was_seen(status: str | None, seen: bool) -> None:
    answers = [found(TARGET)] if seen else []
    (change,) = removal([domain(A, status, *answers)], zones={}, ttl=60)["changes"]
    assert change["seen"] is seen
    (change,) = publish(domain(A, "missing" if seen else status))["changes"]
    assert change["seen"] is seen


def test_the_time_to_live_of_what_is_gone_is_told_apart() -> None:
    """Where somebody else removes records, it is all that can be waited for."""
    gone, there = domain(A, verified=True), domain(B, "ok", found(TARGET, ttl=3600))
    plan = removal([gone, there], zones={}, ttl=60)
    assert (plan["ttl"], plan["gone_ttl"]) == (3600, 60)
    assert removal([there], zones={}, ttl=60)["gone_ttl"] == 0


def test_who_still_serves_it() -> None:
    plan = removal([domain(A, "missing", found(), found(TARGET))], zones={}, ttl=60)
    assert plan["served"] == [{"name": A, "servers": ["192.0.2.53"]}]


# --- back ends -----------------------------------------------------------------------------------


def test_collections_that_a_tasks_file_uses() -> None:
    tasks = """
- name: One
  community.general.nsupdate:
    server: 192.0.2.53
- amazon.aws.route53:
- name: Two
  ansible.builtin.debug:
    msg: not.a.module
- name: Three
  community.general.cloudflare_dns:
"""
    assert collections_in(tasks) == ["amazon.aws", "community.general"]


def test_collections_that_are_not_there() -> None:
    tasks = "- no.such.module:\n- ansible_collections.mailops.email:\n- mailops.nosuch.module:\n"
    assert missing_collections.missing_collections(tasks) == [
        "ansible_collections.mailops",
        "mailops.nosuch",
        "no.such",
    ]
    assert missing_collections._installed("mailops.email")
