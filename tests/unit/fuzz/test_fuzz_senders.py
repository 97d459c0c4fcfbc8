# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The random tester's worlds with senders: what is right fits, and each lie planted here does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.fuzz import play, senders, worlds

NAME, OTHER, DEFAULT = "a.example.com", "b.example.com", "track2.sendcloud.net"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with play.sandbox_without_waiting():
        yield


def case(*entries: Any, used: dict[str, str], **more: Any) -> worlds.Case:
    domains = [{"name": NAME, "verified": True}, {"name": OTHER, "verified": True}]
    return {
        "provider": "sendcloud",
        "module": "tracking_domains",
        "account": {"domains": domains},
        "switches": {"domain_limit": 9},
        "zone": {},
        "entries": list(entries),
        "task": {},
        "info": None,
        "faults": {},
        "senders": used,
        **more,
    }


BOUND = case({"name": NAME, "senders": ["news"]}, used={"news": DEFAULT, "orders": OTHER})
MOVED = case({"name": NAME}, used={"news": OTHER}, takes_over={NAME: [OTHER]})
IN_USE = case({"name": OTHER, "state": "absent"}, used={"news": OTHER})
GIVEN_UP = {**IN_USE, "task": {"dangling": "ignore"}}


def test_a_case_is_the_same_each_time_and_plain_data() -> None:
    one, again, other = (senders.make_case(3, number) for number in (5, 5, 6))
    assert one == again != other
    assert json.loads(json.dumps(one)) == one


@pytest.mark.parametrize("given", [BOUND, MOVED, IN_USE, GIVEN_UP])
def test_what_is_right_fits(given: worlds.Case) -> None:
    assert senders.mismatches(given) == []


def runs(given: worlds.Case) -> dict[str, senders.Used]:
    playing = senders.Play(given)
    return {seen.step: playing.used for seen in playing.run()}


def test_the_worlds_do_something() -> None:
    assert runs(BOUND)["real"].moved == {"news": NAME}
    assert runs(MOVED)["real"].moved == {"news": NAME}
    assert runs(IN_USE)["real"].seen.ran["actions"][0]["failure"]["code"] == "in_use"
    assert len(runs(GIVEN_UP)["real"].seen.after) == 1


def _never_bound(used: senders.Used) -> None:
    used.after = used.before


def _bound_another(used: senders.Used) -> None:
    used.after = {**used.after, "orders": {**used.after["orders"], "trackDomainName": NAME}}


def _switched_off(used: senders.Used) -> None:
    used.after = {**used.after, "news": {**used.after["news"], "open": 0}}


def _says(**values: Any) -> Callable[[senders.Used], None]:
    return lambda used: used.seen.ran.result.update(values)


def _says_of_the_action(**values: Any) -> Callable[[senders.Used], None]:
    return lambda used: used.seen.ran.result["actions"][0].update(values)


def _was_not_verified(used: senders.Used) -> None:
    def unverified(state: play.State) -> play.State:
        return {
            number: play.Held(
                *(False if isinstance(value, bool) else value for value in vars(held).values())
            )
            for number, held in state.items()
        }

    used.seen.before, used.seen.after = unverified(used.seen.before), unverified(used.seen.after)


def _was_not_asked_to_ignore(used: senders.Used) -> None:
    used.seen.case["task"].pop("dangling")


LIES: dict[str, tuple[worlds.Case, str, Callable[[senders.Used], None], set[str]]] = {
    "a binding that never was": (
        BOUND,
        "real",
        _never_bound,
        {"bound_is_true", "green_means_bound"},
    ),
    "a binding of another": (
        BOUND,
        "real",
        _bound_another,
        {"nobody_else_is_moved", "bound_is_true", "green_means_bound"},
    ),
    "a setting that did not stay": (
        BOUND,
        "real",
        _switched_off,
        {"what_else_they_are_set_to_stays"},
    ),
    "a binding that nobody hears of": (
        BOUND,
        "real",
        _says(changed=False),
        {"what_was_bound_is_a_change"},
    ),
    "bound, and unchanged": (
        MOVED,
        "real",
        _says_of_the_action(action="unchanged"),
        {"what_was_bound_is_a_change"},
    ),
    "too early": (BOUND, "real", _was_not_verified, {"never_before_it_is_verified"}),
    "gone although in use": (GIVEN_UP, "real", _was_not_asked_to_ignore, {"what_is_used_stays"}),
    "info that is not all": (
        BOUND,
        "info",
        lambda used: used.seen.ran["tracking_domains"][1].update(senders=["billing"]),
        {"info_is_true"},
    ),
    "check mode that binds": (
        BOUND,
        "check",
        _bound_another,
        {"reads_only"},
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_does_not_fit(lie: str) -> None:
    given, step, tell, expected = LIES[lie]
    used = runs(json.loads(json.dumps(given)))[step]
    assert list(senders.of_run(used)) == []
    tell(used)
    assert {claim for claim, _problem in senders.of_run(used)} == {
        f"{step}: {claim}" for claim in expected
    }
