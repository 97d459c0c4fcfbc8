# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole set in one task, as a user sees it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.support.certificates import (
    DAY,
    Authority,
    now,
)
from ansible_collections.mailops.email.tests.unit.plugins.modules.conftest import (
    NAME,
    OTHER,
    User,
)
from ansible_collections.mailops.email.tests.unit.plugins.modules.documented import (
    check_documented,
)
from ansible_collections.mailops.email.tests.unit.run_module import Ran

THIRD = "v.example.com"


def actions(ran: Ran) -> list[tuple[str, str]]:
    return [(each["name"], each["action"]) for each in ran["actions"]]


# --- calls ---------------------------------------------------------------------------------------


def test_fifty_are_one_list_and_fifty_adds_at_most_so_many_at_once(user: User) -> None:
    names = [f"t{n}.example.com" for n in range(50)]
    user.account.switch(latency_ms=5)
    foretold = user.many(*names, check=True)
    assert user.calls == {"list": 1}
    ran = user.many(*names, concurrency=3)
    calls = user.account.calls()
    assert calls["operations"] == {"list": 1, "add": 50}
    # At SendCloud five have room for sure; the others go in order, so that the first ones fit a quota.
    assert calls["most_in_flight"] == 3 or (user.cloud and calls["most_in_flight"] < 3)
    assert calls["connections"] <= 4, "kept alive"
    assert [each["name"] for each in ran["tracking_domains"]] == names, "in the order asked"
    assert actions(foretold) == actions(ran) == [(name, "created") for name in names]
    again = user.many(*names)
    assert user.calls == {"list": 1}
    assert not again.changed
    for each in (foretold, ran, again):
        check_documented("tracking_domains", each.result)


def test_the_calls_carry_no_credentials_where_they_could_be_logged(user: User) -> None:
    user.many(NAME, OTHER)
    for call in user.account.calls()["calls"]:
        assert call["method"] == "POST"
        assert not call["credentials_in_url"]
        assert not call["credentials_in_headers"]


def test_all_pages_of_a_large_account(cloud: User) -> None:
    cloud.account.seed(count=250)
    ran = cloud.many("track250.example.com", "track1.example.com")
    assert cloud.calls == {"list": 3}
    assert not ran.changed
    assert len(ran["unmanaged"]) == 248


# --- everything at once --------------------------------------------------------------------------


def test_one_comes_one_is_renamed_one_stays_one_goes(cloud: User) -> None:
    cloud.account.seed("stays.example.com", "old.example.com", "goes.example.com", "not.ours.org")
    entries = [
        "stays.example.com",
        {"name": "new.example.com", "rename_from": "old.example.com"},
        {"name": "goes.example.com", "state": "absent"},
        "comes.example.com",
    ]
    foretold = cloud.many(*entries, check=True, diff=True)
    assert cloud.calls == {"list": 1, **cloud.guarded}
    ran = cloud.many(*entries, diff=True)
    assert cloud.calls == {"list": 2, "update": 1, "delete": 1, "add": 1, **cloud.guarded}
    assert (
        actions(foretold)
        == actions(ran)
        == [
            ("stays.example.com", "unchanged"),
            ("new.example.com", "renamed"),
            ("goes.example.com", "deleted"),
            ("comes.example.com", "created"),
        ]
    )
    assert [each["name"] for each in ran["tracking_domains"]] == [
        "stays.example.com",
        "new.example.com",
        "comes.example.com",
    ]
    assert foretold["unmanaged"] == ran["unmanaged"] == ["not.ours.org"]
    headers = [(each["before_header"], each["after_header"]) for each in ran["diff"]]
    assert headers == [
        ("old.example.com", "new.example.com"),
        ("goes.example.com", "goes.example.com"),
        ("comes.example.com", "comes.example.com"),
    ]
    assert not cloud.many(*entries).changed


def test_a_set_is_verified_together(user: User) -> None:
    names = [NAME, OTHER, THIRD]
    user.account.seed(*names)
    user.publish(NAME, OTHER)
    ran = user.many(*names, verify=True)
    # SendClean is asked whether its list shows what the checks found.
    assert user.calls == ({"list": 1, "check": 1} if user.cloud else {"list": 2, "check": 2})
    assert actions(ran) == [(NAME, "verified"), (OTHER, "verified"), (THIRD, "unchanged")]
    assert "300 IN CNAME" in ran["actions"][2]["reason"]
    assert not ran.failed, "without wait, not being verified yet is no failure"
    again = user.many(*names, verify=True)
    assert user.calls == {"list": 1}
    assert not again.changed


def test_a_wait_that_fails_for_one(user: User) -> None:
    user.publish(NAME)
    ran = user.many(NAME, OTHER, verify=True, wait=True, wait_timeout=30)
    assert ran.failed
    assert ran.code == "not_verified"
    assert actions(ran) == [(NAME, "created"), (OTHER, "failed")]
    assert ran["actions"][1]["failure"]["code"] == "not_verified"
    assert ran["actions"][1]["changed"] is True
    assert f"publish:   {OTHER}. 300 IN CNAME" in ran["msg"]
    assert [each["verified"] for each in ran["tracking_domains"]] == [True, False]
    check_documented("tracking_domains", ran.result)


def test_an_entry_has_its_own_word(user: User) -> None:
    user.account.seed(NAME, OTHER)
    user.publish(NAME, OTHER)
    ran = user.many({"name": NAME, "verify": False}, OTHER, verify=True, wait=True)
    assert actions(ran) == [(NAME, "unchanged"), (OTHER, "verified")]


# --- failures ------------------------------------------------------------------------------------


def test_one_failure_does_not_stop_the_others_and_running_again_finishes(user: User) -> None:
    code = 41015 if user.cloud else "ValidationError"
    user.account.fault("vendor_error", code, action="add", name=OTHER, message="not this one")
    ran = user.many(NAME, OTHER, THIRD)
    assert ran.failed
    assert ran.code == "partial"
    assert ran.changed
    assert actions(ran) == [(NAME, "created"), (OTHER, "failed"), (THIRD, "created")]
    failure = ran["actions"][1]["failure"]
    assert failure["vendor_code"] == str(code)
    assert "not this one" in ran["actions"][1]["reason"]
    assert f"Could not add tracking domain {OTHER} at {user.title}" in ran["msg"]
    assert "not this one" in ran["msg"]
    check_documented("tracking_domains", ran.result)
    again = user.many(NAME, OTHER, THIRD)
    assert actions(again) == [(NAME, "unchanged"), (OTHER, "created"), (THIRD, "unchanged")]


def test_five_domains_an_account(cloud: User) -> None:
    cloud.account.switch(domain_limit=5)
    ran = cloud.many(*(f"t{n}.example.com" for n in range(7)))
    assert ran.code == "partial"
    failures = [each["failure"]["code"] for each in ran["actions"] if each["failure"]]
    assert failures == ["quota"] * 2
    assert "ask its support for more" in ran["msg"]


def test_refused_credentials_stop_at_once(user: User) -> None:
    ran = user.many(NAME, OTHER, **{"api_key" if user.cloud else "token": "wrong-secret"})
    assert ran.failed
    assert ran.code == "authentication"
    assert user.account.calls()["total"] == 1
    assert "wrong-secret" not in ran.text
    check_documented("tracking_domains", ran.result)


def test_a_key_that_is_withdrawn_meanwhile(user: User) -> None:
    kind = 40005 if user.cloud else "AuthenticationError"
    user.account.fault("vendor_error", kind, action="add", count=0)
    ran = user.many(*(f"t{n}.example.com" for n in range(9)), concurrency=1)
    user.account.clear_faults()
    assert ran.code == "authentication"
    assert user.calls == {"list": 1, "add": 1}
    assert {each["action"] for each in ran["actions"]} == {"failed"}


def test_a_bad_certificate_concerns_its_domain_alone(cloud: User) -> None:
    old = Authority.root().issue(NAME, not_before=now() - 9 * DAY, not_after=now() - DAY)
    entry = {"name": NAME, "certificate": old.fullchain, "private_key": old.key}
    ran = cloud.many(entry, OTHER)
    assert ran.code == "partial"
    assert actions(ran) == [(NAME, "failed"), (OTHER, "created")]
    assert "expired" in ran["actions"][0]["reason"]
    check_documented("tracking_domains", ran.result)


@pytest.mark.parametrize(
    ("entries", "options", "says"),
    [
        ([NAME, "T.Example.com."], {}, "more than once"),
        ([NAME, {"name": NAME, "state": "absent"}], {}, "more than once"),
        ([], {"purge": True}, "would delete all tracking domains"),
        (
            [{"name": NAME, "state": "absent"}],
            {"purge": True},
            "would delete all tracking domains",
        ),
        ([{"name": NAME, "wait": True}], {}, "wait needs verify"),
        ([NAME, "https://x.example.com"], {}, "is not a host name"),
        ([NAME], {"concurrency": 0}, "concurrency must be 1 or more"),
        ([NAME], {"purge_limit": -1}, "purge_limit must be 0 or more"),
    ],
)
def test_contradictions_are_refused_before_any_call(
    user: User, entries: Any, options: Any, says: str
) -> None:
    ran = user.many(*entries, **options)
    assert ran.failed
    assert ran.code == "validation"
    assert says in ran["msg"]
    assert user.calls == {}


@pytest.mark.parametrize("option", [{"rename_from": OTHER}, {"id": 1}, {"certificate": "x"}])
def test_what_the_provider_cannot_serve(clean: User, option: Any) -> None:
    ran = clean.many({"name": NAME, **option}, THIRD)
    assert ran.code == "unsupported"
    assert clean.calls == {}


@pytest.mark.parametrize(
    "domains", ["t.example.com", [{"state": "present"}], [{"nome": NAME}], None]
)
def test_what_ansible_itself_refuses(user: User, domains: Any) -> None:
    given = {} if domains is None else {"domains": domains}
    assert user.run("tracking_domains", **given).failed
    assert user.calls == {}


# --- refused, lost, full ---------------------------------------------------------------------------


def test_sixty_that_are_refused_cost_one_list_more(user: User) -> None:
    names = [f"t{n}.example.com" for n in range(60)]
    kind = 41015 if user.cloud else "ValidationError"
    user.account.fault("vendor_error", kind, action="add", count=0)
    ran = user.many(*names)
    assert user.calls == {"list": 2, "add": 60}
    assert {each["action"] for each in ran["actions"]} == {"failed"}
    assert not ran.changed


def test_an_add_that_got_lost_behind_a_list_that_lags(user: User) -> None:
    """The second try is refused because the first one took effect: that is all that can be said."""
    user.account.switch(list_lag=9)
    user.account.fault("reset", action="add", name=NAME, after=True)
    ran = user.many(NAME, OTHER)
    assert [each["action"] for each in ran["actions"]] == ["failed", "created"]
    assert ran["actions"][0]["changed"]
    reason = ran["actions"][0]["reason"]
    assert "an earlier try may have taken effect" in reason
    assert "sending domain" not in reason
    assert user.names == {NAME, OTHER}


def test_a_delete_that_took_effect_and_then_nobody_answers(user: User) -> None:
    user.account.seed(NAME)
    user.account.fault("reset", action="delete", after=True)
    user.account.fault("http_error", 502, action="list", skip=1, count=0)
    ran = user.one(state="absent")
    assert (ran.failed, ran.changed, ran["action"]) == (True, True, "failed")
    assert "it may have taken effect: the list could not be read afterwards" in ran["msg"]
    assert user.names == set()


def test_the_first_of_the_list_fit(cloud: User) -> None:
    cloud.account.switch(domain_limit=7)
    cloud.account.seed("old.example.com")
    names = [f"t{n:02}.example.com" for n in range(12)]
    ran = cloud.many(*names)
    assert cloud.names == {"old.example.com", *names[:6]}
    assert cloud.calls == {"list": 1, "add": 7}, "after the first that did not fit none is tried"
    codes = [(each["failure"] or {}).get("code") for each in ran["actions"]]
    assert codes == [None] * 6 + ["quota"] * 6
    cloud.account.switch(domain_limit=20)
    assert not cloud.many(*names).failed


# --- purge ---------------------------------------------------------------------------------------


def test_a_purge_counts_what_the_list_has_lost_and_no_success(user: User) -> None:
    user.account.seed(OTHER, THIRD)
    user.account.switch(deletes_nothing=True)
    ran = user.many(NAME, purge=True)
    assert ran.failed
    assert actions(ran) == [(NAME, "created"), (OTHER, "failed"), (THIRD, "failed")]
    assert ran["unmanaged"] == sorted([OTHER, THIRD])
    assert user.calls == {"list": 5, "add": 1, "delete": 2, **user.guarded}


def test_what_no_deletion_made_room_for_is_not_added(cloud: User) -> None:
    cloud.account.switch(domain_limit=1, deletes_nothing=True)
    cloud.account.seed(NAME)
    ran = cloud.many(OTHER, {"name": NAME, "state": "absent"})
    assert [each["failure"]["code"] for each in ran["actions"]] == ["quota", "bad_response"]
    assert cloud.calls["add"] == 1


def test_purge_check_then_real_then_again(user: User) -> None:
    user.account.seed(NAME, OTHER, THIRD, "x.example.org")
    options: dict[str, Any] = {"purge": True, "purge_exclude": ["*.EXAMPLE.org"]}
    foretold = user.many(NAME, check=True, **options)
    assert user.calls == {"list": 1, **user.guarded}
    ran = user.many(NAME, **options)
    assert user.calls == {"list": 2, "delete": 2, **user.guarded}
    expected = [(NAME, "unchanged"), (OTHER, "deleted"), (THIRD, "deleted")]
    assert actions(foretold) == actions(ran) == expected
    assert foretold["unmanaged"] == ran["unmanaged"] == ["x.example.org"]
    assert user.names == {NAME, "x.example.org"}
    again = user.many(NAME, **options)
    assert (again.changed, again["unmanaged"]) == (False, ["x.example.org"])


@pytest.mark.parametrize(
    "exclude",
    [
        "track.mün*.example.org, *.example.net",
        " Track.MÜNCHEN.example.org.\n\n*.example\u3002net\n",
        ["*.XN--MNCHEN-3YA.example.org", "*.example.net "],
    ],
)
def test_a_purge_leaves_alone_what_fits_a_pattern_as_typed(user: User, exclude: Any) -> None:
    munich = "track.xn--mnchen-3ya.example.org"
    user.account.seed(NAME, OTHER, munich, "a.example.net")
    ran = user.many(NAME, purge=True, purge_exclude=exclude)
    assert user.names == {NAME, munich, "a.example.net"}
    assert ran["unmanaged"] == ["a.example.net", munich]


def test_a_pattern_that_fits_no_name_is_refused_before_any_call(user: User) -> None:
    user.account.seed(NAME, OTHER)
    ran = user.many(NAME, purge=True, purge_exclude=["https://other.example.com/"])
    assert ran.code == "validation"
    assert user.calls == {}


@pytest.mark.parametrize("check", [True, False])
def test_purge_beyond_the_limit(user: User, check: bool) -> None:
    user.account.seed(*(f"t{n}.example.com" for n in range(6)))
    ran = user.many(NAME, purge=True, check=check)
    assert ran.code == "purge_limit"
    assert "purge_limit (5)" in ran["msg"]
    assert user.calls == {"list": 1}, "nothing is changed, not even what is declared"
    assert not user.many(NAME, purge=True, purge_limit=6).failed
    assert user.names == {NAME}


def test_a_purge_is_guarded_as_any_deletion(user: User) -> None:
    user.account.seed(NAME, OTHER)
    user.publish(OTHER)
    ran = user.many(NAME, purge=True)
    assert actions(ran) == [(NAME, "unchanged"), (OTHER, "failed")]
    assert ran["actions"][1]["failure"]["code"] == "dangling"
    assert ran["unmanaged"] == [OTHER]
    assert not user.many(NAME, purge=True, dangling="ignore").failed


def test_a_purge_waits_until_all_that_is_declared_is_right(cloud: User) -> None:
    cloud.account.seed(NAME, OTHER)
    entries = [THIRD, {"name": "new.example.com", "id": 999999999}]
    ran = cloud.many(*entries, purge=True)
    assert actions(ran) == [
        (THIRD, "created"),
        ("new.example.com", "failed"),
        (NAME, "unchanged"),
        (OTHER, "unchanged"),
    ]
    reason = ran["actions"][-1]["reason"]
    assert reason.startswith("not attempted: a purge runs only if everything declared is right")
    assert "new.example.com" in reason
    assert (ran.code, ran["unmanaged"]) == ("partial", [NAME, OTHER])
    assert cloud.names == {NAME, OTHER, THIRD}
    check_documented("tracking_domains", ran.result)


# --- identity --------------------------------------------------------------------------------------


def test_a_list_that_is_cut_short_changes_nothing(cloud: User) -> None:
    cloud.account.seed(count=150)
    for switches in ({"list_cut": 100}, {"list_cut": 0, "list_start": "ignored"}):
        cloud.account.switch(**switches)
        gone = {"name": "track1.example.com", "state": "absent"}
        for ran in (cloud.many(gone, NAME), cloud.one(NAME), cloud.one(**gone), cloud.info(NAME)):
            assert ran.code == "bad_response"
            assert "is not whole" in ran["msg"]
            assert set(cloud.calls) == {"list"}
    assert len(cloud.names) == 150


SPELLED = {
    "case": ("T.Example.com", NAME),
    "IDN": ("t.bücher.example.com", "t.xn--bcher-kva.example.com"),
}


@pytest.mark.parametrize("spellings", SPELLED.values(), ids=list(SPELLED))
def test_two_spellings_of_a_name_are_the_same_to_all_modules(
    user: User, spellings: tuple[str, str]
) -> None:
    seeded = user.account.seed(*spellings, OTHER)
    name = spellings[1]
    shown = user.info(name)
    spelled = "name" if user.cloud else "domain"
    assert {each["vendor"][spelled] for each in shown["tracking_domains"]} == set(spellings)
    assert [each["name"] for each in user.info()["tracking_domains"]].count(name) == 2
    for state in ("present", "absent"):
        for ran in (
            user.one(name, state=state, check=True),
            user.one(name, state=state),
            user.many({"name": name, "state": state}),
        ):
            assert ran.failed
            assert all(repr(each) in ran["msg"] for each in spellings)
            assert not user.cloud or all(str(each["id"]) in ran["msg"] for each in seeded[:2])
            assert user.calls == {"list": 1}
    ran = user.many(OTHER, purge=True)
    assert [each["action"] for each in ran["actions"]] == ["unchanged", "deleted", "deleted"]
    assert user.names == {OTHER}


def test_one_of_two_spellings_goes_by_its_id(cloud: User) -> None:
    first, second = cloud.account.seed("T.Example.com", NAME)
    assert cloud.one(id=first["id"], state="absent")["action"] == "deleted"
    assert cloud.one()["tracking_domain"]["id"] == second["id"]


@pytest.mark.parametrize("name_filter", ["exact", "substring", "exact_case"])
def test_another_spelling_at_the_provider_is_the_same_to_all_modules(
    user: User, name_filter: str
) -> None:
    """Whatever its filter minds; a delete that gets lost is no deletion."""
    if user.cloud:
        user.account.switch(name_filter=name_filter)
    user.account.seed("T4.Example.com")
    absent = {"name": "t4.example.com", "state": "absent"}
    assert user.info("t4.example.com")["missing"] == []
    assert not user.one("t4.example.com").changed
    assert not user.many("t4.example.com").changed
    user.account.fault("reset", action="delete", count=0)
    for ran in (user.one(**absent, retries=1), user.many(absent, retries=1)):
        assert ran.failed
        assert "it may have taken effect, although the list does not show it" in ran["msg"]
        assert user.names == {"t4.example.com"}
    user.account.clear_faults()
    assert user.one(**absent)["action"] == "deleted"
    assert user.names == set()


def test_unmanaged_is_told_without_a_purge(user: User) -> None:
    user.account.seed(NAME, OTHER)
    assert user.many(NAME)["unmanaged"] == [OTHER]
    assert user.many()["unmanaged"] == sorted([NAME, OTHER])


# --- check mode against the real run, on sandbox worlds made at random ----------------------------


@pytest.mark.parametrize("seed", range(6))
def test_check_mode_is_exact_and_a_second_run_changes_nothing(user: User, seed: int) -> None:
    rand = random.Random(seed)
    names = [f"{letter}.example.com" for letter in "abcdefgh"]
    user.account.seed(
        domains=[
            {"name": name, "verified": rand.random() < 0.5} for name in names if rand.random() < 0.6
        ]
    )
    user.publish(*rand.sample(names, 4))
    entries: list[Any] = [
        {"name": name, "state": "absent", "dangling": rand.choice(["warn", "fail"])}
        if rand.random() < 0.3
        else {"name": name, "verify": rand.random() < 0.7}
        for name in rand.sample(names, 5)
    ]
    options = {"purge": rand.random() < 0.5, "dangling": "ignore"}
    foretold = user.many(*entries, check=True, **options)
    assert set(user.calls) <= {"list", *user.guarded}
    real = user.many(*entries, **options)
    assert actions(foretold) == actions(real)
    assert foretold.changed == real.changed
    assert foretold.failed == real.failed
    assert set(foretold.result) == set(real.result)
    again = user.many(*entries, **options)
    assert not again.changed
    assert set(user.calls) <= {"list", *user.guarded}
