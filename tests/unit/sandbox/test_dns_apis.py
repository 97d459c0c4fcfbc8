# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doubles of the DNS vendors' APIs: asked directly, and by the modules that users have."""

from __future__ import annotations

import importlib.util
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible.module_utils.urls import open_url

from ansible_collections.mailops.email.tests.sandbox import dns_apis
from ansible_collections.mailops.email.tests.sandbox.dns_apis.together import KINDS
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer

COMMAND = Path(dns_apis.__file__).resolve().parent
ZONES = ["example.test", "sub.example.test"]
# moto's Route 53 needs libraries of its own and has tests of its own.
FLASK_KINDS = [kind for kind in KINDS if kind != "route53"]


@pytest.fixture
def apis() -> Iterator[dns_apis.DnsApis]:
    with dns_apis.DnsApis(ZONES, *FLASK_KINDS) as running:
        yield running


class Client:
    """Calls one double with its credentials; the status and the JSON."""

    def __init__(self, double: Any, base: str, headers: dict[str, str]) -> None:
        host, port = double.address
        self.base, self.headers = f"http://{host}:{port}{base}", headers

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = requests.request(
            method, self.base + path, json=body, headers=self.headers, timeout=5
        )
        return answer.status_code, answer.json()


# The proxy


def test_fixed_https_host_is_led_to_the_double(
    apis: dns_apis.DnsApis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in apis.environment.items():
        monkeypatch.setenv(name, value)
    answer = open_url(
        "https://api.cloudflare.com/client/v4/zones",
        headers={"Authorization": f"Bearer {apis.cloudflare.token}"},
    )
    assert [zone["name"] for zone in json.load(answer)["result"]] == ZONES
    assert [entry.path for entry in apis.cloudflare.requests] == ["/client/v4/zones"]


def test_other_hosts_are_refused(apis: dns_apis.DnsApis, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in apis.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OSError, match="No such host in this test"):
        open_url("https://www.example.com/")
    assert apis.proxy is not None
    assert apis.proxy.refused == ["www.example.com"]


def test_without_the_test_authority_nobody_trusts_it(
    apis: dns_apis.DnsApis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", apis.environment["https_proxy"])
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises((OSError, ssl.SSLError), match="certificate verify failed"):
        open_url("https://api.cloudflare.com/client/v4/zones")
    assert apis.cloudflare.requests == []


# Cloudflare


@pytest.fixture
def cloudflare(apis: dns_apis.DnsApis) -> Client:
    token = apis.cloudflare.token
    return Client(apis.cloudflare, "/client/v4", {"Authorization": f"Bearer {token}"})


@pytest.fixture
def records_path(cloudflare: Client) -> str:
    _status, answer = cloudflare("GET", "/zones?name=example.test")
    [zone] = answer["result"]
    return f"/zones/{zone['id']}/dns_records"


def cname(name: str = "track", **more: Any) -> dict[str, Any]:
    return {"type": "CNAME", "name": name, "content": "target.vendor.test", "ttl": 300, **more}


def code(answer: dict[str, Any]) -> int:
    assert answer["success"] is False
    [error] = answer["errors"]
    [error] = error.get("error_chain", [error])
    return int(error["code"])


def test_cloudflare_life_of_a_record(
    apis: dns_apis.DnsApis, cloudflare: Client, records_path: str
) -> None:
    name = "track.example.test"
    status, answer = cloudflare("POST", records_path, cname(proxied=False))
    assert status == 200
    made = answer["result"]
    assert (made["name"], made["content"], made["proxied"]) == (name, "target.vendor.test", False)
    assert apis.dns.get(name, "CNAME") == ["target.vendor.test."]
    one = f"{records_path}/{made['id']}"
    assert cloudflare("GET", one)[1]["result"] == made
    for query, count in [
        (f"name={name}", 1),
        (f"name={name}&type=CNAME&content=target.vendor.test", 1),
        (f"name={name}&type=A", 0),
        ("content=other.vendor.test", 0),
    ]:
        found = cloudflare("GET", f"{records_path}?{query}")[1]
        assert (len(found["result"]), found["result_info"]["total_count"]) == (count, count)
    cloudflare("PATCH", one, {"content": "other.vendor.test"})
    assert apis.dns.get(name, "CNAME") == ["other.vendor.test."]
    cloudflare("PUT", one, cname(ttl=60))
    assert apis.dns.get(name, "CNAME") == ["target.vendor.test."]
    assert cloudflare("DELETE", one)[1]["result"] == {"id": made["id"]}
    assert apis.dns.get(name, "CNAME") == []
    assert cloudflare("GET", one)[0] == 404
    assert [entry.method for entry in apis.cloudflare.writes] == ["POST", "PATCH", "PUT", "DELETE"]
    assert apis.cloudflare.writes[0].body == cname(proxied=False)


def test_cloudflare_proxied_record_shows_an_address(
    apis: dns_apis.DnsApis, cloudflare: Client, records_path: str
) -> None:
    made = cloudflare("POST", records_path, cname(proxied=True, ttl=1))[1]["result"]
    assert apis.dns.get("track.example.test", "A") == ["198.51.100.7"]
    assert apis.dns.get("track.example.test", "CNAME") == []
    cloudflare("PATCH", f"{records_path}/{made['id']}", {"proxied": False})
    assert apis.dns.get("track.example.test", "A") == []
    assert apis.dns.get("track.example.test", "CNAME") == ["target.vendor.test."]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (cname("www"), 81053),
        (cname("taken"), 81054),
        (cname("taken", content="first.vendor.test"), 81057),
        ({"type": "A", "name": "taken", "content": "192.0.2.1"}, 81054),
        (cname(ttl=30), 9021),
        (cname(content="192.0.2.1"), 9007),
        ({"type": "A", "name": "a", "content": "text"}, 9007),
        ({"type": "TXT", "name": "a", "content": "text", "proxied": True}, 9004),
        (cname(content=""), 9000),
    ],
)
def test_cloudflare_refuses(
    apis: dns_apis.DnsApis,
    cloudflare: Client,
    records_path: str,
    body: dict[str, Any],
    expected: int,
) -> None:
    apis.cloudflare.add("www.example.test", "A", "192.0.2.1")
    apis.cloudflare.add("taken.example.test", "CNAME", "first.vendor.test")
    status, answer = cloudflare("POST", records_path, body)
    assert (status, code(answer)) == (400, expected)
    assert len(list(apis.cloudflare.records)) == 2


def test_cloudflare_credentials(apis: dns_apis.DnsApis) -> None:
    double = apis.cloudflare
    by_key = {"X-Auth-Email": double.email, "X-Auth-Key": double.key}
    assert Client(double, "/client/v4", by_key)("GET", "/zones")[0] == 200
    for headers, expected in [
        ({}, (400, 9106)),
        ({"Authorization": "Bearer wrong"}, (403, 9109)),
        ({**by_key, "X-Auth-Key": "wrong"}, (403, 9109)),
    ]:
        status, answer = Client(double, "/client/v4", headers)("GET", "/zones")
        assert (status, code(answer)) == expected


def test_cloudflare_pages(apis: dns_apis.DnsApis, cloudflare: Client, records_path: str) -> None:
    for number in range(5):
        apis.cloudflare.add(f"n{number}.example.test", "A", "192.0.2.1")
    answer = cloudflare("GET", f"{records_path}?per_page=2&page=3")[1]
    assert [record["name"] for record in answer["result"]] == ["n4.example.test"]
    assert answer["result_info"]["total_pages"] == 3


# Hetzner's classic API


@pytest.fixture
def classic(apis: dns_apis.DnsApis) -> Client:
    return Client(apis.hetzner_dns, "/api/v1", {"Auth-API-Token": apis.hetzner_dns.token})


def test_hetzner_dns_life_of_a_record(apis: dns_apis.DnsApis, classic: Client) -> None:
    [zone] = classic("GET", "/zones?name=sub.example.test")[1]["zones"]
    body = {
        "zone_id": zone["id"],
        "name": "track",
        "type": "CNAME",
        "value": "target.vendor.test.",
        "ttl": 60,
    }
    made = classic("POST", "/records", body)[1]["record"]
    assert {key: made[key] for key in body} == body
    assert apis.dns.get("track.sub.example.test", "CNAME") == ["target.vendor.test."]
    listed = classic("GET", f"/records?zone_id={zone['id']}")[1]
    assert listed["records"] == [made]
    assert listed["meta"]["pagination"]["last_page"] == 1
    # Without its last dot a name is relative to the zone, as a user finds out the hard way.
    classic("PUT", f"/records/{made['id']}", {**body, "value": "target.vendor.test"})
    assert apis.dns.get("track.sub.example.test", "CNAME") == [
        "target.vendor.test.sub.example.test."
    ]
    assert classic("DELETE", f"/records/{made['id']}") == (200, {})
    assert apis.dns.get("track.sub.example.test", "CNAME") == []
    assert classic("DELETE", f"/records/{made['id']}")[0] == 404


def test_hetzner_dns_refuses(apis: dns_apis.DnsApis, classic: Client) -> None:
    apis.hetzner_dns.add("www.example.test", "A", "192.0.2.1")
    [zone] = classic("GET", "/zones?name=example.test")[1]["zones"]
    body = {"zone_id": zone["id"], "name": "www", "type": "CNAME", "value": "target.vendor.test."}
    status, answer = classic("POST", "/records", body)
    assert (status, answer["error"]["code"]) == (422, 422)
    assert classic("POST", "/records", {**body, "name": ""})[0] == 422
    status, answer = classic("GET", "/zones?name=strange.test")
    assert (status, answer["zones"]) == (404, [])
    assert Client(apis.hetzner_dns, "/api/v1", {})("GET", "/zones")[0] == 401


def test_hetzner_dns_several_records_at_once(apis: dns_apis.DnsApis, classic: Client) -> None:
    [zone] = classic("GET", "/zones?name=example.test")[1]["zones"]
    body = {"zone_id": zone["id"], "name": "www", "type": "A"}
    values = ["192.0.2.1", "192.0.2.2"]
    records = [{**body, "value": value} for value in values]
    made = classic("POST", "/records/bulk", {"records": records})[1]["records"]
    assert [record["value"] for record in made] == values
    assert apis.dns.get("www.example.test", "A") == values


# Hetzner's new API


@pytest.fixture
def cloud(apis: dns_apis.DnsApis) -> Client:
    token = apis.hetzner_cloud.token
    return Client(apis.hetzner_cloud, "/v1/zones", {"Authorization": f"Bearer {token}"})


def test_hetzner_cloud_life_of_a_record_set(apis: dns_apis.DnsApis, cloud: Client) -> None:
    name, one = "track.example.test", "/example.test/rrsets/track/CNAME"
    records = [{"value": "target.vendor.test.", "comment": None}]
    body = {"name": "track", "type": "CNAME", "ttl": 60, "records": records}
    status, answer = cloud("POST", "/example.test/rrsets", body)
    assert status == 201
    assert answer["action"]["status"] == "success"
    assert {key: answer["rrset"][key] for key in body} == body
    assert apis.dns.get(name, "CNAME") == ["target.vendor.test."]
    zone_id = cloud("GET", "/example.test")[1]["zone"]["id"]
    listed = cloud("GET", f"/{zone_id}/rrsets?name=track&type=CNAME")[1]["rrsets"]
    assert listed == [cloud("GET", one)[1]["rrset"]]
    other = [{"value": "other.vendor.test.", "comment": "why"}]
    assert cloud("POST", f"{one}/actions/set_records", {"records": other})[0] == 201
    assert cloud("POST", f"{one}/actions/change_ttl", {"ttl": 600})[0] == 201
    shown = cloud("GET", one)[1]["rrset"]
    assert (shown["records"], shown["ttl"]) == (other, 600)
    assert apis.dns.get(name, "CNAME") == ["other.vendor.test."]
    assert cloud("DELETE", one)[0] == 201
    assert cloud("GET", one)[0] == 404
    assert apis.dns.get(name, "CNAME") == []


def test_hetzner_cloud_refuses(apis: dns_apis.DnsApis, cloud: Client) -> None:
    apis.hetzner_cloud.add("www.example.test", "A", "192.0.2.1")
    target = [{"value": "target.vendor.test."}]
    for path, body, expected in [
        ("/example.test/rrsets", {"name": "www", "type": "CNAME", "records": target}, 422),
        ("/example.test/rrsets", {"name": "www", "type": "A", "records": target}, 409),
        ("/example.test/rrsets", {"name": "new", "type": "CNAME", "records": target * 2}, 422),
        ("/strange.test/rrsets", {"name": "new", "type": "CNAME", "records": target}, 404),
    ]:
        status, answer = cloud("POST", path, body)
        assert status == expected
        assert {"code", "message", "details"} == set(answer["error"])
    assert apis.dns.get("www.example.test", "A") == ["192.0.2.1"]
    assert Client(apis.hetzner_cloud, "/v1", {})("GET", "/zones")[0] == 401


def test_hetzner_cloud_refused_change_keeps_the_set(apis: dns_apis.DnsApis, cloud: Client) -> None:
    apis.hetzner_cloud.add("track.example.test", "CNAME", "target.vendor.test.")
    one = "/example.test/rrsets/track/CNAME"
    assert cloud("POST", f"{one}/actions/set_records", {"records": []})[0] == 422
    assert apis.dns.get("track.example.test", "CNAME") == ["target.vendor.test."]


# Records past the API


@pytest.mark.parametrize("kind", FLASK_KINDS)
def test_add_and_remove(apis: dns_apis.DnsApis, kind: str) -> None:
    double = apis.doubles[kind]
    double.add("www.sub.example.test", "A", "192.0.2.1", ttl=60)
    assert apis.dns.get("www.sub.example.test", "A") == ["192.0.2.1"]
    double.remove("www.sub.example.test", "A")
    assert apis.dns.get("www.sub.example.test", "A") == []
    assert double.requests == []


# Route 53


def test_route53() -> None:
    pytest.importorskip("moto")
    pytest.importorskip("boto3")
    for _again in range(2):  # moto's state outlives its server
        with (
            DnsServer(dict.fromkeys(ZONES, "")) as dns,
            dns_apis.Route53Api(ZONES, dns=dns) as double,
        ):
            assert double.requests == []
            double.add("www.sub.example.test", "A", "192.0.2.1")
            assert dns.get("www.sub.example.test", "A") == ["192.0.2.1"]
            double.remove("www.sub.example.test", "A")
            assert dns.get("www.sub.example.test", "A") == []
            double.add("left.example.test", "A", "192.0.2.1")
            assert double.requests == []
            with pytest.raises(Exception, match=r"InvalidChangeBatch.*conflicts"):
                double.add("left.example.test", "CNAME", "target.vendor.test.")
            assert dns.get("left.example.test", "A") == ["192.0.2.1"]


# The modules that the role uses, as users have them

PLAY = """
- hosts: localhost
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - community.general.cloudflare_dns:
        state: present
        api_token: cloudflare-test-token
        zone: example.test
        record: cloudflare.example.test
        type: CNAME
        value: target.vendor.test
        ttl: 300
        proxied: false
    - community.dns.hetzner_dns_record_set:
        state: present
        hetzner_token: hetzner-test-token
        zone_name: example.test
        record: hetzner.example.test
        type: CNAME
        value: target.vendor.test.
        ttl: 300
    - amazon.aws.route53:
        state: present
        zone: example.test
        record: route53.example.test
        type: CNAME
        value: target.vendor.test.
        ttl: 300
"""
# community.dns knows the new API from 3.5.0 on, which Python 3.11 users do not have in `ansible`.
NEW_HETZNER_PLAY = """
    - community.dns.hetzner_dns_record_set:
        state: present
        hetzner_api_token: hetzner-cloud-test-token
        zone_name: example.test
        record: hetzner-cloud.example.test
        type: CNAME
        value: target.vendor.test.
        ttl: 300
"""


def knows_new_hetzner() -> bool:
    spec = importlib.util.find_spec("ansible_collections.community.dns")
    assert spec is not None
    [folder] = spec.submodule_search_locations or []
    manifest = json.loads((Path(folder) / "MANIFEST.json").read_text())
    version = manifest["collection_info"]["version"]
    return tuple(int(part) for part in version.split(".")[:2]) >= (3, 5)


def test_modules_reach_the_doubles(tmp_path: Path) -> None:
    for library in ("moto", "boto3"):
        pytest.importorskip(library)
    for collection in ("community.general", "community.dns", "amazon.aws"):
        if importlib.util.find_spec(f"ansible_collections.{collection}") is None:
            pytest.skip(f"{collection} is not installed")
    play = tmp_path / "play.yml"
    vendors = ["cloudflare", "hetzner", "route53"]
    play.write_text(PLAY)
    if knows_new_hetzner():
        vendors.append("hetzner-cloud")
        play.write_text(PLAY + NEW_HETZNER_PLAY)
    with dns_apis.DnsApis(["example.test"]) as apis:
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", play],
            env={**os.environ, **apis.environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        for vendor in vendors:
            assert apis.dns.get(f"{vendor}.example.test", "CNAME") == ["target.vendor.test."]
        [created] = apis.cloudflare.writes
        assert created.body["proxied"] is False
        assert [entry.method for entry in apis.hetzner_dns.writes] == ["POST"]
        assert [entry.body[0]["action"] for entry in apis.route53.writes] == ["CREATE"]


# The command


def test_command_line(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    words = [sys.executable, COMMAND, "start", "--ready-file", ready, "--background"]
    words += ["--kind", "cloudflare", "--zone", "example.test"]
    subprocess.run(words, check=True, timeout=60)
    try:
        facts = json.loads(ready.read_text())
        assert facts["credentials"]["cloudflare"]["api_token"] == "cloudflare-test-token"
        assert Path(facts["environment"]["SSL_CERT_FILE"]).exists()
        assert "AWS_ENDPOINT_URL" not in facts["environment"]
        control = f"{facts['control_url']}/cloudflare"
        record = {"name": "www.example.test", "type": "A", "value": "192.0.2.1", "proxied": True}
        requests.post(f"{control}/records", json=record, timeout=5).raise_for_status()
        answer = requests.delete(f"{control}/records", params=record, timeout=5)
        answer.raise_for_status()
        answer = requests.get(f"{control}/requests", timeout=5)
        assert answer.json() == {"requests": [], "writes": 0}
        unknown = f"{facts['control_url']}/unknown/requests"
        assert requests.get(unknown, timeout=5).status_code == 404
    finally:
        subprocess.run([sys.executable, COMMAND, "stop", ready], check=True, timeout=60)
    assert not ready.exists()
    assert not Path(facts["environment"]["SSL_CERT_FILE"]).exists()
