#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

# What runs is the action plugin of the same name.

DOCUMENTATION = r"""
module: tracking_domain_export
short_description: Write an account's tracking domains as variables of the role
version_added: 1.1.0
description:
  - Writes the tracking domains of an account as C(tracking_domain_domains), ready for the role
    P(mailops.email.tracking_domain#role). If the records are right and the role runs right
    after the export, it changes nothing.
  - Each domain has its zone from the live DNS. Domains that are not verified get C(verify=false), so that they stay as they
    are. Comments show how many days certificates have left, and where the live DNS is wrong. What cannot be declared is written
    as a comment.
  - The playbook C(mailops.email.export) does this for all hosts of the inventory.
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.attributes
  - mailops.email.attributes.controller
options:
  variables:
    description:
      - The variables of the role P(mailops.email.tracking_domain#role), under their own names.
      - Used are the variables of the account and the settings for the live DNS. Other variables are ignored.
    type: dict
    required: true
  directory:
    description:
      - A directory on the controller. It is created if it does not exist.
    type: path
    required: true
  host:
    description:
      - The name of the file, without C(.yml). If not given, the name of the host.
    type: str
  overwrite:
    description:
      - Whether to replace a file whose content differs from the account. If V(false), such a file is a failure.
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
      - A file that already has the right content is not written again.
seealso:
  - module: mailops.email.tracking_domain_info
"""

EXAMPLES = r"""
- name: Write the tracking domains of the account
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
