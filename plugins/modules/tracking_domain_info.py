#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tracking_domain_info
short_description: Gather information on the tracking domains of an account
version_added: 1.0.0
description:
  - Lists the tracking domains of an account at an email service provider, all of them or by name.
  - Can also check each domain in the live DNS (O(dns_check)), and over HTTPS as a recipient's client sees it (O(tls_check)).
    Both are independent of the provider's own flags.
  - The module always reads the complete list of the account's domains, which costs one call for each page. If the list is
    incomplete, the task fails (V(bad_response)).
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.account
  - mailops.email.attributes
  - mailops.email.attributes.group
  - mailops.email.attributes.reads
  - mailops.email.domain.dns
  - mailops.email.certificate
options:
  name:
    description:
      - The domains to look for. If not given, all domains of the account.
      - A name that the account does not have is never a failure, see RV(missing).
    type: list
    elements: str
    aliases:
      - names
      - domain
  dns_check:
    description:
      - Whether and how to look up the live DNS.
      - V(authoritative) asks the name servers of the zone, or O(dns_servers).
      - V(recursive) asks the resolver of the host that runs the module, or O(dns_servers).
      - V(off) does not look up anything.
    type: str
    choices:
      - authoritative
      - recursive
      - 'off'
    default: 'off'
  expires_within:
    description:
      - A number of days. Domains whose certificate expires within this time are listed in RV(expiring).
      - With O(tls_check), this applies to the certificate that is served as well.
    type: int
  tls_check:
    description:
      - Connect to each domain as a recipient's client would, and report what it sees in RV(tracking_domains[].tls).
      - The names are resolved with O(dns_servers) if these are given. O(ca_path) adds private CAs to trust.
    type: bool
    default: false
  tls_port:
    description:
      - The port for O(tls_check).
    type: int
    default: 443
  senders:
    description:
      - Also read which senders use each domain (RV(tracking_domains[].senders)), which costs a call if a domain is found. A domain
        that no sender uses has an empty list.
      - If the credentials do not allow reading the senders, there is a warning. At providers where senders are not bound to
        tracking domains, the task fails.
    type: bool
    default: false
seealso:
  - module: mailops.email.tracking_domain
  - module: mailops.email.tracking_domains
"""

EXAMPLES = r"""
- name: List all domains of the account
  mailops.email.tracking_domain_info:
    provider: sendclean
    app_domain: us1-mta1.sendclean.net
  register: account

- name: Show those that are not verified
  ansible.builtin.debug:
    msg: "{{ account.tracking_domains | rejectattr('verified') | map(attribute='name') | list }}"

- name: Check two domains in the live DNS
  mailops.email.tracking_domain_info:
    provider: sendcloud
    name:
      - track.example.com
      - links.example.com
    dns_check: authoritative
  register: looked

- name: Fail if anyone could claim a name
  ansible.builtin.assert:
    that: looked.dangling | length == 0
    fail_msg: "Remove the CNAMEs of {{ looked.dangling | join(', ') }}: the provider does not have these domains."

- name: Read which senders use which domain
  mailops.email.tracking_domain_info:
    provider: sendcloud
    senders: true
  register: used

- name: Show the domains that no mail uses
  ansible.builtin.debug:
    msg: "{{ used.tracking_domains | selectattr('senders', '==', []) | map(attribute='name') | list }}"

- name: Find certificates that expire within three weeks, also among those that are served
  mailops.email.tracking_domain_info:
    provider: sendcloud
    tls_check: true
    expires_within: 21
  register: certificates
"""

RETURN = r"""
tracking_domains:
  description: The domains, in the order of O(name) if this is given.
  type: list
  elements: dict
  returned: success
  contains:
    # begin of values (written by make generate)
    provider:
      description: The provider, as in O(provider).
      type: str
      returned: success
      sample: sendcloud
    name:
      description: The name in lower case, without a final dot. International names are in punycode.
      type: str
      returned: success
      sample: track.example.com
    id:
      description: The provider's number for the domain. V(null) if the provider gives none.
      type: int
      returned: success
      sample: 999224
    verified:
      description: Whether the provider has seen the CNAME and uses the domain.
      type: bool
      returned: success
      sample: true
    cname:
      description: The record to publish.
      type: dict
      returned: success
      contains:
        name:
          description: The name of the record.
          type: str
          returned: success
          sample: track.example.com
        target:
          description: What the CNAME must point to. V(null) if this is not known, see O(cname_target).
          type: str
          returned: success
          sample: track2.sendcloud.net
    https:
      description: Whether the provider serves HTTPS for the domain. V(null) if the provider does not accept certificates.
      type: bool
      returned: success
      sample: true
    certificate:
      description:
        - The validity period of the uploaded certificate. V(null) if there is none, or if the provider does not
          show it.
        - A warning names the domains that have HTTPS but no known validity period.
        - To see the validity of the certificate that is served, use O(tls_check).
      type: dict
      returned: success
      contains:
        not_before:
          description: The start of the validity period.
          type: str
          returned: success
          sample: '2026-01-01T00:00:00Z'
        not_after:
          description: The end of the validity period.
          type: str
          returned: success
          sample: '2027-01-01T00:00:00Z'
        days_left:
          description: How many whole days are left. Negative after the certificate has expired.
          type: int
          returned: success
          sample: 41
    created_at:
      description: When the domain was added. V(null) if the provider does not say.
      type: str
      returned: success
      sample: '2014-11-01T14:41:52Z'
    updated_at:
      description: When the domain was last changed. V(null) if the provider does not say.
      type: str
      returned: success
      sample: '2015-09-25T02:56:06Z'
    senders:
      description:
        - The names of the senders that use the domain. V(null) if they were not read, see O(senders).
      type: list
      elements: str
      returned: success
      sample:
        - orders_api_user
    vendor:
      description:
        - The provider's own object as it was received. Empty if the provider's answer had no object.
        - Secrets in it are masked. Values that Ansible cannot return are left out with a warning, for example
          NaN, keys that Ansible reserves, and data nested more than 20 levels deep.
      type: dict
      returned: success
      sample:
        id: 999224
        name: track.example.com
        cname: true
        cname.value: track2.sendcloud.net
    dns:
      description: The state of the live DNS, independent of the provider's own flag.
      type: dict
      returned: if the live DNS was looked up
      contains:
        status:
          description:
            - V(ok), the CNAME leads to the target.
            - V(missing), there is no record.
            - V(mismatch), the CNAME points elsewhere.
            - V(conflict), there are other records at the name.
            - V(apex), the name is the apex of a zone, where a CNAME is not possible.
            - V(proxied), the record is flattened to addresses of the target, or a proxy answers.
            - V(doubled_zone), the record was published with the zone's name twice.
            - V(wildcard), a wildcard answers, with something else.
            - V(loop), the CNAMEs form a loop.
            - V(dangling_target), the CNAME is right, but its target does not exist.
            - V(unknown), there is no definitive answer, or the target is not known.
          type: str
          returned: success
          sample: ok
        reason:
          description: What was found, and what it means.
          type: str
          returned: success
          sample: track.example.com is a CNAME to track2.sendcloud.net (at ns1.example.com and ns2.example.com).
        expected:
          description: What the CNAME must point to. V(null) if this is not known.
          type: str
          returned: success
          sample: track2.sendcloud.net
        found:
          description: One entry for each name server that gave a definitive answer.
          type: list
          elements: dict
          returned: success
          contains:
            server:
              description: The host name of the name server, or its address if the host name is not known.
              type: str
              returned: success
              sample: ns1.example.com
            cname:
              description:
                - The CNAME at the name. If it leads to further CNAMEs, these follow in the order of the chain.
                  If there is more than one CNAME at the name, which is an error in the zone, the others come last.
              type: list
              elements: str
              returned: success
              sample:
                - track2.sendcloud.net
            a:
              description: The addresses at the name itself.
              type: list
              elements: str
              returned: success
              sample: []
            types:
              description:
                - The types of other records at the name, without addresses, for example V(TXT). A CNAME is not
                  possible beside them.
              type: list
              elements: str
              returned: success
              sample: []
            wildcard:
              description: Whether a wildcard answers for the name. V(null) if this is not known.
              type: bool
              returned: success
              sample: false
            ttl:
              description: The time to live of the record in seconds. V(null) if there is no record.
              type: int
              returned: success
              sample: 300
        fix:
          description: The record to publish, or what else to do. V(null) if there is nothing to do.
          type: str
          returned: success
          sample: track.example.com. 300 IN CNAME track2.sendcloud.net.
        zone:
          description: The zone of the name. V(null) if it could not be found.
          type: str
          returned: success
          sample: example.com
    tls:
      description: What a recipient's client sees at the host over HTTPS. Values that are not known are V(null).
      type: dict
      returned: when O(tls_check) is true
      contains:
        status:
          description:
            - V(ok), or the first fault that a client meets.
            - V(unresolved), the name has no address, or the name servers gave no answer.
            - V(refused), the port is closed. V(timeout), there is no answer.
            - V(handshake_failed), the server does not speak TLS, or not for this name.
            - V(self_signed), V(incomplete_chain), V(untrusted), the certificate does not lead to a trusted root.
            - V(wrong_name), V(not_yet_valid), V(expired), the certificate is not valid for this name or today.
          type: str
          returned: success
          sample: ok
        reason:
          description: What was seen, and what to do.
          type: str
          returned: success
          sample: The certificate is trusted, and valid until 2027-01-01T00:00:00Z.
        address:
          description: The address that answered, or the last one that was tried.
          type: str
          returned: success
          sample: 192.0.2.10
        protocol:
          description: The TLS version.
          type: str
          returned: success
          sample: TLSv1.3
        subject:
          description: The subject of the certificate.
          type: str
          returned: success
          sample: CN=track.example.com
        issuer:
          description: The issuer of the certificate.
          type: str
          returned: success
          sample: CN=R11,O=Let's Encrypt,C=US
        names:
          description: The DNS names that the certificate covers.
          type: list
          elements: str
          returned: success
          sample:
            - track.example.com
        not_before:
          description: The start of the validity period of the served certificate.
          type: str
          returned: success
          sample: '2026-01-01T00:00:00Z'
        not_after:
          description: The end of the validity period of the served certificate.
          type: str
          returned: success
          sample: '2027-01-01T00:00:00Z'
        days_left:
          description: How many whole days are left.
          type: int
          returned: success
          sample: 41
        chain_trusted:
          description: Whether the chain leads to a trusted root.
          type: bool
          returned: success
          sample: true
        name_matches:
          description: Whether the certificate covers the name.
          type: bool
          returned: success
          sample: true
        matches_uploaded:
          description: Whether the served certificate has the validity period of the uploaded one. V(null) if this
            is not known.
          type: bool
          returned: success
          sample: true
    # end of values
missing:
  description: The names in O(name) that the account does not have.
  type: list
  elements: str
  returned: success
  sample:
    - links.example.com
missing_dns:
  description:
    - The state of the live DNS for each of RV(missing), by name, with the keys of RV(tracking_domains[].dns).
    - C(expected) is the target of the account's other domains. It is V(null) if none of them shows it, see O(cname_target).
  type: dict
  returned: if the live DNS was looked up
  sample:
    links.example.com:
      status: missing
      reason: 'There is no record at links.example.com (at ns1.example.com); expected: a CNAME to track2.sendcloud.net.'
      expected: track2.sendcloud.net
      found:
        - {server: ns1.example.com, cname: [], a: [], types: [], wildcard: false, ttl: null}
      fix: links.example.com. 300 IN CNAME track2.sendcloud.net.
      zone: example.com
dangling:
  description:
    - The names in RV(missing) whose CNAME still leads to the provider's target, or which have one of its addresses. Anyone with
      an account at the provider could claim these names. Remove their records.
  type: list
  elements: str
  returned: if the live DNS was looked up
  sample: []
expiring:
  description: The names of domains whose certificate expires within O(expires_within) days, or has expired.
  type: list
  elements: str
  returned: when O(expires_within) is given
  sample: []
# begin of failure (written by make generate)
failure:
  description: What failed, for machines. RV(ignore:msg) says it for people.
  type: dict
  returned: failure
  contains:
    code:
      description:
        - The kind of failure, one of V(authentication), V(validation), V(quota), V(rate_limited), V(not_found),
          V(conflict), V(network), V(bad_response), V(unsupported), V(dangling), V(in_use), V(not_verified),
          V(purge_limit), V(partial), V(dependency).
      type: str
      returned: success
      sample: quota
    operation:
      description: What the module was doing. V(null) if it had not started.
      type: str
      returned: success
      sample: add tracking domain track.example.com at SendCloud
    provider:
      description: The provider.
      type: str
      returned: success
      sample: sendcloud
    vendor_code:
      description: The provider's own code or kind of error. V(null) if the provider gave none.
      type: str
      returned: success
      sample: '41012'
    vendor_message:
      description: The provider's own words. V(null) if the provider gave none.
      type: str
      returned: success
      sample: the number of domains exceeds the limit
    http_status:
      description: The HTTP status of the answer. V(null) if there was no answer.
      type: int
      returned: success
      sample: 200
    hint:
      description: What to do next. V(null) if this is not known.
      type: str
      returned: success
      sample: 'SendCloud allows five tracking domains an account: delete one, or ask its support for more.'
# end of failure
"""

from ansible_collections.mailops.email.plugins.module_utils._ansible.module import (
    Module,
    read_info,
    run,
)
from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    connection_spec,
    dns_spec,
    info_spec,
)


def main() -> None:
    """Run the module."""
    module = Module(
        argument_spec={**connection_spec(), **info_spec(), **dns_spec("off")},
        supports_check_mode=True,
    )
    run(module, read_info)


if __name__ == "__main__":
    main()
