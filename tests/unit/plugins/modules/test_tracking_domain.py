# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One domain, as a user sees it: results, calls, check mode, diff, failures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import iso
from ansible_collections.mailops.email.tests.support.certificates import (
    DAY,
    Authority,
    Issued,
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

NEW = "new.example.com"
ROOT = Authority.root()


@pytest.fixture(scope="module")
def issued() -> Issued:
    return ROOT.issue(NAME, NEW)


def pem(issued: Issued) -> dict[str, str]:
    return {"certificate": issued.fullchain, "private_key": issued.key}


# --- the life of a domain ------------------------------------------------------------------------


def test_check_then_real_then_again(user: User) -> None:
    foretold = user.one(check=True)
    assert user.calls == {"list": 1}
    assert user.names == set()
    made = user.one()
    assert user.calls == {"list": 1, "add": 1}
    again = user.one()
    assert user.calls == {"list": 1}
    for ran, changed, action in [
        (foretold, True, "created"),
        (made, True, "created"),
        (again, False, "unchanged"),
    ]:
        assert not ran.failed
        assert (ran.changed, ran["action"]) == (changed, action)
        domain = ran["tracking_domain"]
        assert (domain["name"], domain["verified"]) == (NAME, False)
        assert domain["provider"] == user.account.vendor
        check_documented("tracking_domain", ran.result)
    assert set(foretold.result) == set(made.result) == set(again.result)
    assert again["tracking_domain"]["cname"] == {"name": NAME, "target": user.account.target}


def test_absent_check_then_real_then_again(user: User) -> None:
    user.account.seed(NAME, OTHER)
    foretold = user.one(state="absent", check=True)
    assert user.calls == {"list": 1, **user.guarded}
    gone = user.one(state="absent")
    assert user.calls == {"list": 2, "delete": 1, **user.guarded}, "a list shows that it is gone"
    again = user.one(state="absent")
    assert user.calls == {"list": 1}
    for ran, changed, action in [
        (foretold, True, "deleted"),
        (gone, True, "deleted"),
        (again, False, "unchanged"),
    ]:
        assert (ran.changed, ran["action"]) == (changed, action)
        assert ran["tracking_domain"] is None
        check_documented("tracking_domain", ran.result)
    assert user.names == {OTHER}


def test_any_spelling_of_a_name_is_the_same_domain(user: User) -> None:
    user.one("Track.EXAMPLE.com.")
    assert user.names == {"track.example.com"}
    assert not user.one("track.example.com").changed
    assert not user.run("tracking_domain", domain="TRACK.example.com").changed


def test_the_vendor_s_own_spelling_is_no_difference(user: User) -> None:
    user.account.seed("Track.Example.COM")
    assert not user.one("track.example.com").changed


def test_an_international_name_is_punycode(user: User) -> None:
    ran = user.one("bücher.example.com")
    assert ran["tracking_domain"]["name"] == "xn--bcher-kva.example.com"
    assert user.names == {"xn--bcher-kva.example.com"}
    assert not user.one("bücher.example.com").changed


def test_the_provider_s_own_object_is_returned_unchanged(user: User) -> None:
    user.one()
    vendor = user.one()["tracking_domain"]["vendor"]
    if user.cloud:
        assert vendor["cname.value"] == user.account.target
        assert vendor["certiValidityStart"] == ""
    else:
        assert set(vendor) == {"domain", "create_date", "cname"}


@pytest.mark.parametrize("lag", [1, 2])
def test_what_was_just_added_and_is_not_listed_yet_is_no_change(user: User, lag: int) -> None:
    user.account.switch(list_lag=lag)
    assert user.one().changed
    again = user.one()
    assert not again.failed
    assert (again.changed, again["action"]) == (False, "unchanged")
    assert user.names == {NAME}


# --- verification --------------------------------------------------------------------------------


def test_verify_without_a_record_asks_nobody(user: User) -> None:
    ran = user.one(verify=True)
    assert user.calls == {"list": 1, "add": 1}
    assert ran["dns"]["status"] == "missing"
    assert ran["dns"]["fix"] == f"{NAME}. 300 IN CNAME {user.account.target}."
    check_documented("tracking_domain", ran.result)


def test_verify_check_then_real_then_again(user: User) -> None:
    user.account.seed(NAME)
    user.publish(NAME)
    foretold = user.one(verify=True, check=True)
    assert user.calls == {"list": 1}
    made = user.one(verify=True)
    # SendClean is asked whether its list shows what the check found.
    assert user.calls == {"list": 1 if user.cloud else 2, "check": 1}
    again = user.one(verify=True)
    assert user.calls == {"list": 1}, "a verified domain is never verified again"
    for ran, changed, action in [
        (foretold, True, "verified"),
        (made, True, "verified"),
        (again, False, "unchanged"),
    ]:
        assert (ran.changed, ran["action"]) == (changed, action)
        assert ran["tracking_domain"]["verified"] is True
        assert ran["dns"]["status"] == ran["tracking_domain"]["dns"]["status"] == "ok"
        check_documented("tracking_domain", ran.result)


def test_a_list_that_never_shows_what_a_check_found(clean: User) -> None:
    """Whether SendClean's does is not known: a second run must change nothing under either answer."""
    user = clean
    user.account.switch(check_refreshes_list=False)
    user.publish(NAME)
    made = user.one(verify=True)
    assert (made.changed, made["action"]) == (True, "created")
    assert user.calls == {"list": 1, "add": 1, "check": 1}
    for _again in range(2):
        again = user.one(verify=True, wait=True)
        assert not again.failed
        assert (again.changed, again["action"]) == (False, "unchanged")
        assert again["tracking_domain"]["verified"] is True


def test_created_and_verified_in_one_run(user: User) -> None:
    user.publish(NAME)
    ran = user.one(verify=True, wait=True)
    assert user.calls == {"list": 1, "add": 1, "check": 1}
    assert ran["action"] == "created"
    assert ran["tracking_domain"]["verified"] is True


def test_a_vendor_s_error_is_what_a_failed_wait_tells(user: User) -> None:
    user.publish(NAME)
    user.account.seed(NAME)
    final = {"sendclean": "ValidationError", "sendcloud": 41003}[user.account.vendor]
    passing = {"sendclean": "GeneralError", "sendcloud": 501}[user.account.vendor]
    for vendor_code, code, asks in ((final, "validation", 1), (passing, "not_verified", 4)):
        user.account.fault("vendor_error", vendor_code, action="check", count=0)
        ran = user.one(verify=True, wait=True, wait_timeout=30)
        user.account.clear_faults()
        assert ran.code == code
        assert ran["failure"]["vendor_code"] == str(vendor_code)
        assert ran["failure"]["vendor_message"]
        first, *details = ran["msg"].splitlines()
        assert f"{user.title} says: " in first
        assert f"{user.title}: {user.title}" not in "\n".join(details)
        assert user.calls["check"] == asks


@pytest.mark.parametrize("kind", ["rate_limited", "rate_limited_date"])
def test_a_rate_limit_does_not_prolong_a_wait(user: User, kind: str) -> None:
    user.publish(NAME)
    user.account.seed(NAME)
    user.account.fault(kind, 30, action="check", count=0)
    ran = user.one(verify=True, wait=True, wait_timeout=3, retries=1)
    user.account.clear_faults()
    assert ran.code == "not_verified"
    assert "not verified when the wait ended: " in ran["msg"]
    assert ran["failure"]["http_status"] == 429
    assert user.calls["check"] == 1


def test_a_wait_that_fails(user: User) -> None:
    user.account.seed(NAME)
    ran = user.one(verify=True, wait=True, wait_timeout=30)
    assert ran.failed
    assert ran.code == "not_verified"
    assert user.calls == {"list": 1}
    text = ran["msg"]
    assert f"Could not verify tracking domain {NAME} at {user.title}" in text
    assert "not verified when the wait ended" in text
    assert f"publish:   {NAME}. 300 IN CNAME {user.account.target}." in text
    assert ran["tracking_domain"]["verified"] is False
    check_documented("tracking_domain", ran.result)


def test_the_dns_can_be_left_out(user: User, sandbox: Any) -> None:
    user.publish(NAME)
    sandbox.client.clear_dns_log()
    ran = user.one(verify=True, dns_check="off")
    assert ran["tracking_domain"]["verified"] is True
    assert "dns" not in ran.result
    # The vendor itself asked once.
    assert len(sandbox.client.dns_log()["queries"]) == 1


def test_a_plain_present_sends_no_query(user: User, sandbox: Any) -> None:
    sandbox.client.clear_dns_log()
    user.one()
    assert sandbox.client.dns_log()["queries"] == []


@pytest.mark.parametrize("behaviour", ["servfail", "refused", "lame"])
def test_a_dns_in_trouble_leaves_a_verified_domain_alone(
    user: User, sandbox: Any, behaviour: str
) -> None:
    user.account.seed(NAME, verified=True)
    sandbox.client.dns_behaviour({NAME: behaviour})
    ran = user.one(verify=True, wait=True)
    sandbox.client.dns_behaviour({})
    assert not ran.failed
    assert (ran.changed, ran["tracking_domain"]["verified"]) == (False, True)
    assert ran["dns"]["status"] == "unknown"
    assert user.calls == {"list": 1}


# --- deletion ------------------------------------------------------------------------------------


def test_a_success_that_deleted_nothing_is_no_deletion(user: User) -> None:
    user.account.seed(NAME)
    user.account.switch(deletes_nothing=True)
    ran = user.one(state="absent")
    assert (ran.code, ran["action"]) == ("bad_response", "failed")
    assert f"{user.title} answered that it was, but its list still has it" in ran["msg"]
    assert ran["tracking_domain"]["name"] == NAME
    assert user.calls == {"list": 5, "delete": 1, **user.guarded}
    assert user.one()["action"] == "unchanged"


def test_a_deletion_that_the_list_shows_late(user: User) -> None:
    user.account.seed(NAME)
    user.account.switch(delete_lag=2)
    assert user.one(state="absent")["action"] == "deleted"
    assert user.calls == {"list": 4, "delete": 1, **user.guarded}


@pytest.mark.parametrize("check", [True, False])
def test_a_record_that_is_still_there_refuses_the_deletion(user: User, check: bool) -> None:
    user.account.seed(NAME)
    user.publish(NAME)
    ran = user.one(state="absent", check=check)
    assert ran.failed
    assert ran.code == "dangling"
    assert user.calls == {"list": 1, **user.guarded}
    for part in (
        f"Could not delete tracking domain {NAME} at {user.title}",
        f"{NAME}. IN CNAME {user.account.target}.",
        user.dns.split(":")[0],
        "dangling",
    ):
        assert part in ran["msg"]
    assert ran["tracking_domain"]["name"] == NAME
    check_documented("tracking_domain", ran.result)


@pytest.mark.parametrize(("dangling", "warns"), [("warn", True), ("ignore", False)])
def test_the_option_overrides(user: User, dangling: str, warns: bool) -> None:
    user.account.seed(NAME)
    user.publish(NAME)
    ran = user.one(state="absent", dangling=dangling)
    assert (ran.failed, ran["action"]) == (False, "deleted")
    assert bool(ran.warnings) == warns
    assert user.names == set()


@pytest.mark.parametrize("dangling", ["fail", "warn"])
def test_without_an_answer_a_deletion_needs_the_users_word(
    user: User, sandbox: Any, dangling: str
) -> None:
    user.account.seed(NAME)
    sandbox.client.dns_behaviour({NAME: "servfail"})
    ran = user.one(state="absent", dangling=dangling)
    sandbox.client.dns_behaviour({})
    if dangling == "fail":
        assert ran.code == "dangling"
        assert user.names == {NAME}
        assert "set dangling to warn or ignore" in ran["failure"]["hint"]
        check_documented("tracking_domain", ran.result)
    else:
        assert ran["action"] == "deleted"
        assert NAME in ran.warnings[0]


def test_without_a_stated_target_any_cname_refuses(clean: User) -> None:
    clean.account.seed(NAME)
    clean.publish(NAME, target="elsewhere.example.net")
    ran = clean.one(state="absent", cname_target=None)
    assert ran.code == "dangling"
    assert "cname_target" in ran["failure"]["hint"]
    assert clean.names == {NAME}
    assert clean.one(state="absent")["action"] == "deleted"


# --- rename --------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["id", "rename_from"])
def test_rename_check_then_real_then_again(cloud: User, by: str) -> None:
    (old,) = cloud.account.seed(NAME, verified=True)
    how = {"id": old["id"]} if by == "id" else {"rename_from": NAME.upper()}
    foretold = cloud.one(NEW, check=True, diff=True, **how)
    assert cloud.calls == {"list": 1, **cloud.guarded}
    made = cloud.one(NEW, diff=True, **how)
    assert cloud.calls == {"list": 1, "update": 1, **cloud.guarded}
    again = cloud.one(NEW, **how)
    assert cloud.calls == {"list": 1}
    for ran, changed, action in [
        (foretold, True, "renamed"),
        (made, True, "renamed"),
        (again, False, "unchanged"),
    ]:
        assert (ran.changed, ran["action"]) == (changed, action)
        assert ran["tracking_domain"]["name"] == NEW
        assert ran["tracking_domain"]["id"] == old["id"]
    assert made["diff"]["before"]["name"] == NAME
    assert foretold["diff"] == made["diff"]


@pytest.mark.parametrize("check", [True, False])
def test_a_rename_needs_proof_that_nobody_can_claim_the_old_name(cloud: User, check: bool) -> None:
    cloud.account.seed(NAME, verified=True)
    cloud.publish(NAME)
    ran = cloud.one(NEW, rename_from=NAME, check=check)
    assert ran.code == "dangling"
    assert cloud.calls == {"list": 1, **cloud.guarded}
    assert ran["failure"]["operation"] == f"rename tracking domain {NAME} at SendCloud"
    assert ran["tracking_domain"]["name"] == NAME
    assert ran["dns"]["status"] == "ok"
    check_documented("tracking_domain", ran.result)
    warned = cloud.one(NEW, rename_from=NAME, dangling="warn", check=check)
    assert warned["action"] == "renamed"
    assert NAME in warned.warnings[0]
    assert "dns" not in warned.result


def test_rename_and_certificate_in_one_call(cloud: User, issued: Issued) -> None:
    cloud.account.seed(NAME)
    ran = cloud.one(NEW, rename_from=NAME, **pem(issued))
    assert cloud.calls == {"list": 1, "update": 1, **cloud.guarded}
    assert ran["action"] == "renamed"
    assert ran["tracking_domain"]["https"] is True


@pytest.mark.parametrize("option", [{"rename_from": NAME}, {"id": 1}])
def test_sendclean_cannot_and_says_the_way_to_go(clean: User, option: Any) -> None:
    ran = clean.one(NEW, **option)
    assert ran.code == "unsupported"
    assert clean.calls == {}, "before any call"
    assert "hint" in ran["failure"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rename_from": NAME}, "conflict"),
        ({"id": 999999999}, "not_found"),
    ],
)
def test_a_rename_that_cannot_be(cloud: User, options: Any, code: str) -> None:
    cloud.account.seed(NAME, NEW)
    ran = cloud.one(NEW, **options)
    assert ran.failed
    assert ran.code == code
    assert NEW in ran["msg"]
    assert cloud.calls == {"list": 1}
    check_documented("tracking_domain", ran.result)


@pytest.mark.parametrize("certificate", [True, False])
def test_a_flag_that_a_rename_leaves_as_it_was_is_not_trusted(
    cloud: User, issued: Issued, certificate: bool
) -> None:
    """It is stored; only a check renews it, so one is asked for, and check mode foretells it."""
    cloud.account.switch(rename_resets_cname=False)
    given = pem(issued) if certificate else {}
    for published in (False, True):
        cloud.account.seed(NAME, verified=True)
        if published:
            cloud.publish(NEW)
        foretold = cloud.one(NEW, rename_from=NAME, verify=True, check=True, diff=True, **given)
        made = cloud.one(NEW, rename_from=NAME, verify=True, diff=True, **given)
        asked = {"check": 1} if published else {}
        assert cloud.calls == {"list": 1, "update": 1, **asked, **cloud.guarded}
        for ran in (foretold, made):
            assert (ran.changed, ran["action"]) == (True, "renamed")
            assert ran["tracking_domain"]["verified"] is published
        assert foretold["diff"] == made["diff"]


def test_a_flag_that_a_rename_left_is_checked_again_once_the_dns_says_it_cannot_be(
    cloud: User,
) -> None:
    cloud.account.switch(rename_resets_cname=False)
    cloud.account.seed(NAME, verified=True)
    cloud.one(NEW, rename_from=NAME)
    assert cloud.one(NEW)["tracking_domain"]["verified"] is True, "as the provider says"
    ran = cloud.one(NEW, verify=True)
    assert cloud.calls == {"list": 1, "check": 1}
    assert (ran.failed, ran.changed, ran["tracking_domain"]["verified"]) == (False, False, False)
    assert any(line.startswith(f"{NEW} is not verified any more") for line in ran.warnings)
    assert not cloud.one(NEW, verify=True).changed
    assert cloud.calls == {"list": 1}, "what is not verified waits for its record, as ever"


# --- what took effect although the answer says otherwise ------------------------------------------

DOUBTFUL = {
    "sendclean": [
        ("vendor_error", "GeneralError"),
        ("vendor_error", "SomethingNew"),
        ("wrong_shape", {"status": "error", "message": "Please try again"}),
        ("wrong_shape", {"done": 1}),
    ],
    "sendcloud": [
        ("vendor_error", 501),
        ("vendor_error", 4711),
        *(
            ("wrong_shape", {"result": True, "statusCode": 200, "info": info})
            for info in (None, [], "{", {}, {"data": None}, {"data": []}, {"data": {"name": "x"}})
        ),
    ],
}


@pytest.mark.parametrize("run", ["one", "many"])
def test_what_took_effect_is_a_change_whatever_was_answered(user: User, run: str) -> None:
    for kind, value in DOUBTFUL[user.account.vendor]:
        for write, name, options, action in (
            ("add", NEW, {}, "created"),
            ("delete", NAME, {"state": "absent"}, "deleted"),
            ("update", NEW, {"rename_from": NAME}, "renamed"),
        )[: 3 if user.cloud else 2]:
            case = (kind, value, write)
            user.account.seed(*([] if write == "add" else [NAME]))
            user.account.fault(kind, value, action=write, after=True)
            ran = (
                user.one(name, **options) if run == "one" else user.many({"name": name, **options})
            )
            user.account.clear_faults()
            assert not ran.failed, (*case, ran["msg"])
            told = ran.result if run == "one" else ran["actions"][0]
            assert (ran.changed, told["action"]) == (True, action), case
            if run == "many":
                assert told["renamed_from"] == (NAME if write == "update" else None), case
            assert user.calls[write] == 1
            assert user.names == (set() if write == "delete" else {NEW})


@pytest.mark.parametrize("write", ["add", "delete"])
def test_a_refusal_in_vague_words_is_no_minute_of_silence(user: User, write: str) -> None:
    """GeneralError and 501 may be a refusal for good: nothing is sent again, and the words are told."""
    if write == "delete":
        user.account.seed(NAME)
    value = {"sendclean": "GeneralError", "sendcloud": 501}[user.account.vendor]
    user.account.fault("vendor_error", value, action=write, message="no such luck", count=0)
    ran = user.one(state="absent" if write == "delete" else "present")
    user.account.clear_faults()
    assert (ran.code, ran.changed, user.calls[write]) == ("bad_response", True, 1)
    assert "no such luck" in ran["msg"]
    assert "it may have taken effect, although the list does not show it" in ran["msg"]


def test_what_nobody_can_look_up_afterwards_may_have_taken_effect(user: User) -> None:
    user.account.fault("reset", action="add", after=True)
    user.account.fault("http_error", 502, action="list", skip=1, count=0)
    ran = user.one(retries=1)
    user.account.clear_faults()
    assert ran.code == "network"
    assert "it may have taken effect: the list could not be read afterwards" in ran["msg"]
    assert "Run again: the list is read first." in ran["msg"]
    assert user.names == {NAME}
    assert not user.one().changed


@pytest.mark.parametrize("missing", ["omitted", "error"])
def test_what_is_gone_when_it_is_verified_is_told_at_once(cloud: User, missing: str) -> None:
    """Deleted by hand between the list and the check, under either answer of the vendor."""
    user = cloud
    user.account.switch(check_unknown=missing)
    user.account.seed(NAME, OTHER)
    user.publish(NAME, OTHER)
    gone = {"result": True, "statusCode": 200, "info": {"dataList": [], "count": 0}}
    for wait in (False, True):
        if missing == "omitted":
            user.account.fault("wrong_shape", gone, action="check", name=NAME, count=0)
        else:
            user.account.fault("vendor_error", 41014, action="check", name=NAME, count=0)
        ran = user.many(NAME, OTHER, verify=True, wait=wait)
        user.account.clear_faults()
        by_name = {each["name"]: each for each in ran["actions"]}
        assert by_name[NAME]["failure"]["code"] == "not_found"
        assert by_name[NAME]["final"] is True
        assert "deleted in the meantime" in by_name[NAME]["reason"]
        assert by_name[OTHER]["failure"] is None
        assert user.calls["check"] <= 3


# --- certificates --------------------------------------------------------------------------------


def test_a_certificate_travels_with_add_and_is_renewed_by_one_update(
    cloud: User, issued: Issued
) -> None:
    added = cloud.one(**pem(issued))
    assert cloud.calls == {"list": 1, "add": 1}
    assert added["tracking_domain"]["certificate"]["days_left"] in (89, 90)
    assert not cloud.one(**pem(issued)).changed
    renewed = ROOT.issue(NAME, not_after=now() + 200 * DAY)
    foretold = cloud.one(check=True, diff=True, **pem(renewed))
    assert cloud.calls == {"list": 1}
    ran = cloud.one(diff=True, **pem(renewed))
    assert cloud.calls == {"list": 1, "update": 1}
    assert foretold["action"] == ran["action"] == "updated"
    assert foretold["diff"] == ran["diff"]
    assert set(ran["diff"]["after"]["certificate"]) == {"not_before", "not_after"}
    assert not cloud.one(**pem(renewed)).changed


@pytest.mark.parametrize("times", ["utc+8", "utc"])
@pytest.mark.parametrize("seconds", ["exact", "zeroed", "rounded_up"])
def test_the_same_certificate_is_never_uploaded_twice(
    cloud: User, issued: Issued, times: str, seconds: str
) -> None:
    cloud.account.switch(times=times, certificate_seconds=seconds)
    assert cloud.one(**pem(issued)).changed
    assert not cloud.one(**pem(issued)).changed
    assert cloud.calls == {"list": 1}


@pytest.mark.parametrize("times", ["utc+8", "utc"])
@pytest.mark.parametrize("module", ["one", "many"])
def test_what_is_shown_is_the_window_of_the_certificate_that_is_given(
    cloud: User, times: str, module: str
) -> None:
    """Where the account writes UTC, the window that it shows would be eight hours early."""
    cloud.account.switch(times=times, certificate_seconds="zeroed")
    cloud.account.seed(NAME)
    end = now() + timedelta(hours=4)
    issued, renewed = ROOT.issue(NAME, not_after=end), ROOT.issue(NAME, not_after=end + DAY)

    def run(given: Issued, **how: Any) -> tuple[Any, Any]:
        if module == "one":
            ran = cloud.one(diff=True, **pem(given), **how)
            return ran["tracking_domain"]["certificate"], ran["diff"]
        ran = cloud.many({"name": NAME, **pem(given)}, diff=True, **how)
        return ran["tracking_domains"][0]["certificate"], ran["diff"]

    foretold, real, again = run(issued, check=True), run(issued), run(issued)
    for shown, _diff in (foretold, real, again):
        assert (shown["not_after"], shown["days_left"]) == (iso(end), 0)
    assert foretold == real
    if module == "one":
        assert again[1]["before"] == again[1]["after"] == real[1]["after"]
    foretold, real = run(renewed, check=True), run(renewed)
    assert foretold == real
    assert real[0]["not_after"] == iso(end + DAY)


@pytest.mark.parametrize("check", [False, True])
def test_an_upload_that_each_run_repeats_is_warned_of(
    cloud: User, issued: Issued, check: bool
) -> None:
    cloud.hide_window()
    ran = cloud.one(check=check, **pem(issued))
    assert (ran.changed, ran["action"]) == (True, "updated")
    (warning,) = ran.warnings
    assert warning.startswith(
        f"{NAME}: SendCloud serves HTTPS for it but does not show the validity"
    )
    assert "each run uploads the certificate again" in warning
    assert cloud.run(
        "tracking_domains", domains=[{"name": NAME, **pem(issued)}], check=check
    ).warnings == [warning]


def test_an_upload_that_was_asked_for_is_not(cloud: User, issued: Issued) -> None:
    cloud.hide_window()
    ran = cloud.one(certificate_update="always", **pem(issued))
    assert (ran.changed, ran.warnings) == (True, [])
    assert cloud.one().warnings == []


def test_unless_it_is_asked_for(cloud: User, issued: Issued) -> None:
    cloud.one(**pem(issued))
    ran = cloud.one(certificate_update="always", **pem(issued))
    assert (ran.changed, ran["action"], cloud.calls) == (True, "updated", {"list": 1, "update": 1})


def test_from_files(cloud: User, issued: Issued, tmp_path: Path) -> None:
    for name, text in (("cert.pem", issued.fullchain), ("key.pem", issued.key)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    paths = {
        "certificate_path": str(tmp_path / "cert.pem"),
        "private_key_path": str(tmp_path / "key.pem"),
    }
    assert cloud.one(**paths)["tracking_domain"]["https"] is True
    (tmp_path / "key.pem").chmod(0o644)
    ran = cloud.one(**paths)
    assert ran.code == "validation"
    assert "key.pem" in ran["msg"]
    assert cloud.calls == {}


def test_a_bad_certificate_is_refused_before_any_call(cloud: User) -> None:
    other = ROOT.issue("other.example.org")
    ran = cloud.one(**pem(other))
    assert ran.code == "validation"
    assert NAME in ran["msg"]
    assert cloud.calls == {}


def test_sendclean_takes_none(clean: User, issued: Issued) -> None:
    ran = clean.one(**pem(issued))
    assert ran.code == "unsupported"
    assert clean.calls == {}


# --- diff ----------------------------------------------------------------------------------------


def test_diff_only_where_it_is_asked_for(user: User) -> None:
    assert "diff" not in user.one(check=True).result
    foretold = user.one(check=True, diff=True)["diff"]
    made = user.one(diff=True)["diff"]
    assert set(made) == {"before", "after", "before_header", "after_header"}
    assert foretold["before"] == made["before"] == {"name": NAME, "state": "absent"}
    assert set(foretold["after"]) == set(made["after"])
    assert made["after"]["state"] == "present"
    unchanged = user.one(diff=True)["diff"]
    assert unchanged["before"] == unchanged["after"]
    gone = user.one(diff=True, state="absent")["diff"]
    assert gone["after"] == {"name": NAME, "state": "absent"}


# --- failures ------------------------------------------------------------------------------------

KINDS = {
    "sendclean": [
        ("ValidationError", "validation"),
        ("GeneralError", "bad_response"),
        ("AuthenticationError", "authentication"),
        ("Invalid Request", "bad_response"),
    ],
    "sendcloud": [
        (40005, "authentication"),
        (6001, "authentication"),
        (40000, "conflict"),
        (40913, "quota"),
        (41002, "validation"),
        (41003, "validation"),
        (41012, "quota"),
        (41015, "bad_response"),
        (501, "bad_response"),
        (4711, "bad_response"),
    ],
}


@pytest.mark.parametrize("http_status", [200, 400, 401])
def test_every_kind_of_error_of_the_vendor(user: User, http_status: int) -> None:
    for kind, code in KINDS[user.account.vendor]:
        words = f"the vendor's words of {kind}"
        user.account.fault(
            "vendor_error", kind, action="add", message=words, http_status=http_status
        )
        ran = user.one()
        if (kind, http_status) == (4711, 401):
            code = "authentication"
        assert ran.failed, kind
        assert user.names == set()
        for part in (f"Could not add tracking domain {NAME} at {user.title}", words, str(kind)):
            assert part in ran["msg"]
        failure = ran["failure"]
        assert (failure["code"], failure["vendor_code"], failure["http_status"]) == (
            code,
            str(kind),
            http_status,
        )
        assert words in failure["vendor_message"]
        assert failure["operation"] == f"add tracking domain {NAME} at {user.title}"
        check_documented("tracking_domain", ran.result)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("http_error", 500),
        ("http_error", 404),
        ("empty", None),
        ("truncated_json", None),
        ("invalid_utf8", None),
        ("wrong_shape", []),
        ("wrong_shape", "text"),
        ("wrong_shape", {"status": "maybe", "statusCode": 4711}),
        ("wrong_shape", "missing_info"),
    ],
)
@pytest.mark.parametrize("operation", ["list", "add", "check"])
def test_an_answer_that_cannot_be_used(user: User, operation: str, kind: str, value: Any) -> None:
    if operation == "check":
        user.account.seed(NAME)
        user.publish(NAME)
    user.account.fault(kind, value, action=operation, count=0)
    ran = user.one(verify=operation == "check", retries=1)
    user.account.clear_faults()
    if (operation, kind) == ("add", "truncated_json"):
        assert not ran.failed, "it took effect, as the list shows"
        assert user.names == {NAME}
        return
    if (operation, value, user.cloud) == ("add", "missing_info", False):
        assert not ran.failed, "SendClean's own answer holds no more"
        return
    assert ran.failed, ran.output
    assert ran.code == "bad_response"
    assert ran["msg"].startswith("Could not ")
    if operation != "list":
        assert NAME in ran["msg"]
    assert "Traceback" not in ran.text


@pytest.mark.parametrize("kind", ["reset", "slow"])
def test_a_vendor_that_cannot_be_reached(user: User, kind: str) -> None:
    user.account.fault(kind, 0.3 if kind == "slow" else None, action="list", count=0)
    ran = user.one(retries=1, timeout=0.1)
    user.account.clear_faults()
    assert ran.code == "network"
    assert "tried 2 times" in ran["msg"]
    assert any("trying again" in line for line in ran.log)


@pytest.mark.parametrize("kind", ["rate_limited", "rate_limited_date"])
@pytest.mark.parametrize("operation", ["list", "add", "check"])
def test_a_rate_limit_is_waited_out(user: User, kind: str, operation: str) -> None:
    user.publish(NAME)
    user.account.fault(kind, 3, action=operation, count=2)
    ran = user.one(verify=True)
    assert not ran.failed, ran["msg"]
    assert ran["tracking_domain"]["verified"] is True
    assert sum("trying again" in line for line in ran.log) == 2


def test_an_unknown_vendor_answer_is_shown_whole(user: User) -> None:
    user.account.fault("wrong_shape", {"what": "is this"}, action="list")
    assert "is this" in user.one()["msg"]


@pytest.mark.parametrize("name", ["https://t.example.com", "*.example.com", "a b.c", "a..b", "com"])
def test_a_name_that_is_none_is_refused_before_any_call(user: User, name: str) -> None:
    ran = user.one(name)
    assert ran.code == "validation"
    assert "is not a host name" in ran["msg"]
    assert user.calls == {}


@pytest.mark.parametrize(
    "options",
    [
        {"wait": True},
        {"timeout": 0},
        {"retries": -1},
        {"wait_interval": 0, "verify": True},
        {"ca_path": "/no/such/file"},
        {"api_url": "http://api.example.com"},
        {"verify": True, "dns_servers": ["ns1.example.com"]},
    ],
)
def test_options_that_make_no_sense_are_refused_before_any_call(user: User, options: Any) -> None:
    ran = user.one(**options)
    assert ran.failed
    assert ran.code == "validation"
    assert user.calls == {}
    check_documented("tracking_domain", ran.result)


@pytest.mark.parametrize(
    "options",
    [
        {"certificate": "x", "certificate_path": "/x"},
        {"private_key": "x", "private_key_path": "/x"},
        {"id": 1, "rename_from": OTHER},
        {"state": "maybe"},
        {"provider": "sendgrid"},
    ],
)
def test_what_ansible_itself_refuses(user: User, options: Any) -> None:
    assert user.one(**options).failed
    assert user.calls == {}
