# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: records_to_publish
short_description: The DNS records of tracking domains that are not right yet
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
    description: The time to live of the records in seconds.
    type: int
    default: 300
  needs_zone:
    description: Whether the back end cannot change a record without its zone.
    type: bool
    default: false
  overwrite:
    description: Whether to replace what stands in the way.
    type: bool
    default: false
  to_be_added:
    description: Names that the provider does not have yet, in check mode.
    type: list
    elements: str
    default: []
  occupied:
    description: Names that could not be looked at, and where the back end has another CNAME.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
# What has to be changed in the DNS, and for which names it cannot be
plan: "{{ account.tracking_domains | mailops.email.records_to_publish(ttl=3600) }}"
"""

RETURN = r"""
_value:
  description: The C(changes) to make, all C(records), and the names that are C(blocked), each with the reason.
  type: dict
"""

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._records import DEFAULT_TTL
from ansible_collections.mailops.email.plugins.plugin_utils._role import publication


def records_to_publish(
    value: t.Any,
    zones: t.Any = None,
    zone: str | None = None,
    ttl: t.Any = DEFAULT_TTL,
    needs_zone: bool = False,
    overwrite: bool = False,
    to_be_added: t.Any = (),
    occupied: t.Any = (),
) -> dict[str, t.Any]:
    return publication(
        value,
        zones=zones or {},
        zone=zone or None,
        ttl=int(ttl),
        needs_zone=needs_zone,
        overwrite=overwrite,
        to_be_added=list(to_be_added),
        occupied=list(occupied),
    )


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"records_to_publish": records_to_publish}
