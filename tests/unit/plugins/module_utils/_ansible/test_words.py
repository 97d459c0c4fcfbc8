# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.plugins.module_utils._ansible.words import (
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


def test_of_a_back_end_s_options_usual_words_stay() -> None:
    assert (
        prefixed("the server wants key_secret", "X_", ["server", "key_secret"])
        == "the server wants X_key_secret"
    )
