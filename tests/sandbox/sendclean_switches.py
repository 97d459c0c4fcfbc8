# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SendClean's documents leave open."""

from __future__ import annotations

from .switches import COMMON, Switch

SWITCHES = (
    *COMMON,
    Switch(
        "list_key",
        "tracking_domain_list",
        "under which key a list stands",
        ("tracking_domain_list", "smtp_list"),
    ),
    Switch(
        "error_kind_in",
        "name",
        "which key of an error holds its kind",
        ("name", "type", "absent"),
    ),
    Switch(
        "error_http_status",
        "always_200",
        "the HTTP status of errors: 200, or 400, 401, 404, 429, 500 by kind",
        ("always_200", "by_kind"),
    ),
    Switch("error_code", "integer", 'the code of errors: -1 or "-1"', ("integer", "string")),
    Switch(
        "check_cname",
        "struct",
        'cname in the answer to a check: {"valid": "Yes"} or "Yes"',
        ("struct", "string"),
    ),
    Switch(
        "check_says",
        "domain",
        "what a check's answer holds beside the result: the seed's sample and its table differ",
        ("domain", "message"),
    ),
    Switch("add_existing", "error", "adding a domain that is there", ("error", "success")),
    Switch("delete_unknown", "error", "deleting a domain that is not there", ("error", "success")),
    Switch(
        "check_unknown",
        "error",
        'checking a domain that is not there: an error, or "No"',
        ("error", "not_valid"),
    ),
    Switch(
        "create_date_unit",
        "microseconds",
        "the unit of create_date; nonsense: numbers like the seed's sample",
        ("seconds", "milliseconds", "microseconds", "nonsense"),
    ),
    Switch("check_refreshes_list", True, "a list shows what the last check found"),
    Switch(
        "unknown_action",
        "page_not_found",
        "the answer to an unknown path: without any kind, or as an Invalid Request",
        ("page_not_found", "invalid_request"),
    ),
)
