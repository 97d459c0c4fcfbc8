# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dns_permitted
short_description: Internal, which DNS records a back end may change
version_added: 1.1.0
description:
  - Used internally by the role P(mailops.email.tracking_domain#role). Do not use it in playbooks, because it may
    change at any time.
  - A record may be added if there is nothing else at the name, and removed if it is exactly this one. Only C(overwrite)
    permits replacing.
positional: _input
options:
  _input:
    description: The records to change, as the role hands them to a back end.
    type: list
    elements: dict
    required: true
  asked:
    description: The results of the loop that asked for the records of each zone.
    type: list
    elements: dict
    required: true
  key:
    description: Where in each result the records are.
    type: str
    required: true
  zones:
    description: The result of the task that listed all zones, if there is one.
    type: dict
  relative:
    description: Whether a name in the data of a record that has no final dot is relative to the zone.
    type: bool
    default: false
"""

EXAMPLES = r"""
permitted: "{{ tracking_domain_dns_changes | mailops.email.dns_permitted(asked.results, 'sets', relative=true) }}"
"""

RETURN = r"""
_value:
  description: For each record what is to be done, why, and by which steps.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._permitted import permitted


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"dns_permitted": permitted}
