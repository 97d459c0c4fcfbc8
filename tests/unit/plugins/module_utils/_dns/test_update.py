# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dynamic updates against a server without a network, which a script makes do as it likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.update
import pytest

from ansible_collections.mailops.email.plugins.module_utils._dns.changes import Record
from ansible_collections.mailops.email.plugins.module_utils._dns.primary import PrimaryError
from ansible_collections.mailops.email.plugins.module_utils._dns.update import (
    RecordOutcome,
    Updater,
)
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer
from ansible_collections.mailops.email.tests.sandbox.dns_update import RefusalError, apply_update
from ansible_collections.mailops.email.tests.unit.doubles import Clock

VALUE, OTHER = "t.vendor.test", "links.other.test"
ZONES = {
    "example.com": """
ok       300 CNAME t.vendor.test.
foreign  CNAME links.other.test.
mix      A 192.0.2.1
mix      MX 10 mx.example.com.
odd      CAA 0 issue "ca.test"
*.wild   CNAME links.other.test.
a.empty  A 192.0.2.2
sub      NS ns1.sub
ns1.sub  A 127.0.0.1
child    NS ns.child
ns.child A 127.0.0.9
""",
    "sub.example.com": "old CNAME t.vendor.test.",
    "example.org": "",
}
# Answers a message itself, raises, or does something beforehand.
Script = Callable[[dns.message.Message], "dns.rcode.Rcode | None"]


class ScriptedConnection:
    """A server's answers, but for what the script answers itself."""

    title, key, signed, max_message_size = "ns1.example.com", "key mail-key", True, 65000

    def __init__(self) -> None:
        # Behind its signatures, which are the other tests' matter.
        self.server = DnsServer(ZONES)
        self.script: Script = lambda message: None
        self.updates: list[dns.update.UpdateMessage] = []
        self.exchanges = 0

    def exchange(self, messages: Sequence[Any]) -> list[Any]:
        self.exchanges += 1
        return [self._answer(message) for message in messages]

    def _answer(self, message: Any) -> Any:
        update = isinstance(message, dns.update.UpdateMessage)
        if update:
            self.updates.append(message)
        scripted = self.script(message)
        answer = dns.message.make_response(message)
        if scripted is not None:
            answer.set_rcode(scripted)
            return answer
        if update:
            answer.set_rcode(self._update(dns.message.from_wire(message.to_wire(max_size=65535))))
            return answer
        wire = self.server.respond(message.to_wire(), "tcp")
        assert wire is not None
        return dns.message.from_wire(wire, one_rr_per_rrset=True)

    def _update(self, message: Any) -> dns.rcode.Rcode:
        zone = self.server.zones.exact(message.zone[0].name)
        if zone is None:
            return dns.rcode.NOTAUTH
        try:
            apply_update(zone, message)
        except RefusalError as refusal:
            return refusal.rcode
        return dns.rcode.NOERROR


@pytest.fixture
def connection() -> ScriptedConnection:
    return ScriptedConnection()


def run(
    connection: ScriptedConnection, *records: Record, check: bool = False
) -> list[RecordOutcome]:
    clock = Clock()
    updater = Updater(
        connection, check_mode=check, confirm_timeout=10.0, clock=clock, sleep=clock.sleep
    )
    return updater.run(records)


def present(name: str, **more: Any) -> Record:
    return Record(f"{name}.example.com", VALUE, **more)


def absent(name: str, value: str = VALUE) -> Record:
    return Record(f"{name}.example.com", value, state="absent")


def statuses(outcomes: Sequence[RecordOutcome]) -> dict[str, str]:
    return {
        outcome.record.name.removesuffix(".example.com"): outcome.status for outcome in outcomes
    }


def is_update(message: Any) -> bool:
    return isinstance(message, dns.update.UpdateMessage)


# --- one message, and what it says ----------------------------------------------------------------


def test_all_records_of_a_zone_travel_in_one_message(connection: ScriptedConnection) -> None:
    outcomes = run(
        connection, present("new"), present("ok"), absent("foreign", OTHER), present("a.sub")
    )
    assert statuses(outcomes) == {
        "new": "changed",
        "ok": "unchanged",
        "foreign": "changed",
        "a.sub": "changed",
    }
    assert [str(update.zone[0].name) for update in connection.updates] == [
        "example.com.",
        "sub.example.com.",
    ]
    assert connection.server.get("a.sub.example.com", "CNAME") == [f"{VALUE}."]
    assert [outcome.zone for outcome in outcomes][3] == "sub.example.com"


def test_each_change_has_its_prerequisite(connection: ScriptedConnection) -> None:
    run(connection, present("new"), absent("ok"), present("mix", overwrite=True))
    (update,) = connection.updates
    wire = dns.message.from_wire(update.to_wire())
    assert isinstance(wire, dns.update.UpdateMessage)
    prerequisites = {
        (
            str(each.name).removesuffix(".example.com."),
            dns.rdatatype.to_text(each.rdtype),
            None if each.deleting is None else dns.rdataclass.to_text(each.deleting),
        )
        for each in wire.prerequisite
    }
    assert prerequisites == {
        ("new", "ANY", "NONE"),  # nothing at the name
        ("ok", "CNAME", None),  # this very record
        ("mix", "SOA", "NONE"),
        ("mix", "NS", "NONE"),
        ("mix", "DNAME", "NONE"),
    }


def test_a_second_run_sends_nothing(connection: ScriptedConnection) -> None:
    records = [present("new"), absent("ok"), present("mix", overwrite=True)]
    assert set(statuses(run(connection, *records)).values()) == {"changed"}
    connection.updates.clear()
    assert set(statuses(run(connection, *records)).values()) == {"unchanged"}
    assert connection.updates == []


def test_a_hundred_records_are_asked_for_together(connection: ScriptedConnection) -> None:
    outcomes = run(connection, *(present(f"n{number}") for number in range(100)))
    assert {outcome.status for outcome in outcomes} == {"changed"}
    assert len(connection.updates) == 1
    assert connection.exchanges <= 6


def test_what_does_not_fit_goes_into_another_message(connection: ScriptedConnection) -> None:
    connection.max_message_size = 600
    outcomes = run(connection, *(present(f"n{number}") for number in range(30)))
    assert {outcome.status for outcome in outcomes} == {"changed"}
    assert len(connection.updates) > 1
    assert all(len(update.to_wire()) <= 600 for update in connection.updates)


def test_one_too_many_octets_are_never_sent(connection: ScriptedConnection) -> None:
    connection.max_message_size = 65535 - 400
    long = "x" * 60
    names = [f"{long}.{long}.{long}.n{number}" for number in range(250)]
    outcomes = run(connection, *(present(name) for name in names))
    assert {outcome.status for outcome in outcomes} == {"changed"}
    assert all(len(update.to_wire(max_size=65535)) < 65535 for update in connection.updates)


# --- what stands in the way -----------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
def test_nothing_that_is_not_ours_is_touched(connection: ScriptedConnection, check: bool) -> None:
    outcomes = run(
        connection,
        present("foreign"),
        present("mix"),
        absent("foreign2"),
        present("new"),
        check=check,
    )
    assert [outcome.status for outcome in outcomes] == [
        "failed",
        "failed",
        "unchanged",
        "changed",
    ]
    assert [str(each) for each in outcomes[0].after or ()] == [f"CNAME {OTHER}"]
    assert [str(each) for each in outcomes[1].after or ()] == [
        "A 192.0.2.1",
        "MX 10 mx.example.com",
    ]
    assert connection.server.get("foreign.example.com", "CNAME") == [f"{OTHER}."]
    assert connection.server.get("new.example.com", "CNAME") == ([] if check else [f"{VALUE}."])
    assert bool(connection.updates) is not check


def test_another_cname_is_not_removed(connection: ScriptedConnection) -> None:
    (outcome,) = run(connection, absent("foreign"))
    assert outcome.status == "unchanged"
    assert connection.updates == []
    assert "the name has CNAME links.other.test, which is left alone" in outcome.message


def test_overwrite_replaces_all_that_is_there(connection: ScriptedConnection) -> None:
    outcomes = run(
        connection, *(present(name, overwrite=True) for name in ("mix", "odd", "foreign"))
    )
    assert {outcome.status for outcome in outcomes} == {"changed"}
    for name in ("mix", "odd", "foreign"):
        assert connection.server.get(f"{name}.example.com", "CNAME") == [f"{VALUE}."]
    assert outcomes[0].message == "Published in place of A 192.0.2.1 and MX 10 mx.example.com."


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_apex_and_a_delegation_stay(connection: ScriptedConnection, overwrite: bool) -> None:
    records = [
        Record("example.com", VALUE, overwrite=overwrite),
        *(present(name, overwrite=overwrite) for name in ("sub", "child", "x.child")),
    ]
    outcomes = run(connection, *records)
    assert {outcome.status for outcome in outcomes} == {"failed"}
    assert connection.updates == []
    assert "delegates" in outcomes[3].message


def test_the_server_itself_refuses_to_overwrite_a_delegation(
    connection: ScriptedConnection,
) -> None:
    """Which came between the question and the update."""

    def delegate(message: Any) -> None:
        if is_update(message):
            connection.server.set("new.example.com", "NS", "ns.other.test.")

    connection.script = delegate
    (outcome,) = run(connection, present("new", overwrite=True))
    assert outcome.status == "failed"
    assert connection.server.get("new.example.com", "NS") == ["ns.other.test."]


def test_a_wildcard_is_not_in_the_way_and_is_not_removed(connection: ScriptedConnection) -> None:
    outcomes = run(connection, present("new.wild"), absent("gone.wild", OTHER), absent("else.wild"))
    assert [outcome.status for outcome in outcomes] == ["changed", "unchanged", "unchanged"]
    assert connection.server.get("new.wild.example.com", "CNAME") == [f"{VALUE}."]
    assert connection.server.get("*.wild.example.com", "CNAME") == [f"{OTHER}."]


def test_a_record_under_a_wildcard_can_go(connection: ScriptedConnection) -> None:
    connection.server.set("x.wild.example.com", "CNAME", VALUE)
    (outcome,) = run(connection, absent("x.wild"))
    assert outcome.status == "changed"
    assert [str(each) for each in outcome.after or ()] == [f"CNAME {OTHER}"]


def test_an_empty_name_is_free(connection: ScriptedConnection) -> None:
    (outcome,) = run(connection, present("empty"))
    assert outcome.status == "changed"


def test_a_record_that_is_right_keeps_its_time_to_live(connection: ScriptedConnection) -> None:
    (outcome,) = run(connection, present("ok", ttl=60))
    assert outcome.status == "unchanged"
    assert connection.updates == []


# --- the moment of the change ---------------------------------------------------------------------


def test_what_came_in_between_is_left_alone_and_holds_up_nobody(
    connection: ScriptedConnection,
) -> None:
    def meanwhile(message: Any) -> None:
        if is_update(message) and len(connection.updates) == 1:
            connection.server.set("n7.example.com", "CNAME", OTHER)
            connection.server.set("ok.example.com", "CNAME", OTHER)

    connection.script = meanwhile
    outcomes = run(connection, *(present(f"n{number}") for number in range(20)), absent("ok"))
    others = {name: status for name, status in statuses(outcomes).items() if status != "changed"}
    assert others == {"n7": "failed", "ok": "unchanged"}
    assert len(connection.updates) == 2
    assert connection.server.get("n7.example.com", "CNAME") == [f"{OTHER}."]
    assert connection.server.get("ok.example.com", "CNAME") == [f"{OTHER}."]


def test_a_record_that_is_there_meanwhile_is_as_declared(connection: ScriptedConnection) -> None:
    def meanwhile(message: Any) -> None:
        if is_update(message) and len(connection.updates) == 1:
            connection.server.set("new.example.com", "CNAME", VALUE)

    connection.script = meanwhile
    assert statuses(run(connection, present("new"), present("two"))) == {
        "new": "unchanged",
        "two": "changed",
    }


def test_a_type_that_no_answer_shows_is_found_by_the_prerequisite(
    connection: ScriptedConnection,
) -> None:
    """As where a server refuses to answer ANY."""

    def refuse_any(message: Any) -> dns.rcode.Rcode | None:
        any_ = not is_update(message) and message.question[0].rdtype == dns.rdatatype.ANY
        return dns.rcode.REFUSED if any_ else None

    connection.script = refuse_any
    records = [*(present(f"n{number}") for number in range(30)), present("odd")]
    outcomes = run(connection, *records)
    assert statuses(outcomes).pop("odd") == "failed"
    assert "YXDOMAIN" in outcomes[-1].message
    assert [outcome.status for outcome in outcomes[:-1]] == ["changed"] * 30
    assert len(connection.updates) < 15


def test_one_that_the_key_may_not_change_holds_up_nobody(connection: ScriptedConnection) -> None:
    def policy(message: Any) -> dns.rcode.Rcode | None:
        if is_update(message) and any("n5" in str(each.name) for each in message.update):
            return dns.rcode.REFUSED
        return None

    connection.script = policy
    outcomes = run(connection, *(present(f"n{number}") for number in range(10)))
    assert [name for name, status in statuses(outcomes).items() if status == "failed"] == ["n5"]
    assert "key mail-key is not allowed to change this" in outcomes[5].message


@pytest.mark.parametrize(
    ("code", "expected", "words"),
    [
        (dns.rcode.REFUSED, "authentication", "is not allowed to change this"),
        (dns.rcode.NOTAUTH, "authentication", "not the zone's primary server"),
        (dns.rcode.NOTZONE, "validation", "not in the zone"),
        (dns.rcode.NOTIMP, "unsupported", "does not support dynamic updates"),
        (dns.rcode.SERVFAIL, "bad_response", "SERVFAIL"),
    ],
)
def test_a_refusal_names_server_zone_and_key(
    connection: ScriptedConnection, code: dns.rcode.Rcode, expected: str, words: str
) -> None:
    connection.script = lambda message: code if is_update(message) else None
    outcomes = run(connection, present("new"), present("two"), Record("n.example.org", VALUE))
    assert {outcome.status for outcome in outcomes} == {"failed"}
    for outcome, zone in zip(outcomes, ["example.com", "example.com", "example.org"], strict=True):
        assert outcome.error
        assert outcome.error.code == expected
        assert words in outcome.message
        assert f"ns1.example.com does not accept the update of zone {zone}" in outcome.message
    assert not connection.server.get("new.example.com", "CNAME")


def test_without_a_key_the_way_out_is_a_key(connection: ScriptedConnection) -> None:
    connection.signed = False
    connection.script = lambda message: dns.rcode.REFUSED if is_update(message) else None
    outcomes = run(connection, present("new"), present("two"))
    assert len(connection.updates) == 1
    assert all("Set key_name and key_secret" in outcome.message for outcome in outcomes)


def test_a_server_that_goes_away_keeps_what_was_seen(connection: ScriptedConnection) -> None:
    def vanish(message: Any) -> None:
        if is_update(message) and str(message.zone[0].name) == "example.org.":
            raise PrimaryError("network", "the DNS server ns1.example.com is gone")

    connection.script = vanish
    outcomes = run(connection, present("ok"), present("new"), Record("n.example.org", VALUE))
    assert [outcome.status for outcome in outcomes] == ["unchanged", "failed", "failed"]
    assert "accepted the change, but the result is not known" in outcomes[1].message
    assert "is gone (zone example.org, key mail-key)" in outcomes[2].message


# --- the look afterwards --------------------------------------------------------------------------


def test_nothing_is_said_to_be_published_that_was_not_seen(connection: ScriptedConnection) -> None:
    connection.script = lambda message: dns.rcode.NOERROR if is_update(message) else None
    outcomes = run(connection, present("new"), absent("ok"))
    assert [outcome.status for outcome in outcomes] == ["failed", "failed"]
    assert "accepted the change, but the name has no record" in outcomes[0].message
    assert f"accepted the change, but the name has CNAME {VALUE}" in outcomes[1].message


def test_a_server_that_shows_it_later_is_waited_for(connection: ScriptedConnection) -> None:
    def later(message: Any) -> dns.rcode.Rcode | None:
        if is_update(message):
            return dns.rcode.NOERROR
        if connection.updates and connection.exchanges > 6:
            connection.server.set("new.example.com", "CNAME", VALUE)
        return None

    connection.script = later
    (outcome,) = run(connection, present("new"))
    assert outcome.status == "changed"


# --- zones ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [None, "example.com", "sub.example.com"])
def test_the_longest_zone_wins(connection: ScriptedConnection, zone: str | None) -> None:
    outcomes = run(
        connection,
        present("new.sub", zone=zone),
        Record("old.sub.example.com", VALUE, zone=zone, state="absent"),
    )
    assert [(outcome.status, outcome.zone) for outcome in outcomes] == [
        ("changed", "sub.example.com")
    ] * 2


def test_a_zone_that_is_none_is_named(connection: ScriptedConnection) -> None:
    (outcome,) = run(connection, present("a.b", zone="b.example.com"))
    assert outcome.status == "failed"
    assert "the DNS server ns1.example.com has no zone b.example.com" in outcome.message
    assert "Give the zone example.com" in outcome.message


def test_a_name_that_the_server_does_not_serve(connection: ScriptedConnection) -> None:
    (outcome, other) = run(connection, Record("t.example.net", VALUE), present("new"))
    assert (outcome.status, other.status) == ("failed", "changed")
    assert outcome.error
    assert outcome.error.code == "not_found"


def test_a_server_that_is_not_authoritative(connection: ScriptedConnection) -> None:
    connection.server.behaviour["*"] = "lame"
    (outcome,) = run(connection, present("new"))
    assert outcome.error
    assert outcome.error.code == "not_found"


def test_a_name_below_a_dname(connection: ScriptedConnection) -> None:
    connection.server.set("moved.example.com", "DNAME", "other.test.")

    exchange = connection.exchange

    def with_dname(messages: Sequence[Any]) -> list[Any]:
        answers = exchange(messages)
        for answer in answers:
            answer.answer.append(
                dns.rrset.from_text("moved.example.com.", 300, "IN", "DNAME", "other.test.")
            )
        return answers

    connection.exchange = with_dname  # type: ignore[method-assign]
    (outcome,) = run(connection, present("a.moved"))
    assert "has a DNAME" in outcome.message
