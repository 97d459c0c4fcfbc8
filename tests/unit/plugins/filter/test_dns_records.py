# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter as users call it, in a template; its forms checked by the tools that read them."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.mailops.email.plugins.filter.dns_records import FilterModule, dns_records
from ansible_collections.mailops.email.plugins.plugin_utils._role.records import publication
from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import settings

TARGET = "track.sendclean.net"


def domain(
    name: str, zone: str | None = None, target: str | None = TARGET, **other: Any
) -> dict[str, Any]:
    dns = {"dns": {"status": "missing", "found": [], "zone": zone}} if zone else {}
    cname = {"name": name, "target": target}
    return {"name": name, "verified": False, "cname": cname, **dns, **other}


ACTIONS = itertools.cycle(["unchanged", "published", "ensured", "to_publish", "blocked"])


def of_the_role(
    domains: list[dict[str, Any]], *, zones: dict[str, str] | None = None, ttl: int = 3600
) -> dict[str, Any]:
    """`tracking_domain_result`, its records as the role reckons them."""
    records = publication(domains, settings(dns_ttl=ttl), zones or {})["records"]
    for record in records:
        record["action"] = next(ACTIONS)
    return {"tracking_domains": domains, "actions": [], "records": records}


TWO = [domain("track.example.com", "example.com"), domain("a.b.example.net", "example.net")]
MANY = [domain(f"t{number}.example.com", "example.com") for number in (10, 9, 1, 100)]
# One is of a zone that the live DNS does not have yet.
ROLE = of_the_role(
    [*MANY, domain("n3.sub.example.com", "example.com")],
    zones={"n3.sub.example.com": "sub.example.com"},
)
# What the role is removing, or tells others to remove; the provider still has one of the domains.
GONE = [domain("gone.example.com", "example.com"), domain("going.example.com", "example.com")]
ROLE["tracking_domains"] += GONE[1:]
ROLE["records"] += [
    {**record, "state": "absent", "action": action}
    for record, action in zip(of_the_role(GONE)["records"], ["removed", "to_remove"], strict=True)
]


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"dns_records": dns_records}


@pytest.mark.parametrize(
    "given",
    [
        TWO,
        {"tracking_domains": TWO, "actions": []},
        of_the_role(TWO),
        of_the_role(TWO)["records"],
        [of_the_role(TWO[:1]), of_the_role(TWO[1:])],
        [of_the_role(TWO[:1]), {"tracking_domains": TWO}],
        dns_records(TWO),
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


def test_the_records_of_the_role_are_as_the_role_has_them() -> None:
    """Whatever was done about them; but not what is gone, though the provider may have it still."""
    given = dns_records(ROLE)
    assert [each["name"] for each in given] == [each["name"] for each in ROLE["records"][:-2]]
    assert [each["line"] for each in given] == [each["line"] for each in ROLE["records"][:-2]]
    assert {(each["ttl"], each["zone"], each["record"]) for each in given[-1:]} == {
        (3600, "sub.example.com", "n3")
    }


def test_a_zone_selects_of_the_role_s_records() -> None:
    assert len(dns_records(ROLE, zone="example.com")) == len(MANY)
    (below,) = dns_records(ROLE, zone="sub.example.com")
    assert (below["zone"], below["record"]) == ("sub.example.com", "n3")


@pytest.mark.parametrize("ttl", [60, "60", 0, 2**31 - 1])
def test_a_stated_time_to_live_is_that_of_all(ttl: Any) -> None:
    assert {each["ttl"] for each in dns_records([ROLE, *TWO], ttl=ttl)} == {int(ttl)}


@pytest.mark.parametrize("ttl", [None, ""])
def test_else_records_have_their_own(ttl: Any) -> None:
    assert {each["ttl"] for each in dns_records(ROLE, ttl=ttl)} == {3600}
    assert {each["ttl"] for each in dns_records(of_the_role(TWO, ttl=0), ttl=ttl)} == {0}
    assert {each["ttl"] for each in dns_records(TWO, ttl=ttl)} == {300}


def test_what_the_role_has_no_record_of_has_none() -> None:
    """In check mode, the target of what is still to be added may not be known."""
    new = domain("n1.example.com", target=None, provider="sendcloud", id=None)
    result = of_the_role([new])
    assert result["records"] == []
    assert dns_records(result) == []
    assert dns_records([result, *TWO[:1]], format="zone") == dns_records(TWO[:1], format="zone")


def test_what_the_provider_does_not_have_yet_has_no_record() -> None:
    """The same with a module's result."""
    new = domain("n1.example.com", target=None, provider="sendcloud", id=None)
    assert dns_records({"tracking_domains": [new, *TWO]}) == dns_records(TWO)


def test_names_are_given_in_one_form() -> None:
    (record,) = dns_records(domain("Track.Example.COM.", "Example.com.", "Track.SendClean.Net."))
    assert record["line"] == "track.example.com. 300 IN CNAME track.sendclean.net."
    assert record["zone"] == "example.com"


ONE = of_the_role(TWO)["records"][0]


@pytest.mark.parametrize(
    ("given", "options", "says"),
    [
        ([domain("t.example.com", target=None)], {}, "target of t.example.com is not known"),
        (
            domain("t.example.com", target=None, provider="sendclean", id=None),
            {},
            "t.example.com is not known. SendClean's API does not say",
        ),
        (
            domain("t.example.com", target=None, provider="sendcloud", id=1),
            {},
            "t.example.com is not known. SendCloud shows",
        ),
        ({"name": "t.example.com", "cname": {}}, {}, "target of t.example.com is not known"),
        ({"name": "t.example.com", "cname": True}, {}, "expected are tracking domains"),
        ({"cname": {"target": TARGET}}, {}, "not a host name: it is empty"),
        ({**ONE, "value": None}, {}, "target of track.example.com is not known"),
        ({**ONE, "value": f"{TARGET}.\n@ IN A 192.0.2.1"}, {}, "white space"),
        ({**ONE, "zone": "example.org"}, {}, "not within the zone example.org"),
        ({**ONE, "ttl": "1h"}, {}, "whole number of seconds from 0 to 2147483647, not '1h'"),
        ([ONE, {**ONE, "value": "x.example.net"}], {}, f"two are wanted: to {TARGET} and to x."),
        (
            TWO,
            {"ttl": "1h"},
            "ttl must be a whole number of seconds from 0 to 2147483647, not '1h'",
        ),
        (TWO, {"ttl": -5}, "not '-5'"),
        (TWO, {"ttl": 1.5}, "not '1.5'"),
        (TWO, {"ttl": True}, "not 'True'"),
        (TWO, {"ttl": 2**31}, "not '2147483648'"),
        ("track.example.com", {}, "expected are tracking domains"),
        ({"failed": True}, {}, "expected are tracking domains"),
        (TWO, {"format": "bind"}, "one of list, zone, octodns, dnscontrol"),
        (TWO, {"format": "octodns"}, "example.com, example.net: give one of them as zone"),
        ([domain("t.example.com")], {"format": "dnscontrol"}, "zone of t.example.com is not known"),
        (TWO, {"zone": "https://example.com"}, "'https://example.com' is not a host name"),
    ],
)
def test_what_cannot_be_is_said(given: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(AnsibleError, match=re.escape(says)):
        dns_records(given, **options)


ZONE = "example.com"
WITH_TTL = pytest.mark.parametrize(
    ("given", "options", "ttl"),
    [(MANY, {"ttl": 60}, 60), (ROLE, {}, 3600), (ROLE, {"ttl": 60}, 60)],
    ids=["domains", "role", "role with a ttl"],
)


@WITH_TTL
def test_named_checkzone_takes_the_fragment(
    given: Any, options: dict[str, Any], ttl: int, tmp_path: Path
) -> None:
    program = shutil.which("named-checkzone", path="/usr/bin:/usr/sbin:/bin:/sbin")
    if not program:
        pytest.skip("named-checkzone is not installed (Debian: bind9-utils)")
    (tmp_path / "tracking.db").write_text(dns_records(given, format="zone", zone=ZONE, **options))
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
    cnames = re.findall(rf"^(\S+)\s+{ttl} IN CNAME\s+(\S+)$", done.stdout, re.M)
    assert sorted(cnames) == sorted((f"{each['name']}.", f"{TARGET}.") for each in MANY)


def read_by_octodns(text: str, zone: str, place: Path) -> list[tuple[str, str, str, int]]:
    yaml_provider = pytest.importorskip("octodns.provider.yaml", reason="octodns is not installed")
    octodns_zone = pytest.importorskip("octodns.zone", reason="octodns is not installed")
    (place / f"{zone}.yaml").write_text(text)
    provider = yaml_provider.YamlProvider(
        "test", str(place), enforce_order=True, escaped_semicolons=False
    )
    read = octodns_zone.Zone(f"{zone}.", [])
    provider.populate(read)
    return sorted((r.name, r._type, r.value, r.ttl) for r in read.records)


@WITH_TTL
def test_octodns_takes_its_form(
    given: Any, options: dict[str, Any], ttl: int, tmp_path: Path
) -> None:
    given = [given, domain("a.b.example.com", ZONE, ttl=ttl)]
    text = dns_records(given, format="octodns", zone=ZONE, **options)
    names = ["a.b", *(each["name"].removesuffix(f".{ZONE}") for each in MANY)]
    assert read_by_octodns(text, ZONE, tmp_path) == sorted(
        (name, "CNAME", f"{TARGET}.", ttl) for name in names
    )


def test_octodns_takes_the_zone_that_an_entry_has(tmp_path: Path) -> None:
    text = dns_records(ROLE["records"][-3:], format="octodns")
    assert read_by_octodns(text, "sub.example.com", tmp_path) == [
        ("n3", "CNAME", f"{TARGET}.", 3600)
    ]


def test_octodns_refuses_a_cname_at_the_zone_itself(tmp_path: Path) -> None:
    """The file says the name as octoDNS does, so that it sees what it is."""
    text = dns_records(domain("example.com", "example.com"), format="octodns")
    with pytest.raises(Exception, match="root CNAME not allowed"):
        read_by_octodns(text, ZONE, tmp_path)


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


def test_dnscontrol_has_the_role_s_zones_and_times_to_live() -> None:
    assert dns_records(ROLE["records"][-4:], format="dnscontrol") == (
        'D_EXTEND("example.com",\n'
        '  CNAME("t100", "track.sendclean.net.", TTL(3600))\n'
        ");\n"
        "\n"
        'D_EXTEND("sub.example.com",\n'
        '  CNAME("n3", "track.sendclean.net.", TTL(3600))\n'
        ");\n"
    )


@pytest.mark.parametrize("form", ["zone", "octodns", "dnscontrol"])
def test_text_ends_with_a_line(form: str) -> None:
    text = dns_records(TWO, format=form, zone="example.com")
    assert text.endswith("\n")
    assert "track" in text
