# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendClean's four calls: exactly what is sent, and every answer that its documents let through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._names import normalise_name
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.sendclean import SendClean
from ansible_collections.mailops.email.tests.sandbox import SandboxAccount
from ansible_collections.mailops.email.tests.unit.doubles import CLEAN, Wire, domain

ACCOUNT = {"owner_id": "10000001", "token": "s3cr3t-token"}
NAME = "t.example.com"
ONE = domain(NAME, provider="sendclean")
SUCCESS = {"status": "success", "message": "done"}


class Clean:
    """A client whose network is a script; every call carries the credentials in its JSON body."""

    def __init__(self, made: Wire, **options: Any) -> None:
        self.wire = made
        self.client = SendClean(made.http, {**ACCOUNT, "cname_target": "target.net", **options})

    def expect(self, action: str, *, answer: Any = ..., status: int = 200, **more: str) -> None:
        body = {**ACCOUNT, **more}
        answer = SUCCESS if answer is ... else answer
        self.wire.script.expect(f"settings/{action}", body=body, answer=answer, status=status)


@pytest.fixture
def clean() -> Iterator[Clean]:
    with Wire(provider=CLEAN, secrets=[ACCOUNT["token"]], retries=0) as made:
        yield Clean(made)


def entry(**given: Any) -> dict[str, Any]:
    return {"domain": NAME, "create_date": 67457775764, "cname": {"valid": "Yes"}, **given}


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("app_domain", "base"),
    [
        ("us1-mta1.sendclean.net", "https://api.us1-mta1.sendclean.net/v1.0"),
        ("SendClean.net.", "https://api.sendclean.net/v1.0"),
        ("api.sendclean.net", "https://api.sendclean.net/v1.0"),
    ],
)
def test_the_base_comes_from_the_app_domain(app_domain: str, base: str) -> None:
    assert SendClean.base_url({"app_domain": app_domain}) == base


@pytest.mark.parametrize("app_domain", ["https://sendclean.net", "sendclean.net/x", "x"])
def test_without_a_usable_app_domain_nothing_is_sent(app_domain: str) -> None:
    with pytest.raises(TrackingError) as caught:
        SendClean.base_url({"app_domain": app_domain})
    assert caught.value.code == "validation"
    assert caught.value.provider == "sendclean"
    assert str(caught.value).startswith("app_domain ")


# --- the four calls ------------------------------------------------------------------------------


def test_list(clean: Clean) -> None:
    rows = [entry(), entry(domain="U.Example.COM", cname={"valid": "No"})]
    clean.expect("listTrackingDomain", answer={**SUCCESS, "tracking_domain_list": rows})
    first, second = clean.client.list()
    assert (first.name, first.verified, first.vendor) == (NAME, True, rows[0])
    assert (second.name, second.verified) == ("u.example.com", False)
    assert (first.spelling, second.spelling) == (NAME, "U.Example.COM")
    assert {first.id, first.https, first.certificate, first.updated_at} == {None}
    assert first.target == "target.net"
    assert first.vendor["create_date"] == 67457775764, "the raw number stays"


def test_add(clean: Clean) -> None:
    clean.expect("addTrackingDomain", domain=NAME)
    added = clean.client.add(NAME, None)
    assert (added.name, added.verified, added.target, added.vendor) == (
        NAME,
        False,
        "target.net",
        {},
    )


def test_delete(clean: Clean) -> None:
    clean.expect("deleteTrackingDomain", domain=NAME)
    clean.client.delete(ONE)


@pytest.mark.parametrize(
    ("said", "verified"),
    [
        ({"valid_tracking": "Yes", "cname": {"valid": "Yes"}}, True),
        ({"valid_tracking": "No", "cname": {"valid": "No"}}, False),
        ({"valid_tracking": "Yes", "cname": "Yes"}, True),
        ({"valid_tracking": "Yes", "cname": "No"}, False),
        ({"valid_tracking": "yes"}, True),
        ({"cname": {"valid": "Yes"}}, True),
        ({"cname": {"valid_tracking": "Yes"}}, True),
        ({"valid_tracking": True, "cname": {"valid": True}}, True),
        ({"valid_tracking": "Yes", "cname": {}}, False),
        ({"valid_tracking": "maybe"}, False),
        ({"valid_tracking": 1}, False),
    ],
)
def test_check_is_one_call_each(clean: Clean, said: dict[str, Any], verified: bool) -> None:
    other = domain("u.example.com", provider="sendclean")
    clean.expect("checkTrackingDomain", answer={**SUCCESS, "domain": NAME, **said}, domain=NAME)
    clean.expect("checkTrackingDomain", answer={**SUCCESS, **said}, domain=other.name)
    checked = clean.client.check([ONE, other])
    assert [(each.name, each.verified) for each in checked] == [
        (NAME, verified),
        (other.name, verified),
    ]


def test_a_number_as_owner_id_is_sent_as_text() -> None:
    with Wire(provider=CLEAN) as made:
        Clean(made).expect("listTrackingDomain", answer={**SUCCESS, "smtp_list": []})
        assert SendClean(made.http, {**ACCOUNT, "owner_id": 10000001}).list() == []


def test_a_target_is_normalised_and_may_be_unknown() -> None:
    with Wire(provider=CLEAN) as made:
        client = SendClean(made.http, {**ACCOUNT, "cname_target": "Target.NET."})
        assert client.target([]) == "target.net"
        assert SendClean(made.http, ACCOUNT).target([ONE]) is None
        with pytest.raises(TrackingError, match=r"^cname_target .* is not a host name") as caught:
            SendClean(made.http, {**ACCOUNT, "cname_target": "https://x"})
        assert caught.value.provider == "sendclean"


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (1414852912, datetime(2014, 11, 1, 14, 41, 52, tzinfo=timezone.utc)),
        (1414852912000, datetime(2014, 11, 1, 14, 41, 52, tzinfo=timezone.utc)),
        (1414852912000000, datetime(2014, 11, 1, 14, 41, 52, tzinfo=timezone.utc)),
        ("1414852912", datetime(2014, 11, 1, 14, 41, 52, tzinfo=timezone.utc)),
        (67457775764, None),  # the document's sample: sensible in no unit
        (0, None),
        (-1, None),
        (10**30, None),
        (float("inf"), None),
        (float("nan"), None),
        ("yesterday", None),
        ("", None),
        (None, None),
        ({}, None),
    ],
)
def test_create_date_by_its_size(clean: Clean, number: Any, moment: datetime | None) -> None:
    rows = [entry(create_date=number)]
    clean.expect("listTrackingDomain", answer={**SUCCESS, "tracking_domain_list": rows})
    assert clean.client.list()[0].created_at == moment


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["name", "type"])
@pytest.mark.parametrize("status", [200, 400, 401, 404])
@pytest.mark.parametrize("number", [-1, "-1"])
@pytest.mark.parametrize(
    ("kind", "code", "certain"),
    [
        ("ValidationError", "validation", True),
        ("AuthenticationError", "authentication", True),
        ("GeneralError", "bad_response", False),
        ("Invalid Request", "bad_response", True),
        ("SomethingNew", "bad_response", False),
    ],
)
def test_every_kind_of_error_at_every_status(
    clean: Clean, kind: str, code: str, certain: bool, key: str, status: int, number: Any
) -> None:
    """A server that failed, or says what nobody knows, may have done it all the same."""
    answer = {"status": "error", "code": number, key: kind, "message": "the vendor's words"}
    clean.expect("addTrackingDomain", answer=answer, status=status, domain=NAME)
    with pytest.raises(TrackingError) as caught:
        clean.client.add(NAME, None)
    error = caught.value
    assert isinstance(error, UnclearOutcome) == (not certain)
    assert error.as_failure() == {
        "code": code,
        "operation": f"add tracking domain {NAME} at SendClean",
        "provider": "sendclean",
        "vendor_code": kind,
        "vendor_message": "the vendor's words",
        "http_status": status,
        "hint": error.hint,
    }
    for part in ("add", NAME, "the vendor's words", kind):
        assert part in str(error)
    if code == "authentication":
        assert "owner_id, O(token) and app_domain" in str(error.hint)


@pytest.mark.parametrize(
    ("status", "code"), [(200, "bad_response"), (401, "authentication"), (403, "authentication")]
)
def test_an_error_without_a_kind(clean: Clean, status: int, code: str) -> None:
    answer = {"status": "error", "message": "Page not found"}
    clean.expect("listTrackingDomain", answer=answer, status=status)
    with pytest.raises(TrackingError, match="Page not found") as caught:
        clean.client.list()
    assert caught.value.code == code
    assert caught.value.vendor_code is None
    assert caught.value.hint
    clean.expect("addTrackingDomain", answer=answer, status=status, domain=NAME)
    with pytest.raises(TrackingError, match="Page not found") as caught:
        clean.client.add(NAME, None)
    assert isinstance(caught.value, UnclearOutcome) == (code == "bad_response")


@pytest.mark.parametrize(
    ("lists", "count"),
    [
        ({"tracking_domain_list": None}, 0),
        ({"smtp_list": None}, 0),
        ({"tracking_domain_list": None, "smtp_list": None}, 0),
        ({"tracking_domain_list": None, "smtp_list": [entry()]}, 1),
        ({"tracking_domain_list": [entry()], "smtp_list": None}, 1),
        ({"tracking_domain_list": [], "smtp_list": [entry()]}, 0),
    ],
)
def test_an_empty_account_may_be_written_as_null(
    clean: Clean, lists: dict[str, Any], count: int
) -> None:
    clean.expect("listTrackingDomain", answer={**SUCCESS, **lists})
    assert len(clean.client.list()) == count


@pytest.mark.parametrize(
    "answer",
    [
        [],
        None,
        "success",
        42,
        {},
        {"status": "success"},
        {"status": "ok"},
        {"status": ["success"]},
        {**SUCCESS, "tracking_domain_list": {"domain": NAME}},
        {**SUCCESS, "tracking_domain_list": [None]},
        {**SUCCESS, "tracking_domain_list": [{"create_date": 1}]},
        {**SUCCESS, "tracking_domain_list": [entry(domain=7)]},
    ],
)
def test_a_list_of_another_shape_is_a_bad_response(clean: Clean, answer: Any) -> None:
    clean.expect("listTrackingDomain", answer=answer)
    with pytest.raises(TrackingError) as caught:
        clean.client.list()
    assert caught.value.code == "bad_response"
    assert "Could not list tracking domains at SendClean" in str(caught.value)
    assert "app_domain and api_url" in str(caught.value.hint)
    assert caught.value.http_status == 200


def test_a_check_without_a_verdict_is_a_bad_response(clean: Clean) -> None:
    clean.expect("checkTrackingDomain", answer=SUCCESS, domain=NAME)
    with pytest.raises(TrackingError, match=f"Could not verify tracking domain {NAME}") as caught:
        clean.client.check([ONE])
    assert (caught.value.code, caught.value.http_status) == ("bad_response", 200)


@pytest.mark.parametrize("spelled", ["T.Example.COM", "t.example.com.", "bücher.example.com"])
def test_a_domain_is_named_as_the_list_spells_it(clean: Clean, spelled: str) -> None:
    """One that was made by hand: nobody knows whether SendClean compares names as we do."""
    rows = [entry(domain=spelled)]
    clean.expect("listTrackingDomain", answer={**SUCCESS, "tracking_domain_list": rows})
    clean.expect("checkTrackingDomain", answer={**SUCCESS, "valid_tracking": "Yes"}, domain=spelled)
    clean.expect("deleteTrackingDomain", domain=spelled)
    (listed,) = clean.client.list()
    assert listed.name == normalise_name(spelled)
    (checked,) = clean.client.check([listed])
    clean.client.delete(checked)


def test_a_success_without_any_status_is_unclear_for_a_write(clean: Clean) -> None:
    clean.expect("addTrackingDomain", answer={"ok": 1}, domain=NAME)
    with pytest.raises(UnclearOutcome):
        clean.client.add(NAME, None)


def test_too_many_calls(clean: Clean) -> None:
    answer = {"status": "error", "message": "Too Many Requests"}
    clean.expect("addTrackingDomain", answer=answer, status=429, domain=NAME)
    with pytest.raises(TrackingError, match="Too Many Requests") as caught:
        clean.client.add(NAME, None)
    assert caught.value.code == "rate_limited"
    assert "60 calls a minute" in str(caught.value.hint)


def test_what_an_answer_repeats_of_the_token_does_not_show(clean: Clean) -> None:
    clean.expect("listTrackingDomain", answer={"x" * 285: ACCOUNT["token"]})
    with pytest.raises(TrackingError) as caught:
        clean.client.list()
    assert ACCOUNT["token"][:5] not in str(caught.value)


# --- against the sandbox, under either answer of every open question -----------------------------

SWITCHES = {
    "list_key": ("tracking_domain_list", "smtp_list"),
    "error_kind_in": ("name", "type", "absent"),
    "error_http_status": ("always_200", "by_kind"),
    "error_code": ("integer", "string"),
    "check_cname": ("struct", "string"),
    "check_says": ("domain", "message"),
    "create_date_unit": ("seconds", "milliseconds", "microseconds", "nonsense"),
    "check_refreshes_list": (True, False),
    "keeps_case": (True, False),
}


@pytest.mark.parametrize(
    ("switch", "value"),
    [(name, value) for name, values in SWITCHES.items() for value in values],
)
def test_the_life_of_a_domain(
    switch: str,
    value: Any,
    sendclean: SandboxAccount,
    open_client: Callable[..., Provider],
    record: Callable[..., None],
) -> None:
    sendclean.switch(**{switch: value})
    client = open_client(sendclean)
    name = f"{switch.replace('_', '-')}.example.com"
    client.add(name, None)
    (listed,) = client.list()
    assert (listed.name, listed.verified, listed.target) == (name, False, sendclean.target)
    assert (listed.created_at is None) == (value == "nonsense")
    assert [each.verified for each in client.check([listed])] == [False]
    record(name, sendclean.target)
    assert [each.verified for each in client.check([listed])] == [True]
    shown = (switch, value) != ("check_refreshes_list", False)
    assert [each.verified for each in client.list()] == [shown]
    with pytest.raises(TrackingError) as caught:
        client.add("not a host", None)
    assert "Invalid domain name" in str(caught.value)
    client.delete(listed)
    assert client.list() == []


@pytest.mark.parametrize("unknown_action", ["page_not_found", "invalid_request"])
@pytest.mark.parametrize("status", ["always_200", "by_kind"])
def test_another_api_at_the_address(
    unknown_action: str,
    status: str,
    sendclean: SandboxAccount,
    open_client: Callable[..., Provider],
    sandbox: Any,
) -> None:
    sandbox.client.switch("sendclean", unknown_action=unknown_action, error_http_status=status)
    client = open_client(sendclean)
    client.http._base_url += "/oops"
    with pytest.raises(TrackingError) as caught:
        client.list()
    sandbox.client.switch(
        "sendclean", unknown_action="page_not_found", error_http_status="always_200"
    )
    assert caught.value.code == "bad_response"
    assert "not found" in str(caught.value).lower()
    assert "app_domain and api_url" in str(caught.value.hint)


def test_every_switch_is_tried(sandbox: Any) -> None:
    """A new open question in the sandbox asks for a test here, or for a line below."""
    elsewhere = {
        "unknown_action",  # above
        # What idempotence has to survive: test_apply.py.
        "add_existing",
        "delete_unknown",
        "check_unknown",
        "list_lag",
        "delete_lag",
        "deletes_nothing",
        # How the sandbox behaves, not how it words its answers.
        "follows_chains",
        "latency_ms",
        "negative_cache_seconds",
        "negative_cache_checks",
        "rate_limit",
        "rate_limit_seconds",
    }
    known = set(sandbox.world.switches["sendclean"].definitions)
    assert known == set(SWITCHES) | elsewhere
