# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a failure reads, for people and for machines."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.plugins.module_utils._errors import CODES, TrackingError

# The contract of design.md, "Failures".
CONTRACT = [
    "authentication",
    "validation",
    "quota",
    "rate_limited",
    "not_found",
    "conflict",
    "network",
    "bad_response",
    "unsupported",
    "dangling",
    "in_use",
    "not_verified",
    "purge_limit",
    "partial",
    "dependency",
]


def test_the_codes_are_the_contract() -> None:
    assert list(CODES) == CONTRACT


def test_an_unknown_code_is_a_programming_error() -> None:
    with pytest.raises(AssertionError):
        raise TrackingError("oops", "x")


def test_a_whole_message_says_what_was_done_what_was_said_and_what_to_do() -> None:
    error = TrackingError(
        "quota",
        "SendCloud says: no more",
        operation="add tracking domain t.example.com at SendCloud",
        hint="Delete one.",
        details=["  one", "  two"],
    )
    assert str(error) == (
        "Could not add tracking domain t.example.com at SendCloud: SendCloud says: no more. "
        "Delete one.\n  one\n  two"
    )
    assert error.reason == "SendCloud says: no more. Delete one.\n  one\n  two"


@pytest.mark.parametrize(
    ("message", "text"), [("no", "no."), ("no.", "no."), ("why?", "why?"), ("these:", "these:")]
)
def test_sentences_end_once(message: str, text: str) -> None:
    assert str(TrackingError("network", message)) == text


def test_the_failure_dictionary_has_all_keys_and_codes_as_text() -> None:
    error = TrackingError(
        "authentication",
        "no",
        operation="list",
        provider="sendcloud",
        vendor_code=40005,
        vendor_message="authentication failed",
        http_status=200,
        hint="Check it.",
    )
    assert error.as_failure() == {
        "code": "authentication",
        "operation": "list",
        "provider": "sendcloud",
        "vendor_code": "40005",
        "vendor_message": "authentication failed",
        "http_status": 200,
        "hint": "Check it.",
    }
    empty = TrackingError("network", "no").as_failure()
    assert empty == {**dict.fromkeys(error.as_failure()), "code": "network"}
