# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who sends mail with a domain, as a user sees it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.tests.unit.plugins.modules.conftest import (
    NAME,
    OTHER,
    User,
)
from ansible_collections.mailops.email.tests.unit.plugins.modules.documented import check_documented


@pytest.fixture
def sender(cloud: User) -> User:
    """An account with a verified domain, its record, and two API_USERs."""
    cloud.account.seed(NAME, verified=True)
    cloud.publish(NAME)
    cloud.account.change(senders=[{"name": "orders", "clicks": 0}, {"name": "news"}])
    return cloud


def bound(user: User) -> dict[str, str]:
    return {name: each["trackDomainName"] for name, each in user.account.senders().items()}


def test_check_then_real_then_again(sender: User) -> None:
    foretold = sender.one(verify=True, senders=["orders"], check=True, diff=True)
    assert sender.calls == {"list": 1, "senders": 1}
    made = sender.one(verify=True, senders=["orders"], diff=True)
    assert sender.calls == {"list": 1, "senders": 2, "bind": 1}
    again = sender.one(verify=True, senders=["orders"])
    assert sender.calls == {"list": 1, "senders": 1}
    for ran, changed, action in [
        (foretold, True, "updated"),
        (made, True, "updated"),
        (again, False, "unchanged"),
    ]:
        assert (ran.failed, ran.changed, ran["action"]) == (False, changed, action)
        assert ran["tracking_domain"]["senders"] == ["orders"]
        check_documented("tracking_domain", ran.result)
    assert foretold["diff"] == made["diff"]
    assert (made["diff"]["before"]["senders"], made["diff"]["after"]["senders"]) == ([], ["orders"])
    assert bound(sender) == {"orders": NAME, "news": "track2.sendcloud.net"}
    assert sender.account.senders()["orders"]["click"] == 0, "what else it is set to stays"


def test_where_they_are_not_declared_nothing_is_read(sender: User) -> None:
    assert sender.one(verify=True)["tracking_domain"]["senders"] is None
    assert sender.calls == {"list": 1}


def test_never_before_the_domain_is_verified(cloud: User) -> None:
    cloud.account.switch(bind_unverified="refused")
    cloud.account.change(senders=[{"name": "orders"}])
    ran = cloud.many({"name": NAME, "senders": ["orders"]}, verify=True)
    assert cloud.calls == {"list": 1, "add": 1, "senders": 1}
    (action,) = ran["actions"]
    assert action["action"] == "created"
    assert action["reason"].endswith("orders will be bound to it once it is verified.")
    assert ran["tracking_domains"][0]["senders"] == []
    cloud.publish(NAME)
    ran = cloud.many({"name": NAME, "senders": ["orders"]}, verify=True, wait=True)
    assert ran["actions"][0]["action"] == "verified"
    assert bound(cloud) == {"orders": NAME}


@pytest.mark.parametrize("check", [True, False])
def test_not_to_a_verified_domain_whose_name_leads_elsewhere(sender: User, check: bool) -> None:
    """As the role has it, which does not have such a domain checked before it has mended the record."""
    sender.publish(NAME, target="links.new-vendor.example.net")
    ran = sender.many(
        {"name": NAME, "senders": ["orders"]},
        verify=True,
        check=check,
        _settings={"recheck": "never"},
    )
    assert not ran.changed
    assert bound(sender)["orders"] == "track2.sendcloud.net"
    assert ran["actions"][0]["reason"].endswith("bound to it once its name is right again")


def test_others_that_use_the_domain_stay(sender: User) -> None:
    sender.one(senders=["news"])
    ran = sender.one(senders=["orders"])
    assert ran["tracking_domain"]["senders"] == ["news", "orders"]


def test_info_reads_them_on_request(sender: User) -> None:
    sender.one(senders=["orders"])
    ran = sender.info(senders=True)
    assert sender.calls == {"list": 1, "senders": 1}
    assert ran["tracking_domains"][0]["senders"] == ["orders"]
    check_documented("tracking_domain_info", ran.result)
    assert sender.info()["tracking_domains"][0]["senders"] is None


def test_one_that_is_not_there(sender: User) -> None:
    ran = sender.one(senders=["order", "news"])
    assert (ran.code, ran.changed) == ("not_found", False)
    assert "no sender order" in ran["msg"]
    assert "There are: news, orders." in ran["msg"]


@pytest.mark.parametrize(
    ("entries", "code", "says"),
    [
        ([{"name": NAME, "senders": ["a"]}, {"name": OTHER, "senders": ["a"]}], "validation", "a"),
        (
            [{"name": NAME, "state": "absent", "senders": ["a"]}],
            "validation",
            "with state: present",
        ),
    ],
)
def test_what_contradicts_itself(cloud: User, entries: Any, code: str, says: str) -> None:
    ran = cloud.many(*entries)
    assert ran.code == code
    assert says in ran["msg"]
    assert cloud.calls == {}


def test_sendclean_has_none(clean: User) -> None:
    for ran in (clean.one(senders=["a"]), clean.info(senders=True)):
        assert ran.code == "unsupported"


@pytest.mark.parametrize("after", [True, False])
def test_a_call_without_an_answer(sender: User, after: bool) -> None:
    sender.account.fault("reset", action="bind", after=after)
    ran = sender.one(senders=["orders"])
    assert (ran.failed, ran.changed) == (False, True)
    assert bound(sender)["orders"] == NAME
    assert sender.calls["bind"] == (1 if after else 2)


def test_a_call_that_is_refused(sender: User) -> None:
    sender.account.fault("vendor_error", 6001, action="bind")
    ran = sender.one(senders=["orders"])
    assert (ran.code, ran.changed, ran["action"]) == ("authentication", False, "failed")
    assert not sender.one(senders=["orders"]).failed


def test_a_call_after_which_nothing_can_be_read(sender: User) -> None:
    sender.account.fault("reset", action="bind", after=True)
    sender.account.fault("http_error", 502, action="senders", skip=1, count=0)
    ran = sender.one(senders=["orders"])
    assert (ran.failed, ran.changed) == (True, True)
    assert "it may have taken effect" in ran["msg"]


def test_an_update_that_changes_what_nobody_asked_for_is_told(sender: User) -> None:
    sender.account.switch(sender_update="resets")
    ran = sender.one(senders=["news"])
    assert (ran.code, ran.changed) == ("bad_response", True)
    assert "open of news was 1 and is 0" in ran["msg"]


@pytest.mark.parametrize("pages", ["none", "hundred"])
@pytest.mark.parametrize("new_name", ["required", "optional"])
def test_what_the_documents_leave_open(sender: User, pages: str, new_name: str) -> None:
    sender.account.switch(sender_pages=pages, sender_new_name=new_name)
    sender.account.change(senders=[{"name": f"u{n}"} for n in range(150)])
    assert sender.one(senders=["u149"]).changed
    assert not sender.one(senders=["u149"]).changed


def test_one_that_may_not_be_read_fails_the_domain_alone(sender: User) -> None:
    sender.account.switch(senders_readable=False)
    ran = sender.many({"name": NAME, "senders": ["orders"]}, OTHER)
    assert [each["action"] for each in ran["actions"]] == ["failed", "created"]
    assert "no permission" in ran["msg"]


# --- before a deletion or a rename -----------------------------------------------------------------


@pytest.fixture
def used(cloud: User) -> User:
    """An account with a domain that two API_USERs use, and one that nobody does."""
    cloud.account.seed(NAME, OTHER)
    users = [{"name": name, "tracking_domain": "T.Example.com"} for name in ("orders", "news")]
    cloud.account.change(senders=[*users, {"name": "other"}])
    return cloud


LEAVING = {
    "delete": (NAME, {"state": "absent"}),
    "rename": ("new.example.com", {"rename_from": NAME}),
}


@pytest.mark.parametrize(("name", "options"), LEAVING.values(), ids=list(LEAVING))
@pytest.mark.parametrize("check", [True, False])
def test_what_a_sender_uses_stays(used: User, name: str, options: Any, check: bool) -> None:
    ran = used.one(name, check=check, **options)
    assert (ran.code, ran.changed, ran["action"]) == ("in_use", False, "failed")
    assert f"{NAME} is used by the API_USER news, orders" in ran["msg"]
    assert used.calls == {"list": 1, "senders": 1}
    check_documented("tracking_domain", ran.result)
    assert used.names == {NAME, OTHER}


@pytest.mark.parametrize(("name", "options"), LEAVING.values(), ids=list(LEAVING))
@pytest.mark.parametrize("dangling", ["warn", "ignore"])
def test_unless_the_user_says_so(used: User, name: str, options: Any, dangling: str) -> None:
    ran = used.one(name, dangling=dangling, **options)
    assert (ran.failed, ran.changed) == (False, True)
    assert any("API_USER news, orders" in line for line in ran.warnings) == (dangling == "warn")
    assert used.calls.get("senders", 0) == (dangling == "warn")


def test_a_purge_leaves_what_a_sender_uses(used: User) -> None:
    used.account.seed("gone.example.com", keep=True)
    ran = used.many(OTHER, purge=True)
    assert [(each["name"], each["action"]) for each in ran["actions"]] == [
        (OTHER, "unchanged"),
        ("gone.example.com", "deleted"),
        (NAME, "failed"),
    ]
    assert ran["actions"][2]["failure"]["code"] == "in_use"
    assert used.calls == {"list": 2, "senders": 1, "delete": 1}


def test_who_may_not_read_them_is_warned(used: User) -> None:
    used.account.switch(senders_readable=False)
    ran = used.one(state="absent")
    assert ran["action"] == "deleted"
    (warning,) = ran.warnings
    assert warning.startswith(f"it is not known whether a sender still uses {NAME}")
    assert "no permission" in warning


def test_what_cannot_be_read_permits_nothing(used: User) -> None:
    used.account.fault("http_error", 502, action="senders", count=0)
    ran = used.one(state="absent")
    assert (ran.failed, ran.changed) == (True, False)
    assert used.names == {NAME, OTHER}


def test_once_they_use_another_domain_it_may_go(used: User) -> None:
    used.publish(OTHER)
    assert not used.one(OTHER, verify=True, senders=["orders", "news"]).failed
    assert used.one(state="absent")["action"] == "deleted"


# --- in the role -------------------------------------------------------------------------------------

ROLE = {"_option_prefix": "tracking_domain_", "_removes_records": True}


def test_a_replacement_takes_the_senders_over(used: User) -> None:
    used.account.seed(OTHER, NAME, verified=True)
    used.publish(OTHER)
    moves = {"_takes_over": {OTHER: [NAME]}}
    foretold = used.many(OTHER, check=True, **ROLE, **moves)
    assert used.calls == {"list": 1, "senders": 1}
    made = used.many(OTHER, **ROLE, **moves)
    assert used.calls == {"list": 1, "senders": 2, "bind": 2}
    for ran in (foretold, made):
        assert ran["actions"][0]["action"] == "updated"
        assert sorted(ran["actions"][0]["bound"]) == ["news", "orders"]
        assert ran["actions"][0]["uploaded"] is False
        assert ran["tracking_domains"][0]["senders"] == ["news", "orders"]
    assert bound(used) == {"news": OTHER, "orders": OTHER, "other": "track2.sendcloud.net"}
    assert not used.many(OTHER, **ROLE, **moves).changed


def test_one_that_uses_another_domain_by_then_is_left_alone(used: User) -> None:
    used.account.seed(OTHER, NAME, "third.example.com", verified=True)
    senders = [{"name": "orders", "tracking_domain": "third.example.com"}]
    used.account.change(senders=[*senders, {"name": "news", "tracking_domain": NAME}])
    used.many(OTHER, **ROLE, _takes_over={OTHER: [NAME]})
    assert bound(used) == {"orders": "third.example.com", "news": OTHER}


def test_who_may_not_read_them_moves_none_and_is_warned(used: User) -> None:
    used.account.seed(OTHER, NAME, verified=True)
    used.account.switch(senders_readable=False)
    ran = used.many(OTHER, **ROLE, _takes_over={OTHER: [NAME]})
    assert (ran.failed, ran.changed) == (False, False)
    (warning,) = ran.warnings
    assert warning.startswith(f"it is not known whether a sender still uses {NAME}")


def test_the_role_s_rename_is_refused_as_well(used: User) -> None:
    """Of the live DNS the role itself takes care."""
    used.publish(NAME)
    rename = {"name": "new.example.com", "rename_from": NAME}
    ran = used.many(rename, **ROLE)
    assert ran["actions"][0]["failure"]["code"] == "in_use"
    assert "tracking_domain_dangling" in ran["msg"]
    used.account.change(senders=[{"name": "other"}])
    assert used.many(rename, **ROLE)["actions"][0]["action"] == "renamed"


# --- info --------------------------------------------------------------------------------------------


def test_info_shows_what_nobody_uses(used: User) -> None:
    ran = used.info(NAME, OTHER, senders=True)
    assert [each["senders"] for each in ran["tracking_domains"]] == [["news", "orders"], []]


def test_info_reads_none_for_what_is_not_there(used: User) -> None:
    assert used.info("gone.example.com", senders=True)["missing"] == ["gone.example.com"]
    assert used.calls == {"list": 1}


def test_info_warns_who_may_not_read_them(used: User) -> None:
    used.account.switch(senders_readable=False)
    ran = used.info(NAME, senders=True)
    assert ran["tracking_domains"][0]["senders"] is None
    (warning,) = ran.warnings
    assert f"it is not known whether a sender still uses {NAME}" in warning
    used.account.fault("http_error", 502, action="senders", count=0)
    used.account.switch(senders_readable=True)
    assert used.info(NAME, senders=True).failed


# --- several domains in one run ----------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
def test_one_that_moves_from_one_declared_domain_to_another(used: User, check: bool) -> None:
    used.account.seed(OTHER, NAME, verified=True)
    ran = used.many(
        {"name": NAME, "senders": ["orders"]}, {"name": OTHER, "senders": ["news"]},
        check=check, diff=True,
    )  # fmt: skip
    assert [each["senders"] for each in ran["tracking_domains"]] == [["orders"], ["news"]]
    assert [each["bound"] for each in ran["actions"]] == [[], ["news"]]
    (diff,) = ran["diff"]
    assert (diff["before"]["senders"], diff["after"]["senders"]) == ([], ["news"])


@pytest.mark.parametrize("check", [True, False])
def test_a_purge_comes_after_the_senders_have_moved(used: User, check: bool) -> None:
    used.account.seed(OTHER, NAME, verified=True)
    ran = used.many({"name": OTHER, "senders": ["orders", "news"]}, purge=True, check=check)
    assert (ran.failed, ran["actions"][1]["action"]) == (False, "deleted")


def test_what_could_not_be_read_again_is_not_claimed(sender: User) -> None:
    sender.account.fault("vendor_error", 6001, action="senders", skip=1, count=0)
    ran = sender.many({"name": NAME, "senders": ["orders"]})
    (action,) = ran["actions"]
    assert (action["bound"], action["changed"]) == ([], True)
    assert "orders: it may have taken effect, but" in action["reason"]
    assert ran["tracking_domains"][0]["senders"] is None


@pytest.mark.parametrize("check", [True, False])
def test_one_that_is_not_there_is_told_before_the_domain_is_verified(
    cloud: User, check: bool
) -> None:
    cloud.account.change(senders=[{"name": "orders"}])
    ran = cloud.many({"name": NAME, "senders": ["order"]}, check=check)
    assert ran["actions"][0]["failure"]["code"] == "not_found"
    assert ran["actions"][0]["done"] == "created"
