# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays that the benchmark compares. All of them do the same job, at either vendor.

Variables: ``account`` (the modules' connection options), ``domains`` (names).
"""

from __future__ import annotations

from typing import Any

Task = dict[str, Any]

MODULES = "group/mailops.email.all"


def play(tasks: list[Task]) -> list[dict[str, Any]]:
    return [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {MODULES: "{{ account }}"},
            "tasks": tasks,
        }
    ]


def one_task(**options: Any) -> list[Task]:
    """The whole set in one task."""
    return [
        {
            "name": "All domains",
            "mailops.email.tracking_domains": {
                "domains": "{{ domains | map('community.general.dict_kv', 'name') }}",
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
                "name": "{{ item }}",
                "verify": True,
                "dns_check": "off",
            },
            "loop": "{{ domains }}",
        }
    ]


def _uri_loop(
    *, list_task: Task, listed: str, verified: str, add: dict[str, Any], check: dict[str, Any]
) -> list[Task]:
    """What people write today: list, add what is missing, have the rest checked.

    :param listed: an expression for the objects that the list has; ``verified``: for those verified.
    """
    return [
        {"name": "List", **list_task, "register": "listed"},
        {
            "name": "Add what is missing",
            "ansible.builtin.uri": add,
            "loop": "{{ domains | difference(" + listed + ") }}",
        },
        {
            "name": "Check what is not verified",
            "ansible.builtin.uri": check,
            "loop": "{{ domains | difference(" + verified + ") }}",
        },
    ]


def sendclean_uri_loop() -> list[Task]:
    def call(action: str, **members: str) -> dict[str, Any]:
        credentials = {"owner_id": "{{ account.owner_id }}", "token": "{{ account.token }}"}
        return {
            "url": "{{ account.api_url }}/settings/" + action,
            "method": "POST",
            "body_format": "json",
            "body": {**credentials, **members},
        }

    objects = "listed.json.tracking_domain_list"
    return _uri_loop(
        list_task={"ansible.builtin.uri": call("listTrackingDomain")},
        listed=f"{objects} | map(attribute='domain')",
        verified=f"{objects} | selectattr('cname.valid', 'eq', 'Yes') | map(attribute='domain')",
        add=call("addTrackingDomain", domain="{{ item }}"),
        check=call("checkTrackingDomain", domain="{{ item }}"),
    )


def sendcloud_uri_loop() -> list[Task]:
    def call(action: str, **members: str) -> dict[str, Any]:
        credentials = {"apiUser": "{{ account.api_user }}", "apiKey": "{{ account.api_key }}"}
        return {
            "url": "{{ account.api_url }}/trackDomain/" + action,
            "method": "POST",
            "body_format": "form-urlencoded",
            "body": {**credentials, **members},
        }

    objects = "listed.results | map(attribute='json.info.dataList') | flatten"
    return _uri_loop(
        list_task={
            "ansible.builtin.uri": call("list", start="{{ item }}", limit="100"),
            "loop": "{{ range(0, domains | length, 100) | list }}",
        },
        listed=f"{objects} | map(attribute='name')",
        verified=f"{objects} | selectattr('cname') | map(attribute='name')",
        add=call("add", name="{{ item }}"),
        check=call("checkConfig", name="{{ item }}"),
    )


URI_LOOPS = {"sendclean": sendclean_uri_loop, "sendcloud": sendcloud_uri_loop}


def ping() -> list[Task]:
    """The least that any task costs."""
    return [{"name": "Ping", "ansible.builtin.ping": {}}]
