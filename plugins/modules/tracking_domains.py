#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tracking_domains
short_description: Manage all tracking domains of an account in one task
version_added: 1.0.0
description:
  - Does for many tracking domains in one task what M(mailops.email.tracking_domain) does for one, with one call for each change.
  - The module always reads the complete list of the account's domains, which costs one call for each page. If the list is
    incomplete, the task fails (V(bad_response)) and nothing is changed. After deletions the list
    is read again, because a domain counts as V(deleted) only when it is no longer on the list.
  - A domain that fails does not stop the others. At the end the task fails, and reports for each domain what was done or why
    it failed. To finish the rest, run the task again.
  - An authentication failure stops the task at once.
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.account
  - mailops.email.attributes
  - mailops.email.attributes.group
  - mailops.email.attributes.set
  - mailops.email.domain
  - mailops.email.domain.dns
  - mailops.email.certificate
options:
  domains:
    description:
      - The domains, each with its own options. Each name may be declared only once.
    type: list
    elements: dict
    required: true
    suboptions:
      # begin of suboptions (written by make generate)
      name:
        description:
          - The host name in the links of your mail, for example V(track.example.com).
          - Upper case, a final dot and international names (IDN) are converted to the form that the DNS uses. URLs,
            wildcards, e-mail addresses and names with a single label are refused.
        type: str
        required: true
        aliases:
          - domain
      state:
        description:
          - V(present) adds the domain if the provider does not have it, and applies the other options.
          - V(absent) deletes the domain if its name no longer leads to the provider. See O(dangling).
        type: str
        choices:
          - present
          - absent
        default: present
      id:
        description:
          - The number that the provider gave the domain. Not all providers give one.
          - If the domain with this number has another name, it is renamed to O(domains[].name).
          - With O(domains[].state=absent), the domain is deleted only if it has both this number and this name.
        type: int
      rename_from:
        description:
          - The old name of a domain that is to be renamed to O(domains[].name). Not all providers can rename.
          - A rename breaks the links in mail that was already sent. It also frees the old name, and anyone could
            claim that name at the provider while its CNAME exists. So O(dangling) guards a rename like a deletion.
          - To keep the old links working, add the new name as another domain, and delete the old one later.
          - If only the new name exists, nothing is done. If both names exist, the task fails. If neither exists,
            the domain is added.
        type: str
      certificate:
        description:
          - The certificate for HTTPS in PEM form, followed by its chain. Not all providers accept certificates.
          - It is checked before anything is sent. It must be valid now, one of its SANs must cover the name, and
            the private key must match. The chain is put into order.
          - It is uploaded if the provider has no certificate, or one with another validity period. Providers show
            nothing else of a certificate.
        type: str
      private_key:
        description:
          - The private key of O(domains[].certificate) in PEM form, without a passphrase.
        type: str
      certificate_path:
        description:
          - A file with the content of O(domains[].certificate), on the host that runs the module.
        type: path
      private_key_path:
        description:
          - A file with the content of O(domains[].private_key), on the host that runs the module.
          - Only its owner and its group may have access to the file.
        type: path
      certificate_update:
        description:
          - V(on_change) uploads a certificate if its validity period differs from that of the provider's certificate.
          - If the provider serves HTTPS but shows no validity period, the module cannot compare. It then uploads
            the certificate at each run, with a warning.
          - V(always) uploads the certificate at each run. This is for the rare new certificate that has exactly
            the validity period of the old one.
        type: str
        choices:
          - on_change
          - always
        default: on_change
      senders:
        description:
          - The names of the senders whose mail must use the domain, at providers where only the mail of senders
            that are bound to a domain uses it. See the notes.
          - Senders are bound only after the domain is verified, because until then the links in their mail would
            not work. So this option needs O(verify).
          - The other settings of these senders stay as they are, and so do other senders that use the domain.
          - A sender uses one domain. So it does not use its former domain any more. An empty list changes nothing.
          - If not given, senders are not read, which saves a call.
        type: list
        elements: str
      # end of suboptions
      verify:
        description:
          - As O(verify) of the task, for this domain.
        type: bool
      wait:
        description:
          - As O(wait) of the task, for this domain.
        type: bool
      dangling:
        description:
          - As O(dangling) of the task, for this domain.
        type: str
        choices:
          - fail
          - warn
          - ignore
  purge:
    description:
      - Delete the domains of the account that are not in O(domains). O(dangling) guards this like any deletion.
      - A purge comes last. It runs only if everything declared has succeeded, and if each domain with O(wait) is verified.
        Otherwise nothing is purged, and RV(actions) says why.
      - If no domain in O(domains) is V(present), the purge is refused, because it would delete all domains of the account.
    type: bool
    default: false
  purge_limit:
    description:
      - How many domains a purge may delete at most. If there are more, the task fails and nothing is changed.
    type: int
    default: 5
  purge_exclude:
    description:
      - Names that a purge does not delete, as glob patterns, for example V(*.example.org). A pattern must match the whole name.
      - Can also be text, with commas, spaces or line breaks between the patterns.
      - International names match both in their own script (V(mün*.example.org)) and in punycode. Case and a final dot do not
        matter.
      - A pattern that cannot match a host name, such as a URL, is an error.
    type: list
    elements: str
    default: []
  concurrency:
    description:
      - How many calls to the provider may run at the same time. At most 64.
      - If the provider limits how many domains an account may have, new domains beyond that limit are added one after the
        other. So if not all of them fit, the first ones in O(domains) are added.
    type: int
    default: 4
  # begin of options (written by make generate)
  dns_check:
    description:
      - How to look up the live DNS for O(verify), and before a deletion or a rename. O(domains[].state=present)
        without O(verify) sends no DNS query.
      - V(authoritative) asks the name servers of the zone, or O(dns_servers), so that no cache is involved.
      - V(recursive) asks the resolver of the host that runs the module, or O(dns_servers).
      - V(off) does not look up anything. The provider is then asked to verify even if the CNAME is wrong. Deletions
        and renames are not guarded, and a warning says so unless O(dangling=ignore).
    type: str
    choices:
      - authoritative
      - recursive
      - 'off'
    default: authoritative
  # end of options
seealso:
  - module: mailops.email.tracking_domain
  - module: mailops.email.tracking_domain_info
"""

EXAMPLES = r"""
- name: Add three domains, and wait until all of them are verified
  mailops.email.tracking_domains:
    provider: sendclean
    app_domain: us1-mta1.sendclean.net
    cname_target: track.sendclean.net
    domains:
      - name: track.example.com
      - name: track.example.net
      - name: track.example.org
    verify: true
    wait: true
    wait_timeout: 600

- name: Have exactly these domains, but do not touch those of example.org
  mailops.email.tracking_domains:
    provider: sendcloud
    domains:
      - name: track.example.com
      - name: links.example.com
        certificate_path: /etc/letsencrypt/live/links.example.com/fullchain.pem
        private_key_path: /etc/letsencrypt/live/links.example.com/privkey.pem
    purge: true
    purge_limit: 2
    purge_exclude:
      - "*.example.org"

- name: Add one domain, rename one and delete one
  mailops.email.tracking_domains:
    provider: sendcloud
    domains:
      - name: new.example.com
      - name: links.example.net
        rename_from: track.example.net
      - name: old.example.com
        state: absent
        dangling: warn
"""

RETURN = r"""
tracking_domains:
  description:
    - The declared domains that exist now, or in check mode would exist, in the order of O(domains).
  type: list
  elements: dict
  returned: if the account could be read
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
        - The names of the senders that use the domain. V(null) if they were not read, see O(domains[].senders).
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
    # end of values
actions:
  description: What was done for each domain, in the order of O(domains), followed by the domains of a purge.
  type: list
  elements: dict
  returned: if the account could be read
  contains:
    name:
      description: The domain.
      type: str
      returned: success
      sample: track.example.com
    action:
      description:
        - What was done, one of V(created), V(updated), V(renamed), V(deleted), V(verified), V(unchanged), V(failed). In check
          mode, what would be done.
      type: str
      returned: success
      sample: created
    changed:
      description:
        - Whether anything was changed for it, even if something failed later.
        - Also V(true) if a change may have been made, because a call got no answer or an unclear one, even if the list does
          not show it.
      type: bool
      returned: success
      sample: true
    renamed_from:
      description: The old name. V(null) unless RV(actions[].action=renamed).
      type: str
      returned: success
      sample: old.example.com
    reason:
      description: Why the domain failed, is not verified yet, or was not changed. Otherwise V(null).
      type: str
      returned: success
      sample: 'There is no record at track.example.com (at ns1.example.com); expected: a CNAME to track2.sendcloud.net.'
    done:
      description: What was done before it failed, one of V(created), V(updated), V(renamed), V(deleted). V(null) if nothing was done.
      type: str
      returned: success
      sample: created
    was_verified:
      description: Whether the domain was verified before the task started.
      type: bool
      returned: success
      sample: true
    final:
      description:
        - Whether the verification failed and waiting longer cannot help, because the DNS must be fixed first or the provider
          refused the verification.
      type: bool
      returned: success
      sample: false
    uploaded:
      description: Whether a certificate was uploaded. In check mode, whether it would be.
      type: bool
      returned: success
      sample: false
    bound:
      description: The senders that were bound to it, see O(domains[].senders). In check mode, those that would be.
      type: list
      elements: str
      returned: success
      sample:
        - orders_api_user
    failure:
      description: As RV(failure), for this domain. V(null) if nothing failed.
      type: dict
      returned: success
unmanaged:
  description: The names of domains that the account has and O(domains) does not.
  type: list
  elements: str
  returned: if the account could be read
  sample:
    - track.example.org
waited:
  description: How many seconds the task waited for verification.
  type: int
  returned: if O(wait) is set, and not in check mode
  sample: 42
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
        - V(partial) if domains failed for any reason, V(not_verified) if the only problem is that domains
          were not verified before the wait ended, V(authentication) if the provider refused the credentials.
          RV(actions) has the code of each domain.
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
    converge_set,
    run,
)
from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    connection_spec,
    dns_spec,
    set_spec,
    wait_spec,
)


def main() -> None:
    """Run the module."""
    module = Module(
        argument_spec={
            **connection_spec(),
            **set_spec(),
            **wait_spec(),
            **dns_spec("authoritative"),
        },
        supports_check_mode=True,
    )
    run(module, converge_set)


if __name__ == "__main__":
    main()
