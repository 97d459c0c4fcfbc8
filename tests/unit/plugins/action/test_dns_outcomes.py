# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last step of a back end: it composes, and returns nothing of what it was given but that."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible_collections.mailops.email.plugins.action.dns_outcomes import ActionModule

RECORD = {
    "name": "track.example.com",
    "record": "track",
    "zone": "example.com",
    "type": "CNAME",
    "value": "t.vendor.test",
    "ttl": 300,
    "state": "present",
}


def run(*, check_mode: bool = False, **args: Any) -> dict[str, Any]:
    plugin = ActionModule.__new__(ActionModule)
    plugin._task = SimpleNamespace(args=args, check_mode=check_mode)
    return plugin.work(dict(args))


def permitted(verdict: str) -> dict[str, Any]:
    return {"record": RECORD, "verdict": verdict, "msg": "why", "found": []}


def asked(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    secret = {"module_args": {"headers": {"Authorization": "Bearer a-token"}}}
    return [{"sets": list(rows), "tracking_domain__zone": "example.com", "invocation": secret}]


def test_a_vendor_s_records() -> None:
    row = {"record": "track.example.com", "type": "CNAME", "value": ["t.vendor.test."], "ttl": 300}
    given = {"permitted": [permitted("change")], "tried": [], "key": "sets", "relative": True}
    done = run(asked=asked(row), **given)
    assert [record["status"] for record in done["records"]] == ["changed"]
    assert done["changed"] is True
    assert "a-token" not in str(done)
    failed = run(asked=asked(), **given)
    assert (failed["changed"], failed["records"][0]["status"]) == (False, "failed")


def test_in_check_mode_it_predicts() -> None:
    done = run(permitted=[permitted("change")], tried=[], asked=[], key="sets", check_mode=True)
    assert [record["msg"] for record in done["records"]] == ["Would be published."]
    assert done["changed"] is True


def test_records_of_the_user_s_tasks_add_up() -> None:
    first = run(record=RECORD, before=[])["records"]
    assert run(record=RECORD, before=[])["changed"] is False
    failed = {"failed_task": {"name": "Send it"}, "failed_result": {"msg": "no"}}
    both = run(record={**RECORD, "state": "absent"}, before=first, **failed)["records"]
    assert [(each["state"], each["status"], each["msg"]) for each in both] == [
        ("present", "changed", ""),
        ("absent", "failed", "Send it: no"),
    ]
