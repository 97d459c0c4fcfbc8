# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SendCloud's documents leave open."""

from __future__ import annotations

from .switches import COMMON, Switch

SWITCHES = (
    *COMMON,
    Switch("domain_limit", 5, "how many tracking domains an account may have"),
    Switch("name_length_limit", 255, "how long a name may be; another table says 250"),
    Switch(
        "name_filter",
        "exact",
        "how the list's name filter matches; exact_case: it minds case",
        ("exact", "substring", "exact_case"),
    ),
    Switch("list_cut", 0, "how many domains a list shows at most, whatever total says; 0: all"),
    Switch("list_start", "obeyed", "start of a list: where a page begins", ("obeyed", "ignored")),
    Switch("list_total", "given", "whether a list says how many there are", ("given", "absent")),
    Switch(
        "cname_keys",
        "dotted",
        'the edition of the flat keys: "cname.domain" or "cname domain"',
        ("dotted", "spaced"),
    ),
    Switch(
        "cname_domain",
        "relative",
        "the host record: track, track.example.com, or, as in the seed's sample, example.com",
        ("relative", "full", "parent"),
    ),
    Switch("info_as", "object", "info as an object or as a JSON string", ("object", "json_string")),
    Switch(
        "delete_unknown",
        "count_0",
        "deleting an id that is not there: a count of 0, or error 41014",
        ("count_0", "error"),
    ),
    Switch(
        "check_unknown",
        "omitted",
        "checking what is not there: left out of the answer, or error 41014",
        ("omitted", "error"),
    ),
    Switch(
        "add_existing",
        "error",
        "adding a name that is there: error 41015, or the existing domain",
        ("error", "success"),
    ),
    Switch(
        "update_verified",
        "allowed",
        "updating a verified domain",
        ("allowed", "rename_refused", "refused"),
    ),
    Switch("rename_resets_cname", True, "a renamed domain has to be verified again"),
    Switch(
        "sender_new_name",
        "required",
        "whether an update of an API_USER has to give its name again as newName",
        ("required", "optional"),
    ),
    Switch(
        "sender_update",
        "keeps",
        "what becomes of the settings of an API_USER that an update leaves out",
        ("keeps", "resets"),
    ),
    Switch(
        "sender_pages",
        "none",
        "API_USERs are listed all at once, or by the hundred with a total",
        ("none", "hundred"),
    ),
    Switch("senders_readable", True, "whether this API_USER may list and update API_USERs"),
    Switch(
        "bind_unverified",
        "accepted",
        "binding an API_USER to a domain that is not verified",
        ("accepted", "refused"),
    ),
    Switch("times", "utc+8", "the zone of all times", ("utc+8", "utc")),
    Switch(
        "certificate_seconds",
        "exact",
        "what becomes of the seconds of a certificate's window",
        ("exact", "zeroed", "rounded_up"),
    ),
    Switch("message_language", "english", "the language of messages", ("english", "chinese")),
    Switch("auth_error_http_status", 200, "the HTTP status of an authentication error: 200 or 401"),
    Switch("wildcard_name", "refused", "a name like *.example.com", ("refused", "accepted")),
    Switch("idn_name", "refused", "a name with letters beyond ASCII", ("refused", "accepted")),
    Switch(
        "unknown_action",
        "envelope",
        "the answer to an unknown path: an envelope, or a page with status 404",
        ("envelope", "html"),
    ),
)
