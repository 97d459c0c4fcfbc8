# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a back end may change, by what its vendor's API shows, in the words of each API."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._permitted import (
    outcome_of_tasks,
    outcomes,
    permitted,
)

ZONE, TARGET, OTHER = "example.com", "t.vendor.test", "links.other.test"


def change(name: str = "track", **more: Any) -> dict[str, Any]:
    record = {"name": f"{name}.{ZONE}", "record": name, "zone": ZONE, "type": "CNAME"}
    return {
        **record,
        "value": TARGET,
        "ttl": 300,
        "state": "present",
        "overwrite": False,
        "line": "...",
        **more,
    }


# --- the words of each API ------------------------------------------------------------------------


def route53(name: str, kind: str, *values: str, **more: Any) -> dict[str, Any]:
    rows = [{"value": value} for value in values]
    return {"name": f"{name}.{ZONE}.", "type": kind, "ttl": 300, "resource_records": rows, **more}


def hetzner(name: str, kind: str, *values: str, **more: Any) -> dict[str, Any]:
    record = {"record": f"{name}.{ZONE}", "prefix": name, "type": kind}
    return {**record, "ttl": 300, "value": list(values), **more}


def cloudflare(name: str, kind: str, value: str, **more: Any) -> dict[str, Any]:
    record = {"id": "1", "name": f"{name}.{ZONE}", "type": kind, "content": value.rstrip(".")}
    return {**record, "ttl": 300, "proxied": False, **more}


KEYS = {"route53": "resource_record_sets", "hetzner": "sets", "cloudflare": "json.result"}
ROWS = {"route53": route53, "hetzner": hetzner, "cloudflare": cloudflare}


def asked(api: str, rows: list[dict[str, Any]], zone: str = ZONE) -> list[dict[str, Any]]:
    """The results of the loop that asks."""
    if api == "route53":
        listed = {"name": f"{zone}.", "id": "/hostedzone/z1", "config": {"private_zone": False}}
        return [{"resource_record_sets": rows, "tracking_domain__zone": listed}]
    if api == "hetzner":
        return [{"sets": rows, "tracking_domain__zone": zone}]
    info = {"total_pages": 1, "total_count": len(rows)}
    body = {"success": True, "errors": [], "result": rows, "result_info": info}
    return [{"json": body, "tracking_domain__zone": found_zone(zone)}]


def found_zone(name: str = ZONE, *ids: str, **more: Any) -> dict[str, Any]:
    """What Cloudflare says of a zone, as a result of the loop that looks for them."""
    result = [{"id": each, "name": name} for each in ids or ("z1",)]
    return {
        "json": {"success": True, "errors": [], "result": result, **more},
        "tracking_domain__zone": name,
    }


@pytest.fixture(params=sorted(KEYS))
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def look(api: str, changes: list[dict[str, Any]], *rows: tuple[str, ...]) -> list[dict[str, Any]]:
    there = [ROWS[api](*row) for row in rows]
    return permitted(changes, asked(api, there), KEYS[api], relative=api == "hetzner")


def one(api: str, given: dict[str, Any], *rows: tuple[str, ...]) -> dict[str, Any]:
    (result,) = look(api, [given], *rows)
    return result


# --- what is permitted ----------------------------------------------------------------------------


def steps(result: dict[str, Any]) -> list[tuple[str, str, list[str], Any]]:
    """What is to be done, in short."""
    return [(s["state"], s["type"], s["values"], s["ttl"]) for s in result["steps"]]


def shown(api: str, name: str) -> str:
    return name if api == "cloudflare" else f"{name}."


def test_nothing_at_the_name(api: str) -> None:
    added = one(api, change(), ("www", "CNAME", f"{OTHER}."))
    assert added["verdict"] == "change"
    assert steps(added) == [("present", "CNAME", [f"{TARGET}."], 300)]
    (step,) = added["steps"]
    assert (step["exists"], step["there"]) == (False, {})
    assert step["zone_id"] == (None if api == "hetzner" else "z1")
    nothing = one(api, change(state="absent"))
    assert (nothing["verdict"], nothing["steps"]) == ("unchanged", [])


def test_the_very_record(api: str) -> None:
    row = ("track", "CNAME", f"{TARGET}.")
    same = one(api, change(), row)
    assert (same["verdict"], same["steps"]) == ("unchanged", [])
    removed = one(api, change(state="absent", ttl=60), row)
    assert removed["verdict"] == "change"
    assert steps(removed) == [("absent", "CNAME", [shown(api, TARGET)], 300)], "as it stands there"
    assert removed["steps"][0]["there"] == ROWS[api](*row)
    assert one(api, change(ttl=60), row)["verdict"] == "unchanged", "it keeps its time to live"


def test_another_cname(api: str) -> None:
    row = ("track", "CNAME", f"{OTHER}.")
    for state, verdict in (("present", "failed"), ("absent", "unchanged")):
        kept = one(api, change(state=state), row)
        assert (kept["verdict"], kept["steps"]) == (verdict, [])
        assert OTHER in kept["msg"]
        assert [each["value"] for each in kept["found"]] == [OTHER]
    forced = one(api, change(overwrite=True), row)
    assert steps(forced) == [("present", "CNAME", [f"{TARGET}."], 300)]
    assert forced["steps"][0]["there"] == ROWS[api](*row)
    assert one(api, change(state="absent", overwrite=True), row)["verdict"] == "unchanged"


def test_other_types(api: str) -> None:
    rows = [("track", "A", "192.0.2.1"), ("track", "TXT", '"text"')]
    kept = one(api, change(), *rows)
    assert kept["verdict"] == "failed"
    assert "allow replacing them with overwrite: true" in kept["msg"]
    assert one(api, change(state="absent"), *rows)["verdict"] == "unchanged"
    forced = one(api, change(overwrite=True), *rows)
    assert steps(forced) == [
        ("absent", "A", ["192.0.2.1"], 300),
        ("absent", "TXT", ['"text"'], 300),
        ("present", "CNAME", [f"{TARGET}."], 300),
    ]
    assert [step["exists"] for step in forced["steps"]] == [True, True, False]
    assert {step["record"]["name"] for step in forced["steps"]} == {f"track.{ZONE}"}


def test_a_set_of_several_values_goes_as_a_whole() -> None:
    """Route 53 removes a set only if it is given all of it."""
    rows = [route53("track", "A", "192.0.2.1", "192.0.2.2")]
    (forced,) = permitted([change(overwrite=True)], asked("route53", rows), KEYS["route53"])
    assert steps(forced)[0] == ("absent", "A", ["192.0.2.1", "192.0.2.2"], 300)
    (kept,) = permitted([change()], asked("route53", rows), KEYS["route53"])
    assert "A 192.0.2.1 and A 192.0.2.2" in kept["msg"]


def test_only_ours_is_removed_where_there_are_several() -> None:
    """No server permits that; nor does this rely on it."""
    rows = [
        cloudflare("track", "CNAME", OTHER),
        {**cloudflare("track", "CNAME", TARGET), "id": "2"},
    ]
    (gone,) = permitted([change(state="absent")], asked("cloudflare", rows), KEYS["cloudflare"])
    assert [step["there"]["id"] for step in gone["steps"]] == ["2"]
    both = [hetzner("track", "CNAME", f"{OTHER}.", f"{TARGET}.")]
    (gone,) = permitted([change(state="absent")], asked("hetzner", both), "sets", relative=True)
    assert gone["steps"] == []


@pytest.mark.parametrize("name", ["track", "a.track", "a.b.track"])
def test_a_delegation_is_never_replaced(api: str, name: str) -> None:
    kept = one(api, change(name, overwrite=True), ("track", "NS", "ns.other.test."))
    assert kept["verdict"] == "failed"
    assert kept["steps"] == []


def test_an_apex_is_never_replaced(api: str) -> None:
    apex = change(name="x", overwrite=True)
    apex["name"] = ZONE
    assert one(api, apex)["verdict"] == "failed"


def test_names_compare_without_case_and_escapes() -> None:
    rows = [route53("\\164rack", "CNAME", f"{TARGET.upper()}.")]
    (result,) = permitted([change()], asked("route53", rows), KEYS["route53"])
    assert result["verdict"] == "unchanged"


def test_a_name_of_hetzner_s_without_a_dot_is_relative() -> None:
    assert one("hetzner", change(), ("track", "CNAME", TARGET))["verdict"] == "failed"
    inside = change(value=f"inside.{ZONE}")
    assert one("hetzner", inside, ("track", "CNAME", "inside"))["verdict"] == "unchanged"


def test_a_record_behind_the_proxy_is_taken_out_of_it() -> None:
    rows = [cloudflare("track", "CNAME", TARGET, proxied=True)]
    (result,) = permitted([change()], asked("cloudflare", rows), KEYS["cloudflare"])
    assert result["verdict"] == "change"


def test_automatic_is_300_s_at_cloudflare() -> None:
    rows = [cloudflare("track", "CNAME", TARGET, ttl=1)]
    (same,) = permitted([change()], asked("cloudflare", rows), KEYS["cloudflare"])
    assert same["verdict"] == "unchanged"
    assert [each["ttl"] for each in same["found"]] == [300]


def aws(given: dict[str, Any], *rows: dict[str, Any]) -> dict[str, Any]:
    (result,) = permitted([given], asked("route53", list(rows)), KEYS["route53"])
    return result


def test_an_alias_goes_as_it_stands_there() -> None:
    target = {"dns_name": "lb.aws.test.", "hosted_zone_id": "Z1", "evaluate_target_health": True}
    alias = {"name": f"track.{ZONE}.", "type": "A", "alias_target": target}
    forced = aws(change(overwrite=True), alias)
    assert steps(forced)[0] == ("absent", "A", ["lb.aws.test."], None)
    assert [step["alias"] for step in forced["steps"]] == [target, {}]
    assert "A alias of lb.aws.test" in aws(change(), alias)["msg"]


def test_an_alias_is_not_this_very_record() -> None:
    """It may lead to a record of the same name as the target, and is another one all the same."""
    target = {"dns_name": f"{TARGET}.", "hosted_zone_id": "Z1", "evaluate_target_health": False}
    alias = {"name": f"track.{ZONE}.", "type": "CNAME", "alias_target": target}
    assert aws(change(state="absent"), alias)["verdict"] == "unchanged"
    assert aws(change(), alias)["verdict"] == "failed"
    (step,) = aws(change(overwrite=True), alias)["steps"]
    assert (step["state"], step["exists"], step["alias"]) == ("present", True, {})


def test_a_routing_policy_is_left_alone() -> None:
    weighted = route53("track", "A", "192.0.2.1", set_identifier="blue", weight=1)
    kept = aws(change(overwrite=True), weighted)
    assert (kept["verdict"], kept["steps"]) == ("failed", [])
    assert "routing policy" in kept["msg"]
    ours = route53("track", "CNAME", f"{TARGET}.", set_identifier="blue", weight=1)
    assert aws(change(state="absent"), ours)["verdict"] == "failed"
    assert aws(change(), ours)["verdict"] == "unchanged"
    assert aws(change(ttl=60), ours)["verdict"] == "unchanged", "no failure for its time to live"
    theirs = route53("track", "CNAME", f"{OTHER}.", set_identifier="green", weight=9)
    assert aws(change(), ours, theirs)["verdict"] == "failed"


def test_a_record_without_data_is_one() -> None:
    (kept,) = permitted([change()], asked("route53", [route53("track", "A")]), KEYS["route53"])
    assert kept["verdict"] == "failed"


# --- what could not be asked ----------------------------------------------------------------------


def test_a_zone_that_could_not_be_read_concerns_its_records_only(api: str) -> None:
    changes = [change(), {**change(), "name": "x.example.net", "zone": "example.net"}]
    results = asked(api, [])
    results.append({"msg": "no way in", "tracking_domain__zone": "example.net"})
    first, second = permitted(changes, results, KEYS[api])
    assert first["verdict"] == "change"
    assert (second["verdict"], second["seen"], second["msg"]) == (
        "failed",
        False,
        "asking for zone example.net: no way in",
    )


def unread(*results: dict[str, Any], key: str = KEYS["cloudflare"], **more: Any) -> str:
    """Why a zone is not known."""
    (kept,) = permitted([change()], list(results), key, **more)
    assert (kept["verdict"], kept["seen"], kept["steps"]) == ("failed", False, [])
    return str(kept["msg"])


NO_ZONE = f"asking for zone {ZONE}: the account has no zone {ZONE} that these credentials may read"


def test_a_zone_that_was_not_found() -> None:
    skipped = {"skipped": True, "skip_reason": "..."}
    none = {**found_zone(result=[]), "msg": "OK (20 bytes)"}
    assert unread({**skipped, "tracking_domain__zone": none}) == NO_ZONE
    assert unread(key=KEYS["route53"], zones={"hosted_zones": []}) == NO_ZONE
    denied = {"msg": "Query failed: AccessDenied", "exception": "..."}
    assert unread(key=KEYS["route53"], zones=denied) == (
        f"asking for zone {ZONE}: Query failed: AccessDenied"
    )


def test_several_zones_of_one_name() -> None:
    """Nothing is changed in either."""
    skipped = {"skipped": True, "tracking_domain__zone": found_zone(ZONE, "z1", "z2")}
    assert "several zones of this name" in unread(skipped)
    assert "several zones of this name" in unread(
        *asked("route53", []), *asked("route53", []), key=KEYS["route53"]
    )


def test_cloudflare_s_own_words() -> None:
    body = {"success": False, "errors": [{"code": 9109, "message": "Invalid access token"}]}
    before = {"json": body, "msg": "Status code was 403", "tracking_domain__zone": ZONE}
    said = unread({"skipped": True, "tracking_domain__zone": before})
    assert said == f"asking for zone {ZONE}: Invalid access token (9109)"


@pytest.mark.parametrize("errors", [[{"code": 1, "message": "oops"}], [], None])
def test_an_answer_that_says_no_is_no_empty_zone(errors: Any) -> None:
    """Also with the status 200."""
    said = "oops (1)" if errors else "the API reports a failure"
    results = asked("cloudflare", [])
    results[0]["msg"] = "OK (99 bytes)"
    results[0]["json"].update(success=False, errors=errors)
    assert said in unread(*results)
    before = {**found_zone(result=[], success=False, errors=errors), "msg": "OK (99 bytes)"}
    assert said in unread({"skipped": True, "tracking_domain__zone": before})


@pytest.mark.parametrize("body", [None, "<html>", {}, {"success": True, "result": None}])
def test_an_answer_that_is_none(body: Any) -> None:
    result = {"json": body, "msg": "OK (9 bytes)", "tracking_domain__zone": found_zone()}
    assert "the answer has no list of records" in unread(result)
    before = {"json": body, "msg": "OK (9 bytes)", "tracking_domain__zone": ZONE}
    assert "the answer has no list of zones" in unread(
        {"skipped": True, "tracking_domain__zone": before}
    )


def test_a_list_that_is_not_whole_is_none() -> None:
    results = asked("cloudflare", [])
    results[0]["json"]["result_info"] = {"total_pages": 2, "total_count": 5001}
    assert "the API lists only 0 of its 5001 records" in unread(*results)


@pytest.mark.parametrize("more", [{"zone": None}, {"zone": "other.test"}, {"type": "A"}])
def test_a_record_that_makes_no_sense(api: str, more: dict[str, Any]) -> None:
    assert one(api, change(**more))["verdict"] == "failed"


# --- what came of it ------------------------------------------------------------------------------


def after(
    api: str,
    given: dict[str, Any],
    before: list[tuple[str, ...]],
    now: list[tuple[str, ...]],
    *said: dict[str, Any],
    check_mode: bool = False,
) -> dict[str, Any]:
    tried = [{**each, "tracking_domain__change": {"record": given}} for each in said]
    (result,) = outcomes(
        look(api, [given], *before),
        tried,
        asked(api, [ROWS[api](*row) for row in now]),
        KEYS[api],
        relative=api == "hetzner",
        check_mode=check_mode,
    )
    return result


def test_published_is_said_of_what_is_seen(api: str) -> None:
    row = ("track", "CNAME", f"{TARGET}.")
    done = after(api, change(), [], [row], {"changed": True})
    assert (done["status"], done["msg"]) == ("changed", "Published.")
    assert done["found"] == [{"type": "CNAME", "value": TARGET, "ttl": 300}]
    unseen = after(api, change(), [], [], {"changed": True})
    assert (unseen["status"], unseen["msg"]) == (
        "failed",
        "the change was accepted, but the name has no record",
    )
    refused = after(api, change(), [], [], {"msg": "too many records"})
    assert (refused["status"], refused["msg"]) == ("failed", "too many records")
    assert after(api, change(ttl=1), [], [row], {"changed": True})["status"] == "changed"


def test_what_is_gone_half_way_is_told(api: str) -> None:
    """What was in the way is removed first, and the record may be refused then."""
    given = change(overwrite=True)
    before = [("track", "A", "192.0.2.1"), ("track", "AAAA", "2001:db8::1")]
    left = after(api, given, before, before[1:], {"changed": True}, {"msg": "too many records"})
    assert left["status"] == "failed"
    assert left["msg"] == "too many records. Already removed: A 192.0.2.1."
    assert [each["type"] for each in left["found"]] == ["AAAA"]
    all_there = after(api, given, before, before, {"msg": "read only"}, {"msg": "conflict"})
    assert all_there["msg"] == "read only"


def test_removed_is_said_of_what_is_seen(api: str) -> None:
    row = ("track", "CNAME", f"{TARGET}.")
    gone = change(state="absent")
    done = after(api, gone, [row], [], {"changed": True})
    assert (done["status"], done["msg"], done["found"]) == ("changed", "Removed.", [])
    still = after(api, gone, [row], [row], {"changed": True})
    assert still["status"] == "failed"
    assert f"CNAME {TARGET}" in still["msg"]


def test_what_was_not_changed_keeps_its_verdict(api: str) -> None:
    row = ("track", "CNAME", f"{OTHER}.")
    kept = after(api, change(), [row], [row])
    assert (kept["status"], OTHER in kept["msg"]) == ("failed", True)
    nothing = after(api, change(state="absent"), [], [])
    assert nothing["status"] == "unchanged"


def test_what_nobody_could_see(api: str) -> None:
    given = change()
    (result,) = outcomes(
        look(api, [given]), [], [{"msg": "gone", "tracking_domain__zone": ZONE}], KEYS[api]
    )
    assert result["status"] == "failed"
    assert result["msg"].startswith("the result of the change could not be seen: asking for zone")


def test_check_mode_predicts(api: str) -> None:
    done = after(api, change(), [], [], {"changed": True}, check_mode=True)
    assert (done["status"], done["msg"]) == ("changed", "Would be published.")
    assert done["found"] == [{"type": "CNAME", "value": TARGET, "ttl": 300}]
    failed = after(api, change(), [], [], {"msg": "wrong token"}, check_mode=True)
    assert (failed["status"], failed["msg"]) == ("failed", "wrong token")


# --- tasks of the user's --------------------------------------------------------------------------


def test_tasks_that_did_not_fail() -> None:
    done = outcome_of_tasks(change())
    assert (done["name"], done["state"], done["status"]) == (f"track.{ZONE}", "present", "changed")


@pytest.mark.parametrize(
    ("task", "result", "says"),
    [
        ({"name": "Refuse it"}, {"msg": "no"}, "Refuse it: no"),
        (
            {"name": "Run"},
            {"msg": "non-zero return code", "stderr": "bad\n"},
            "Run: non-zero return code bad",
        ),
        (
            {"name": "Loop"},
            {
                "msg": "One or more items failed",
                "results": [{"msg": "fine"}, {"failed": True, "msg": "no"}],
            },
            "Loop: no",
        ),
        ({"name": ""}, {}, "a task: failed"),
        ({}, None, "a task: failed"),
    ],
)
def test_the_task_that_failed_is_named(task: Any, result: Any, says: str) -> None:
    failed = outcome_of_tasks(change(), task, result)
    assert (failed["status"], failed["msg"]) == ("failed", says)


@pytest.mark.parametrize(
    ("no_log", "flag", "hidden"),
    [
        (True, False, True),
        ("{{ true }}", False, True),
        ("yes", False, True),
        (None, True, True),
        (False, False, False),
        (None, False, False),
        ("false", False, False),
    ],
)
def test_what_no_log_hides_stays_hidden(no_log: Any, flag: bool, hidden: bool) -> None:
    result = {"msg": "a-secret", "_ansible_no_log": flag}
    told = outcome_of_tasks(change(), {"name": "Send it", "no_log": no_log}, result)["msg"]
    assert ("a-secret" not in told) is hidden
    assert told.startswith("Send it: ")
