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
  - Makes one report from the results of M(mailops.email.tracking_domain_audit) for each account. Shows it as a table, with the
    worst first, and writes it as a web page, as JSON, and as metrics for Prometheus.
  - The playbook C(mailops.email.audit) does this for all hosts of the inventory.
  - Files are written on the controller, each in one step, so that a reader never sees an incomplete file. They contain no
    secrets. In check mode no file is written.
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.attributes
  - mailops.email.attributes.controller
options:
  accounts:
    description:
      - A dictionary with the result of M(mailops.email.tracking_domain_audit) for each account. If the task failed for an
        account, the account counts as unreadable.
      - If not given, only the other options are checked.
    type: dict
  html:
    description:
      - A file for the report as a web page. The page needs no network and no other files.
    type: path
  json:
    description:
      - A file for the report as JSON.
    type: path
  prometheus:
    description:
      - A file for the report as metrics, for example for the textfile collector of Prometheus' node exporter.
    type: path
  fail_on:
    description:
      - Fail if there is any of these. C(broken), C(expiring), C(dangling) and C(undeclared) are problems of domains, see
        M(mailops.email.tracking_domain_audit). C(unreadable) is an account that could not be read.
      - A list, or text with commas, spaces or line breaks between the words.
      - Even then, the table is shown and the files are written.
    type: raw
    default: []
  expires_within:
    description:
      - The value that was given to M(mailops.email.tracking_domain_audit), to be shown in the report.
    type: int
    default: 30
  previous:
    description:
      - A file with an earlier report, as written by O(json). The new report then shows what has changed since.
      - A file that does not exist is ignored, so that this can be the same file as O(json).
    type: path
  template:
    description:
      - A Jinja2 template for O(html), instead of the collection's own (C(playbooks/templates/audit.html.j2)).
      - The template gets C(report), the report as in O(json). C(rows), the domains of all accounts, with the worst first, each
        with its C(host), C(provider), C(days_left), C(used_by), C(why) (a list of lines) and C(to_do). C(summary), a line of
        counts. C(changes), a list of lines. C(problems), all possible problems. C(expires_within). C(nonce), for a
        C(Content-Security-Policy).
      - All values are escaped for HTML. The filter C(cell) also prevents that a spreadsheet reads a copied cell as a formula,
        and C(lines) keeps line breaks and removes characters that cannot be printed.
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
      - Writing a report does not count as a change.
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

- name: Show the table, and write a web page and JSON
  mailops.email.tracking_domain_report:
    accounts:
      newsletter: "{{ audit }}"
    html: audit.html
    json: audit.json
    previous: audit.json
"""

RETURN = r"""
counts:
  description: The counts of the report.
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
    - What has changed since the report in O(previous). V(null) without such a report. Accounts that could not be read in one of
      the reports are left out.
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
        - One entry for each change. C(what) is C(added), C(removed), C(verified), C(dns), C(https), C(certificate), C(tls),
          C(senders), C(declared), C(state) or C(problems).
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
