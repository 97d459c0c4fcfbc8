# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's DNS back ends, each by itself: what it is given, what its vendor has then, what it says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mailops.email.tests.sandbox.dns_apis import DnsApis
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

BACK_ENDS = CHECKOUT / "roles" / "tracking_domain" / "tasks" / "dns"
ZONE, TARGET, OTHER = "example.test", "t.vendor.test", "links.other.test"
SECRET = base64.b64encode(b"a secret of thirty-two bytes ...").decode()


@pytest.fixture(scope="module")
def apis() -> Iterator[DnsApis]:
    with DnsApis([ZONE]) as running:
        yield running


def change(name: str, **more: Any) -> dict[str, Any]:
    """As the role hands it to a back end."""
    value = more.pop("value", TARGET)
    record = {
        "name": f"{name}.{ZONE}",
        "record": name,
        "zone": ZONE,
        "type": "CNAME",
        "value": value,
        "ttl": 300,
        "state": "present",
        "overwrite": False,
        "line": f"{name}.{ZONE}. 300 IN CNAME {value}.",
    }
    return {**record, **more}


def play(back_end: str, changes: list[dict[str, Any]], sent: Path, **more: Any) -> dict[str, Any]:
    """A play that has the back end change records, and leaves what it registered in a file."""
    tasks: list[dict[str, Any]] = [
        {
            "name": "Change",
            "block": [
                {
                    "name": "Include the back end",
                    "ansible.builtin.include_tasks": str(BACK_ENDS / f"{back_end}.yml"),
                    "vars": {"tracking_domain_dns_changes": changes},
                }
            ],
            "rescue": [{"name": "Go on", "ansible.builtin.meta": "noop"}],
        },
        {
            "name": "Leave what was registered",
            "ansible.builtin.copy": {
                "content": "{{ tracking_domain_dns_sent | to_json }}",
                "dest": str(sent),
                "mode": "0600",
            },
            "check_mode": False,
        },
    ]
    head = {"hosts": "localhost", "gather_facts": False}
    return {**head, **more, "tasks": tasks}


class Runs:
    """Plays one after the other in one run, and what each registered."""

    def __init__(self, place: Path, environment: dict[str, str], variables: Any) -> None:
        self.place, self.environment, self.variables = place, environment, variables
        self.plays: list[dict[str, Any]] = []

    def add(self, back_end: str, *changes: dict[str, Any], **more: Any) -> None:
        sent = self.place / f"{len(self.plays)}.json"
        self.plays.append(play(back_end, list(changes), sent, **more))

    def run(self, *options: str) -> tuple[str, list[dict[str, Any]]]:
        done = run_playbook(
            self.plays,
            *options,
            place=self.place,
            environment=self.environment,
            variables={**DEFAULTS, **self.variables},
        )
        assert done.returncode == 0, done.stdout
        sent = [
            json.loads((self.place / f"{number}.json").read_text())
            for number in range(len(self.plays))
        ]
        return done.stdout, sent


DEFAULTS = yaml.safe_load((BACK_ENDS.parents[1] / "defaults" / "main.yml").read_text())


def statuses(sent: dict[str, Any]) -> dict[str, str]:
    return {record["name"].removesuffix(f".{ZONE}"): record["status"] for record in sent["records"]}


CREDENTIALS = {
    "cloudflare": {"cloudflare_api_token": "cloudflare-test-token"},
    "hetzner": {"hetzner_token": "hetzner-test-token"},
    "route53": {
        "route53_access_key": "route53-test-access-key",
        "route53_secret_key": "route53-test-secret-key",
    },
}


SECRETS = {
    back_end: {f"tracking_domain_{key}": value for key, value in given.items()}
    for back_end, given in CREDENTIALS.items()
}


@pytest.mark.parametrize("back_end", sorted(CREDENTIALS))
def test_a_vendor_changes_what_is_permitted_and_nothing_else(
    apis: DnsApis, back_end: str, tmp_path: Path
) -> None:
    api = apis.doubles["hetzner_dns" if back_end == "hetzner" else back_end]
    dot = "" if back_end == "cloudflare" else "."
    p = back_end[0]
    for name, kind, value in [
        ("ok", "CNAME", TARGET + dot),
        ("gone", "CNAME", TARGET + dot),
        ("foreign", "CNAME", OTHER + dot),
        ("theirs", "CNAME", OTHER + dot),
        ("same", "A", "192.0.2.9"),
        ("same", "AAAA", "2001:db8::9"),
        ("sub", "NS", "ns1.other.test" + dot),
    ]:
        api.add(f"{p}{name}.{ZONE}", kind, value)  # type: ignore[attr-defined]
    changes = [
        change(f"{p}new"),
        change(f"{p}ok"),
        change(f"{p}gone", state="absent"),
        change(f"{p}foreign"),
        change(f"{p}theirs", state="absent"),
        change(f"{p}same", overwrite=True),
        change(f"x.{p}sub", overwrite=True),
    ]
    # All that Ansible can be made to show.
    environment = {**apis.environment, "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1"}
    runs = Runs(tmp_path, environment, SECRETS[back_end])
    runs.add(back_end, *changes, check_mode=True)
    runs.add(back_end, *changes)
    nowhere = {**change("x"), "name": "x.nowhere.test", "zone": "nowhere.test"}
    runs.add(back_end, nowhere, change(f"{p}foreign", overwrite=True))
    api.clear_log()
    shown, (checked, done, forced) = runs.run("-vvv")
    assert [record["status"] for record in checked["records"]] == EXPECTED
    assert [record["status"] for record in done["records"]] == EXPECTED
    # new, gone, two addresses and a record in their place, foreign: the check run writes nothing.
    assert len(api.writes) == 6
    found = {record["name"].removesuffix(f".{ZONE}"): record for record in done["records"]}
    assert OTHER in found[f"{p}foreign"]["msg"]
    assert [each["value"] for each in found[f"{p}theirs"]["found"]] == [OTHER]
    assert "delegates" in found[f"x.{p}sub"]["msg"]
    assert [record["status"] for record in forced["records"]] == ["failed", "changed"]
    assert "asking for zone nowhere.test: " in forced["records"][0]["msg"]
    shows = {
        name: [*apis.dns.get(f"{p}{name}.{ZONE}", "CNAME"), *apis.dns.get(f"{p}{name}.{ZONE}", "A")]
        for name in ("new", "ok", "gone", "foreign", "theirs", "same")
    }
    assert shows == {
        "new": [f"{TARGET}."],
        "ok": [f"{TARGET}."],
        "gone": [],
        "foreign": [f"{TARGET}."],
        "theirs": [f"{OTHER}."],
        "same": [f"{TARGET}."],
    }
    for secret in ("cloudflare-test-token", "hetzner-test-token", "route53-test-secret"):
        assert secret not in shown


EXPECTED = ["changed", "unchanged", "changed", "failed", "unchanged", "changed", "failed"]

FAILS, TWICE = "fails.test", "twice.test"


def elsewhere(name: str, zone: str) -> dict[str, Any]:
    return {**change(name), "name": f"{name}.{zone}", "zone": zone}


def told(sent: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {record["name"]: (record["status"], record["msg"]) for record in sent["records"]}


def test_cloudflare_at_its_worst(tmp_path: Path) -> None:
    """A failure with status 200, zones of one name, a token that may not write, a half-done change."""
    with DnsApis([ZONE, FAILS, TWICE], "cloudflare") as apis:
        api = apis.cloudflare
        zones = {zone: f"{number:032x}" for zone, number in api.records.zones.items()}
        api.more_zones = [
            {"id": "f" * 32, "name": TWICE, "status": "active"},
            # Left over in another account: it does not count.
            {"id": "e" * 32, "name": ZONE, "status": "pending"},
        ]
        denied = {
            "success": False,
            "errors": [{"code": 10000, "message": "Authentication error"}],
            "result": None,
        }
        no = {"success": False, "errors": [], "result": []}
        api.add(f"half.{ZONE}", "A", "192.0.2.1")
        api.add(f"half.{ZONE}", "AAAA", "2001:db8::1")
        kept = next(record.id for record in api.records.find(type="AAAA"))
        api.add(f"auto.{ZONE}", "CNAME", TARGET, ttl=1)
        api.add(f"proxied.{ZONE}", "CNAME", TARGET, proxied=True)
        api.add(f"theirs.{ZONE}", "A", "192.0.2.9", proxied=True)
        api.faults = [
            (lambda request: f"zones/{zones[FAILS]}/" in request.path, (200, no)),
            (
                lambda request: (
                    request.method == "DELETE" and request.path.endswith(f"{kept:032x}")
                ),
                (403, denied),
            ),
            (
                lambda request: (
                    request.method == "POST" and "denied" in request.get_data(as_text=True)
                ),
                (403, denied),
            ),
        ]
        runs = Runs(tmp_path, apis.environment, SECRETS["cloudflare"])
        runs.add(
            "cloudflare",
            change("half", overwrite=True),
            change("auto"),
            change("proxied"),
            change("theirs"),
            change("denied"),
            change("good"),
            elsewhere("x", FAILS),
            elsewhere("x", TWICE),
        )
        _shown, (sent,) = runs.run()
        records = told(sent)
        assert records[f"half.{ZONE}"] == (
            "failed",
            "Authentication error (10000). Already removed: A 192.0.2.1.",
        )
        assert records[f"auto.{ZONE}"][0] == "unchanged"
        assert records[f"proxied.{ZONE}"] == ("changed", "Published.")
        assert records[f"theirs.{ZONE}"][0] == "failed"
        assert records[f"denied.{ZONE}"] == ("failed", "Authentication error (10000)")
        assert records[f"good.{ZONE}"] == ("changed", "Published.")
        assert records[f"x.{FAILS}"] == (
            "failed",
            f"asking for zone {FAILS}: the API reports a failure and no reason",
        )
        assert "several zones of this name" in records[f"x.{TWICE}"][1]
        assert not any(f"zones/{zones[FAILS]}/" in entry.path for entry in api.writes)
        assert not any(
            f"zones/{zones[TWICE]}/" in entry.path or "ffff" in entry.path for entry in api.writes
        )
        assert [record.extra["proxied"] for record in api.records.find(name=f"proxied.{ZONE}")] == [
            False
        ]
        assert [record.value for record in api.records.find(name=f"theirs.{ZONE}")] == ["192.0.2.9"]


def test_route53_at_its_worst(apis: DnsApis, tmp_path: Path) -> None:
    """A private zone of the same name, aliases, routing policies, and a change that is not permitted."""
    api = apis.route53
    with closing(api.client()) as client:
        vpc = {"VPCRegion": "us-east-1", "VPCId": "vpc-1"}
        private = {"Comment": "", "PrivateZone": True}
        client.create_hosted_zone(
            Name=ZONE, CallerReference="private", HostedZoneConfig=private, VPC=vpc
        )
        for reference in ("one", "two"):
            client.create_hosted_zone(Name=TWICE, CallerReference=reference)
    alias = {"HostedZoneId": "Z1", "DNSName": "lb.aws.test.", "EvaluateTargetHealth": True}
    api.add_set(f"alias.{ZONE}", {"Name": f"alias.{ZONE}", "Type": "A", "AliasTarget": alias})
    several = [{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}]
    api.add_set(
        f"several.{ZONE}",
        {"Name": f"several.{ZONE}", "Type": "A", "TTL": 60, "ResourceRecords": several},
    )
    api.add_set(
        f"weighted.{ZONE}",
        {
            "Name": f"weighted.{ZONE}",
            "Type": "CNAME",
            "TTL": 60,
            "SetIdentifier": "blue",
            "Weight": 1,
            "ResourceRecords": [{"Value": f"{OTHER}."}],
        },
    )
    api.denied = {f"denied.{ZONE}"}
    api.clear_log()
    runs = Runs(tmp_path, apis.environment, SECRETS["route53"])
    runs.add(
        "route53",
        change("alias", overwrite=True),
        change("several", overwrite=True),
        change("weighted", overwrite=True),
        change("denied"),
        change("zero", ttl=0),
        elsewhere("x", TWICE),
    )
    _shown, (sent,) = runs.run()
    records = told(sent)
    assert records[f"zero.{ZONE}"] == ("changed", "Published.")
    assert records[f"alias.{ZONE}"] == ("changed", "Published.")
    assert records[f"several.{ZONE}"] == ("changed", "Published.")
    assert "with a routing policy" in records[f"weighted.{ZONE}"][1]
    assert records[f"denied.{ZONE}"][0] == "failed"
    assert "AccessDenied" in records[f"denied.{ZONE}"][1]
    assert "several zones of this name" in records[f"x.{TWICE}"][1]
    [gone] = [each for entry in api.writes for each in entry.body if "alias" in each]
    # Route 53 refuses to remove what is not exactly this.
    assert gone["action"] == "DELETE"
    assert gone["alias"] == {"DNSName": "lb.aws.test.", "EvaluateTargetHealth": "true"}
    public = {entry.path for entry in api.writes}
    assert len(public) == 1, "all changes are in the public zone"
    shows = [change for entry in api.writes for change in entry.body if change["type"] == "CNAME"]
    assert {change["name"] for change in shows if change["action"] == "CREATE"} == {
        f"alias.{ZONE}",
        f"several.{ZONE}",
        f"denied.{ZONE}",
        f"zero.{ZONE}",
    }
    assert [change["ttl"] for change in shows if "zero" in change["name"]] == [0]


def test_hetzner_at_its_worst(tmp_path: Path) -> None:
    """A token that may only read, and a change that is half done."""
    with DnsApis([ZONE], "hetzner_dns") as apis:
        api = apis.hetzner_dns
        api.add(f"half.{ZONE}", "A", "192.0.2.1")
        api.add(f"half.{ZONE}", "TXT", '"text"')
        denied = {"error": {"message": "insufficient permissions", "code": 403}}
        api.faults = [
            (lambda request: request.method == "POST" and b"denied" in request.data, (403, denied)),
            (
                lambda request: request.method == "DELETE" and request.path.endswith("record2"),
                (403, denied),
            ),
        ]
        runs = Runs(tmp_path, apis.environment, SECRETS["hetzner"])
        runs.add("hetzner", change("half", overwrite=True), change("denied"), change("good"))
        _shown, (sent,) = runs.run()
        assert statuses(sent) == {"half": "failed", "denied": "failed", "good": "changed"}
        records = told(sent)
        assert "Already removed: A 192.0.2.1." in records[f"half.{ZONE}"][1]
        assert [record.type for record in api.records.find(name=f"half.{ZONE}")] == ["TXT"]


def test_nsupdate_hands_the_records_on(tmp_path: Path) -> None:
    """And leaves what is not set to the environment."""
    zone = f"ok CNAME {TARGET}.\nforeign CNAME {OTHER}."
    with DnsServer({ZONE: zone}, {"mail-key": ("hmac-sha512", SECRET)}) as server:
        variables = {
            "tracking_domain_nsupdate_server": server.host,
            "tracking_domain_nsupdate_port": server.port,
        }
        environment = {
            "TRACKING_DOMAIN_NSUPDATE_KEY_NAME": "mail-key",
            "TRACKING_DOMAIN_NSUPDATE_KEY_SECRET": SECRET,
            "TRACKING_DOMAIN_NSUPDATE_KEY_ALGORITHM": "hmac-sha512",
        }
        runs = Runs(tmp_path, environment, variables)
        changes = [change("new"), change("ok", state="absent"), change("foreign")]
        runs.add("nsupdate", *changes, check_mode=True)
        runs.add("nsupdate", *changes)
        shown, (checked, done) = runs.run("-vvv")
        expected = {"new": "changed", "ok": "changed", "foreign": "failed"}
        assert statuses(checked) == statuses(done) == expected
        assert len(server.updates) == 1
        assert server.get(f"new.{ZONE}", "CNAME") == [f"{TARGET}."]
        assert SECRET not in shown


CUSTOM = [
    {
        "name": "Refuse one",
        "ansible.builtin.fail": {"msg": "not this one"},
        "when": "'bad' in tracking_domain_record.name",
    },
    {
        "name": "Refuse another, and say nothing of it",
        "ansible.builtin.fail": {"msg": "a-secret"},
        "no_log": True,
        "when": "'hidden' in tracking_domain_record.name",
    },
    {
        "name": "Note it",
        "ansible.builtin.copy": {
            "content": "{{ tracking_domain_record | to_json }}",
            "dest": "{{ playbook_dir }}/{{ tracking_domain_record.name }}",
            "mode": "0600",
        },
    },
]


def test_a_custom_file_is_run_for_each_record_whatever_fails(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(json.dumps(CUSTOM))
    runs = Runs(tmp_path, {}, {"tracking_domain_custom_tasks": "mine.yml"})
    changes = [change(name) for name in ("one", "bad", "hidden", "two")]
    runs.add("custom", *changes)
    runs.add("custom", change("three", state="absent"))
    _shown, (sent, more) = runs.run()
    assert statuses(sent) == {
        "one": "changed",
        "bad": "failed",
        "hidden": "failed",
        "two": "changed",
    }
    assert statuses(more) == {"three": "changed"}
    assert sent["records"][1]["msg"] == "Refuse one: not this one"
    hidden = sent["records"][2]["msg"]
    assert hidden == "Refuse another, and say nothing of it: what it said is hidden by no_log"
    assert json.loads((tmp_path / f"two.{ZONE}").read_text()) == change("two")


def test_a_custom_file_that_is_not_there(tmp_path: Path) -> None:
    runs = Runs(tmp_path, {}, {"tracking_domain_custom_tasks": "nowhere.yml"})
    runs.add("custom", change("one"))
    _shown, (sent,) = runs.run()
    assert sent["failed"]
    assert "tracking_domain_custom_tasks must name a tasks file" in sent["msg"]
