# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user gets: every key at every time, and one failure for all that failed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._ansible.results import (
    failure_of_actions,
    failure_of_set,
    result_of_one,
    result_of_set,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.outcome import (
    DomainOutcome,
    Outcome,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.plan import Step
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.tests.unit.doubles import CLOUD, NOW, domain, finding

A, B, C = (f"{letter}.example.com" for letter in "abc")


def outcome(name: str, action: str = "unchanged", **given: Any) -> DomainOutcome:
    write = {"created": "add", "deleted": "delete", "renamed": "update", "updated": "update"}
    before = given.pop("before", None)
    step = Step(Wanted(name), write=write.get(action), before=before, rename=action == "renamed")
    given.setdefault("changed", action not in ("unchanged", "failed"))
    return DomainOutcome(step, action=action, **given)


def whole(*domains: DomainOutcome, unmanaged: tuple[str, ...] = ()) -> Outcome:
    return Outcome(list(domains), list(unmanaged))


def failed(name: str, code: str = "quota", **given: Any) -> DomainOutcome:
    more = given.pop("error", {})
    error = TrackingError(code, "no", operation=f"add tracking domain {name}", hint="Try.", **more)
    return outcome(name, "failed", error=error, **given)


def test_one_domain() -> None:
    made = domain(A, 1)
    result = result_of_one(whole(outcome(A, "created", after=made)), NOW)
    assert result == {
        "changed": True,
        "action": "created",
        "tracking_domain": made.as_result(NOW),
        "diff": {
            "before_header": A,
            "after_header": A,
            "before": {"name": A, "state": "absent"},
            "after": made.as_diff(),
        },
    }


def test_dns_is_there_where_it_was_looked_at() -> None:
    said = finding("missing", A)
    result = result_of_one(whole(outcome(A, after=domain(A, 1), finding=said)), NOW)
    assert result["dns"] == result["tracking_domain"]["dns"] == said.as_result()
    assert set(result["dns"]) == {"status", "reason", "expected", "found", "fix", "zone"}


def test_what_is_gone_is_null() -> None:
    before = domain(A, 1)
    result = result_of_one(whole(outcome(A, "deleted", before=before)), NOW)
    assert result["tracking_domain"] is None
    assert result["diff"]["before"] == before.as_diff()
    assert result["diff"]["after"] == {"name": A, "state": "absent"}


def test_what_failed_and_changed_nothing_has_no_diff() -> None:
    """With two spellings of a name, say, "absent" before and after would be a lie."""
    error = TrackingError("conflict", "two entries become this name")
    assert "diff" not in result_of_one(whole(outcome(A, "failed", error=error)), NOW)
    late = outcome(A, "failed", changed=True, after=domain(A, 1), error=error)
    assert result_of_one(whole(late), NOW)["diff"]["after"]["state"] == "present"


def test_a_rename_has_both_names_in_its_diff() -> None:
    renamed = outcome(B, "renamed", before=domain(A, 1), after=domain(B, 1))
    diff = result_of_one(whole(renamed), NOW)["diff"]
    assert (diff["before_header"], diff["after_header"]) == (A, B)
    assert result_of_set(whole(renamed), NOW)["actions"][0]["renamed_from"] == A


def test_a_set() -> None:
    """Domains in the order asked, those that are there; an action for every one."""
    result = result_of_set(
        whole(
            outcome(B, after=domain(B, 2)),
            outcome(A, "created", after=domain(A, 1)),
            outcome(C, "deleted", before=domain(C, 3)),
            unmanaged=("z.example.com",),
        ),
        NOW,
    )
    assert set(result) == {"changed", "tracking_domains", "actions", "unmanaged", "diff"}
    assert [each["name"] for each in result["tracking_domains"]] == [B, A]
    assert [(each["name"], each["action"], each["changed"]) for each in result["actions"]] == [
        (B, "unchanged", False),
        (A, "created", True),
        (C, "deleted", True),
    ]
    assert all(
        set(each)
        == {
            "name",
            "action",
            "changed",
            "renamed_from",
            "reason",
            "done",
            "was_verified",
            "final",
            "uploaded",
            "bound",
            "failure",
        }
        for each in result["actions"]
    )
    assert result["unmanaged"] == ["z.example.com"]
    assert [each["after_header"] for each in result["diff"]] == [A, C], "what changes alone"


def test_an_action_tells_the_old_name_of_a_rename_alone() -> None:
    told = [
        outcome(B, "renamed", before=domain(A, 1), after=domain(B, 1)),
        outcome(C, before=domain(C, 2), after=domain(C, 2)),
        failed(A, before=domain(C, 3)),
    ]
    actions = result_of_set(whole(*told), NOW)["actions"]
    assert [each["renamed_from"] for each in actions] == [A, None, None]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (outcome(A), None),
        (outcome(A, note="not yet"), "not yet"),
        (failed(A), "no. Try."),
        (failed(A, changed=True), "no. Try."),
        (
            DomainOutcome(
                Step(Wanted(A), write="add"),
                action="failed",
                changed=True,
                written=True,
                error=TrackingError("not_verified", "not verified"),
            ),
            "created, but not verified.",
        ),
        (
            DomainOutcome(
                Step(Wanted(A), write="add"),
                action="failed",
                changed=True,
                error=TrackingError("network", "no answer; it may have taken effect"),
            ),
            "no answer; it may have taken effect.",
        ),
    ],
)
def test_the_reason_of_an_action(made: DomainOutcome, reason: str | None) -> None:
    (action,) = result_of_set(whole(made), NOW)["actions"]
    assert action["reason"] == reason
    assert bool(action["failure"]) == bool(made.error)


@pytest.mark.parametrize(
    ("domains", "code"),
    [
        ([failed(A), outcome(B)], "partial"),
        ([failed(A), failed(B)], "partial"),
        ([failed(A, "not_verified"), outcome(B)], "not_verified"),
        ([failed(A, "not_verified"), failed(B)], "partial"),
        ([failed(A), failed(B, "authentication")], "authentication"),
    ],
)
def test_the_code_of_a_set_that_failed(domains: list[DomainOutcome], code: str) -> None:
    error = failure_of_set(whole(*domains), CLOUD)
    assert error is not None
    assert error.code == code


def test_the_message_of_a_set_names_each_failure_and_what_to_do() -> None:
    error = failure_of_set(whole(failed(A), outcome(B), failed(C)), CLOUD)
    assert str(error).splitlines() == [
        "2 of 3 tracking domains failed at SendCloud; the rest is as declared:",
        "- Could not add tracking domain a.example.com: no. Try.",
        "The same for c.example.com.",
        "Fix these and run again: what is done is not done twice.",
    ]


def test_what_is_the_same_for_many_is_told_once() -> None:
    names = [f"{number}.example.com" for number in range(25)]
    deleted = failed(A)
    assert deleted.error is not None
    deleted.error.operation = f"delete tracking domain {A}"
    error = failure_of_set(whole(*map(failed, names), deleted), CLOUD)
    assert str(error).splitlines()[1:] == [
        "- Could not add tracking domain 0.example.com: no. Try.",
        f"The same for {', '.join(names[1:21])} and 4 more.",
        "- Could not delete tracking domain a.example.com: no. Try.",
        "Fix these and run again: what is done is not done twice.",
    ]


def test_the_rest_is_not_said_to_be_as_declared_where_it_is_not() -> None:
    waiting = outcome(B)
    waiting.note = "SendCloud has not seen the CNAME yet"
    error = failure_of_set(whole(failed(A), waiting), CLOUD)
    assert str(error).splitlines()[0] == (
        "1 of 2 tracking domains failed at SendCloud; the rest did not fail:"
    )


def test_the_provider_s_words_of_a_refusal() -> None:
    words = {"vendor_code": 40005, "vendor_message": "authentication failed", "http_status": 200}
    error = failure_of_set(whole(failed(A, "authentication", error=words)), CLOUD)
    assert error is not None
    failure = error.as_failure()
    assert (failure["vendor_code"], failure["vendor_message"], failure["http_status"]) == (
        "40005",
        "authentication failed",
        200,
    )


def test_no_failure() -> None:
    assert failure_of_set(whole(outcome(A)), CLOUD) is None


def test_a_message_stays_readable_however_many_causes_there_are() -> None:
    actions = [
        {
            "name": f"t{number}.example.com",
            "action": "failed",
            "reason": f"cause {number}.",
            "done": None,
            "failure": {"code": "conflict", "operation": f"find t{number}.example.com"},
        }
        for number in range(300)
    ]
    error = failure_of_actions(actions, CLOUD)
    assert error is not None
    text = str(error)
    assert text.startswith("300 of 300 tracking domains failed at SendCloud")
    assert len(text.splitlines()) == 43
    assert "And 260 more" in text
