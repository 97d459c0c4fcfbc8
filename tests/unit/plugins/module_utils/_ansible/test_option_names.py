# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.plugins.module_utils._ansible.option_names import (
    prefixed,
    reworded,
    with_prefix,
)


@pytest.mark.parametrize(
    ("text", "task", "role"),
    [
        (
            "Check O(region) and api_url.",
            "Check region and api_url.",
            "Check X_region and X_api_url.",
        ),
        ("a key of another region", "a key of another region", "a key of another region"),
        (
            "set cname_target (or SENDCLEAN_CNAME_TARGET)",
            "set cname_target (or SENDCLEAN_CNAME_TARGET)",
            "set X_cname_target (or SENDCLEAN_CNAME_TARGET)",
        ),
        ("my_api_url.example.com", "my_api_url.example.com", "my_api_url.example.com"),
        ("api_url.example.com", "api_url.example.com", "api_url.example.com"),
        ("/etc/ca_path/ca_path.pem", "/etc/ca_path/ca_path.pem", "/etc/ca_path/ca_path.pem"),
        ("the token, the timeout", "the token, the timeout", "the token, the timeout"),
        (
            "raise wait_timeout, or purge_limit",
            "raise wait_timeout, or purge_limit",
            "raise X_wait_timeout, or X_purge_limit",
        ),
    ],
)
def test_options_are_called_as_the_user_wrote_them(text: str, task: str, role: str) -> None:
    assert with_prefix(text, "") == task
    assert with_prefix(text, "X_") == role


def test_a_result_is_reworded_where_people_read_it() -> None:
    failure = {"code": "validation", "hint": "Set api_key.", "vendor_message": "api_key is wrong"}
    result = {
        "msg": "api_key is required",
        "failure": failure,
        "actions": [{"name": "a.example.com", "reason": "Set api_key.", "failure": dict(failure)}],
        "tracking_domains": [{"vendor": {"api_key": "api_key"}}],
    }
    assert reworded(result, "") == result
    found = reworded(result, "X_")
    assert found["msg"] == "X_api_key is required"
    assert found["failure"]["hint"] == found["actions"][0]["reason"] == "Set X_api_key."
    assert found["actions"][0]["failure"]["vendor_message"] == "api_key is wrong"
    assert found["tracking_domains"] == result["tracking_domains"]


@pytest.mark.parametrize("vendor", ["timeout: O(token) or api_key is wrong", "api_key", "a (b"])
def test_a_providers_own_words_stay(vendor: str) -> None:
    text = f"SendCloud says: {vendor} (statusCode 1). Check api_key and O(token)."
    expected = f"SendCloud says: {vendor} (statusCode 1). Check {{0}}api_key and {{0}}token."
    failure = {"vendor_message": vendor, "hint": "Check api_key and O(token)."}
    action = {"reason": text, "failure": failure}
    # The message of a set quotes what failed at its domains.
    result = {"msg": text, "failure": {"vendor_message": None}, "actions": [action]}
    for prefix in ("", "X_"):
        found = reworded(result, prefix)
        if vendor != "api_key":
            assert found["msg"] == found["actions"][0]["reason"] == expected.format(prefix)
        assert f"SendCloud says: {vendor} (" in found["msg"]


def test_of_a_back_end_s_options_usual_words_stay() -> None:
    assert (
        prefixed("the server wants key_secret", "X_", ["server", "key_secret"])
        == "the server wants X_key_secret"
    )
