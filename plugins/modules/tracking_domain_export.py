#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

# What runs is the action plugin of the same name.

DOCUMENTATION = r"""
module: tracking_domain_export
short_description: Write what an account has as the role's variables
version_added: 1.1.0
description:
  - Writes the tracking domains of an account as C(tracking_domain_domains), ready for the role
    P(mailops.email.tracking_domain#role). Run right away, the role changes nothing.
  - Each has the zone that the live DNS says. What is not verified has C(verify=false), so that it stays as it is. Comments say
    how many days certificates have left, and where the live DNS is not right. What cannot be declared is a comment.
  - The playbook C(mailops.email.export) does this for all hosts of the inventory.
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.attributes
  - mailops.email.attributes.controller
options:
  variables:
    description:
      - The variables of the role P(mailops.email.tracking_domain#role), under the names that they have there.
      - Those that say which account and how the live DNS is looked at count. The others are ignored.
    type: dict
    required: true
  directory:
    description:
      - A directory on the controller. It is made if it is not there.
    type: path
    required: true
  host:
    description:
      - The name of the file, without C(.yml). The name of the host, if not given.
    type: str
  overwrite:
    description:
      - Whether to replace a file that declares something else than the account has. If not, that is a failure.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - The account is read, and no file is written.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - A file that declares what the account has stays as it is.
seealso:
  - module: mailops.email.tracking_domain_info
"""

EXAMPLES = r"""
- name: Write what the account has
  mailops.email.tracking_domain_export:
    variables:
      tracking_domain_provider: sendcloud
    directory: host_vars/newsletter
    host: tracking_domains
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: success
  sample: host_vars/newsletter/tracking_domains.yml
tracking_domains:
  description: How many tracking domains the account has.
  type: int
  returned: success
  sample: 40
"""
