# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The random tester finds what it is there to find: each lie planted here does not fit some claim."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.mailops.email.tests.fuzz import claims, play, shrink, worlds
from ansible_collections.mailops.email.tests.fuzz.run import mismatches

NAME, OTHER = "a.example.com", "b.example.com"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with play.sandbox_without_waiting():
        yield


def case(*entries: Mapping[str, Any], **more: Any) -> worlds.Case:
    account = {"domains": more.pop("domains", []), "target_stated": True}
    plain = {"provider": "sendclean", "module": "tracking_domains", "info": None, "task": {}}
    zone = {"switches": {}, "zone": {}, "faults": {}}
    return {**plain, **zone, "account": account, "entries": list(entries), **more}


def test_a_case_is_the_same_each_time_and_plain_data() -> None:
    one, again, other = (worlds.make_case("sendcloud", 3, number) for number in (5, 5, 6))
    assert one == again != other
    assert json.loads(json.dumps(one)) == one


@pytest.mark.parametrize("provider", ["sendclean", "sendcloud"])
def test_answers_are_altered_in_each_run(provider: str) -> None:
    given = worlds.make_case(provider, 3, 5, altered=True)
    assert given["entries"] == worlds.make_case(provider, 3, 5)["entries"]
    for step in ("info", "check", "real", "again"):
        assert given["faults"][step][0]["kind"] == "altered"


@pytest.mark.parametrize("switches", [{"deletes_nothing": True}, {"delete_lag": 2}])
def test_a_deletion_that_was_not_done_or_shows_late_is_told_as_it_is(
    switches: Mapping[str, Any],
) -> None:
    given = case(
        {"name": NAME, "state": "absent"}, domains=[{"name": NAME}], switches=dict(switches)
    )
    assert mismatches(given) == []
    real = next(each for each in play.Play(given).run() if each.step == "real")
    done = "failed" if "deletes_nothing" in switches else "deleted"
    assert [each["action"] for each in real.ran["actions"]] == [done]


def test_what_is_right_fits() -> None:
    domains = [{"name": NAME, "verified": True}, {"name": OTHER}, {"name": "c.example.com"}]
    given = case(
        {"name": NAME},
        {"name": "d.example.com"},
        {"name": OTHER, "state": "absent"},
        domains=domains,
        zone={NAME: {"kind": "right"}, "d.example.com": {"kind": "right"}},
        task={"purge": True, "verify": True, "wait": True},
    )
    assert mismatches(given) == []
    seen = {each.step: each for each in play.Play(given).run()}
    assert [each["action"] for each in seen["real"].ran["actions"]] == [
        "unchanged",
        "created",
        "deleted",
        "deleted",
    ]
    assert [len(seen[step].effects) for step in seen] == [0, 0, 3, 0]


def _undone(seen: play.Seen) -> None:
    seen.after = seen.before


def _done(seen: play.Seen) -> None:
    seen.after = {}


def _says(**values: Any) -> Callable[[play.Seen], None]:
    return lambda seen: seen.ran.result.update(values)


def _shows_a_secret(seen: play.Seen) -> None:
    seen.ran.log.append(f"sent {quote(seen.secrets[0])}")


def _was_not_asked_to_ignore(seen: play.Seen) -> None:
    seen.case["task"].pop("dangling")


GONE = case({"name": NAME, "state": "absent"}, domains=[{"name": NAME}, {"name": OTHER}])
DANGLING = {**GONE, "zone": {NAME: {"kind": "right"}}, "task": {"dangling": "ignore"}}
# What is told otherwise than it was, in which run, and the claims that it does not fit.
LIES: dict[str, tuple[worlds.Case, str, Callable[[play.Seen], None], set[str]]] = {
    "a deletion that never was": (
        GONE,
        "real",
        _undone,
        {"actions_are_true", "never_green_when_not_as_declared", "diffs_are_true"},
    ),
    "a deletion of more": (
        GONE,
        "real",
        _done,
        {"undeclared_is_untouched", "unmanaged_is_true"},
    ),
    "check mode that writes": (GONE, "check", _done, {"reads_only"}),
    "a change that nobody hears of": (GONE, "real", _says(changed=False), {"changed_is_true"}),
    "a change that never was": (GONE, "again", _says(changed=True), {"changed_is_true"}),
    "green in spite of a failure": (
        {**DANGLING, "task": {}},
        "real",
        _says(failed=False),
        {
            "failed_where_one_failed",
            "failures_are_told",
            "never_green_when_not_as_declared",
            "results_are_the_state",
        },
    ),
    "a deletion without proof": (
        DANGLING,
        "real",
        _was_not_asked_to_ignore,
        {"deletions_have_proof"},
    ),
    "unmanaged that is not all": (GONE, "real", _says(unmanaged=[]), {"unmanaged_is_true"}),
    "a secret": (GONE, "info", _shows_a_secret, {"no_secret"}),
    "a terminal's escapes": (GONE, "check", _says(msg="\x1b[2J"), {"messages_are_for_people"}),
    "a code of its own": (
        GONE,
        "real",
        _says(failed=True, msg="No.", failure={"code": "oops"}),
        {"failures_are_told"},
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_does_not_fit(lie: str) -> None:
    given, step, tell, expected = LIES[lie]
    seen = next(each for each in play.Play(copy.deepcopy(given)).run() if each.step == step)
    assert list(claims.of_run(seen)) == []
    tell(seen)
    assert {claim for claim, _problem in claims.of_run(seen)} == {
        f"{step}: {claim}" for claim in expected
    }


def test_runs_that_do_not_fit_each_other() -> None:
    runs = {each.step: each for each in play.Play(case({"name": NAME})).run()}
    assert list(claims.of_runs(runs)) == []
    told = dict(claims.of_runs({**runs, "check": runs["again"]}))
    assert set(told) == {"foretold_is_done"}
    told = dict(claims.of_runs({**runs, "again": runs["real"]}))
    assert set(told) == {"second_run_is_quiet"}


def test_an_error_of_the_tester_itself_is_told() -> None:
    ((claim, problem),) = mismatches(case(module="tracking_domain"))
    assert claim == "tester: IndexError"
    assert "Traceback" in problem


def test_a_case_is_made_smaller() -> None:
    domains = [{"name": f"t{number}.example.com", "verified": True} for number in range(9)]
    given = case({"name": NAME}, {"name": OTHER}, domains=domains, task={"verify": True})

    def still(candidate: worlds.Case) -> bool:
        return any(each["name"] == "t4.example.com" for each in candidate["account"]["domains"])

    small = shrink.shrink(given, still)
    assert small["account"]["domains"] == [{"name": "t4.example.com"}]
    assert small["entries"] == []
    assert small["task"] == {}


@pytest.mark.parametrize("provider", ["sendclean", "sendcloud"])
def test_a_lost_answer_is_lost_after_the_effect(provider: str) -> None:
    fault = {"at": "network", "kind": "deferred", "operation": "add", "value": 0.2}
    given = case({"name": NAME}, provider=provider, faults={"real": [fault]})
    assert mismatches(given) == []
    real = next(each for each in play.Play(given).run() if each.step == "real")
    assert [call.operation for call in real.effects] == ["add"]
