# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: each arrives on the wire as asked for, as often, and with or without the effect."""

from __future__ import annotations

import json
import socket
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxError
from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor

NAME = "t.example.com"


def add(vendor: Vendor, name: str = NAME) -> requests.Response:
    if vendor.clean:
        return vendor.send("addTrackingDomain", domain=name)
    return vendor.send("add", name=name)


@pytest.mark.parametrize("status", [502, 503, 504, 200])
def test_an_html_page(vendor: Vendor, status: int) -> None:
    vendor.account.fault("http_error", status)
    answer = add(vendor)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html")
    assert answer.text.startswith("<html>")
    assert vendor.account.state() == {}


def test_an_empty_body(vendor: Vendor) -> None:
    vendor.account.fault("empty")
    assert add(vendor).content == b""


def test_truncated_json_after_the_effect(vendor: Vendor) -> None:
    vendor.account.fault("truncated_json")
    answer = add(vendor)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert set(vendor.account.state()) == {NAME}


def test_a_connection_cut_in_the_middle_of_the_answer(vendor: Vendor) -> None:
    vendor.account.fault("cut")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        add(vendor)
    assert set(vendor.account.state()) == {NAME}


def test_invalid_utf8(vendor: Vendor) -> None:
    vendor.account.fault("invalid_utf8")
    with pytest.raises(UnicodeDecodeError):
        add(vendor).content.decode()


@pytest.mark.parametrize("shape", [[], "text", None, 7, {}, {"info": []}])
def test_json_of_another_shape(vendor: Vendor, shape: object) -> None:
    vendor.account.fault("wrong_shape", shape)
    assert add(vendor).json() == shape


def test_a_success_without_its_content(vendor: Vendor) -> None:
    vendor.account.fault("wrong_shape", "missing_info")
    assert add(vendor).json() == {"result": True, "statusCode": 200, "status": "success"}


@pytest.mark.parametrize("after", [False, True])
def test_a_reset_before_and_after_the_effect(vendor: Vendor, after: bool) -> None:
    vendor.account.fault("reset", after=after)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        add(vendor)
    assert (NAME in vendor.account.state()) is after
    (call,) = vendor.account.calls()["calls"]
    assert (call["took_effect"], call["http_status"]) == (after, 0)
    assert add(vendor).status_code == 200


@pytest.mark.parametrize(("kind", "effect"), [("slow", True), ("late", False)])
def test_an_answer_that_comes_too_late(vendor: Vendor, kind: str, effect: bool) -> None:
    vendor.account.fault(kind, 0.4)
    url = vendor.url("addTrackingDomain" if vendor.clean else "add")
    key = "json" if vendor.clean else "data"
    body = {**vendor.credentials, "domain" if vendor.clean else "name": NAME}
    with pytest.raises(requests.ReadTimeout):
        requests.request("POST", url, timeout=0.1, **{key: body})  # type: ignore[arg-type]
    assert (NAME in vendor.account.state()) is effect


@pytest.mark.parametrize("value", [3, None])
def test_429_with_seconds_or_nothing(vendor: Vendor, value: int | None) -> None:
    vendor.account.fault("rate_limited", value)
    answer = add(vendor)
    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == (None if value is None else "3")


def test_429_with_a_date(vendor: Vendor) -> None:
    vendor.account.fault("rate_limited_date", 30)
    answer = add(vendor)
    until = parsedate_to_datetime(answer.headers["Retry-After"]) - datetime.now(timezone.utc)
    assert answer.status_code == 429
    assert 20 < until.total_seconds() <= 30


def test_a_redirect_leads_elsewhere_and_following_it_is_noticed(
    sandbox: Sandbox, vendor: Vendor
) -> None:
    vendor.account.fault("redirect")
    answer = add(vendor)
    goal = answer.headers["Location"]
    assert answer.status_code == 302
    assert urlsplit(goal).hostname != urlsplit(vendor.account.url).hostname
    requests.post(goal, data=vendor.credentials, json=None, timeout=5)
    last = sandbox.client.calls(vendor=vendor.account.vendor)["calls"][-1]
    assert (last["operation"], last["path"].split("/")[1]) == ("unknown", "elsewhere")


@pytest.mark.parametrize("kind", ["ValidationError", "GeneralError", "AuthenticationError", "New"])
def test_each_kind_of_error_at_sendclean(sendclean: Vendor, kind: str) -> None:
    sendclean.account.fault("vendor_error", kind, message="some words")
    answer = add(sendclean)
    assert answer.json() == {"status": "error", "code": -1, "name": kind, "message": "some words"}


@pytest.mark.parametrize(
    "code",
    [
        *(501, 6001, 40000, 40001, 40002, 40003, 40004, 40005, 40913, 41001, 41002, 41003, 41012),
        *(41014, 41015, 41016, 50000, 50001, 99999),
    ],
)
def test_each_code_at_sendcloud(sendcloud: Vendor, code: int) -> None:
    sendcloud.account.fault("vendor_error", code)
    answer = add(sendcloud)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["result"], body["statusCode"], body["info"]) == (False, code, {})
    assert body["message"]


def test_an_error_with_another_http_status(vendor: Vendor) -> None:
    vendor.account.fault("vendor_error", http_status=500)
    answer = add(vendor)
    assert answer.status_code == 500
    assert answer.json()["message"]


def test_a_message_that_repeats_the_secrets(vendor: Vendor) -> None:
    vendor.account.fault("echo")
    message = add(vendor).json()["message"]
    assert vendor.account.secret in message
    assert vendor.account.identity in message


def test_how_many_calls_and_which(vendor: Vendor) -> None:
    vendor.account.fault("empty", 500, action="add", count=2, skip=1)
    vendor.account.fault("empty", 501, name="B.example.com")
    statuses = [add(vendor, f"{name}.example.com").status_code for name in "acdbe"]
    assert statuses == [200, 500, 500, 501, 200]
    assert vendor.account.pending_faults() == []


def test_a_fault_without_end_ends_when_it_is_cleared(vendor: Vendor) -> None:
    vendor.account.fault("empty", 500, count=0)
    assert [add(vendor).status_code for _time in range(3)] == [500] * 3
    vendor.account.clear_faults()
    assert add(vendor).status_code == 200


def test_a_name_befalls_the_call_by_id(sendcloud: Vendor) -> None:
    a, b = sendcloud.account.seed("a.example.com", "b.example.com")
    sendcloud.account.fault("empty", 500, name="b.example.com", action="delete")
    statuses = [sendcloud.send("delete", id=domain["id"]).status_code for domain in (a, b)]
    assert statuses == [200, 500]


def test_other_accounts_are_spared(sandbox: Sandbox, vendor: Vendor) -> None:
    other = Vendor(sandbox.client.account(vendor.account.vendor))
    vendor.account.fault("empty", 500)
    assert [add(other).status_code, add(vendor).status_code] == [200, 500]
    other.account.remove()


def test_the_vendors_own_action_names_a_fault_too(sendclean: Vendor) -> None:
    sendclean.account.fault("empty", 500, action="listTrackingDomain")
    assert add(sendclean).status_code == 200
    assert sendclean.send("listTrackingDomain").status_code == 500


@pytest.mark.parametrize("given", [{"kind": "x"}, {"kind": "empty", "typo": 1}])
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox, given: dict[str, object]) -> None:
    with pytest.raises(SandboxError):
        sandbox.client.ask("POST", "faults", **given)


def test_a_server_that_is_broken_stays_up(vendor: Vendor) -> None:
    """Half a request, then the client goes away."""
    parts = urlsplit(vendor.account.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as half:
        half.sendall(b"POST /v1.0/settings/x HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
    assert add(vendor).status_code == 200
