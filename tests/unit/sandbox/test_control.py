# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface: the call log, switches, state, and what it refuses."""

from __future__ import annotations

import pytest
import requests

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxError
from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor


def test_the_log_tells_one_call_from_another(sendcloud: Vendor) -> None:
    (seeded,) = sendcloud.account.seed("a.example.com")
    sendcloud.call("list", name="a.example.com;b.example.com")
    sendcloud.call("add", name="b.example.com")
    sendcloud.call("add", name="b.example.com")
    sendcloud.call("delete", id=seeded["id"])
    found = sendcloud.account.calls()
    wanted = ("action", "operation", "write", "took_effect", "names", "ids", "vendor_code")
    assert [tuple(call[key] for key in wanted) for call in found["calls"]] == [
        ("list", "list", False, False, ["a.example.com", "b.example.com"], [], None),
        ("add", "add", True, True, ["b.example.com"], [], None),
        ("add", "add", True, False, ["b.example.com"], [], 41015),
        ("delete", "delete", True, True, [], [str(seeded["id"])], None),
    ]
    assert (found["total"], found["writes"]) == (4, 3)
    assert found["operations"] == {"list": 1, "add": 2, "delete": 1}


def test_calls_are_counted_by_the_vendors_word_and_by_ours(sendclean: Vendor) -> None:
    sendclean.call("listTrackingDomain")
    sendclean.call("checkTrackingDomain", domain="t.example.com")
    found = sendclean.account.calls()
    assert found["actions"] == {"listTrackingDomain": 1, "checkTrackingDomain": 1}
    assert found["operations"] == {"list": 1, "check": 1}
    assert found["writes"] == 0


def test_calls_are_found_by_field_and_cleared(vendor: Vendor) -> None:
    list_action = "listTrackingDomain" if vendor.clean else "list"
    for action in (list_action, "nonsense"):
        vendor.send(action)
    assert vendor.account.calls(operation="list")["total"] == 1
    assert vendor.account.calls(action="unknown", write="false")["total"] == 1
    assert vendor.account.calls(write="true")["total"] == 0
    vendor.account.clear_calls()
    assert vendor.account.calls()["total"] == 0


def test_a_call_with_wrong_credentials_is_logged(sandbox: Sandbox, vendor: Vendor) -> None:
    vendor.send("listTrackingDomain" if vendor.clean else "list", token="x", apiKey="x")
    (call,) = vendor.account.calls()["calls"]
    assert call["vendor_code"] == ("AuthenticationError" if vendor.clean else 40005)
    before = sandbox.client.calls()["total"]
    vendor.send("nonsense", owner_id="x", apiUser="x")
    last = sandbox.client.calls()["calls"][-1]
    assert (sandbox.client.calls()["total"], last["account"]) == (before + 1, None)


def test_one_connection_serves_many_calls(vendor: Vendor) -> None:
    for _time in range(5):
        vendor.send("listTrackingDomain" if vendor.clean else "list")
    assert vendor.account.calls()["connections"] == 1
    vendor.session.close()
    vendor.send("listTrackingDomain" if vendor.clean else "list")
    found = vendor.account.calls()
    assert found["connections"] == 2
    assert found["calls"][0]["peer_port"] != found["calls"][-1]["peer_port"]


def test_credentials_where_they_do_not_belong_are_flagged_and_not_logged(
    sandbox: Sandbox, vendor: Vendor
) -> None:
    secret = vendor.account.secret
    url = vendor.url("listTrackingDomain" if vendor.clean else "list")
    sandbox.client.clear_calls()
    requests.post(url, params=vendor.credentials, timeout=5)
    requests.post(url, headers={"Authorization": f"Bearer {secret}"}, timeout=5)
    requests.post(f"{vendor.account.url}/{secret}", timeout=5)
    vendor.send("nonsense")
    found = sandbox.client.calls()
    flags = [(c["credentials_in_url"], c["credentials_in_headers"]) for c in found["calls"]]
    assert flags == [(True, False), (False, True), (True, False), (False, False)]
    assert secret not in str(found)


def test_a_switch_of_an_account_wins_over_its_vendors(sandbox: Sandbox, sendcloud: Vendor) -> None:
    sandbox.client.switch("sendcloud", times="utc", domain_limit=7)
    sendcloud.account.switch(domain_limit=9)
    other = sandbox.client.account("sendcloud")
    switches = {
        account.label: sandbox.client.ask(
            "GET", "switches", vendor="sendcloud", account=account.label
        )["switches"]
        for account in (sendcloud.account, other)
    }
    sandbox.client.switch("sendcloud", times="utc+8", domain_limit=5)
    other.remove()
    assert switches[sendcloud.account.label]["domain_limit"] == 9
    assert switches[other.label]["domain_limit"] == 7
    assert {each["times"] for each in switches.values()} == {"utc"}


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"colour": "blue"}, "there is no switch 'colour'; there are: add_existing, "),
        ({"times": "gmt"}, "times is one of utc\\+8, utc, not 'gmt'"),
        ({"domain_limit": "many"}, "domain_limit is a number, not 'many'"),
        ({"domain_limit": -1}, "domain_limit is a number from 0 up"),
        ({"rename_resets_cname": "perhaps"}, "rename_resets_cname is true or false"),
    ],
)
def test_a_switch_that_does_not_exist_is_refused(
    sendcloud: Vendor, switches: dict[str, object], message: str
) -> None:
    with pytest.raises(SandboxError, match=message):
        sendcloud.account.switch(**{"message_language": "chinese", **switches})
    assert sendcloud.call("list")["message"] == "request was successful"


def test_every_switch_says_what_it_means(sandbox: Sandbox) -> None:
    for vendor in ("sendclean", "sendcloud"):
        answer = sandbox.client.ask("GET", "switches", vendor=vendor)
        assert set(answer["switches"]) == set(answer["meanings"])
        assert all(each["meaning"] for each in answer["meanings"].values())


def test_state_is_seeded_quickly_past_the_vendors_rules(sendcloud: Vendor) -> None:
    sendcloud.account.seed("gone.example.com")
    made = sendcloud.account.seed(
        domains=[{"name": "Own.example.com", "id": 7, "verified": False}],
        count=1000,
        pattern="t{n}.example.net",
        verified=True,
    )
    assert len(made) == 1001
    state = sendcloud.account.state()
    assert (state["own.example.com"]["id"], state["own.example.com"]["verified"]) == (7, False)
    assert state["t1000.example.net"]["verified"] is True
    assert "gone.example.com" not in state
    assert sendcloud.account.calls()["total"] == 0


def test_accounts_are_made_as_wanted_and_once(sandbox: Sandbox) -> None:
    made = sandbox.client.account(
        "sendcloud",
        "mine",
        region="us",
        identity="me",
        secret="s3cret",
        target="links.example.net",
        switches={"domain_limit": 1},
    )
    assert made.module_options == {
        "provider": "sendcloud",
        "api_user": "me",
        "api_key": "s3cret",
        "region": "us",
        "api_url": sandbox.sendcloud_urls["us"],
    }
    assert Vendor(made).call("add", name="a.example.com")["info"]["data"]["cname.value"] == (
        "links.example.net"
    )
    assert Vendor(made).call("add", name="b.example.com")["statusCode"] == 41012
    with pytest.raises(SandboxError, match="has an account 'mine' already"):
        sandbox.client.account("sendcloud", "mine")
    made.remove()
    assert Vendor(made).call("list")["statusCode"] == 40005


def test_the_options_for_sendclean(sandbox: Sandbox, sendclean: Vendor) -> None:
    assert sendclean.account.module_options == {
        "provider": "sendclean",
        "owner_id": sendclean.account.identity,
        "token": sendclean.account.secret,
        "cname_target": "track.sendclean.net",
        "api_url": sandbox.sendclean_url,
    }
    assert len(sendclean.account.identity) == 8


def test_reset_forgets_one_account_alone(sandbox: Sandbox, vendor: Vendor) -> None:
    other = sandbox.client.account(vendor.account.vendor)
    for account in (vendor.account, other):
        account.seed("t.example.com")
        account.switch(latency_ms=1)
        account.fault("empty")
        Vendor(account).send("nonsense")
        account.fault("empty")
    vendor.account.reset()
    left = [
        (len(a.state()), a.calls()["total"], len(a.pending_faults()))
        for a in (vendor.account, other)
    ]
    assert left == [(0, 0, 0), (1, 1, 1)]
    other.remove()


@pytest.mark.parametrize(
    ("method", "what", "given", "message"),
    [
        ("GET", "calls", {"colour": "blue"}, "calls are found by vendor, account"),
        ("GET", "state", {"vendor": "sendcloud"}, "missing: 'account'"),
        ("GET", "state", {"vendor": "sendcloud", "account": "x"}, "has no account 'x'"),
        ("POST", "accounts", {"vendor": "sendgrid"}, "vendor is one of sendclean, sendcloud"),
        ("POST", "accounts", {"vendor": "sendclean", "colour": 1}, "colour"),
        ("PUT", "nothing", {}, "there is no PUT nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(
    sandbox: Sandbox, method: str, what: str, given: dict[str, object], message: str
) -> None:
    with pytest.raises(SandboxError, match=message):
        sandbox.client.ask(method, what, **given)


def test_control_is_at_both_origins(sandbox: Sandbox) -> None:
    for url in (sandbox.sendclean_url, sandbox.sendcloud_url):
        origin = url.rsplit("/", 1)[0]
        answer = requests.get(f"{origin}/_sandbox/accounts", timeout=5).json()
        assert "demo" in {account["account"] for account in answer["accounts"]}


def test_records_of_the_dns_server(sandbox: Sandbox) -> None:
    client = sandbox.client
    client.clear_dns_log()
    client.set_record("r.example.com", "TXT", '"a"', '"b"', ttl=60)
    assert set(client.records("r.example.com", "TXT")) == {'"a"', '"b"'}
    client.delete_record("r.example.com", "TXT")
    assert client.records("r.example.com", "TXT") == []
    assert client.dns_log() == {"queries": [], "updates": []}
    with pytest.raises(SandboxError, match="no zone here holds"):
        client.set_record("r.example.edu", "TXT", '"a"')
