# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SendCloud: what its documents say, word by word, and each answer to what they leave open."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxError
from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": 999224,
        "name": "track.test.com",
        "cname": False,
        "gmtCreated": "2014-11-01 22:41:52",
        "gmtUpdated": "2015-09-25 10:56:06",
        "cname.domain": "track",
        "cname.value": "track2.sendcloud.net",
        "https": False,
        "certiValidityStart": "",
        "certiValidityEnd": "",
        **changes,
    }


SEEDED = {
    "name": "track.test.com",
    "id": 999224,
    "created": "2014-11-01T14:41:52+00:00",
    "updated": "2015-09-25T02:56:06+00:00",
}


def test_list_answers_as_in_the_documents(sendcloud: Vendor) -> None:
    sendcloud.account.seed(domains=[SEEDED, {**SEEDED, "name": "track2.test.com", "id": 999225}])
    answer = sendcloud.send("list", start=0, limit=100)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "info": {
                "dataList": [
                    row(**{"id": 999225, "name": "track2.test.com", "cname.domain": "track2"}),
                    row(),
                ],
                "total": 2,
                "count": 2,
            },
            "statusCode": 200,
            "message": "request was successful",
            "result": True,
        },
    )


def test_add_update_check_and_delete_answer_as_in_the_documents(sendcloud: Vendor) -> None:
    added = sendcloud.call("add", name="track.example.com")
    made = added["info"]["data"]
    assert (added["result"], added["statusCode"]) == (True, 200)
    assert set(made) == set(row())
    assert (made["name"], made["cname"], made["https"]) == ("track.example.com", False, False)

    updated = sendcloud.call("update", id=made["id"], name="click.example.com")["info"]
    assert updated == {"data": {**made, "name": "click.example.com", "cname.domain": "click"}}

    checked = sendcloud.call("checkConfig", id=str(made["id"]))["info"]
    assert checked == {"dataList": [updated["data"]], "count": 1}

    deleted = sendcloud.call("delete", id=made["id"])
    assert (deleted["result"], deleted["info"]) == (True, {"count": 1})


def test_created_and_updated_are_utc_8_without_a_zone(sendcloud: Vendor) -> None:
    before = datetime.now(timezone.utc).replace(microsecond=0)
    text = sendcloud.call("add", name="t.example.com")["info"]["data"]["gmtCreated"]
    said = datetime.strptime(f"{text} +0800", "%Y-%m-%d %H:%M:%S %z")
    assert before <= said <= before + timedelta(seconds=30)


def test_pages_hold_at_most_100(sendcloud: Vendor) -> None:
    sendcloud.account.seed(count=250)
    pages = [sendcloud.call("list", start=start)["info"] for start in (0, 100, 200, 300)]
    assert [(page["count"], page["total"]) for page in pages] == [
        (100, 250),
        (100, 250),
        (50, 250),
        (0, 250),
    ]
    assert len({found["name"] for page in pages for found in page["dataList"]}) == 250


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"start": "a"}, 40001),
        ({"start": "-1"}, 40002),
        ({"limit": "a"}, 40003),
        ({"limit": "101"}, 40004),
        ({"limit": "-1"}, 40004),
    ],
)
def test_a_page_that_makes_no_sense(
    sendcloud: Vendor, parameters: dict[str, str], code: int
) -> None:
    answer = sendcloud.send("list", **parameters)
    assert answer.status_code == 200
    assert answer.json()["result"] is False
    assert answer.json()["statusCode"] == code


def test_a_limit_of_0_is_an_empty_page(sendcloud: Vendor) -> None:
    sendcloud.account.seed("t.example.com")
    info = sendcloud.call("list", limit=0)["info"]
    assert info == {"dataList": [], "total": 1, "count": 0}


def test_the_name_filter_takes_several_names(sendcloud: Vendor) -> None:
    sendcloud.account.seed("a.example.com", "b.example.com", "aa.example.com")
    names = {found["name"] for found in sendcloud.rows(name="A.example.com;b.example.com;c.d")}
    assert names == {"a.example.com", "b.example.com"}
    sendcloud.account.switch(name_filter="substring")
    names = {found["name"] for found in sendcloud.rows(name="a.example.com")}
    assert names == {"a.example.com", "aa.example.com"}
    sendcloud.account.switch(name_filter="exact_case")
    assert sendcloud.rows(name="A.example.com") == []
    (found,) = sendcloud.rows(name="A.example.com;a.example.com")
    assert found["name"] == "a.example.com"


def test_a_list_that_is_cut_a_start_that_is_ignored_and_no_total(sendcloud: Vendor) -> None:
    sendcloud.account.seed(count=150)
    sendcloud.account.switch(list_cut=120)
    info = sendcloud.call("list", start=100)["info"]
    assert (len(info["dataList"]), info["total"], info["count"]) == (20, 150, 20)
    sendcloud.account.switch(list_cut=0, list_start="ignored", list_total="absent")
    first, second = (sendcloud.call("list", start=start)["info"] for start in (0, 100))
    assert first == second
    assert "total" not in first


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"name": None}, 41001),
        ({"name": ""}, 41001),
        ({"name": ".".join(["a" * 50] * 6)}, 41002),
        ({"name": "https://example.com/"}, 41003),
        ({"name": "two words.example.com"}, 41003),
        ({"name": "example.com."}, 41003),
        ({"name": "*.example.com"}, 41003),
        ({"name": "tráck.example.com"}, 41003),
        ({"name": "taken.example.com"}, 41015),
        ({"name": "mail.example.com"}, 41015),
    ],
)
def test_names_that_cannot_be_added(
    sendcloud: Vendor, parameters: dict[str, str], code: int
) -> None:
    sendcloud.account.seed("taken.example.com")
    sendcloud.account.change(sending_domains=["mail.example.com"])
    answer = sendcloud.call("add", **parameters)
    assert (answer["result"], answer["statusCode"], answer["info"]) == (False, code, {})
    assert set(sendcloud.account.state()) == {"taken.example.com"}


def test_names_that_are_refused_unless_a_switch_says_otherwise(sendcloud: Vendor) -> None:
    sendcloud.account.switch(
        wildcard_name="accepted", idn_name="accepted", add_existing="success", name_length_limit=250
    )
    assert sendcloud.call("add", name="*.example.com")["result"] is True
    assert sendcloud.call("add", name="tráck.example.com")["result"] is True
    twice = [sendcloud.call("add", name="t.example.com")["info"]["data"] for _time in range(2)]
    assert twice[0] == twice[1]
    name = ".".join(["a" * 49] * 5) + ".bc"
    assert len(name) == 252
    assert sendcloud.call("add", name=name)["statusCode"] == 41002
    sendcloud.account.switch(name_length_limit=255)
    assert sendcloud.call("add", name=name)["statusCode"] == 200


def test_five_domains_unless_configured(sendcloud: Vendor) -> None:
    codes = [sendcloud.call("add", name=f"t{n}.example.com")["statusCode"] for n in range(6)]
    assert codes == [200] * 5 + [41012]
    sendcloud.account.switch(domain_limit=6)
    assert sendcloud.call("add", name="t6.example.com")["statusCode"] == 200


@pytest.mark.parametrize("parameters", [{"apiKey": "wrong"}, {"apiUser": "x"}, {"apiKey": None}])
def test_a_wrong_key(sendcloud: Vendor, parameters: dict[str, str]) -> None:
    answer = sendcloud.send("list", **parameters)
    assert (answer.status_code, answer.json()["statusCode"]) == (200, 40005)
    sendcloud.account.switch(auth_error_http_status=401)
    if "apiUser" not in parameters:  # else there is no account whose switch could count
        answer = sendcloud.send("list", **parameters)
        assert (answer.status_code, answer.json()["statusCode"]) == (401, 40005)


def test_a_key_is_locked_to_its_region(sandbox: Sandbox, sendcloud: Vendor) -> None:
    china = sandbox.client.account("sendcloud", region="china")
    assert china.target == "track.sendcloud.org"
    given = {"apiUser": china.identity, "apiKey": china.secret}
    codes = {
        region: requests.post(f"{url}/trackDomain/list", data=given, timeout=5).json()["statusCode"]
        for region, url in sandbox.sendcloud_urls.items()
    }
    assert codes == {"singapore": 40005, "china": 200, "us": 40005, "hongkong": 40005}
    assert [call["region"] for call in china.calls()["calls"]] == list(codes)
    with pytest.raises(SandboxError, match="no region 'mars'"):
        sandbox.client.account("sendcloud", region="mars")


def test_a_json_body_counts_for_nothing(sendcloud: Vendor) -> None:
    answer = requests.post(sendcloud.url("list"), json=sendcloud.credentials, timeout=5)
    assert answer.json()["statusCode"] == 40005


def test_get_works_for_what_the_documents_say_and_is_noticed(sendcloud: Vendor) -> None:
    for action in ("list", "checkConfig", "delete", "add", "update"):
        requests.get(sendcloud.url(action), params=sendcloud.credentials, timeout=5)
    sendcloud.send("list")
    calls = sendcloud.account.calls()["calls"]
    assert [call["vendor_code"] for call in calls] == [None, 41001, None, 404, 404, None]
    assert [call["credentials_in_url"] for call in calls] == [True] * 5 + [False]


def test_check_takes_several_ids_or_names_and_wants_one_of_them(sendcloud: Vendor) -> None:
    first, second = sendcloud.account.seed("a.example.com", "b.example.com")
    by_id = sendcloud.call("checkConfig", id=f"{first['id']};{second['id']}")["info"]
    by_name = sendcloud.call("checkConfig", name="a.example.com;B.example.com;c.d")["info"]
    for info in (by_id, by_name):
        names = [found["name"] for found in info["dataList"]]
        assert (names, info["count"]) == (["a.example.com", "b.example.com"], 2)
    assert sendcloud.call("checkConfig")["result"] is False
    sendcloud.account.switch(check_unknown="error")
    assert sendcloud.call("checkConfig", name="a.example.com;c.d")["statusCode"] == 41014


@pytest.mark.parametrize("identifier", [1, "x", None])
def test_an_id_that_is_not_there(sendcloud: Vendor, identifier: object) -> None:
    assert sendcloud.call("update", id=identifier, name="a.example.com")["statusCode"] == 41014
    if identifier == 1:
        assert sendcloud.call("delete", id=1)["info"] == {"count": 0}
        sendcloud.account.switch(delete_unknown="error")
    assert sendcloud.call("delete", id=1)["result"] is (identifier != 1)


def test_renaming_keeps_the_id_and_resets_the_flag(sendcloud: Vendor) -> None:
    (seeded,) = sendcloud.account.seed("a.example.com", verified=True)
    renamed = sendcloud.call("update", id=seeded["id"], name="b.example.com")["info"]["data"]
    assert (renamed["id"], renamed["name"], renamed["cname"]) == (
        seeded["id"],
        "b.example.com",
        False,
    )
    assert [found["name"] for found in sendcloud.rows()] == ["b.example.com"]


def test_renaming_may_keep_the_flag(sendcloud: Vendor) -> None:
    (seeded,) = sendcloud.account.seed("a.example.com", verified=True)
    sendcloud.account.switch(rename_resets_cname=False)
    renamed = sendcloud.call("update", id=seeded["id"], name="b.example.com")["info"]["data"]
    assert renamed["cname"] is True


@pytest.mark.parametrize("name", ["taken.example.com", "mail.example.com"])
def test_renaming_to_a_name_in_use_is_refused(sendcloud: Vendor, name: str) -> None:
    (seeded, _taken) = sendcloud.account.seed("a.example.com", "taken.example.com")
    sendcloud.account.change(sending_domains=["mail.example.com"])
    assert sendcloud.call("update", id=seeded["id"], name=name)["statusCode"] == 41016
    assert set(sendcloud.account.state()) == {"a.example.com", "taken.example.com"}


@pytest.mark.parametrize(
    ("rule", "renaming", "keeping"),
    [("allowed", 200, 200), ("rename_refused", 41016, 200), ("refused", 41016, 41016)],
)
def test_updating_a_verified_domain(
    sendcloud: Vendor, rule: str, renaming: int, keeping: int
) -> None:
    (seeded,) = sendcloud.account.seed("a.example.com", verified=True)
    sendcloud.account.switch(update_verified=rule)
    kept = sendcloud.call("update", id=seeded["id"], name="a.example.com")
    renamed = sendcloud.call("update", id=seeded["id"], name="b.example.com")
    assert (renamed["statusCode"], kept["statusCode"]) == (renaming, keeping)


@pytest.mark.parametrize(
    ("form", "value"),
    [("relative", "track.eu"), ("full", "track.eu.example.com"), ("parent", "eu.example.com")],
)
def test_the_edition_of_the_flat_keys(sendcloud: Vendor, form: str, value: str) -> None:
    sendcloud.account.seed("track.eu.example.com")
    sendcloud.account.switch(cname_domain=form)
    assert sendcloud.rows()[0]["cname.domain"] == value
    sendcloud.account.switch(cname_keys="spaced")
    (found,) = sendcloud.rows()
    assert (found["cname domain"], found["cname value"]) == (value, "track2.sendcloud.net")
    assert "cname.domain" not in found


def test_info_as_a_json_string(sendcloud: Vendor) -> None:
    sendcloud.account.switch(info_as="json_string")
    info = sendcloud.call("list")["info"]
    assert json.loads(info) == {"dataList": [], "total": 0, "count": 0}


def test_times_in_utc(sendcloud: Vendor) -> None:
    sendcloud.account.seed(domains=[SEEDED])
    sendcloud.account.switch(times="utc")
    assert sendcloud.rows()[0]["gmtCreated"] == "2014-11-01 14:41:52"


def test_messages_in_chinese(sendcloud: Vendor) -> None:
    sendcloud.account.switch(message_language="chinese")
    assert sendcloud.call("list")["message"] == "请求成功"
    assert sendcloud.call("add", name="x")["message"] == "域名格式错误"


def test_an_unknown_action(sendcloud: Vendor) -> None:
    answer = sendcloud.call("verify")
    assert (answer["result"], answer["statusCode"]) == (False, 404)
    sendcloud.account.switch(unknown_action="html")
    page = sendcloud.send("setDefaultTrackingDomain")
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html")


def test_the_path_is_spelt_with_a_capital_d(sendcloud: Vendor) -> None:
    url = sendcloud.url("list").replace("trackDomain", "trackdomain")
    answer = requests.post(url, data=sendcloud.credentials, timeout=5)
    assert answer.json()["statusCode"] == 404


def test_the_rate_limit_is_a_code(sendcloud: Vendor) -> None:
    sendcloud.account.switch(rate_limit=1)
    answers = [sendcloud.send("list") for _call in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["statusCode"] for answer in answers] == [200, 50000]


# --- API_USERs -------------------------------------------------------------------------------------


def senders(sendcloud: Vendor, **given: Any) -> dict[str, Any]:
    info = sendcloud.call("apiuser/list", **given)["info"]
    return {each["name"]: each["trackDomainName"] for each in info["dataList"]}


def test_an_api_user_is_bound_to_a_domain(sendcloud: Vendor) -> None:
    sendcloud.account.seed("T.example.com")
    sendcloud.account.change(senders=[{"name": "me", "clicks": 0}, {"name": "you"}])
    assert senders(sendcloud) == dict.fromkeys(("me", "you"), "track2.sendcloud.net")
    form = {"name": "me", "trackDomainName": "t.example.com"}
    assert sendcloud.call("apiuser/update", **form)["message"].endswith("newName cannot be empty")
    assert sendcloud.call("apiuser/update", **form, newName="me")["result"] is True
    assert senders(sendcloud) == {"me": "T.example.com", "you": "track2.sendcloud.net"}
    assert sendcloud.account.senders()["me"]["click"] == 0
    assert sendcloud.account.operations() == {"senders": 2, "bind": 2}


def test_what_binding_may_want_and_do(sendcloud: Vendor) -> None:
    sendcloud.account.seed("t.example.com")
    sendcloud.account.change(senders=[{"name": f"u{n}"} for n in range(150)])
    sendcloud.account.switch(sender_new_name="optional", bind_unverified="refused")
    form = {"name": "u1", "trackDomainName": "t.example.com"}
    assert sendcloud.call("apiuser/update", **form)["statusCode"] == 40905
    sendcloud.account.switch(bind_unverified="accepted", sender_update="resets")
    sendcloud.call("apiuser/update", **form)
    assert sendcloud.account.senders()["u1"]["click"] == 0
    assert sendcloud.call("apiuser/update", **{**form, "name": "x"})["statusCode"] == 40901
    assert (
        sendcloud.call("apiuser/update", name="u1", newName="u1", trackDomainName="x.y")[
            "statusCode"
        ]
        == 41014
    )
    assert len(senders(sendcloud)) == 150
    sendcloud.account.switch(sender_pages="hundred")
    assert len(senders(sendcloud)) == 100
    assert len(senders(sendcloud, start=100)) == 50
    sendcloud.account.switch(senders_readable=False)
    assert sendcloud.call("apiuser/list")["statusCode"] == 6001
