# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be changed in the DNS: one rule for every back end."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._dns.changes import (
    FoundRecord,
    Record,
    decide,
    record_from,
    records_from,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError

NAME, VALUE = "track.example.com", "t.vendor.test"
OURS = FoundRecord("CNAME", VALUE, 300)
FOREIGN = FoundRecord("CNAME", "links.other.test", 300)
ADDRESS, MX, SIGNATURE = (
    FoundRecord("A", "192.0.2.1"),
    FoundRecord("MX", "10 mx.test."),
    FoundRecord("RRSIG", "..."),
)
CUT = FoundRecord("NS", "ns1.other.test.")

PRESENT: list[tuple[list[FoundRecord], dict[str, Any], str]] = [
    ([], {}, "change"),
    ([OURS], {}, "unchanged"),
    ([FoundRecord("CNAME", "T.Vendor.Test.", 300)], {}, "unchanged"),
    ([OURS, SIGNATURE], {}, "unchanged"),
    ([SIGNATURE], {}, "change"),
    ([OURS], {"ttl": 300}, "unchanged"),
    ([OURS], {"ttl": 60}, "unchanged"),
    ([FoundRecord("CNAME", VALUE)], {"ttl": 60}, "unchanged"),
    ([FOREIGN], {}, "refused"),
    ([FOREIGN], {"overwrite": True}, "change"),
    ([ADDRESS], {}, "refused"),
    ([ADDRESS, MX], {}, "refused"),
    ([ADDRESS, MX], {"overwrite": True}, "change"),
    ([OURS, FOREIGN], {}, "refused"),
    ([CUT], {"overwrite": True}, "refused"),
    ([FoundRecord("SOA", "...")], {"overwrite": True}, "refused"),
    ([FoundRecord("DNAME", "other.test.")], {"overwrite": True}, "refused"),
    ([ADDRESS, FoundRecord("DNAME", "other.test.")], {"overwrite": True}, "refused"),
]
ABSENT = [
    ([], "unchanged"),
    ([OURS], "change"),
    ([OURS, SIGNATURE], "change"),
    ([FOREIGN], "unchanged"),
    ([ADDRESS, MX], "unchanged"),
    ([CUT], "unchanged"),
]


@pytest.mark.parametrize(("found", "more", "verdict"), PRESENT)
def test_an_addition_needs_nothing_at_the_name(
    found: list[FoundRecord], more: dict[str, Any], verdict: str
) -> None:
    assert decide(Record(NAME, VALUE, **more), found).verdict == verdict


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(("found", "verdict"), ABSENT)
def test_a_removal_needs_the_very_record(
    found: list[FoundRecord], verdict: str, overwrite: bool
) -> None:
    record = Record(NAME, VALUE, state="absent", overwrite=overwrite)
    assert decide(record, found).verdict == verdict


@pytest.mark.parametrize(
    ("state", "found", "verdict"),
    [
        ("present", FOREIGN, "change"),
        ("present", ADDRESS, "change"),
        ("present", OURS, "unchanged"),
        ("absent", FOREIGN, "unchanged"),
        ("absent", OURS, "unchanged"),
    ],
)
def test_a_wildcard_is_no_record_of_the_name(state: str, found: FoundRecord, verdict: str) -> None:
    assert decide(Record(NAME, VALUE, state=state), [found], wildcard=True).verdict == verdict


def test_a_refusal_says_what_is_there_and_what_to_do() -> None:
    decision = decide(Record(NAME, VALUE), [ADDRESS, MX])
    assert (
        decision.why
        == "the name has A 192.0.2.1 and MX 10 mx.test, and a CNAME is not possible beside "
        "other records"
    )
    assert decision.hint
    assert "overwrite: true" in decision.hint


def test_a_record_of_the_role_is_taken_as_it_is() -> None:
    given = {
        "name": "Träck.Example.com.",
        "record": "träck",
        "zone": "Example.COM.",
        "type": "CNAME",
        "value": "T.Vendor.test.",
        "ttl": "60",
        "state": "present",
        "overwrite": "yes",
        "line": "...",
        "status": "missing",
    }
    assert record_from(given) == Record(
        "xn--trck-moa.example.com", "t.vendor.test", 60, "example.com", "present", True
    )


def test_what_is_blank_counts_as_not_given() -> None:
    blank = {"ttl": "", "zone": None, "state": "", "overwrite": "", "type": None}
    assert record_from({"name": NAME, "value": VALUE, **blank}) == Record(NAME, VALUE)


def test_a_zone_may_have_one_label() -> None:
    assert record_from({"name": "t.lan", "value": VALUE, "zone": "lan."}).zone == "lan"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "no name"),
        ({"value": ""}, "no value (that of 'track.example.com')"),
        ({"name": "*.example.com"}, "wildcards"),
        ({"value": "192.0.2.1"}, "IP address"),
        ({"type": "A"}, "type 'A'"),
        ({"state": "gone"}, "state"),
        ({"ttl": "soon"}, "ttl"),
        ({"ttl": -1}, "ttl"),
        ({"ttl": 2**31}, "ttl"),
        ({"overwrite": "perhaps"}, "overwrite"),
        ({"zone": "example.net"}, "not in the zone example.net"),
        ({"zone": "ample.com"}, "not in the zone ample.com"),
    ],
)
def test_what_makes_no_sense_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(TrackingError) as caught:
        record_from({"name": NAME, "value": VALUE, **more})
    assert caught.value.code == "validation"
    assert words in str(caught.value)


def test_a_name_is_given_once() -> None:
    one = {"name": NAME, "value": VALUE}
    assert len(records_from([one, {**one, "name": "TRACK.example.com."}])) == 2
    with pytest.raises(TrackingError, match="given twice"):
        records_from([one, {**one, "state": "absent"}])
