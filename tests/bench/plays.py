# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays that the benchmark compares. All of them do the same job at SendClean."""

from __future__ import annotations

from typing import Any

Task = dict[str, Any]

CREDENTIALS = {"owner_id": "{{ owner_id }}", "token": "{{ token }}"}


def play(tasks: list[Task]) -> list[dict[str, Any]]:
    return [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]


def one_task(**options: Any) -> list[Task]:
    """The whole set in one task."""
    return [
        {
            "name": "All domains",
            "mailops.email.tracking_domains": {
                "provider": "sendclean",
                **CREDENTIALS,
                "api_url": "{{ api_url }}",
                "domains": "{{ entries }}",
                "verify": True,
                "dns_check": "off",
                **options,
            },
        }
    ]


def module_loop() -> list[Task]:
    """One task for one domain, looped."""
    return [
        {
            "name": "Each domain",
            "mailops.email.tracking_domain": {
                "provider": "sendclean",
                **CREDENTIALS,
                "api_url": "{{ api_url }}",
                "name": "{{ item }}",
                "verify": True,
                "dns_check": "off",
            },
            "loop": "{{ domains }}",
        }
    ]


def uri_loop() -> list[Task]:
    """What people write today: list, add what is missing, have the rest checked."""

    def call(action: str, **members: str) -> dict[str, Any]:
        return {
            "url": "{{ api_url }}/settings/" + action,
            "method": "POST",
            "body_format": "json",
            "body": {**CREDENTIALS, **members},
        }

    listed = "listed.json.tracking_domain_list"
    return [
        {
            "name": "List",
            "ansible.builtin.uri": call("listTrackingDomain"),
            "register": "listed",
        },
        {
            "name": "Add what is missing",
            "ansible.builtin.uri": call("addTrackingDomain", domain="{{ item }}"),
            "loop": "{{ domains | difference(" + listed + " | map(attribute='domain')) }}",
        },
        {
            "name": "Check what is not verified",
            "ansible.builtin.uri": call("checkTrackingDomain", domain="{{ item }}"),
            "loop": "{{ domains | difference("
            + listed
            + " | selectattr('cname.valid', 'eq', 'Yes') | map(attribute='domain')) }}",
        },
    ]


def ping() -> list[Task]:
    """The least that any task costs."""
    return [{"name": "Ping", "ansible.builtin.ping": {}}]
