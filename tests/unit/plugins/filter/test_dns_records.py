# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter as users call it, in a template; its forms checked by the tools that read them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.mailops.email.plugins.filter.dns_records import FilterModule, dns_records

TARGET = "track.sendclean.net"


def domain(name: str, zone: str | None = None, target: str | None = TARGET) -> dict[str, Any]:
    dns = {"dns": {"status": "missing", "found": [], "zone": zone}} if zone else {}
    return {"name": name, "verified": False, "cname": {"name": name, "target": target}, **dns}


TWO = [domain("track.example.com", "example.com"), domain("a.b.example.net", "example.net")]
MANY = [domain(f"t{number}.example.com", "example.com") for number in (10, 9, 1, 100)]


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"dns_records": dns_records}


@pytest.mark.parametrize(
    "given",
    [
        TWO,
        {"tracking_domains": TWO, "actions": [], "records": []},
        [{"tracking_domain": each} for each in TWO],
        [{"tracking_domains": TWO[:1]}, {"tracking_domains": TWO[1:]}],
        [{"tracking_domain": None}, *TWO],
    ],
)
def test_any_result_will_do(given: Any) -> None:
    records = dns_records(given)
    assert [record["name"] for record in records] == ["track.example.com", "a.b.example.net"]


def test_a_record_as_data() -> None:
    assert dns_records(TWO[0]) == [
        {
            "name": "track.example.com",
            "type": "CNAME",
            "value": TARGET,
            "ttl": 300,
            "zone": "example.com",
            "record": "track",
            "line": "track.example.com. 300 IN CNAME track.sendclean.net.",
        }
    ]


def test_without_a_look_the_zone_is_not_known() -> None:
    record = dns_records([domain("track.example.com")])[0]
    assert (record["zone"], record["record"]) == (None, None)


def test_a_zone_selects() -> None:
    """Also where nobody looked; but not what is in a zone of its own below."""
    domains = [*TWO, domain("x.example.com"), domain("y.sub.example.com", "sub.example.com")]
    records = dns_records(domains, zone="Example.COM.")
    assert [(record["name"], record["record"]) for record in records] == [
        ("track.example.com", "track"),
        ("x.example.com", "x"),
    ]
    assert dns_records([domain("notexample.com")], zone="example.com") == []


@pytest.mark.parametrize(
    ("given", "options", "says"),
    [
        ([domain("t.example.com", target=None)], {}, "target of t.example.com is not known"),
        ("track.example.com", {}, "expected are tracking domains"),
        ({"failed": True}, {}, "expected are tracking domains"),
        (TWO, {"format": "bind"}, "one of list, zone, octodns, dnscontrol"),
        (TWO, {"format": "octodns"}, "example.com, example.net: give one of them as zone"),
        ([domain("t.example.com")], {"format": "dnscontrol"}, "zone of t.example.com is not known"),
        (TWO, {"zone": "https://example.com"}, "not a host name"),
    ],
)
def test_what_cannot_be_is_said(given: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(AnsibleError, match=re.escape(says)):
        dns_records(given, **options)


def test_named_checkzone_takes_the_fragment(tmp_path: Path) -> None:
    program = shutil.which("named-checkzone", path="/usr/bin:/usr/sbin:/bin:/sbin")
    if not program:
        pytest.skip("named-checkzone is not installed (Debian: bind9-utils)")
    (tmp_path / "tracking.db").write_text(dns_records(MANY, format="zone", ttl=60))
    zone = tmp_path / "example.com.db"
    zone.write_text(
        "$TTL 300\n@ IN SOA ns1 hostmaster 1 3600 600 86400 60\n@ IN NS ns1\nns1 IN A 192.0.2.1\n"
        f"$INCLUDE {tmp_path}/tracking.db\n"
    )
    done = subprocess.run(
        [program, "-D", "-i", "none", "example.com", str(zone)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cnames = re.findall(r"^(\S+)\s+60 IN CNAME\s+(\S+)$", done.stdout, re.M)
    assert sorted(cnames) == sorted((f"{each['name']}.", f"{TARGET}.") for each in MANY)


def test_octodns_takes_its_form(tmp_path: Path) -> None:
    yaml_provider = pytest.importorskip("octodns.provider.yaml", reason="octodns is not installed")
    octodns_zone = pytest.importorskip("octodns.zone", reason="octodns is not installed")
    domains = [*MANY, domain("a.b.example.com", "example.com")]
    text = dns_records(domains, format="octodns", zone="example.com", ttl=60)
    (tmp_path / "example.com.yaml").write_text(text)
    provider = yaml_provider.YamlProvider(
        "test", str(tmp_path), enforce_order=True, escaped_semicolons=False
    )
    zone = octodns_zone.Zone("example.com.", [])
    assert provider.populate(zone) is False or zone.records
    assert sorted((r.name, r._type, r.value, r.ttl) for r in zone.records) == sorted(
        (each["name"].removesuffix(".example.com"), "CNAME", f"{TARGET}.", 60) for each in domains
    )


def test_octodns_takes_no_records(tmp_path: Path) -> None:
    assert json.loads(dns_records([], format="octodns").removeprefix("---")) == {}


def test_dnscontrol_has_a_block_for_each_zone() -> None:
    assert dns_records([*TWO, *MANY[:1]], format="dnscontrol") == (
        'D_EXTEND("example.com",\n'
        '  CNAME("track", "track.sendclean.net.", TTL(300)),\n'
        '  CNAME("t10", "track.sendclean.net.", TTL(300))\n'
        ");\n"
        "\n"
        'D_EXTEND("example.net",\n'
        '  CNAME("a.b", "track.sendclean.net.", TTL(300))\n'
        ");\n"
    )


@pytest.mark.parametrize("form", ["zone", "octodns", "dnscontrol"])
def test_text_ends_with_a_line(form: str) -> None:
    text = dns_records(TWO, format=form, zone="example.com")
    assert text.endswith("\n")
    assert "track" in text
