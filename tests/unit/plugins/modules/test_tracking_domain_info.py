# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account holds, as a user sees it; nothing is ever written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.support.certificates import now
from ansible_collections.mailops.email.tests.unit.plugins.modules.conftest import (
    NAME,
    OTHER,
    User,
)
from ansible_collections.mailops.email.tests.unit.plugins.modules.documented import (
    check_documented,
)

GONE = "gone.example.com"


def window(days: float) -> dict[str, str]:
    """Of a certificate at the vendor."""
    end = now() + timedelta(days=days)
    return {"not_before": (now() - timedelta(days=300)).isoformat(), "not_after": end.isoformat()}


def test_all_of_an_account(user: User) -> None:
    user.account.seed(NAME)
    user.account.seed(OTHER, verified=True, keep=True)
    ran = user.info()
    assert user.calls == {"list": 1}
    assert not ran.changed
    assert {each["name"]: each["verified"] for each in ran["tracking_domains"]} == {
        NAME: False,
        OTHER: True,
    }
    assert ran["missing"] == []
    check_documented("tracking_domain_info", ran.result)
    assert user.info(check=True).result == ran.result


def test_two_hundred_and_fifty(cloud: User) -> None:
    cloud.account.seed(count=250)
    ran = cloud.info()
    assert cloud.calls == {"list": 3}
    assert len({each["name"] for each in ran["tracking_domains"]}) == 250
    # Listed last or first: the newest come first.
    for name in ("track250.example.com", "track1.example.com"):
        assert not cloud.one(name).changed
        assert cloud.calls == {"list": 3}, "a list is read whole"


@pytest.mark.parametrize("name_filter", ["exact", "substring", "exact_case"])
def test_by_name(user: User, name_filter: str) -> None:
    if user.cloud:
        user.account.switch(name_filter=name_filter)
    user.account.seed(NAME.upper(), f"not-{NAME}", OTHER)
    ran = user.info("T.Example.com.", GONE, NAME)
    assert [each["name"] for each in ran["tracking_domains"]] == [NAME]
    assert ran["missing"] == [GONE]
    assert not ran.failed
    assert user.calls == {"list": 1}
    for alias in ("names", "domain"):
        assert user.run("tracking_domain_info", **{alias: [GONE]})["missing"] == [GONE]


def test_an_owner_id_is_text(user: User) -> None:
    if user.cloud:
        assert not user.info(owner_id=5349).failed, "it is the other provider's"
        return
    ran = user.info(owner_id=5349)
    assert (ran.failed, ran.code) == (True, "validation")
    assert "YAML has read it as 5349" in ran["msg"]
    assert user.calls == {}


def test_a_name_that_is_none(user: User) -> None:
    ran = user.info("https://t.example.com")
    assert ran.code == "validation"
    assert user.calls == {}


def test_the_flag_the_live_dns_and_what_dangles(user: User) -> None:
    user.account.seed(NAME, verified=True)
    user.publish(OTHER, GONE)
    user.account.seed(OTHER, keep=True)
    ran = user.info(NAME, OTHER, GONE, dns_check="authoritative")
    told = {e["name"]: (e["verified"], e["dns"]["status"]) for e in ran["tracking_domains"]}
    assert told == {NAME: (True, "missing"), OTHER: (False, "ok")}
    assert (ran["missing"], ran["dangling"]) == ([GONE], [GONE])
    assert set(user.calls) == {"list"}
    check_documented("tracking_domain_info", ran.result)


def test_no_query_by_default(user: User, sandbox: Any) -> None:
    user.account.seed(NAME)
    sandbox.client.clear_dns_log()
    ran = user.info()
    assert "dangling" not in ran.result
    assert sandbox.client.dns_log()["queries"] == []


def test_what_expires(cloud: User) -> None:
    ages = {"a": -0.5, "b": 0.5, "c": 20.5, "d": 21.5, "e": 300.5}
    domains: list[dict[str, Any]] = [
        {"name": f"{letter}.example.com", "certificate": window(days)}
        for letter, days in ages.items()
    ]
    cloud.account.seed(domains=[*domains, {"name": NAME}])
    ran = cloud.info(expires_within=20)
    assert sorted(ran["expiring"]) == ["a.example.com", "b.example.com", "c.example.com"]
    left = {
        each["name"][0]: each["certificate"] and each["certificate"]["days_left"]
        for each in ran["tracking_domains"]
    }
    assert left == {"a": -1, "b": 0, "c": 20, "d": 21, "e": 300, "t": None}
    check_documented("tracking_domain_info", ran.result)


def test_a_certificate_of_which_nobody_can_tell_when_it_ends_is_warned_of(cloud: User) -> None:
    cloud.hide_window()
    ran = cloud.info(expires_within=9999)
    assert ran["expiring"] == []
    (warning,) = ran.warnings
    assert "does not show the validity of their certificates" in warning
    assert NAME in warning
    assert "tls_check" in warning


def test_days_left_are_zero_on_the_last_day(cloud: User) -> None:
    cloud.account.seed(domains=[{"name": NAME, "certificate": window(0.5)}])
    assert cloud.info(expires_within=0)["expiring"] == [NAME]


def test_a_tls_look_says_what_a_recipient_would_see(cloud: User, sandbox: Any) -> None:
    """Nobody listens there: a finding, not a failure."""
    cloud.account.seed("127-0-0-1.example.com")
    sandbox.client.set_record("127-0-0-1.example.com", "A", "127.0.0.1")
    ran = cloud.info(tls_check=True, tls_port=1, expires_within=30)
    sandbox.client.delete_record("127-0-0-1.example.com")
    (domain,) = ran["tracking_domains"]
    assert not ran.failed
    assert domain["tls"]["status"] != "ok"
    assert domain["tls"]["reason"]
    check_documented("tracking_domain_info", ran.result)


@pytest.mark.parametrize("options", [{"expires_within": -1}, {"tls_port": 0}, {"retries": -1}])
def test_numbers_that_make_no_sense(user: User, options: Any) -> None:
    ran = user.info(**options)
    assert ran.code == "validation"
    assert user.calls == {}


def test_a_failure(user: User) -> None:
    user.account.fault("http_error", 500, action="list")
    ran = user.info()
    assert ran.code == "bad_response"
    assert f"Could not list tracking domains at {user.title}" in ran["msg"]
    check_documented("tracking_domain_info", ran.result)
