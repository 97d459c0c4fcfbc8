#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tracking_domain_role
short_description: A step of the role tracking_domain
version_added: 1.0.0
description:
  - What the role P(mailops.email.tracking_domain#role) is made of. It is not meant for playbooks, and may change at any
    time. Use the role, or M(mailops.email.tracking_domains).
  - It runs on the controller, and shows how far it is while it waits.
author:
  - The mailops.email authors (@mailops)
options:
  step:
    description:
      - Which step. V(ensure) sees to the domains, V(verify) to their verification, V(retire) to those that are declared
        absent, V(purge) to what nobody declared. Between them, the role publishes and removes records.
    type: str
    required: true
    choices:
      - ensure
      - verify
      - retire
      - purge
  variables:
    description: The role's variables that are set, by name.
    type: dict
    required: true
  back_ends:
    description: The DNS back ends that there are, each with what it needs.
    type: dict
    required: true
  run:
    description: What the step before returned as RV(run).
    type: dict
  sent:
    description: What the tasks of the DNS back end registered.
    type: dict
attributes:
  action:
    description: It runs on the controller.
    support: full
  check_mode:
    description: It makes no change in check mode, and says what it would do.
    support: full
  diff_mode:
    description: It returns what has changed, or in check mode would change.
    support: full
"""

EXAMPLES = r"""
- name: Use the role instead
  ansible.builtin.include_role:
    name: mailops.email.tracking_domain
"""

RETURN = r"""
run:
  description: What is known so far, for the next step.
  type: dict
  returned: before the last step
publish:
  description: Records that the DNS back end is to publish.
  type: list
  elements: dict
  returned: before the last step
remove:
  description: Records that the DNS back end is to remove.
  type: list
  elements: dict
  returned: before the last step
result:
  description: What the role sets as the fact C(tracking_domain_result).
  type: dict
  returned: after the last step
summary:
  description: What was done, as text or a list of texts.
  type: raw
  returned: after the last step
problems:
  description: What is not right, as text. Empty where all is.
  type: str
  returned: after the last step
"""
