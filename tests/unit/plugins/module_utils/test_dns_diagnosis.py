# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From answers to a finding, without any DNS server."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._dns_diagnosis import diagnose
from ansible_collections.mailops.email.plugins.module_utils._dns_facts import (
    CHAIN_LEAVES,
    CHAIN_LOOPS,
    Finding,
    Question,
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
    "loop": {"chain": ("hop.example.com", NAME), "chain_goes": CHAIN_LOOPS},
    "doubled_zone": {"doubled": TARGET},
    "conflict": {"addresses": ("192.0.2.77",), "other_types": ("TXT",)},
    "apex": {"apex": True},
}
FROM_BEST_TO_WORST = list(ANSWERS)


def look(*answers: dict[str, Any], target: str | None = TARGET, **options: Any) -> Finding:
    options.setdefault("zone", ZONE)
    options.setdefault("target", TargetFacts(True, frozenset({"192.0.2.10", "192.0.2.11"})))
    return diagnose(
        Question(NAME, target),
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
    assert "lagging" not in finding.reason
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
def test_problems_of_other_servers_change_nothing_but_the_reason(status: str) -> None:
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
        assert finding.points_at_target == alone.points_at_target
        assert finding.found == alone.found
    assert finding.status == status


def test_the_zones_apex_needs_no_answer() -> None:
    finding = diagnose(Question("Example.COM.", TARGET), [], zone=ZONE)
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
    finding = diagnose(
        Question("Track.Example.Com.", "TRACK.SendClean.net."),
        [ServerAnswer("ns1", chain=(TARGET,)), ServerAnswer("ns2")],
        zone=ZONE,
    )
    assert finding.expected == TARGET
    assert finding.fix == RECORD
    assert finding.served_by == ["ns1"]


def test_a_dangling_target_still_points_at_the_target() -> None:
    finding = look(ANSWERS["ok"], target=TARGET)
    assert finding.status == "ok"
    finding = diagnose(
        Question(NAME, TARGET),
        [ServerAnswer("ns1", chain=(TARGET,))],
        zone=ZONE,
        target=TargetFacts(exists=False),
    )
    assert finding.status == "dangling_target"
    assert finding.points_at_target is True


def test_a_target_of_which_nothing_is_known_stays_ok() -> None:
    assert look(ANSWERS["ok"], target=TARGET).status == "ok"
    finding = diagnose(Question(NAME, TARGET), [ServerAnswer("ns1", chain=(TARGET,))], zone=None)
    assert finding.status == "ok"


def test_a_chain_into_zones_that_could_not_be_asked_may_reach_the_target() -> None:
    finding = look({"chain": ("other.example.net",), "chain_goes": CHAIN_LEAVES})
    assert finding.status == "mismatch"
    assert finding.points_at_target is None


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
        ([{}, {"problem": "SERVFAIL"}], False),
        ([{"problem": "SERVFAIL"}], None),
        ([], None),
        ([{}, {"chain": ("other.example.net",)}], None),
        # It may be flattened.
        ([{}, {"addresses": ("192.0.2.77",)}], None),
        # Delegated: other servers have what stands there.
        ([{"apex": True, "chain_goes": CHAIN_LEAVES}], None),
    ],
)
def test_a_name_without_records_leads_nowhere_whatever_the_target(
    answers: list[dict[str, Any]], expected: bool | None
) -> None:
    assert look(*answers, target=None).points_at_target is expected


def test_the_trouble_that_kept_from_asking_is_told() -> None:
    finding = look(zone=None, trouble="the zone of example.com could not be found")
    assert finding.status == "unknown"
    assert finding.reason == (
        f"What stands at {NAME} cannot be known. No name server could be asked: the zone of "
        "example.com could not be found."
    )


def test_a_reason_reads_well() -> None:
    finding = look({}, ANSWERS["ok"], ANSWERS["ok"], {"problem": "no answer within 5 s"})
    assert finding.reason == (
        f"No record stands at {NAME} (at ns1.example.com); expected is a CNAME to {TARGET}. "
        f"{NAME} is a CNAME to {TARGET} (at ns2.example.com and ns3.example.com). "
        "ns1.example.com may only be lagging behind the other servers. "
        "No definitive answer came from ns4.example.com (no answer within 5 s)."
    )
