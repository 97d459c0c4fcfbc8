#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_update
short_description: Publish and remove CNAMEs by dynamic update, and touch nothing else
version_added: 1.1.0
description:
  - Publishes and removes CNAMEs at a DNS server that takes dynamic updates (RFC 2136), such as BIND, Knot DNS, PowerDNS or
    Windows.
  - Nothing that is not declared is touched. Each update carries prerequisites, so that the server itself refuses it at the
    moment of the change. A CNAME is added only where nothing stands at the name, and removed only if it is this very one.
    Only C(overwrite) permits replacing what stands there.
  - All records of a zone travel in one signed message. One that is refused does not hold up the others.
  - The server is asked before and after. RV(records[].status) is V(changed) only for what was seen to be so.
author:
  - The mailops.email authors (@mailops)
extends_documentation_fragment:
  - mailops.email.attributes
options:
  server:
    description:
      - The address or host name of the server that takes the updates, the primary server of the zones. The addresses of a
        host name are tried one after the other.
      - Required. If not set, the environment variable E(TRACKING_DOMAIN_NSUPDATE_SERVER) is used.
    type: str
  port:
    description:
      - The port of the server.
    type: int
    default: 53
  protocol:
    description:
      - How the messages travel. V(udp) takes small ones, so that many records need many of them.
    type: str
    choices:
      - tcp
      - udp
    default: tcp
  key_name:
    description:
      - The name of the TSIG key that signs the messages. Without one they are not signed.
      - The key must be permitted to query and to update the zones.
      - If not set, the environment variable E(TRACKING_DOMAIN_NSUPDATE_KEY_NAME) is used.
    type: str
  key_secret:
    description:
      - The secret of the key, in base64 as in the server's configuration.
      - If not set, the environment variable E(TRACKING_DOMAIN_NSUPDATE_KEY_SECRET) is used.
    type: str
  key_algorithm:
    description:
      - The algorithm of the key, one of V(hmac-md5), V(hmac-sha1), V(hmac-sha224), V(hmac-sha256), V(hmac-sha384) and
        V(hmac-sha512).
      - If not set, the environment variable E(TRACKING_DOMAIN_NSUPDATE_KEY_ALGORITHM) is used, and the default if that is not
        set either.
    type: str
    default: hmac-sha256
  timeout:
    description:
      - How many seconds to wait for an answer, and for the server to show what it has accepted. At most 3600.
      - A server that is down costs this once, however many records and addresses there are.
    type: float
    default: 10.0
  records:
    description:
      - The records. Each is a dictionary with the following keys. Others are ignored.
      - C(name), required. The whole name of the record.
      - C(value), required. What the CNAME points to.
      - C(type), only V(CNAME), which is the default.
      - C(ttl), the time to live in seconds of a record that is published, V(300) by default. A record that is right already keeps
        its own.
      - C(zone), the zone that the name is in. If it is not given, the server is asked. If the server has a longer zone that holds
        the name, that one is used.
      - C(state), V(present) (default) or V(absent).
      - C(overwrite), V(true) to replace whatever stands at the name, of whatever type. Never a zone's own records, nor a
        delegation. V(false) is the default.
    type: list
    elements: dict
    required: true
attributes:
  check_mode:
    support: full
    details:
      - The server is asked, and sent no update. So it is not seen whether the key may update.
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - dnspython >= 2.1
notes:
  - Run it on the controller, with C(hosts=localhost) or C(delegate_to=localhost). Environment variables are read on the host
    that runs the module.
  - An option that is an empty string counts as not set. AWX sends one for each field of a survey that is left blank.
  - A failed record does not hold up the others. The task fails when all has been done that could be, and says what failed.
  - To take another CNAME's place, give the new one with C(overwrite). A name can only be given once.
seealso:
  - module: mailops.email.tracking_domain
  - name: RFC 2136
    description: Dynamic updates in the DNS.
    link: https://www.rfc-editor.org/rfc/rfc2136
"""

EXAMPLES = r"""
- name: Publish two records, one of them in place of what stands there
  mailops.email.dns_update:
    server: ns1.example.com
    key_name: mail-key
    key_secret: "{{ vault_dns_key_secret }}"
    records:
      - name: track.example.com
        value: track2.sendcloud.net
      - name: links.example.com
        value: track2.sendcloud.net
        ttl: 600
        overwrite: true

# Server and key from TRACKING_DOMAIN_NSUPDATE_SERVER, TRACKING_DOMAIN_NSUPDATE_KEY_NAME and
# TRACKING_DOMAIN_NSUPDATE_KEY_SECRET in the environment.
- name: Remove a record, but only if it still points to the provider
  mailops.email.dns_update:
    records:
      - name: track.example.com
        value: track2.sendcloud.net
        state: absent
  register: removal

- name: Show what became of each
  ansible.builtin.debug:
    msg: "{{ removal.records | map(attribute='msg') | list }}"
"""

RETURN = r"""
records:
  description: What became of each record, in the order of O(records). Also when some failed.
  type: list
  elements: dict
  returned: when the options are right
  contains:
    name:
      description: The name, in lower case, without a final dot, international names as punycode.
      type: str
      returned: success
      sample: track.example.com
    type:
      description: The type, V(CNAME).
      type: str
      returned: success
      sample: CNAME
    value:
      description: What the CNAME is to point to.
      type: str
      returned: success
      sample: track2.sendcloud.net
    state:
      description: What was declared, V(present) or V(absent).
      type: str
      returned: success
      sample: present
    zone:
      description: The zone that the name is in. V(null) where it could not be found.
      type: str
      returned: success
      sample: example.com
    status:
      description:
        - V(changed), the record was published or removed, and the server shows it. In check mode, it would be.
        - V(unchanged), there was nothing to do.
        - V(failed), the record is not as declared. RV(records[].msg) says why.
      type: str
      returned: success
      sample: changed
    found:
      description: What stands at the name in the end, as far as it could be seen. In check mode, what would.
      type: list
      elements: dict
      returned: success
      contains:
        type:
          description: The type of the record.
          type: str
          returned: success
          sample: CNAME
        value:
          description: The data of the record. Of a CNAME without the final dot.
          type: str
          returned: success
          sample: track2.sendcloud.net
        ttl:
          description: The time to live in seconds.
          type: int
          returned: success
          sample: 300
    msg:
      description: What was done or why not, for people.
      type: str
      returned: success
      sample: Published.
    failure:
      description: What failed, for machines, as RV(failure). V(null) where nothing did.
      type: dict
      returned: success
failure:
  description: What failed, for machines. RV(ignore:msg) has it for people.
  type: dict
  returned: failure
  contains:
    code:
      description:
        - The kind of failure. V(conflict), other records stand at the name. V(authentication), the server does not take the
          key, or does not permit the change. V(network), there is no answer. V(not_found), the server does not serve the zone.
          V(unsupported), it takes no updates. V(bad_response), it failed. V(validation), an option is wrong. V(dependency), a
          library is missing. V(partial), records failed for several reasons.
      type: str
      returned: success
      sample: conflict
    operation:
      description: What was being done. V(null) where nothing was done yet, or for several records.
      type: str
      returned: success
      sample: publish track.example.com CNAME track2.sendcloud.net
    provider:
      description: Always V(null).
      type: str
      returned: success
      sample: null
    vendor_code:
      description: Always V(null).
      type: str
      returned: success
      sample: null
    vendor_message:
      description: Always V(null).
      type: str
      returned: success
      sample: null
    http_status:
      description: Always V(null).
      type: int
      returned: success
      sample: null
    hint:
      description: What to do next. V(null) where that is not known.
      type: str
      returned: success
      sample: Remove what is no longer needed, or permit replacing it with C(overwrite).
"""

from ansible_collections.mailops.email.plugins.module_utils._ansible.dns_update import (
    update_records,
    update_spec,
)
from ansible_collections.mailops.email.plugins.module_utils._ansible.module import (
    Module,
    run_alone,
)


def main() -> None:
    """Run the module."""
    module = Module(argument_spec=update_spec(), supports_check_mode=True)
    run_alone(module, update_records)


if __name__ == "__main__":
    main()
