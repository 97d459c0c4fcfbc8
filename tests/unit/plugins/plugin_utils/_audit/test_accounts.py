# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of one account: which rows there are, and what is wrong with each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import names_to_seek
from ansible_collections.mailops.email.plugins.plugin_utils._audit.declared import declaration

from .given import CLICK, LINKS, TODAY, TRACK, account, domain, failed, tls


def only(found: Any) -> Any:
    (row,) = found["tracking_domains"]
    return row


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        (domain(), []),
        (domain(dns=None), []),
        # What is not known makes nothing bad.
        (domain(dns="unknown"), []),
        (domain(verified=False), ["broken"]),
        (domain(dns="mismatch"), ["broken"]),
        (domain(dns="missing", verified=False), ["broken"]),
        (domain(days=31), []),
        (domain(days=30), ["expiring"]),
        (domain(days=-3), ["expiring"]),
        (domain(days=5, dns="loop"), ["broken", "expiring"]),
        (domain(days=80, tls=tls("ok")), []),
        (domain(days=80, tls=tls("expired", -1)), ["broken", "expiring"]),
        (domain(days=80, tls=tls("refused", None)), ["broken"]),
        # The provider was never told to serve HTTPS.
        (domain(tls=tls("refused", None)), []),
        (domain(https=None, tls=tls("refused", None)), []),
    ],
)
def test_problems_of_a_domain(given: Any, problems: list[str]) -> None:
    assert only(account(given))["problems"] == problems


@pytest.mark.parametrize(
    ("entry", "declared", "state", "problems"),
    [
        (TRACK, True, "present", []),
        ({"name": TRACK.upper() + "."}, True, "present", []),
        ({"domain": TRACK}, True, "present", []),
        (LINKS, False, "present", ["undeclared"]),
        ({"name": TRACK, "retire_on": "2026-06-16"}, True, "retiring", []),
        ({"name": TRACK, "retire_on": date(2026, 6, 15)}, True, "leaving", []),
        ({"name": TRACK, "retire_on": datetime(2026, 6, 16, 8)}, True, "retiring", []),
        ({"name": TRACK, "state": "absent"}, True, "leaving", []),
        ({"name": TRACK, "state": "absent", "retire_on": "2026-06-16"}, True, "retiring", []),
        ({"name": LINKS, "rename_from": TRACK}, True, "leaving", []),
    ],
)
def test_what_is_declared(entry: Any, declared: bool, state: str, problems: list[str]) -> None:
    row = only(account(domain(), declared=[entry]))
    assert (row["declared"], row["state"], row["problems"]) == (declared, state, problems)


def test_where_nothing_is_declared_nothing_is_undeclared() -> None:
    """A blank is what AWX sends for a field that is left empty; an empty list declares that there is none."""
    for nothing in (None, "", " \n"):
        assert only(account(domain(), declared=nothing))["declared"] is None
        assert only(account(domain(), declared=nothing))["problems"] == []
    assert only(account(domain(), declared=[]))["problems"] == ["undeclared"]


def test_what_leaves_need_not_work() -> None:
    leaving = {"name": TRACK, "state": "absent"}
    assert (
        only(account(domain(dns="missing", verified=False), declared=[leaving]))["problems"] == []
    )
    soon = {"name": TRACK, "retire_on": "2026-12-31"}
    assert only(account(domain(dns="missing"), declared=[soon]))["problems"] == ["broken"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"{TRACK}\n{LINKS}\n", [TRACK, LINKS]),
        (f" {TRACK}, {LINKS} ", [TRACK, LINKS]),
        ([f" {TRACK} "], [TRACK]),
    ],
)
def test_names_alone(text: Any, names: list[str]) -> None:
    found = declaration(text, TODAY)
    assert (list(found.names or ()), found.problems) == (names, [])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (["no name"], "'no name' is not a host name"),
        ([{"state": "absent"}], "'' is not a host name"),
        ([17], "17"),
        ([{"name": TRACK, "retire_on": "soon"}], "retire_on is 'soon', which is not a date"),
        ({"name": TRACK}, "tracking_domain_domains must be a list"),
        (17, "tracking_domain_domains must be a list"),
    ],
)
def test_what_cannot_be_understood_is_said_and_the_rest_counts(value: Any, said: str) -> None:
    (problem,) = declaration(value, TODAY).problems
    assert said in problem
    assert problem in account(domain(), declared=value)["warnings"]
    if isinstance(value, list):
        assert set(declaration([*value, LINKS], TODAY).names or ()) == {LINKS}


def test_of_two_entries_the_one_that_stays_counts() -> None:
    rename = {"name": LINKS, "rename_from": TRACK}
    for entries in ([TRACK, rename], [rename, TRACK]):
        found = declaration(entries, TODAY).find(TRACK)
        assert found
        assert not found.absent


# --- names that the account does not have --------------------------------------------------------


def test_names_to_seek() -> None:
    declared = declaration(
        [
            TRACK,
            LINKS,
            {"name": CLICK, "state": "absent"},
            {"name": "a.example.com", "rename_from": "b.example.com"},
        ],
        TODAY,
    )
    listing = {"tracking_domains": [domain(TRACK)]}
    wanted = [LINKS, CLICK, "a.example.com", "b.example.com", "earlier.example.com"]
    assert names_to_seek(listing, declared, [TRACK, LINKS, "earlier.example.com"]) == wanted


def test_what_is_lacking_and_what_dangles() -> None:
    sought = {
        "tracking_domains": [],
        "missing": [LINKS, CLICK, "old.example.com", "away.example.com"],
        "dangling": [CLICK, "old.example.com"],
        "missing_dns": {"old.example.com": domain("old.example.com")["dns"]},
    }
    found = account(
        domain(),
        declared=[TRACK, LINKS, CLICK, {"name": "away.example.com", "state": "absent"}],
        sought=sought,
    )
    rows = {row["name"]: row for row in found["tracking_domains"]}
    assert {name: (row["state"], row["problems"]) for name, row in rows.items()} == {
        TRACK: ("present", []),
        LINKS: ("missing", ["broken"]),
        CLICK: ("missing", ["dangling", "broken"]),
        "old.example.com": ("gone", ["dangling"]),
    }
    assert rows["old.example.com"]["dangling"]
    assert rows["old.example.com"]["verified"] is None
    assert rows["old.example.com"]["dns"]["status"] == "ok"
    assert rows[LINKS]["dns"] is None


def test_one_that_was_added_between_the_two_looks_is_there() -> None:
    found = account(
        domain(),
        declared=[TRACK, LINKS],
        sought={"tracking_domains": [domain(LINKS)], "missing": []},
    )
    assert [row["state"] for row in found["tracking_domains"]] == ["present", "present"]


def test_a_second_look_that_fails_leaves_the_first() -> None:
    found = account(domain(), declared=[TRACK, LINKS], sought={"failed": True, "msg": "No."})
    assert [row["name"] for row in found["tracking_domains"]] == [TRACK]
    assert found["error"] is None
    assert found["warnings"] == ["Names that the account does not have could not be looked at: No."]


# --- the account ---------------------------------------------------------------------------------


def test_an_account_that_cannot_be_read() -> None:
    found = failed(error="It does not answer.")
    assert found["error"] == "It does not answer."
    assert found["failure"] == {"code": "network"}
    assert (found["provider"], found["tracking_domains"]) == ("sendclean", [])


def test_the_vendor_s_own_object_is_left_out() -> None:
    assert "of the vendor" not in str(account(domain()))
