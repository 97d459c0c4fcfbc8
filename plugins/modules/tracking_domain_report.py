#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

# What runs is the action plugin of the same name.

DOCUMENTATION = r"""
module: tracking_domain_report
short_description: Report on the tracking domains of many accounts
version_added: 1.1.0
description:
  - Makes one report of what M(mailops.email.tracking_domain_audit) returned for each account. Shows it as a table, the worst
    first, and writes it as a page, as data, and as metrics for Prometheus.
  - The playbook C(mailops.email.audit) does this for all hosts of the inventory.
  - Files are written on the controller, each in one go, so that nobody reads half of one. They hold no secrets. In check
    mode none is written.
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.attributes
  - mailops.email.attributes.controller
options:
  accounts:
    description:
      - A dictionary with the result of M(mailops.email.tracking_domain_audit) for each account. One of a task that failed
        counts as an account that could not be read.
      - If not given, the other options are checked, and no more is done.
    type: dict
  html:
    description:
      - A file for the report as a page. It needs no network and no other file.
    type: path
  json:
    description:
      - A file for the report as data.
    type: path
  prometheus:
    description:
      - A file for the report as metrics, for example for the textfile collector of Prometheus' node exporter.
    type: path
  fail_on:
    description:
      - Fail if there is any of these. C(broken), C(expiring), C(dangling) and C(undeclared) are problems of domains, see
        M(mailops.email.tracking_domain_audit). C(unreadable) is an account that could not be read.
      - A list, or text with commas, blanks or line breaks between the words.
      - The table is shown and the files are written in any case.
    type: raw
    default: []
  expires_within:
    description:
      - What was given to M(mailops.email.tracking_domain_audit), to be named in the report.
    type: int
    default: 30
  previous:
    description:
      - A file with an earlier report, as O(json) writes it. The report then says what has changed since.
      - A file that is not there counts as not given, so that O(json) and this can be the same file.
    type: path
  template:
    description:
      - A Jinja2 template for O(html), in the place of the collection's own, C(playbooks/templates/audit.html.j2).
      - It is given C(report), the report as O(json) has it. C(rows), the domains of all accounts, the worst first, each with
        its C(host) and C(provider), C(days_left), C(used_by), C(why) (a list of lines) and C(to_do). C(summary), a line of counts.
        C(changes), a list of lines. C(problems), the words that there are. C(expires_within). C(nonce), for a
        C(Content-Security-Policy).
      - All values are escaped for HTML. The filter C(cell) also keeps a spreadsheet from taking a copied cell as a formula,
        and C(lines) keeps line breaks and drops what cannot be printed.
    type: path
attributes:
  check_mode:
    support: full
    details:
      - No file is written.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - A report that is written is not told as a change.
seealso:
  - module: mailops.email.tracking_domain_audit
"""

EXAMPLES = r"""
- name: Audit an account
  mailops.email.tracking_domain_audit:
    host: newsletter
    variables:
      tracking_domain_provider: sendclean
      tracking_domain_app_domain: us1-mta1.sendclean.net
  register: audit

- name: Show the table, and write a page and the data
  mailops.email.tracking_domain_report:
    accounts:
      newsletter: "{{ audit }}"
    html: audit.html
    json: audit.json
    previous: audit.json
"""

RETURN = r"""
counts:
  description: How many there are of each.
  type: dict
  returned: when O(accounts) is given
  sample:
    accounts: 2
    unreadable: 0
    tracking_domains: 4
    verified: 4
    dangling: 0
    broken: 0
    expiring: 0
    undeclared: 0
    missing: 0
    retiring: 0
    unused: 0
    unknown: 0
drift:
  description:
    - What has changed since the report in O(previous). V(null) without one. Accounts that could not be read, now or then, are
      left out.
  type: dict
  returned: when O(accounts) is given
  contains:
    since:
      description: When the earlier report was made.
      type: str
      returned: success
      sample: '2026-11-25T06:00:00Z'
    changes:
      description:
        - One entry for each thing that is not as it was. C(what) is C(added), C(removed), C(verified), C(dns), C(https),
          C(certificate), C(tls), C(senders), C(declared), C(state) or C(problems).
      type: list
      elements: dict
      returned: success
      sample:
        - host: newsletter
          name: track.example.com
          what: dns
          before: ok
          after: mismatch
"""
