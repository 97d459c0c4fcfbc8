# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`dns_update` with real servers, as users have them."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import dns.message
import dns.update
import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ansible_collections.mailops.email.plugins.module_utils._ansible.dns_update import update_spec
from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns
from ansible_collections.mailops.email.plugins.module_utils._dns.model import LookupRequest
from ansible_collections.mailops.email.plugins.module_utils._dns.primary import Connection
from ansible_collections.mailops.email.tests.sandbox import real_dns
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer
from ansible_collections.mailops.email.tests.unit.plugins.modules.documented import (
    check_documented,
)
from ansible_collections.mailops.email.tests.unit.run_module import Ran, documentation, run_module
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

TARGET, OTHER = "t.vendor.test", "links.other.test"
SECRET = base64.b64encode(b"a secret of thirty-two bytes ...").decode()
KEYS = {"mail-key": ("hmac-sha256", SECRET)}
ZONES = {
    "example.com": """
ok       CNAME t.vendor.test.
gone     CNAME t.vendor.test.
foreign  CNAME links.other.test.
mix      A 192.0.2.1
mix      MX 10 mx.example.com.
same     A 192.0.2.9
*.wild   CNAME links.other.test.
a.empty  A 192.0.2.2
sub      NS ns1.sub
ns1.sub  A 127.0.0.1
moved    DNAME other.test.
child    NS ns.child
ns.child A 127.0.0.9
""",
    "sub.example.com": "old CNAME t.vendor.test.",
}


def start(kind: str, **options: Any) -> real_dns.RealServer:
    try:
        return real_dns.SERVERS[kind](ZONES, KEYS, **options)
    except real_dns.MissingProgramError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["knot", "bind"])
def server(request: pytest.FixtureRequest) -> Iterator[real_dns.RealServer]:
    with start(request.param) as running:
        yield running


@pytest.fixture
def knot() -> Iterator[real_dns.RealServer]:
    with start("knot") as running:
        yield running


def options(server: real_dns.RealServer | DnsServer, /, **more: Any) -> dict[str, Any]:
    given = {"server": server.host, "port": server.port, "timeout": 30.0}
    return {**given, "key_name": "mail-key", "key_secret": SECRET, **more}


def present(name: str, **more: Any) -> dict[str, Any]:
    return {"name": f"{name}.example.com", "value": TARGET, **more}


def absent(name: str, **more: Any) -> dict[str, Any]:
    return present(name, state="absent", **more)


def run(
    server: real_dns.RealServer, *records: dict[str, Any], check: bool = False, **more: Any
) -> Ran:
    ran = run_module("dns_update", options(server, records=records, **more), check=check, diff=True)
    check_documented("dns_update", ran.result)
    assert SECRET not in ran.text
    return ran


def statuses(ran: Ran) -> list[str]:
    return [record["status"] for record in ran["records"]]


def before_the_update(act: Callable[[], Any]) -> Any:
    """Somebody acts after the server was asked, and before the first update is sent."""
    exchange, acts = Connection.exchange, [act]

    def hooked(self: Connection, messages: Any) -> Any:
        if acts and isinstance(messages[0], dns.update.UpdateMessage):
            acts.pop()()
        return exchange(self, messages)

    return mock.patch.object(Connection, "exchange", hooked)


# --- what is done ---------------------------------------------------------------------------------


def test_publishes_and_removes_and_then_has_nothing_to_do(server: real_dns.RealServer) -> None:
    records = [present("new"), present("ok"), absent("gone"), absent("nothing"), present("empty")]
    expected = ["changed", "unchanged", "changed", "unchanged", "changed"]
    before = len(server.updates)

    checked = run(server, *records, check=True)
    assert (statuses(checked), checked.changed) == (expected, True)
    assert len(server.updates) == before
    assert server.get("new.example.com", "CNAME") == []

    done = run(server, *records)
    assert (statuses(done), done.changed, done.failed) == (expected, True, False)
    assert len(server.updates) == before + 1
    assert server.get("new.example.com", "CNAME") == [f"{TARGET}."]
    assert server.get("gone.example.com", "CNAME") == []
    assert done["diff"] == checked["diff"]
    assert done["diff"][0]["after"] == f"new.example.com 300 CNAME {TARGET}\n"
    assert done["diff"][1]["before"] == f"gone.example.com 300 CNAME {TARGET}\n"

    again = run(server, *records)
    assert (set(statuses(again)), again.changed) == ({"unchanged"}, False)
    assert len(server.updates) == before + 1


@pytest.mark.parametrize("check", [True, False])
def test_what_is_not_ours_stays(server: real_dns.RealServer, check: bool) -> None:
    ran = run(
        server, present("foreign"), absent("foreign2"), present("mix"), present("new"), check=check
    )
    assert ran.failed
    assert ran.changed
    assert statuses(ran) == ["failed", "unchanged", "failed", "changed"]
    assert ran["records"][0]["found"] == [{"type": "CNAME", "value": OTHER, "ttl": 300}]
    assert [each["type"] for each in ran["records"][2]["found"]] == ["A", "MX"]
    assert ran.code == "conflict"
    assert "2 of 4 DNS records failed" in ran["msg"]
    assert server.get("foreign.example.com", "CNAME") == [f"{OTHER}."]
    assert server.get("mix.example.com", "A") == ["192.0.2.1"]


def test_overwrite_replaces_whatever_is_there(server: real_dns.RealServer) -> None:
    """An address that equals the target's, too."""
    names = ("mix", "same", "foreign")
    ran = run(server, *(present(name, overwrite=True) for name in names))
    assert (statuses(ran), ran.failed) == (["changed"] * 3, False)
    for name in names:
        assert server.get(f"{name}.example.com", "CNAME") == [f"{TARGET}."]
        assert server.get(f"{name}.example.com", "A") == []


def test_an_apex_a_delegation_and_a_redirection_are_never_replaced(
    server: real_dns.RealServer,
) -> None:
    records = [present(name, overwrite=True) for name in ("sub", "child", "x.child", "moved")]
    ran = run(server, {"name": "example.com", "value": TARGET, "overwrite": True}, *records)
    assert set(statuses(ran)) == {"failed"}
    assert server.get("sub.example.com", "NS") != []
    assert server.get("child.example.com", "A") == []
    assert server.get("moved.example.com", "DNAME") == ["other.test."]
    assert "redirects all names below it" in ran["records"][-1]["msg"]


def test_the_live_dns_shows_a_redirection(server: real_dns.RealServer) -> None:
    live = LiveDns(check="authoritative", servers=[f"{server.host}:{server.port}"])
    found = live.lookup([LookupRequest("moved.example.com", TARGET)])["moved.example.com"]
    assert (found.status, found.points_at_target) == ("conflict", False)
    assert found.found[0]["types"] == ["DNAME"]


def test_a_redirection_comes_in_between(server: real_dns.RealServer) -> None:
    with before_the_update(lambda: server.set("mix.example.com", "DNAME", "other.test.")):
        ran = run(server, present("mix", overwrite=True), present("new"))
    assert statuses(ran) == ["failed", "changed"]
    assert server.get("mix.example.com", "DNAME") == ["other.test."]
    assert server.get("mix.example.com", "CNAME") == []


@pytest.mark.parametrize("zone", ["example.com", ""])
def test_a_delegated_zone_of_the_server_gets_its_records(
    server: real_dns.RealServer, zone: str
) -> None:
    ran = run(server, present("new.sub", zone=zone), absent("old.sub", zone=zone))
    assert statuses(ran) == ["changed", "changed"]
    assert {record["zone"] for record in ran["records"]} == {"sub.example.com"}
    assert server.get("new.sub.example.com", "CNAME") == [f"{TARGET}."]


def test_a_wildcard_is_neither_in_the_way_nor_removed(server: real_dns.RealServer) -> None:
    ran = run(server, present("new.wild"), {**absent("else.wild"), "value": OTHER})
    assert statuses(ran) == ["changed", "unchanged"]
    assert server.get("new.wild.example.com", "CNAME") == [f"{TARGET}."]
    assert server.get("more.wild.example.com", "A") == []
    assert server.get("*.wild.example.com", "CNAME") == [f"{OTHER}."]


def test_a_hundred_records_take_no_time(server: real_dns.RealServer) -> None:
    records = [present(f"n{number}") for number in range(100)]
    before = len(server.updates)
    # Of this process, so that a busy machine does not matter; round trips are counted elsewhere.
    start = time.process_time()
    ran = run(server, *records)
    assert time.process_time() - start < 3.0
    assert set(statuses(ran)) == {"changed"}
    assert len(server.updates) == before + 1
    ran = run(server, *({**record, "state": "absent"} for record in records), protocol="udp")
    assert set(statuses(ran)) == {"changed"}
    assert server.get("n7.example.com", "CNAME") == []


def test_a_record_of_the_role_is_taken_as_it_is(server: real_dns.RealServer) -> None:
    role = {"record": "new", "type": "CNAME", "line": "...", "status": "missing", "zone": None}
    ran = run(server, present("new", ttl="60", **role))
    assert ran["records"][0]["found"] == [{"type": "CNAME", "value": TARGET, "ttl": 60}]


# --- who decides, and when ------------------------------------------------------------------------


def test_the_server_decides_at_the_moment_of_the_change(server: real_dns.RealServer) -> None:
    """A foreign CNAME comes between the question and the update."""

    def act() -> None:
        server.set("n3.example.com", "CNAME", OTHER)
        server.set("gone.example.com", "CNAME", OTHER)

    with before_the_update(act):
        ran = run(server, *(present(f"n{number}") for number in range(6)), absent("gone"))
    assert statuses(ran) == ["changed"] * 3 + ["failed"] + ["changed"] * 2 + ["unchanged"]
    assert server.get("n3.example.com", "CNAME") == [f"{OTHER}."]
    assert server.get("gone.example.com", "CNAME") == [f"{OTHER}."]
    assert server.get("n5.example.com", "CNAME") == [f"{TARGET}."]


def test_a_delegation_comes_in_between(server: real_dns.RealServer) -> None:
    with before_the_update(lambda: server.set("mix.example.com", "NS", "ns.other.test.")):
        ran = run(server, present("mix", overwrite=True), present("new"))
    assert statuses(ran) == ["failed", "changed"]
    assert server.get("mix.example.com", "CNAME") == []


def test_a_hidden_primary_counts_whatever_secondaries_show(knot: real_dns.RealServer) -> None:
    """The secondary still has the old record, the primary has a foreign one; and the reverse."""
    with start("knot") as secondary:
        secondary.set("foreign.example.com", "CNAME", TARGET)
        secondary.set("new.example.com", "CNAME", OTHER)
        ran = run(knot, absent("foreign"), present("new"))
        assert statuses(ran) == ["unchanged", "changed"]
        assert knot.get("foreign.example.com", "CNAME") == [f"{OTHER}."]
        assert secondary.get("foreign.example.com", "CNAME") == [f"{TARGET}."]


class PolicyBind(real_dns.BindServer):
    """Its key may only change some names."""

    def configure(self) -> str:
        control = f"grant {self.control_key.name} zonesub ANY; "
        return (
            super()
            .configure()
            .replace(
                "allow-update { " + "".join(f'key "{key.name}"; ' for key in self.all_keys) + "};",
                "update-policy { "
                + control
                + "grant mail-key wildcard *.mail.example.com CNAME; };",
            )
        )


def test_what_the_key_may_not_change_holds_up_nobody() -> None:
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(PolicyBind(ZONES, KEYS))
        except real_dns.MissingProgramError as error:
            pytest.skip(str(error))
        names = ["a.mail", "new", "b.mail", "c.mail", "two"]
        ran = run(server, *(present(name) for name in names))
        assert statuses(ran) == ["changed", "failed", "changed", "changed", "failed"]
        assert ran.code == "authentication"
        assert "key mail-key is not allowed to change this" in ran["msg"]
        assert "The same for two.example.com." in ran["msg"]


# --- keys and servers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"key_name": "other-key"}, "does not know the key other-key"),
        ({"key_secret": "d3Jvbmc="}, "the secret of the key mail-key is wrong (BADSIG)"),
        ({"key_algorithm": "hmac-sha512"}, "(BADKEY)"),
        ({"key_name": "", "key_secret": ""}, "sent without a key"),
    ],
)
def test_wrong_keys(server: real_dns.RealServer, more: dict[str, str], words: str) -> None:
    zone = {} if "without" in words else {"zone": "example.com"}
    ran = run(server, present("new", **zone), present("two", **zone), **more)
    assert ran.failed
    assert ran.code == "authentication"
    assert words in ran["msg"]
    assert "zone example.com" in ran["msg"]
    assert "d3Jvbmc=" not in ran.text
    assert ran["msg"].count("127.0.0.1") == 2, "each cause once, after the summary"


def test_clocks_that_differ(server: real_dns.RealServer) -> None:
    with mock.patch.object(time, "time", return_value=time.time() - 3600):
        ran = run(server, present("new"))
    assert ran.code == "authentication"
    assert "BADTIME" in ran["msg"]
    assert "s ahead" in ran["msg"]


def test_a_server_that_is_down_costs_one_time_out() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        host, port = silent.getsockname()
        records = [present(f"n{number}", zone="example.com") for number in range(100)]
        given = {"server": host, "port": port, "key_name": "mail-key", "key_secret": SECRET}
        start = time.monotonic()
        ran = run_module("dns_update", {**given, "timeout": 0.5, "records": records})
        assert time.monotonic() - start < 10.0, "and not fifty"
    assert ran.code == "network"
    assert f"{host} port {port} gave no answer by TCP within 0.5 s" in ran["msg"]
    assert "(zone example.com, key mail-key)" in ran["msg"]
    assert statuses(ran) == ["failed"] * 100
    check_documented("dns_update", ran.result)


def test_an_ipv6_server() -> None:
    with start("knot", host="::1") as server:
        assert statuses(run(server, present("new"))) == ["changed"]


# --- options --------------------------------------------------------------------------------------


def test_server_and_key_from_the_environment(knot: real_dns.RealServer) -> None:
    environment = {
        "TRACKING_DOMAIN_NSUPDATE_SERVER": knot.host,
        "TRACKING_DOMAIN_NSUPDATE_KEY_NAME": "mail-key",
        "TRACKING_DOMAIN_NSUPDATE_KEY_SECRET": SECRET,
        "TRACKING_DOMAIN_NSUPDATE_KEY_ALGORITHM": "",
    }
    blank = {"server": "", "key_name": None, "key_secret": "", "key_algorithm": ""}
    with mock.patch.dict(os.environ, environment):
        given = {**blank, "port": knot.port, "records": [present("new")]}
        ran = run_module("dns_update", given)
    assert statuses(ran) == ["changed"]
    assert SECRET not in ran.text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"server": ""}, "server is required"),
        ({"port": 0}, "port must be"),
        ({"timeout": "nan"}, "timeout must be"),
        ({"key_secret": ""}, "key_name is given without key_secret"),
        ({"key_secret": "no base64!"}, "key_secret is not base64"),
        ({"key_algorithm": "md6"}, "key_algorithm must be one of"),
        ({"records": [{"name": "new.example.com"}]}, "no value"),
    ],
)
def test_options_that_make_no_sense(more: dict[str, Any], words: str) -> None:
    given = {"server": "127.0.0.1", "key_name": "k", "key_secret": SECRET}
    ran = run_module("dns_update", {**given, "records": [present("new")], **more})
    assert ran.failed
    assert ran.code == "validation"
    assert words in ran["msg"]
    assert "no base64!" not in ran.text
    check_documented("dns_update", ran.result)


def test_documentation_and_options_agree() -> None:
    documented = documentation("dns_update", "DOCUMENTATION")["options"]
    assert set(documented) == set(update_spec())
    for name, option in update_spec().items():
        assert documented[name]["type"] == option["type"]
        assert documented[name].get("default") == option.get("default")
        for variable in option.get("fallback", (None, []))[1]:
            assert f"E({variable})" in str(documented[name]["description"])


def test_the_examples_work_one_after_the_other(tmp_path: Path) -> None:
    tasks = documentation("dns_update", "EXAMPLES")
    for task in tasks:
        if "mailops.email.dns_update" in task:
            validator = ModuleArgumentSpecValidator(update_spec())
            found = validator.validate(task["mailops.email.dns_update"])
            assert found.error_messages == []
    zone = "links MX 10 mx.example.com."
    with DnsServer({"example.com": zone}, KEYS) as server:
        defaults = {"port": server.port, "server": server.host}
        for task in tasks:
            if "server" in task.get("mailops.email.dns_update", {}):
                # No other machine is ever asked.
                task["mailops.email.dns_update"]["server"] = "localhost"
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"mailops.email.dns_update": defaults},
            "environment": {
                "TRACKING_DOMAIN_NSUPDATE_KEY_NAME": "mail-key",
                "TRACKING_DOMAIN_NSUPDATE_KEY_SECRET": SECRET,
            },
            "tasks": tasks,
        }
        done = run_playbook([play], place=tmp_path, variables={"vault_dns_key_secret": SECRET})
        assert done.returncode == 0, done.stdout
        assert "Removed." in done.stdout
        assert SECRET not in done.stdout
        assert server.get("links.example.com", "CNAME") == ["track2.sendcloud.net."]
        assert server.get("track.example.com", "CNAME") == []
