# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From answers to a finding, without any DNS server."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._dns.diagnosis import diagnose
from ansible_collections.mailops.email.plugins.module_utils._dns.model import (
    AUTHORITATIVE,
    CHAIN_LOOP,
    CHAIN_TOO_LONG,
    CHAIN_UNSERVED,
    GIVEN,
    INVALID_NAME,
    RECURSIVE,
    Finding,
    LookupRequest,
    ServerAnswer,
    TargetFacts,
)

ZONE = "example.com"
NAME = "track.example.com"
TARGET = "track.sendclean.net"
RECORD = f"{NAME}. 300 IN CNAME {TARGET}."

# One server's answer of each kind.
ANSWERS: dict[str, dict[str, Any]] = {
    "ok": {"chain": (TARGET,)},
    "missing": {},
    "wildcard": {"chain": ("other.example.net",), "wildcard": True},
    "proxied": {"addresses": ("192.0.2.10",)},
    "mismatch": {"chain": ("other.example.net",)},
    "loop": {"chain": ("hop.example.com", NAME), "chain_end": CHAIN_LOOP},
    "doubled_zone": {"doubled": TARGET},
    "conflict": {"addresses": ("192.0.2.77",), "other_types": ("TXT",)},
    "apex": {"apex": True},
}
FROM_BEST_TO_WORST = list(ANSWERS)


def look(*answers: dict[str, Any], target: str | None = TARGET, **options: Any) -> Finding:
    options.setdefault("zone", ZONE)
    known = TargetFacts(True, frozenset({"192.0.2.10", "192.0.2.11"}))
    options["target"] = options.pop("target_facts", known)
    return diagnose(
        LookupRequest(NAME, target),
        [ServerAnswer(f"ns{number}.{ZONE}", **answer) for number, answer in enumerate(answers, 1)],
        **options,
    )


@pytest.mark.parametrize("status", ANSWERS)
def test_servers_that_agree(status: str) -> None:
    finding = look(ANSWERS[status], ANSWERS[status])
    assert finding.status == status
    assert finding.agreed
    assert finding.definitive
    assert finding.hopeless is (status in ("apex", "conflict", "doubled_zone"))
    assert finding.points_at_target is (status in ("ok", "proxied"))
    assert "lag behind" not in finding.reason
    assert (finding.fix is None) is (status == "ok")


@pytest.mark.parametrize("worse", FROM_BEST_TO_WORST[1:])
def test_the_worst_of_the_answers_counts(worse: str) -> None:
    for better in FROM_BEST_TO_WORST[: FROM_BEST_TO_WORST.index(worse)]:
        for pair in ((better, worse), (worse, better)):
            finding = look(*(ANSWERS[status] for status in pair))
            assert finding.status == worse
            assert not finding.agreed
            assert not finding.hopeless
            assert len(finding.found) == 2
        if better == "ok":
            assert finding.points_at_target
            assert finding.served_by[-1] == "ns2.example.com"


def test_two_different_mismatches_are_no_agreement() -> None:
    one, two = ANSWERS["mismatch"], {"chain": ("another.example.net",)}
    finding = look(one, two)
    assert finding.status == "mismatch"
    assert not finding.agreed
    assert "a CNAME to other.example.net (at ns1.example.com)" in finding.reason
    assert "a CNAME to another.example.net (at ns2.example.com)" in finding.reason


@pytest.mark.parametrize("status", [*ANSWERS, "unknown"])
def test_problems_of_other_servers_leave_open_alone_where_the_name_leads(status: str) -> None:
    answer = ANSWERS.get(status)
    if answer is None:
        finding = look({"problem": "SERVFAIL"}, {"problem": "REFUSED"})
        assert "(SERVFAIL)" in finding.reason
        assert "(REFUSED)" in finding.reason
    else:
        finding = look(answer, {"problem": "SERVFAIL"})
        alone = look(answer)
        assert finding.reason.startswith(alone.reason)
        assert finding.reason.endswith("No definitive answer came from ns2.example.com (SERVFAIL).")
        assert finding.fix == alone.fix
        assert finding.hopeless == alone.hopeless
        assert finding.points_at_target is (alone.points_at_target or None)
        assert finding.found == alone.found
    assert finding.status == status


@pytest.mark.parametrize("problem", ["SERVFAIL", "no answer within 5 s", "REFUSED"])
@pytest.mark.parametrize("asked", [AUTHORITATIVE, GIVEN])
def test_a_server_that_gave_no_answer_may_still_lead_to_the_target(
    problem: str, asked: str
) -> None:
    refusal = problem == "REFUSED"
    finding = look({}, {"problem": problem, "refusal": refusal}, asked=asked)
    assert finding.status == "missing"
    assert finding.served_by == []
    assert f"ns2.example.com ({problem})" in finding.reason
    # Of the servers that a user names, each may be there for other zones.
    assert finding.points_at_target is (False if refusal and asked == GIVEN else None)
    finding = look({}, ANSWERS["ok"], {"problem": problem}, asked=asked)
    assert finding.points_at_target is True


def test_the_zones_apex_needs_no_answer() -> None:
    finding = diagnose(LookupRequest("Example.COM.", TARGET), [], zone=ZONE)
    assert finding.status == "apex"
    assert finding.hopeless
    assert finding.definitive
    assert finding.points_at_target is None


@pytest.mark.parametrize(
    "link",
    [
        f"x{TARGET}",
        f"{TARGET}.example.com",
        TARGET[1:],
        "sendclean.net",
        TARGET.replace(".", "x", 1),
    ],
)
def test_names_are_compared_whole(link: str) -> None:
    finding = look({"chain": (link,)})
    assert finding.status == "mismatch"
    assert finding.points_at_target is False


def test_names_are_compared_without_case_and_final_dot() -> None:
    question = LookupRequest("Track.Example.Com.", "TRACK.SendClean.net.")
    finding = diagnose(question, [ServerAnswer("ns1", chain=(TARGET,))], zone=ZONE)
    assert finding.expected == TARGET
    assert finding.status == "ok"
    assert finding.served_by == ["ns1"]
    assert diagnose(question, [ServerAnswer("ns1")], zone=ZONE).fix == RECORD


def test_a_dangling_target_still_points_at_the_target() -> None:
    finding = look(ANSWERS["ok"], target=TARGET)
    assert finding.status == "ok"
    finding = diagnose(
        LookupRequest(NAME, TARGET),
        [ServerAnswer("ns1", chain=(TARGET,))],
        zone=ZONE,
        target=TargetFacts(exists=False),
    )
    assert finding.status == "dangling_target"
    assert finding.points_at_target is True


def test_a_target_of_which_nothing_is_known_stays_ok() -> None:
    assert look(ANSWERS["ok"], target=TARGET).status == "ok"
    finding = diagnose(
        LookupRequest(NAME, TARGET), [ServerAnswer("ns1", chain=(TARGET,))], zone=None
    )
    assert finding.status == "ok"


def test_a_chain_into_zones_that_could_not_be_asked_may_reach_the_target() -> None:
    finding = look({"chain": ("other.example.net",), "chain_end": CHAIN_UNSERVED})
    assert finding.status == "mismatch"
    assert finding.points_at_target is None


def test_a_chain_that_is_too_long_may_reach_the_target() -> None:
    finding = look({"chain": ("c0.example.net", "c1.example.net"), "chain_end": CHAIN_TOO_LONG})
    assert finding.status == "mismatch"
    assert finding.points_at_target is None
    assert not finding.agreed
    assert finding.served_by == []
    assert finding.reason.startswith(
        f"{NAME} is a CNAME to c0.example.net -> c1.example.net and so on: this chain is too long to "
        "follow (at"
    )


# --- what could not be known -----------------------------------------------------------------

UNKNOWN_TARGET = TargetFacts(True, None, "asking 192.0.2.53: REFUSED")


def test_addresses_may_be_the_targets_where_those_are_not_known() -> None:
    finding = look(ANSWERS["proxied"], ANSWERS["proxied"], target_facts=UNKNOWN_TARGET)
    assert finding.status == "conflict"
    assert finding.points_at_target is None
    assert not finding.hopeless
    assert finding.reason == (
        f"There are other records at {NAME} instead of the CNAME: A 192.0.2.10 (at ns1.example.com "
        f"and ns2.example.com); expected: a CNAME to {TARGET}. The addresses of {TARGET} could not "
        f"be looked up (asking 192.0.2.53: REFUSED), so {NAME} may be flattened to them."
    )
    assert finding.fix == (
        f"If {NAME} is flattened (ALIAS, or a proxy), switch this off; if not, remove A there, then "
        f"publish: {RECORD}"
    )


@pytest.mark.parametrize("status", ["wildcard", "apex"])
def test_what_is_flattened_may_be_a_wildcard_or_an_apex(status: str) -> None:
    answer = {"addresses": ("192.0.2.10",), status: True}
    finding = look(answer, target_facts=UNKNOWN_TARGET)
    assert finding.status == status
    assert finding.points_at_target is None
    assert f"{NAME} may be flattened to them" in finding.reason
    assert finding.hopeless is (status == "apex")
    assert "remove" not in (finding.fix or "")


@pytest.mark.parametrize("answer", [{"other_types": ("TXT",)}, {}, ANSWERS["mismatch"]])
def test_only_addresses_may_be_the_targets(answer: dict[str, Any]) -> None:
    finding = look(answer, target_facts=UNKNOWN_TARGET)
    assert finding.points_at_target is False
    assert "looked up" not in finding.reason
    assert finding.hopeless is ("other_types" in answer)


@pytest.mark.parametrize("status", ["conflict", "mismatch"])
def test_while_a_wildcard_is_possible_nothing_is_hopeless(status: str) -> None:
    answer = {**ANSWERS[status], "wildcard": None}
    finding = look(answer, answer)
    assert finding.status == status
    assert not finding.hopeless
    assert not finding.agreed
    assert finding.points_at_target is False
    assert f"It is not known whether a wildcard answers for {NAME}." in finding.reason
    if status == "conflict":
        assert finding.fix == (
            f"Remove A and TXT at {NAME}, unless a wildcard answers with that, then "
            f"publish: {RECORD}"
        )
    else:
        assert finding.fix == RECORD


def test_whether_a_wildcard_answers_changes_nothing_for_a_right_name() -> None:
    finding = look({**ANSWERS["ok"], "wildcard": None})
    assert finding.agreed
    assert "wildcard" not in finding.reason
    assert not finding.wildcard


def test_a_finding_tells_that_a_wildcard_leads_to_the_target() -> None:
    own, wild = ANSWERS["ok"], {**ANSWERS["ok"], "wildcard": True}
    assert look(wild).wildcard
    assert look(own, wild).wildcard
    assert not look(own).wildcard
    # That one leads elsewhere.
    assert not look(own, ANSWERS["wildcard"]).wildcard
    assert look({**ANSWERS["proxied"], "wildcard": True}).wildcard
    assert "wildcard" not in look(wild).as_result()


# --- more than one CNAME ---------------------------------------------------------------------


@pytest.mark.parametrize("reaches", [True, False])
def test_two_cnames_are_a_conflict(reaches: bool) -> None:
    first = TARGET if reaches else "another.example.net"
    answer = {"chain": (first,), "extra_cnames": ("other.example.net",)}
    finding = look(answer, answer)
    assert finding.status == "conflict"
    assert finding.hopeless
    assert finding.points_at_target is reaches
    assert finding.served_by == (["ns1.example.com", "ns2.example.com"] if reaches else [])
    assert finding.found[0]["cname"] == [first, "other.example.net"]
    assert finding.reason.startswith(
        f"There are 2 CNAMEs at {NAME}, to {first} and other.example.net, but only one is allowed (RFC "
        "1034 3.6.2, RFC 2181 10.1) (at ns1.example.com and ns2.example.com)"
    )
    assert finding.fix == (
        f"Remove the CNAME to other.example.net at {NAME}, and keep the CNAME to {TARGET}"
        if reaches
        else f"Remove the CNAME to another.example.net and the CNAME to other.example.net at {NAME}, "
        f"then publish: {RECORD}"
    )


def test_two_cnames_of_a_wildcard_are_in_nobodys_way() -> None:
    finding = look(
        {"chain": (TARGET,), "extra_cnames": ("other.example.net",), "wildcard": True},
    )
    assert finding.status == "wildcard"
    assert finding.points_at_target is True
    assert finding.fix == RECORD
    assert f"a CNAME to {TARGET} and a CNAME to other.example.net" in finding.reason


# --- what to do ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", FROM_BEST_TO_WORST[1:])
def test_where_other_servers_are_right_nothing_is_to_be_published(status: str) -> None:
    finding = look(ANSWERS["ok"], ANSWERS[status])
    assert finding.fix == (
        "Do not publish anything: ns2.example.com does not have the current version of the zone yet. "
        "Wait for the zone transfer. If it does not come, compare the serials in the SOA records of "
        "example.com at its servers"
    )
    finding = look(ANSWERS[status], ANSWERS["ok"], ANSWERS[status], asked=GIVEN)
    fix = finding.fix or ""
    assert fix.startswith(
        "Do not publish anything: ns1.example.com and ns3.example.com do not have the current"
    )
    assert fix.endswith(
        "; a resolver shows the current records after the time to live of its cached ones"
    )


@pytest.mark.parametrize(
    ("asked", "error", "parts", "never"),
    [
        (AUTHORITATIVE, None, ["port 53", "dns_servers", "dns_check to recursive"], []),
        (
            AUTHORITATIVE,
            "the zone could not be found",
            ["this host's resolver", "dns_servers"],
            ["recursive", "port 53"],
        ),
        (RECURSIVE, None, ["this host's resolver", NAME, "dns_servers"], ["dns_check", "port 53"]),
        (
            GIVEN,
            None,
            ["the servers in dns_servers", "give other servers"],
            ["dns_check", "port 53", "resolver"],
        ),
        *(
            (asked, INVALID_NAME, ["labels of 1 to 63 characters"], ["dns_servers", "port 53"])
            for asked in (AUTHORITATIVE, RECURSIVE, GIVEN)
        ),
    ],
)
def test_what_to_do_where_nobody_answered_hangs_on_who_was_asked(
    asked: str, error: str | None, parts: list[str], never: list[str]
) -> None:
    answers = [] if error else [{"problem": "SERVFAIL"}]
    fix = look(*answers, asked=asked, error=error).fix or ""
    assert [part for part in parts if part not in fix] == []
    assert [part for part in never if part in fix] == []


def test_found_tells_what_a_wildcard_answers() -> None:
    by_wildcard, own = look({"chain": (TARGET,), "wildcard": True}, {"chain": (TARGET,)}).found
    assert (by_wildcard["wildcard"], own["wildcard"]) == (True, False)


def test_found_tells_the_types_of_other_records() -> None:
    finding = look({"addresses": ("192.0.2.77",), "other_types": ("TXT", "MX"), "ttl": 60}, {})
    assert finding.found == [
        {
            "server": "ns1.example.com",
            "cname": [],
            "a": ["192.0.2.77"],
            "types": ["TXT", "MX"],
            "wildcard": False,
            "ttl": 60,
        },
        {
            "server": "ns2.example.com",
            "cname": [],
            "a": [],
            "types": [],
            "wildcard": False,
            "ttl": None,
        },
    ]


# --- the target ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [("ok", "unknown"), ("mismatch", "unknown"), ("wildcard", "unknown"), ("loop", "loop")],
)
def test_a_target_that_nobody_said(status: str, expected: str) -> None:
    finding = look(ANSWERS[status], target=None)
    assert finding.expected is None
    assert finding.points_at_target is None
    assert "None" not in finding.reason
    assert "None" not in (finding.fix or "")
    assert finding.status == expected
    assert finding.served_by == ["ns1.example.com"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([{}, {}], False),
        ([{"other_types": ("TXT",)}], False),
        ([{}, {"problem": "SERVFAIL"}], None),
        ([{"problem": "SERVFAIL"}], None),
        ([], None),
        ([{}, {"chain": ("other.example.net",)}], None),
        # It may be flattened.
        ([{}, {"addresses": ("192.0.2.77",)}], None),
        # Delegated: other servers have what stands there.
        ([{"apex": True, "chain_end": CHAIN_UNSERVED}], None),
    ],
)
def test_a_name_without_records_leads_nowhere_whatever_the_target(
    answers: list[dict[str, Any]], expected: bool | None
) -> None:
    assert look(*answers, target=None).points_at_target is expected


def test_the_trouble_that_kept_from_asking_is_told() -> None:
    finding = look(zone=None, error="the zone of example.com could not be found")
    assert finding.status == "unknown"
    assert finding.reason == (
        f"It is not known which records {NAME} has. No name server could be asked: the zone of "
        "example.com could not be found."
    )


def test_a_reason_reads_well() -> None:
    finding = look({}, ANSWERS["ok"], ANSWERS["ok"], {"problem": "no answer within 5 s"})
    assert finding.reason == (
        f"There is no record at {NAME} (at ns1.example.com); expected: a CNAME to {TARGET}. "
        f"{NAME} is a CNAME to {TARGET} (at ns2.example.com and ns3.example.com). "
        "ns1.example.com may just lag behind the other servers. "
        "No definitive answer came from ns4.example.com (no answer within 5 s)."
    )
