#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_outcomes
short_description: What became of DNS records that tasks were to change
version_added: 1.1.0
description:
  - The last step of the DNS back ends of the role P(mailops.email.tracking_domain#role). It is not meant for playbooks, and
    may change at any time.
  - A record was published or removed if the vendor's API shows it to be so.
author:
  - The mailops.email authors (@mailops)
options:
  permitted:
    description: What the filter P(mailops.email.dns_permitted#filter) returned.
    type: list
    elements: dict
  tried:
    description: The results of the loop over the steps.
    type: list
    elements: dict
  asked:
    description: The results of the loop that asked for the records of each zone again.
    type: list
    elements: dict
  key:
    description: Where in each result the records are.
    type: str
  relative:
    description: Whether a name in the data of a record that has no final dot is relative to the zone.
    type: bool
    default: false
  record:
    description: The one record that tasks of the user's were to change, instead of the options above.
    type: dict
  failed_task:
    description: The task of these that failed, as a rescue has it.
    type: dict
  failed_result:
    description: The result of the task that failed.
    type: dict
  before:
    description: What became of the records before this one.
    type: list
    elements: dict
attributes:
  action:
    description: It runs on the controller.
    support: full
  check_mode:
    description: It says what would become of the records. It changes nothing itself.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: Use the role instead
  ansible.builtin.include_role:
    name: mailops.email.tracking_domain
"""

RETURN = r"""
records:
  description: For each record what M(mailops.email.dns_update) returns for one.
  type: list
  elements: dict
  returned: success
"""
