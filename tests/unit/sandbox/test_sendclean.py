# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SendClean: what its documents say, word by word, and each answer to what they leave open."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from ansible_collections.mailops.email.tests.sandbox import Sandbox
from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor


def test_add_and_delete_answer_as_in_the_documents(sendclean: Vendor) -> None:
    added = sendclean.send("addTrackingDomain", domain="track.example.com")
    deleted = sendclean.send("deleteTrackingDomain", domain="track.example.com")
    assert (added.status_code, added.json()) == (
        200,
        {"status": "success", "message": "Tracking Domain Added"},
    )
    assert deleted.json() == {"status": "success", "message": "Tracking Domain Deleted"}
    assert sendclean.rows() == []


def test_check_answers_as_in_the_documents(sendclean: Vendor) -> None:
    sendclean.call("addTrackingDomain", domain="track.example.com")
    assert sendclean.call("checkTrackingDomain", domain="track.example.com") == {
        "status": "success",
        "domain": "track.example.com",
        "valid_tracking": "No",
        "cname": {"valid": "No"},
    }


def test_list_answers_as_in_the_documents(sendclean: Vendor) -> None:
    sendclean.account.seed("a.example.com", verified=True, created="2024-05-06T07:08:09+00:00")
    sendclean.account.seed("b.example.com", keep=True, created="2024-05-06T07:08:10+00:00")
    assert sendclean.call("listTrackingDomain") == {
        "status": "success",
        "tracking_domain_list": [
            {
                "domain": "a.example.com",
                "create_date": 1714979289000000,
                "cname": {"valid": "Yes"},
            },
            {
                "domain": "b.example.com",
                "create_date": 1714979290000000,
                "cname": {"valid": "No"},
            },
        ],
    }


def error(kind: str, message: str) -> dict[str, Any]:
    return {"status": "error", "code": -1, "name": kind, "message": message}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"token": "wrong"}, error("AuthenticationError", "Token MissMatch")),
        ({"owner_id": "1"}, error("AuthenticationError", "Owner Id and Token MisMatch")),
        ({"token": None}, error("ValidationError", "token required !!")),
        ({"owner_id": 12345678}, error("ValidationError", "owner_id required !!")),
        ({"domain": None}, error("ValidationError", "domain name required !!")),
        ({"domain": "https://example.com/"}, error("ValidationError", "Invalid domain name")),
        ({"domain": "example"}, error("ValidationError", "Invalid domain name")),
        ({"domain": "*.example.com"}, error("ValidationError", "Invalid domain name")),
    ],
)
def test_what_is_wrong_is_an_error_with_status_200(
    sendclean: Vendor, parameters: dict[str, Any], expected: dict[str, Any]
) -> None:
    answer = sendclean.send("addTrackingDomain", **{"domain": "t.example.com", **parameters})
    assert (answer.status_code, answer.json()) == (200, expected)
    assert sendclean.account.state() == {}


def test_nothing_but_a_json_body_counts(sendclean: Vendor) -> None:
    given = {**sendclean.credentials, "domain": "t.example.com"}
    url = sendclean.url("addTrackingDomain")
    expected = error("ValidationError", "owner_id required !!")
    assert requests.post(url, data=given, timeout=5).json() == expected
    assert requests.post(url, params=given, timeout=5).json() == expected
    assert requests.post(url, json=[given], timeout=5).json() == expected


def test_get_is_no_way_to_list(sendclean: Vendor) -> None:
    answer = requests.get(
        sendclean.url("listTrackingDomain"), json=sendclean.credentials, timeout=5
    )
    assert answer.json() == {"status": "error", "message": "Page not found"}


@pytest.mark.parametrize("action", ["addTrackingDomain", "deleteTrackingDomain"])
def test_the_answer_to_a_write_without_object(sendclean: Vendor, action: str) -> None:
    switch = "add_existing" if action.startswith("add") else "delete_unknown"
    if action.startswith("add"):
        sendclean.account.seed("t.example.com")
    assert sendclean.call(action, domain="T.example.com")["name"] == "ValidationError"
    sendclean.account.switch(**{switch: "success"})
    assert sendclean.call(action, domain="T.example.com")["status"] == "success"
    assert [call["took_effect"] for call in sendclean.account.calls()["calls"]] == [False, False]


def test_the_answer_to_checking_what_is_not_there(sendclean: Vendor) -> None:
    assert sendclean.call("checkTrackingDomain", domain="t.example.com")["status"] == "error"
    sendclean.account.switch(check_unknown="not_valid")
    answer = sendclean.call("checkTrackingDomain", domain="t.example.com")
    assert (answer["status"], answer["valid_tracking"]) == ("success", "No")


def test_the_key_of_the_list(sendclean: Vendor) -> None:
    sendclean.account.switch(list_key="smtp_list")
    assert sendclean.call("listTrackingDomain") == {"status": "success", "smtp_list": []}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("type", {"status": "error", "code": "-1", "type": "ValidationError"}),
        ("absent", {"status": "error", "code": "-1"}),
    ],
)
def test_where_the_kind_of_an_error_stands(
    sendclean: Vendor, where: str, expected: dict[str, Any]
) -> None:
    sendclean.account.switch(error_kind_in=where, error_code="string")
    answer = sendclean.call("addTrackingDomain")
    assert answer == {**expected, "message": "domain name required !!"}


@pytest.mark.parametrize(
    ("action", "parameters", "status"),
    [
        ("addTrackingDomain", {}, 400),
        ("listTrackingDomain", {"token": "wrong"}, 401),
        ("verifyTrackingDomain", {}, 404),
    ],
)
def test_http_status_by_kind(
    sendclean: Vendor, action: str, parameters: dict[str, str], status: int
) -> None:
    sendclean.account.switch(error_http_status="by_kind", unknown_action="invalid_request")
    answer = sendclean.send(action, **parameters)
    assert (answer.status_code, answer.json()["status"]) == (status, "error")


def test_a_general_error_is_500_by_kind(sendclean: Vendor) -> None:
    sendclean.account.switch(error_http_status="by_kind")
    sendclean.account.fault("vendor_error", "GeneralError")
    answer = sendclean.send("listTrackingDomain")
    assert answer.status_code == 500
    assert answer.json() == error("GeneralError", "Unable to process your request")


def test_an_unknown_action(sendclean: Vendor) -> None:
    answer = sendclean.send("verifyTrackingDomain")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "error", "message": "Page not found"},
    )
    sendclean.account.switch(unknown_action="invalid_request")
    assert sendclean.call("x") == error("Invalid Request", "Page Not Found")


def test_the_result_of_a_check_as_a_string_and_with_the_tables_message(sendclean: Vendor) -> None:
    sendclean.account.seed("t.example.com")
    sendclean.account.switch(check_cname="string", check_says="message")
    assert sendclean.call("checkTrackingDomain", domain="t.example.com") == {
        "status": "success",
        "message": "Tracking Domain Checked",
        "valid_tracking": "No",
        "cname": "No",
    }


@pytest.mark.parametrize(
    ("unit", "value"),
    [("seconds", 1714979289), ("milliseconds", 1714979289000), ("microseconds", 1714979289000000)],
)
def test_the_unit_of_create_date(sendclean: Vendor, unit: str, value: int) -> None:
    sendclean.account.seed("t.example.com", created="2024-05-06T07:08:09+00:00")
    sendclean.account.switch(create_date_unit=unit)
    assert sendclean.rows()[0]["create_date"] == value


def test_a_create_date_that_makes_no_sense(sendclean: Vendor) -> None:
    sendclean.account.seed("t.example.com")
    sendclean.account.switch(create_date_unit="nonsense")
    assert str(sendclean.rows()[0]["create_date"]).startswith("67457")


def test_a_check_may_leave_the_list_as_it_was(sandbox: Sandbox, sendclean: Vendor) -> None:
    sandbox.client.set_record("stale.example.com", "CNAME", "track.sendclean.net.")
    sendclean.account.seed("stale.example.com")
    sendclean.account.switch(check_refreshes_list=False)
    answer = sendclean.call("checkTrackingDomain", domain="stale.example.com")
    assert answer["cname"] == {"valid": "Yes"}
    assert sendclean.rows()[0]["cname"] == {"valid": "No"}
    sendclean.account.switch(check_refreshes_list=True)
    assert sendclean.rows()[0]["cname"] == {"valid": "Yes"}


def test_the_rate_limit_is_429_without_retry_after(sendclean: Vendor) -> None:
    sendclean.account.switch(rate_limit=2, rate_limit_seconds=0.2)
    answers = [sendclean.send("listTrackingDomain") for _call in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Retry-After" not in answers[-1].headers
    time.sleep(0.25)
    assert sendclean.send("listTrackingDomain").status_code == 200
