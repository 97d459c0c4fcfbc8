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
  - Reads the tracking domains of an account and the live DNS, and on request what TLS clients see, and compares them with
    what is declared. Changes nothing.
  - Also checks declared names that the account does not have. If the CNAME of such a name leads to the provider, it is
    B(dangling). Anyone with an account at the provider could claim the name, and would own the links in mail that was already
    sent.
  - An account that cannot be read is not a failure. RV(account.error) says why.
  - The playbook C(mailops.email.audit) does this for many accounts, and writes a table and files with
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
      - The variables of the role P(mailops.email.tracking_domain#role), under their own names.
      - Used are the variables of the account, the declared domains (C(tracking_domain_domains)), and the settings for the live
        DNS (C(tracking_domain_dns_check), C(tracking_domain_dns_servers)). Other variables are ignored.
      - If C(tracking_domain_domains) is not set, no domain counts as undeclared.
    type: dict
    required: true
  host:
    description:
      - The name of the account in the report. If not given, the name of the host.
    type: str
  expires_within:
    description:
      - A number of days. A certificate that expires within this time is reported as expiring.
      - If not given, 30 days.
    type: int
  previous:
    description:
      - A file on the controller with an earlier report. Names in it that the account no longer has are checked for dangling
        records as well.
      - A file that does not exist is ignored.
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

- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ audit.account.tracking_domains | selectattr('problems') | items2dict('name', 'problems') }}"
"""

RETURN = r"""
account:
  description: The account as in the report.
  type: dict
  returned: success
  contains:
    host:
      description: The name of the account.
      type: str
      returned: success
      sample: newsletter
    provider:
      description: The provider. V(null) if it is not known.
      type: str
      returned: success
      sample: sendcloud
    error:
      description: Why the account could not be read. V(null) if it could be read.
      type: str
      returned: success
      sample: 'Could not list tracking domains at SendCloud: SendCloud says: authentication failed.'
    failure:
      description: The same for machines, see M(mailops.email.tracking_domain_info). V(null) if nothing failed.
      type: dict
      returned: success
    warnings:
      description: What could not be found out or understood.
      type: list
      elements: str
      returned: success
      sample: []
    tracking_domains:
      description: The domains of the account, declared domains that it does not have, and dangling names.
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
          description: The provider's number for the domain. V(null) if there is none.
          type: int
          returned: success
          sample: 999224
        verified:
          description: The provider's own flag. V(null) if the account does not have the domain.
          type: bool
          returned: success
          sample: true
        cname:
          description: The record to publish, see M(mailops.email.tracking_domain_info). V(null) if the account does not have the domain.
          type: dict
          returned: success
        https:
          description: Whether the provider serves HTTPS for the domain. V(null) if the provider does not say.
          type: bool
          returned: success
          sample: true
        certificate:
          description: The validity of the uploaded certificate, see M(mailops.email.tracking_domain_info). V(null) if it is not known.
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
          description: The state of the live DNS, see M(mailops.email.tracking_domain_info). V(null) if it was not looked up.
          type: dict
          returned: success
        tls:
          description: What a TLS client sees, see M(mailops.email.tracking_domain_info). V(null) without O(tls_check).
          type: dict
          returned: success
        declared:
          description: Whether the name is in C(tracking_domain_domains). V(null) if this is not set.
          type: bool
          returned: success
          sample: true
        retire_on:
          description: The declared day of its deletion. V(null) if none is declared.
          type: str
          returned: success
          sample: '2026-12-31'
        state:
          description:
            - V(present), the account has the domain.
            - V(retiring), the account has the domain, which is declared to be deleted on a later day.
            - V(leaving), the account has the domain, which is declared absent or past its day.
            - V(missing), the domain is declared, but the account does not have it.
            - V(gone), the account does not have the domain, and it is not declared as present. It is shown because its record is
              dangling.
          type: str
          returned: success
          sample: present
        dangling:
          description: Whether the account does not have the domain although its CNAME leads to the provider.
          type: bool
          returned: success
          sample: false
        problems:
          description:
            - V(dangling), see RV(account.tracking_domains[].dangling).
            - V(broken), the domain is not verified, its live DNS is definitely wrong, a TLS client sees a fault although HTTPS is
              on, or the account does not have the declared domain. What is not known never makes a domain broken.
            - V(expiring), the uploaded or the served certificate expires within O(expires_within) days, or has expired.
            - V(undeclared), the account has the domain, but it is not in C(tracking_domain_domains).
          type: list
          elements: str
          returned: success
          sample: []
"""
