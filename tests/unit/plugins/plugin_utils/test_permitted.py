# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a back end may change, by what its vendor's API shows, in the words of each API."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._permitted import outcomes, permitted

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
        return [
            {"resource_record_sets": rows, "tracking_domain__zone": {"tracking_domain__zone": zone}}
        ]
    if api == "hetzner":
        return [{"sets": rows, "tracking_domain__zone": zone}]
    body = {"success": True, "errors": [], "result": rows, "result_info": {"total_pages": 1}}
    return [{"json": body, "tracking_domain__zone": {"tracking_domain__zone": zone}}]


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


def test_nothing_at_the_name(api: str) -> None:
    added = one(api, change(), ("www", "CNAME", f"{OTHER}."))
    assert (added["verdict"], added["exists"], added["values"]) == ("change", False, [f"{TARGET}."])
    assert one(api, change(state="absent"))["verdict"] == "unchanged"


def test_the_very_record(api: str) -> None:
    row = ("track", "CNAME", f"{TARGET}.")
    assert one(api, change(), row)["verdict"] == "unchanged"
    removed = one(api, change(state="absent", ttl=60), row)
    assert removed["verdict"] == "change"
    assert removed["ttl"] == 300, "as it stands"
    assert removed["values"] == [TARGET if api == "cloudflare" else f"{TARGET}."]
    other_ttl = one(api, change(ttl=60), row)
    assert (other_ttl["verdict"], other_ttl["exists"], other_ttl["ttl"]) == ("change", True, 60)


def test_another_cname(api: str) -> None:
    row = ("track", "CNAME", f"{OTHER}.")
    for state in ("present", "absent"):
        kept = one(api, change(state=state), row)
        assert kept["verdict"] == "failed"
        assert OTHER in kept["msg"]
        assert [each["value"] for each in kept["found"]] == [OTHER]
    forced = one(api, change(overwrite=True), row)
    assert (forced["verdict"], forced["exists"], forced["obstacles"]) == ("change", True, [])
    assert one(api, change(state="absent", overwrite=True), row)["verdict"] == "failed"


def test_other_types(api: str) -> None:
    rows = [("track", "A", "192.0.2.1"), ("track", "TXT", '"text"')]
    kept = one(api, change(), *rows)
    assert kept["verdict"] == "failed"
    assert "permit replacing it with overwrite: true" in kept["msg"]
    assert one(api, change(state="absent"), *rows)["verdict"] == "unchanged"
    forced = one(api, change(overwrite=True), *rows)
    assert (forced["verdict"], forced["exists"]) == ("change", False)
    assert [(each["type"], each["values"], each["zone"]) for each in forced["obstacles"]] == [
        ("A", ["192.0.2.1"], ZONE),
        ("TXT", ['"text"'], ZONE),
    ]
    assert forced["obstacles"][0]["record"]["name"] == f"track.{ZONE}"


@pytest.mark.parametrize("name", ["track", "a.track", "a.b.track"])
def test_a_delegation_is_never_replaced(api: str, name: str) -> None:
    kept = one(api, change(name, overwrite=True), ("track", "NS", "ns.other.test."))
    assert kept["verdict"] == "failed"
    assert kept["obstacles"] == []


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
    assert (result["verdict"], result["only_ttl"]) == ("change", False)


def test_an_alias_is_shown_and_a_routing_policy_is_left_alone() -> None:
    target = {"dns_name": "lb.aws.test.", "hosted_zone_id": "Z1"}
    alias = {"name": f"track.{ZONE}.", "type": "A", "alias_target": target}
    (result,) = permitted([change(overwrite=True)], asked("route53", [alias]), KEYS["route53"])
    assert result["verdict"] == "change"
    assert result["obstacles"][0]["values"] == ["lb.aws.test."]
    weighted = route53("track", "A", "192.0.2.1", set_identifier="blue", weight=1)
    (result,) = permitted([change(overwrite=True)], asked("route53", [weighted]), KEYS["route53"])
    assert result["verdict"] == "failed"
    assert "routing policy" in result["msg"]


# --- what could not be asked ----------------------------------------------------------------------


def test_a_zone_that_could_not_be_read_concerns_its_records_only(api: str) -> None:
    changes = [change(), {**change(), "name": "x.example.net", "zone": "example.net"}]
    results = asked(api, [])
    results.append({"msg": "no way in", "tracking_domain__zone": "example.net"})
    first, second = permitted(changes, results, KEYS[api])
    assert first["verdict"] == "change"
    assert (second["verdict"], second["msg"]) == (
        "failed",
        "asking for zone example.net: no way in",
    )


def test_the_zone_itself_could_not_be_found() -> None:
    before = {"tracking_domain__zone": ZONE, "msg": "Zone example.com. does not exist in Route53"}
    result = {"skipped": True, "skip_reason": "...", "tracking_domain__zone": before}
    (kept,) = permitted([change()], [result], KEYS["route53"])
    assert kept["msg"] == f"asking for zone {ZONE}: Zone example.com. does not exist in Route53"
    empty = {"json": {"success": True, "errors": [], "result": []}, "tracking_domain__zone": ZONE}
    result["tracking_domain__zone"] = {**empty, "msg": "OK (20 bytes)"}
    (kept,) = permitted([change()], [result], KEYS["cloudflare"])
    assert kept["msg"] == f"asking for zone {ZONE}: there is no zone {ZONE} in this account"


def test_cloudflare_s_own_words() -> None:
    body = {"success": False, "errors": [{"code": 9109, "message": "Invalid access token"}]}
    before = {"json": body, "msg": "Status code was 403", "tracking_domain__zone": ZONE}
    result = {"skipped": True, "tracking_domain__zone": before}
    (kept,) = permitted([change()], [result], KEYS["cloudflare"])
    assert kept["msg"] == f"asking for zone {ZONE}: Invalid access token (9109)"


def test_a_list_that_is_not_whole_is_none() -> None:
    results = asked("cloudflare", [])
    results[0]["json"]["result_info"]["total_pages"] = 2
    (kept,) = permitted([change()], results, KEYS["cloudflare"])
    assert kept["verdict"] == "failed"
    assert "more records than are listed at once" in kept["msg"]


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
    assert "nobody has seen what came of the change" in result["msg"]


def test_check_mode_predicts(api: str) -> None:
    done = after(api, change(), [], [], {"changed": True}, check_mode=True)
    assert (done["status"], done["msg"]) == ("changed", "Would be published.")
    assert done["found"] == [{"type": "CNAME", "value": TARGET, "ttl": 300}]
    failed = after(api, change(), [], [], {"msg": "wrong token"}, check_mode=True)
    assert (failed["status"], failed["msg"]) == ("failed", "wrong token")
