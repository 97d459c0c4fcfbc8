# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: records_to_remove
short_description: The DNS records that have to go before tracking domains may
version_added: 1.0.0
description:
  - Made for the role P(mailops.email.tracking_domain#role). Its form may change with any release.
author:
  - The mailops.email authors (@mailops)
positional: _input
options:
  _input:
    description: Tracking domains, with what the live DNS says of them.
    type: list
    elements: dict
    required: true
  zones:
    description: Zones by name.
    type: dict
    default: {}
  zone:
    description: The zone of the other names that are within it. Of the rest, the live DNS says it.
    type: str
  ttl:
    description: For how many seconds caches may hold a record that is gone already.
    type: int
    default: 300
  needs_zone:
    description: Whether the back end cannot change a record without its zone.
    type: bool
    default: false
"""

EXAMPLES = r"""
# What still leads to the provider, and has to go first
plan: "{{ account.tracking_domains | mailops.email.records_to_remove }}"
"""

RETURN = r"""
_value:
  description: The C(changes) to make, what is C(served), and the C(ttl) to wait out.
  type: dict
"""

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._records import DEFAULT_TTL
from ansible_collections.mailops.email.plugins.plugin_utils._role import removal


def records_to_remove(
    value: t.Any,
    zones: t.Any = None,
    zone: str | None = None,
    ttl: t.Any = DEFAULT_TTL,
    needs_zone: bool = False,
) -> dict[str, t.Any]:
    return removal(value, zones=zones or {}, zone=zone or None, ttl=int(ttl), needs_zone=needs_zone)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"records_to_remove": records_to_remove}
