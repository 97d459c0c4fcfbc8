# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._role import entries
from ansible_collections.mailops.email.plugins.plugin_utils._role.entries import Declared
from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._role.world import settings

TODAY = date(2026, 11, 26)
A, B, C = "a.example.com", "b.example.com", "c.example.com"


def read(raw: Any, **given: Any) -> Declared:
    declared, problems = entries.read(raw, settings(**given), today=TODAY)
    assert problems == []
    return declared


def problems(raw: Any, **given: Any) -> list[str]:
    return entries.read(raw, settings(**given), today=TODAY)[1]


@pytest.mark.parametrize(
    "raw",
    [
        [A, B],
        f"{A}\n\n  {B}  \n# a comment\n",
        [{"name": "A.Example.com."}, {"domain": B, "state": "", "retire_on": None}],
        [A, "", None, {"name": B}],
    ],
)
def test_names_and_text_are_entries(raw: Any) -> None:
    declared = read(raw)
    assert declared.present_names == [A, B]
    assert declared.verify == declared.wait == [A, B]
    assert declared.insist == []


def test_a_day() -> None:
    declared = read(
        [
            {"name": A, "retire_on": date(2026, 11, 26)},
            {"name": B, "retire_on": "2026-11-27"},
            {"name": "c.example.com", "state": "absent", "retire_on": "2026-12-01"},
        ]
    )
    assert [entry.name for entry in declared.absent] == [A]
    assert declared.present_names == [B]
    assert declared.retiring == {B: (1, "2026-11-27"), "c.example.com": (5, "2026-12-01")}
    assert declared.absent_later == ["c.example.com"]


def test_verify_and_wait() -> None:
    declared = read(
        [A, {"name": B, "verify": "no"}, {"name": "c.example.com", "wait": True}],
        wait="",
        verify=True,
    )
    assert declared.verify == [A, "c.example.com"]
    assert declared.wait == [A, "c.example.com"]
    assert declared.insist == ["c.example.com"]
    assert read([A], wait=True).insist == [A]
    assert read([A], wait=False).wait == []
    assert read([A], wait_timeout=0).wait == []


def test_what_an_absent_entry_takes_along() -> None:
    (absent,) = read(
        [
            {
                "name": A,
                "state": "absent",
                "id": 7,
                "dangling": "warn",
                "replaced_by": f"{B}, c.example.com",
            },
            B,
            "c.example.com",
        ],
        provider="sendcloud",
    ).absent
    assert (absent.name, absent.options) == (A, {"id": 7, "dangling": "warn"})
    assert absent.replaced_by == (B, C)


def test_a_rename() -> None:
    declared = read([{"name": A, "rename_from": "OLD.example.com"}])
    assert declared.former == {A: "old.example.com"}
    assert declared.present == [{"name": A, "rename_from": "OLD.example.com"}]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "tracking_domain_domains must be set"),
        (
            {"name": A},
            "must be a list of names, or of entries with a name each, not a dictionary.",
        ),
        ([12], "Entry 1 of tracking_domain_domains must be a name or a dictionary"),
        (
            ["https://a.example.com/"],
            "Entry 1 of tracking_domain_domains: 'https://a.example.com/' is not a host name",
        ),
        ([A, "A.example.com"], "a.example.com is declared more than once"),
        (
            [{"name": A, "rename_form": B}],
            "an entry has no key 'rename_form'. Did you mean rename_from?",
        ),
        ([{"name": A, "state": "gone"}], "state must be present or absent, not 'gone'"),
        ([{"name": A, "retire_on": "soon"}], "retire_on is 'soon', which is not a date"),
        (
            [{"name": A, "verify": "perhaps"}],
            "a.example.com: verify must be true or false, not 'perhaps'.",
        ),
        (
            [{"name": A, "state": "absent", "dangling": "never"}],
            "a.example.com: dangling must be one of fail, warn, ignore, not 'never'.",
        ),
        (
            [{"name": A, "state": "absent", "retire_on": "2999-01-01", "dangling": "never"}],
            "a.example.com: dangling must be one of",
        ),
        (
            [{"name": A, "state": "absent", "id": "abc"}],
            "a.example.com: id must be a whole number, 0 or more, not 'abc'.",
        ),
        (
            [{"name": A, "retire_on": "2026-01-01", "id": 7}],
            "a.example.com: SendClean has no ids for tracking domains. Leave the option id out; ",
        ),
        (
            [{"name": A, "state": "absent", "retire_on": "2999-01-01", "id": 7}],
            "a.example.com: SendClean has no ids for tracking domains.",
        ),
        ([{"name": A, "private_key": {"a": "word-1"}}], "a.example.com: private_key must be text"),
        ([{"name": A, "certificate_update": "now"}], "must be one of on_change, always, not 'now'"),
        ([{"name": A, "senders": {"a": 1}}], "a.example.com: senders must be a list"),
        (12, "must be a list of names, or of entries with a name each, not a number."),
        ([{"name": A, "zone": "example.org"}], "not within the zone example.org"),
        (
            [{"name": A, "state": "absent", "replaced_by": B}],
            "replaced_by is b.example.com, which is not declared",
        ),
        ([B, {"name": A, "replaced_by": A}], "replaced_by is its own name"),
        ([{"name": B, "verify": False}, {"name": A, "replaced_by": B}], "would never go"),
        (
            [{"name": A, "rename_from": B}, {"name": B, "state": "absent"}],
            "a.example.com: rename_from is b.example.com, which has an entry of its own",
        ),
    ],
)
def test_a_mistake_is_one_line(raw: Any, says: str) -> None:
    (said,) = problems(raw)
    assert says in said
    assert "\n" not in said


def test_every_entry_that_is_wrong_has_its_line() -> None:
    wrong = [
        {"name": A, "state": "absent", "dangling": "never"},
        {"name": B, "state": "absent", "id": 7},
        {"name": C, "certificate_update": "x", "wait": "perhaps"},
    ]
    assert [line.partition(":")[0] for line in problems(wrong)] == [A, B, C, C]
    assert "word-1" not in str(problems([{"name": A, "private_key": {"a": "word-1"}}]))


KEY_LINES = [
    "-----BEGIN PRIVATE KEY-----",
    "MIIEvQSECRET+KEY/MATERIAL0",
    "aGVsbG8K",
    "-----END PRIVATE KEY-----",
]


@pytest.mark.parametrize(
    "raw",
    [
        "\n".join([A, *KEY_LINES]),
        "\n".join([A, *(f"# {KEY_LINES[0]}", *KEY_LINES[1:3])]),
        "\n".join([A, *KEY_LINES[1:]]),
        [A, *KEY_LINES],
        [{"name": line} for line in KEY_LINES],
        [{"domain": line} for line in KEY_LINES],
        [A, "\n".join(KEY_LINES)],
    ],
)
def test_nothing_of_a_pasted_key_is_repeated(raw: Any) -> None:
    (said,) = problems(raw)
    assert said.startswith("tracking_domain_domains has PEM text where names are")
    assert "MII" not in said
    assert "aGVs" not in said


def test_a_certificate_in_its_place_is_none_of_that() -> None:
    assert read([{"name": A, "certificate": "\n".join(KEY_LINES)}]).present_names == [A]


def test_a_purge_needs_something_that_stays() -> None:
    (said,) = problems([{"name": A, "state": "absent"}], purge=True)
    assert said.startswith("tracking_domain_purge with no domain that stays")


@pytest.mark.parametrize(
    "senders", [["news", "orders"], "news, orders", "news\norders", [" news", "orders"]]
)
def test_senders(senders: Any) -> None:
    assert read([{"name": A, "senders": senders}]).present == [
        {"name": A, "senders": ["news", "orders"]}
    ]


def test_names_with_commas_between() -> None:
    assert read(f"{A}, {B}").present_names == [A, B]
