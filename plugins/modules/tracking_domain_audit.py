#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

# What runs is the action plugin of the same name.

DOCUMENTATION = r"""
module: tracking_domain_audit
short_description: Audit the tracking domains of one account
version_added: 1.1.0
description:
  - Reads what an account has, what the live DNS and, on request, TLS clients see, and holds it against what is declared.
    Changes nothing.
  - Declared names that the account does not have are looked at as well. A CNAME of such a name that leads to the provider
    is B(dangling). Anyone with an account there could claim the name, and would own the links in mail already sent.
  - An account that cannot be read is no failure. RV(account.error) says why.
  - Many accounts, a table and files are what the playbook C(mailops.email.audit) makes of it, with
    M(mailops.email.tracking_domain_report).
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.attributes
  - mailops.email.attributes.controller
  - mailops.email.attributes.reads
options:
  variables:
    description:
      - The variables of the role P(mailops.email.tracking_domain#role), under the names that they have there.
      - Those that say which account, what is declared (C(tracking_domain_domains)) and how the live DNS is looked at
        (C(tracking_domain_dns_check), C(tracking_domain_dns_servers)) count. The others are ignored.
      - Where C(tracking_domain_domains) is not set, nothing counts as undeclared.
    type: dict
    required: true
  host:
    description:
      - What the account is called in the report. The name of the host, if not given.
    type: str
  expires_within:
    description:
      - A number of days. A certificate that has no more days left is expiring.
      - 30, if not given.
    type: int
  previous:
    description:
      - A file on the controller with an earlier report. Names that it has for the account, and that are gone from it, are
        looked at for dangling records too.
      - A file that is not there counts as not given.
    type: path
  tls_check:
    description:
      - Connect to each domain as a recipient's client would.
    type: bool
    default: false
  senders:
    description:
      - Read as well which senders use each domain, which costs a call. This does nothing at a provider where senders are not
        bound to a domain.
    type: bool
    default: false
seealso:
  - module: mailops.email.tracking_domain_report
  - module: mailops.email.tracking_domain_info
"""

EXAMPLES = r"""
- name: Audit an account
  mailops.email.tracking_domain_audit:
    variables:
      tracking_domain_provider: sendcloud
      tracking_domain_domains:
        - track.example.com
        - links.example.com
  register: audit

- name: Say what is wrong
  ansible.builtin.debug:
    msg: "{{ audit.account.tracking_domains | selectattr('problems') | items2dict('name', 'problems') }}"
"""

RETURN = r"""
account:
  description: The account, as the report has it.
  type: dict
  returned: success
  contains:
    host:
      description: What the account is called.
      type: str
      returned: success
      sample: newsletter
    provider:
      description: Its provider. V(null) where it is not known.
      type: str
      returned: success
      sample: sendcloud
    error:
      description: Why the account could not be read. V(null) where it could.
      type: str
      returned: success
      sample: 'Could not list tracking domains at SendCloud: SendCloud says: authentication failed.'
    failure:
      description: The same for machines, see M(mailops.email.tracking_domain_info). V(null) where nothing failed.
      type: dict
      returned: success
    warnings:
      description: What could not be known, or not be understood.
      type: list
      elements: str
      returned: success
      sample: []
    tracking_domains:
      description: The domains that the account has, those that it lacks, and those that dangle.
      type: list
      elements: dict
      returned: success
      contains:
        name:
          description: The name.
          type: str
          returned: success
          sample: track.example.com
        id:
          description: The provider's number for it. V(null) where there is none.
          type: int
          returned: success
          sample: 999224
        verified:
          description: The provider's flag. V(null) if the provider does not have the domain.
          type: bool
          returned: success
          sample: true
        cname:
          description: The record to publish, see M(mailops.email.tracking_domain_info). V(null) if the provider does not have the domain.
          type: dict
          returned: success
        https:
          description: Whether the provider serves HTTPS for it. V(null) where the provider does not say.
          type: bool
          returned: success
          sample: true
        certificate:
          description: The validity of the uploaded certificate, see M(mailops.email.tracking_domain_info). V(null) where it is not known.
          type: dict
          returned: success
        senders:
          description:
            - Who sends mail with it, by name. Empty where nobody does, so that the domain is not in force.
            - V(null) without O(senders), where the provider has none, and where they may not be read.
          type: list
          elements: str
          returned: success
          sample:
            - orders_api_user
        dns:
          description: What the live DNS says, see M(mailops.email.tracking_domain_info). V(null) where it was not looked at.
          type: dict
          returned: success
        tls:
          description: What a TLS client sees, see M(mailops.email.tracking_domain_info). V(null) without O(tls_check).
          type: dict
          returned: success
        declared:
          description: Whether C(tracking_domain_domains) has the name. V(null) where that is not set.
          type: bool
          returned: success
          sample: true
        retire_on:
          description: The day on which it is declared to go. V(null) where it is none.
          type: str
          returned: success
          sample: '2026-12-31'
        state:
          description:
            - V(present), the provider has it.
            - V(retiring), the provider has it, and it is declared to go on a day to come.
            - V(leaving), the provider has it, and it is declared to be gone by now.
            - V(missing), it is declared, and the provider does not have it.
            - V(gone), the provider does not have it, and it is not declared to be there. It is shown because it dangles.
          type: str
          returned: success
          sample: present
        dangling:
          description: Whether the provider does not have it while its live CNAME leads there.
          type: bool
          returned: success
          sample: false
        problems:
          description:
            - V(dangling), see RV(account.tracking_domains[].dangling).
            - V(broken), it is not verified, or its live DNS is definitely not right, or a TLS client sees a fault where HTTPS
              is on, or it is declared and not there. What is not known makes nothing broken.
            - V(expiring), a certificate, the uploaded or the served one, ends within O(expires_within) days, or has ended.
            - V(undeclared), the account has it, and C(tracking_domain_domains) does not name it.
          type: list
          elements: str
          returned: success
          sample: []
"""
